"""Answers of Overpass, which asks OpenStreetMap: places as a table, ways as an OpenStreetMap file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np
import pandas as pd
from pyproj import CRS

from coresponse.data.crowded import refuse_crowded
from coresponse.data.errors import InputError, unreadable
from coresponse.data.tables.bounds import MAX_ROW_CELLS, refuse_wide
from coresponse.data.tables.osm_posts import AMBULANCES, AMENITIES
from coresponse.data.tables.table import Table, no_bad_rows

# Of a file: a city's roads are smaller, and a country's are not asked of Overpass.
MAX_BYTES = 300_000_000

_HEAD = 1 << 12
_LETTERS = {"node": "n", "way": "w", "relation": "r"}
_ROAD_TAGS = ("highway", "oneway", "junction", "maxspeed", "name", "ref", "access", "area", "service",
              "motor_vehicle", "motorcar")  # fmt: skip

_Place = tuple[float, float]


def is_overpass(plain: Path) -> bool:
    """Whether a JSON file begins as Overpass answers do, or as what tools keep of them."""
    with plain.open("rb") as file:
        head = file.read(_HEAD).removeprefix(b"\xef\xbb\xbf").lstrip()
    known = (b'"osm3s"', b'"node"', b'"way"', b'"relation"')
    return head.startswith(b"{") and b'"elements"' in head and any(word in head for word in known)


def read_overpass(plain: Path, path: Path) -> Table:
    """Read the elements with tags as a table of places.

    A way or relation is at the middle of what the answer has of it: its center, bounds, shape, or
    nodes.

    Returns
    -------
    Table
        `post_id` and `kind` as of an extract, then all tags under their own names.

    Raises
    ------
    InputError
        If it is too large, damaged, or has no element with tags.
    """
    elements = _elements(plain, path)
    nodes = _nodes(elements)
    rows, xy = [], []
    for element in elements:
        tags = _tags(element)
        place = _middle(element, nodes)
        if not tags or place is None:
            continue
        amenity = tags.get("amenity", "")
        station = "station" if tags.get("emergency") == AMBULANCES else amenity
        own = {
            "post_id": f"osm-{_LETTERS[element['type']]}{element['id']}",
            "kind": AMENITIES.get(amenity, station),
        }
        rows.append(own | {key: value for key, value in tags.items() if key not in own})
        xy.append(place)
    if not rows:
        raise InputError(f"{path}: an answer of Overpass without a place that has tags -- ask for `out center`")  # fmt: skip
    names = list(dict.fromkeys(name for row in rows for name in row))
    refuse_wide(len(names), path)
    if len(names) * len(rows) > MAX_ROW_CELLS:
        raise InputError(f"{path}: {len(rows):,} elements of {len(names):,} tags -- ask for less")
    frame = pd.DataFrame({name: [row.get(name, "") for row in rows] for name in names}, dtype=str)
    numbers = np.arange(1, len(rows) + 1, dtype=np.int64)
    return Table(frame, numbers, no_bad_rows(), np.array(xy, dtype=np.float64), CRS.from_epsg(4326))


def write_osm(plain: Path, path: Path, target: Path) -> None:
    """Write the roads of an answer as OpenStreetMap XML, which the reader of extracts takes.

    Raises
    ------
    InputError
        If it is too large or damaged.
    """
    elements = _elements(plain, path)
    nodes = _nodes(elements)
    with target.open("w", encoding="utf-8") as out:
        out.write("<?xml version='1.0' encoding='UTF-8'?>\n<osm version='0.6'>\n")
        for number, (lon, lat) in sorted(nodes.items()):
            out.write(f"<node id='{number}' lon='{lon:.7f}' lat='{lat:.7f}'/>\n")
        for element in elements:
            tags = _tags(element)
            if element["type"] != "way" or "highway" not in tags:
                continue
            out.write(f"<way id='{element['id']}'>")
            out.writelines(f"<nd ref='{ref}'/>" for ref in _refs(element))
            out.writelines(
                f"<tag k={quoteattr(k)} v={quoteattr(_printable(tags[k]))}/>" for k in _ROAD_TAGS if k in tags
            )  # fmt: skip
            out.write("</way>\n")
        out.write("</osm>\n")


def _elements(plain: Path, path: Path) -> list[dict[str, Any]]:
    size = plain.stat().st_size
    if size > MAX_BYTES:
        raise InputError(f"{path}: {size:,} bytes of JSON, at most {MAX_BYTES:,} -- ask for less")
    try:
        text = plain.read_bytes()
        refuse_crowded(text, str(path), cure="ask for less")
        found = json.loads(text.decode("utf-8-sig"), parse_constant=lambda _: None)
        del text
    except InputError:
        raise
    except (ValueError, RecursionError) as error:
        raise unreadable(path, "answer of Overpass", error, "save it again") from error
    listed = found.get("elements") if isinstance(found, dict) else None
    if not isinstance(listed, list):
        raise InputError(f"{path}: not a readable answer of Overpass -- it has no list of elements; save it again")  # fmt: skip
    return [e for e in listed if isinstance(e, dict) and e.get("type") in _LETTERS and _whole(e.get("id"))]  # fmt: skip


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1 << 62


def _tags(element: Mapping[str, Any]) -> dict[str, str]:
    tags = element.get("tags")
    if not isinstance(tags, dict):
        return {}
    return {
        key: value.encode("utf-8", "replace").decode()
        for key, value in tags.items()
        if isinstance(value, str)
    }


def _printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable())


def _place(value: object) -> _Place | None:
    if not isinstance(value, dict):
        return None
    lon, lat = value.get("lon"), value.get("lat")
    known = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (lon, lat))
    if not known or not (-180 <= lon <= 180 and -90 <= lat <= 90):  # type: ignore[operator]
        return None
    return float(lon), float(lat)  # type: ignore[arg-type]


def _refs(element: Mapping[str, Any]) -> list[int]:
    refs = element.get("nodes")
    return [ref for ref in refs if _whole(ref)] if isinstance(refs, list) else []


def _nodes(elements: Iterable[Mapping[str, Any]]) -> dict[int, _Place]:
    """Return the places of nodes: of those that are elements, and of ways that carry their shape."""
    out: dict[int, _Place] = {}
    for element in elements:
        if element["type"] == "node":
            pairs: Iterable[tuple[Any, Any]] = ((element["id"], element),)
        else:
            shape = element.get("geometry")
            pairs = zip(_refs(element), shape if isinstance(shape, list) else (), strict=False)
        for number, at in pairs:
            if (place := _place(at)) is not None:
                out.setdefault(number, place)
    return out


def _middle(element: Mapping[str, Any], nodes: Mapping[int, _Place]) -> _Place | None:
    if (place := _place(element)) or (place := _place(element.get("center"))):
        return place
    bounds = element.get("bounds")
    if isinstance(bounds, dict):
        ends = [
            _place({"lon": bounds.get(f"{end}lon"), "lat": bounds.get(f"{end}lat")})
            for end in ("min", "max")
        ]
    else:
        shape = element.get("geometry")
        ends = [_place(at) for at in shape] if isinstance(shape, list) else []
        ends = ends or [nodes.get(ref) for ref in _refs(element)]
    known = np.array([end for end in ends if end is not None], dtype=np.float64)
    if not len(known):
        return None
    x, y = (known.min(axis=0) + known.max(axis=0)) / 2
    return float(x), float(y)
