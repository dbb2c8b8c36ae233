"""Rules of the replay beyond the plain ones, call by call against SimPy and against hand traces."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from coresponse.coverage.replay.drives import ReplayRoads
from coresponse.coverage.replay.fleet import Fleet
from coresponse.coverage.replay.record import GivenTimes, ReplayRun, Scenario, with_given_times
from coresponse.coverage.replay.rules import Reason, Rules
from coresponse.coverage.replay.run import kernel_calls, kernel_settings, replay, replay_once
from coresponse.coverage.replay.ways import ways_home
from coresponse.coverage.replay.world import replay_roads
from coresponse.data.errors import InputError
from coresponse.data.hours import Period, WeekHours
from coresponse.data.posts import Posts
from coresponse.data.roads.made import street_grid
from tests.coverage.simulated import (
    PATTERNS,
    assert_same_events,
    simpy_replay,
    two_class_program,
    world,
)

PEAK = WeekHours.parse("daily 07:00-10:00; daily 15:00-19:00")
PERIODS = (
    Period("peak", PEAK, 0.55),
    Period("else", WeekHours.of(set(range(168)) - set(PEAK.hours)), 1.0),
)


PROGRAM = two_class_program()


def town(seed: int, *, units: int, facilities: int) -> tuple[Fleet, ReplayRoads, Scenario]:
    """Streets of 12 by 12 crossings, four posts, calls at forty crossings."""
    rng = np.random.default_rng(seed)
    streets = street_grid(12, 12, seed=seed, spacing_m=900)
    post_nodes = rng.choice(streets.n_nodes, 4, replace=False).astype(np.int32)
    frame = pd.DataFrame({"post_id": [f"P{k}" for k in range(4)], "node": post_nodes})
    roads = replay_roads(
        streets,
        Posts(frame, streets.crs, pd.DataFrame()),
        rng.choice(streets.n_nodes, 40, replace=False),
        periods=PERIODS,
        facility_nodes=rng.choice(streets.n_nodes, facilities, replace=False)
        if facilities
        else None,
        ways=True,
    )
    fleet = world.made_fleet(rng, units=units, posts=4, patterns=PATTERNS)
    scene = world.made_scenario(rng, n=400, calls_per_h=0.6 * units, places=40, service_s=2400)
    return (
        fleet,
        roads,
        replace(scene, calls=replace(scene.calls, node=roads.nodes[scene.calls.node])),
    )


def assert_same_as_simpy(
    fleet: Fleet, roads: ReplayRoads, scene: Scenario, rules: Rules
) -> ReplayRun:
    run = replay_once(fleet, scene, roads, PROGRAM, rules)
    calls = kernel_calls(scene, roads, PROGRAM, rules)
    city = simpy_replay.SimulatedCity(
        calls, fleet.arrays, roads.arrays, kernel_settings(PROGRAM, rules)
    )
    events, record = city.simulate(), run.record
    assert_same_events(record, events, atol=1e-3)
    np.testing.assert_allclose(run.busy_s, city.busy_s, atol=1e-2, rtol=0)
    return run


RULES = [
    Rules(driving_home="true_position"),
    Rules(driving_home="true_position", return_speed_factor=0.6),
    Rules(driving_home="true_position", when_busy="queue", patience_min=40),
    Rules(driving_home="true_position", when_busy="queue", queue_order="priority", reach_min=12),
    Rules(driving_home="on_the_way", return_speed_factor=0.5),
    Rules(driving_home="on_the_way", when_busy="queue", reach_min=9),
    Rules(driving_home="from_post", return_speed_factor=1.5, when_busy="queue", patience_min=90),
]


@pytest.mark.parametrize("rules", RULES, ids=[str(k) for k in range(len(RULES))])
@pytest.mark.parametrize("seed", range(3))
def test_the_same_events_as_simpy(rules: Rules, seed: int) -> None:
    fleet, roads, scene = town(seed, units=3 + seed, facilities=2 * (seed > 0))
    run = assert_same_as_simpy(fleet, roads, scene, rules)
    assert (run.record.reason == Reason.SENT).sum() > 50
    if rules.driving_home != "from_post":
        assert run.record.on_the_way.sum() > 5


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("driving_home", ["true_position", "from_post"])
def test_times_that_calls_tell_give_the_same_events_as_simpy(seed: int, driving_home: str) -> None:
    fleet, roads, scene = town(20 + seed, units=4, facilities=2 * (seed > 0))
    rng, n = np.random.default_rng(seed), scene.calls.n

    def told(values: np.ndarray) -> np.ndarray:
        return np.where(rng.random(n) < 0.6, values, np.nan)

    given = GivenTimes(
        told(rng.uniform(60, 4000, n)),
        told(rng.choice([0.0, 300.0, 1100.0], n)),
        told(rng.choice([0.0, 900.0, 5000.0], n)),
    )
    rules = Rules(driving_home=driving_home, when_busy="queue", patience_min=120)
    run = assert_same_as_simpy(fleet, roads, with_given_times(scene, given), rules)
    record, sent = run.record, run.record.server >= 0
    whole = sent & ~np.isnan(given.on_scene_s + given.drive_there_s + given.drop_off_s)
    took = given.on_scene_s + given.drive_there_s + given.drop_off_s + scene.paperwork_s
    np.testing.assert_allclose(
        (record.cleared_s - record.contact_s)[whole], took[whole], atol=1e-2, rtol=0
    )
    assert whole.sum() > 20


def test_calls_that_tell_of_no_transport_have_none() -> None:
    _, _, scene = town(1, units=2, facilities=1)
    n = scene.calls.n
    nothing, unknown = np.zeros(n), np.full(n, np.nan)
    told = with_given_times(scene, GivenTimes(unknown, nothing, unknown))
    assert (told.transport_s == 0).all()
    np.testing.assert_array_equal(told.on_scene_s, scene.on_scene_s)
    untold = with_given_times(scene, GivenTimes(unknown, unknown, unknown))
    np.testing.assert_array_equal(untold.transport_s, scene.transport_s)


def test_ways_home_are_those_of_networkx() -> None:
    streets = street_grid(9, 7, seed=3)
    posts, places, hospital = np.array([0, 31]), np.array([5, 17, 40, 62]), np.array([50])
    ways = ways_home(streets, posts, places, hospital)
    graph = nx.DiGraph()
    for u, v, seconds in zip(streets.edge_from, streets.edge_to, streets.travel_s, strict=True):
        graph.add_edge(int(u), int(v), seconds=float(seconds))
    for p, post in enumerate(posts):
        for start, node in (*zip(places, ways.of_place, strict=True), (50, ways.of_facility[0])):
            best = nx.dijkstra_path(graph, int(start), int(post), weight="seconds")
            times = nx.dijkstra_path_length(graph, int(start), int(post), weight="seconds")
            assert ways.home_s[p, node] == pytest.approx(times, rel=1e-6)
            steps = 0
            at = node
            while ways.ahead[p, at] >= 0:
                at, steps = ways.ahead[p, at], steps + 1
            assert ways.home_s[p, at] == 0
            assert steps == len(best) - 1
    from_place = [nx.dijkstra_path_length(graph, 5, int(k), weight="seconds") for k in places]
    np.testing.assert_allclose(ways.out_s[ways.of_place[0]], from_place, rtol=1e-5)


def test_a_part_way_drive_is_1_to_3_5_percent_longer_than_the_true_one() -> None:
    longer = []
    for seed in range(6):
        fleet, roads, scene = town(40 + seed, units=4, facilities=0)
        true = replay_once(fleet, scene, roads, PROGRAM, Rules(driving_home="true_position"))
        part = replay_once(fleet, scene, roads, PROGRAM, Rules())
        way = true.record.on_the_way & part.record.on_the_way
        way &= true.record.server == part.record.server
        same = way & (true.record.sent_s == part.record.sent_s)
        longer.append(part.record.drive_s[same].sum() / true.record.drive_s[same].sum())
    assert 1.01 <= np.mean(longer) <= 1.035


def test_a_waiting_call_is_looked_at_again_when_the_roads_are_free() -> None:
    # the way of 20 min takes 36 in the peak: too far until 10:00; the unit comes free at 09:31
    streets = street_grid(2, 1, seed=0, spacing_m=100)
    frame = pd.DataFrame({"post_id": ["P0"], "node": np.zeros(1, dtype=np.int32)})
    roads = replay_roads(
        streets, Posts(frame, streets.crs, pd.DataFrame()), np.array([0, 1]), periods=PERIODS
    )
    far = np.array([[0.0], [1200.0]], dtype=np.float32)
    roads = replace(roads, arrays=roads.arrays._replace(out_s=far, home_s=far))
    rng = np.random.default_rng(0)
    fleet = world.made_fleet(rng, units=1, posts=1, patterns=np.ones((1, 168), dtype=bool))
    fleet.arrays.type[:] = 0
    fleet.arrays.speed[:] = 1.0
    scene = world.made_scenario(rng, n=2, calls_per_h=1, places=2)
    calls = replace(
        scene.calls,
        received_s=np.array([8.5, 9.0]) * 3600,
        node=np.array([0, 1], dtype=np.int32),
        call_class=np.zeros(2, dtype=np.int16),
    )
    zero = np.zeros(2, dtype=np.float32)
    scene = replace(
        scene,
        calls=calls,
        on_scene_s=np.full(2, 3600.0, dtype=np.float32),
        transport_s=zero,
        paperwork_s=zero,
    )
    rules = Rules(when_busy="queue", driving_home="from_post", reach_min=40)
    assert_same_as_simpy(fleet, roads, scene, rules)
    # in reach from the post within 40 min even in the peak: sent when the unit is free
    free = (8.5 * 60 + 2 + 2 + 60) * 60
    found = replay_once(fleet, scene, roads, PROGRAM, rules)
    assert found.record.sent_s[1] == pytest.approx(free)
    near = Rules(when_busy="queue", driving_home="from_post", reach_min=30)
    waits = replay_once(fleet, scene, roads, PROGRAM, near)
    # out of reach when it came in: left to police at once, it never waited
    assert waits.record.reason.tolist() == [Reason.SENT, Reason.OUT_OF_REACH]
    late = replace(scene, calls=replace(calls, received_s=np.array([6.4, 6.9]) * 3600))
    run = assert_same_as_simpy(fleet, roads, late, near)
    # came in before the peak and waited; the unit is free in the peak, when it is too far; then the
    # roads are free
    assert run.record.sent_s[1] == pytest.approx(10 * 3600)


def test_a_call_that_can_never_be_reached_waits_no_longer_than_the_replay() -> None:
    fleet, roads, scene = town(7, units=2, facilities=0)
    rules = Rules(when_busy="queue", reach_min=4)
    run = replay_once(fleet, scene, roads, PROGRAM, rules)
    assert set(run.record.reason.tolist()) <= {
        Reason.SENT,
        Reason.BUSY,
        Reason.OUT_OF_REACH,
        Reason.CLOSED,
    }


def test_true_positions_need_the_ways_home() -> None:
    fleet, roads, scene = town(2, units=2, facilities=0)
    bare = replace(
        roads,
        arrays=roads.arrays._replace(
            ways=type(roads.arrays.ways)(*(a[:0] for a in roads.arrays.ways))
        ),
    )
    with pytest.raises(InputError, match="the ways home"):
        replay(fleet, [scene], bare, PROGRAM, Rules(driving_home="true_position"))


def test_drives_that_are_known_serve_other_rules_only_as_far_as_they_go() -> None:
    """Units on their way home leave from facilities, too: drives made for units at posts have none from there."""
    streets = street_grid(8, 8, seed=3)
    frame = pd.DataFrame({"post_id": ["A", "B"], "node": np.array([1, 50], dtype=np.int32)})
    posts = Posts(frame, streets.crs, pd.DataFrame())
    places, facilities = np.arange(10, 40), np.array([5, 60])
    whole = replay_roads(streets, posts, places, facility_nodes=facilities)
    part = replay_roads(streets, posts, places, facility_nodes=facilities, between=False)
    assert part.arrays.facility_out_s.shape == (0, len(places))  # nobody leaves from there
    again = replay_roads(streets, posts, places, facility_nodes=facilities, known=part)
    for name in ("between_s", "facility", "to_facility_s", "facility_out_s", "facility_home_s"):
        np.testing.assert_array_equal(getattr(again.arrays, name), getattr(whole.arrays, name))
    np.testing.assert_array_equal(part.arrays.facility, whole.arrays.facility)
