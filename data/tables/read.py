"""Read a table from the files that people have, as text, with its places if it is a map layer."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pyogrio.errors
from numpy.typing import NDArray
from pyproj import CRS

from coresponse.data.errors import InputError, MissingInputError, UnsupportedInputError
from coresponse.data.tables.dictionary import TableSpec, plain

KINDS = ".csv, .tsv, .txt (also .gz), .xlsx, .parquet, .gpkg, .geojson, .shp"
MAX_BYTES = 4 << 30
MAX_RATIO = 200
_HEAD_ROWS = 10
_MAX_HEADER_BYTES = 1 << 16


@dataclass(frozen=True, eq=False)
class Table:
    """A table as read.

    Attributes
    ----------
    frame
        The rows; text columns from text files, whatever types the file has from others.
    rows
        (n,) row number of each in the file, the header being row 1 of a plain file.
    bad_rows
        Rows that could not be split into columns: `source_row`, `detail`.
    places
        (n, 2) coordinates where the file is a map layer.
    crs
        That of `places`.
    notes
        Sentences for people, such as a guessed encoding.
    """

    frame: pd.DataFrame
    rows: NDArray[np.int64]
    bad_rows: pd.DataFrame
    places: NDArray[np.float64] | None = None
    crs: CRS | None = None
    notes: tuple[str, ...] = ()


@dataclass
class _Text:
    data: bytes
    notes: list[str] = field(default_factory=list)


def read_table(path: Path, spec: TableSpec) -> Table:
    """Read a table.

    Parameters
    ----------
    path
        A file of one of the kinds in :data:`KINDS`.
    spec
        Tells which of the first rows is the header: files often have a title above it.

    Raises
    ------
    MissingInputError
        If the file is not there.
    UnsupportedInputError
        If its kind is not read.
    InputError
        If it is empty, damaged, or too large.
    """
    if not path.is_file():
        raise MissingInputError(f"{path} is not there")
    if path.stat().st_size == 0:
        raise InputError(f"{path}: the file is empty")
    name = path.name.lower()
    if name.endswith((".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt", ".txt.gz")):
        table = _read_text(path, spec)
    elif name.endswith(".xlsx"):
        table = _read_excel(path, spec)
    elif name.endswith((".parquet", ".geoparquet")):
        table = _read_parquet(path)
    elif name.endswith((".gpkg", ".geojson", ".json", ".shp")):
        table = _read_layer(path)
    else:
        raise UnsupportedInputError(f"{path}: tables of this kind are not read; these are: {KINDS}")
    if table.frame.empty and table.bad_rows.empty:
        raise InputError(f"{path}: has a header and no rows")
    return table


def _known(spec: TableSpec) -> set[str]:
    """Names, in plain form, that a column of the table may have."""
    return {plain(name) for column in spec.columns for name in (column.name, *column.aliases)}


def _no_bad_rows() -> pd.DataFrame:
    return pd.DataFrame({"source_row": pd.Series(dtype="int64"), "detail": pd.Series(dtype=str)})


def _read_text(path: Path, spec: TableSpec) -> Table:
    text = _utf8(path, _bytes(path))
    head = text.data[:_MAX_HEADER_BYTES].decode("utf-8", errors="replace")
    if head.lstrip()[:15].lower().startswith(("<!doctype html", "<html")):
        raise InputError(f"{path}: this is a web page, not a table -- download the file itself")
    delimiter = _delimiter(head)
    first = list(_head_records(head, delimiter))
    at = _header_row(first, spec)
    names = _column_names(first[at])
    if len(names) == 1 and plain(names[0]) not in _known(spec):
        raise InputError(f"{path}: only one column, {names[0][:60]!r} -- is it separated by , ; tab or | ?")
    odd: list[tuple[int, str, int]] = []

    def skip(row: pa.csv.InvalidRow) -> str:
        odd.append((int(row.number or 0), str(row.text), int(row.actual_columns)))
        return "skip"

    try:
        content = pa.csv.read_csv(
            pa.BufferReader(text.data),
            # one thread: only then does the reader know the numbers of odd rows
            read_options=pa.csv.ReadOptions(
                use_threads=False, skip_rows=at + 1, column_names=names, block_size=1 << 24
            ),
            parse_options=pa.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=skip),
            convert_options=pa.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):
            raise InputError(f"{path}: has a header and no rows") from None
        raise InputError(f"{path}: not a readable table ({error})") from error
    frame = content.to_pandas()
    if not odd:
        return Table(frame, np.arange(at + 2, at + 2 + len(frame)), _no_bad_rows(), notes=tuple(text.notes))
    return _with_odd_rows(frame, odd, names, delimiter, at + 2, tuple(text.notes))


def _with_odd_rows(
    frame: pd.DataFrame,
    odd: list[tuple[int, str, int]],
    names: list[str],
    delimiter: str,
    first: int,
    notes: tuple[str, ...],
) -> Table:
    """Put rows with blank cells too many, or last cells missing, back; list the others as bad."""
    mended: list[list[str]] = []
    mended_rows: list[int] = []
    bad: list[tuple[int, str]] = []
    for number, line, found in odd:
        cells = next(csv.reader([line], delimiter=delimiter), [])
        blank_beyond = all(not cell.strip() for cell in cells[len(names) :])
        if blank_beyond and len(cells) >= min(2, len(names)):
            mended.append((cells + [""] * len(names))[: len(names)])
            mended_rows.append(number)
        else:
            bad.append((number, f"{found} columns in place of {len(names)}"))
    numbers = np.arange(first, first + len(frame) + len(odd))
    rows = numbers[~np.isin(numbers, [number for number, _, _ in odd])][: len(frame)]
    whole = pd.concat([frame, pd.DataFrame(mended, columns=names, dtype=str)], ignore_index=True)
    order = np.argsort(np.r_[rows, mended_rows], kind="stable")
    table = whole.iloc[order].reset_index(drop=True)
    bad_rows = pd.DataFrame(bad, columns=["source_row", "detail"]) if bad else _no_bad_rows()
    return Table(table, np.r_[rows, mended_rows].astype(np.int64)[order], bad_rows, notes=notes)


def _bytes(path: Path) -> bytes:
    if path.suffix.lower() != ".gz":
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path}: more than {MAX_BYTES:,} bytes -- split it, or save it as Parquet")
        return path.read_bytes()
    bound = min(MAX_BYTES, max(path.stat().st_size, 1 << 20) * MAX_RATIO)
    try:
        with gzip.open(path) as file:
            data = file.read(bound + 1)
    except (OSError, EOFError) as error:
        raise InputError(f"{path}: not a whole gzip file ({error})") from error
    if len(data) > bound:
        raise InputError(f"{path}: unpacks to more than {bound:,} bytes -- unpack it by hand if it is meant to")
    return data


def _utf8(path: Path, data: bytes) -> _Text:
    """Bring text to UTF-8 without a byte-order mark."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        try:
            return _Text(data.decode("utf-16").encode(), [f"{path.name}: read as UTF-16"])
        except UnicodeDecodeError as error:
            raise InputError(f"{path}: not whole UTF-16 text ({error.reason})") from error
    data = data.removeprefix(b"\xef\xbb\xbf")
    if b"\x00" in data[:4096]:
        raise InputError(f"{path}: holds zero bytes: it is no text table -- save it as CSV (UTF-8)")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        note = f"{path.name}: not UTF-8, read as Windows-1252; look whether accents are right"
        return _Text(data.decode("cp1252", errors="replace").encode(), [note])
    return _Text(data)


