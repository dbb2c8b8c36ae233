"""Standards by area: presets with their sources, areas by density or by the districts' own column."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from coresponse.data.district_layers import read_districts
from coresponse.data.districts import Districts
from coresponse.data.errors import InputError
from coresponse.data.roads.made import street_grid
from coresponse.data.standards import (
    SQUARE_MILE_M2,
    StandardSet,
    people_per_square_mile,
    standard_by_area,
    standard_presets,
    target_of,
)

CLASSES = ("crisis", "welfare")
MILE = SQUARE_MILE_M2**0.5


def districts(people: list[float], area: tuple[str, ...] = ()) -> Districts:
    """Districts of a square mile each, side by side."""
    shapes = [shapely.box(k * MILE, 0, (k + 1) * MILE, MILE) for k in range(len(people))]
    ids = [str(k) for k in range(len(people))]
    frame = gpd.GeoDataFrame(
        {"district_id": ids, "name": ids, "population": people}, geometry=shapes, crs=32618
    )
    return Districts(frame, area=area)


def asked(**others: Any) -> StandardSet:
    rows = [
        {"name": "urban", "target_min": 30, "from_density": 1000, "classes": {"welfare": 45}},
        {"name": "rural", "target_min": 60},
    ]
    return StandardSet.model_validate({"areas": rows, **others})


@pytest.mark.parametrize(
    ("name", "minutes"),
    [("wa-hb1134", [30, 40, 60]), ("or-mobile-crisis", [60, 120, 180]), ("ca-medi-cal", [60, 120])],
)
def test_presets_have_the_states_minutes_each_with_its_source(
    name: str, minutes: list[int]
) -> None:
    preset = standard_presets()[name]
    assert [area.target_min.value for area in preset.areas] == minutes
    for area in preset.areas:
        for one in (area.target_min, area.from_density):
            assert one is None or (one.mark in {"fact", "assumption"} and one.source and one.year)
        assert area.target_min.mark == "fact"
    assert preset.fallback_min is not None
    assert preset.fallback_min.value > max(minutes)


def test_a_call_has_the_standard_of_its_place_and_class() -> None:
    found = standard_by_area(
        asked(), districts([5000, 999, 1000]), CLASSES, other_min=15, by_column=False
    )
    assert found.area_of_district == (0, 1, 0)
    district, kind = np.array([0, 0, 1, 2, -1]), np.array([0, 1, 1, 0, 1])
    assert (target_of(found, district, kind, CLASSES) / 60).tolist() == [30, 45, 60, 30, 15]
    # another order of classes, as a replay has them
    assert (found.of(district, 1 - kind, CLASSES[::-1]) / 60).tolist() == [30, 45, 60, 30, 15]
    assert found.longest_s == 3600
    assert target_of(900.0, district, kind, CLASSES) == 900.0
    assert found.words == "30 min urban, 60 min rural"


def test_density_is_of_people_in_a_square_mile() -> None:
    assert people_per_square_mile(districts([250.0, 7.0])) == pytest.approx([250, 7])
    people = np.array([3.0, 3000.0])
    found = standard_by_area(
        asked(), districts([5000, 5000]), CLASSES, other_min=15, by_column=False, people=people
    )
    assert found.area_of_district == (1, 0)


def test_districts_say_their_area_themselves(tmp_path: Path) -> None:
    network = street_grid(6, 6, seed=1, spacing_m=200.0, origin_xy=(583_000.0, 4_506_000.0))
    west, south = network.node_x.min() - 50, network.node_y.min() - 50
    shapes = [
        shapely.box(west + 600 * k, south, west + 600 * (k + 1), south + 1300) for k in (0, 1)
    ]
    frame = gpd.GeoDataFrame(
        {"id": ["b", "a"], "RUCA": ["Rural ", "URBAN"]}, geometry=shapes, crs=network.crs
    )
    frame.to_file(tmp_path / "d.gpkg")
    read = read_districts(tmp_path / "d.gpkg", network=network, area_column="RUCA")
    assert read.area == ("URBAN", "Rural")
    found = standard_by_area(asked(), read, CLASSES, other_min=15, by_column=True)
    assert found.area_of_district == (0, 1)
    with pytest.raises(InputError, match=r"no column 'RUCAS'.*RUCA"):
        read_districts(tmp_path / "d.gpkg", network=network, area_column="RUCAS")


@pytest.mark.parametrize(
    ("where", "by_column", "says"),
    [
        (None, False, r"\[districts\] file"),
        (districts([np.nan, 5]), False, r"\[residents\] file"),
        (districts([1, 2], ("urban", "exurb")), True, "'exurb'"),
    ],
)
def test_areas_that_are_not_known_are_refused_with_a_cure(
    where: Districts | None, by_column: bool, says: str
) -> None:
    with pytest.raises(InputError, match=says):
        standard_by_area(asked(), where, CLASSES, other_min=15, by_column=by_column)


def test_an_unknown_class_is_named_with_those_there_are() -> None:
    with pytest.raises(InputError, match=r"no call class 'welfare' -- it has: crisis"):
        standard_by_area(asked(), districts([1, 2]), ("crisis",), other_min=15, by_column=False)
    rows = [{"name": n, "target_min": 30, "from_density": 5} for n in "ab"]
    with pytest.raises(InputError, match="exactly one area"):
        standard_by_area(
            asked(areas=rows), districts([1, 2]), CLASSES, other_min=15, by_column=False
        )
