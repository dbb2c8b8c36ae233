"""Shapes from whatever file holds them: which layer, and which file of an archive, is meant is found and told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import shapely

from coresponse.data.corners import refuse_nowhere
from coresponse.data.errors import (
    CoresponseError,
    InputError,
    MissingInputError,
    UnsupportedInputError,
)
from coresponse.data.names import refuse_odd_name
from coresponse.data.notes import Note
from coresponse.data.tables.choose import archive_note, listed
from coresponse.data.tables.dictionary import plain
from coresponse.data.tables.layer import LAYER_KINDS, PARQUET_KINDS, read_geoparquet, read_layer
from coresponse.data.tables.records import is_records
from coresponse.data.unpack import PACKED, unpacked_each

SHAPE_KINDS = (*LAYER_KINDS, *PARQUET_KINDS)


def read_areas(
    path: Path,
    *,
    known: Collection[str] = (),
    others: tuple[str, ...] = (),
    most_bytes: int | None = None,
) -> tuple[gpd.GeoDataFrame | None, tuple[Note, ...]]:
    """Read the layer of areas of a file or an archive.

    Parameters
    ----------
    known
        Names of columns, in plain form, that tell which of several layers is meant.
    others
        Further kinds of file that an archive may hold: tables, which are no layers of areas.
    most_bytes
        Of the unpacked file.

    Returns
    -------
    layer
        None if there is none: a file of another kind, of points or of lines.
    notes
        Which layer, or which file of the archive, was read.

    Raises
    ------
    InputError
        If the file is damaged or too large, or several files of an archive hold areas.
    """
    if not path.is_file():
        raise MissingInputError(f"{path} is not there")
    with unpacked_each(path, (*SHAPE_KINDS, *others)) as inputs:
        for inner in inputs.values():
            if most_bytes is not None and inner.stat().st_size > most_bytes:
                raise InputError(
                    f"{path}: {inner.stat().st_size:,} bytes, more than {most_bytes:,} -- cut it "
                    "to the city's surroundings"
                )
        if len(inputs) == 1:
            return _areas(next(iter(inputs.values())), path, known)
        found = _of_several(inputs, path, known)
    if not found:
        return None, ()
    if len(found) > 1:
        raise InputError(
            f"{path}: expected one table in the archive, found {listed(list(inputs))}; "
            f"{listed(list(found))} have areas -- unpack it and give the right one"
        )
    (name, (layer, notes)), *_ = found.items()
    return layer, (archive_note(path.name, name, inputs), *notes)


def refuse_no_areas(path: Path, what: str) -> None:
    """Refuse a kind of file that holds no areas; in an archive, that is seen when it is open.

    Raises
    ------
    UnsupportedInputError
        If it is one.
    InputError
        If its name is odd.
    """
    if not path.is_file():
        return  # told by the reader
    refuse_odd_name(path)
    if path.suffix.lower() not in {*SHAPE_KINDS, *PACKED}:
        raise UnsupportedInputError(
            f"{path}: {what} of this kind are not supported; supported are: "
            f"{', '.join(SHAPE_KINDS)}"
        )


_Found = tuple[gpd.GeoDataFrame, tuple[Note, ...]]


def _of_several(
    inputs: Mapping[str, Path], path: Path, known: Collection[str]
) -> dict[str, _Found]:
    """Return the layers of areas in an archive: of those with known columns, if there are such."""
    found: dict[str, _Found] = {}
    for name, inner in inputs.items():
        try:
            layer, notes = _areas(inner, path, known)
        except CoresponseError:  # another kind of table, or none at all
            continue
        if layer is not None:
            found[name] = layer, notes
    telling = {
        name: one
        for name, one in found.items()
        if {plain(str(column)) for column in one[0].columns} & set(known)
    }
    return telling or found


def _areas(
    inner: Path, path: Path, known: Collection[str]
) -> tuple[gpd.GeoDataFrame | None, tuple[Note, ...]]:
    suffix = inner.suffix.lower()
    notes: tuple[Note, ...] = ()
    if suffix in PARQUET_KINDS and _has_shapes(inner):
        layer: pd.DataFrame = read_geoparquet(inner, path)
    elif suffix in LAYER_KINDS and not (suffix == ".json" and is_records(inner)):
        layer, notes = read_layer(inner, path, known=known, areas=True)
    else:
        return None, ()
    if not isinstance(layer, gpd.GeoDataFrame):
        return None, ()
    shapes = np.asarray(layer.geometry.array)
    if not ((shapely.get_dimensions(shapes) == 2) & ~shapely.is_empty(shapes)).any():
        return None, ()
    refuse_nowhere(shapes, path)
    return layer, notes


def _has_shapes(inner: Path) -> bool:
    try:
        with inner.open("rb") as file:
            return b"geo" in (pa.parquet.read_schema(file).metadata or {})
    except Exception:  # noqa: BLE001 -- the reader of tables tells what is wrong with it
        return False
