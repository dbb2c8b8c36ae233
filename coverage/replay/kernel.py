"""Compiled event-by-event replay.

Time is in seconds since a Monday 00:00. Calls are taken in order of time. What a unit will do once sent is known at that
moment (the call brings its own service times), so a unit's state is the time at which it will be free, where it will be then,
and when it will be back at its post; no event list is needed. Only while calls wait are the moments looked up at which units
become free.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coresponse.data.compiled import compiled

SENT, NOT_IN_DEPLOYMENT, CLOSED, BUSY, GAVE_UP, OUT_OF_REACH = 0, 1, 2, 3, 4, 5
HOUR_S = 3600.0
WEEK_H = 168
AT_POST = -1


class Calls(NamedTuple):
    """(n,) what calls bring with them; `ready_s` is when a unit can be told, `deadline_s` when a waiting call gives up."""

    ready_s: NDArray[np.float64]
    deadline_s: NDArray[np.float64]
    place: NDArray[np.int32]
    kind: NDArray[np.int16]
    priority: NDArray[np.int64]
    police_at_s: NDArray[np.float64]
    on_scene_s: NDArray[np.float32]
    transport_s: NDArray[np.float32]
    paperwork_s: NDArray[np.float32]
    delay_z: NDArray[np.float32]
    tie_u: NDArray[np.float32]
    follow_up: NDArray[np.bool_]


class Servers(NamedTuple):
    """Units (each session of a tele-clinician is one), their types (t, ...) and shift patterns (p, 168)."""

    type: NDArray[np.int64]
    post: NDArray[np.int64]
    pattern: NDArray[np.int64]
    eligible: NDArray[np.bool_]
    rank: NDArray[np.int64]
    delay_s: NDArray[np.float64]
    delay_spread: NDArray[np.float64]
    speed: NDArray[np.float64]
    officer_first: NDArray[np.bool_]
    tele: NDArray[np.bool_]
    follow_ups: NDArray[np.bool_]
    on_duty: NDArray[np.bool_]
    hours_left: NDArray[np.float64]
    hours_until: NDArray[np.float64]


class Roads(NamedTuple):
    """Drives in seconds at the roads' own speed; `between` is empty where units leave from their posts only."""

    out_s: NDArray[np.float32]
    home_s: NDArray[np.float32]
    between_s: NDArray[np.float32]
    facility: NDArray[np.int64]
    to_facility_s: NDArray[np.float32]
    facility_out_s: NDArray[np.float32]
    facility_home_s: NDArray[np.float32]
    speed_of_hour: NDArray[np.float64]


class Settings(NamedTuple):
    """Rules as numbers."""

    queue: bool
    by_priority: bool
    on_the_way: bool
    reach_s: float
    last_call_s: float
    police_s: float
    follow_up_s: float
    follow_up_after_s: float


class State(NamedTuple):
    """Of the servers; `at` is a place, AT_POST, or -2 - facility. `due` and `visits` keep follow-up visits."""

    free_s: NDArray[np.float64]
    home_s: NDArray[np.float64]
    shift_end_s: NDArray[np.float64]
    at: NDArray[np.int64]
    tied: NDArray[np.int64]
    tied_drive_s: NDArray[np.float64]
    busy_s: NDArray[np.float64]
    overtime_s: NDArray[np.float64]
    visited_s: NDArray[np.float64]
    due_s: NDArray[np.float64]
    queue_of_visits: NDArray[np.int64]
    visits: NDArray[np.float64]


class Record(NamedTuple):
    """(n,) what became of each call; times NaN where they did not come."""

    reason: NDArray[np.int8]
    server: NDArray[np.int32]
    sent_s: NDArray[np.float64]
    arrived_s: NDArray[np.float64]
    contact_s: NDArray[np.float64]
    cleared_s: NDArray[np.float64]
    drive_s: NDArray[np.float32]
    on_the_way: NDArray[np.bool_]


# Small functions take single numbers: handing over all arrays would cost more than the work that they do.


@compiled
def _hour(t: float) -> int:
    return int(t / HOUR_S) % WEEK_H


