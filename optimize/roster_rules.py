"""What a roster is made of: duties, and the rules that everybody's weeks keep."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import NamedTuple

from coresponse.data.hours import HOURS_A_WEEK, WeekHours
from coresponse.data.programs.staffing import Staffing

# A longer run of hours is worked by several people in turn.
LONGEST_DUTY_H = 12

# Where a seat is filled around the clock, duties change at 07:00 and 19:00.
CHANGE_OF_WHOLE_WEEK = 7

DAYS = 7


class RosterDuty(NamedTuple):
    """One person's hours in a row.

    Attributes
    ----------
    day
        Of its start, Monday 0.
    start, length
        Hour of the day; hours.
    """

    day: int
    start: int
    length: int


@dataclass(frozen=True)
class RosterRules:
    """What every person's weeks keep.

    Attributes
    ----------
    rest_h
        Hours between two duties, at least.
    days_in_a_row
        With duty, at most.
    hours_a_week
        In a calendar week, at most.
    weekends_off_share
        Of weekends without duty, at least.
    """

    rest_h: float
    days_in_a_row: int
    hours_a_week: float
    weekends_off_share: float

    @classmethod
    def of(cls, staffing: Staffing) -> RosterRules:
        """Return a program's rules."""
        return cls(
            staffing.rest_h.value,
            int(staffing.most_days_in_a_row.value),
            staffing.most_hours_a_week.value,
            staffing.weekends_off_share.value,
        )

    def weekends_off(self, people: int) -> int:
        """Weekends of the line that are free, at least."""
        return ceil(self.weekends_off_share * people - 1e-9)


def duties(hours: WeekHours) -> tuple[RosterDuty, ...]:
    """Split the hours of one seat into duties of at most 12 hours, each run evenly."""
    inside = hours.mask()
    if inside.all():
        parts = [
            (day * 24 + CHANGE_OF_WHOLE_WEEK + half, 12) for day in range(DAYS) for half in (0, 12)
        ]
    else:
        parts = []
        for first in (h for h in range(HOURS_A_WEEK) if inside[h] and not inside[h - 1]):
            run = 0
            while inside[(first + run) % HOURS_A_WEEK]:
                run += 1
            pieces = ceil(run / LONGEST_DUTY_H)
            ends = [run * k // pieces for k in range(pieces + 1)]
            parts += [(first + a, b - a) for a, b in pairwise(ends)]
    return tuple(sorted(RosterDuty(at // 24 % DAYS, at % 24, length) for at, length in parts))
