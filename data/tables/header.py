"""Which row is the header, and the names in it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from coresponse.data.notes import Note
from coresponse.data.tables.dictionary import TableSpec, plain, spelled

# The header is one of the first rows: above it a report may have its title.
HEAD_ROWS = 25


def known_names(spec: TableSpec) -> set[str]:
    """Names, in plain form, that a column of the table may have."""
    return {plain(name) for column in spec.columns for name in (column.name, *column.aliases)}


def known_cells(cells: Sequence[str], known: set[str]) -> int:
    """How many names that a column of the table may have are in the cells, words that exports shorten in full too.

    A row of check marks, x x x, has one.
    """
    names = {plain(cell): spelled(cell) for cell in cells if cell}
    return len({name if name in known else full for name, full in names.items()} & known)


def header_row(records: Sequence[Sequence[str]], known: set[str]) -> int:
    """Return the position of the row with most known names.

    Without any, of the first row that is no mere title. A single known name beside numbers and times is a
    word of the data, such as a disposition CLEARED.
    """
    scores = [
        0 if (count := known_cells(cells, known)) == 1 and _has_data(cells) else count
        for cells in records
    ]
    if any(scores):
        return scores.index(max(scores))
    return _first_row(records)


def _first_row(records: Sequence[Sequence[str]]) -> int:
    filled = [sum(bool(cell.strip()) for cell in cells) for cells in records]
    fullest = max(filled, default=0)
    return next((i for i, count in enumerate(filled) if count > fullest / 2), 0)


# Cells of numbers, times and places, which are never the names of columns; a bare year may be.
_DATA = re.compile(
    r"(?!(?:19|20)\d\d$)[-+(]?\d[\d,. ]*\)?%?|[-+]?\d+(?:\.\d+)?,\s*[-+]?\d+(?:\.\d+)?"  # a number; two of a place
    r"|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ].*)?|\d{1,2}:\d\d(?::\d\d.*)?(?:\s*[AaPp]\.?[Mm]\.?)?"  # a date, a clock
    r"|\d{1,2}[- ][A-Za-z]{3,9}[- ,]+\d{2,4}.*|[A-Za-z]{3,9} \d{1,2},? \d{4}.*|POINT ?\(.*",
    re.DOTALL,
)


def _has_data(cells: Sequence[str]) -> bool:
    return any(_DATA.fullmatch(cell.strip()) for cell in cells)


# a header is told from the rows below it; their kinds show within a screenful
_SAMPLE = 20


def has_no_header(records: Sequence[Sequence[str]], at: int, known: set[str]) -> bool:
    """Whether there is no header: what would be it has one known name at most, and the first row is one of data.

    That is, it has cells such as numbers and times where the rows below have them, too. A single
    known name may be a word of the data.
    """
    names = known_cells([cell.strip() for cell in records[at]], known)
    start = _first_row(records)
    below = [row for row in records[start + 1 :][:_SAMPLE] if any(cell.strip() for cell in row)]
    if names > 1 or not below:
        return False
    return any(
        bool(_DATA.fullmatch(cell.strip()))
        and sum(i < len(row) and bool(_DATA.fullmatch(row[i].strip())) for row in below) * 2
        > len(below)
        for i, cell in enumerate(records[start])
    )


def no_header_note(file: str, columns: int) -> Note:
    """Say that columns have no names, without a word of what is in them."""
    return Note(
        "{file}: has no header row: its columns are called 'column 1' to 'column {columns}' here "
        "-- say which is "
        'which: --column received_at="column 2", or write names into a first row',
        file=file,
        columns=columns,
    )


def column_names(cells: Sequence[str]) -> list[str]:
    """Name nameless columns by their position, and number repeated names."""
    names: dict[str, None] = {}
    for position, cell in enumerate(cells, start=1):
        base = cell.strip() or f"column {position}"
        name, number = base, position
        while name in names:
            name = f"{base} ({number})"
            number += 1
        names[name] = None
    return list(names)
