"""CSV and its kin, by pyarrow's reader: every cell as text, every row accounted for."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from statistics import mode

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from numpy.typing import NDArray

from coresponse.data.errors import InputError
from coresponse.data.notes import Note
from coresponse.data.tables.bounds import MAX_COLUMNS, refuse_wide
from coresponse.data.tables.dictionary import TableSpec
from coresponse.data.tables.header import (
    HEAD_ROWS,
    column_names,
    has_no_header,
    header_row,
    known_cells,
    known_names,
    no_header_note,
)
from coresponse.data.tables.table import Table, no_bad_rows

_DELIMITERS = ",;\t|"
_HEAD_BYTES = 1 << 16
# A cell with more lines than this is a quote that was never closed.
_LONGEST_CELL_LINES = 200

# Bytes.
_LONGEST_ROW = 1 << 24

# Odd rows, and characters: each is kept until it is mended or told, which a short one is not worth.
# Of a real export whose rows all end with a delimiter too many, each has more.
MOST_SHORT_ROWS, SHORT_ROW = 100_000, 32

_Odd = list[tuple[int, str, int]]


@dataclass(frozen=True)
class _Form:
    """How a text table is written: `lines` end with the header, which is row `row` for people, 0 if there is none."""

    delimiter: str
    names: list[str]
    lines: int
    row: int


def read_text(plain: Path, path: Path, spec: TableSpec) -> Table:
    """Read a delimited text file.

    Parameters
    ----------
    plain
        The unpacked file.
    path
        The file as people know it, for messages.
    spec
        Tells which of the first rows is the header, and so what the delimiter is.

    Raises
    ------
    InputError
        If it is empty, no table, or a quote in it is never closed.
    """
    data, notes = _utf8(plain.read_bytes(), path)
    form = _form(data, spec, path)
    if form.row == 0:
        notes = (*notes, no_header_note(path.name, len(form.names)))
    cells, odd = _read(data, form, path)
    _refuse_open_quote(cells, odd, data, form, path)
    every = np.arange(form.row + 1, form.row + 1 + cells.num_rows + len(odd), dtype=np.int64)
    rows = every[~np.isin(every, [number for number, _, _ in odd])] if odd else every
    blank = _blank(cells)
    if blank.any():
        cells, rows = cells.filter(pa.array(~blank)), rows[~blank]
    frame = cells.to_pandas()
    if not odd:
        return Table(frame, rows, no_bad_rows(), notes=notes)
    return _with_odd_rows(frame, rows, odd, form, notes)


def _utf8(data: bytes, path: Path) -> tuple[bytes, tuple[Note, ...]]:
    """Bring text to UTF-8 without a byte-order mark."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        try:
            return data.decode("utf-16").encode(), (Note("{file}: read as UTF-16", file=path.name),)
        except UnicodeError as error:
            raise InputError(f"{path}: not whole UTF-16 text -- save it as CSV (UTF-8)") from error
    data = data.removeprefix(b"\xef\xbb\xbf")
    if b"\x00" in data[:4096]:
        raise InputError(
            f"{path}: holds zero bytes: it is not a text table -- save it as CSV (UTF-8)"
        )
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        note = Note(
            "{file}: not UTF-8, read as Windows-1252; check whether accents are right",
            file=path.name,
        )
        return data.decode("cp1252", errors="replace").encode(), (note,)
    return data, ()


def _form(data: bytes, spec: TableSpec, path: Path) -> _Form:
    """Choose the delimiter by which the header has most known names, then the rows most cells."""
    head = data[:_HEAD_BYTES].decode("utf-8", errors="replace")
    if not head.strip():
        raise InputError(f"{path}: the file is empty")
    if head.lstrip()[:15].lower().startswith(("<!doctype html", "<html", "<head", "<?xml")):
        raise InputError(f"{path}: this is a web page, not a table -- download the file itself")
    known = known_names(spec)
    best = (-1, 0)
    chosen = _Form(",", [], 0, 0)
    widest = 0
    for delimiter in _DELIMITERS:
        records = _head_records(head, delimiter)
        if not records:
            continue
        at = header_row([cells for cells, _ in records], known)
        header, lines = records[at]
        widest = max(widest, len(header))
        if len(header) > MAX_COLUMNS:
            continue
        rank = (
            known_cells(header, known),
            mode([len(cells) for cells, _ in records[at:] if cells] or [0]),
        )
        if rank > best:
            best, chosen = rank, _Form(delimiter, column_names(header), lines, at + 1)
            if has_no_header([cells for cells, _ in records], at, known):
                chosen = _without_header(delimiter, records)
    if best[0] < 1 and len(chosen.names) < 2:
        refuse_wide(widest, path)
        raise InputError(f"{path}: only one column -- is it separated by , ; tab or | ?")
    return chosen


def _without_header(delimiter: str, records: list[tuple[list[str], int]]) -> _Form:
    width = mode([len(cells) for cells, _ in records if cells])
    return _Form(delimiter, column_names([""] * width), 0, 0)


def _head_records(head: str, delimiter: str) -> list[tuple[list[str], int]]:
    """Return the first records, each with the number of lines up to its end.

    Blank ones are empty.
    """
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    records: list[tuple[list[str], int]] = []
    try:
        for record in reader:
            records.append((record, reader.line_num))
            if len(records) == HEAD_ROWS:
                break
    except csv.Error:
        pass  # a very long cell: what was read before it is enough to find the header
    return records


