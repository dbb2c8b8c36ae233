"""Whether the day goes first in dates with slashes or dashes, told from all dates of a history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from coresponse.data.errors import InputError
from coresponse.data.notes import Note
from coresponse.data.tables.cells import as_text

# one date alone may be a slip of the pen
_FEW = 2
_OVER_12, _MONTH = "(?:1[3-9]|2[0-9]|3[01])", "(?:0?[1-9]|1[0-2])"
_DAY_FIRST = f"^{_OVER_12}[-/]{_MONTH}[-/][0-9]"
_MONTH_FIRST = f"^{_MONTH}[-/]{_OVER_12}[-/][0-9]"
_EITHER = f"^{_MONTH}[-/]{_MONTH}[-/][0-9]"
_TWO_NUMBERS = "^([0-9]{1,2})([-/])([0-9]{1,2})(?=[-/][0-9])"


@dataclass(frozen=True)
class _Evidence:
    """How many dates of a file can only be read one way, with one of each."""

    label: str
    days: int
    months: int
    either: int
    day: str
    month: str

    @property
    def tells(self) -> str:
        """``day`` or ``month`` where clearly more dates say so than say the other; else ''."""
        if max(self.days, self.months) < _FEW or self.days == self.months:
            return ""
        return "day" if self.days > self.months else "month"


def order_of_dates(
    files: Sequence[tuple[str, pd.Series]], *, stated: bool | None = None
) -> tuple[bool, tuple[Note, ...]]:
    """Tell whether the day goes first in the dates of a history, from all its files together.

    A week's export may have no day above the 12th, so that none of its own dates tells.

    Parameters
    ----------
    files
        Name, and times of receipt as written.
    stated
        As the planner says.

    Returns
    -------
    day_first
        For all files.
    notes
        What was decided, where it was not as usual in North America, or where no date tells.

    Raises
    ------
    InputError
        If the dates of one file, or what is stated, contradict those of another.
    """
    seen = [_evidence(label, values) for label, values in files]
    days = [one for one in seen if one.tells == "day"]
    months = [one for one in seen if one.tells == "month"]
    if days and months:
        raise InputError(
            f"{days[0].label} has the day before the month, as in {days[0].day!r}, and "
            f"{months[0].label} the month before the day, as in {months[0].month!r}: files of one "
            "history are read one way -- write the dates of one of them like 2024-05-13"
        )
    against = months if stated else days
    if stated is not None and against:
        date = against[0].month if stated else against[0].day
        raise InputError(
            f"{against[0].label}: day_first = {str(stated).lower()} is stated under [calls], and "
            f"the dates say otherwise, as in {date!r} -- take it out"
        )
    day_first = bool(days) if stated is None else stated
    notes: list[Note] = []
    if days:
        notes.append(
            Note(
                "{files}: the day goes before the month, as its dates tell, and so all times were "
                "read",
                files=", ".join(label for label, _ in files),
            )
        )
    elif stated is None and not months and any(one.either for one in seen):
        notes.append(
            Note(
                "{files}: no date tells whether the day or the month goes first: read month "
                "first, as usual in North America; if not, state day_first = true under [calls]",
                files=", ".join(one.label for one in seen if one.either),
            )
        )
    return day_first, tuple(notes)


def _evidence(label: str, values: pd.Series) -> _Evidence:
    if pd.api.types.is_datetime64_any_dtype(values):
        return _Evidence(label, 0, 0, 0, "", "")
    text = as_text(values)
    day = text.str.contains(_DAY_FIRST, regex=True)
    month = text.str.contains(_MONTH_FIRST, regex=True)
    either = int(text.str.contains(_EITHER, regex=True).sum())
    if either and text.str.contains("[0-9][ ]?[AaPp][Mm]", regex=True).any():
        either = 0  # clocks of twelve hours go with months first
    # the date alone: with its time of day it could be somebody's call
    dates = [next(iter(text[mask].head(1).str.split().str[0]), "") for mask in (day, month)]
    return _Evidence(label, int(day.sum()), int(month.sum()), either, dates[0], dates[1])


def month_first(values: pd.Series) -> pd.Series:
    """Return a column of times with the day and the month of such dates exchanged."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return values
    return as_text(values).str.replace(_TWO_NUMBERS, r"\3\2\1", regex=True)
