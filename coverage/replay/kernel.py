"""Compiled event-by-event replay.

Time is in seconds since a Monday 00:00. Calls are taken in order of time. What a unit will do once
sent is known at that moment (the call brings its own service times), so a unit's state is the time
at which it will be free, where it will be then, and when it will be back at its post; no event list
is needed. Only while calls wait are the moments looked up at which units become free.

Inside, calls, units and events are arrays of records: a call's figures lie side by side.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.replay.arrays import (
    AT_POST,
    CALL,
    EVENT,
    UNIT,
    Calls,
    Roads,
    Servers,
    Settings,
    Table,
)
from coresponse.coverage.replay.moments import (
    HOUR_S,
    WEEK_H,
    Duty,
    all_home_s,
    available_s,
    hour_of,
    hours_to_new_speed,
    next_free_s,
    next_speed_s,
    part_way_s,
    shift_left_s,
    true_position_s,
)
from coresponse.coverage.replay.patrol import (
    NO_PATROL,
    Patrol,
    meet_unit,
    police_alone,
    police_for_those_who_give_up,
    take_own_calls,
)
from coresponse.coverage.replay.sharing import NOT_SENT, lent_rank
from coresponse.coverage.replay.work import Notes, note_work, visit, visit_until
from coresponse.data.compiled import compiled_lean, compiled_lean_part

# Fields of a unit that are its type's.
OF_TYPE = (
    "rank", "delay_s", "delay_spread", "drive_spread", "speed", "officer_first", "tele", "follow_ups",
)  # fmt: skip

# Rank of no unit.
LAST = 1 << 30

SENT, NOT_IN_DEPLOYMENT, CLOSED, BUSY, GAVE_UP, OUT_OF_REACH = 0, 1, 2, 3, 4, 5


class Done(NamedTuple):
    """What a replay leaves behind.

    An event a call, the units, their work by hour, visits that fell due.
    """

    events: Table
    units: Table
    busy_s: NDArray[np.float64]
    due_s: NDArray[np.float64]


def run(
    calls: Calls,
    servers: Servers,
    roads: Roads,
    settings: Settings,
    end_s: float,
    patrol: Patrol = NO_PATROL,
) -> Done:
    """Replay all calls in order of time, and follow-up visits until the end; fill in what the patrol does."""
    n, count = len(calls.ready_s), len(servers.type)
    rows = np.empty(n, dtype=CALL)
    for name, column in calls._asdict().items():
        rows[name] = column
    units = np.zeros(count, dtype=UNIT)
    for name in ("post", "pattern"):
        units[name] = getattr(servers, name)
    for name in OF_TYPE:
        units[name] = getattr(servers, name)[servers.type]
    for name in ("free_s", "home_s", "shift_end_s"):
        units[name] = -np.inf
    units["at"] = AT_POST
    events = np.empty(n, dtype=EVENT)
    duty = Duty(
        np.ascontiguousarray(servers.eligible[servers.type]),
        servers.on_duty,
        servers.hours_left,
        servers.hours_until,
        hours_to_new_speed(roads.speed_of_hour),
    )
    notes = Notes(
        waiting=np.empty(n, dtype=np.int64),
        tied=np.zeros(count, dtype=np.int64),
        tied_drive_s=np.zeros(count),
        busy_s=np.zeros((count, WEEK_H)),
        due_s=np.empty(int(calls.follow_up.sum())),
        queue_of_visits=np.zeros(2, dtype=np.int64),
        visits=np.zeros(2),
        patrol=patrol,
    )
    _run(rows, units, duty, roads, settings, events, notes, end_s)
    return Done(events, units, notes.busy_s, notes.due_s[: notes.queue_of_visits[1]])


@compiled_lean_part
def _order(
    rank: int, key: float, own: float, other_rank: int, other_key: float, other_own: float
) -> int:
    """Compare two units.

    -1 if the first goes before the other, 0 if they are equally close, 1 if it goes after.
    """
    if rank != other_rank:
        return -1 if rank < other_rank else 1
    if key != other_key:
        return -1 if key < other_key else 1
    return -1 if own < other_own else int(own > other_own)


@compiled_lean_part
def _may_go(
    s: int, unit: Any, kind: int, t: float, hour: int, duty: Duty, settings: Settings
) -> bool:
    """Whether a unit is there for calls of a class: on duty for long enough, and free.

    Duty first: most units are off duty most of the time.
    """
    pattern = unit.pattern
    if not duty.on_duty[pattern, hour] or not duty.eligible[s, kind]:
        return False
    if t < available_s(settings.on_the_way, unit.free_s, unit.home_s, unit.shift_end_s):
        return False
    last = settings.last_call_s
    return not (last > 0 and shift_left_s(t, duty.hours_left[pattern, hour]) < last)


@compiled_lean_part
def _choose(
    call: Any, t: float, units: Table, duty: Duty, roads: Roads, settings: Settings, notes: Notes
) -> tuple[int, float]:
    """Find the unit for a call and its drive; -1 if none can be sent.

    Of units equally close, the call's own number chooses.
    """
    best_rank: int = np.int64(LAST)  # type: ignore[assignment]  # not the literal, see _run
    best_key, best_own, ties = np.inf, np.inf, 0
    hour, place = hour_of(t), call.place
    speed = roads.speed_of_hour[hour]
    officer = max(call.ready_s + settings.police_s, t)
    for s in range(len(units)):
        unit = units[s]
        if not _may_go(s, unit, call.kind, t, hour, duty, settings):
            continue
        lent = lent_rank(roads, unit.post, place)
        if lent == NOT_SENT:
            continue
        drive = float(roads.out_s[place, unit.post])
        if t < min(unit.home_s, unit.shift_end_s) and settings.on_the_way:
            at = unit.at
            if settings.true_position:
                drive = true_position_s(t, unit, place, roads)
            else:
                start = (
                    roads.between_s[at, place] if at >= 0 else roads.facility_out_s[-2 - at, place]
                )
                drive = part_way_s(t, unit.free_s, unit.home_s, start, drive)
        drive = 0.0 if unit.tele else drive / (unit.speed * speed)
        own = t + unit.delay_s + drive
        key = max(own, officer) if unit.officer_first else own
        rank = unit.rank + lent
        order = _order(rank, key, own, best_rank, best_key, best_own)
        if drive > settings.reach_s or order > 0:
            continue
        if order < 0:
            best_rank, best_key, best_own, ties = rank, key, own, 0
        notes.tied[ties] = s
        notes.tied_drive_s[ties] = drive
        ties += 1
    if ties == 0:
        return -1, np.inf
    k = min(int(call.tie_u * ties), ties - 1)
    return notes.tied[k], notes.tied_drive_s[k]


@compiled_lean_part
def _why_not(
    call: Any, t: float, units: Table, duty: Duty, roads: Roads, settings: Settings
) -> int:
    """Say why no unit could be sent.

    Units that are busy count as within reach by the drive from their post.
    """
    reason = NOT_IN_DEPLOYMENT
    hour = hour_of(t)
    for s in range(len(units)):
        unit = units[s]
        if not duty.eligible[s, call.kind] or lent_rank(roads, unit.post, call.place) == NOT_SENT:
            continue
        left = shift_left_s(t, duty.hours_left[unit.pattern, hour])
        if not duty.on_duty[unit.pattern, hour] or left < settings.last_call_s:
            reason = max(reason, CLOSED)
            continue
        available = available_s(settings.on_the_way, unit.free_s, unit.home_s, unit.shift_end_s)
        drive = roads.out_s[call.place, unit.post] / (unit.speed * roads.speed_of_hour[hour])
        if t < available and (unit.tele or drive <= settings.reach_s):
            return BUSY
        reason = OUT_OF_REACH
    return reason


@compiled_lean_part
def _transport_s(call: Any, drive_s: float) -> float:
    """Seconds of a transport: as the call tells, else what is usual, but no less than the drive."""
    there = drive_s if np.isnan(call.drive_there_s) else float(call.drive_there_s)
    if np.isnan(call.drop_off_s):
        return max(float(call.transport_s), there)
    return there + float(call.drop_off_s)


@compiled_lean_part
def _with_officer_s(c: int, call: Any, t: float, arrived: float, patrol: Patrol) -> float:
    """When a unit sent at t and an officer are both there: of a patrol, or after a drawn time."""
    if len(patrol.free_s) > 0:
        return meet_unit(c, t, arrived, call.on_scene_s, patrol)
    return float(max(arrived, call.police_at_s))


@compiled_lean_part
def _send(
    c: int,
    call: Any,
    event: Any,
    t: float,
    s: int,
    drive: float,
    units: Table,
    duty: Duty,
    roads: Roads,
    settings: Settings,
    notes: Notes,
) -> None:
    """Send a unit: all that it will do on this call is known now."""
    unit = units[s]
    if settings.follow_up_s > 0:
        visit_until(t, units, duty, settings, notes)
        if unit.follow_ups:
            visit(unit, notes.visits, max(unit.free_s, int(t / HOUR_S) * HOUR_S), t)
    place = call.place
    delay = unit.delay_s
    if unit.delay_spread > 0:
        delay *= np.exp(
            unit.delay_spread * call.delay_z - unit.delay_spread * unit.delay_spread / 2
        )
    if unit.drive_spread > 0:
        # the call's own chance, and that of its delay: whoever is sent meets the same day
        drive *= np.exp(
            unit.drive_spread * call.delay_z - unit.drive_spread * unit.drive_spread / 2
        )
    arrived = t + delay + drive
    contact = _with_officer_s(c, call, t, arrived, notes.patrol) if unit.officer_first else arrived
    cleared = contact + call.on_scene_s
    speed = unit.speed * roads.speed_of_hour[hour_of(t)]
    at, home = int(place), float(roads.home_s[place, unit.post])
    if unit.tele:
        at, home = AT_POST, 0.0
    elif call.transport_s > 0:
        f = roads.facility[place]
        cleared += _transport_s(call, roads.to_facility_s[place] / speed if f >= 0 else 0.0)
        if f >= 0:
            at, home = -2 - f, float(roads.facility_home_s[f, unit.post])
    cleared += call.paperwork_s
    event.reason = SENT
    event.server = s
    event.sent_s = t
    event.arrived_s = arrived
    event.contact_s = contact
    event.cleared_s = cleared
    event.drive_s = drive
    event.on_the_way = unit.free_s <= t < min(unit.home_s, unit.shift_end_s)
    unit.free_s = cleared
    unit.home_s = cleared + home / (speed * settings.return_speed)
    unit.at = at
    if settings.true_position and at != AT_POST:
        unit.passed = roads.ways.of_place[at] if at >= 0 else roads.ways.of_facility[-2 - at]
    hour = hour_of(cleared)
    on = duty.on_duty[unit.pattern, hour]
    unit.shift_end_s = (
        (int(cleared / HOUR_S) + duty.hours_left[unit.pattern, hour]) * HOUR_S if on else cleared
    )
    note_work(s, t, cleared, units, duty, notes)
    if settings.follow_up_s > 0 and call.follow_up:
        notes.due_s[notes.queue_of_visits[1]] = cleared + settings.follow_up_after_s
        notes.queue_of_visits[1] += 1


@compiled_lean_part
def _serve_waiting(
    waiting: NDArray[np.int64],
    n_waiting: int,
    since: float,
    until: float,
    calls: Table,
    units: Table,
    duty: Duty,
    roads: Roads,
    settings: Settings,
    events: Table,
    notes: Notes,
) -> int:
    """Give waiting calls to units as these become free, and when speeds change, up to a time.

    Return how many still wait.
    """
    now = since
    settled = max(since, all_home_s(units))
    while n_waiting > 0:
        nearest = next_speed_s(now, duty.hours_to_new_speed)
        for s in range(len(units)):
            nearest = min(nearest, next_free_s(units[s], duty, settings.on_the_way, now))
        # with all units at home, a week in which nothing helped will come again and again
        now = nearest if nearest <= settled + WEEK_H * HOUR_S else np.inf
        stop = min(now, until)
        if len(notes.patrol.free_s) > 0:
            police_for_those_who_give_up(waiting, n_waiting, stop, calls, notes.patrol)
        kept = 0
        for w in range(n_waiting):
            c = waiting[w]
            if calls[c].deadline_s <= stop and calls[c].deadline_s < np.inf:
                events[c].reason = GAVE_UP
                continue
            if now <= until and now < np.inf:
                s, drive = _choose(calls[c], now, units, duty, roads, settings, notes)
                if s >= 0:
                    _send(
                        c, calls[c], events[c], now, s, drive, units, duty, roads, settings, notes
                    )
                    settled = max(settled, all_home_s(units))
                    continue
            waiting[kept] = c
            kept += 1
        n_waiting = kept
        if now >= until:
            break
    return n_waiting


@compiled_lean_part
def _join(
    calls: Table, by_priority: bool, waiting: NDArray[np.int64], n_waiting: int, c: int
) -> None:
    """Put a call into the list of waiting ones at its place."""
    k = n_waiting
    if by_priority:
        while k > 0 and calls[waiting[k - 1]].priority < calls[c].priority:
            waiting[k] = waiting[k - 1]
            k -= 1
    waiting[k] = c


@compiled_lean
def _run(
    calls: Table,
    units: Table,
    duty: Duty,
    roads: Roads,
    settings: Settings,
    events: Table,
    notes: Notes,
    end_s: float,
) -> None:
    # not the literal 0: the functions that take it would be compiled for 0, and for numbers, too
    n_waiting: int = np.int64(0)  # type: ignore[assignment]
    waiting = notes.waiting
    before = 0.0
    # once more after the last call, for those that wait: twice in the text they would be compiled twice
    for c in range(len(calls) + 1):
        t = calls[c].ready_s if c < len(calls) else np.inf
        if n_waiting > 0:
            n_waiting = _serve_waiting(
                waiting, n_waiting, before, t, calls, units, duty, roads, settings, events, notes
            )
        if c == len(calls):
            break
        call, event = calls[c], events[c]
        s, drive = _choose(call, t, units, duty, roads, settings, notes)
        if s >= 0:
            _send(c, call, event, t, s, drive, units, duty, roads, settings, notes)
        else:
            event.server = -1
            event.sent_s = event.arrived_s = event.contact_s = event.cleared_s = np.nan
            event.drive_s = np.nan
            event.on_the_way = False
            event.reason = _why_not(call, t, units, duty, roads, settings)
            if settings.queue and event.reason == BUSY:
                _join(calls, settings.by_priority, waiting, n_waiting, c)
                n_waiting += 1
            else:
                police_alone(c, t, notes.patrol)
        before = t
    take_own_calls(np.inf, notes.patrol)
    if settings.follow_up_s > 0:
        visit_until(end_s, units, duty, settings, notes)
