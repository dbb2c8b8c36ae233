"""When units are free and where they are: compiled, as the replay's kernel needs it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.replay.arrays import Roads, Table
from coresponse.data.compiled import compiled_lean_part as compiled

HOUR_S = 3600.0
WEEK_H = 168


class Duty(NamedTuple):
    """Eligibility of units by class; shift patterns, and hours until speeds change, by hour of the week."""

    eligible: NDArray[np.bool_]
    on_duty: NDArray[np.bool_]
    hours_left: NDArray[np.float64]
    hours_until: NDArray[np.float64]
    hours_to_new_speed: NDArray[np.float64]


@compiled
def hour_of(t: float) -> int:
    """Hour of the week."""
    return int(t / HOUR_S) % WEEK_H


@compiled
def available_s(on_the_way: bool, free_s: float, home_s: float, shift_end_s: float) -> float:
    """When a unit is through with its last call, as the rules have it.

    Whatever it does, it starts a shift at its post.
    """
    return free_s if on_the_way else min(home_s, max(shift_end_s, free_s))


@compiled
def shift_left_s(t: float, hours_left: float) -> float:
    """Seconds until the shift ends, given the hours from the start of this hour."""
    return (int(t / HOUR_S) + hours_left) * HOUR_S - t


@compiled
def part_way_s(
    t: float, free_s: float, home_s: float, from_scene_s: float, from_post_s: float
) -> float:
    """Drive of a unit on its way home.

    Between that from the scene and that from its post, as far as it has come.
    """
    left = (home_s - t) / (home_s - free_s)
    return left * from_scene_s + (1 - left) * from_post_s


@compiled
def true_position_s(t: float, unit: Any, place: int, roads: Roads) -> float:
    """Drive of a unit on its way home: on to the next crossing, and from there to the place."""
    home_s, ahead = roads.ways.home_s[unit.post], roads.ways.ahead[unit.post]
    at = unit.at
    start = roads.ways.of_place[at] if at >= 0 else roads.ways.of_facility[-2 - at]
    whole = home_s[start]
    if not whole < np.inf:
        return float(roads.ways.out_s[start, place])
    come = whole * (t - unit.free_s) / (unit.home_s - unit.free_s)
    node = unit.passed
    while ahead[node] >= 0 and whole - home_s[node] < come:
        node = ahead[node]
        # the crossing before may be forgotten: time goes on only
        unit.passed = node
    return float(max(whole - home_s[node] - come, 0.0) + roads.ways.out_s[node, place])


@compiled
def next_free_s(unit: Any, duty: Duty, on_the_way: bool, after: float) -> float:
    """When the unit next becomes free for a call, or is back at its post, later than `after`.

    Inf if it is free already or never will be.
    """
    p = unit.pattern
    base = available_s(on_the_way, unit.free_s, unit.home_s, unit.shift_end_s)
    t = max(base, after)
    hour = hour_of(t)
    if duty.on_duty[p, hour] and base > after:
        return float(base)
    back = min(unit.home_s, max(unit.shift_end_s, unit.free_s))
    if after < back < np.inf and duty.on_duty[p, hour_of(back)]:
        return float(back)  # free all the while, but nearer to what waits around its post
    if duty.on_duty[p, hour]:
        t = (int(t / HOUR_S) + duty.hours_left[p, hour]) * HOUR_S
        if not t < np.inf:
            return np.inf
        hour = hour_of(t)
    return float((int(t / HOUR_S) + duty.hours_until[p, hour]) * HOUR_S)


def hours_to_new_speed(speed_of_hour: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (168,) hours from the start of each hour until drives become faster or slower; inf if never."""
    changes = np.flatnonzero(speed_of_hour != np.roll(speed_of_hour, 1))
    if not len(changes):
        return np.full(WEEK_H, np.inf)
    ahead = (changes[None, :] - np.arange(WEEK_H)[:, None] - 1) % WEEK_H + 1
    return np.asarray(ahead.min(axis=1), dtype=np.float64)


@compiled
def next_speed_s(after: float, hours_to_new_speed: NDArray[np.float64]) -> float:
    """When drives next become faster or slower: what was too far may come into reach."""
    return float((int(after / HOUR_S) + hours_to_new_speed[hour_of(after)]) * HOUR_S)


@compiled
def all_home_s(units: Table) -> float:
    """When the last unit will be home from what it does now."""
    latest = -np.inf
    for s in range(len(units)):
        if units[s].home_s < np.inf:
            latest = max(latest, units[s].home_s)
    return latest
