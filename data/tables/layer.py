"""Map layers: rows with a shape each."""

from __future__ import annotations

import sqlite3
import warnings
from collections.abc import Collection, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from coresponse.data.crs_text import refuse_leading_crs
from coresponse.data.errors import InputError, unreadable
from coresponse.data.notes import Note
from coresponse.data.shapefile import parts_beside
from coresponse.data.tables.bounds import MAX_COLUMNS, refuse_large, refuse_wide
from coresponse.data.tables.dictionary import plain as plain_name
from coresponse.data.tables.kml import read_kml
from coresponse.data.tables.parquet import refuse_inflated

PARQUET_KINDS = (".parquet", ".geoparquet")
LAYER_KINDS = (".gpkg", ".geojson", ".json", ".shp", ".kml")

_JSON = (".geojson", ".json")
# Of GDAL's reader of GeoJSON, which else drops what it does not know, such as the zone of "10:00 EST".
_TEXT_DATES = {"DATE_AS_STRING": "YES"}

# so many fit in memory whatever they are; more must at least take a byte of the file each
FEW_CELLS = 20_000_000
# Colons a feature, and colons times that: about 5 s of GDAL's.
MANY, MOST_COMPARED = 400, 2e9

# Of which one is chosen.
MOST_LAYERS = 20

_ANY_SHAPE = {"Unknown", "Geometry", "GeometryCollection"}

# How SQLite says that a column is generated: virtual, stored.
_GENERATED = {2, 3}

_STARTS = {
    ".gpkg": b"SQLite format 3\0",
    ".shp": b"\x00\x00\x27\x0a",
    ".geojson": b"{",
    ".json": b"{",
}


def read_layer(
    plain: Path, path: Path, *, known: Collection[str] = (), areas: bool = False
) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Read a layer of a file: of several the one with most of the known columns, the first of several alike.

    Parameters
    ----------
    plain
        The unpacked file.
    path
        The file as people know it, for messages.
    known
        Names of columns in plain form.
    areas
        Whether layers of polygons go before others.

    Returns
    -------
    layer
        A GeoDataFrame where the layer has shapes.
    notes
        Sentences for people.

    Raises
    ------
    InputError
        If it is damaged, of another kind than its name says, or has shapes without CRS.
    """
    if plain.suffix.lower() == ".kml":
        return read_kml(plain, path)
    _check_start(plain, path)
    refuse_many_properties(plain, path)
    try:
        with warnings.catch_warnings():
            # GDAL warns of ring orders and field widths that do no harm here
            warnings.simplefilter("ignore")
            layers = {str(name): str(kind) for name, kind in pyogrio.list_layers(plain)}
            if not layers:
                raise InputError(f"{path}: there is no layer in it")  # noqa: TRY301 -- told below, with the others
            chosen = _chosen(plain, path, layers, known, areas=areas)
            refuse_view(plain, chosen, str(path))
            refuse_empty_cells(pyogrio.read_info(plain, layer=chosen), plain, path)
            options = _TEXT_DATES if plain.suffix.lower() in _JSON else {}
            layer = cast(
                "pd.DataFrame", gpd.read_file(plain, layer=chosen, engine="pyogrio", **options)
            )
    except Exception as error:  # whatever the file's reader lets through
        if isinstance(error, InputError):
            raise
        raise unreadable(path, "map layer", error) from error
    others = ", ".join(map(repr, [name for name in layers if name != chosen][:6]))
    notes = (
        (
            Note(
                "{file}: read layer {layer!r}, not {others}",
                file=path.name,
                layer=chosen,
                others=others,
            ),
        )
        if others
        else ()
    )
    return with_crs(layer, path), notes


def _chosen(
    plain: Path, path: Path, layers: Mapping[str, str], known: Collection[str], *, areas: bool
) -> str:
    """Return the layer that is meant."""
    drawn = [name for name, kind in layers.items() if "Polygon" in kind or kind in _ANY_SHAPE]
    names = (drawn if areas and drawn else list(layers))[:MOST_LAYERS]
    if len(names) == 1 or not known:
        return names[0]
    refuse_view(plain, names[0], str(path))  # what a file shows first is refused, not passed over
    told: dict[str, int] = {}
    for name in names:
        try:
            refuse_view(plain, name, str(path))
        except InputError:  # told if it is the one that is read
            continue
        fields = pyogrio.read_info(plain, layer=name)["fields"]
        told[name] = len({plain_name(str(field)) for field in fields} & set(known))
    return max(told, key=lambda name: told[name]) if told else names[0]


def read_geoparquet(path: Path, shown: Path) -> pd.DataFrame:
    """Read GeoParquet.

    Raises
    ------
    InputError
        If it is damaged or its shapes have no CRS.
    """
    try:
        refuse_inflated(path, shown)
        # by a path, pyarrow would look for columns in the folders' names; corners that are no
        # numbers are told by who reads the shapes
        with path.open("rb") as file, np.errstate(invalid="ignore"):
            layer = gpd.read_parquet(file)
    except Exception as error:  # whatever the file's reader lets through
        if isinstance(error, InputError):
            raise
        raise unreadable(shown, "GeoParquet file", error) from error
    return with_crs(layer, shown)


def with_crs(layer: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return the layer if its shapes have a CRS.

    Raises
    ------
    InputError
        If they have none.
    """
    refuse_large(pd.DataFrame(layer.drop(columns=_shape_column(layer))), path)
    if isinstance(layer, gpd.GeoDataFrame) and layer.crs is None:
        raise InputError(f"{path}: the layer has no CRS -- save it with one, such as EPSG:4326")
    if isinstance(layer, gpd.GeoDataFrame) and layer.crs is not None:
        refuse_leading_crs(layer.crs.to_wkt(), str(path))
    return layer