def _delimiter(head: str) -> str:
    lines = head.splitlines()[:_HEAD_ROWS]
    return max(",;\t|", key=lambda c: sum(line.count(c) for line in lines))


def _head_records(head: str, delimiter: str) -> list[list[str]]:
    records: list[list[str]] = []
    try:
        for record in csv.reader(io.StringIO(head), delimiter=delimiter):
            records.append(record)
            if len(records) == _HEAD_ROWS:
                break
    except csv.Error:
        pass  # a very long field: what was read before it is enough to find the header
    return [record for record in records if record] or [[""]]


def _header_row(records: list[list[str]], spec: TableSpec) -> int:
    known = _known(spec)
    scores = [sum(plain(cell) in known for cell in record if cell) for record in records]
    return int(np.argmax(scores)) if scores else 0


def _column_names(record: list[str]) -> list[str]:
    names: list[str] = []
    for number, cell in enumerate(record, start=1):
        name = cell.strip() or f"column {number}"
        names.append(name if name not in names else f"{name} ({number})")
    return names


def _read_excel(path: Path, spec: TableSpec) -> Table:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(info.file_size for info in archive.infolist())
        if size > min(MAX_BYTES, max(path.stat().st_size, 1 << 20) * MAX_RATIO):
            raise InputError(f"{path}: unpacks to {size:,} bytes; refused")
        raw = pd.read_excel(path, header=None, dtype=object)
    except InputError:
        raise
    except (zipfile.BadZipFile, ValueError, KeyError, OSError) as error:
        raise InputError(f"{path}: not a readable Excel workbook ({error})") from error
    if len(raw.index) < 1:
        raise InputError(f"{path}: the first sheet is empty")
    text = raw.map(lambda cell: "" if pd.isna(cell) else str(cell))
    records = text.head(_HEAD_ROWS).to_numpy().tolist()
    at = _header_row(records, spec)
    frame = text.iloc[at + 1 :].reset_index(drop=True)
    frame.columns = pd.Index(_column_names(records[at]))
    return Table(frame, np.arange(at + 2, at + 2 + len(frame)), _no_bad_rows())


def _read_parquet(path: Path) -> Table:
    try:
        schema = pa.parquet.read_schema(path)
        if b"geo" in (schema.metadata or {}):
            return _from_layer(gpd.read_parquet(path), path)
        frame = pa.parquet.read_table(path).to_pandas()
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        raise InputError(f"{path}: not a readable Parquet file ({error})") from error
    return Table(frame.reset_index(drop=True), np.arange(1, len(frame) + 1), _no_bad_rows())


def _read_layer(path: Path) -> Table:
    try:
        layer = cast("pd.DataFrame", gpd.read_file(path))
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError, OSError) as error:
        raise InputError(f"{path}: not a readable map layer ({error})") from error
    if not isinstance(layer, gpd.GeoDataFrame):
        return Table(pd.DataFrame(layer), np.arange(1, len(layer) + 1), _no_bad_rows())
    return _from_layer(layer, path)


def _from_layer(layer: gpd.GeoDataFrame, path: Path) -> Table:
    if layer.crs is None:
        raise InputError(f"{path}: the layer has no CRS -- save it with one, such as EPSG:4326")
    points = layer.geometry.representative_point() if not (layer.geom_type == "Point").all() else layer.geometry
    places = np.column_stack([points.x.to_numpy(), points.y.to_numpy()])
    frame = pd.DataFrame(layer.drop(columns=layer.geometry.name)).reset_index(drop=True)
    return Table(frame, np.arange(1, len(frame) + 1), _no_bad_rows(), places, CRS.from_user_input(layer.crs))
