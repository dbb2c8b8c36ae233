"""Address books from the files that a city has: its OpenStreetMap extract, its layer of streets or houses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from coresponse.data.addresses.book import AddressBook, NumberRange
from coresponse.data.addresses.text import parse_address
from coresponse.data.errors import (
    CoresponseError,
    InputError,
    UnsupportedInputError,
    unreadable,
)
from coresponse.data.notes import Note
from coresponse.data.roads.entities import refuse_entities
from coresponse.data.roads.pbf import refuse_inflated
from coresponse.data.tables.choose import archive_note, listed
from coresponse.data.tables.dictionary import plain
from coresponse.data.tables.layer import LAYER_KINDS, PARQUET_KINDS, read_geoparquet, read_layer
from coresponse.data.unpack import unpacked_each

_OSM_KINDS = (".pbf", ".osm", ".xml")
KINDS = (*_OSM_KINDS, *LAYER_KINDS, *PARQUET_KINDS)

_NAMES = ("fullname", "fullstreetname", "streetname", "stname", "street", "addrstreet", "strname", "label", "name")  # fmt: skip
_HOUSES = ("housenumber", "addrhousenumber", "housenum", "addrnum", "addrnumber", "stnum", "streetno", "number")  # fmt: skip
_WHOLE = ("fulladdress", "fulladdr", "address", "streetaddress", "addr", "siteaddress")
# From and to on the left, from and to on the right, as TIGER, Esri and NG911 name them.
_RANGES = (
    (
        ("lfromadd", "lfadd", "fromaddrl", "laddfrom", "leftfrom", "lfrom"),
        ("ltoadd", "ltadd", "toaddrl", "laddto", "leftto", "lto"),
    ),
    (
        ("rfromadd", "rfadd", "fromaddrr", "raddfrom", "rightfrom", "rfrom"),
        ("rtoadd", "rtadd", "toaddrr", "raddto", "rightto", "rto"),
    ),
)

_KNOWN = frozenset(
    {*_NAMES, *_HOUSES, *_WHOLE, *(name for ends in _RANGES for side in ends for name in side)}
)


def read_addresses(path: Path, crs: str) -> AddressBook:
    """Read what a file knows of addresses.

    Parameters
    ----------
    path
        An OpenStreetMap extract (names of streets and ``addr:*``); or a layer of street lines with
        names, maybe with from and to numbers of each side, or of points with number and street.
    crs
        Of the road network.

    Raises
    ------
    InputError
        If it is damaged, or no such file.
    """
    book = _book(path, crs)
    known = sum(bool(street.numbers or street.ranges) for street in book.streets.values())
    said = Note(
        "addresses are looked up in {file}: {known} of {streets} street names have house numbers",
        file=path.name,
        streets=f"{len(book.streets):,}",
        known=f"{known:,}",
    )
    return replace(book, notes=(*book.notes, said))


def _book(path: Path, crs: str) -> AddressBook:
    with unpacked_each(path, KINDS, what="file of addresses", usual=".osm") as inputs:
        if len(inputs) == 1:
            return _of_file(next(iter(inputs.values())), path, crs)
        found: dict[str, AddressBook] = {}
        for name, inner in inputs.items():
            try:
                found[name] = _of_file(inner, path, crs)
            except CoresponseError:  # a layer of something else
                continue
    if len(found) != 1:
        told = f"{listed(list(found))} have" if found else "none of them has"
        raise InputError(
            f"{path}: expected one file of addresses in the archive, found {listed(list(inputs))}; "
            f"{told} names of streets -- unpack it and give the right one"
        )
    (name, book), *_ = found.items()
    return replace(book, notes=(archive_note(path.name, name, inputs), *book.notes))


def _of_file(inner: Path, path: Path, crs: str) -> AddressBook:
    suffix = inner.suffix.lower()
    if suffix in _OSM_KINDS:
        return _of_extract(inner.resolve(), path, crs)
    if suffix in PARQUET_KINDS:
        return _of_layer(read_geoparquet(inner, path), path, crs)
    if suffix in LAYER_KINDS:
        layer, notes = read_layer(inner, path, known=_KNOWN)
        return replace(_of_layer(layer, path, crs), notes=notes)
    raise UnsupportedInputError(f"{path}: addresses are read from: {', '.join(KINDS)}")


def _of_extract(inner: Path, path: Path, crs: str) -> AddressBook:
    import osmium  # noqa: PLC0415 -- a second to load, and most studies have coordinates

    if inner.suffix.lower() == ".pbf":
        refuse_inflated(inner, path.name)
    else:
        refuse_entities(inner, path.name)
    change = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    book = AddressBook()
    try:
        found: Any = osmium.FileProcessor(str(inner), osmium.osm.NODE | osmium.osm.WAY)
        found = found.with_locations().with_filter(
            osmium.filter.KeyFilter("highway", "addr:housenumber")
        )
        for thing in found:
            _note(book, thing, change)
    except (RuntimeError, ValueError, OSError, osmium.InvalidLocationError) as error:
        raise unreadable(path, "OpenStreetMap file", error) from error
    return book


def _note(book: AddressBook, thing: Any, change: Transformer) -> None:
    tags = thing.tags
    nodes = [thing] if thing.is_node() else thing.nodes
    # a clipped extract lacks nodes of ways at its border
    places = [n.location for n in nodes if n.location.valid()]
    if not places:
        return
    x, y = change.transform([p.lon for p in places], [p.lat for p in places])
    number, street = tags.get("addr:housenumber"), tags.get("addr:street")
    if number and street:
        for each in _whole_numbers(number):
            book.add_number(street, each, float(np.mean(x)), float(np.mean(y)))
    if "highway" in tags and "name" in tags and len(places) > 1:
        line = shapely.LineString(np.column_stack([x, y]))
        for name in {tags["name"], tags.get("alt_name", "")} - {""}:
            book.add_line(name, line)


def _whole_numbers(text: str) -> list[int]:
    """Return the numbers of a house, as ``12``, ``12A``, ``12;14`` and ``12-16`` (its ends)."""
    return [int(found) for found in re.findall(r"\d{1,6}", text)[:2]]


def _of_layer(layer: Any, path: Path, crs: str) -> AddressBook:
    if not isinstance(layer, gpd.GeoDataFrame):
        raise InputError(f"{path}: has no shapes -- give streets as lines or houses as points")
    shapes = layer.geometry.to_crs(crs)
    drawn = np.asarray(~(shapes.is_empty | shapes.isna()))
    columns = {
        key: layer[name].to_numpy()[drawn]
        for name in reversed(layer.columns)
        if (key := plain(str(name))) in _KNOWN and name != layer.geometry.name
    }
    book = AddressBook()
    for i, shape in enumerate(shapes[drawn]):
        row = {key: values[i] for key, values in columns.items()}
        name = _first(row, _NAMES)
        if shape.geom_type.endswith("LineString"):
            for line in shapely.get_parts(shape):
                book.add_line(name, line)
                for start, stop in ((_int(row, a), _int(row, b)) for a, b in _RANGES):
                    if start and stop:
                        book.add_range(name, NumberRange(start, stop, line))
            continue
        place = shape.representative_point()
        number = _int(row, _HOUSES)
        if number and name:
            book.add_number(name, number, place.x, place.y)
        elif (whole := parse_address(_first(row, _WHOLE))) and whole.low == whole.high > 0:
            book.add_number(whole.street, whole.low, place.x, place.y)
    if not book.streets:
        names = ", ".join(map(str, layer.columns[:20]))
        raise InputError(
            f"{path}: no column with names of streets or addresses among: {names} -- name one "
            "FULLNAME (and the house numbers HOUSENUMBER)"
        )
    return book


def _first(row: Mapping[str, Any], names: tuple[str, ...]) -> str:
    value = next((row[name] for name in names if name in row and row[name] is not None), "")
    return "" if pd.isna(value) else str(value)


def _int(row: Mapping[str, Any], names: tuple[str, ...]) -> int:
    found = re.match(r"\s*(\d{1,6})", _first(row, names))
    return int(found[1]) if found else 0
