"""Where groups of residents live, by areas of the map: shares by hand, and few people are not told."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from coresponse.data.resident_groups import ResidentGroup, Residents
from coresponse.data.roads.made import street_grid
from coresponse.publish.disclosure import INTERNAL, PUBLIC
from coresponse.publish.living_map import publish_living_map
from tests.publish.test_residents_shown import published

ROADS = street_grid(3, 1, seed=1)
NAMES = [("race", "A"), ("race", "B"), ("race", "few")]
PEOPLE = np.array([[400.0, 300, 11], [300.0, 5, 4], [100.0, 290, 7], [0.0, 5, 0]])
"""Of three crossings, each in an area of its own: all residents, then each group."""


def areas() -> gpd.GeoDataFrame:
    """A square around each crossing."""
    squares = [
        shapely.box(x - 20, y - 20, x + 20, y + 20)
        for x, y in zip(ROADS.node_x, ROADS.node_y, strict=True)
    ]
    return gpd.GeoDataFrame({"cell_id": list("abc")}, geometry=squares, crs=ROADS.crs)


def found(disclosure: Any = PUBLIC) -> Any:
    groups = tuple(ResidentGroup(*name) for name in NAMES)
    living = Residents(
        groups, np.arange(3), PEOPLE[0], PEOPLE[1:], outside=0, residents_outside=0.0
    )
    shown = published(
        PEOPLE.tolist(), NAMES, [10, 20, 30], [400, 300, 200], internal=disclosure is INTERNAL
    )
    pairs = areas().dissolve(by=[0, 0, 1])
    return publish_living_map(living, shown, areas(), pairs, ROADS, disclosure)


def test_shares_are_those_of_who_lives_there_and_few_people_are_not_told() -> None:
    told = found()
    # the group of five is hidden in the report, and another with it, so that it has no layer either
    assert told.titles == ("B (race)",) or told.titles == ("A (race)",)
    k = [f"{name} ({kind})" for kind, name in NAMES].index(told.titles[0])
    people = PEOPLE[k + 1]
    assert told.whole == (round(people.sum() / 711, 2),)
    expected = np.where(people >= 11, np.round(people / PEOPLE[0], 2), np.nan)
    np.testing.assert_allclose(told.shares[:, 0], expected)
    both = people[:2].sum() / 700
    np.testing.assert_allclose(told.shares_by_time[0, 0], round(both, 2))


def test_an_internal_page_has_all_groups() -> None:
    told = found(INTERNAL)
    assert len(told.titles) == 3
    np.testing.assert_allclose(told.shares, np.round((PEOPLE[1:] / PEOPLE[0]).T, 2), atol=1e-9)


def test_there_is_no_layer_where_nobody_said_who_lives_where() -> None:
    assert publish_living_map(None, None, areas(), None, ROADS, PUBLIC) is None
