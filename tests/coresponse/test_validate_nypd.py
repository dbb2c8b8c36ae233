"""A day of a large city's police: nobody can tell whether a model of crisis crews fits it, and why."""

from __future__ import annotations

from pathlib import Path

from coresponse.data.sample_city import sample_folder
from coresponse.publish.validation import publish_validation
from coresponse.questions.validate import validate
from coresponse.study.new import copy_study
from coresponse.study.read import read_study


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
    assert told[0].startswith("Cannot tell whether the model fits the records: no column says ")
    assert "all records are of one day, and days differ" in told[0]
    assert unnamed.calibration is None
