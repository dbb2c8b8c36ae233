"""Roads as read, before they are cleaned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS


@dataclass(frozen=True, eq=False)
class RawRoads:
    """Directed edges as read, before they are cleaned.

    Attributes
    ----------
    node_id, node_x, node_y
        (n,); coordinates in `crs`.
    edge_from, edge_to
        (m,) positions in the node arrays.
    length_m
        (m,) meters, NaN where to be measured from the shape.
    maxspeed_kph
        (m,) posted limit, NaN where unknown.
    source_travel_s
        (m,) the source's own travel time, NaN where unknown.
    road_class
        (m,) OSM highway values.
    shape_start, shape_xy
        As in :class:`RoadNetwork`, in `crs`.
    street_name
        (m,) text, '' where a street has no name; None: the source has no names.
    """

    crs: CRS
    node_id: NDArray[np.int64]
    node_x: NDArray[np.float64]
    node_y: NDArray[np.float64]
    edge_from: NDArray[np.int64]
    edge_to: NDArray[np.int64]
    length_m: NDArray[np.float64]
    maxspeed_kph: NDArray[np.float64]
    source_travel_s: NDArray[np.float64]
    road_class: NDArray[np.object_]
    shape_start: NDArray[np.int64]
    shape_xy: NDArray[np.float64]
    street_name: NDArray[np.object_] | None = None
