"""Factors on travel speed at the ends of what a number can be, and faults that are told once."""

from __future__ import annotations

from typing import Any

import pytest

from coresponse.data.errors import InputError
from coresponse.data.programs.load import load_program
from coresponse.data.programs.model import Program
from coresponse.data.toml import check_model
from coresponse.study.settings import Study

BASE: dict[str, Any] = {
    "schema": 1,
    "name": "x",
    "roads": {"file": "r.osm"},
    "calls": {"files": ["c.csv"]},
    "posts": {"files": [{"file": "p.csv"}]},
    "program": {"preset": "mixed"},
}


@pytest.mark.parametrize("factor", [1e308, 1e-308, 11, 85, -1, 0])
def test_a_speed_factor_that_no_street_has(factor: float) -> None:
    period = {"name": "a", "hours": "always", "speed_factor": factor}
    scenario = {"name": "snow", "speed": factor}
    content = load_program("mixed").model_dump(mode="json", by_alias=True)
    for change in ({"periods": [period]}, {"scenarios": [scenario]}):
        with pytest.raises(InputError, match="factor"):
            check_model(BASE | change, Study, subject="study.toml")
    kind = next(iter(content["responder_types"]))
    content["responder_types"][kind]["speed_factor"] = factor
    with pytest.raises(InputError, match="speed_factor above 0"):
        check_model(content, Program, subject="program.toml")


@pytest.mark.parametrize(
    "change",
    [
        {"calls": {"files": ["../x.csv"]}},
        {"calls": {"files": ["a!b.csv"]}},
        {"posts": {"files": [{"file": "/etc/x"}]}},
        {"program": {"file": "../x.toml"}},
        {"roads": {"file": "http://x/y.osm"}},
        {"districts": {"file": "/vsicurl/x"}},
        {"today": {"file": "c:x.csv"}},
    ],
)
def test_a_refused_path_brings_no_second_fault(change: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r": 1 fault\n"):
        check_model(BASE | change, Study, subject="study.toml")
    with pytest.raises(InputError, match="no calls: give their files"):
        check_model(BASE | {"calls": {"files": []}}, Study, subject="study.toml")


def test_days_of_a_history_are_in_order() -> None:
    days = {"first_day": "2024-03-01", "last_day": "2024-02-01"}
    with pytest.raises(InputError, match="last_day is before first_day"):
        check_model(BASE | {"calls": {"files": ["c.csv"]} | days}, Study, subject="study.toml")
