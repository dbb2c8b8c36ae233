"""Districts: areas whose residents' service is compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
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

    def __repr__(self) -> str:
        """Say it in a line."""
        return f"<Districts {len(self.frame):,} of them>"

    def locate(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int32]:
        """Return the position of the district that holds each point, -1 outside all.

        On a shared border the first.
        """
        shapes = np.asarray(self.frame.geometry.array)
        hits = shapely.STRtree(shapely.points(x, y)).query(shapes, predicate="intersects")
        out = np.full(len(x), -1, dtype=np.int32)
        district, point = hits[0][::-1], hits[1][::-1]
        out[point] = district
        return out

    def of_places(
        self,
        places: NDArray[np.integer],
        place_xy: Callable[[NDArray[np.integer]], tuple[NDArray[np.float64], NDArray[np.float64]]],
    ) -> NDArray[np.int32]:
        """Return the position of the district that holds each place, -1 outside all.

        A place of many calls is looked up once.

        Parameters
        ----------
        place_xy
            Where places are, x and y.
        """
        distinct, back = np.unique(places, return_inverse=True)
        return np.asarray(self.locate(*place_xy(distinct))[back], dtype=np.int32)
