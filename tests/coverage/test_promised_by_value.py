"""Figures that presets and pages promise, each by its value in the replay: throughput, follow-ups, true losers, rare shares."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from coresponse.coverage.demand import demand_cells
from coresponse.coverage.replay.holdout import less_wait
from coresponse.coverage.replay.past import CLUSTERED, Past
from coresponse.coverage.replay.record import ReplayRun, scenario
from coresponse.coverage.replay.rules import Rules
from coresponse.coverage.replay.run import replay_once
from coresponse.coverage.service.arrival_model import WEEK_S
from coresponse.coverage.service.days import DayEffect
from coresponse.coverage.service.model import fit_service
from coresponse.coverage.service.replay_calls import ReplayCalls
from coresponse.data.hours import WHOLE_WEEK
from coresponse.data.programs.load import load_program
from coresponse.data.programs.model import Program
from coresponse.publish.disclosure import PUBLIC
from coresponse.publish.holdout import _proven
from coresponse.publish.measured import HoldoutPublication
from tests.coverage.test_hidden_calls import STREETS, history
from tests.coverage.test_replay_events import small
from tests.data.test_program_facts import CITED

POLICE: Any = SimpleNamespace(draw=lambda district, hour, u: np.full(len(u), 300.0, np.float32))
NONE = DayEffect(0.0, 0.0, 0.0)


def busy_vans(program: Program, kind: str, *, a_unit_hour: float, n: int = 4_000) -> ReplayRun:
    """Six vans ten minutes from every call, with so many calls an hour for each, none left to police."""
    service, vans, rng = fit_service(None, program), 6, np.random.default_rng(3)
    # a Poisson process of which so many came: exactly so many an hour
    length_s = n * 3600 / (vans * a_unit_hour)
    received = np.sort(rng.uniform(0, length_s, n))
    none = np.zeros(n, dtype=np.int32)
    kinds = rng.integers(0, len(service.class_names), n).astype(np.int16)
    calls = ReplayCalls(
        service.class_names, received, none, none - 1, kinds, None, length_s / WEEK_S, 0.0
    )
    fleet, roads = small([[600.0]] * vans)
    eligible = np.ones((1, len(service.class_names)), dtype=bool)
    delay = np.array([program.responder_types[kind].delay_min.value * 60])
    fleet = replace(fleet, arrays=fleet.arrays._replace(eligible=eligible, delay_s=delay))
    between = np.full((1, 1), 600.0, dtype=np.float32)  # the next call is as far as the post
    roads = replace(roads, arrays=roads.arrays._replace(between_s=between))
    scene = scenario(calls, service, POLICE, seed=5)
    return replay_once(fleet, scene, roads, program, Rules(when_busy="queue"))


@pytest.mark.parametrize("name", CITED)
def test_vans_of_a_preset_answer_the_cited_calls_a_unit_hour(name: str) -> None:
    """CAHOOTS 1.07, STAR 0.75: at the planned busy share, not when busy all the time."""
    kind, cited = CITED[name]
    program = load_program(name)
    run = busy_vans(program, kind, a_unit_hour=cited)
    assert (run.record.server >= 0).all()
    hours = run.fleet.n * run.scenario.calls.weeks * 168
    assert run.scenario.calls.n / hours == pytest.approx(cited, rel=1e-9)
    busy = float(run.busy_s.sum()) / 3600 / hours
    assert busy <= program.responder_types[kind].busy_share.value + 0.01


def test_follow_ups_are_so_many_a_call_whether_or_not_anybody_was_met() -> None:
    program = load_program("cahoots")
    work = program.workload
    assert work.follow_ups_per_call.value == 0.4
    run = busy_vans(program, "cahoots_van", a_unit_hour=0.8)
    answered = int((run.record.server >= 0).sum())
    # those of the last day fall due after the end
    until = run.scenario.calls.weeks * WEEK_S - work.follow_up_after_h.value * 3600
    in_time = int((run.record.contact_s <= until).sum())
    assert run.follow_ups_due / in_time == pytest.approx(0.40, abs=0.02)
    met = run.scenario.contact & (run.record.server >= 0)
    assert met.sum() / answered == pytest.approx(0.77, abs=0.02)  # of contacts it would be 0.52
    share = run.visited_s.sum() / (work.follow_up_min.value * 60) / in_time
    assert 0 < share <= run.follow_ups_due / in_time


def as_runs(waits_s: np.ndarray) -> Any:
    """A replay of a call a day that waited so long."""
    received = (np.arange(len(waits_s)) + 0.4) * 86_400
    calls = SimpleNamespace(received_s=received, start_s=0.0, weeks=len(waits_s) / 7)
    return [SimpleNamespace(scenario=SimpleNamespace(calls=calls), response_s=lambda: waits_s)]


def test_sixty_true_losers_at_thirty_unseen_calls_are_all_told() -> None:
    """A plan under which calls wait 5 min more, at 30 calls: 60 of 60 were "not shown to be worse"."""
    rng, told, rounded_away = np.random.default_rng(1), 0, 0
    program = load_program("ride-along")
    cells = demand_cells(
        history(["MENTAL HEALTH"] * 30, program), program, STREETS, periods=[WHOLE_WEEK]
    )
    rounding = PUBLIC.city(cells)
    for _ in range(60):
        today = rng.gamma(9, 80, 30)
        less = less_wait(as_runs(today + rng.normal(300, 200, 30)), as_runs(today), fallback_s=3600)
        assert less.high < 0
        shown = rounding.stepped(less, rounding.wait_step_s, at_least=-np.inf)
        rounded_away += shown.high >= 0
        found = HoldoutPublication(70.0, 30.0, 30, {}, 0.5, shown, _proven(less))
        told += found.proven == "worse"
    assert told == 60
    assert rounded_away > 30  # whoever decides on rounded bands tells hardly any


def test_plans_that_are_no_better_are_hardly_ever_called_better_or_worse() -> None:
    rng, called = np.random.default_rng(2), 0
    for _ in range(400):
        today = rng.gamma(9, 80, 90)
        less = less_wait(as_runs(today + rng.normal(0, 200, 90)), as_runs(today), fallback_s=3600)
        called += _proven(less) != "neither"
    assert called <= 0.08 * 400


def test_what_no_replication_and_no_year_saw_has_the_band_of_none_in_so_many_weeks() -> None:
    """None in 20 x 52 weeks: at most 2 x 3.69 clusters in that time, widened by what the number of calls may be."""
    rng = np.random.default_rng(4)
    day = np.repeat(np.arange(364), rng.poisson(6, 364))
    past = Past((), day, 364, NONE)
    year = past.few(np.zeros(20), 52.0)
    calls = np.bincount(day, minlength=364).astype(float)
    apart = np.sqrt(past.variance((calls - calls.mean())[:, None])) / calls.mean()
    wide = np.exp(3 * stats.t.ppf(0.975, past.nu) * apart)
    assert year.truth.low == 0
    assert year.truth.high == pytest.approx(
        CLUSTERED * stats.chi2.ppf(0.975, 2) / 2 / (20 * 52) * wide
    )
    assert year.single.high == pytest.approx(CLUSTERED * stats.chi2.ppf(0.975, 2) / 2 / 52 * wide)
    # and it stays more than 0 once it is rounded
    program = load_program("ride-along")
    many = history(["MENTAL HEALTH"] * 400, program)
    rounding = PUBLIC.city(demand_cells(many, program, STREETS, periods=[WHOLE_WEEK]))
    assert rounding.interval("busy_per_week", year.truth).high > 0
    assert rounding.interval("share_in_time", replace(year.truth, high=0.004)).high > 0
