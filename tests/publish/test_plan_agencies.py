"""Agencies under a plan, from the replay to table, JSON, report and workbook; hidden as their districts ask."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from coresponse.coverage.settings import EvaluationSettings
from coresponse.data.calls.history import Funnel, FunnelStep
from coresponse.data.limits import Limits
from coresponse.data.tables.workbook import write_workbook
from coresponse.optimize.evaluate_case import evaluate
from coresponse.publish.disclosure import INTERNAL, PUBLIC
from coresponse.publish.plan import publish_plan
from coresponse.publish.plan_agencies import publish_plan_agencies
from coresponse.publish.plan_publication import PlanPublication
from coresponse.publish.summary import publish_costs
from coresponse.questions.answer import Plan
from coresponse.questions.plan import plan
from coresponse.results.map_page import map_content
from coresponse.results.plan import plan_json
from coresponse.results.plan_agencies import (
    agencies_cells,
    agencies_frame,
    agencies_heads,
    agencies_sheets,
    by_agency,
)
from tests.optimize.small_cities import CLINICIAN, UNIT, case_of
from tests.optimize.small_counties import NAMES, county


@pytest.fixture(scope="module")
def planned() -> Plan:
    made = county(1, n_posts=6)
    told = replace(made.calls, funnel=Funnel((FunnelStep("rows", len(made.calls.frame)),)))
    case = case_of(replace(made, calls=told), limits=Limits(units={UNIT: 3}))
    short = EvaluationSettings(replications=6, weeks=2, holdout_share=0.0)
    return plan(case.with_(evaluation=short))


@pytest.fixture(scope="module")
def told(planned: Plan) -> PlanPublication:
    return publish_plan(planned)


def test_figures_are_those_of_each_agencys_calls(planned: Plan) -> None:
    replayed = evaluate(planned.case, planned.deployment, keep_calls=True).replay
    assert replayed is not None
    met, table = replayed.met, replayed.by_agency
    assert met is not None
    assert table is not None
    whose = planned.case.city.agencies.at(*planned.case.city.roads.place_xy(met.node))  # type: ignore[union-attr]
    assert list(table.index) == list(NAMES)
    for k, name in enumerate(NAMES):
        own = whose == k
        each = pd.DataFrame({"wait": met.wait_s[own], "in_time": met.in_time[own]})
        by_hand = each.groupby(met.replication[own]).mean().mean()
        assert table["mean_with_fallback_s"][name] == pytest.approx(by_hand["wait"])
        assert table["share_in_time"][name] == pytest.approx(by_hand["in_time"])
        assert table["mean_with_fallback_s_low"][name] < table["mean_with_fallback_s"][name]
    weight = table["calls_per_week"] / table["calls_per_week"].sum()
    whole = replayed.overall["mean_with_fallback_s"].iloc[0]
    assert weight @ table["mean_with_fallback_s"] == pytest.approx(whole, rel=0.01)


def test_table_json_report_and_workbook_have_the_same(
    planned: Plan, told: PlanPublication, tmp_path: Path
) -> None:
    found = told.shown.agencies
    assert found is not None
    assert [row.name for row in found.rows] == list(NAMES)
    units = {row.name: row.units["plan"] for row in found.rows}
    by_hand = dict.fromkeys(NAMES, 0)
    for option, count in planned.deployment.counts:
        by_hand[NAMES[planned.case.city.agencies.of_post[option.post_id]]] += count  # type: ignore[union-attr]
    assert units == by_hand
    assert sum(row.cost["plan"] for row in found.rows) == pytest.approx(
        planned.case.option_cost @ planned.case.counts(planned.deployment), abs=2
    )
    frame = agencies_frame(found)
    json = plan_json(told, "plan-x", {})["agencies"]
    cells = list(agencies_cells(found))
    assert all(len(row) == len(agencies_heads(found)) for row in cells)
    for row, line, one in zip(json["agencies"], cells, frame.to_dict("records"), strict=True):
        wait = row["mean_with_fallback_s"]["plan"]["mean"] / 60
        assert line[0] == row["agency"] == one["agency"]
        assert f"{wait:.1f} (" in " ".join(line)
        assert one["mean_with_fallback_min"] == pytest.approx(wait, abs=1e-3)
        assert one["mean_with_fallback_min"] == pytest.approx(round(wait, 1))  # a tenth, no finer
    part = by_agency(told)
    assert part is not None
    assert part.tables[0].rows == tuple(cells)
    (sheet,) = agencies_sheets(told)
    write_workbook([sheet], tmp_path / "agencies.xlsx")
    book = pd.read_excel(tmp_path / "agencies.xlsx", header=None, engine="openpyxl")
    assert set(NAMES) <= set(book[0])
    content = map_content(told)
    assert set(content.posts["agency"]) <= set(NAMES)
    assert content.districts is not None
    assert content.districts["agency"].tolist() == ["West", "Middle", "East"]
    assert "its calls wait" in content.agency_lines["West"]


def test_agencies_costs_add_up_to_the_one_cost_of_the_plan() -> None:
    """They were of call-outs as priced, beside a headline of call-outs as found."""
    made = county(1, types=2, n_posts=6)
    called = replace(made.calls, funnel=Funnel((FunnelStep("rows", len(made.calls.frame)),)))
    case = case_of(replace(made, calls=called), limits=Limits(units={UNIT: 2, CLINICIAN: 3}))
    short = EvaluationSettings(replications=6, weeks=2, holdout_share=0.0)
    found = plan(case.with_(evaluation=short))
    agencies = publish_plan_agencies(found, PUBLIC)
    costs = publish_costs(found, PUBLIC)
    assert agencies is not None
    assert costs is not None
    whole = costs.found["plan"].mean
    assert abs(whole - costs.planned["plan"]) > 10_000
    assert sum(row.cost["plan"] for row in agencies.rows) == pytest.approx(whole, abs=2_000)


def test_an_agency_of_few_calls_has_no_figures(planned: Plan, told: PlanPublication) -> None:
    """East keeps 5 calls: it is hidden, and with it the smallest other, which the total would give away."""
    table = planned.table
    assert table.agencies is not None
    whose = table.agencies.column[table.column]
    calls = table.cells.calls.copy()
    east = np.flatnonzero(whose == NAMES.index("East"))
    calls[east] = 0
    calls[east[:5]] = 1
    few: Any = SimpleNamespace(
        case=planned.case,
        replayed=planned.replayed,
        evaluations=planned.evaluations,
        table=replace(table, cells=replace(table.cells, calls=calls)),
    )
    found = publish_plan_agencies(few, PUBLIC)
    assert found is not None
    hidden = {row.name for row in found.rows if not row.wait_s}
    assert "East" in hidden
    assert len(hidden) > 1
    assert all(row.calls_band == "not shown, for few calls" for row in found.rows if not row.wait_s)
    inside = publish_plan_agencies(few, INTERNAL)
    assert inside is not None
    assert all(row.wait_s for row in inside.rows)
