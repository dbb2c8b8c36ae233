"""Metrics under the field's names.

Recounted from the replay, complete, and honest about what is not given.
"""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coresponse.coverage.call_outs import further_costs
from coresponse.data.hours import WEEKS_A_YEAR
from coresponse.data.metrics import metrics
from coresponse.data.programs.cost import yearly_cost
from coresponse.data.sample_city import sample_folder
from coresponse.data.tables.write import write_csv
from coresponse.publish.disclosure import INTERNAL
from coresponse.publish.plan import publish_plan
from coresponse.questions.answer import Plan
from coresponse.questions.plan import plan
from coresponse.results.metrics import COLUMNS, NOT_GIVEN, metrics_frame
from coresponse.study.files import copy_study
from coresponse.study.read import read_study

DOCS = Path(__file__).resolve().parents[2] / "docs" / "metrics.md"


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    folder = tmp_path_factory.mktemp("metrics") / "sample"
    copy_study(sample_folder(), folder)
    path = folder / "study.toml"
    text = path.read_text(encoding="utf-8").replace(
        "[objective]", '[objective]\nbusy_units = "free"'
    )
    text += "\n[judging]\nreplications = 3\nweeks = 2\nholdout_share = 0\n"
    path.write_text(text, encoding="utf-8")
    return plan(read_study(folder).case)


@pytest.fixture(scope="module")
def frame(planned: Plan) -> pd.DataFrame:
    return metrics_frame(publish_plan(planned))


def value(frame: pd.DataFrame, metric: str, deployment: str = "plan") -> float:
    (found,) = frame.loc[(frame["metric"] == metric) & (frame["deployment"] == deployment), "value"]
    return float(found)


def test_every_metric_is_there_for_both_deployments_or_said_not_to_be_given(
    frame: pd.DataFrame,
) -> None:
    assert list(frame.columns) == COLUMNS
    for metric in metrics():
        rows = frame[frame["metric"] == metric.name]
        if not metric.given_by:
            assert list(rows["basis"]) == [NOT_GIVEN]
            assert rows[["value", "low", "high"]].isna().all(axis=None)
        else:
            assert list(rows["deployment"]) == ["plan", "today"]
            assert rows["basis"].str.startswith("forecast: replay, 3 ").all()
        assert rows["definition"].str.len().min() > 10
        assert not rows["definition"].str.contains("{", regex=False).any()
    given = frame[frame["basis"] != NOT_GIVEN]
    assert given["value"].notna().all()
    banded = given.dropna(subset=["low", "high"])
    assert (banded["low"] <= banded["value"] + 1e-9).all()
    assert (banded["value"] <= banded["high"] + 1e-9).all()


def test_figures_agree_with_each_other(frame: pd.DataFrame, planned: Plan) -> None:
    for name in ("plan", "today"):
        replay = publish_plan(planned).evaluations[name].figures["replay"]
        eligible = value(frame, "Eligible calls", name)
        assert value(frame, "Percentage of calls that are eligible", name) == pytest.approx(
            eligible / value(frame, "Calls for service", name), abs=1e-3
        )
        # what is not handled, by reason, is all that is not handled
        lost = sum(
            value(frame, f"Eligible calls not handled: {why}", name)
            for why in ("nobody on duty", "all units busy", "out of reach")
        )
        handled = value(frame, "Percentage of eligible calls handled by the team", name)
        assert handled == pytest.approx(1 - lost / eligible, abs=2e-3)
        assert value(frame, "Eligible calls dispatched to the team", name) == pytest.approx(
            eligible - lost, abs=0.05
        )
        assert value(frame, "Average response time", name) == pytest.approx(
            replay["mean_s"].mean / 60, abs=0.006
        )
        assert value(frame, "Median response time", name) < value(
            frame, "90th percentile response time", name
        )
        contacts = value(frame, "Contact rate", name) * value(
            frame, "Eligible calls dispatched to the team", name
        )
        assert value(frame, "Percentage of contacts with police on scene", name) == pytest.approx(
            1 - value(frame, "Calls handled without police", name) / contacts, abs=1e-3
        )
        one, program = planned.evaluations[name], planned.case.program
        assert one.replay is not None
        further = further_costs(program, one.deployment, one.replay)
        cost = yearly_cost(program, one.deployment) + float(np.mean(further))
        assert value(frame, "Program cost", name) == pytest.approx(cost, abs=1000)
        assert value(frame, "Cost per call handled", name) == pytest.approx(
            cost / (handled * eligible * WEEKS_A_YEAR), rel=5e-3
        )
        assert (
            value(frame, "Unit utilization", name)
            <= value(frame, "Unit utilization, busiest unit", name)
            <= 1
        )


def test_a_busiest_unit_that_the_table_of_units_hides_is_hidden(
    frame: pd.DataFrame, planned: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "Unit utilization, busiest unit"
    shown = publish_plan(planned).evaluations["plan"].replay
    assert shown is not None
    units = list(shown.units.index)
    busiest, other = units.index(shown.busiest[0]), int(shown.units["utilization"].argmin())
    monkeypatch.setattr(
        "coresponse.publish.disclosure.hidden_parts",
        lambda past: np.arange(len(past)) == other,
    )
    assert value(metrics_frame(publish_plan(planned)), name) == value(frame, name)
    monkeypatch.setattr(
        "coresponse.publish.disclosure.hidden_parts",
        lambda past: np.arange(len(past)) == busiest,
    )
    assert math.isnan(value(metrics_frame(publish_plan(planned)), name))
    internal = value(metrics_frame(publish_plan(planned, INTERNAL)), name)
    assert internal == pytest.approx(value(frame, name), abs=0.02)  # exact, not in steps


def test_definitions_state_clock_and_standard(frame: pd.DataFrame, planned: Plan) -> None:
    told = frame.set_index("metric")["definition"]
    assert planned.case.program.standards.clock in told["Average response time"].iloc[0]
    assert "15 min" in told["Percentage of eligible calls reached within the standard"].iloc[0]


def test_names_are_different_and_none_promises_an_outcome() -> None:
    names = [metric.name for metric in metrics()]
    assert len(set(names)) == len(names)
    for metric in metrics():
        if any(
            word in metric.name.lower()
            for word in ("arrest", "force", "connected", "satisfaction", "repeat")
        ):
            assert not metric.given_by


def test_the_table_is_harmless_in_a_spreadsheet(frame: pd.DataFrame, tmp_path: Path) -> None:
    hostile = frame.assign(definition="=cmd|' /C calc'!A0", asked_by="@SUM(A1)\r-1")
    write_csv(hostile, tmp_path / "metrics.csv")
    for row in csv.reader(
        io.StringIO((tmp_path / "metrics.csv").read_text(encoding="utf-8"), newline="")
    ):
        assert not any(cell.startswith(("=", "@", "+")) for cell in row)


def test_the_docs_name_every_metric() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for metric in metrics():
        assert f"| {metric.name} |" in text, metric.name
