"""``[standards]`` of a study: presets and areas of one's own become the case's standard, or a fault with its cure."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest

from coresponse.data.errors import InputError
from coresponse.data.sample_city import sample_folder
from coresponse.data.standards import SQUARE_MILE_M2
from coresponse.publish.history import facts_of
from coresponse.study.files import copy_study
from coresponse.study.folder import open_study
from coresponse.study.read import read_study


def study(folder: Path, section: str) -> Path:
    copy_study(sample_folder(), folder / "s")
    path = folder / "s" / "study.toml"
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{section}\n", encoding="utf-8")
    return folder / "s"


def test_a_preset_by_density_becomes_the_cases_standard(tmp_path: Path) -> None:
    case = read_study(study(tmp_path, '[standards]\npreset = "or-mobile-crisis"')).case
    assert case.standards is not None
    assert case.program.standards.fallback_min.value == 270
    assert case.reach_limit_min == 180
    # Manhattan is dense everywhere
    assert set(case.standards.area_of_district) == {0}
    assert "60 min metro" in facts_of(case).standard
    case.check()
    frame = gpd.read_file(sample_folder() / "districts.geojson").to_crs(case.city.roads.crs)
    density = frame["population"] / (frame.area / SQUARE_MILE_M2)
    assert density.min() > 500


def test_areas_of_ones_own_keep_the_stated_fallback_and_reach(tmp_path: Path) -> None:
    section = """[standards]
fallback_min = 100
areas = [{ name = "dense", target_min = 12, from_density = 70000 }, { name = "other", target_min = 70 }]
"""
    case = read_study(study(tmp_path, section)).case
    assert case.program.standards.fallback_min.value == 100
    assert case.reach_limit_min == 70
    assert case.standards is not None
    assert set(case.standards.area_of_district) == {0, 1}


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ('[standards]\npreset = "wa"', "wa-hb1134"),
        ("[standards]\n", "either preset or areas"),
        ('[standards]\npreset = "wa-hb1134"\ndistrict_column = "RUCA"', "no column 'RUCA'"),
        (
            '[standards]\nareas = [{ name = "a", target_min = 90 }]',
            "raise fallback_min under",
        ),
        (
            '[standards]\nareas = [{ name = "a", target_min = 9, classes = { wellfare = 9 } }]',
            "no call class 'wellfare'",
        ),
    ],
)
def test_what_cannot_be_a_standard_is_refused_with_its_cure(
    tmp_path: Path, section: str, says: str
) -> None:
    with pytest.raises(InputError, match=says):
        read_study(open_study(study(tmp_path, section))).case.check()
