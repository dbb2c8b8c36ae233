"""Read a table from the files that people have, as text, with its places if it is a map layer."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
from pyproj import CRS

from coresponse.data.errors import InputError, MissingInputError, UnsupportedInputError
from coresponse.data.notes import Note
from coresponse.data.tables.bounds import refuse_large
from coresponse.data.tables.dictionary import TableSpec
from coresponse.data.tables.extract import EXTRACT_KINDS, read_extract
from coresponse.data.tables.header import HEAD_ROWS, column_names, header_row, known_names
from coresponse.data.tables.layer import LAYER_KINDS, PARQUET_KINDS, read_geoparquet, read_layer
from coresponse.data.tables.parquet import refuse_inflated
from coresponse.data.tables.records import is_records, read_records
from coresponse.data.tables.sheet import read_sheet
from coresponse.data.tables.specs import POSTS
from coresponse.data.tables.table import Table, no_bad_rows
from coresponse.data.tables.text import read_text
from coresponse.data.unpack import MAX_BYTES, unpacked

TEXT_KINDS = (".csv", ".tsv", ".txt")
KINDS = (*TEXT_KINDS, ".xlsx", *PARQUET_KINDS, *LAYER_KINDS)


def read_table(path: Path, spec: TableSpec, *, may_be_empty: bool = False) -> Table:
    """Read a table.

    Parameters
    ----------
    path
        A file of one of the kinds in :data:`KINDS`, also in .gz, .bz2 or .zip.
    spec
        Tells which of the first rows is the header: files often have a title above it.
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
    if not path.is_file():
        raise MissingInputError(f"{path} is not there")
    if path.stat().st_size == 0:
        raise InputError(f"{path}: the file is empty")
    with unpacked(path, (*KINDS, *EXTRACT_KINDS)) as plain:
        table = _read_plain(plain, path, spec)
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
    if suffix in TEXT_KINDS:
        return read_text(plain, path, spec)
    if suffix == ".xlsx":
        return _read_workbook(plain, path, spec)
    if suffix in PARQUET_KINDS:
        return _read_parquet(plain, path)
    if suffix == ".json" and is_records(plain):
        return read_records(plain, path)
    if suffix in EXTRACT_KINDS:
        if spec is not POSTS:
            raise UnsupportedInputError(
                f"{path}: an OpenStreetMap extract holds roads and posts, no {spec.name} -- give a table of them"
            )
        return read_extract(plain, path)
    if suffix in LAYER_KINDS:
        layer, notes = read_layer(plain, path)
        return _from_layer(layer, notes)
    raise UnsupportedInputError(
        f"{path}: tables of this kind are not supported; supported are: {', '.join(KINDS)}"
    )


def _read_workbook(plain: Path, path: Path, spec: TableSpec) -> Table:
    try:
        sheet = read_sheet(plain, path)
    except Exception as error:  # whatever the archive's reader lets through
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path}: not a readable Excel workbook ({error})") from error
    if not sheet.cells:
        raise InputError(f"{path}: the first sheet is empty")
    at = header_row(sheet.cells[:HEAD_ROWS], known_names(spec))
    names = column_names(sheet.cells[at])
    frame = pd.DataFrame(sheet.cells[at + 1 :], columns=names, dtype=str)
    rows = np.array(sheet.rows[at + 1 :], dtype=np.int64)
    others = ", ".join(map(repr, sheet.others[:6]))
    said = Note(
        "{file}: read sheet {sheet!r}, not {others}",
        file=path.name,
        sheet=sheet.name,
        others=others,
    )
    notes = (said,) if others else ()
    return Table(frame, rows, no_bad_rows(), notes=notes)


def _read_parquet(plain: Path, path: Path) -> Table:
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
        raise InputError(f"{path}: not a readable Parquet file ({error})") from error
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
