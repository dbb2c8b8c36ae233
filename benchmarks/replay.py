"""Replay: calls a second on one core, against the same rules as SimPy processes in the same run."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from benchmarks._replay_simpy import SimulatedCity
from benchmarks._replay_world import made_fleet, made_roads, made_scenario
from coresponse.coverage.replay.rules import Rules
from coresponse.coverage.replay.run import kernel_calls, kernel_settings, replay, replay_once
from coresponse.data.programs.load import load_program
from coresponse.data.programs.model import Program

CALLS, PEER_CALLS, UNITS, PLACES, POSTS, FACILITIES = 1_000_000, 20_000, 20, 5_000, 12, 5
CALLS_PER_H = 9.0


def cases() -> Iterator[dict[str, object]]:
    """Time whole replays: every rule at work, results of every call kept."""
    rng = np.random.default_rng(1)
    roads = made_roads(rng, places=PLACES, posts=POSTS, facilities=FACILITIES)
    fleet = made_fleet(rng, units=UNITS, posts=POSTS, patterns=np.ones((1, 168), dtype=bool))
    program = _program()
    many = made_scenario(np.random.default_rng(2), n=CALLS, calls_per_h=CALLS_PER_H, places=PLACES)
    few = made_scenario(
        np.random.default_rng(3), n=PEER_CALLS, calls_per_h=CALLS_PER_H, places=PLACES
    )
    for name, rules in (
        ("police when busy, sent on the way home", Rules()),
        (
            "queue by priority with reneging",
            Rules(when_busy="queue", queue_order="priority", patience_min=20),
        ),
    ):
        replay_once(fleet, few, roads, program, rules)
        start = time.perf_counter()
        run = replay_once(fleet, many, roads, program, rules)
        seconds = time.perf_counter() - start
        city = SimulatedCity(
            kernel_calls(few, roads, program, rules),
            fleet.arrays,
            roads.arrays,
            kernel_settings(program, rules),
        )
        start = time.perf_counter()
        events = city.simulate()
        peer_seconds = time.perf_counter() - start
        ours = replay_once(fleet, few, roads, program, rules).record.server
        yield {
            "case": f"{CALLS:,} calls, {UNITS} units, {PLACES:,} places: {name}",
            "seconds": seconds,
            "calls_per_second": CALLS / seconds,
            "share_sent": float((run.record.server >= 0).mean()),
            "peer": f"SimPy, {PEER_CALLS:,} calls",
            "peer_calls_per_second": PEER_CALLS / peer_seconds,
            "times_faster": CALLS / seconds / (PEER_CALLS / peer_seconds),
            "visits": float(run.visited_s.sum() / run.follow_up_s),
            "same_unit_share": float(np.mean(ours == [event.server for event in events])),
        }
    scenes = [
        made_scenario(np.random.default_rng(k), n=100_000, calls_per_h=9, places=PLACES)
        for k in range(8)
    ]
    took = []
    for workers in (1, 2):
        start = time.perf_counter()
        replay(fleet, scenes, roads, program, Rules(), workers=workers)
        took.append(time.perf_counter() - start)
    yield {
        "case": "8 replications of 100,000 calls: two threads against one",
        "seconds": took[1],
        "one_thread_seconds": took[0],
    }


def _program() -> Program:
    program = load_program("mixed")
    low = program.call_classes["crisis_low"]
    return program.model_copy(
        update={"call_classes": {"low": low, "high": low.model_copy(update={"priority": 1})}}
    )
