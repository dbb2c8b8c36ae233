"""Parts of study.toml by themselves, and money.toml beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from coresponse.data.errors import CoresponseError
from coresponse.data.programs.money import Money
from coresponse.data.sample_city import sample_folder
from coresponse.study.city_inputs import CallsInput, DistrictsInput, RoadsInput, StudyPart
from coresponse.study.files import copy_study
from coresponse.study.folder import open_study
from coresponse.study.money import MONEY_FILE, study_money


@pytest.mark.parametrize("part", [RoadsInput, DistrictsInput])
@pytest.mark.parametrize(
    "name",
    ["", "/etc/passwd", "../x.gpkg", "a/../../x.gpkg", "a\\x.gpkg", "http://x/y.gpkg", "C:x.gpkg", "a!/x.gpkg", "x\n.gpkg"],
)  # fmt: skip
def test_a_file_outside_the_study_is_refused(part: type[StudyPart], name: str) -> None:
    with pytest.raises(ValidationError, match=r"inside its folder|rename the file"):
        part.model_validate({"file": name})
    assert part.model_validate({"file": "inputs/x.gpkg"}).model_dump()["file"] == "inputs/x.gpkg"


def test_parts_stay_as_they_were_read_and_know_their_keys() -> None:
    roads = RoadsInput(file="roads.gpkg")
    with pytest.raises(ValidationError, match="frozen"):
        roads.file = "other.gpkg"
    with pytest.raises(ValidationError, match=r"[Ee]xtra"):
        RoadsInput.model_validate({"file": "roads.gpkg", "flie": "x"})
    for part in (RoadsInput, CallsInput, DistrictsInput):
        assert all(field.description for field in part.model_fields.values()), part.__name__


def test_money_is_what_is_stated_or_its_defaults(tmp_path: Path) -> None:
    copy_study(sample_folder(), tmp_path / "city")
    opened = open_study(tmp_path / "city")
    (opened.path / MONEY_FILE).unlink(missing_ok=True)
    assert study_money(opened) == Money()
    with pytest.raises(CoresponseError, match="elsewhere"):
        study_money(opened, tmp_path / "elsewhere.toml")
    (opened.path / MONEY_FILE).write_text("yaers = 3\n", encoding="utf-8")
    with pytest.raises(CoresponseError, match="yaers"):
        study_money(opened)
