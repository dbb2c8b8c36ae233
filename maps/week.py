"""The map page's hours of the week: calls against responders on duty and busy, and who is reached by day and by night."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

BLOCK_H = 3
WEEKDAYS, WEEKEND = slice(0, 5), slice(5, 7)


@dataclass(frozen=True)
class WeekHoursShown:
    """Hours of the week from Monday 00:00.

    Parameters
    ----------
    calls
        (168,) calls an hour; NaN where it is not shown.
    on_duty, busy
        By deployment: (168,) responders on duty, and on calls; the latter only where it may be
        shown.
    note
        What it rests on.
    """

    calls: tuple[float, ...]
    on_duty: Mapping[str, tuple[float, ...]]
    busy: Mapping[str, tuple[float, ...]]
    note: str

    @property
    def call_digits(self) -> int:
        """Decimals in which the calls differ: of a small city, hours have less than one each."""
        return 1 if max((c for c in self.calls if math.isfinite(c)), default=1.0) >= 1 else 2


def week_payload(week: WeekHoursShown | None) -> dict[str, Any] | None:
    """Return the hours as the page's script reads them: tenths, of few calls hundredths; nothing where none is shown."""
    if week is None:
        return None

    def tenths(values: tuple[float, ...], digits: int = 1) -> list[float | None]:
        return [round(value, digits) if math.isfinite(value) else None for value in values]

    return {
        "calls": tenths(week.calls, week.call_digits),
        "callDigits": week.call_digits,
        "onDuty": {name: tenths(values) for name, values in week.on_duty.items()},
        "busy": {name: tenths(values) for name, values in week.busy.items()},
    }


def block_means(values: tuple[float, ...], days: slice) -> list[float]:
    """Return (8,) means over blocks of three hours of some days of the week; NaN where an hour is not shown."""
    by_day = np.array(values).reshape(7, 24 // BLOCK_H, BLOCK_H)
    return [float(value) for value in by_day[days].mean(axis=(0, 2))]
