"""Cells of a workbook's sheet as text, read as they come, within bounds."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from math import isfinite
from pathlib import Path

from coresponse.data.errors import InputError
from coresponse.data.tables.bounds import MAX_COLUMNS, MAX_ROW_CELLS, refuse_long_cell
from coresponse.data.tables.package import Package, SheetEntry, Workbook, workbook_of
from coresponse.data.unpack import most_unpacked, open_zip

# Of a sheet, in Excel and all that write its files.
MAX_ROWS = 1 << 20

# Shared strings: a sheet of Excel's has at most as many cells as are read at all.
MAX_STRINGS = 20_000_000

# That are looked at for a table.
MOST_SHEETS = 50

# Of a sheet, by which it is chosen; a block of the parser may hold more.
_FIRST_ROWS = 30

# Of more cells than the second, one in so many has content: in tables of people's every second.
_SPARSE, _FEW_CELLS = 20, 2_000_000


@dataclass(frozen=True)
class Sheet:
    """The cells of a sheet.

    Attributes
    ----------
    rows
        Row number, as the sheet shows it, of each row with content.
    cells
        The texts of each, '' where empty, all of one length.
    name
        Of the sheet.
    """

    rows: list[int]
    cells: list[list[str]]
    name: str


def read_sheets(plain: Path, path: Path, rank: Callable[[Sheet], int]) -> list[Sheet]:
    """Read the visible sheets of a workbook: one whole, of the others no more than the first rows.

    Parameters
    ----------
    plain
        The workbook.
    path
        The file as people know it, for messages.
    rank
        Of a sheet by its first rows: the highest is read whole, the first of several alike.

    Raises
    ------
    InputError
        If it is damaged, larger than the bounds, or declares XML entities.
    """
    with open_zip(plain, path) as archive:
        size = sum(info.file_size for info in archive.infolist())
        if size > most_unpacked(plain.stat().st_size):
            raise InputError(f"{path}: unpacks to {size:,} bytes; refused -- save it as CSV")
        return _read(archive, path, rank)


def _read(archive: zipfile.ZipFile, path: Path, rank: Callable[[Sheet], int]) -> list[Sheet]:
    package = Package(archive, path)
    book = workbook_of(package)
    shown = [sheet for sheet in book.sheets if sheet.visible] or list(book.sheets)
    strings = _Strings(path)
    if book.strings:
        for _ in package.parse(
            book.strings, begin=strings.begin, end=strings.end, text=strings.add
        ):
            pass
    clocks = _clock_styles(package, book)

    def sheet_of(entry: SheetEntry, most: int) -> Sheet:
        cells = _Cells(path, entry, strings.texts, clocks, book.from_1904)
        for _ in package.parse(entry.part, begin=cells.begin, end=cells.end, text=cells.add):
            cells.refuse_far()
            if len(cells.rows) > most:
                break
        cells.refuse_far()
        width = max(map(len, cells.cells), default=0)
        whole = [row + [""] * (width - len(row)) for row in cells.cells]
        return Sheet(cells.rows, whole, entry.name)

    if len(shown) == 1:
        return [sheet_of(shown[0], MAX_ROWS)]
    sheets = [sheet_of(entry, _FIRST_ROWS) for entry in shown[:MOST_SHEETS]]
    best = max(range(len(sheets)), key=lambda i: rank(sheets[i]))
    sheets[best] = sheet_of(shown[best], MAX_ROWS)
    return sheets


def _clock_styles(package: Package, book: Workbook) -> dict[int, bool]:
    """Return the styles of cells whose numbers are dates (False) or durations (True)."""
    if not book.styles:
        return {}
    from openpyxl.styles.numbers import (  # noqa: PLC0415 - takes 0.1 s, and most tables are CSV
        BUILTIN_FORMATS,
        is_date_format,
        is_timedelta_format,
    )

    formats = dict(BUILTIN_FORMATS)
    styles: list[int] = []
    inside = False
    for name, given in package.elements(book.styles):
        if name == "numFmt" and given.get("numFmtId", "").isdecimal():
            formats[int(given["numFmtId"])] = given.get("formatCode", "")
        elif name in {"cellXfs", "cellStyles", "cellStyleXfs", "dxfs"}:
            inside = name == "cellXfs"
        elif name == "xf" and inside:
            number = given.get("numFmtId", "0")
            styles.append(int(number) if number.isdecimal() and len(number) < 9 else 0)
    out: dict[int, bool] = {}
    for position, of_style in enumerate(styles):
        form = formats.get(of_style, "")[:200]
        if is_date_format(form):
            out[position] = is_timedelta_format(form)
    return out


class _Strings:
    """Shared strings, one after the other; pronunciations are left out."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.texts: list[str] = []
        self._parts: list[str] = []
        self._length = 0
        self._in_text = False
        self._aside = 0

    def begin(self, name: str, given: dict[str, str]) -> None:
        del given
        if name == "t":
            self._in_text = not self._aside
        elif name == "rPh":
            self._aside += 1

    def end(self, name: str) -> None:
        if name == "t":
            self._in_text = False
        elif name == "rPh":
            self._aside -= 1
        elif name == "si":
            self.texts.append("".join(self._parts))
            self._parts.clear()
            self._length = 0
            if len(self.texts) > MAX_STRINGS:
                raise InputError(
                    f"{self.path}: more than {MAX_STRINGS:,} strings -- save it as CSV"
                )

    def add(self, text: str) -> None:
        if self._in_text:
            self._parts.append(text)
            self._length += len(text)
            refuse_long_cell(self._length, self.path, f"string {len(self.texts) + 1:,}")


