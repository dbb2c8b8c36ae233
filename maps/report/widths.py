"""How wide a report's columns are: words whole first, then room for what there is to read."""

from __future__ import annotations

from coresponse.maps.report.content import ReportTable

LONGEST_WORD = 24
"""Letters kept whole; a longer word, such as a hash or an address, may be broken."""

LONGEST_TEXT = 80
"""Letters beyond which a cell asks for no more room: it runs over lines anyway."""

SPARE = 3
"""Letters' worth of empty space beside a cell."""


LINE = 114
"""Letters that a line of a printed table has room for."""


def column_widths(table: ReportTable) -> tuple[float, ...]:
    """Return each column's share of a table's width, in percent.

    A column gets the room of its longest word, and a share of what is left by how much more its longest text would fill. A
    column of figures gets its longest figure on one line, as far as it is no longer than a word may be.
    """
    needs, wants = [], []
    for k, head in enumerate(table.columns):
        cells = [head, *(row[k] for row in table.rows)]
        words = [word for cell in cells for word in cell.split()]
        if k in table.numbers:
            words += [part for row in table.rows for part in row[k].split(" (")]
        need = min(max(map(len, words), default=1), LONGEST_WORD) + SPARE
        needs.append(need)
        wants.append(max(need, min(max(map(len, cells)), LONGEST_TEXT) + SPARE))
    more = [want - need for want, need in zip(wants, needs, strict=True)]
    # as if lines had that much room; a table that needs more shares its line by what the columns need
    left = max(0.0, LINE - sum(needs))
    given = [
        need + left * (m / sum(more) if sum(more) else 1 / len(needs)) for need, m in zip(needs, more, strict=True)
    ]
    return tuple(round(100 * g / sum(given), 2) for g in given)
