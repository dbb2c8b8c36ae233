"""A table as read from a file, before its columns are understood."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from coresponse.data.notes import Note


@dataclass(frozen=True, eq=False)
class Table:
    """A table as read.

    Attributes
    ----------
    frame
        The rows; text columns from text files and workbooks, whatever types the file has from
        others.
    rows
        (n,) row number of each in the file as a spreadsheet shows it, title rows and the header
        counted; from files that have no header row, 1 is the first row.
    bad_rows
        Rows that could not be split into columns: `source_row`, `detail`.
    places
        (n, 2) coordinates where the file is a map layer.
    crs
        That of `places`.
    notes
        Sentences for people, such as a guessed encoding.
    """

    frame: pd.DataFrame
    rows: NDArray[np.int64]
    bad_rows: pd.DataFrame
    places: NDArray[np.float64] | None = None
    crs: CRS | None = None
    notes: tuple[Note, ...] = ()


def no_bad_rows() -> pd.DataFrame:
    """Return an empty frame of rows that could not be split."""
    return pd.DataFrame({"source_row": pd.Series(dtype="int64"), "detail": pd.Series(dtype=str)})