@dataclass
class _Cells:
    """Rows with content, gathered as the parser goes."""

    path: Path
    sheet: SheetEntry
    strings: list[str]
    clocks: dict[int, bool]
    from_1904: bool
    rows: list[int] = field(default_factory=list)
    cells: list[list[str]] = field(default_factory=list)
    reach: int = 0
    filled: int = 0
    _row: int = 0
    _column: int = 0
    _kind: str = ""
    _style: int = 0
    _parts: list[str] = field(default_factory=list)
    _length: int = 0
    _reading: bool = False
    _filled: bool = False
    _aside: int = 0
    _line: list[str] = field(default_factory=list)

    def begin(self, name: str, given: dict[str, str]) -> None:
        if name == "c":
            self._column = _column(given.get("r", "")) or self._column + 1
            self._kind = given.get("t", "n")
            style = given.get("s", "0")
            self._style = int(style) if style.isdecimal() and len(style) < 9 else 0
            self._parts.clear()
            self._length = 0
            self._filled = False
        elif name in {"v", "t"}:
            self._reading = not self._aside
            self._filled = self._filled or self._reading
        elif name == "rPh":  # how a word is pronounced
            self._aside += 1
        elif name == "row":
            number = given.get("r", "")
            self._row = int(number) if number.isdecimal() and len(number) < 10 else self._row + 1
            self._column = 0
            self._line = []

    def add(self, text: str) -> None:
        if self._reading:
            self._parts.append(text)
            self._length += len(text)
            if self._length > 32_767:  # the most that Excel itself writes
                refuse_long_cell(self._length, self.path, f"row {self._row}")

    def end(self, name: str) -> None:
        if name in {"v", "t"}:
            self._reading = False
        elif name == "rPh":
            self._aside -= 1
        elif name == "c" and self._filled:
            self._place(self._text("".join(self._parts)))
        elif name == "row" and self._line:
            if self._row > MAX_ROWS:
                self._refuse(f"row {self._row:,}; a sheet has {MAX_ROWS:,} rows")
            if self.rows and self._row <= self.rows[-1]:
                self._refuse(f"row {self._row:,} after row {self.rows[-1]:,}")
            self.rows.append(self._row)
            self.cells.append(self._line)
            self._line = []

    def _place(self, text: str) -> None:
        if not text:
            return
        self.filled += 1
        if self._column > MAX_COLUMNS:
            self._refuse(f"cells in column {self._column:,}; at most {MAX_COLUMNS:,} are read")
        line = self._line
        if self._column <= len(line):  # a place that comes twice: the last counts
            line[self._column - 1] = text
            return
        if self._column > len(line) + 1:
            line.extend([""] * (self._column - len(line) - 1))
        line.append(text)
        self.reach = max(self.reach, self._column)

    def refuse_far(self) -> None:
        """Refuse cells far apart, between which more would be filled up than fits."""
        reach = len(self.rows) * self.reach
        if reach > MAX_ROW_CELLS or (reach > _FEW_CELLS and reach > self.filled * _SPARSE):
            self._refuse(
                f"{len(self.rows):,} rows to column {self.reach:,}, "
                f"{reach:,} cells with those between, of which {self.filled:,} have content"
            )

    def _refuse(self, what: str) -> None:
        raise InputError(f"{self.path}, sheet {self.sheet.name!r:.60}: {what} -- save it as CSV")

    def _text(self, written: str) -> str:
        kind = self._kind
        if kind == "s":
            return self._shared(written)
        if kind == "n":
            return self._number(written)
        if kind == "b":
            return "True" if written.strip() in {"1", "true"} else "False"
        if kind == "e":
            return ""
        if kind == "d":
            return written.replace("T", " ").removesuffix("Z")
        return written

    def _shared(self, written: str) -> str:
        number = written.strip()
        if number.isdecimal() and len(number) < 10 and int(number) < len(self.strings):
            return self.strings[int(number)]
        raise InputError(
            f"{self.path}: not a readable Excel workbook (row {self._row} has string "
            f"{written!r:.20}, of {len(self.strings):,})"
        )

    def _number(self, written: str) -> str:
        digits = written.removeprefix("-")
        if digits.isdecimal() and len(digits) < 20 and self._style not in self.clocks:
            return str(int(written))  # a long number of an event has more digits than a float
        try:
            value = float(written)
        except ValueError:
            return written.strip()
        if self._style in self.clocks:
            return _clock(value, self.from_1904, duration=self.clocks[self._style])
        if not isfinite(value):
            return ""
        return str(int(value)) if value.is_integer() else str(value)


def _clock(days: float, from_1904: bool, *, duration: bool) -> str:
    """Write a date, time of day or duration that a sheet keeps as a number of days."""
    from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel  # noqa: PLC0415

    epoch = MAC_EPOCH if from_1904 else WINDOWS_EPOCH
    try:
        found = from_excel(days, epoch, timedelta=duration)
    except (ValueError, OverflowError, TypeError):
        return str(days)  # not a date after all; whoever needs one says so
    if isinstance(found, datetime | time | timedelta):
        return str(found)
    return "" if found is None else str(found)


def _column(reference: str) -> int:
    """Return the number of a column from a cell's reference, such as 28 for AB7; 0 if it has none."""
    number = 0
    for letter in reference[:8]:
        place = ord(letter) & ~0x20
        if not 65 <= place <= 90:
            break
        number = number * 26 + place - 64
    return number
