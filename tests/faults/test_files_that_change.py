"""Files that another program writes while a study is read."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from coresponse.data.errors import InputError
from coresponse.data.hashes import sha256
from coresponse.data.programs.model import Program
from coresponse.publish.plan import publish_plan
from coresponse.questions.plan import plan
from coresponse.results.plan import write_plan
from coresponse.study import read as reading
from coresponse.study.folder import StudyFolder, open_study
from coresponse.study.read import read_study, study_program


@pytest.mark.parametrize("name", ["calls.csv", "study.toml"])
def test_a_file_that_changes_while_it_is_read_is_refused(
    name: str, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def export_goes_on(folder: StudyFolder) -> Program:
        with (study / name).open("a", encoding="utf-8") as file:
            file.write("\n")
        return study_program(folder)

    monkeypatch.setattr(reading, "study_program", export_goes_on)
    with pytest.raises(InputError, match=f"{name} changed while being read -- try again"):
        read_study(study)


def test_a_study_that_changed_between_opening_and_reading_is_refused(study: Path) -> None:
    opened = open_study(study)
    text = (study / "study.toml").read_text(encoding="utf-8")
    (study / "study.toml").write_text(text.replace("_unit = 3", "_unit = 4"), encoding="utf-8")
    with pytest.raises(InputError, match=r"study.toml changed while being read"):
        read_study(opened)


def test_a_run_is_named_after_the_files_that_were_read(study: Path) -> None:
    loaded = read_study(study)
    planned = plan(loaded.case)
    then = sha256(study / "calls.csv")
    # the next month's export comes during the search
    pd.read_csv(study / "calls.csv").head(300).to_csv(study / "calls.csv", index=False)
    run = write_plan(publish_plan(planned), loaded.folder.results, loaded.hashes)
    told = json.loads((run.folder / "plan.json").read_text(encoding="utf-8"))
    assert told["provenance"]["inputs_sha256"]["calls.csv"] == then != sha256(study / "calls.csv")
