"""How wide a report's columns are: words whole first, then room for what there is to read."""

from __future__ import annotations

from math import ceil

from coresponse.maps.report.content import ReportTable

# Letters kept whole; a longer word, such as a hash or an address, may be broken.
LONGEST_WORD = 26

# Letters beyond which a cell asks for no more room: it runs over lines anyway.
LONGEST_TEXT = 80

# Width of a bold letter relative to a plain one.
BOLD = 1.15

# Letters' worth of empty space beside a cell.
SPARE = 3


# Letters that a line of a printed table has room for.
LINE = 114


def column_widths(table: ReportTable, *, whole: bool = True) -> tuple[float, ...]:
    """Return each column's share of a table's width, in percent.

    A column gets the room of its longest word, and a share of what is left by how much more its
    longest text would fill. A column of figures gets its longest figure on one line, as far as it
    is no longer than a word may be.

    Parameters
    ----------
    whole
        Keep figures and their bands on one line; given up where a line has no room for that.
    """
    needs, wants = [], []
    for k, head in enumerate(table.columns):
        cells = [head, *(row[k] for row in table.rows)]
        # heads are set bold, which is wider
        words = ["m" * ceil(len(word) * BOLD) for word in head.split()]
        words += [word for row in table.rows for word in row[k].split()]
        if k in table.numbers:
            words += [
                part for row in table.rows for part in ([row[k]] if whole else row[k].split(" ("))
            ]
        need = min(max(map(len, words), default=1), LONGEST_WORD) + SPARE
        needs.append(need)
        wants.append(max(need, min(max(map(len, cells)), LONGEST_TEXT) + SPARE))
    if whole and sum(needs) > LINE:
        return column_widths(table, whole=False)
    more = [want - need for want, need in zip(wants, needs, strict=True)]
    # as if lines had that much room; a table that needs more shares its line by what the columns
    # need
    left = max(0.0, LINE - sum(needs))
    given = [
        need + left * (m / sum(more) if sum(more) else 1 / len(needs))
        for need, m in zip(needs, more, strict=True)
    ]
    return tuple(round(100 * g / sum(given), 2) for g in given)
