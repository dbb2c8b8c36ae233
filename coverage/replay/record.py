"""What a replay is played with, and what became of each call."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from coresponse.coverage.replay.fleet import Fleet
from coresponse.coverage.replay.patrol import Patrol
from coresponse.coverage.replay.rules import REASON_WORDS, Reason
from coresponse.coverage.service.replay_calls import ReplayCalls
from coresponse.coverage.service.service_model import PoliceModel, ServiceModel
from coresponse.data.errors import InputError


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
