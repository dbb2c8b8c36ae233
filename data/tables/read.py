"""Read a table from the files that people have, as text, with its places if it is a map layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
from pyproj import CRS

from coresponse.data.errors import (
    InputError,
    MissingInputError,
    UnsupportedInputError,
    unreadable,
)
from coresponse.data.notes import Note
from coresponse.data.tables.bounds import refuse_large
from coresponse.data.tables.choose import MOST_PARTS, best_table, best_tables
from coresponse.data.tables.dictionary import TableSpec
from coresponse.data.tables.extract import EXTRACT_KINDS, read_extract
from coresponse.data.tables.header import (
    HEAD_ROWS,
    column_names,
    has_no_header,
    header_row,
    known_cells,
    known_names,
    no_header_note,
)
from coresponse.data.tables.layer import LAYER_KINDS, PARQUET_KINDS, read_geoparquet, read_layer
from coresponse.data.tables.overpass import is_overpass, read_overpass
from coresponse.data.tables.parquet import refuse_inflated
from coresponse.data.tables.records import is_records, read_records
from coresponse.data.tables.sheet import Sheet, read_sheets
from coresponse.data.tables.specs import POSTS
from coresponse.data.tables.table import Table, no_bad_rows
from coresponse.data.tables.text import read_text
from coresponse.data.tables.xls import COMPOUND, read_xls
from coresponse.data.unpack import MAX_BYTES, unpacked_each

TEXT_KINDS = (".csv", ".tsv", ".txt")
KINDS = (*TEXT_KINDS, ".xlsx", ".xls", *PARQUET_KINDS, *LAYER_KINDS)


def read_table(
    path: Path,
    spec: TableSpec,
    *,
    may_be_empty: bool = False,
    columns: Mapping[str, str] | None = None,
) -> Table:
    """Read a table.

    Parameters
    ----------
    path
        A file of one of the kinds in :data:`KINDS`, also in .gz, .bz2 or .zip; a .kmz. Of an
        archive with several, the only one that has the columns.
    spec
        Tells which of the first rows is the header: files often have a title above it.
    columns
        Our name = theirs, as the planner says.
    may_be_empty
        Whether a header without rows is a table.

    Raises
    ------
    MissingInputError
        If the file is not there.
    UnsupportedInputError
        If its kind is not read.
    InputError
        If it is empty, damaged, or too large.
    """
    _refuse_empty(path)
    with unpacked_each(path, (*KINDS, *EXTRACT_KINDS)) as inputs:
        table = best_table(
            inputs, path, spec, columns or {}, lambda plain: _read_plain(plain, path, spec)
        )
    return _whole(table, path, may_be_empty=may_be_empty)


def read_parts(
    path: Path, spec: TableSpec, *, columns: Mapping[str, str] | None = None
) -> dict[str, Table]:
    """Read a table, or the parts of one that an archive holds, such as months, by their names in it.

    Parameters and errors as for :func:`read_table`; tables of the same columns are parts of one.
    """
    _refuse_empty(path)
    with unpacked_each(path, (*KINDS, *EXTRACT_KINDS), most=MOST_PARTS) as inputs:
        tables = best_tables(
            inputs, path, spec, columns or {}, lambda plain: _read_plain(plain, path, spec)
        )
    return {name: _whole(table, path) for name, table in tables.items()}


def _refuse_empty(path: Path) -> None:
    if not path.is_file():
        raise MissingInputError(f"{path} is not there")
    if path.stat().st_size == 0:
        raise InputError(f"{path}: the file is empty")


def _whole(table: Table, path: Path, *, may_be_empty: bool = False) -> Table:
    refuse_large(table.frame, path)
    if table.frame.empty and table.bad_rows.empty and not may_be_empty:
        raise InputError(f"{path}: has a header and no rows")
    return table


def _read_plain(plain: Path, path: Path, spec: TableSpec) -> Table:
    suffix = plain.suffix.lower()
    if plain.stat().st_size > MAX_BYTES:
        raise InputError(
            f"{path}: more than {MAX_BYTES:,} bytes -- split it, or save it as Parquet"
        )
    readers: dict[str, Callable[[Path, Path, TableSpec], Table]] = {
        **dict.fromkeys(TEXT_KINDS, read_text),
        ".xls": _read_old_workbook,
        ".xlsx": _read_workbook,
        **dict.fromkeys(PARQUET_KINDS, _read_parquet),
        **dict.fromkeys(EXTRACT_KINDS, _read_extract),
        **dict.fromkeys(LAYER_KINDS, _read_layer),
        ".json": _read_json,
    }
    if suffix not in readers:
        raise UnsupportedInputError(
            f"{path}: tables of this kind are not supported; supported are: {', '.join(KINDS)}"
        )
    return readers[suffix](plain, path, spec)


def _read_json(plain: Path, path: Path, spec: TableSpec) -> Table:
    if is_records(plain):
        return read_records(plain, path)
    return read_overpass(plain, path) if is_overpass(plain) else _read_layer(plain, path, spec)


def _read_layer(plain: Path, path: Path, spec: TableSpec) -> Table:
    layer, notes = read_layer(plain, path, known=known_names(spec))
    return _from_layer(layer, notes)


def _read_extract(plain: Path, path: Path, spec: TableSpec) -> Table:
    if spec is not POSTS:
        raise UnsupportedInputError(
            f"{path}: an OpenStreetMap extract holds roads and posts, no {spec.name} -- give a "
            "table of them"
        )
    return read_extract(plain, path)


def _read_old_workbook(plain: Path, path: Path, spec: TableSpec) -> Table:
    """Read what is named .xls: exports of that name are often text, or workbooks of the new kind."""
    with plain.open("rb") as file:
        head = file.read(8)
    if head == COMPOUND:
        return _from_sheets(read_xls(plain, path), path, spec)
    return (
        _read_workbook(plain, path, spec)
        if head.startswith(b"PK\x03\x04")
        else read_text(plain, path, spec)
    )


def _read_workbook(plain: Path, path: Path, spec: TableSpec) -> Table:
    with plain.open("rb") as file:
        if file.read(8) == COMPOUND and plain.suffix.lower() == ".xlsx":
            raise InputError(
                f"{path}: is protected by a password, or an old workbook under a new name -- open "
                "it and save it as .xlsx without a password"
            )
    try:
        sheets = read_sheets(plain, path, lambda sheet: _known_in(sheet, spec))
    except Exception as error:  # whatever the archive's reader lets through
        if isinstance(error, InputError):
            raise
        raise unreadable(path, "Excel workbook", error, "save it again") from error
    return _from_sheets(sheets, path, spec)


def _known_in(sheet: Sheet, spec: TableSpec) -> int:
    """Return how many names of columns the sheet's header has."""
    known = known_names(spec)
    return max((known_cells(cells, known) for cells in sheet.cells[:HEAD_ROWS]), default=0)


