"""Which columns of a table hold places, and the coordinates as they are written there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from coresponse.data.calls.location import parse_locations
from coresponse.data.crs_text import refuse_leading_crs
from coresponse.data.errors import InputError
from coresponse.data.roads.propose_crs import SAMPLE
from coresponse.data.tables.cells import as_numbers, as_text
from coresponse.data.tables.degrees import Axis, degrees_of_column, looks_like_degrees
from coresponse.data.tables.table import Table


def layer_place(table: Table) -> tuple[str, ...]:
    """Return the columns that a map layer's geometry stands in for."""
    return ("longitude", "latitude") if table.places is not None else ()


def located_by(table: Table, found: Mapping[str, str]) -> dict[str, str]:
    """Return the columns that were found, those of places by what is in them: exports call addresses "Location", too."""
    columns = dict(found)
    if table.places is not None:
        return columns
    if (
        "location" in found
        and "address" not in found
        and not _is_of_places(table, found["location"])
    ):
        columns["address"] = columns.pop("location")
    elif addresses_alone(table, found) and _is_of_places(table, found["address"]):
        columns["location"] = columns.pop("address")
    return columns


def _is_of_places(table: Table, column: str) -> bool:
    """Whether cells are coordinates, understood or not; a column without any is what its name says."""
    text = as_text(table.frame[column])
    written = text[text != ""].head(SAMPLE)
    if looks_like_degrees(written).any():
        return True
    return not len(written) or bool(np.isfinite(parse_locations(written)[0]).any())


def addresses_alone(table: Table, columns: Mapping[str, str]) -> bool:
    """Whether a table tells places by addresses and nothing else."""
    pairs = ({"longitude", "latitude"}, {"x", "y"}, {"location"})
    return (
        "address" in columns
        and table.places is None
        and not any(pair <= set(columns) for pair in pairs)
    )


@dataclass(frozen=True, eq=False)
class Coordinates:
    """Coordinates as the file has them, and its columns of them."""

    crs: CRS
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    cells: tuple[pd.Series, ...]

    def written(self, mask: NDArray[np.bool_]) -> NDArray[np.object_]:
        """How they are written, for people."""
        first, *rest = (as_text(cells[mask]) for cells in self.cells)
        for other in rest:
            first = first + ", " + other
        return first.to_numpy().astype(object)


def coordinates_of(
    table: Table, columns: Mapping[str, str], crs: str | None, where: str
) -> Coordinates:
    """Return a table's coordinates as they are written, and their CRS.

    Raises
    ------
    InputError
        If there are no such columns, or their CRS is not known, or no cell is understood.
    """
    if table.places is not None and table.crs is not None:
        x, y = table.places[:, 0].astype(float), table.places[:, 1].astype(float)
        return Coordinates(
            table.crs, x, y, (pd.Series(x).astype(object), pd.Series(y).astype(object))
        )
    given = parse_crs(crs, where) if crs else CRS.from_epsg(4326)
    for first, second in (
        [("x", "y"), ("longitude", "latitude")] if crs else [("longitude", "latitude"), ("x", "y")]
    ):
        if first in columns and second in columns:
            cells = (table.frame[columns[first]], table.frame[columns[second]])
            x, y = as_numbers(cells[0]), as_numbers(cells[1])
            if given.is_geographic:
                x = _as_degrees(table, columns[first], x, "x", where)
                y = _as_degrees(table, columns[second], y, "y", where)
            if first == "x" and not crs:
                _refuse_if_no_degrees(x, y, columns, where)
            return Coordinates(given, x, y, cells)
    if "location" in columns:
        column = columns["location"]
        said = f"{where}, column {column!r}"
        x, y = parse_locations(table.frame[column], where=said, rows=table.rows)
        if not np.isfinite(x).any():
            _refuse_not_understood(table, column, said)
        return Coordinates(given, x, y, (table.frame[column],))
    raise InputError(
        f"{where}: found no columns of coordinates among: "
        f"{', '.join(map(str, table.frame.columns))} -- name them: "
        "columns.longitude and columns.latitude, or columns.x and columns.y with crs"
    )


def _as_degrees(
    table: Table, column: str, numbers: NDArray[np.float64], axis: Axis, where: str
) -> NDArray[np.float64]:
    """Fill in what is no plain number and is written with letters or signs of degrees."""
    rest = np.flatnonzero(np.isnan(numbers))
    text = as_text(table.frame[column]).iloc[rest]
    found = degrees_of_column(
        text, axis, where=f"{where}, column {column!r}", rows=table.rows[rest]
    )
    out = numbers.copy()
    out[rest] = found
    return out


def _refuse_not_understood(table: Table, column: str, said: str) -> None:
    """Refuse cells that are coordinates to the eye, of which not one is understood."""
    text = as_text(table.frame[column])
    alike = np.flatnonzero(looks_like_degrees(text).to_numpy())
    if len(alike):
        raise InputError(
            f"{said}, row {table.rows[alike[0]]}: {text.iloc[alike[0]]!r} is not understood -- write "
            "latitude and longitude in degrees, such as 39.99, -105.02 or 39.99 N, 105.02 W"
        )


def parse_crs(text: str, where: str) -> CRS:
    """Read a CRS from words such as ``EPSG:2263``.

    Raises
    ------
    InputError
        If it is not one.
    """
    try:
        refuse_leading_crs(text, where)
        return CRS.from_user_input(text)
    except CRSError:
        raise InputError(
            f"{where}: CRS {text!r} is not understood -- write like EPSG:4326"
        ) from None


def _refuse_if_no_degrees(
    x: NDArray[np.float64], y: NDArray[np.float64], columns: Mapping[str, str], where: str
) -> None:
    known = np.isfinite(x) & np.isfinite(y)
    if known.any() and (
        (np.abs(x[known]) > 180).mean() > 0.5 or (np.abs(y[known]) > 90).mean() > 0.5
    ):
        raise InputError(
            f"{where}: columns {columns['x']!r} and {columns['y']!r} are not degrees -- give their "
            'CRS, such as crs = "EPSG:2263" (New York feet)'
        )
