"""Whether the day goes first in dates with slashes or dashes, told from the dates themselves."""

from __future__ import annotations

import pandas as pd

from coresponse.data.tables.cells import as_text

_SAMPLE = 2000
_FEW = 2
_OVER_12, _MONTH = "(?:1[3-9]|2[0-9]|3[01])", "(?:0?[1-9]|1[0-2])"
_DAY_FIRST = f"^{_OVER_12}[-/]{_MONTH}[-/][0-9]"
_MONTH_FIRST = f"^{_MONTH}[-/]{_OVER_12}[-/][0-9]"
_TWO_NUMBERS = "^([0-9]{1,2})([-/])([0-9]{1,2})(?=[-/][0-9])"


def goes_day_first(values: pd.Series) -> bool:
    """Whether more dates of a sample can only have the day first than can only have the month first."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return False
    text = as_text(values.iloc[:: max(1, len(values) // _SAMPLE)])
    days = int(text.str.contains(_DAY_FIRST, regex=True).sum())
    return days >= _FEW and days > int(text.str.contains(_MONTH_FIRST, regex=True).sum())


def month_first(values: pd.Series) -> pd.Series:
    """Return a column of times with the day and the month of such dates exchanged."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return values
    return as_text(values).str.replace(_TWO_NUMBERS, r"\3\2\1", regex=True)