def _from_sheets(sheets: Sequence[Sheet], path: Path, spec: TableSpec) -> Table:
    """Make a table of the sheet whose header has most known names, the first of several alike."""
    sheet = max(sheets, key=lambda sheet: _known_in(sheet, spec))
    if not sheet.cells:
        raise InputError(f"{path}: the first sheet is empty")
    others = ", ".join(repr(other.name) for other in [s for s in sheets if s is not sheet][:6])
    said = Note(
        "{file}: read sheet {sheet!r}, not {others}",
        file=path.name,
        sheet=sheet.name,
        others=others,
    )
    notes = (said,) if others else ()
    head, known = sheet.cells[:HEAD_ROWS], known_names(spec)
    at = header_row(head, known)
    if has_no_header(head, at, known):
        names = column_names([""] * len(sheet.cells[0]))
        notes = (*notes, no_header_note(path.name, len(names)))
        at = -1
    else:
        names = column_names(sheet.cells[at])
    frame = pd.DataFrame(sheet.cells[at + 1 :], columns=names, dtype=str)
    rows = np.array(sheet.rows[at + 1 :], dtype=np.int64)
    return Table(frame, rows, no_bad_rows(), notes=notes)


def _read_parquet(plain: Path, path: Path, _: TableSpec) -> Table:
    try:
        with plain.open("rb") as file:
            schema = pa.parquet.read_schema(file)
        if b"geo" in (schema.metadata or {}):
            return _from_layer(read_geoparquet(plain, path), ())
        # the frame that was saved may have had its ids as index: without pandas's own notes they
        # stay a column
        refuse_inflated(plain, path)
        with plain.open("rb") as file:  # by a path, it would look for columns in the folders' names
            table = pa.parquet.read_table(file)
        frame = table.to_pandas(ignore_metadata=True)
    except Exception as error:  # whatever the file's reader lets through
        if isinstance(error, InputError):
            raise
        raise unreadable(path, "Parquet file", error) from error
    return Table(frame, np.arange(1, len(frame) + 1, dtype=np.int64), no_bad_rows())


def _from_layer(layer: pd.DataFrame, notes: tuple[Note, ...]) -> Table:
    rows = np.arange(1, len(layer) + 1, dtype=np.int64)
    if not isinstance(layer, gpd.GeoDataFrame):
        return Table(pd.DataFrame(layer), rows, no_bad_rows(), notes=notes)
    shapes = layer.geometry
    points = shapes if bool((shapes.geom_type == "Point").all()) else shapes.representative_point()
    places = np.column_stack([points.x.to_numpy(), points.y.to_numpy()])
    frame = pd.DataFrame(layer.drop(columns=layer.geometry.name)).reset_index(drop=True)
    return Table(frame, rows, no_bad_rows(), places, CRS.from_user_input(layer.crs), notes)
