"""KML as map programs and city portals export it: placemarks as rows, their data as columns, their shapes."""

from __future__ import annotations

import itertools
import re
from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from coresponse.data.errors import InputError
from coresponse.data.notes import Note
from coresponse.data.tables.bounds import MAX_ROW_CELLS, refuse_long_cell, refuse_wide
from coresponse.data.xml_blocks import feed

# Of a file, unpacked: a county's parcels are smaller.
MAX_BYTES = 300_000_000

# Elements in elements: folders in folders are a few.
DEEPEST = 200

# Of a placemark, beside its data.
_FIELDS = ("name", "description", "address", "phoneNumber")

_TIMES = {"when": "timestamp", "begin": "begin", "end": "end"}
_SHAPES = frozenset({"Point", "LineString", "LinearRing", "Polygon"})


def read_kml(plain: Path, path: Path) -> tuple[gpd.GeoDataFrame, tuple[Note, ...]]:
    """Read all placemarks of a KML file, of all its folders.

    A reader of our own, not GDAL's: KML may name other files and servers, of which this one knows
    nothing.

    Parameters
    ----------
    plain
        The unpacked file.
    path
        The file as people know it, for messages.

    Returns
    -------
    layer
        In degrees (EPSG:4326), heights left out: `name`, `description`, `address`, `phoneNumber`, `folder` and times where
        there are any, then the data of the placemarks under their own names.
    notes
        Which folders were read, if there are several.

    Raises
    ------
    InputError
        If it is too large, damaged, no KML, declares XML entities, or has no placemark.
    """
    size = plain.stat().st_size
    if size > MAX_BYTES:
        raise InputError(
            f"{path}: {size:,} bytes of KML, at most {MAX_BYTES:,} -- export it as CSV"
        )
    found = _Placemarks(path)
    with plain.open("rb") as stream:
        feed(found.parser, stream, str(path), "KML file")
    if not found.rows:
        links = ": it only links to data elsewhere, which is not fetched" if found.links else ""
        raise InputError(f"{path}: has no placemark{links} -- export it again, with its data in it")
    names = list(dict.fromkeys(name for row in found.rows for name in row))
    refuse_wide(len(names), path)
    if len(names) * len(found.rows) > MAX_ROW_CELLS:
        raise InputError(
            f"{path}: {len(found.rows):,} placemarks of {len(names):,} different names -- export "
            "it as CSV"
        )
    frame = pd.DataFrame({n: [row.get(n, "") for row in found.rows] for n in names}, dtype=str)
    if "folder" in frame and frame["folder"].nunique() < 2:
        frame = frame.drop(columns="folder")
    layer = gpd.GeoDataFrame(frame, geometry=found.shapes, crs=4326)
    if "folder" not in frame:
        return layer, ()
    folders = ", ".join(map(repr, list(dict.fromkeys(filter(None, frame["folder"])))[:6]))
    said = Note(
        "{file}: read the placemarks of all folders: {folders}", file=path.name, folders=folders
    )
    return layer, (said,)


@dataclass
class _OpenElement:
    """A placemark that has begun and not ended."""

    row: dict[str, str] = field(default_factory=dict)
    shapes: list[BaseGeometry] = field(default_factory=list)
    rings: list[NDArray[np.float64]] = field(default_factory=list)
    key: str = ""


