"""Service areas.

The cells that one post serves first, drawn as one shape, neighbors in different colors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

COLORS = ("#8ecae6", "#f4c078", "#9bd3b5", "#d9a7c7", "#d8cf7e", "#a9b4e0", "#e79f8f", "#b9b9b2")


@dataclass(frozen=True)
class ServiceArea:
    """Where one post serves most calls first."""

    post_id: str
    shape: Any
    color: str


def service_areas(cells: gpd.GeoDataFrame, column: str) -> tuple[ServiceArea, ...]:
    """Unite the cells of each post and color them so that neighbors differ (greedy, most neighbors first).

    Parameters
    ----------
    cells
        In degrees.
    column
        The one with the post's id; '' where nobody comes.
    """
    posts = sorted({str(post) for post in cells[column] if str(post)})
    if not posts:
        return ()
    shapes = [_united(cells.geometry.array[(cells[column] == post).to_numpy()]) for post in posts]
    near = shapely.buffer(np.array(shapes, dtype=object), 1e-5)
    left, right = shapely.STRtree(near).query(near, predicate="intersects")
    neighbors: dict[int, set[int]] = {i: set() for i in range(len(posts))}
    for a, b in zip(left.tolist(), right.tolist(), strict=True):
        if a != b:
            neighbors[a].add(b)
    color: dict[int, int] = {}
    for i in sorted(neighbors, key=lambda i: (-len(neighbors[i]), i)):
        used = {color[j] for j in neighbors[i] if j in color}
        used_times = [list(color.values()).count(c) for c in range(len(COLORS))]
        free = [c for c in range(len(COLORS)) if c not in used] or list(range(len(COLORS)))
        color[i] = min(free, key=lambda c: (used_times[c], c))
    return tuple(ServiceArea(post, shapes[i], COLORS[color[i]]) for i, post in enumerate(posts))


def _united(shapes: Any) -> Any:
    # rounding each cell's corners by itself leaves slivers between squares; close them
    grown = shapely.buffer(shapely.union_all(shapes), 2e-5, join_style="mitre")
    return shapely.simplify(shapely.buffer(grown, -2e-5, join_style="mitre"), 1e-5)
