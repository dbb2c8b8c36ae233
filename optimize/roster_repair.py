"""A line of weeks by repair: duties are dealt out, then exchanged until the rules hold.

Lines of most plans are found by some dozens of exchanges, in a hundredth of the time of an integer
program. Where none is found, nothing is shown by that: :func:`coresponse.optimize.roster.solve_line`
tells whether there is one.

Minton, S., Johnston, M. D., Philips, A. B., Laird, P. (1992), Minimizing conflicts: a heuristic
repair method for constraint satisfaction and scheduling problems, Artificial Intelligence 58, 161-205.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from coresponse.optimize.roster_rules import DAYS, RosterDuty, RosterRules

SATURDAY, SUNDAY = 5, 6

# Exchanges, at most: lines that are found take some dozens, and those for which there is none would take all.
STEPS = 200

# Weeks that an exchange is tried with, at most: of a long line, some drawn at random.
TRIED = 24

# Days of the line that are looked at, at most, by all exchanges: some tenths of a second.
WORK = 1_500_000

# The duty of each day of the line, week after week; the last is followed by the first.
Slots = list[RosterDuty | None]


def repaired_line(
    wanted: Mapping[RosterDuty, int], people: int, rules: RosterRules
) -> tuple[tuple[RosterDuty, ...], ...]:
    """Return a line of weeks that keeps the rules; empty if none was found.

    Parameters
    ----------
    wanted
        Seats of each duty of the week.
    people
        Weeks of the line.
    """
    slots = _dealt(wanted, people)
    if slots is None:
        return ()
    # one fixed seed: the same plan has the same roster
    chances = np.random.default_rng(people)
    for _ in range(1 + min(STEPS, WORK // (min(people, TRIED) * len(slots)))):
        broken, at = _broken(slots, rules)
        if not broken:
            weeks = (slots[first : first + DAYS] for first in range(0, len(slots), DAYS))
            return tuple(tuple(duty for duty in week if duty is not None) for week in weeks)
        if not _exchange(slots, rules, at[int(chances.integers(len(at)))], chances):
            return ()
    return ()


def _dealt(wanted: Mapping[RosterDuty, int], people: int) -> Slots | None:
    """Deal the duties out: days off go round the weeks, early duties to the first weeks, late ones to the last.

    So a line goes from early to late duties, which leaves most rest, and back once. None where a
    day has more seats than there are people.
    """
    slots: Slots = [None] * (DAYS * people)
    first = 0
    for day in range(DAYS):
        today = sorted((duty.start, duty.length, duty) for duty in wanted if duty.day == day)
        seats = [duty for *_, duty in today for _ in range(wanted[duty])]
        free = people - len(seats)
        if free < 0:
            return None
        off = {(first + k) % people for k in range(free)}
        working = (week for week in range(people) if week not in off)
        for week, duty in zip(working, seats, strict=True):
            slots[DAYS * week + day] = duty
        # whoever is off on Saturday is off on Sunday
        if day != SATURDAY:
            first = (first + free) % people
    return slots


def _broken(slots: Slots, rules: RosterRules) -> tuple[int, list[int]]:
    """Return by how much rules are broken, and the days with a duty that one could give away."""
    of_days, days = _broken_days(slots, rules)
    of_weeks, more = _broken_weeks(slots, rules)
    return of_days + of_weeks, days + more


def _broken_days(slots: Slots, rules: RosterRules) -> tuple[int, list[int]]:
    """Rest between duties of following days, and days in a row."""
    broken, at = 0, []
    # the line goes round: its first days follow its last
    run = next((k for k, duty in enumerate(reversed(slots)) if duty is None), len(slots))
    before = slots[-1]
    for k, duty in enumerate(slots):
        run = 0 if duty is None else run + 1
        if run > rules.days_in_a_row:
            broken += 1
            at.append(k)
        if duty is not None and before is not None:
            rest = 24 + duty.start - before.start - before.length
            if rest < rules.rest_h:
                broken += 1
                at += [k, k - 1 if k else len(slots) - 1]
        before = duty
    return broken, at


def _broken_weeks(slots: Slots, rules: RosterRules) -> tuple[int, list[int]]:
    """Hours in a week, and weekends off."""
    broken, at, free = 0, [], 0
    for first in range(0, len(slots), DAYS):
        worked = [k for k in range(first, first + DAYS) if slots[k] is not None]
        hours = sum(duty.length for duty in slots[first : first + DAYS] if duty is not None)
        if hours > rules.hours_a_week:
            broken += 1 + int((hours - rules.hours_a_week) // 4)
            at += worked
        free += slots[first + SATURDAY] is None and slots[first + SUNDAY] is None
    lacking = rules.weekends_off(len(slots) // DAYS) - free
    if lacking > 0:
        broken += lacking
        weekend = (SATURDAY, SUNDAY)
        at += [k for k, duty in enumerate(slots) if duty is not None and k % DAYS in weekend]
    return broken, at


def _exchange(slots: Slots, rules: RosterRules, k: int, chances: np.random.Generator) -> bool:
    """Exchange a day's duty with that of another week, or with its day off, so that least is broken.

    False if all weeks have the same on that day.
    """
    best: list[int] = []
    least: int | None = None
    weeks = np.arange(k % DAYS, len(slots), DAYS)
    if len(weeks) > TRIED:
        weeks = chances.choice(weeks, TRIED, replace=False)
    for other in weeks.tolist():
        if slots[other] == slots[k]:
            continue
        slots[k], slots[other] = slots[other], slots[k]
        broken, _ = _broken(slots, rules)
        slots[k], slots[other] = slots[other], slots[k]
        if least is None or broken < least:
            least, best = broken, []
        if broken == least:
            best.append(other)
    if best:
        other = best[int(chances.integers(len(best)))]
        slots[k], slots[other] = slots[other], slots[k]
    return bool(best)
