"""Replay, call by call.

Against a hand trace, and against the same rules written as SimPy processes.
"""

from __future__ import annotations

import numpy as np
import pytest

from coresponse.coverage.replay.arrays import Roads, Servers
from coresponse.coverage.replay.drives import ReplayRoads
from coresponse.coverage.replay.fleet import Fleet
from coresponse.coverage.replay.record import ReplayRun, Scenario
from coresponse.coverage.replay.rules import Reason, Rules
from coresponse.coverage.replay.run import kernel_calls, kernel_settings, replay, replay_once
from coresponse.coverage.service.replay_calls import ReplayCalls
from coresponse.data.options import Option
from coresponse.data.sourced import SourcedNumber
from tests.coverage.simulated import (
    PATTERNS,
    assert_same_events,
    simpy_replay,
    two_class_program,
    world,
)

ALWAYS = np.ones((1, 168), dtype=bool)


RULES = [
    Rules(),
    Rules(driving_home="from_post"),
    Rules(driving_home="from_post", last_call_min=45),
    Rules(when_busy="queue"),
    Rules(when_busy="queue", queue_order="priority", patience_min=25),
    Rules(when_busy="queue", driving_home="from_post", patience_min=60, reach_min=22),
    Rules(last_call_min=30, reach_min=15, type_order=("on_call_clinician",)),
]


@pytest.mark.parametrize("rules", RULES, ids=[str(k) for k in range(len(RULES))])
@pytest.mark.parametrize("seed", range(5))
def test_the_same_events_as_simpy(rules: Rules, seed: int) -> None:
    rng = np.random.default_rng(100 + seed)
    units, posts, places = int(rng.integers(2, 8)), 4, 60
    roads = world.made_roads(rng, places=places, posts=posts, facilities=int(seed > 0) * 2)
    spread = (0.35, 0.2, 0.4) if seed == 4 else (0.0, 0.0, 0.0)
    fleet = world.made_fleet(rng, units=units, posts=posts, patterns=PATTERNS, drive_spread=spread)
    if rules.type_order:
        fleet.arrays.rank[:] = [1, 1, 0]
    scene = world.made_scenario(rng, n=400, calls_per_h=0.55 * units, places=places)
    program = two_class_program()
    run = replay_once(fleet, scene, roads, program, rules)
    calls = kernel_calls(scene, roads, program, rules)
    city = simpy_replay.SimulatedCity(
        calls, fleet.arrays, roads.arrays, kernel_settings(program, rules)
    )
    events, record = city.simulate(), run.record
    np.testing.assert_allclose(run.busy_s, city.busy_s, atol=1e-3, rtol=0)
    assert_same_events(record, events, atol=1e-5)
    assert (record.reason == Reason.SENT).sum() > 50
    assert len(set(record.reason.tolist())) > 1 or rules == RULES[3]


def small(
    drive_s: list[list[float]], *, on_duty: np.ndarray = ALWAYS, **types: list[float]
) -> tuple[Fleet, ReplayRoads]:
    """Units at posts of their own on the given (posts, places) drives, one type each unless told."""
    out = np.array(drive_s, dtype=np.float32)
    posts, places = out.shape
    left = np.full(on_duty.shape, np.inf)
    until = np.full(on_duty.shape, np.inf)
    for p, hours in enumerate(on_duty):
        for h in range(168):
            off, on = np.flatnonzero(~np.roll(hours, -h)), np.flatnonzero(np.roll(hours, -h))
            left[p, h] = off[0] if len(off) else np.inf
            until[p, h] = on[0] if len(on) else np.inf
    servers = Servers(
        type=np.zeros(posts, dtype=np.int64),
        post=np.arange(posts),
        pattern=np.zeros(posts, dtype=np.int64),
        eligible=np.ones((1, 2), dtype=bool),
        rank=np.zeros(1, dtype=np.int64),
        delay_s=np.array(types.get("delay_s", [60.0])),
        delay_spread=np.zeros(1),
        drive_spread=np.zeros(1),
        speed=np.ones(1),
        officer_first=np.array(types.get("officer_first", [0.0]), dtype=bool),
        tele=np.array(types.get("tele", [0.0]), dtype=bool),
        follow_ups=np.ones(1, dtype=bool),
        on_duty=on_duty,
        hours_left=left,
        hours_until=until,
    )
    options = tuple(Option("unit", f"P{k}", "always") for k in range(posts))
    fleet = Fleet("small", options, np.arange(posts), ("unit",), servers)
    between = (
        np.abs(np.subtract.outer(np.arange(places), np.arange(places))).astype(np.float32) * 100
    )
    roads = Roads(
        out_s=np.ascontiguousarray(out.T),
        home_s=np.ascontiguousarray(out.T),
        between_s=between,
        facility=np.full(places, -1),
        to_facility_s=np.zeros(places, np.float32),
        facility_out_s=np.zeros((0, places), np.float32),
        facility_home_s=np.zeros((0, posts), np.float32),
        speed_of_hour=np.ones(168),
    )
    return fleet, ReplayRoads(
        np.arange(places, dtype=np.int32), tuple(f"P{k}" for k in range(posts)), roads
    )


