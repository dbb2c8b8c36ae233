"""Which row is the header, and the names in it."""

from __future__ import annotations

from collections.abc import Sequence

from coresponse.data.tables.dictionary import TableSpec, plain

HEAD_ROWS = 25
"""The header is one of the first rows: above it a report may have its title."""


def known_names(spec: TableSpec) -> set[str]:
    """Names, in plain form, that a column of the table may have."""
    return {plain(name) for column in spec.columns for name in (column.name, *column.aliases)}


def known_cells(cells: Sequence[str], known: set[str]) -> int:
    """How many names that a column of the table may have are in the cells.

    A row of check marks, x x x, has one.
    """
    return len({plain(cell) for cell in cells if cell} & known)


def header_row(records: Sequence[Sequence[str]], known: set[str]) -> int:
    """Return the position of the row with most known names.

    Without any, of the first row that is no mere title.
    """
    scores = [known_cells(cells, known) for cells in records]
    if any(scores):
        return scores.index(max(scores))
    filled = [sum(bool(cell.strip()) for cell in cells) for cells in records]
    fullest = max(filled, default=0)
    return next((i for i, count in enumerate(filled) if count > fullest / 2), 0)


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
