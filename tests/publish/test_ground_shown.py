"""Areas end where nobody is known to call: at districts shown to have no calls, or far from all residents."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from coresponse.data.roads.made import street_grid
from coresponse.publish.disclosure import PUBLIC
from coresponse.publish.ground import BORDER_M, LIVED_ON_M, on_known_ground

CITY = street_grid(10, 10, seed=4, spacing_m=300.0)
WEST, SOUTH, EAST, NORTH = (
    CITY.node_x.min(),
    CITY.node_y.min(),
    CITY.node_x.max(),
    CITY.node_y.max(),
)
MIDDLE = (WEST + EAST) / 2
HALVES = [shapely.box(WEST, SOUTH, MIDDLE, NORTH), shapely.box(MIDDLE, SOUTH, EAST, NORTH)]
WHOLE = gpd.GeoDataFrame({"cell_id": ["A0001"]}, geometry=[shapely.box(WEST, SOUTH, EAST, NORTH)], crs=CITY.crs)  # fmt: skip


def shown_area(calls: tuple[int, int], *, assumed: bool = False, districts: bool = True) -> Any:
    """One square over both halves, of so many calls in each."""
    node = np.array([int(np.argmin(CITY.node_x)), int(np.argmax(CITY.node_x))])
    there = np.array(calls) > 0
    cells: Any = SimpleNamespace(
        node=node[there], district=np.arange(2)[there], calls=np.array(calls)[there]
    )
    frame = gpd.GeoDataFrame({"district_id": ["W", "E"]}, geometry=HALVES, crs=CITY.crs)
    city: Any = SimpleNamespace(
        roads=CITY,
        calls=SimpleNamespace(assumed=object() if assumed else None),
        districts=SimpleNamespace(frame=frame) if districts else None,
    )
    return on_known_ground(WHOLE, city, cells, PUBLIC).geometry.iloc[0]


def test_a_district_without_calls_is_not_colored() -> None:
    """Of Manhattan, a square of few calls at the shore colored two miles of Brooklyn."""
    assert shown_area((40, 0)).equals(HALVES[0])


def test_ground_outside_of_all_districts_is_colored_only_if_somebody_calls_there() -> None:
    """Squares of few calls colored roads of the next town, where no district is."""
    district = gpd.GeoDataFrame({"district_id": ["W"]}, geometry=HALVES[:1], crs=CITY.crs)
    node = np.array([int(np.argmin(CITY.node_x)), int(np.argmax(CITY.node_x))])
    city: Any = SimpleNamespace(
        roads=CITY,
        calls=SimpleNamespace(assumed=None),
        districts=SimpleNamespace(frame=district),
    )

    def shape(outside: int) -> Any:
        some = 1 + (outside > 0)
        cells: Any = SimpleNamespace(
            node=node[:some],
            district=np.array([0, -1])[:some],
            calls=np.array([40, outside])[:some],
        )
        return on_known_ground(WHOLE, city, cells, PUBLIC).geometry.iloc[0]

    assert shape(0).within(HALVES[0].buffer(BORDER_M + 1))
    assert HALVES[0].within(shape(0).buffer(1))
    for calls in (3, 12, 300):  # a cut would tell where they are not
        assert shape(calls).equals(WHOLE.geometry.iloc[0])


@pytest.mark.parametrize("calls", [(40, 3), (40, 12)])
def test_a_district_with_calls_however_few_is_not_cut_off(calls: tuple[int, int]) -> None:
    assert shown_area(calls).equals(WHOLE.geometry.iloc[0]), "a cut would tell where they are not"


def test_assumed_demand_ends_near_where_people_live() -> None:
    shape = shown_area((40, 0), assumed=True, districts=False)
    west = shapely.Point(WEST, CITY.node_y[int(np.argmin(CITY.node_x))])
    assert shapely.hausdorff_distance(shape, west) <= LIVED_ON_M + 1
    assert shape.intersects(west)


def test_without_districts_and_with_calls_areas_stay_as_they_are() -> None:
    assert shown_area((40, 0), districts=False).equals(WHOLE.geometry.iloc[0])
    nothing: Any = None
    assert on_known_ground(WHOLE.iloc[:0], nothing, nothing, PUBLIC).empty