@compiled
def _available_s(on_the_way: bool, free_s: float, home_s: float, shift_end_s: float) -> float:
    """When a unit is through with its last call, as the rules have it; whatever it does, it starts a shift at its post."""
    return free_s if on_the_way else min(home_s, max(shift_end_s, free_s))


@compiled
def _shift_left_s(t: float, hours_left: float) -> float:
    """Seconds until the shift ends, given the hours from the start of this hour."""
    return (int(t / HOUR_S) + hours_left) * HOUR_S - t


@compiled
def _part_way(t: float, free_s: float, home_s: float, from_scene_s: float, from_post_s: float) -> float:
    """Drive of a unit on its way home: between that from the scene and that from its post, as far as it has come."""
    left = (home_s - t) / (home_s - free_s)
    return left * from_scene_s + (1 - left) * from_post_s


@compiled
def _order(rank: int, key: float, own: float, other_rank: int, other_key: float, other_own: float) -> int:
    """Compare two units: -1 if the first goes before the other, 0 if they are equally close, 1 if it goes after."""
    if rank != other_rank:
        return -1 if rank < other_rank else 1
    if key != other_key:
        return -1 if key < other_key else 1
    return -1 if own < other_own else int(own > other_own)


@compiled
def _choose(
    calls: Calls, servers: Servers, roads: Roads, settings: Settings, state: State, c: int, t: float
) -> tuple[int, float]:
    """Find the unit for a call and its drive; -1 if none can be sent. Of units equally close, the call's own number chooses."""
    best_rank, best_key, best_own, ties = 1 << 30, np.inf, np.inf, 0
    hour, call_kind, place = _hour(t), calls.kind[c], calls.place[c]
    officer = max(calls.ready_s[c] + settings.police_s, t)
    for s in range(len(servers.type)):
        free, home, end = state.free_s[s], state.home_s[s], state.shift_end_s[s]
        kind, pattern = servers.type[s], servers.pattern[s]
        if t < _available_s(settings.on_the_way, free, home, end) or not servers.eligible[kind, call_kind]:
            continue
        if (
            not servers.on_duty[pattern, hour]
            or _shift_left_s(t, servers.hours_left[pattern, hour]) < settings.last_call_s
        ):
            continue
        drive = float(roads.out_s[place, servers.post[s]])
        if t < min(home, end) and settings.on_the_way:
            at = state.at[s]
            start = roads.between_s[at, place] if at >= 0 else roads.facility_out_s[-2 - at, place]
            drive = _part_way(t, free, home, start, drive)
        drive = 0.0 if servers.tele[kind] else drive / (servers.speed[kind] * roads.speed_of_hour[hour])
        own = t + servers.delay_s[kind] + drive
        key = max(own, officer) if servers.officer_first[kind] else own
        rank = servers.rank[kind]
        if drive > settings.reach_s or _order(rank, key, own, best_rank, best_key, best_own) > 0:
            continue
        if _order(rank, key, own, best_rank, best_key, best_own) < 0:
            best_rank, best_key, best_own, ties = rank, key, own, 0
        state.tied[ties] = s
        state.tied_drive_s[ties] = drive
        ties += 1
    if ties == 0:
        return -1, np.inf
    k = min(int(calls.tie_u[c] * ties), ties - 1)
    return state.tied[k], state.tied_drive_s[k]


@compiled
def _why_not(calls: Calls, servers: Servers, roads: Roads, settings: Settings, state: State, c: int, t: float) -> int:
    """Say why no unit could be sent; units that are busy count as within reach by the drive from their post."""
    reason = NOT_IN_DEPLOYMENT
    hour = _hour(t)
    for s in range(len(servers.type)):
        kind, pattern = servers.type[s], servers.pattern[s]
        if not servers.eligible[kind, calls.kind[c]]:
            continue
        if (
            not servers.on_duty[pattern, hour]
            or _shift_left_s(t, servers.hours_left[pattern, hour]) < settings.last_call_s
        ):
            reason = max(reason, CLOSED)
            continue
        available = _available_s(settings.on_the_way, state.free_s[s], state.home_s[s], state.shift_end_s[s])
        drive = roads.out_s[calls.place[c], servers.post[s]] / (servers.speed[kind] * roads.speed_of_hour[hour])
        if t < available and (servers.tele[kind] or drive <= settings.reach_s):
            return BUSY
        reason = OUT_OF_REACH
    return reason


