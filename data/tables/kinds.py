"""What the cells of a column are, in a word: for people who are to say which column is which."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from coresponse.data.tables.cells import as_text

_SAMPLE = 50
# Of a sample must be of a kind: exports have blanks and words for none.
_MOST = 0.6

_KINDS = (
    ("numbers", re.compile(r"[-+]?\d[\d,. ]*")),
    ("times of day", re.compile(r"\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?: ?[AaPp]\.? ?[Mm]\.?)?")),
    ("dates", re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{1,2}[- ]\w{3,9}[- ]\d{2,4}|\w{3,9} \d{1,2},? \d{4}")),
    ("dates with times", re.compile(r"(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\w.{4,20}\d{2})[T ,]+\d{1,2}:\d\d.*")),
    ("places", re.compile(r"POINT.*|\(?[-+]?\d+\.\d+[, ]+[-+]?\d+\.\d+\)?|.*\d[°\d.,'\"\s]*[NS]\b.*\d[°\d.,'\"\s]*[EW]\b\W*")),
)  # fmt: skip


def kinds_of_columns(frame: pd.DataFrame) -> Sequence[str]:
    """Return for each column what most of its cells are, such as ``dates``; never what stands in them."""
    return [kind_of_column(frame.iloc[:, i]) for i in range(frame.shape[1])]


def kind_of_column(values: pd.Series) -> str:
    """Return what most of a column's cells are."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return "dates with times"
    text = as_text(values.iloc[:: max(1, len(values) // _SAMPLE)])
    cells = [cell.strip() for cell in text if cell.strip()]
    if not cells:
        return "blank"
    for kind, form in _KINDS:
        if sum(bool(form.fullmatch(cell)) for cell in cells) > _MOST * len(cells):
            return kind
    return "words"