class _Placemarks:
    """Gathers placemarks as the parser goes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: list[dict[str, str]] = []
        self.shapes: list[BaseGeometry | None] = []
        self.links = False
        self._within: list[str] = []
        self._folders: list[str] = []
        self._mark: _OpenElement | None = None
        self._parts: list[str] = []
        # without namespaces: exports use prefixes that they do not declare
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse_entities
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._parts.append

    def _refuse_entities(self, *_: object) -> NoReturn:
        raise InputError(f"{self.path}: declares XML entities, which KML has no use for; refused")

    def _begin(self, name: str, given: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if not self._within and name != "kml":
            raise InputError(f"{self.path}: not a .kml file, whatever its name says -- export it again")  # fmt: skip
        self._within.append(name)
        if len(self._within) > DEEPEST:
            raise InputError(f"{self.path}: nested too deeply for KML -- export it again")
        self._parts.clear()
        if name == "Folder":
            self._folders.append("")
        elif name == "NetworkLink":
            self.links = True
        elif name == "Placemark" and self._mark is None:
            folder = next((f for f in reversed(self._folders) if f), "")
            self._mark = _OpenElement({"folder": folder} if folder else {})
        elif self._mark is not None and name in {"Data", "SimpleData"}:
            self._mark.key = given.get("name", "").strip()
        elif self._mark is not None and name == "Polygon":
            self._mark.rings = []

    def _end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        self._within.pop()
        text = "".join(self._parts).strip()
        self._parts.clear()
        inside = self._within[-1] if self._within else ""
        if name == "Folder":
            self._folders.pop()
        elif name == "name" and inside == "Folder":
            self._folders[-1] = text
        elif self._mark is None:
            return
        elif name == "Placemark":
            if inside != "Placemark":
                self._close(self._mark)
        elif name == "coordinates":
            self._shape(self._mark, text, inside)
        elif name == "Polygon" and self._mark.rings:
            first, *holes = self._mark.rings
            self._mark.shapes.append(shapely.Polygon(first, holes))
            self._mark.rings = []
        elif key := _column(name, inside, self._mark.key):
            self._put(key, text)

    def _put(self, name: str, text: str) -> None:
        if name and text and self._mark is not None:
            refuse_long_cell(len(text), self.path, f"placemark {len(self.rows) + 1:,}")
            self._mark.row.setdefault(name, text)

    def _shape(self, mark: _OpenElement, text: str, inside: str) -> None:
        if inside not in _SHAPES:
            return
        # a point has one place, whatever more is written
        places = _places(text, self.path, most=1 if inside == "Point" else None)
        if not len(places):
            return
        if inside == "Point":
            mark.shapes.append(shapely.Point(places[0]))
        elif inside == "LinearRing" and "Polygon" in self._within[-4:]:
            if len(places) > 2:
                mark.rings.append(places)
        elif len(places) > 1:
            mark.shapes.append(shapely.LineString(places))

    def _close(self, mark: _OpenElement) -> None:
        self.rows.append(mark.row)
        self.shapes.append(_whole(mark.shapes))
        self._mark = None


def _column(name: str, inside: str, key: str) -> str:
    """Return the column that an element's text goes into, '' if none."""
    if name == "SimpleData" or (name == "value" and inside == "Data"):
        return key
    if inside in {"TimeStamp", "TimeSpan"}:
        return _TIMES.get(name, "")
    return name if inside == "Placemark" and name in _FIELDS else ""


def _places(text: str, path: Path, *, most: int | None) -> NDArray[np.float64]:
    """Return (n, 2) longitudes and latitudes: numbers alone, for pairs of a large file take ten times the memory."""
    out = array("d")
    for word in itertools.islice(re.finditer(r"\S+", text), most):
        out.extend(_place(word.group(), path))
    return np.array(out, dtype=np.float64).reshape(-1, 2)


def _place(word: str, path: Path) -> tuple[float, float]:
    try:
        lon, lat = (float(part) for part in word.split(",")[:2])
    except ValueError:
        raise InputError(
            f"{path}: coordinates {word[:30]!r} are not longitude,latitude -- export it again"
        ) from None
    if not np.isfinite([lon, lat]).all():
        raise InputError(f"{path}: coordinates {word[:30]!r} are nowhere -- export it again")
    return lon, lat


def _whole(shapes: list[BaseGeometry]) -> BaseGeometry | None:
    """Return one shape: as it is, or several of one kind as one of many parts."""
    if len(shapes) < 2:
        return shapes[0] if shapes else None
    kinds = {shape.geom_type for shape in shapes}
    if len(kinds) > 1:
        return shapely.GeometryCollection(shapes)
    many = {"Point": shapely.MultiPoint, "Polygon": shapely.MultiPolygon}
    return many.get(kinds.pop(), shapely.MultiLineString)(shapes)
