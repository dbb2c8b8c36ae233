"""Hours of the week: when a responder is on duty, and the periods that a plan tells apart.

Hour 0 is Monday 00:00-01:00 local time, hour 167 is Sunday 23:00-24:00.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator

from coresponse.data.errors import InputError

HOURS_A_WEEK = 168
WEEKS_A_YEAR = 365.25 / 7
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(
    r"(?P<days>[a-z][a-z ,-]*?)\s+(?P<start>\d{1,2})(?::00)?\s*-\s*(?P<end>\d{1,2})(?::00)?",
    re.ASCII,
)


# Factors on travel speed: a twentieth of a street's speed is slower than walking, ten times it
# faster than any responder; beyond them a factor is a slip, or was meant in percent.
SLOWEST_FACTOR, FASTEST_FACTOR = 0.02, 10.0


def speed_fault(factor: float) -> str:
    """Say what is wrong with a factor on travel speed, '' if it is one."""
    if SLOWEST_FACTOR <= factor <= FASTEST_FACTOR:
        return ""
    return f"is a factor from {SLOWEST_FACTOR:g} to {FASTEST_FACTOR:g}, found {factor:g}"


@dataclass(frozen=True)
class WeekHours:
    """A set of whole hours of the week.

    Parameters
    ----------
    hours
        Hours in 0..167, ascending, without repeats.
    """

    hours: tuple[int, ...]

    def __post_init__(self) -> None:
        if list(self.hours) != sorted(set(self.hours)) or any(
            not 0 <= h < HOURS_A_WEEK for h in self.hours
        ):
            raise InputError(
                f"hours of the week must ascend within 0..167 without repeats, found {self.hours}"
            )

    @classmethod
    def of(cls, hours: Iterable[int]) -> WeekHours:
        """Build from hours in any order."""
        return cls(tuple(sorted({int(h) for h in hours})))

    @classmethod
    def parse(cls, text: str) -> WeekHours:
        """Read ``always``, ``daily 09:00-01:00`` or ``Mon-Fri 10:00-18:00; Sat, Sun 12:00-20:00``.

        A span that ends at or before its start runs past midnight into the next day; 24:00 is the
        end of the day.

        Raises
        ------
        InputError
            If a part is not understood.
        """
        text = text.strip().lower()
        if text in {"always", "24/7"}:
            return cls(tuple(range(HOURS_A_WEEK)))
        hours: set[int] = set()
        for part in text.split(";"):
            match = _SPAN.fullmatch(part.strip())
            if match is None:
                raise InputError(
                    f"hours {part.strip()!r} are not understood -- write like 'always', 'daily "
                    "09:00-01:00' or 'Mon-Fri 10:00-18:00; Sat, Sun 12:00-20:00' (whole hours)"
                )
            start, end = int(match["start"]), int(match["end"])
            if start > 23 or end > 24:
                raise InputError(f"hours {part.strip()!r}: a day has hours 0 to 24")
            length = end - start if end > start else end - start + 24
            for day in _days(match["days"]):
                hours.update((day * 24 + start + k) % HOURS_A_WEEK for k in range(length))
        return cls.of(hours)

    @property
    def count(self) -> int:
        """Hours a week."""
        return len(self.hours)

    def mask(self) -> NDArray[np.bool_]:
        """Return a boolean array over the 168 hours."""
        out = np.zeros(HOURS_A_WEEK, dtype=bool)
        out[list(self.hours)] = True
        return out

    def words(self) -> str:
        """Say them as :meth:`parse` reads them, such as ``Mon-Fri 07:00-19:00``.

        '' if there are none.
        """
        if self.count in (0, HOURS_A_WEEK):
            return "always" if self.hours else ""
        inside = self.mask()
        days_of: dict[tuple[int, int], list[int]] = {}
        for first in np.flatnonzero(inside & ~np.roll(inside, 1)).tolist():
            length = int(np.argmin(np.roll(inside, -first)))
            for start, part in _by_day(first, length):
                days_of.setdefault((start % 24, part), []).append(start // 24 % 7)
        return "; ".join(
            f"{_days_words(sorted(days))} {start:02d}:00-{_end(start + length):02d}:00"
            for (start, length), days in sorted(
                days_of.items(), key=lambda item: (min(item[1]), item[0])
            )
        )

    def contains(self, other: WeekHours) -> bool:
        """Whether every hour of `other` is among these."""
        return set(other.hours) <= set(self.hours)


def _by_day(first: int, length: int) -> list[tuple[int, int]]:
    """Split a run of more than a day at midnights; a shorter one may run past midnight."""
    if length <= 24:
        return [(first, length)]
    to_midnight = 24 - first % 24
    return [(first, to_midnight), *_by_day(first + to_midnight, length - to_midnight)]


def _end(hour: int) -> int:
    return hour if hour <= 24 else hour - 24


def _days_words(days: Sequence[int]) -> str:
    if len(days) == len(_DAYS):
        return "daily"
    runs: list[list[int]] = []
    for day in days:
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    names = [name.capitalize() for name in _DAYS]
    return ", ".join(
        f"{names[run[0]]}-{names[run[-1]]}"
        if len(run) > 2
        else ", ".join(names[day] for day in run)
        for run in runs
    )


def _days(text: str) -> list[int]:
    text = text.strip()
    if text in {"daily", "every day"}:
        return list(range(7))
    days: list[int] = []
    for piece in re.split(r"[ ,]+", text):
        first, _, last = piece.partition("-")
        try:
            begin = _DAYS.index(first[:3])
            stop = _DAYS.index(last[:3]) if last else begin
        except ValueError:
            raise InputError(
                f"day {piece!r} is not understood -- write Mon, Tue, ... or daily"
            ) from None
        days.extend((begin + k) % 7 for k in range((stop - begin) % 7 + 1))
    return days


@dataclass(frozen=True)
class Period:
    """A block of the hours of the week with its own demand and travel speed.

    Parameters
    ----------
    name
        Shown to people.
    hours
        The hours it covers.
    speed_factor
        Travel speed relative to the road network's own (0.8 = slower).
    """

    name: str
    hours: WeekHours
    speed_factor: float = 1.0


ALWAYS = WeekHours(tuple(range(HOURS_A_WEEK)))
WHOLE_WEEK = Period("whole week", ALWAYS)


def split_week(periods: Sequence[Period], patterns: Mapping[str, WeekHours]) -> tuple[Period, ...]:
    """Split the week so that each shift pattern is a union of periods.

    The coarsest such partition that also respects the planner's own periods, which must cover the
    week once. Periods keep the order of their first hour; a planner's period that is split gets the
    names of the patterns on duty appended.

    Parameters
    ----------
    periods
        The planner's periods; empty means one period, the whole week.
    patterns
        Hours on duty by shift pattern.

    Raises
    ------
    InputError
        If an hour of the week is in no period or in two.
    """
    periods = tuple(periods) or (WHOLE_WEEK,)
    seen = np.zeros(HOURS_A_WEEK, dtype=int)
    for period in periods:
        seen += period.hours.mask()
    if (seen != 1).any():
        hour = int(np.flatnonzero(seen != 1)[0])
        none = WeekHours.of(np.flatnonzero(seen == 0).tolist()) if (seen == 0).any() else None
        cure = (
            f'add one for the rest: hours = "{none.words()}"'
            if none is not None and (seen <= 1).all()
            else "take it out of all but one"
        )
        raise InputError(
            f"periods must cover each hour of the week once; {_DAYS[hour // 24]} "
            f"{hour % 24:02d}:00 is in {seen[hour]} -- {cure}"
        )
    masks = {name: hours.mask() for name, hours in sorted(patterns.items())}
    out: list[Period] = []
    for period in periods:
        groups: dict[tuple[str, ...], list[int]] = {}
        for hour in period.hours.hours:
            groups.setdefault(tuple(name for name, mask in masks.items() if mask[hour]), []).append(
                hour
            )
        for on_duty, hours in groups.items():
            label = "nobody on duty" if not on_duty else " + ".join(on_duty)
            if len(groups) == 1:
                name = period.name
            elif len(periods) == 1:
                name = label
            else:
                name = f"{period.name}, {label}"
            out.append(Period(name, WeekHours.of(hours), period.speed_factor))
    return tuple(sorted(out, key=lambda period: period.hours.hours[0]))


def hour_of_week(
    day_of_week: NDArray[np.integer], hour_of_day: NDArray[np.integer]
) -> NDArray[np.int64]:
    """Hour of the week (0..167) from day of the week (Monday 0) and hour of the day."""
    return np.asarray(day_of_week, dtype=np.int64) * 24 + np.asarray(hour_of_day, dtype=np.int64)


def _parse_hours(value: object) -> object:
    return WeekHours.parse(value) if isinstance(value, str) else value


Hours = Annotated[WeekHours, BeforeValidator(_parse_hours)]
"""Hours of the week as a program file states them: ``Mon-Fri 08:00-18:00``."""