def calls_at(
    received_s: list[float], places: list[int], *, on_scene_s: float, police_s: float = 300.0
) -> Scenario:
    n = len(received_s)
    zero = np.zeros(n, dtype=np.float32)
    return Scenario(
        calls=ReplayCalls(
            ("low", "high"),
            np.array(received_s),
            np.array(places, dtype=np.int32),
            np.full(n, -1, dtype=np.int32),
            np.zeros(n, dtype=np.int16),
            None,
            1.0,
            0.0,
        ),
        outcome=np.zeros(n, dtype=np.int8),
        contact=np.ones(n, dtype=bool),
        on_scene_s=np.full(n, on_scene_s, dtype=np.float32),
        transport_s=zero,
        paperwork_s=zero,
        police_s=np.full(n, police_s, dtype=np.float32),
        patience=np.ones(n),
        delay_z=zero,
        tie_u=zero,
        backup_u=zero,
        follow_u=zero,
    )


def events(run: ReplayRun) -> list[tuple[int, int, float, float]]:
    record = run.record
    return list(
        zip(
            record.reason.tolist(),
            record.server.tolist(),
            record.arrived_s.tolist(),
            record.cleared_s.tolist(),
            strict=True,
        )
    )


def test_a_day_traced_by_hand() -> None:
    # unit 0 is 300 s from place 0 and 600 s from place 1, unit 1 the other way round; 60 s
    # turn-out, 120 s call taking
    fleet, roads = small([[300.0, 600.0], [600.0, 300.0]])
    scene = calls_at([0.0, 100.0, 200.0, 1500.0], [0, 0, 1, 1], on_scene_s=1000.0)
    program = two_class_program(call_taking_min=2.0)
    run = replay_once(fleet, scene, roads, program, Rules())
    # call 0: told at 120, unit 0 there at 480, free at 1480, home at 1780
    # call 1: told at 220; unit 1 from the other side, there at 880, free at 1880
    # call 2: told at 320, both busy: police alone
    # call 3: told at 1620: unit 0 is 140 of 300 s into its way home: (160 * 100 + 140 * 600) / 300
    # s away
    drive = (160 * 100 + 140 * 600) / 300
    expected = [
        (0, 0, 480, 1480),
        (0, 1, 880, 1880),
        (3, -1, np.nan, np.nan),
        (0, 0, 1680 + drive, 2680 + drive),
    ]
    np.testing.assert_allclose(np.array(events(run)), np.array(expected), atol=1e-3)
    assert run.record.on_the_way.tolist() == [False, False, False, True]
    only_home = replay_once(fleet, scene, roads, program, Rules(driving_home="from_post"))
    assert only_home.record.reason.tolist() == [0, 0, 3, 3]
    waits = replay_once(
        fleet, scene, roads, program, Rules(when_busy="queue", driving_home="from_post")
    )
    # call 2 waits for unit 0 at its post at 1780; call 3 for unit 1, free at 1880 and home 600 s
    # later
    expected = [(0, 0, 480, 1480), (0, 1, 880, 1880), (0, 0, 2440, 3440), (0, 1, 2840, 3840)]
    np.testing.assert_allclose(np.array(events(waits)), np.array(expected), atol=1e-3)
    frame = waits.frame()
    assert frame["unit"].tolist() == ["unit 1 at P0 (always)", "unit 2 at P1 (always)"] * 2
    assert frame["response_min"].to_numpy() == pytest.approx(
        [8, 13, 2240 / 60, 1340 / 60], abs=1e-3
    )
    assert run.frame()["result"].tolist()[2] == "all eligible units busy"


