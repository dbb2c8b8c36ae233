"""How large a table may be, looked at before any work is done on it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from coresponse.data.errors import InputError

# Wider than any export of a dispatch system or a census; matching names takes time for each.
MAX_COLUMNS = 4_096

# Characters of one cell: a county's outline has some 100,000, a narrative fewer.
MAX_CELL = 1_000_000

# Rows times columns up to the last cell with content: a reader fills in all that lie between.
MAX_ROW_CELLS = 50_000_000


def refuse_wide(columns: int, path: Path) -> None:
    """Refuse a table with more columns than a table has.

    Raises
    ------
    InputError
        If there are more than :data:`MAX_COLUMNS`.
    """
    if columns > MAX_COLUMNS:
        raise InputError(
            f"{path}: {columns:,} columns, at most {MAX_COLUMNS:,} -- keep those of calls, posts "
            "or districts"
        )


def refuse_long_cell(characters: int, path: Path, place: str) -> None:
    """Refuse a cell that is longer than any that is written by hand or by a system.

    Raises
    ------
    InputError
        If it has more than :data:`MAX_CELL` characters.
    """
    if characters > MAX_CELL:
        raise InputError(
            f"{path}, {place}: a cell of {characters:,} characters, at most {MAX_CELL:,} -- take "
            "the column out, or look for a quote that is not closed"
        )


def refuse_large(frame: pd.DataFrame, path: Path) -> None:
    """Refuse a table that is too wide, or has a cell that is too long, in whatever kind of file.

    Raises
    ------
    InputError
        As :func:`refuse_wide` and :func:`refuse_long_cell`.
    """
    refuse_wide(frame.shape[1], path)
    for at in range(frame.shape[1]):
        values, kind = frame.iloc[:, at], str(frame.dtypes.iloc[at])
        if kind == "object":
            longest = max((len(v) for v in values if isinstance(v, _SIZED)), default=0)
        elif kind.startswith("str"):
            longest = int(values.str.len().fillna(0).max()) if len(values) else 0
        else:
            continue
        refuse_long_cell(longest, path, f"column {str(frame.columns[at])[:60]!r}")


_SIZED = (str, bytes, list, dict, np.ndarray)
