"""Read a table from whatever an agency exports: CSV, Excel, Parquet, GeoPackage, GeoJSON, shapefile; packed too."""

from __future__ import annotations

import datetime
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pyogrio.errors

from coresponse.data.errors import InputError, MissingInputError, UnsupportedInputError
from coresponse.data.tables.sniff import clean_header, header_row
from coresponse.data.tables.table import Table, no_rows
from coresponse.data.tables.text import read_text
from coresponse.data.tables.unpack import MAX_BYTES, unpacked

TEXT_KINDS = (".csv", ".tsv", ".tab", ".txt")
SHAPE_KINDS = (".gpkg", ".geojson", ".json", ".shp", ".fgb")
PARQUET_KINDS = (".parquet", ".geoparquet", ".pq")
KINDS = (*TEXT_KINDS, ".xlsx", ".xlsm", *PARQUET_KINDS, *SHAPE_KINDS)

MAX_CELLS = 2_000_000_000
"""Rows times columns that a columnar file may claim; more does not fit a planner's machine."""

Wanted = Callable[[Sequence[str]], Sequence[str]]
"""From the columns there are, those to keep."""


def read_table(path: Path) -> pd.DataFrame:
    """Read a table's rows as a frame; for the file's notes and row numbers see :func:`load_table`."""
    return load_table(path).frame


def load_table(path: Path, *, wanted: Wanted | None = None) -> Table:
    """Read a table with all that is known of it.

    Parameters
    ----------
    path
        .csv, .tsv, .txt, .xlsx, .parquet, .geoparquet, .gpkg, .geojson, .shp, .fgb; text and shapefiles also in .zip,
        text also in .gz and .bz2.
    wanted
        Chooses the columns to keep, to save memory; default all.

    Raises
    ------
    MissingInputError
        If the file is not there.
    UnsupportedInputError
        If its kind is not read.
    InputError
        If it is empty, damaged, or no table.
    """
    if not path.is_file():
        raise MissingInputError(f"{path} is not there")
    with unpacked(path, KINDS) as plain:
        suffix = plain.suffix.lower()
        if suffix in TEXT_KINDS:
            return _text(plain, path.name, wanted)
        if suffix in {".xlsx", ".xlsm"}:
            return _workbook(plain, path.name, wanted)
        if suffix in PARQUET_KINDS:
            return _parquet(plain, path.name, wanted)
        if suffix in SHAPE_KINDS:
            return _shapes(plain, path.name, wanted)
    cure = "save it as .xlsx or CSV" if suffix in {".xls", ".ods", ".xlsb"} else f"these are: {', '.join(KINDS)}"
    raise UnsupportedInputError(f"{path}: tables of kind {suffix or 'no suffix'!r} are not read -- {cure}")


def _kept(names: Sequence[str], wanted: Wanted | None) -> list[str]:
    return list(names) if wanted is None else list(dict.fromkeys(wanted(names)))


def _text(path: Path, source: str, wanted: Wanted | None) -> Table:
    read = read_text(path, source)
    frame = read.cells.select(_kept(read.cells.column_names, wanted)).to_pandas()
    return Table(source, frame, read.row, read.unread, read.notes)


def _workbook(path: Path, source: str, wanted: Wanted | None) -> Table:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(info.file_size for info in archive.infolist())
        if size > MAX_BYTES:
            raise InputError(f"{source}: the workbook unpacks to {size:,} bytes -- save the sheet as CSV")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and validations, which are not read
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
            try:
                sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or book.worksheets
                rows = list(sheets[0].iter_rows(values_only=True))
            finally:
                book.close()
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"{source}: not a readable Excel workbook ({error}) -- save the sheet as CSV") from error
    others = [sheet.title for sheet in sheets[1:]]
    notes = (f"{source}: read sheet {sheets[0].title!r}, not {', '.join(map(repr, others[:6]))}",) if others else ()
    return _sheet(rows, source, wanted, notes)


def _sheet(rows: list[tuple[object, ...]], source: str, wanted: Wanted | None, notes: tuple[str, ...]) -> Table:
    if not any(cell is not None for cells in rows for cell in cells):
        raise InputError(f"{source}: the first sheet is empty")
    position = header_row(rows[:40])
    last = max((i for i, cell in enumerate(rows[position]) if cell is not None), default=0)
    width = max(last + 1, *(_used(cells) for cells in rows[position:]))
    header, more = clean_header([*rows[position][:width], *([None] * (width - len(rows[position])))])
    if width < 2:
        raise InputError(f"{source}: one column only ({header[0][:80]!r}) -- put one thing in each column")
    if position:
        more = (f"{source}: {position} title row{'s' if position > 1 else ''} above the header skipped", *more)
    body = [(number, cells) for number, cells in enumerate(rows[position + 1 :], position + 2) if _used(cells)]
    columns = {
        name: [_cell(cells[i]) if i < len(cells) else "" for _, cells in body]
        for i, name in enumerate(header)
        if name in set(_kept(header, wanted))
    }
    frame = pd.DataFrame(columns, dtype=object)
    row = np.array([number for number, _ in body], dtype=np.int64)
    return Table(source, frame, row, no_rows(), (*notes, *more))


