"""The presets for the country: clinicians by video and on call, on roads with drives of an hour."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

from coresponse.coverage.settings import EvaluationSettings
from coresponse.data.city import City
from coresponse.data.known_city import program_periods
from coresponse.data.limits import Limits
from coresponse.data.programs.load import load_program
from coresponse.data.roads.made import street_grid
from coresponse.optimize.case import Busy, Case
from coresponse.questions.answer import Plan
from coresponse.questions.plan import plan
from tests.optimize.small_cities import history, posts

DESK = "tele_clinician"
DRIVERS = {"clinician_by_day", "clinician_by_night"}


def planned(preset: str, busy: Busy = "consistent", **units: int) -> Plan:
    """Plan a made county of 35 by 35 km with 25 calls a week, a third of them welfare checks."""
    rng = np.random.default_rng(23)
    roads = street_grid(8, 8, seed=23, spacing_m=5_000.0)
    program = load_program(preset)
    calls = history(rng, roads, a_week=25)
    frame = calls.frame.assign(
        call_class=rng.choice(["crisis_low", "crisis_high", "welfare"], size=len(calls.frame))
    )
    county = City(
        roads,
        replace(calls, frame=frame),
        posts(rng, roads, 4),
        program,
        periods=program_periods(program),
    )
    settings = EvaluationSettings.model_validate(
        {"replications": 4, "weeks": 12, "holdout_share": 0.0, "rules": {"reach_min": 120}}
    )
    return plan(
        Case(
            county,
            limits=Limits(units=units),
            evaluation=settings,
            reach_limit_min=120,
            busy=busy,
        )
    )


@pytest.fixture(scope="module")
def rural() -> Plan:
    return planned("rural", tele_clinician=2, clinician_by_day=2, clinician_by_night=2)


def test_by_video_every_call_waits_for_the_officer_alone_however_far() -> None:
    found = planned("tele", tele_clinician=4)
    assert found.found
    assert {option.responder_type for option, _ in found.deployment.counts} == {DESK}
    free = found.evaluations["plan"].nearest.overall.iloc[0]
    # call-taking 2 min and delay 3 are over before the officer is there, 10 min after the call
    assert free["mean_with_fallback_s"] == pytest.approx(10 * 60)
    assert free["share_in_time"] == 1
    replayed = found.evaluations["plan"].replay
    assert replayed is not None
    assert replayed.overall["share_reached"].iloc[0] > 0.9


def test_in_the_country_video_comes_first_and_welfare_checks_take_a_drive(rural: Plan) -> None:
    assert rural.found
    kinds = {option.responder_type for option, _ in rural.deployment.counts}
    assert kinds == {DESK, *DRIVERS}
    by_class = rural.evaluations["plan"].nearest.by_class["mean_with_fallback_s"] / 60
    # the officer is there after 20 min; whoever drives has 20 or 30 min of activation before that
    assert by_class["crisis_low"] == by_class["crisis_high"] == pytest.approx(20)
    assert by_class["welfare"] > 2 + 20
    replayed = rural.evaluations["plan"].replay
    assert replayed is not None
    kind = replayed.units.index.str.split().str[0]
    sent = replayed.units.groupby(kind)["calls_per_week"].sum()
    assert sent[DESK] > sent[list(DRIVERS)].sum() > 0


def test_whoever_drives_stands_where_the_mean_drive_is_shortest() -> None:
    """Each choice of posts by day and by night, its drives by NetworkX, tried one by one."""
    found = planned("rural", "free", tele_clinician=2, clinician_by_day=1, clinician_by_night=1)
    cells, roads, frame = found.table.cells, found.case.city.roads, found.case.city.posts.frame
    streets = nx.DiGraph()
    for start, stop, seconds in zip(
        roads.edge_from.tolist(), roads.edge_to.tolist(), roads.travel_s.tolist(), strict=True
    ):
        streets.add_edge(start, stop, seconds=seconds)
    from_post = [
        nx.single_source_dijkstra_path_length(streets, int(node), weight="seconds")
        for node in frame["node"]
    ]
    welfare = cells.call_class == cells.class_names.index("welfare")
    by_day = np.array([8 in period.hours.hours for period in cells.periods])[cells.period]
    weight = cells.calls_per_week
    total = float(weight[welfare].sum())
    best = 0.0
    for inside, start_min in ((by_day, 2 + 20), (~by_day, 2 + 30)):
        own = welfare & inside
        means = []
        for drives in from_post:
            drive_min = np.array([drives[int(node)] for node in cells.node[own]]) / 60 / 0.9
            means.append(float(weight[own] @ np.minimum(start_min + drive_min, 120)) / total)
        best += min(means)
    shown = found.evaluations["plan"].nearest.by_class.loc["welfare", "mean_with_fallback_s"] / 60
    assert shown == pytest.approx(best, rel=1e-4)
