"""The time of receipt: one column, or a date and a time of day in two."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.data.errors import InputError
from coresponse.data.notes import Note
from coresponse.data.tables.cells import as_text

# the form of a column shows in so many cells, taken from all over the file
_SAMPLE = 200
_DATE = r"\d[-/.]\d|^\d{8}$|[A-Za-z]{3,}"
_CLOCK = r"^\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?:\s*[AaPp]\.?[Mm]\.?)?$|^\d{3,4}$"
_MIDNIGHT = r"[T\s]+(?:0?0:00(?::00(?:\.0+)?)?|12:00(?::00(?:\.0+)?)?\s*[Aa][Mm])Z?$"


def received_values(
    frame: pd.DataFrame, found: Mapping[str, str], chosen: Collection[str]
) -> tuple[pd.Series, str]:
    """Return the column of times of receipt and its name.

    Which of the columns that were found by their names holds the date and which the time of day is
    told by what is in them: exports call either of them "received".

    Parameters
    ----------
    frame
        The rows.
    found
        Column by our name; some of `received_at`, `received_date`, `received_time`.
    chosen
        Our names that the planner mapped: these are taken at their word.
    """
    if "received_at" in found and "received_at" in chosen:
        return frame[found["received_at"]], found["received_at"]
    if {"received_date", "received_time"} <= set(chosen):
        return _joined(frame, found["received_date"], found["received_time"])
    columns = [
        found[name] for name in ("received_at", "received_date", "received_time") if name in found
    ]
    kinds = {column: kind_of_times(frame[column]) for column in columns}
    if kinds[columns[0]] != "both":
        dates = [column for column in columns if kinds[column] == "date"]
        clocks = [column for column in columns if kinds[column] == "clock"]
        if dates and clocks:
            return _joined(frame, dates[0], clocks[0])
    return frame[columns[0]], columns[0]


def kind_of_times(values: pd.Series) -> str:
    """Say whether most of a sample are ``date``, times of day (``clock``), or ``both`` in one."""
    text = as_text(values)
    text = text[text != ""]
    text = text.iloc[:: max(1, len(text) // _SAMPLE)]
    if text.empty:
        return "both"
    if text.str.contains(_CLOCK, regex=True).mean() > 0.5:
        return "clock"
    dated = text.str.contains(_DATE, regex=True)
    timed = text.str.replace(_MIDNIGHT, "", regex=True).str.contains(":", regex=False)
    return "date" if dated.mean() > 0.5 and not timed.any() else "both"


def _joined(frame: pd.DataFrame, date: str, clock: str) -> tuple[pd.Series, str]:
    days = as_text(frame[date]).str.replace(_MIDNIGHT, "", regex=True)
    clocks = as_clocks(frame[clock])
    whole = (days + " " + clocks).where((days != "") & (clocks != ""), "")
    return whole, f"{date} with {clock}"


def as_clocks(values: pd.Series) -> pd.Series[str]:
    """Return times of day as text, with a colon in military ones such as 945."""
    clocks = as_text(values)
    military = clocks.str.contains(r"^\d{3,4}$", regex=True)
    padded = clocks.str.zfill(4)
    return clocks.where(~military, padded.str[:2] + ":" + padded.str[2:])


def refuse_dates_alone(received: Sequence[pd.Series], zone: ZoneInfo, where: str) -> None:
    """Refuse a history in which every call is at midnight: hours could not be told apart.

    Parameters
    ----------
    received
        By file, times in UTC, NaT where unknown.
    zone
        The city's.

    Raises
    ------
    InputError
        If there are two calls or more, and all are at midnight.
    """
    utc = np.concatenate([np.asarray(times, dtype="datetime64[ns]") for times in received])
    if _all_at_midnight(utc, zone):
        raise InputError(
            f"{where}: there is no time of day: every call is at midnight, so that no hour can be "
            "told from another -- set received_time to the column with the time of day, or ask for "
            "an export that has it"
        )


def _all_at_midnight(utc: NDArray[np.datetime64], zone: ZoneInfo) -> bool:
    known = pd.DatetimeIndex(utc[~np.isnat(utc)]).tz_localize("UTC").tz_convert(zone)
    known = known.tz_localize(None)  # in some zones midnight comes twice when clocks go back
    return len(known) >= 2 and bool((known == known.normalize()).all())


def no_clock_note(utc: NDArray[np.datetime64], zone: ZoneInfo, column: str) -> list[Note]:
    """Say so if all times of a column are midnight.

    Parameters
    ----------
    utc
        (n,) datetime64 in UTC, NaT where unknown.
    zone
        The city's.
    column
        File and column, for people.
    """
    if not _all_at_midnight(utc, zone):
        return []
    return [
        Note(
            "{column} has no time of day: every call counts at midnight -- set received_time, too",
            column=column,
        )
    ]
