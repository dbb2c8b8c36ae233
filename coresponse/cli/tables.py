"""Tables that a narrow window shows without cutting a figure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

BESIDE = 3
"""Columns of the window that a table's column takes besides its text: a line and two spaces."""

LONGEST_WORD = 24
"""Letters of a word of a name that are kept together; a longer one may be broken."""

Row = Sequence[str]


def print_table(
    console: Console,
    title: str,
    heads: Row,
    rows: Iterable[Row],
    *,
    words: Iterable[int] = (0,),
    sections: Iterable[int] = (),
) -> None:
    """Print a table that fits the window: figures stay whole, words run over lines.

    Where all figures have no room side by side, the table goes on in a second one that begins with
    the same first column.

    Parameters
    ----------
    words
        Columns of words; all others are figures, which are set to the right and never broken.
    sections
        Rows beneath which a line is drawn.
    """
    for table in fitted(title, heads, list(rows), console.width, set(words), set(sections)):
        console.print(table)


def fitted(
    title: str, heads: Row, rows: Sequence[Row], width: int, words: set[int], sections: set[int]
) -> Iterator[Table]:
    """Return a table, or several with the same first column, each no wider than `width`."""
    least = [_least(heads[k], [row[k] for row in rows], k in words) for k in range(len(heads))]
    for part in _parts(least, width):
        shown = set(part)
        room = width - 1 - sum(least[k] + BESIDE for k in part)
        wants = {
            k: max(
                0, max(cell_len(cell) for cell in (heads[k], *(row[k] for row in rows))) - least[k]
            )
            for k in part
        }
        # heads of figures in two lines first, then words, then heads in one
        more = _shared(
            {k: _in_two_lines(heads[k]) - least[k] for k in part if k not in words}, room
        )
        left = room - sum(more.values())
        more |= _shared({k: wants[k] for k in part if k in words}, left)
        left = room - sum(more.values())
        ones = _shared({k: wants[k] - more[k] for k in part if k not in words}, left)
        more |= {k: more[k] + one for k, one in ones.items()}
        table = Table(title=Text(title) if title else None, title_justify="left")
        for k in part:
            table.add_column(
                Text(heads[k]),
                justify="left" if k in words else "right",
                width=least[k] + more[k],
                overflow="fold",
            )
        for i, row in enumerate(rows):
            table.add_row(
                *(Text(cell) for k, cell in enumerate(row) if k in shown),
                end_section=i in sections,
            )
        yield table
        title = ""


def _least(head: str, cells: Sequence[str], is_words: bool) -> int:
    """Return the columns of the window that a table's column needs, so that nothing is broken."""
    longest = max((cell_len(word) for word in head.split()), default=0)
    if is_words:
        each = (cell_len(word) for cell in cells for word in cell.split())
        return max(1, min(max(each, default=0), LONGEST_WORD), longest)
    return max(1, longest, *map(cell_len, cells))


def _in_two_lines(head: str) -> int:
    """Return the width in which a head stands in two lines."""
    words = head.split()
    return min(
        max(cell_len(" ".join(words[:k])), cell_len(" ".join(words[k:])))
        for k in range(len(words) + 1)
    )


def _parts(least: Sequence[int], width: int) -> Iterator[list[int]]:
    """Split columns into tables that fit; each begins with the first column."""
    part = [0]
    for k in range(1, len(least)):
        if len(part) > 1 and 1 + sum(least[j] + BESIDE for j in (*part, k)) > width:
            yield part
            part = [0]
        part.append(k)
    yield part


def _shared(wants: dict[int, int], room: int) -> dict[int, int]:
    """Give each column what it wants more, the least first, as far as there is room for all."""
    given = dict.fromkeys(wants, 0)
    for left, k in enumerate(sorted(wants, key=lambda k: wants[k])):
        given[k] = max(0, min(wants[k], room // (len(wants) - left)))
        room -= given[k]
    return given
