"""A day of a large city's police: nobody can tell whether a model of crisis crews fits it, and why."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from coresponse.data.sample_city import sample_folder
from coresponse.publish.validation import publish_validation
from coresponse.questions.validate import validate
from coresponse.study.files import copy_study
from coresponse.study.read import read_study
from tests.results.test_validation_run import invoke


def test_a_day_of_new_yorks_police_cannot_tell(shared_data: Path, tmp_path: Path) -> None:
    study = tmp_path / "nypd"
    copy_study(sample_folder(), study)
    (study / "calls.parquet").unlink()
    day = (shared_data / "manhattan" / "calls_nypd_2021-07-04.csv").read_bytes()
    (study / "calls.csv").write_bytes(day)
    stated = (study / "study.toml").read_text(encoding="utf-8")
    bare = [line for line in stated.splitlines() if not line.startswith('units = { "CRU')]
    text = "\n".join(bare).replace("calls.parquet", "calls.csv")
    (study / "study.toml").write_text(text, encoding="utf-8")
    unnamed = validate(read_study(study).case)
    assert unnamed.verdict == "cannot tell"
    assert unnamed.reasons == ("no units", "one day")
    told = publish_validation(unnamed).sentences
    assert told[0].startswith("Cannot tell whether the model fits the records: police arrive at ")
    assert "no column says which unit answered" in told[0]
    assert "all records are of one day, and days differ" in told[0]
    assert unnamed.calibration is None


@pytest.fixture
def a_day_of_police(tmp_path: Path) -> Path:
    """A made day of the same kind: arrivals of nobody knows whom, and no deployment of today."""
    copy_study(sample_folder(), tmp_path / "inputs")
    calls = pd.read_parquet(tmp_path / "inputs" / "calls.parquet").drop(columns="unit_id")
    some = calls[calls["received_at"].dt.day == 3]  # a year's put on one day: a large city's
    back = some["received_at"].dt.normalize() - pd.Timestamp("2025-01-03")
    moved = some.assign(**{at: some[at] - back for at in some if at.endswith("_at")})
    moved.to_parquet(tmp_path / "inputs" / "day.parquet")
    return tmp_path / "inputs"


def test_new_check_and_validate_say_all_that_is_missing(a_day_of_police: Path) -> None:
    study, at = a_day_of_police.parent / "study", a_day_of_police
    why = (
        "Cannot tell whether the model fits the records: give today's deployment, whose units they "
        "record, under [today]; police arrive at most calls and no column says which unit answered: "
        "give the calls a unit_id, and list under [today] units which are today's crews; all records "
        "are of one day, and days differ"
    )
    # fmt: off
    made = invoke(
        "new", study, "--program", "mixed", "--roads", at / "roads.json", "--calls", at / "day.parquet",
        "--posts", at / "posts.csv", "--timezone", "America/New_York", "-y",
    )
    # fmt: on
    assert why in " ".join(made.output.split())
    assert why in " ".join(invoke("check", study).output.split())
    refused = invoke("validate", study, code=3)
    assert str(refused.exception).startswith(why)
    assert "responder_type, post_id, shift_pattern, count" in str(refused.exception)
