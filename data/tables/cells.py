"""Cells of any file as text, and as numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_BLANK = ["nan", "NaN", "None", "<NA>", "NaT"]


# Beyond it a float no longer tells one whole number from the next.
LARGEST_WHOLE = 2**53


def _whole(values: pd.Series) -> pd.Series[bool]:
    return (values % 1 == 0) & (values.abs() <= LARGEST_WHOLE)


def _decoded(value: object) -> object:
    return value.decode("utf-8", errors="backslashreplace") if isinstance(value, bytes) else value


def as_text(values: pd.Series) -> pd.Series[str]:
    """Return cells as text without outer white space, RangeIndex; absent ones as ''.

    Whole numbers in a column of floats, which is what a column of ids with gaps becomes, are
    written without point.
    """
    if pd.api.types.is_float_dtype(values.dtype) and bool((values.isna() | _whole(values)).all()):
        values = values.astype("Int64")
    try:
        text = values.astype("str").str.strip()
    except UnicodeDecodeError:  # a column of bytes; what is no UTF-8 stays apart from what is
        text = values.map(_decoded).astype("str").str.strip()
    return text.where(~(values.isna() | text.isin(_BLANK)), "").reset_index(drop=True)


def as_numbers(values: pd.Series) -> NDArray[np.float64]:
    """Return (n,) cells as numbers, also with decimal commas or one every three digits; NaN for what is none."""
    numbers = np.asarray(pd.to_numeric(values, errors="coerce"), dtype=float)
    if not np.isfinite(numbers).any() and not pd.api.types.is_numeric_dtype(values):
        numbers = np.asarray(
            pd.to_numeric(_without_commas(as_text(values)), errors="coerce"), dtype=float
        )
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _without_commas(text: pd.Series[str]) -> pd.Series[str]:
    """Return numbers with a decimal point where all of a column have commas: decimal ones, or one every three digits."""
    written = text[text != ""]
    if len(written) and written.str.fullmatch(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?").all():
        return text.str.replace(",", "", regex=False)
    return text.str.replace(",", ".", regex=False)
