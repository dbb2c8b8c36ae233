"""Faults of several inputs of one study come in one message, whichever file is read first."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from coresponse.data.errors import InputError
from coresponse.study.read import read_study
from tests.faults.test_bad_inputs import rename, settings


def todays(study: Path, **cells: str) -> None:
    """Give the study a file of today's units with one row."""
    row = {"responder_type": "co_responder_unit", "post_id": "P0", "shift_pattern": "day"}
    pd.DataFrame([row | {"count": "1"} | cells]).to_csv(study / "today.csv", index=False)
    settings(study, "[limits]", '[today]\nfile = "today.csv"\n[limits]')


def test_all_faults_of_all_inputs_come_in_one_message(study: Path) -> None:
    rename(study, "received_at", "when")
    pd.read_csv(study / "posts.csv").assign(at_most="many").to_csv(study / "posts.csv", index=False)
    (study / "districts.geojson").write_text(
        '{"type": "FeatureCollection", "features": []}', encoding="utf-8"
    )
    settings(study, "[limits]", '[districts]\nfile = "districts.geojson"\n[limits]')
    with pytest.raises(InputError, match="3 inputs cannot be used") as caught:
        read_study(study)
    for word in ("calls.csv", "received_at", "posts.csv", "row 9", "districts.geojson"):
        assert word in str(caught.value)


def test_faults_of_todays_units_are_told_with_those_of_the_posts(study: Path) -> None:
    pd.read_csv(study / "posts.csv").assign(at_most="many").to_csv(study / "posts.csv", index=False)
    todays(study, count="many")
    with pytest.raises(InputError, match="2 inputs cannot be used") as caught:
        read_study(study)
    for word in ("posts.csv", "today.csv", "'many' is not a whole number"):
        assert word in str(caught.value)


def test_limits_are_told_with_the_faults_of_inputs(study: Path) -> None:
    """A misspelled type and post in study.toml came out only once today's units were right."""
    todays(study, count="many")
    settings(study, "[limits]", '[limits]\nkeep_today = true\nposts_not = ["P99"]')
    with pytest.raises(InputError, match="2 inputs cannot be used") as caught:
        read_study(study)
    for word in ("today.csv", "'many' is not a whole number", "limits.posts_not: 'P99' is not in"):
        assert word in str(caught.value)
    assert "keep_today" not in str(caught.value)


def test_roads_at_fault_hide_no_fault_of_another_file(study: Path) -> None:
    (study / "roads.npz").write_bytes(b"no roads")
    rename(study, "received_at", "when")
    pd.read_csv(study / "posts.csv").rename(columns={"lon": "a", "lat": "b"}).to_csv(
        study / "posts.csv", index=False
    )
    todays(study, responder_type="helicopter")
    with pytest.raises(InputError, match="cannot be used") as caught:
        read_study(study)
    for word in ("roads.npz", "calls.csv", "received_at", "today.csv", "helicopter"):
        assert word in str(caught.value)