def _shape_column(layer: pd.DataFrame) -> list[str]:
    return [str(layer.geometry.name)] if isinstance(layer, gpd.GeoDataFrame) else []


def refuse_view(plain: Path, layer: str, shown: str) -> None:
    """Refuse a layer of a database that is a query or a program's table, in whole or in part.

    That runs what its maker wrote.

    Raises
    ------
    InputError
        If `layer` is a view or a virtual table, has a generated column, or the database cannot be
        read.
    """
    if plain.suffix.lower() not in {".gpkg", ".sqlite"}:
        return
    try:
        with closing(
            sqlite3.connect(f"file:{quote(str(plain.resolve()))}?mode=ro&immutable=1", uri=True)
        ) as database:
            found = database.execute(
                "SELECT type, sql FROM sqlite_master WHERE lower(name) = lower(?) AND type IN "
                "('table', 'view')",
                (layer,),
            ).fetchall()
            columns = database.execute(
                "SELECT name, hidden FROM pragma_table_xinfo(?)", (layer,)
            ).fetchall()
    except (sqlite3.Error, UnicodeError) as error:
        raise unreadable(shown, "database", error) from error
    for kind, sql in found:
        if kind == "view" or str(sql).upper().startswith("CREATE VIRTUAL"):
            raise InputError(
                f"{shown}: layer {layer!r} is a view, not a table -- save it as a layer of its own"
            )
    for name, hidden in columns:
        if hidden in _GENERATED:
            raise InputError(
                f"{shown}: layer {layer!r}: column {name!r} is worked out as it is read -- save "
                "the layer as a file of its own"
            )


def refuse_empty_cells(info: Mapping[str, Any], plain: Path, path: Path) -> None:
    """Refuse a layer that is too wide, or whose rows lack most of the columns of others.

    A reader fills them up: a cell takes 8 bytes in memory, and none in GeoJSON.

    Raises
    ------
    InputError
        If the layer has more than :data:`FEW_CELLS`, and more than bytes.
    """
    columns, rows = len(info["fields"]), int(info["features"])
    refuse_wide(columns, path)
    size = sum(part.stat().st_size for part in (plain, *parts_beside(plain)))
    if rows * columns > max(FEW_CELLS, size):
        raise InputError(
            f"{path}: {rows:,} rows of {columns:,} columns, of which most cells are not there -- "
            "keep those of calls, posts or districts"
        )


def refuse_many_properties(plain: Path, path: Path) -> None:
    """Refuse GeoJSON whose features have so many properties that GDAL takes minutes.

    It compares each with the names of all: time grows with the square of columns.

    Raises
    ------
    InputError
        If they have more than :data:`MANY` each, and more than :data:`MOST_COMPARED` comparisons.
    """
    if plain.suffix.lower() not in _JSON:
        return
    text = plain.read_bytes()
    values = text.count(b":")
    each = values / max(1, text.count(b'"Feature"'))
    if each > 2 * MAX_COLUMNS:  # a value may hold colons of its own, such as a time
        refuse_wide(int(each), path)
    if each > MANY and values * each > MOST_COMPARED:
        raise InputError(
            f"{path}: its features have {each:,.0f} properties each -- keep those of calls, posts "
            "or districts"
        )


def _check_start(plain: Path, path: Path) -> None:
    """Let GDAL open only what the name says.

    Some kinds of file lead it to other files and to the network.
    """
    with plain.open("rb") as file:
        start = file.read(1 << 12).removeprefix(b"\xef\xbb\xbf")
    wanted = _STARTS[plain.suffix.lower()]
    if not (start.lstrip() if wanted == b"{" else start).startswith(wanted):
        raise InputError(
            f"{path}: not a {plain.suffix.lower()} file, whatever its name says -- export it again"
        )
