"""Replay calls against a deployment, many times over, with random numbers that belong to the calls."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from coresponse.coverage.replay.arrays import Calls, Settings
from coresponse.coverage.replay.kernel import run
from coresponse.coverage.replay.patrol import NO_PATROL, Patrol
from coresponse.coverage.replay.rules import REASON_WORDS, Reason, Rules
from coresponse.coverage.replay.world import Fleet, ReplayRoads
from coresponse.coverage.service.arrivals import WEEK_S
from coresponse.coverage.service.model import ServiceModel
from coresponse.coverage.service.police import PoliceModel
from coresponse.coverage.service.replay_calls import ReplayCalls
from coresponse.data.errors import InputError
from coresponse.data.programs.model import Program


@dataclass(frozen=True, eq=False)
class GivenTimes:
    """What calls tell of their own times, each (n,) seconds, NaN where they do not.

    Attributes
    ----------
    on_scene_s
        From contact until the unit leaves or is done.
    drive_there_s
        Drive to the facility; 0 with no drop-off: nobody was taken anywhere.
    drop_off_s
        At the facility until the person is handed over.
    paperwork_s
        From then until the unit is free, 0 where a time above holds it; None: no call tells.
    """

    on_scene_s: NDArray[np.float64]
    drive_there_s: NDArray[np.float64]
    drop_off_s: NDArray[np.float64]
    paperwork_s: NDArray[np.float64] | None = None


@dataclass(frozen=True, eq=False)
class Scenario:
    """Calls with all that chance decides about them, whatever deployment answers.

    Attributes
    ----------
    calls
        In order of time.
    outcome
        (n,) position in the service model's outcomes.
    contact
        (n,) bool: the person would be met.
    on_scene_s, transport_s, paperwork_s, police_s
        (n,) seconds; police from the call's start.
    patience_s
        (n,) exponential with mean 1, to be scaled.
    delay_z, tie_u, backup_u, follow_u
        (n,) standard normal; uniform.
    drive_there_s, drop_off_s
        (n,) given times of a transport, NaN where the call does not tell; None: no call does.
    seed
        Of the chances; a patrol's own are drawn from it, too.
    """

    calls: ReplayCalls
    outcome: NDArray[np.int8]
    contact: NDArray[np.bool_]
    on_scene_s: NDArray[np.float32]
    transport_s: NDArray[np.float32]
    paperwork_s: NDArray[np.float32]
    police_s: NDArray[np.float32]
    patience: NDArray[np.float64]
    delay_z: NDArray[np.float32]
    tie_u: NDArray[np.float32]
    backup_u: NDArray[np.float32]
    follow_u: NDArray[np.float32]
    drive_there_s: NDArray[np.float32] | None = None
    drop_off_s: NDArray[np.float32] | None = None
    seed: int = 0


def scenario(
    calls: ReplayCalls,
    service: ServiceModel,
    police: PoliceModel,
    *,
    seed: int,
    given: GivenTimes | None = None,
) -> Scenario:
    """Draw what chance decides about each call.

    Common random numbers for all deployments that are compared.

    Row k of the random numbers belongs to call k, not to the order of events.

    Parameters
    ----------
    given
        Times that the calls themselves tell; they take the place of drawn ones.
    """
    if calls.class_names != service.class_names:
        raise InputError("calls and service model are of different programs")
    u = np.random.Generator(np.random.Philox(key=seed)).random((calls.n, 8))
    drawn = service.draw(calls.call_class, u[:, :2])
    hour = (calls.received_s // 3600).astype(np.int64) % 24
    made = Scenario(
        calls=calls,
        outcome=drawn.outcome,
        contact=service.contact[drawn.outcome],
        on_scene_s=drawn.on_scene_s,
        transport_s=drawn.transport_s,
        paperwork_s=drawn.paperwork_s,
        police_s=police.draw(calls.district, hour, u[:, 2]),
        patience=-np.log1p(-u[:, 3]),
        delay_z=ndtri(np.clip(u[:, 4], 1e-12, 1 - 1e-12)).astype(np.float32),
        tie_u=u[:, 5].astype(np.float32),
        backup_u=u[:, 6].astype(np.float32),
        follow_u=u[:, 7].astype(np.float32),
        seed=seed,
    )
    return made if given is None else with_given_times(made, given)


def with_given_times(scene: Scenario, given: GivenTimes) -> Scenario:
    """Put given times in the place of drawn ones, call by call.

    A call with a given drive or drop-off is a transport, one with a given drive of 0 and no
    drop-off is none, whatever was drawn.
    """
    told = ~np.isnan(given.drive_there_s) | ~np.isnan(given.drop_off_s)
    there, drop = np.nan_to_num(given.drive_there_s), np.nan_to_num(given.drop_off_s)
    moved = told & ((there > 0) | (drop > 0))
    on_scene = np.where(np.isnan(given.on_scene_s), scene.on_scene_s, given.on_scene_s)
    after = scene.paperwork_s
    if given.paperwork_s is not None:
        after = np.where(np.isnan(given.paperwork_s), after, given.paperwork_s).astype(np.float32)
    # a transport of some length, so that it is one; what it takes is told by the given times
    transport = np.where(moved, np.maximum(there + drop, 1.0), np.where(told, 0, scene.transport_s))
    return replace(
        scene,
        on_scene_s=on_scene.astype(np.float32),
        transport_s=transport.astype(np.float32),
        paperwork_s=after,
        drive_there_s=np.where(moved, given.drive_there_s, np.nan).astype(np.float32),
        drop_off_s=np.where(moved, given.drop_off_s, np.nan).astype(np.float32),
    )


class Record(NamedTuple):
    """What became of each call, all (n,).

    Times in seconds since the scenario's Monday, NaN where they did not come.

    `reason` is a :class:`~coresponse.coverage.replay.rules.Reason`; `server` is -1 where nobody was
    sent.
    """

    reason: NDArray[np.int8]
    server: NDArray[np.int32]
    sent_s: NDArray[np.float64]
    arrived_s: NDArray[np.float64]
    contact_s: NDArray[np.float64]
    cleared_s: NDArray[np.float64]
    drive_s: NDArray[np.float32]
    on_the_way: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ReplayRun:
    """What became of each call of a scenario, and what the units did.

    Attributes
    ----------
    scenario, fleet
        That were replayed.
    record
        By call; times in seconds since the scenario's Monday.
    busy_s
        (servers, 168) seconds on calls by hour of the week.
    overtime_s, visited_s
        (servers,) seconds of work off duty, and on follow-up visits.
    follow_ups_due
        Visits that fell due.
    follow_up_s
        Length of a visit.
    patrol
        The officers and what they did; None: police came after drawn times.
    """

    scenario: Scenario
    fleet: Fleet
    record: Record
    busy_s: NDArray[np.float64]
    overtime_s: NDArray[np.float64]
    visited_s: NDArray[np.float64]
    follow_ups_due: int
    follow_up_s: float
    patrol: Patrol | None = None

    def response_s(self) -> NDArray[np.float64]:
        """Return (n,) seconds from the call's start to contact; NaN where nobody was sent."""
        return self._response_s

    @cached_property
    def _response_s(self) -> NDArray[np.float64]:
        """The same, worked out once for hundreds of groups of calls."""
        found = np.asarray(self.record.contact_s - self.scenario.calls.received_s)
        found.flags.writeable = False
        return found

    def frame(self) -> pd.DataFrame:
        """Return one row a call: which unit, when, from where, or why not.

        `call` (id of a real call, else its number), `call_class`, `received_s`, `unit`, `result`
        (words), `from` (``post`` or ``on the way``), `sent_s`, `arrived_s`, `contact_s`,
        `cleared_s`, `response_min`, `officer_alone_min`.
        """
        calls, record = self.scenario.calls, self.record
        labels = np.array([*self.fleet.labels(), ""], dtype=object)
        sent = record.server >= 0
        words = np.array([REASON_WORDS[Reason(k)] for k in range(len(Reason))], dtype=object)
        return pd.DataFrame(
            {
                "call": calls.call_id if calls.call_id is not None else np.arange(calls.n),
                "call_class": np.array(calls.class_names, dtype=object)[calls.call_class],
                "received_s": calls.received_s,
                "unit": labels[record.server],
                "result": words[record.reason],
                "from": np.where(sent, np.where(record.on_the_way, "on the way", "post"), ""),
                "sent_s": record.sent_s,
                "arrived_s": record.arrived_s,
                "contact_s": record.contact_s,
                "cleared_s": record.cleared_s,
                "response_min": self.response_s() / 60,
                "officer_alone_min": self.officer_alone_s() / 60,
            }
        )

    def officer_alone_s(self) -> NDArray[np.float64]:
        """Return (n,) seconds that an officer waited on scene for the unit.

        0 where none is needed, NaN if nobody came.
        """
        arrays, record = self.fleet.arrays, self.record
        sent = record.server >= 0
        out = np.full(len(sent), np.nan)
        police = self.scenario.calls.received_s[sent] + self.scenario.police_s[sent]
        if self.patrol is not None:
            police = (self.patrol.sent_s + self.patrol.drive_s)[sent]
        first = arrays.officer_first[arrays.type[record.server[sent]]]
        out[sent] = np.where(first, np.maximum(record.arrived_s[sent] - police, 0.0), 0.0)
        return out


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