@compiled
def _send(
    calls: Calls,
    servers: Servers,
    roads: Roads,
    settings: Settings,
    state: State,
    record: Record,
    c: int,
    s: int,
    drive: float,
    t: float,
) -> None:
    """Send a unit: all that it will do on this call is known now."""
    if settings.follow_up_s > 0:
        _visit_until(servers, settings, state, t)
        if servers.follow_ups[servers.type[s]]:
            _visit(state.visits, state.visited_s, s, max(state.free_s[s], int(t / HOUR_S) * HOUR_S), t)
    kind, place = servers.type[s], calls.place[c]
    spread = servers.delay_spread[kind]
    delay = servers.delay_s[kind]
    if spread > 0:
        delay *= np.exp(spread * calls.delay_z[c] - spread * spread / 2)
    arrived = t + delay + drive
    contact = max(arrived, calls.police_at_s[c]) if servers.officer_first[kind] else arrived
    cleared = contact + calls.on_scene_s[c]
    speed = servers.speed[kind] * roads.speed_of_hour[_hour(t)]
    at, home = int(place), float(roads.home_s[place, servers.post[s]])
    if servers.tele[kind]:
        at, home = AT_POST, 0.0
    elif calls.transport_s[c] > 0:
        f = roads.facility[place]
        if f >= 0:
            cleared += max(float(calls.transport_s[c]), roads.to_facility_s[place] / speed)
            at, home = -2 - f, float(roads.facility_home_s[f, servers.post[s]])
        else:
            cleared += calls.transport_s[c]
    cleared += calls.paperwork_s[c]
    record.reason[c] = SENT
    record.server[c] = s
    record.sent_s[c] = t
    record.arrived_s[c] = arrived
    record.contact_s[c] = contact
    record.cleared_s[c] = cleared
    record.drive_s[c] = drive
    record.on_the_way[c] = state.free_s[s] <= t < min(state.home_s[s], state.shift_end_s[s])
    state.free_s[s] = cleared
    state.home_s[s] = cleared + home / speed
    state.at[s] = at
    hour = _hour(cleared)
    on = servers.on_duty[servers.pattern[s], hour]
    state.shift_end_s[s] = (
        (int(cleared / HOUR_S) + servers.hours_left[servers.pattern[s], hour]) * HOUR_S if on else cleared
    )
    _note_work(servers.on_duty[servers.pattern[s]], state.busy_s, state.overtime_s, s, t, cleared)
    if settings.follow_up_s > 0 and calls.follow_up[c]:
        state.due_s[state.queue_of_visits[1]] = cleared + settings.follow_up_after_s
        state.queue_of_visits[1] += 1


@compiled
def _note_work(
    on_duty: NDArray[np.bool_],
    busy_s: NDArray[np.float64],
    overtime_s: NDArray[np.float64],
    s: int,
    start: float,
    end: float,
) -> None:
    """Spread a stretch of work over the hours of the week; what is off duty is overtime."""
    while start < end:
        hour = _hour(start)
        stop = min(end, (int(start / HOUR_S) + 1) * HOUR_S)
        busy_s[s, hour] += stop - start
        if not on_duty[hour]:
            overtime_s[s] += stop - start
        start = stop


@compiled
def _visit_until(servers: Servers, settings: Settings, state: State, t: float) -> None:
    """Let idle units make follow-up visits in the whole hours before t that are not yet counted."""
    while state.visits[1] + HOUR_S <= t:
        start = state.visits[1]
        end = start + HOUR_S
        while state.queue_of_visits[0] < state.queue_of_visits[1] and state.due_s[state.queue_of_visits[0]] <= start:
            state.queue_of_visits[0] += 1
            state.visits[0] += settings.follow_up_s
        if state.visits[0] > 0:
            hour = _hour(start)
            for s in range(len(servers.type)):
                if servers.follow_ups[servers.type[s]] and servers.on_duty[servers.pattern[s], hour]:
                    _visit(state.visits, state.visited_s, s, max(state.free_s[s], start), end)
        state.visits[1] = end


