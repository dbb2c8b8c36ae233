"""Posts at other places: put on the road network again, by the rule for all posts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyproj

from coresponse.data.errors import InputError
from coresponse.data.posts import Posts
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.snap import snap

DEGREES = "EPSG:4326"


@dataclass(frozen=True)
class Snapped:
    """A place on the ground and the place on the network that stands for it.

    Attributes
    ----------
    x, y
        The place itself, meters in the network's CRS.
    node
        Place on the network: a crossing, or a point along a road.
    snap_m
        Meters to the nearest road.
    longitude, latitude
        Of the place on the network, degrees.
    """

    x: float
    y: float
    node: int
    snap_m: float
    longitude: float
    latitude: float


def snap_place(
    roads: RoadNetwork, longitude: float, latitude: float, *, snap_max_m: float
) -> Snapped:
    """Put a place on the network.

    Raises
    ------
    InputError
        If no road is near enough.
    """
    there = pyproj.Transformer.from_crs(DEGREES, roads.crs, always_xy=True)
    x, y = there.transform(longitude, latitude)
    node, distance = snap(roads, np.array([x]), np.array([y]), snap_max_m)
    if node[0] < 0:
        raise InputError(
            f"no road within {snap_max_m:g} m of that place -- put the post nearer to a street"
        )
    at = int(node[0])
    at_x, at_y = roads.place_xy(node)
    back = pyproj.Transformer.from_crs(roads.crs, DEGREES, always_xy=True)
    lon, lat = back.transform(float(at_x[0]), float(at_y[0]))
    return Snapped(float(x), float(y), at, float(distance[0]), float(lon), float(lat))


def moved_posts(
    roads: RoadNetwork,
    posts: Posts,
    moved: Mapping[str, tuple[float, float]],
    *,
    snap_max_m: float,
) -> Posts:
    """Return the posts with some at other places (degrees, by post_id).

    Raises
    ------
    InputError
        If a place is near no road.
    """
    frame = posts.frame.copy()
    for post_id, (longitude, latitude) in moved.items():
        place = snap_place(roads, longitude, latitude, snap_max_m=snap_max_m)
        row = frame.index[frame["post_id"] == post_id]
        frame.loc[row, ["x", "y", "snap_m"]] = [place.x, place.y, place.snap_m]
        frame.loc[row, "node"] = place.node
    return replace(posts, frame=frame.astype({"node": "int32"}))
