"""What an agency's codes say and hide, as it may be shown: no code of 1 to 10 calls."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from coresponse.data.calls.history import Funnel, FunnelStep
from coresponse.publish.disclosure import INTERNAL
from coresponse.publish.history import publish_history
from coresponse.results.report.codes import codes_rows, codes_table
from tests.coverage.test_hidden_calls import WELFARE, history, own_program


def city(natures: list[str], tmp_path: Path, classes: str) -> Any:
    program = own_program(tmp_path, classes)
    steps = (FunnelStep("rows", len(natures), 0, ()),)
    calls = replace(history(natures, program), funnel=Funnel(steps))
    return SimpleNamespace(calls=calls, program=program)


def test_the_table_says_what_codes_say_and_hide(tmp_path: Path) -> None:
    natures = ["WELFARE CHECK"] * 600 + ["MENTAL"] * 90 + ["SUSPICIOUS"] * 300 + ["NOISE"] * 40
    few = ["WELFARE, ODD"] * 8 + ["NOISE, ODD"] * 9
    made = city([*natures, *few], tmp_path, WELFARE)
    (table,) = codes_table(publish_history(made), made.program)
    rows = {(row[0], row[3]): row for row in table.rows}
    assert rows["WELFARE CHECK", "a share of its calls"][1] == "501-1,000"
    assert rows["WELFARE CHECK", "a share of its calls"][4] == "10% to 30%"
    assert rows["SUSPICIOUS", "a share of its calls"][4] == "5%"
    assert rows["MENTAL", "all of its calls"][4] == "100%"
    assert rows["NOISE", "no class takes it"][4] == "not known"
    assert not any("ODD" in row[0] for row in table.rows)
    # on the agency's own terminal all are there, with their exact numbers
    inside = codes_rows(publish_history(made, INTERNAL), made.program)
    assert any(row[0] == "WELFARE, ODD" for row in inside)


def test_without_shares_there_is_no_table(tmp_path: Path) -> None:
    made = city(["MENTAL"] * 20, tmp_path, "")
    assert codes_table(publish_history(made), made.program) == ()