@compiled
def _visit(visits: NDArray[np.float64], visited_s: NDArray[np.float64], s: int, start: float, end: float) -> None:
    """Make visits in a stretch of idle time on duty; a visit that a call cuts short is taken up again."""
    if end > start:
        done = min(end - start, visits[0])
        visits[0] -= done
        visited_s[s] += done


@compiled
def _next_free(servers: Servers, settings: Settings, state: State, s: int, after: float) -> float:
    """When the unit next becomes free for a call, later than `after`; inf if it is free already or never will be."""
    p = servers.pattern[s]
    base = _available_s(settings.on_the_way, state.free_s[s], state.home_s[s], state.shift_end_s[s])
    t = max(base, after)
    hour = _hour(t)
    if servers.on_duty[p, hour] and base > after:
        return float(base)
    if servers.on_duty[p, hour]:
        t = (int(t / HOUR_S) + servers.hours_left[p, hour]) * HOUR_S
        if not t < np.inf:
            return np.inf
        hour = _hour(t)
    return float((int(t / HOUR_S) + servers.hours_until[p, hour]) * HOUR_S)


@compiled
def _serve_waiting(
    calls: Calls,
    servers: Servers,
    roads: Roads,
    settings: Settings,
    state: State,
    record: Record,
    waiting: NDArray[np.int64],
    n_waiting: int,
    since: float,
    until: float,
) -> int:
    """Give waiting calls to units as these become free, up to a time; return how many still wait."""
    now = since
    while n_waiting > 0:
        nearest = np.inf
        for s in range(len(servers.type)):
            wanted = False
            for w in range(n_waiting):
                wanted |= servers.eligible[servers.type[s], calls.kind[waiting[w]]]
            if wanted:
                nearest = min(nearest, _next_free(servers, settings, state, s, now))
        now = nearest
        stop = min(now, until)
        kept = 0
        for w in range(n_waiting):
            c = waiting[w]
            if calls.deadline_s[c] <= stop and calls.deadline_s[c] < np.inf:
                record.reason[c] = GAVE_UP
                continue
            if now <= until and now < np.inf:
                s, drive = _choose(calls, servers, roads, settings, state, c, now)
                if s >= 0:
                    _send(calls, servers, roads, settings, state, record, c, s, drive, now)
                    continue
            waiting[kept] = c
            kept += 1
        n_waiting = kept
        if now >= until:
            break
    return n_waiting


@compiled
def _join(calls: Calls, settings: Settings, waiting: NDArray[np.int64], n_waiting: int, c: int) -> None:
    """Put a call into the list of waiting ones at its place."""
    k = n_waiting
    if settings.by_priority:
        while k > 0 and calls.priority[waiting[k - 1]] < calls.priority[c]:
            waiting[k] = waiting[k - 1]
            k -= 1
    waiting[k] = c


@compiled
def run(
    calls: Calls, servers: Servers, roads: Roads, settings: Settings, state: State, record: Record, end_s: float
) -> None:
    """Replay all calls in order of time; fills `state` and `record`."""
    waiting = np.empty(len(calls.ready_s), dtype=np.int64)
    n_waiting = 0
    before = 0.0
    for c in range(len(calls.ready_s)):
        t = calls.ready_s[c]
        if n_waiting > 0:
            n_waiting = _serve_waiting(calls, servers, roads, settings, state, record, waiting, n_waiting, before, t)
        s, drive = _choose(calls, servers, roads, settings, state, c, t)
        if s >= 0:
            _send(calls, servers, roads, settings, state, record, c, s, drive, t)
        else:
            record.reason[c] = _why_not(calls, servers, roads, settings, state, c, t)
            if settings.queue and record.reason[c] == BUSY:
                _join(calls, settings, waiting, n_waiting, c)
                n_waiting += 1
        before = t
    if n_waiting > 0:
        _serve_waiting(calls, servers, roads, settings, state, record, waiting, n_waiting, before, np.inf)
    if settings.follow_up_s > 0:
        _visit_until(servers, settings, state, end_s)
