"""Where areas of the map end: at ground from which nobody is known to call.

An area of few calls is a square, as large as it must be for 11 of them; at the city's edge it
reaches over a river into ground that no call came from. What is cut off is known without the calls:
districts whose count of 0 is shown, all that lies outside of districts where that count is 0, or,
where demand is assumed, what lies far from all residents.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from coresponse.coverage.cells import DemandCells
from coresponse.data.known_city import KnownCity
from coresponse.publish.disclosure import Disclosure

# Ground this near to a crossing that residents live at is theirs: two blocks, and wider than most parks.
LIVED_ON_M = 400.0

# Around the districts, where their borders run along a street, or leave a gap between two of them.
BORDER_M = 60.0


def on_known_ground(
    areas: gpd.GeoDataFrame, city: KnownCity, cells: DemandCells, disclosure: Disclosure
) -> gpd.GeoDataFrame:
    """Return areas in the network's CRS without ground that is known to have no calls; one that would vanish stays."""
    if not len(areas):
        return areas
    shapes = np.asarray(areas.geometry.array)
    kept = (
        shapely.difference(shapes, _without_calls(shapes, city, cells, disclosure))
        if city.calls.assumed is None
        else shapely.intersection(shapes, _lived_on(city, cells))
    )
    return areas.set_geometry(
        gpd.GeoSeries(np.where(shapely.area(kept) > 0, kept, shapes), areas.index, crs=areas.crs)
    )


def _without_calls(
    areas: NDArray[np.object_], city: KnownCity, cells: DemandCells, disclosure: Disclosure
) -> shapely.Geometry:
    """Return the districts that are shown to have no calls, and the ground of areas outside of all if that has none."""
    if city.districts is None:
        return shapely.MultiPolygon()
    frame = city.districts.frame
    # calls outside all districts, the last, are one more part of the total
    of_district = np.where(cells.district < 0, len(frame), cells.district)
    calls = np.bincount(of_district, weights=cells.calls, minlength=len(frame) + 1).astype(np.int64)
    without = ~disclosure.hides(calls) & (calls == 0)
    shapes = np.asarray(frame.geometry)
    empty = shapely.union_all(shapes[without[:-1]])
    if not without[-1]:
        return empty
    city_itself = shapely.union_all(shapely.buffer(shapes, BORDER_M, quad_segs=2))
    beyond = shapely.difference(shapely.box(*shapely.total_bounds(areas)), city_itself)
    return shapely.union(empty, beyond)


def _lived_on(city: KnownCity, cells: DemandCells) -> shapely.Geometry:
    places = shapely.points(*city.roads.place_xy(np.unique(cells.node)))
    return shapely.union_all(shapely.buffer(places, LIVED_ON_M, quad_segs=2))
