"""Officers as a fleet of their own, call by call against SimPy, and against queueing theory."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from coresponse.coverage.queueing.erlang import erlang_c
from coresponse.coverage.replay.drives import ReplayRoads
from coresponse.coverage.replay.fleet import Fleet
from coresponse.coverage.replay.officers import (
    PatrolFleet,
    draw_patrol,
    fit_patrol,
    officer_figures,
    patrol_of,
)
from coresponse.coverage.replay.patrol import Patrol
from coresponse.coverage.replay.record import Scenario
from coresponse.coverage.replay.rules import Reason, Rules
from coresponse.coverage.replay.run import kernel_calls, kernel_settings, replay, replay_once
from coresponse.data.calls.history import CallHistory, Funnel
from coresponse.data.errors import InputError
from tests.coverage.simulated import (
    DAY,
    PATTERNS,
    assert_same_events,
    simpy_replay,
    two_class_program,
    world,
)

PROGRAM = two_class_program()


def town(seed: int, *, units: int) -> tuple[Fleet, ReplayRoads, Scenario]:
    rng = np.random.default_rng(seed)
    roads = world.made_roads(rng, places=50, posts=4, facilities=2)
    fleet = world.made_fleet(rng, units=units, posts=4, patterns=PATTERNS)
    fleet.arrays.officer_first[:] = [False, True, True]
    return fleet, roads, world.made_scenario(rng, n=400, calls_per_h=0.7 * units, places=50)


def busy_patrol(scene: Scenario, seed: int) -> Patrol:
    """Five officers, three by day and two around the clock, busy most of their time."""
    officers = np.where((DAY >= 7) & (DAY < 23), 5, 2)
    load = np.where((DAY >= 7) & (DAY < 23), 3.0, 1.2)
    fleet = PatrolFleet(officers, load, 42.0)
    return draw_patrol(fleet, scene, PROGRAM, seed=seed)


RULES = [
    Rules(),
    Rules(driving_home="from_post", when_busy="queue"),
    Rules(when_busy="queue", queue_order="priority", patience_min=25),
    Rules(when_busy="queue", driving_home="from_post", patience_min=60, reach_min=18),
    Rules(last_call_min=30, reach_min=15),
]


@pytest.mark.parametrize("rules", RULES, ids=[str(k) for k in range(len(RULES))])
@pytest.mark.parametrize("seed", range(4))
def test_the_same_events_as_simpy(rules: Rules, seed: int) -> None:
    fleet, roads, scene = town(seed, units=3 + seed)
    patrol = busy_patrol(scene, 50 + seed)
    run = replay_once(fleet, scene, roads, PROGRAM, rules, patrol)
    city = simpy_replay.SimulatedCity(
        kernel_calls(scene, roads, PROGRAM, rules),
        fleet.arrays,
        roads.arrays,
        kernel_settings(PROGRAM, rules),
        patrol,
    )
    events, record = city.simulate(), run.record
    assert_same_events(record, events, atol=1e-4)
    assert run.patrol is not None
    np.testing.assert_allclose(run.patrol.sent_s, city.officer_sent, atol=1e-4, rtol=0)
    seen = ~np.isnan(city.own_sent)  # the simulation stops some days after the last call
    assert seen.mean() > 0.95
    np.testing.assert_allclose(
        run.patrol.own_sent_s[seen], np.array(city.own_sent)[seen], atol=1e-4
    )
    waits = run.patrol.own_sent_s - run.patrol.own_ready_s
    assert (waits > 60).mean() > 0.05  # officers are busy enough to be waited for
    assert ((record.contact_s - record.arrived_s) > 60).sum() > 5
    # the patrol that was given is as it was
    assert np.isnan(patrol.sent_s).all()


def test_a_trace_by_hand() -> None:
    fleet, roads, scene = town(1, units=3)
    fleet.arrays.type[:] = 1  # all need an officer first
    fleet.arrays.pattern[:] = 0
    rules = Rules(driving_home="from_post")
    n = scene.calls.n
    first = float(scene.calls.received_s[0]) + PROGRAM.standards.call_taking_min.value * 60
    # one officer, busy with a call of his own from ten minutes before until an hour after the first
    # call
    patrol = patrol_of(
        np.ones((1, 168), dtype=bool),
        own_ready_s=np.array([first - 600]),
        own_job_s=np.array([4_200.0]),
        drive_s=np.full(n, 300.0),
        alone_s=np.full(n, 1_800.0),
    )
    run = replay_once(fleet, scene, roads, PROGRAM, rules, patrol)
    assert run.patrol is not None
    assert run.patrol.sent_s[0] == pytest.approx(first + 3_600)
    assert run.record.contact_s[0] == pytest.approx(first + 3_900)
    # the next request waits until the unit is done on scene
    free = first + 3_900 + float(scene.on_scene_s[0])
    asked = run.patrol.sent_s[1:]
    assert np.nanmin(asked) == pytest.approx(max(free, scene.calls.received_s[1] + 120))
    assert run.officer_alone_s()[0] == 0.0


def test_officers_with_nothing_to_meet_wait_as_erlang_says() -> None:
    fleet, roads, scene = town(3, units=2)
    fleet.arrays.officer_first[:] = False
    rng, m = np.random.default_rng(0), 60_000
    load, officers, job_s = 2.2, 3, 1_500.0
    ready = np.cumsum(rng.exponential(job_s / load, m))
    patrol = patrol_of(
        np.ones((officers, 168), dtype=bool),
        own_ready_s=ready,
        own_job_s=rng.exponential(job_s, m),
        drive_s=np.zeros(scene.calls.n),
        alone_s=np.zeros(scene.calls.n),  # calls left to police take no time here
    )
    run = replay_once(fleet, scene, roads, PROGRAM, Rules(), patrol)
    assert run.patrol is not None
    wait = run.patrol.own_sent_s - ready
    assert (wait > 1e-6).mean() == pytest.approx(erlang_c(load, officers), abs=0.02)
    assert wait.mean() == pytest.approx(
        erlang_c(load, officers) * job_s / (officers - load), rel=0.1
    )


def test_with_officers_enough_nobody_waits_and_hours_add_up() -> None:
    fleet, roads, scene = town(5, units=4)
    plenty = PatrolFleet(np.full(168, 40), np.full(168, 2.0), 30.0)
    patrol = draw_patrol(plenty, scene, PROGRAM, seed=1)
    run = replay(fleet, [scene], roads, PROGRAM, Rules(), patrols=[patrol])[0]
    drawn = replay_once(fleet, scene, roads, PROGRAM, Rules())
    # officers who are sent at once come after the drawn times
    np.testing.assert_allclose(run.record.contact_s, drawn.record.contact_s, atol=1e-3)
    found = officer_figures(run, PROGRAM)
    assert found.wait_min == pytest.approx(0.0, abs=1e-9)
    assert found.own_wait_min == pytest.approx(0.0, abs=1e-9)
    assert run.patrol is not None
    weeks = scene.calls.weeks
    own = run.patrol.own_job_s.sum() / 3600 / weeks
    total = run.patrol.busy_s.sum() / 3600 / weeks
    assert found.with_clinicians_h_per_week + found.alone_h_per_week + own == pytest.approx(total)
    lost = (run.record.reason != Reason.SENT).sum()
    assert np.isfinite(run.patrol.sent_s[run.record.server < 0]).sum() == lost
    no_officer = (run.record.server >= 0) & np.isnan(run.patrol.sent_s)
    assert found.without_officer_share == pytest.approx(no_officer.mean())


def test_fewer_officers_make_clinicians_wait_longer() -> None:
    fleet, roads, scene = town(6, units=5)
    waits = []
    for count in (2, 3, 5, 9):
        crew = PatrolFleet(np.full(168, count), np.full(168, 1.5), 40.0)
        patrol = draw_patrol(crew, scene, PROGRAM, seed=4)
        run = replay_once(fleet, scene, roads, PROGRAM, Rules(), patrol)
        waits.append(officer_figures(run, PROGRAM).clinician_waits_min)
    assert waits == sorted(waits, reverse=True)
    assert waits[0] > 3 * waits[-1]


def test_the_patrols_load_is_fitted_to_the_calls_that_no_responder_takes() -> None:
    n = 2_000
    at = pd.Timestamp("2026-01-05", tz="UTC") + pd.to_timedelta(np.arange(n) * 8, unit="min")
    frame = pd.DataFrame({"received_at": at, "dispatched_at": at, "call_class": "not_eligible"})
    frame["cleared_at"] = at + pd.Timedelta(minutes=30)
    frame.loc[0, "cleared_at"] = at[0] + pd.Timedelta(hours=40)  # a clock that nobody stopped
    frame.loc[frame.index[::4], "call_class"] = "crisis_low"
    nothing = pd.DataFrame()
    days = n * 8 / 1440
    calls = CallHistory(frame, "EPSG:32618", "UTC", days, Funnel(()), nothing, nothing)
    fleet = fit_patrol(calls, PROGRAM, np.full(168, 3))
    assert fleet.job_min == pytest.approx(30.0)
    assert fleet.calls_per_h.sum() * days / 7 == pytest.approx(n * 3 / 4)
    frame["cleared_at"] = at + pd.to_timedelta(20 + np.arange(n) % 21 * 1.0, unit="min")
    frame.loc[5::20, "cleared_at"] = at[5::20] + pd.Timedelta(hours=6)  # closed by the system
    assert fit_patrol(calls, PROGRAM, np.full(168, 3)).job_min == pytest.approx(30.0, abs=0.2)
    few = fit_patrol(
        CallHistory(frame[:40], "EPSG:32618", "UTC", 7, Funnel(()), nothing, nothing),
        PROGRAM,
        np.full(168, 3),
    )
    assert few.job_min == PROGRAM.workload.officer_min.value


def test_a_patrol_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(InputError, match="168 hours"):
        PatrolFleet(np.zeros(168, dtype=np.int64), np.ones(168), 30.0)
    with pytest.raises(InputError, match="0 or more and finite"):
        PatrolFleet(np.ones(168, dtype=np.int64), np.full(168, np.nan), 30.0)
    with pytest.raises(InputError, match="more than 0 min"):
        PatrolFleet(np.ones(168, dtype=np.int64), np.ones(168), 0.0)
    fleet, roads, scene = town(1, units=2)
    with pytest.raises(InputError, match="no patrol fleet"):
        officer_figures(replay_once(fleet, scene, roads, PROGRAM, Rules()), PROGRAM)
