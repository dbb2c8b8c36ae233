"""Workbooks written for people: the same bytes each time, formulas of ours alone, text that stays text."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.chart import Reference, ScatterChart, Series
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from coresponse.data.figures.text import percent
from coresponse.data.tables.write import harmless, whole_file

# A cell holds 32,767 letters.
MOST_LETTERS = 32_000

_CELL = re.compile(
    rb'<c r="(?P<at>[A-Z]+\d+)"(?P<style>[^>]*?)><f>(?P<f>.*?)</f><v\s*/?>(?:</v>)?</c>', re.DOTALL
)
_MODIFIED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
# The first moment that a zip archive can say; the moment of writing would be another each time.
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Formula:
    """A formula, without its equals sign, and the value that it has.

    Viewers that work nothing out show the value; a spreadsheet works it out again.
    """

    text: str
    value: float


Cell = str | float | int | bool | Formula | None

# How numbers are shown.
MONEY, WHOLE, HUNDREDTHS, PERCENT = '"$"#,##0', "#,##0", "#,##0.00", "0.0%"


@dataclass(frozen=True)
class Points:
    """A chart of points, drawn beside a sheet's rows.

    Attributes
    ----------
    x, y
        Columns, from 1.
    first, last
        Rows, from 1.
    """

    title: str
    x_title: str
    y_title: str
    x: int
    y: int
    first: int
    last: int


@dataclass
class OutSheet:
    """A sheet that is filled from above.

    Attributes
    ----------
    title
        Its name, at most 31 letters.
    widths
        Of columns, in letters.
    formats
        How numbers of a column are shown, by column from 1.
    """

    title: str
    widths: Sequence[float] = ()
    formats: dict[int, str] = field(default_factory=dict)
    rows: list[tuple[tuple[Cell, ...], bool, str | None]] = field(default_factory=list)
    charts: list[Points] = field(default_factory=list)

    def add(self, *cells: Cell, bold: bool = False, shown: str | None = None) -> int:
        """Add a row, and return its number, from 1.

        Parameters
        ----------
        shown
            How this row's numbers are shown, where not as their columns'.
        """
        self.rows.append((cells, bold, shown))
        return len(self.rows)

    def value(self, column: int, row: int) -> float:
        """Return the number that stands in a cell; 0 where there is none."""
        cells = self.rows[row - 1][0]
        found = cells[column - 1] if column <= len(cells) else None
        if isinstance(found, Formula):
            return found.value
        return float(found) if isinstance(found, int | float) else 0.0

    def total(self, column: int, first: int, last: int) -> Formula:
        """Return the sum of rows of a column; 0 where none was added, for a sum would be of itself."""
        if first > len(self.rows):
            return Formula("0", 0.0)
        letter = get_column_letter(column)
        value = sum(self.value(column, row) for row in range(first, last + 1))
        return Formula(f"SUM({letter}{first}:{letter}{last})", value)


def at(column: int, row: int) -> str:
    """Return a cell's name, such as ``C7``."""
    return f"{get_column_letter(column)}{row}"


def write_workbook(sheets: Sequence[OutSheet], path: Path) -> None:
    """Write sheets as a workbook (``.xlsx``).

    Text is stored as text: what looks like a formula is marked as quoted and is never worked out.
    Formulas carry their values. Parts are stored without compression and without the moment of
    writing, so that the same sheets give the same bytes.
    """
    book = Workbook()
    book.remove(book.active)
    for sheet in sheets:
        _fill(book.create_sheet(sheet.title), sheet)
    raw = io.BytesIO()
    book.save(raw)
    with whole_file(path) as file:
        file.write(_fixed(raw, sheets))


def _fill(target: Any, sheet: OutSheet) -> None:
    for i, width in enumerate(sheet.widths, start=1):
        target.column_dimensions[get_column_letter(i)].width = width
    for i, (cells, bold, shown) in enumerate(sheet.rows, start=1):
        for j, content in enumerate(cells, start=1):
            if content is None:
                continue
            cell = target.cell(i, j)
            if isinstance(content, Formula):
                cell.value = f"={content.text}"
            elif isinstance(content, str):
                _put_text(cell, content)
            else:
                cell.value = content
            if bold:
                cell.font = Font(bold=True)
            if not isinstance(content, str | bool):
                cell.number_format = _format_of(content, shown or sheet.formats.get(j, "General"))
    for chart in sheet.charts:
        target.add_chart(_chart(target, chart), at(len(sheet.widths) + 2, 3))


def _format_of(content: Cell, shown: str) -> str:
    """Return how a number is shown: percent as on every page, whole where it is (coresponse.data.figures.text.percent)."""
    if shown != PERCENT or not isinstance(content, float | int):
        return shown
    return "0%" if percent(content) == f"{content:.0%}" else PERCENT


def _put_text(cell: Any, content: str) -> None:
    text = ILLEGAL_CHARACTERS_RE.sub(" ", content)[:MOST_LETTERS]
    cell.value = text
    # what begins with = would be a formula, and #N/A an error
    cell.data_type = "s"
    if harmless(text) != text:
        cell.quotePrefix = True


def _chart(target: Any, points: Points) -> ScatterChart:
    chart = ScatterChart(scatterStyle="lineMarker")
    chart.title, chart.x_axis.title, chart.y_axis.title = (
        points.title,
        points.x_title,
        points.y_title,
    )
    # else some viewers leave the axes out
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.legend = None
    chart.width, chart.height = 22, 12
    xs, ys = (
        Reference(target, min_col=column, min_row=points.first, max_row=points.last)
        for column in (points.x, points.y)
    )
    series = Series(ys, xs)
    series.marker.symbol, series.graphicalProperties.line.noFill = "circle", True
    chart.series.append(series)
    return chart


def _fixed(raw: io.BytesIO, sheets: Sequence[OutSheet]) -> bytes:
    """Return the archive with formulas' values, and without the moment of writing."""
    values = {
        f"xl/worksheets/sheet{k}.xml": {
            at(j, i): cell.value
            for i, (cells, _, _) in enumerate(sheet.rows, start=1)
            for j, cell in enumerate(cells, start=1)
            if isinstance(cell, Formula)
        }
        for k, sheet in enumerate(sheets, start=1)
    }
    out = io.BytesIO()
    with zipfile.ZipFile(raw) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as after:
        for name in before.namelist():
            content = before.read(name)
            if name in values:
                content = _with_values(content, values[name])
            elif name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>1980-01-01T00:00:00Z", content)
            after.writestr(zipfile.ZipInfo(name, _EPOCH), content)
    return out.getvalue()


def _with_values(content: bytes, values: dict[str, float]) -> bytes:
    def valued(match: re.Match[bytes]) -> bytes:
        at_cell = match["at"]
        value = f"{values[at_cell.decode()]:.15g}".encode()
        return b'<c r="%s"%s><f>%s</f><v>%s</v></c>' % (at_cell, match["style"], match["f"], value)

    return _CELL.sub(valued, content)
