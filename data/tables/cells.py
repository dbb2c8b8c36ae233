"""Cells of any file as text."""

from __future__ import annotations

import pandas as pd

_BLANK = ["nan", "NaN", "None", "<NA>", "NaT"]


def as_text(values: pd.Series) -> pd.Series[str]:
    """Return cells as text without outer white space, RangeIndex; absent ones as ''.

    Whole numbers in a column of floats, which is what a column of ids with gaps becomes, are written without point.
    """
    if pd.api.types.is_float_dtype(values.dtype) and bool((values.isna() | (values % 1 == 0)).all()):
        values = values.astype("Int64")
    text = values.astype("str").str.strip()
    return text.where(~(values.isna() | text.isin(_BLANK)), "").reset_index(drop=True)
