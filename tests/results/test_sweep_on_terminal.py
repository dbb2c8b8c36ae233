"""What the terminal tells of a sweep."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from coresponse.cli.show_sweep import _points
from coresponse.data.programs.load import load_program
from coresponse.questions.sweep.grid import Axis
from coresponse.questions.sweep.tidy import MEASURES
from coresponse.results.sweep_charts import write_charts

BUDGET = "budget: at most $2,400,000 a year"
UNIT = "Co-responder unit: at most 3"


def printed(*binding: str, title: str = "Co-responder unit") -> str:
    """Two points of a sweep over units, and what rules out one more at each."""
    rows = [
        {
            "mode": "re-optimized", "units.co_responder_unit": 3.0 + k, "fleet": "3 units",
            "binding": binds, "efficient": k == 0, "cost_per_year": 2e6,
            "cost_as_called_per_year": 2.1e6, "share_in_time": 0.5, "mean_with_fallback_min": 20.0,
            "left_to_police_per_week": 1.0,
        }
        for k, binds in enumerate(binding)
    ]  # fmt: skip
    axis = Axis("units.co_responder_unit", f"{title}, at most", (3.0, 4.0), True)
    facts = SimpleNamespace(program=load_program("ride-along"))
    swept: Any = SimpleNamespace(frame=pd.DataFrame(rows), axes=(axis,), facts=facts)
    console = Console(width=120, record=True, file=io.StringIO())
    _points(swept, "re-optimized", console, details=False)
    return " ".join(console.export_text().split())


@pytest.mark.parametrize("first", [f"{UNIT}; {BUDGET}", BUDGET])
def test_a_limit_that_rules_out_one_more_is_named_without_being_asked(first: str) -> None:
    """More units allowed, and the same row again and again: nobody was told that the budget stands in the way."""
    said = (
        "At every point these limits, beside what is varied, leave no room for one more responder: "
    )
    assert f"{said}budget at most $2,400,000 a year." in printed(first, BUDGET)


def test_limits_that_differ_are_named_on_their_rows() -> None:
    text = printed(UNIT, BUDGET)
    assert "Also at its limit" in text
    assert text.count("$2,400,000") == 1


def test_a_program_s_own_letters_stand_over_the_column() -> None:
    """The column was called "B-heard-like team, at most"."""
    assert "B-HEARD-like" in printed(BUDGET, title="B-HEARD-like team")


def test_a_city_without_districts_has_no_chart_of_the_worst(tmp_path: Path) -> None:
    """Its panel was empty, and a warning of numpy stood in the terminal."""
    axes = tuple(Axis(name, name, (1.0, 2.0), True) for name in ("units.a", "units.b"))
    points = pd.DataFrame(
        [{"units.a": a, "units.b": b} for a in (1.0, 2.0) for b in (1.0, 2.0)]
    ).assign(mode="re-optimized", score=1.0, efficient=True, cost_as_called_per_year=1e6)
    known = dict.fromkeys(MEASURES, 0.5) | {"worst_district_mean_min": np.nan}
    grid = cast("Any", SimpleNamespace(axes=axes, row_axis=None))
    write_charts(grid, points.assign(**known), pd.DataFrame(), "Town", "", tmp_path)
    for name in ("frontier", "curves", "grid"):
        drawn = (tmp_path / f"{name}.svg").read_text()
        assert "orst district" not in drawn
        assert len(drawn) > 1000
