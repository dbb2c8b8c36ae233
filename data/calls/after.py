"""Times after the receipt of a call: whole times, times of day beside its date, or durations from it."""

from __future__ import annotations

import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from coresponse.data.calls.received import as_clocks, kind_of_times
from coresponse.data.calls.times import Times
from coresponse.data.tables.cells import as_text

# A time of day that is earlier than the receipt's by more than this is of the next day.
#
# By less it is two clocks that differ.
EARLIER_H = 1.0

# Half of a column's times of day are no later after the receipt than this: crews are sent, arrive and leave within a
# shift. Durations that are taken for times of day lie anywhere within a day, in the middle 12 hours after.
LATER_H = 6.0

# Fewer cells tell nothing.
LEAST_CLOCKS = 8

_ELAPSED = r"^\d{1,3}:\d\d:\d\d(?:\.\d+)?$"

_UNITS_S = (
    (re.compile(r"sec", re.IGNORECASE), 1.0, "seconds"),
    (re.compile(r"min", re.IGNORECASE), 60.0, "minutes"),
    (re.compile(r"hour|hrs", re.IGNORECASE), 3600.0, "hours"),
)
_DURATION = r"^\d{1,6}(?:\.\d+)?$"
_NANOSECONDS = 1e9
# the form of a column shows in so many cells, taken from all over the file
_SAMPLE = 200


def times_after(
    values: pd.Series,
    column: str,
    received: Times,
    zone: ZoneInfo,
    understood: Callable[[pd.Series], Times],
) -> tuple[Times, str]:
    """Return the times of a column, and what was made of it if it does not hold whole times.

    Parameters
    ----------
    values
        (n,) cells.
    column
        Its name; tells the unit of durations.
    received
        (n,) times of receipt.
    understood
        Parses whole times.
    """
    if pd.api.types.is_datetime64_any_dtype(values):
        return understood(values), ""
    kind = kind_of_times(values)
    unit = _unit(values, column)
    if unit is not None:
        factor, word = unit
        return _durations(as_text(values), received, factor), f"holds {word} from the receipt"
    if kind == "clock":
        return _clocks_or_elapsed(values, received, zone, understood)
    return understood(values), ""


def _clocks_or_elapsed(
    values: pd.Series, received: Times, zone: ZoneInfo, understood: Callable[[pd.Series], Times]
) -> tuple[Times, str]:
    """Read what looks like times of day as such, unless half of them would then be many hours after the receipt.

    ``0:13:00`` is then 13 minutes from the receipt; of ``13:00`` or ``1300`` nobody knows the unit.
    """
    clocks = _clocks(values, received, zone, understood)
    if _middle_h(clocks, received, zone) <= LATER_H:
        return clocks, "holds times of day: taken for the day of the receipt, or the next one"
    text = as_text(values)
    whole = text.str.contains(_ELAPSED, regex=True)
    parts = text[whole].str.split(":", expand=True).astype(float).to_numpy()
    seconds = text.where(text == "", "?")
    if whole.any():
        seconds[whole] = (parts @ np.array([3600.0, 60.0, 1.0])).astype(str)
    elapsed = _durations(seconds, received, 1.0)
    if whole.mean() > 0.5 and _middle_h(elapsed, received, zone) <= LATER_H:
        return elapsed, "holds hours, minutes and seconds from the receipt"
    nothing = np.full(len(values), np.datetime64("NaT", "ns"))
    return Times(nothing, np.zeros(len(values), dtype=bool)), (
        f"is left out: as times of day half of its cells would be more than {LATER_H:g} hours "
        "after the receipt -- if "
        "they are durations, write their unit into the column's name, such as minutes"
    )


def _middle_h(times: Times, received: Times, zone: ZoneInfo) -> float:
    """Return half of the cells' hours from the receipt; 0 where too few tell."""
    local = pd.DatetimeIndex(received.utc).tz_localize("UTC").tz_convert(zone).tz_localize(None)
    timed = ~np.isnat(times.utc) & ~np.isnat(received.utc) & np.asarray(local != local.normalize())
    if timed.sum() < LEAST_CLOCKS:
        return 0.0
    return float(np.median((times.utc[timed] - received.utc[timed]) / np.timedelta64(3600, "s")))


def _unit(values: pd.Series, column: str) -> tuple[float, str] | None:
    """Return seconds in the unit of a column of durations, and its name; None if it is none."""
    found = next(((f, word) for pattern, f, word in _UNITS_S if pattern.search(column)), None)
    if found is None:
        return None
    text = as_text(values)
    text = text[text != ""]
    text = text.iloc[:: max(1, len(text) // _SAMPLE)]
    numbers = text.str.contains(_DURATION, regex=True)
    return found if len(text) and numbers.mean() > 0.5 else None


def _durations(text: pd.Series, received: Times, factor_s: float) -> Times:
    numbers = np.asarray(pd.to_numeric(text.where(text != "", None), errors="coerce"), dtype=float)
    good = np.isfinite(numbers) & (numbers >= 0) & (numbers * factor_s < 1e8)
    step = np.where(good, numbers, 0.0) * factor_s * _NANOSECONDS
    utc = received.utc + step.astype(np.int64).astype("timedelta64[ns]")
    utc[~good] = np.datetime64("NaT")
    return Times(utc, ~good & (text != "").to_numpy())


def _clocks(
    values: pd.Series, received: Times, zone: ZoneInfo, understood: Callable[[pd.Series], Times]
) -> Times:
    known = pd.DatetimeIndex(received.utc).tz_localize("UTC").tz_convert(zone)
    clock = as_clocks(values)
    blank = (clock == "").to_numpy()
    day = pd.Series(known.strftime("%Y-%m-%d")).fillna("")
    whole = _written_iso(day, clock)
    same = understood(whole)
    late = same.utc < received.utc - np.timedelta64(round(EARLIER_H * 3600), "s")
    if late.any():
        next_day = pd.Series((known + pd.Timedelta(days=1)).strftime("%Y-%m-%d")).fillna("")
        again = understood(
            _written_iso(next_day[late].reset_index(drop=True), clock[late].reset_index(drop=True))
        )
        same.utc[late] = again.utc
    return Times(same.utc, same.bad & ~blank, same.moved)


def _written_iso(day: pd.Series, clock: pd.Series) -> pd.Series:
    return (day + " " + clock).where((day != "") & (clock != ""), "")