def _used(cells: Sequence[object]) -> int:
    return max((i + 1 for i, cell in enumerate(cells) if cell is not None and cell != ""), default=0)


def _cell(value: object) -> str:
    """Return a workbook's cell as text; whole numbers without a decimal point, as the sheet shows them."""
    if value is None:
        return ""
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _parquet(path: Path, source: str, wanted: Wanted | None) -> Table:
    try:
        with pq.ParquetFile(path) as file:
            meta, schema = file.metadata, file.schema_arrow
        size = max(meta.num_rows * meta.num_columns, sum(_group_sizes(meta)) // 8)
        if size > MAX_CELLS:
            raise InputError(f"{source}: claims {meta.num_rows:,} rows of {meta.num_columns} columns -- split the file")
        if b"geo" in (schema.metadata or {}):
            shapes = gpd.read_parquet(path)
            return _with_geometry(shapes, source, wanted, ())
        plain = [field.name for field in schema if not pa.types.is_nested(field.type)]
        frame = pq.read_table(path, columns=_kept(plain, wanted)).to_pandas(date_as_object=False).reset_index(drop=True)
    except InputError:
        raise
    except (OSError, ValueError, KeyError, TypeError, NotImplementedError, pa.ArrowException) as error:
        raise InputError(f"{source}: not a readable Parquet file ({error})") from error
    return Table(source, frame, np.arange(1, len(frame) + 1, dtype=np.int64), no_rows())


def _group_sizes(meta: pq.FileMetaData) -> Iterator[int]:
    return (meta.row_group(i).total_byte_size for i in range(meta.num_row_groups))


def _shapes(path: Path, source: str, wanted: Wanted | None) -> Table:
    _check_start(path, source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # GDAL warns of ring orders and field widths that do no harm here
            layer, notes = _layer(path, source)
            shapes = gpd.read_file(path, layer=layer, engine="pyogrio")
    except InputError:
        raise
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError, OSError, TypeError) as error:
        raise InputError(f"{source}: not a readable geographic file ({error})") from error
    except (RuntimeError, pyogrio.errors.FeatureError, pyogrio.errors.GeometryError) as error:
        raise InputError(f"{source}: damaged geographic file ({error})") from error
    return _with_geometry(shapes, source, wanted, notes)


def _check_start(path: Path, source: str) -> None:
    """Let GDAL open only what the name says: it would follow a file of another kind to other files or the network."""
    with path.open("rb") as file:
        start = file.read(1 << 12)
    kind = path.suffix.lower()
    fits = {
        ".gpkg": start.startswith(b"SQLite format 3\0"),
        ".shp": start.startswith(b"\x00\x00\x27\x0a"),
        ".fgb": start.startswith(b"fgb"),
    }.get(kind, start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"))
    if not fits:
        raise InputError(f"{source}: not a {kind} file, whatever its name says -- export it again")


def _layer(path: Path, source: str) -> tuple[str, tuple[str, ...]]:
    layers = [str(name) for name, _ in pyogrio.list_layers(path)]
    if not layers:
        raise InputError(f"{source}: no layer in it")
    notes = (f"{source}: read layer {layers[0]!r}, not {', '.join(map(repr, layers[1:7]))}",) if len(layers) > 1 else ()
    return layers[0], notes


def _with_geometry(
    shapes: gpd.GeoDataFrame | pd.DataFrame, source: str, wanted: Wanted | None, notes: tuple[str, ...]
) -> Table:
    geometry = None
    if isinstance(shapes, gpd.GeoDataFrame):
        geometry = shapes.geometry.reset_index(drop=True)
        shapes = pd.DataFrame(shapes.drop(columns=shapes.geometry.name))
    shapes = shapes.reset_index(drop=True)
    frame = shapes[_kept([str(name) for name in shapes.columns], wanted)]
    return Table(source, frame, np.arange(1, len(frame) + 1, dtype=np.int64), no_rows(), notes, geometry)
