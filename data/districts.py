"""Districts: areas whose residents' service is compared."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Districts:
    """Districts in the road network's CRS.

    Attributes
    ----------
    frame
        One row a district, sorted by district_id, RangeIndex: `district_id`, `name` str,
        `population` float (NaN where unknown), `geometry` polygons in the road network's CRS.
    notes
        Sentences for people: which column, and what was joined.
    area
        What a column that was asked for says of each district, in the frame's order; else empty.
    agency
        The same of the agency that each is of.
    """

    frame: gpd.GeoDataFrame
    notes: tuple[str, ...] = ()
    area: tuple[str, ...] = ()
    agency: tuple[str, ...] = ()

    def locate(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int32]:
        """Return the position of the district that holds each point, -1 outside all.

        On a shared border the first.
        """
        points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y, crs=self.frame.crs))
        hits = points.sindex.query(self.frame.geometry, predicate="intersects")
        out = np.full(len(points), -1, dtype=np.int32)
        district, point = hits[0][::-1], hits[1][::-1]
        out[point] = district
        return out
