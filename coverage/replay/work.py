"""Work as the compiled replay books it: hours of units on calls, and follow-up visits in idle time."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.replay.arrays import Settings, Table
from coresponse.coverage.replay.moments import HOUR_S, Duty, hour_of
from coresponse.coverage.replay.patrol import Patrol
from coresponse.data.compiled import compiled_lean_part as compiled


class Notes(NamedTuple):
    """Scratch and sums.

    Waiting calls; tied units; work by unit and hour; follow-up visits due, and how far they are
    made; the patrol.
    """

    waiting: NDArray[np.int64]
    tied: NDArray[np.int64]
    tied_drive_s: NDArray[np.float64]
    busy_s: NDArray[np.float64]
    due_s: NDArray[np.float64]
    queue_of_visits: NDArray[np.int64]
    visits: NDArray[np.float64]
    patrol: Patrol


@compiled
def note_work(s: int, start: float, end: float, units: Table, duty: Duty, notes: Notes) -> None:
    """Book a stretch of work by hour of the week, and what of it is overtime."""
    unit = units[s]
    while start < end:
        hour = hour_of(start)
        stop = min(end, (int(start / HOUR_S) + 1) * HOUR_S)
        notes.busy_s[s, hour] += stop - start
        if not duty.on_duty[unit.pattern, hour]:
            unit.overtime_s += stop - start
        start = stop


@compiled
def visit_until(t: float, units: Table, duty: Duty, settings: Settings, notes: Notes) -> None:
    """Let idle units make follow-up visits in the whole hours before t that are not yet counted."""
    queue, visits = notes.queue_of_visits, notes.visits
    while visits[1] + HOUR_S <= t:
        start = visits[1]
        while queue[0] < queue[1] and notes.due_s[queue[0]] <= start:
            queue[0] += 1
            visits[0] += settings.follow_up_s
        if visits[0] > 0:
            hour = hour_of(start)
            for s in range(len(units)):
                if units[s].follow_ups and duty.on_duty[units[s].pattern, hour]:
                    visit(units[s], visits, max(units[s].free_s, start), start + HOUR_S)
        visits[1] = start + HOUR_S


@compiled
def visit(unit: Any, visits: NDArray[np.float64], start: float, end: float) -> None:
    """Make visits in a stretch of idle time on duty.

    A visit that a call cuts short is taken up again.
    """
    if end > start:
        done = min(end - start, visits[0])
        visits[0] -= done
        unit.visited_s += done
