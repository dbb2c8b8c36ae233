"""Tables that a narrow window shows without cutting a figure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

# Columns of the window that a table's column takes besides its text: a line and two spaces.
BESIDE = 3

# Letters of a word of a name that are kept together; a longer one may be broken.
LONGEST_WORD = 24

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
        texts = {k: [heads[k], *(row[k] for row in rows)] for k in part}
        wide = _flattest(texts, {k: least[k] for k in part}, room)
        table = Table(title=Text(title) if title else None, title_justify="left")
        for k in part:
            table.add_column(
                Text(heads[k]),
                justify="left" if k in words else "right",
                width=wide[k],
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


# Lines of a table that one line less of one cell is worth: two columns that are high side by side
# are lowered by turns, though the first alone lowers nothing.
CELL = 0.1


def _flattest(
    texts: Mapping[int, Sequence[str]], least: Mapping[int, int], room: int
) -> dict[int, int]:
    """Return columns' widths, each at least its least, by which the table has few lines.

    A row is as high as its highest cell. By turns the column is widened whose next width with fewer
    lines saves most for the room it takes, until none does or no room is left.
    """
    width = dict(least)
    lines = {k: _heights(texts[k], width[k]) for k in texts}
    while True:
        steps = []
        for k in texts:
            for wider in range(width[k] + 1, width[k] + room + 1):
                heights = _heights(texts[k], wider)
                if heights != lines[k]:
                    saved = _height(lines) - _height({**lines, k: heights})
                    steps.append((saved / (wider - width[k]), -k, wider, heights))
                    break
        if not steps:
            return width
        _, k, wider, heights = max(steps)
        room -= wider - width[-k]
        width[-k], lines[-k] = wider, heights


def _height(lines: Mapping[int, Sequence[int]]) -> float:
    """Return the lines of a table, and a little for those of each cell."""
    rows = list(zip(*lines.values(), strict=True))
    return float(sum(max(row) + CELL * sum(row) for row in rows))


def _heights(cells: Sequence[str], width: int) -> list[int]:
    """Return how many lines each text takes in a column."""
    return [_lines(cell, width) for cell in cells]


def _lines(text: str, width: int) -> int:
    """Return how many lines a text takes: words go to the next, longer ones are broken."""
    lines, left = 1, width
    for word in text.split():
        size = cell_len(word) + (left < width)
        if size > left:
            size = cell_len(word)
            lines += int(left < width) + (size - 1) // width
            left, size = width, (size - 1) % width + 1
        left -= size
    return lines


def _parts(least: Sequence[int], width: int) -> Iterator[list[int]]:
    """Split columns into tables that fit; each begins with the first column."""
    part = [0]
    for k in range(1, len(least)):
        if len(part) > 1 and 1 + sum(least[j] + BESIDE for j in (*part, k)) > width:
            yield part
            part = [0]
        part.append(k)
    yield part
