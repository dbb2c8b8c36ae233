"""Posts that were dragged to another place.

Put on the road network again, and their travel worked out anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyproj

from coresponse.best import target_min
from coresponse.coverage.response import ResponseTable, response_table
from coresponse.data.errors import InputError
from coresponse.data.posts import Posts
from coresponse.data.roads.snap import snap
from coresponse.inputs import Inputs

DEGREES = "EPSG:4326"


@dataclass(frozen=True)
class Snapped:
    """A place and the network node that stands for it.

    Attributes
    ----------
    x, y
        The place itself, meters in the network's CRS.
    node
        Nearest node of the network.
    snap_m
        Meters between the two.
    longitude, latitude
        Of the node, degrees.
    """

    x: float
    y: float
    node: int
    snap_m: float
    longitude: float
    latitude: float


def snap_place(inputs: Inputs, longitude: float, latitude: float) -> Snapped:
    """Put a place on the network, by the study's own rule for posts.

    Raises
    ------
    InputError
        If no road is near enough.
    """
    network = inputs.network
    x, y = pyproj.Transformer.from_crs(DEGREES, network.crs, always_xy=True).transform(
        longitude, latitude
    )
    most = inputs.study.posts.snap_max_m
    node, distance = snap(network, np.array([x]), np.array([y]), most)
    if node[0] < 0:
        raise InputError(
            f"no road within {most:g} m of that place -- put the post nearer to a street"
        )
    at = int(node[0])
    back = pyproj.Transformer.from_crs(network.crs, DEGREES, always_xy=True)
    lon, lat = back.transform(network.node_x[at], network.node_y[at])
    return Snapped(float(x), float(y), at, float(distance[0]), float(lon), float(lat))


def moved_posts(inputs: Inputs, moved: Mapping[str, tuple[float, float]]) -> Posts:
    """Return the posts with some at other places (degrees, by post_id).

    Raises
    ------
    InputError
        If a place is near no road.
    """
    frame = inputs.posts.frame.copy()
    for post_id, (longitude, latitude) in moved.items():
        place = snap_place(inputs, longitude, latitude)
        row = frame.index[frame["post_id"] == post_id]
        frame.loc[row, ["x", "y", "snap_m"]] = [place.x, place.y, place.snap_m]
        frame.loc[row, "node"] = place.node
    return replace(inputs.posts, frame=frame.astype({"node": "int32"}))


def with_moved(
    inputs: Inputs, table: ResponseTable, moved: Mapping[str, tuple[float, float]]
) -> ResponseTable:
    """Return a response table with the rows of moved posts worked out anew.

    All others are as they were.
    """
    rows = [i for i, option in enumerate(table.options) if option.post_id in moved]
    if not rows:
        return table
    part = response_table(
        inputs.network,
        moved_posts(inputs, moved),
        inputs.program,
        [table.options[i] for i in rows],
        table.cells,
        reach_min=inputs.study.objective.reach_limit_min,
    )
    response = table.response_s.copy()
    response[rows] = part.response_s
    return replace(table, response_s=response)


def reach_of_post(inputs: Inputs, table: ResponseTable, post_id: str) -> float | None:
    """Return the share of calls within the standard of a free responder at a post.

    None where none may wait there.
    """
    rows = [i for i, option in enumerate(table.options) if option.post_id == post_id]
    weight = table.column_sum(table.cells.calls_per_week)
    if not rows or not weight.sum():
        return None
    first = table.response_s[rows].min(axis=0)
    return float(weight[first <= target_min(inputs) * 60].sum() / weight.sum())
