"""Areas whose outlines cross themselves and each other so often that nobody can have drawn them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree

from coresponse.data.errors import InputError

# Of lines of outlines: mending and uniting areas takes some 2 kB for each. A ring of 4,000 corners
# drawn at random has two million; a city's layers, with slivers along every border, some
# thousands.
MOST_CROSSINGS = 50_000

# Lines, evenly over the layer, for which crossings are counted, a few at a time.
_LOOKED_AT, _AT_ONCE = 4_096, 128


def refuse_tangled(shapes: NDArray[np.object_], path: Path) -> None:
    """Refuse a layer whose outlines cross more often than :data:`MOST_CROSSINGS`, told from a part of its lines.

    Raises
    ------
    InputError
        If they do.
    """
    areas = shapes[shapely.get_dimensions(shapes) == 2]
    rings = shapely.get_rings(shapely.get_parts(shapely.get_parts(areas)))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    if len(xy) < 2 * MOST_CROSSINGS**0.5:  # too few lines to cross so often
        return
    first = np.flatnonzero(ring[1:] == ring[:-1])
    lines = shapely.linestrings(np.stack([xy[first], xy[first + 1]], axis=1))
    tree = STRtree(lines)
    looked_at = lines[:: max(1, len(lines) // _LOOKED_AT)]
    hits = 0
    for start in range(0, len(looked_at), _AT_ONCE):
        few = looked_at[start : start + _AT_ONCE]
        hits += tree.query(few, predicate="crosses").shape[1]
        if hits * len(lines) / len(looked_at) / 2 > MOST_CROSSINGS:
            raise InputError(
                f"{path}: outlines of areas cross each other more than {MOST_CROSSINGS:,} times -- "
                "look at the layer on a map, and export it again"
            )
