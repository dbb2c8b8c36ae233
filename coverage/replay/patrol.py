"""Patrol officers as a fleet of their own: compiled, as the replay's kernel needs it.

Officers are one pool, first come, first served, without places: a request takes the officer who is
soonest free and on duty. They work off their own calls, meet clinicians who need an officer first,
and take the calls that no unit could. A job begun is finished, in overtime if need be.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.replay.arrays import Table
from coresponse.data.compiled import compiled_lean_part as compiled

HOUR_S = 3600.0
WEEK_H = 168


class Patrol(NamedTuple):
    """Officers, their own calls, and what becomes of both; without officers all are empty.

    Attributes
    ----------
    on_duty, hours_until
        (officers, 168) by hour of the week: on duty, and hours until the officer next is.
    own_ready_s, own_job_s
        (m,) the officers' own calls in order of time, and how long each keeps an officer.
    drive_s, alone_s
        (n,) of the replayed calls: an officer's drive, and time on scene where only police come.
    free_s
        (officers,) when each is free; kept.
    own_next
        (1,) first own call that is not yet taken; kept.
    own_sent_s
        (m,) when an officer took it; filled.
    sent_s, officer
        (n,) when an officer was sent to a replayed call, NaN if none was; who, -1 if none; filled.
    busy_s
        (officers, 168) seconds of work by hour of the week; filled.
    """

    on_duty: NDArray[np.bool_]
    hours_until: NDArray[np.float64]
    own_ready_s: NDArray[np.float64]
    own_job_s: NDArray[np.float64]
    drive_s: NDArray[np.float64]
    alone_s: NDArray[np.float64]
    free_s: NDArray[np.float64]
    own_next: NDArray[np.int64]
    own_sent_s: NDArray[np.float64]
    sent_s: NDArray[np.float64]
    officer: NDArray[np.int64]
    busy_s: NDArray[np.float64]


NO_PATROL = Patrol(
    on_duty=np.zeros((0, WEEK_H), dtype=bool),
    hours_until=np.zeros((0, WEEK_H)),
    own_ready_s=np.zeros(0),
    own_job_s=np.zeros(0),
    drive_s=np.zeros(0),
    alone_s=np.zeros(0),
    free_s=np.zeros(0),
    own_next=np.zeros(1, dtype=np.int64),
    own_sent_s=np.zeros(0),
    sent_s=np.zeros(0),
    officer=np.zeros(0, dtype=np.int64),
    busy_s=np.zeros((0, WEEK_H)),
)


@compiled
def _soonest(t: float, patrol: Patrol) -> tuple[int, float]:
    """Find the officer who can go first to what came in at t, and when; of several the first."""
    best, start = -1, np.inf
    for o in range(len(patrol.free_s)):
        at = max(t, patrol.free_s[o])
        hour = int(at / HOUR_S)
        if not patrol.on_duty[o, hour % WEEK_H]:
            at = (hour + patrol.hours_until[o, hour % WEEK_H]) * HOUR_S
        if at < start:
            best, start = o, at
    return best, start


@compiled
def _work(o: int, start: float, end: float, patrol: Patrol) -> None:
    patrol.free_s[o] = end
    while start < end:
        stop = min(end, (int(start / HOUR_S) + 1) * HOUR_S)
        patrol.busy_s[o, int(start / HOUR_S) % WEEK_H] += stop - start
        start = stop


@compiled
def take_own_calls(until: float, patrol: Patrol) -> None:
    """Give officers their own calls that came in up to a time."""
    k = patrol.own_next[0]
    while k < len(patrol.own_ready_s) and patrol.own_ready_s[k] <= until:
        o, start = _soonest(patrol.own_ready_s[k], patrol)
        patrol.own_sent_s[k] = start
        _work(o, start, start + patrol.own_job_s[k], patrol)
        k += 1
    patrol.own_next[0] = k


@compiled
def meet_unit(c: int, t: float, unit_there_s: float, on_scene_s: float, patrol: Patrol) -> float:
    """Send an officer to call c at t, together with a unit; return when both are there.

    The officer stays until the unit is done on scene.
    """
    take_own_calls(t, patrol)
    o, start = _soonest(t, patrol)
    patrol.sent_s[c], patrol.officer[c] = start, o
    contact = max(unit_there_s, start + patrol.drive_s[c])
    _work(o, start, contact + on_scene_s, patrol)
    return float(contact)


@compiled
def police_alone(c: int, t: float, patrol: Patrol) -> None:
    """Leave call c to police at t."""
    if len(patrol.free_s) == 0:
        return
    take_own_calls(t, patrol)
    o, start = _soonest(t, patrol)
    patrol.sent_s[c], patrol.officer[c] = start, o
    _work(o, start, start + patrol.drive_s[c] + patrol.alone_s[c], patrol)


@compiled
def police_for_those_who_give_up(
    waiting: NDArray[np.int64], n_waiting: int, stop: float, calls: Table, patrol: Patrol
) -> None:
    """Ask for officers in the order in which calls give up, up to a time."""
    last = -np.inf
    while True:
        first: int = np.int64(-1)  # type: ignore[assignment]  # not the literal, see kernel._run
        for w in range(n_waiting):
            deadline = calls[waiting[w]].deadline_s
            soonest = first < 0 or deadline < calls[first].deadline_s
            if last < deadline <= stop and deadline < np.inf and soonest:
                first = waiting[w]
        if first < 0:
            return
        last = calls[first].deadline_s
        police_alone(first, last, patrol)