def test_who_waits_longest_is_patient_or_not() -> None:
    fleet, roads = small([[300.0]])
    scene = calls_at([0.0, 10.0, 20.0], [0, 0, 0], on_scene_s=3600.0)
    program = two_class_program(call_taking_min=0.0)
    run = replay_once(fleet, scene, roads, program, Rules(when_busy="queue", patience_min=70))
    # the unit is free at 3960 s; both wait at most 4200 s; then it is away again until long after
    assert run.record.reason.tolist() == [Reason.SENT, Reason.SENT, Reason.GAVE_UP]
    assert run.record.sent_s[1] == pytest.approx(3960.0)


def test_closed_hours_out_of_reach_and_shift_ends() -> None:
    day = (np.arange(168) % 24 >= 8) & (np.arange(168) % 24 < 10)
    fleet, roads = small([[300.0, 4000.0]], on_duty=day[None, :])
    hour = 3600.0
    scene = calls_at(
        [7 * hour, 8.5 * hour, 9.9 * hour, 10.5 * hour], [0, 1, 0, 0], on_scene_s=1800.0
    )
    program = two_class_program(call_taking_min=0.0)
    run = replay_once(fleet, scene, roads, program, Rules())
    assert run.record.reason.tolist() == [
        Reason.CLOSED,
        Reason.OUT_OF_REACH,
        Reason.SENT,
        Reason.CLOSED,
    ]
    # sent at 09:54, there 6 min later, busy until 10:30: half an hour of overtime
    assert run.overtime_s[0] == pytest.approx(1800.0)
    assert run.busy_s[0, 9] == pytest.approx(360.0)
    assert run.busy_s[0, 10] == pytest.approx(1800.0)
    late = replay_once(fleet, scene, roads, program, Rules(last_call_min=30))
    assert late.record.reason.tolist()[2] == Reason.CLOSED
    waits = replay_once(fleet, scene, roads, program, Rules(when_busy="queue"))
    assert waits.record.reason.tolist()[3] == Reason.CLOSED  # nobody on duty: police, not a queue


def test_an_officer_first_and_alone() -> None:
    fleet, roads = small([[300.0]], officer_first=[1.0], delay_s=[1200.0])
    program = two_class_program(call_taking_min=0.0)
    run = replay_once(
        fleet, calls_at([0.0], [0], on_scene_s=600.0, police_s=500.0), roads, program, Rules()
    )
    assert run.record.contact_s[0] == pytest.approx(1500.0)
    assert run.officer_alone_s()[0] == pytest.approx(1000.0)
    slow = replay_once(
        fleet, calls_at([0.0], [0], on_scene_s=600.0, police_s=2000.0), roads, program, Rules()
    )
    assert slow.record.contact_s[0] == pytest.approx(2000.0)  # the clinician waits for the officer
    assert slow.record.cleared_s[0] == pytest.approx(2600.0)
    assert slow.officer_alone_s()[0] == 0.0


def test_follow_up_visits_fill_idle_time_and_yield_to_calls() -> None:
    fleet, roads = small([[300.0]])
    program = two_class_program(call_taking_min=0.0)
    work = {
        "follow_ups_per_call": SourcedNumber(value=1.0),
        "follow_up_min": SourcedNumber(value=45.0),
        "follow_up_after_h": SourcedNumber(value=0),
    }
    program = program.model_copy(update={"workload": program.workload.model_copy(update=work)})
    without = program.model_copy(
        update={
            "workload": program.workload.model_copy(
                update={"follow_ups_per_call": SourcedNumber(value=0.0)}
            )
        }
    )
    scene = calls_at([0.0, 5400.0, 9000.0], [0, 0, 0], on_scene_s=1800.0)
    run = replay_once(fleet, scene, roads, program, Rules())
    plain = replay_once(fleet, scene, roads, without, Rules())
    np.testing.assert_array_equal(run.record.sent_s, plain.record.sent_s)
    assert plain.visited_s.sum() == 0
    assert run.follow_ups_due == 3
    assert run.visited_s.sum() == pytest.approx(3 * 2700.0)  # a week is time enough for all


def test_replications_do_not_depend_on_the_number_of_workers() -> None:
    rng = np.random.default_rng(5)
    roads = world.made_roads(rng, places=50, posts=3, facilities=1)
    fleet = world.made_fleet(rng, units=5, posts=3, patterns=ALWAYS)
    scenes = [world.made_scenario(rng, n=300, calls_per_h=3, places=50) for _ in range(4)]
    one, two = (
        replay(fleet, scenes, roads, two_class_program(), Rules(), workers=k) for k in (1, 3)
    )
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a.record.cleared_s, b.record.cleared_s)
