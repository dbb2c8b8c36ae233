"""Replay calls against a deployment, many times over, with random numbers that belong to the calls."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.replay.arrays import Calls, Settings
from coresponse.coverage.replay.drives import ReplayRoads
from coresponse.coverage.replay.fleet import Fleet
from coresponse.coverage.replay.kernel import run
from coresponse.coverage.replay.patrol import NO_PATROL, Patrol
from coresponse.coverage.replay.record import Record, ReplayRun, Scenario
from coresponse.coverage.replay.rules import Rules
from coresponse.coverage.service.arrival_model import WEEK_S
from coresponse.coverage.service.replay_calls import ReplayCalls
from coresponse.data.errors import InputError
from coresponse.data.programs.model import Program


def replay(
    fleet: Fleet,
    scenarios: Sequence[Scenario],
    roads: ReplayRoads,
    program: Program,
    rules: Rules,
    *,
    patrols: Sequence[Patrol] | None = None,
    workers: int = 2,
) -> list[ReplayRun]:
    """Replay a deployment's units through each scenario.

    The answer does not depend on the number of workers.

    Parameters
    ----------
    patrols
        Officers of each scenario, see :func:`coresponse.coverage.replay.officers.draw_patrol`;
        None: police come after drawn times, however many calls need them.
    """
    _check_roads(roads, rules)
    given = [None] * len(scenarios) if patrols is None else list(patrols)

    def play(scene: Scenario, patrol: Patrol | None) -> ReplayRun:
        return replay_once(fleet, scene, roads, program, rules, patrol)

    if workers <= 1 or len(scenarios) <= 1:
        return [play(scene, patrol) for scene, patrol in zip(scenarios, given, strict=True)]
    with ThreadPoolExecutor(workers) as pool:  # the kernel lets go of the interpreter's lock
        return list(pool.map(play, scenarios, given))


def _check_roads(roads: ReplayRoads, rules: Rules) -> None:
    if not len(roads.nodes):
        return
    if rules.driving_home == "on_the_way" and not roads.arrays.between_s.size:
        raise InputError(
            "units can be sent on their way home only if the replay's roads have the drives "
            "between places"
        )
    if rules.driving_home == "true_position" and not roads.arrays.ways.out_s.size:
        raise InputError(
            "units can be sent from their true position only if the replay's roads have the ways "
            "home"
        )


def replay_once(
    fleet: Fleet,
    scene: Scenario,
    roads: ReplayRoads,
    program: Program,
    rules: Rules,
    patrol: Patrol | None = None,
) -> ReplayRun:
    """Replay one scenario, with officers of a patrol of its own if there is one; the one given stays as it is."""
    settings = kernel_settings(program, rules)
    calls = kernel_calls(scene, roads, program, rules)
    end_s = _end_s(scene.calls)
    officers = None if patrol is None else Patrol._make(a.copy() for a in patrol)
    done = run(calls, fleet.arrays, roads.arrays, settings, end_s, officers or NO_PATROL)
    return ReplayRun(
        scenario=scene,
        fleet=fleet,
        record=Record(**{name: done.events[name] for name in Record._fields}),
        busy_s=done.busy_s,
        overtime_s=done.units["overtime_s"],
        visited_s=done.units["visited_s"],
        follow_ups_due=int((done.due_s <= end_s).sum()),
        follow_up_s=settings.follow_up_s,
        patrol=officers,
    )


def _end_s(calls: ReplayCalls) -> float:
    last = float(calls.received_s[-1]) if calls.n else 0.0
    return float(max(calls.start_s + calls.weeks * WEEK_S, np.ceil(last / 3600) * 3600))


def kernel_settings(program: Program, rules: Rules) -> Settings:
    """Return the rules as the kernel takes them."""
    work = program.workload
    return Settings(
        queue=rules.when_busy == "queue",
        by_priority=rules.queue_order == "priority",
        on_the_way=rules.driving_home != "from_post",
        true_position=rules.driving_home == "true_position",
        return_speed=rules.return_speed_factor,
        reach_s=rules.reach_min * 60,
        last_call_s=rules.last_call_min * 60,
        police_s=max(
            program.standards.police_arrival_min.value - program.standards.call_taking_min.value,
            0.0,
        )
        * 60,
        follow_up_s=work.follow_up_min.value * 60 if work.follow_ups_per_call.value > 0 else 0.0,
        follow_up_after_s=work.follow_up_after_h.value * 3600,
    )


def kernel_calls(scene: Scenario, roads: ReplayRoads, program: Program, rules: Rules) -> Calls:
    """Return the calls as the kernel takes them."""
    calls = scene.calls
    ready = calls.received_s + program.standards.call_taking_min.value * 60
    patience = (
        np.full(calls.n, np.inf)
        if rules.patience_min is None
        else scene.patience * rules.patience_min * 60
    )
    priority = np.array(
        [program.call_classes[name].priority for name in calls.class_names], dtype=np.int64
    )
    return Calls(
        ready_s=ready,
        deadline_s=ready + patience,
        place=roads.places(calls.node),
        kind=calls.call_class,
        priority=priority[calls.call_class],
        police_at_s=calls.received_s + scene.police_s,
        on_scene_s=scene.on_scene_s,
        transport_s=scene.transport_s,
        drive_there_s=_given(scene.drive_there_s, calls.n),
        drop_off_s=_given(scene.drop_off_s, calls.n),
        paperwork_s=scene.paperwork_s,
        delay_z=scene.delay_z,
        tie_u=scene.tie_u,
        follow_up=scene.follow_u < program.workload.follow_ups_per_call.value,
    )


def _given(values: NDArray[np.float32] | None, n: int) -> NDArray[np.float32]:
    return np.full(n, np.nan, dtype=np.float32) if values is None else values