def _read(data: bytes, form: _Form, path: Path) -> tuple[pa.Table, _Odd]:
    """Read all rows.

    Those with too many or too few cells come back as (row number, text, cells).
    """
    odd: _Odd = []
    characters = 0

    def skip(row: pa.csv.InvalidRow) -> str:
        nonlocal characters
        text = str(row.text)
        odd.append((int(row.number) - form.lines + form.row, text, int(row.actual_columns)))
        characters += len(text)
        return "error" if len(odd) > max(MOST_SHORT_ROWS, characters / SHORT_ROW) else "skip"

    try:
        cells = pa.csv.read_csv(
            pa.BufferReader(data),
            # one thread: only then does the reader know the numbers of odd rows
            read_options=pa.csv.ReadOptions(
                use_threads=False,
                skip_rows=form.lines,
                column_names=form.names,
                block_size=_LONGEST_ROW,
            ),
            parse_options=pa.csv.ParseOptions(
                delimiter=form.delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=skip,
            ),
            convert_options=pa.csv.ConvertOptions(
                column_types=dict.fromkeys(form.names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        if len(odd) > max(MOST_SHORT_ROWS, characters / SHORT_ROW):
            number, _, found = odd[0]
            raise InputError(
                f"{path}: more than {MOST_SHORT_ROWS:,} rows have another number of cells than the "
                f"header, the first is row {number} with {found} for {len(form.names)} -- export "
                "it again"
            ) from error
        # the header is the last line
        if "Empty CSV" in str(error) or "Could not skip" in str(error):
            return pa.table({name: pa.array([], pa.string()) for name in form.names}), odd
        if "straddling" in str(error):
            if any(len(line) > _LONGEST_ROW for line in data.split(b"\n")):
                raise InputError(
                    f"{path}: a row has more than {_LONGEST_ROW:,} bytes -- end its line, or "
                    "remove it"
                ) from error
            raise _open_quote(path, "") from error
        # what the reader says may be a row of the file: of people
        raise InputError(
            f"{path}: not a readable table -- export it again as CSV (UTF-8)"
        ) from error
    return cells, odd


def _refuse_open_quote(cells: pa.Table, odd: _Odd, data: bytes, form: _Form, path: Path) -> None:
    """Refuse a quote that is never closed.

    It swallows the rows after it, which would be lost without a trace.
    """
    for number, text, _ in odd:
        if "\n" in text and text.count('"') % 2:
            raise _open_quote(path, f", row {number}")
    if data.count(b"\n") <= cells.num_rows + len(odd) + form.lines:
        return  # no row has more than one line
    unpaired = data.count(b'"') % 2 == 1
    for name in cells.column_names:
        column = cells[name]
        lines = pc.count_substring(column, "\n")
        marks = pc.count_substring(column, form.delimiter)
        whole = pc.and_(pc.greater(lines, 1), pc.greater_equal(marks, len(form.names) - 1))
        suspect = pc.or_(pc.greater_equal(lines, _LONGEST_CELL_LINES), whole)
        for position in pc.indices_nonzero(suspect).to_pylist():
            if _swallows_rows(column[position].as_py(), form):
                raise _open_quote(path, f", column {name}, about row {form.row + 1 + position}")
        if unpaired and cells.num_rows and lines[-1].as_py():
            raise _open_quote(path, f", column {name}, about row {form.row + cells.num_rows}")


def _swallows_rows(cell: str, form: _Form) -> bool:
    """Whether a cell holds whole rows, or more lines than anyone writes."""
    lines = cell.split("\n")
    if len(lines) > _LONGEST_CELL_LINES:
        return True
    return len(form.names) > 2 and any(
        line.count(form.delimiter) >= len(form.names) - 1 for line in lines[1:-1]
    )


def _open_quote(path: Path, place: str) -> InputError:
    return InputError(
        f'{path}{place}: a quote (") is opened and not closed, so that rows run together -- close '
        "or remove it"
    )


def _blank(cells: pa.Table) -> NDArray[np.bool_]:
    """Rows in which every cell is empty.

    Blank lines, and the ends of a spreadsheet's used range.
    """
    blank = np.ones(cells.num_rows, dtype=bool)
    for name in cells.column_names:
        if not blank.any():
            break
        blank &= pc.binary_length(cells[name]).to_numpy() == 0
    return blank


def _with_odd_rows(
    frame: pd.DataFrame, rows: NDArray[np.int64], odd: _Odd, form: _Form, notes: tuple[Note, ...]
) -> Table:
    """Put rows with blank cells too many, or last cells missing, back; list the others as bad."""
    width = len(form.names)
    mended: list[list[str]] = []
    mended_rows: list[int] = []
    bad: list[tuple[int, str]] = []
    for number, line, found in odd:
        cells = _split(line, form.delimiter)
        if cells is not None and not any(cell.strip() for cell in cells):
            continue  # a blank line
        if (
            cells is not None
            and len(cells) >= min(2, width)
            and not any(cell.strip() for cell in cells[width:])
        ):
            mended.append((cells + [""] * width)[:width])
            mended_rows.append(number)
        else:
            bad.append((number, f"{found} columns in place of {width}"))
    whole = pd.concat(
        [frame, pd.DataFrame(mended, columns=form.names, dtype=str)], ignore_index=True
    )
    numbers = np.r_[rows, mended_rows].astype(np.int64)
    order = np.argsort(numbers, kind="stable")
    bad_rows = pd.DataFrame(bad, columns=["source_row", "detail"]) if bad else no_bad_rows()
    return Table(whole.iloc[order].reset_index(drop=True), numbers[order], bad_rows, notes=notes)


def _split(line: str, delimiter: str) -> list[str] | None:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return None
