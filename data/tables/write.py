"""Tables written for people.

Whole or not at all, the same bytes each time, and harmless in a spreadsheet.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pandas as pd

# What a spreadsheet takes for the start of a formula, full-width forms included.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """Write a file beside `path` and put it in place when the block ends well.

    Else nothing changes.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    building = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        building.chmod(0o644)
        building.replace(path)
    except BaseException:
        building.unlink(missing_ok=True)
        raise


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as CSV (UTF-8, no index) that a spreadsheet opens without running anything.

    Text that a spreadsheet would take for a formula gets an apostrophe in front; numbers stay
    numbers. Floats are written as the shortest text that reads back the same, times as ISO 8601
    with offset, absent values as nothing. Line breaks inside a text become line feeds: a bare
    carriage return is not quoted, and would start a row.
    """
    out = pd.DataFrame(
        {harmless(_line_feeds(str(name))): _column(frame[name]) for name in frame.columns}
    )
    with whole_file(path) as file:
        file.write(out.to_csv(index=False, lineterminator="\n").encode("utf-8", errors="replace"))


def harmless(text: str) -> str:
    """Return text with an apostrophe in front if a spreadsheet would take it, less its apostrophes, for a formula."""
    bare = text.lstrip("'")
    return f"'{text}" if bare.startswith(_FORMULA) or bare.lstrip().startswith(_FORMULA) else text


def as_written(text: str) -> str:
    """Return the text that :func:`harmless` was given."""
    return text[1:] if text.startswith("'") and harmless(text[1:]) == text else text


def _column(values: pd.Series) -> pd.Series:
    if isinstance(values.dtype, pd.DatetimeTZDtype) or pd.api.types.is_datetime64_dtype(
        values.dtype
    ):
        times = {moment: moment.isoformat() for moment in values.dropna().unique()}
        return values.map(times).astype(object)
    if pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_bool_dtype(values.dtype):
        return values
    return values.astype(object).map(
        lambda value: harmless(_line_feeds(value)) if isinstance(value, str) else value
    )


def _line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
