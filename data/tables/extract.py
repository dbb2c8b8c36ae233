"""Stations, hospitals, clinics and town halls of an OpenStreetMap extract, as a table of posts."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from coresponse.data.errors import InputError, unreadable
from coresponse.data.roads.entities import refuse_entities
from coresponse.data.roads.pbf import refuse_inflated
from coresponse.data.tables.osm_posts import AMBULANCES, AMENITIES
from coresponse.data.tables.table import Table, no_bad_rows
from coresponse.data.unpack import PACKED, unpacked

EXTRACT_KINDS = (".pbf", ".osm", ".xml")


# Tags of places where many people come together, and calls come from who does not live there (an assumption).
ASSEMBLY = {
    "amenity": frozenset({
        "bar", "bus_station", "cinema", "college", "community_centre", "events_venue", "food_court", "library", "marketplace",
        "nightclub", "place_of_worship", "pub", "social_centre", "social_facility", "theatre", "university",
    }),
    "leisure": frozenset({"sports_centre", "stadium"}),
    "railway": frozenset({"station"}),
    "shop": frozenset({"department_store", "mall"}),
}  # fmt: skip

# Places of one name and kind nearer than about 300 m are one: a hospital is often a point and an outline.
ONE_HOUSE_DEGREES = 0.003


# Id, name, kind, address, longitude, latitude.
_Feature = tuple[str, str, str, str, float, float]


def is_extract(path: Path) -> bool:
    """Whether a file is named like an OpenStreetMap extract, or is a zip archive that holds one."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes[-1:] != [".zip"]:
        inner = suffixes[:-1] if suffixes[-1:] and suffixes[-1] in PACKED else suffixes
        return bool(inner) and inner[-1] in EXTRACT_KINDS
    try:
        with zipfile.ZipFile(path) as archive:
            kinds = {PurePosixPath(name).suffix.lower() for name in archive.namelist()}
    except (OSError, zipfile.BadZipFile, ValueError):  # whoever reads it tells what is wrong
        return False
    return bool(kinds & {".osm", ".pbf"})


def read_extract(plain: Path, path: Path) -> Table:
    """Read the places of an extract where responders may wait.

    Points, outlines and multipolygons; the place of an outline is the middle of its extent.

    Parameters
    ----------
    plain
        The unpacked file.
    path
        The file as people know it, for messages.

    Returns
    -------
    Table
        `post_id` (``osm-`` with n, w or r and the number, as OpenStreetMap numbers points, ways and relations apart), `name`,
        `kind`, `address`; sorted by post_id.

    Raises
    ------
    InputError
        If it is damaged, or has no such place.
    """
    places = _once(sorted(_features(plain, path, ("amenity", "emergency"), _post_kind)))
    if not places:
        raise InputError(
            f"{path}: has no fire or police station, hospital, clinic or town hall -- give a file "
            "of posts, or let the tool propose some (--propose 40)"
        )
    names = ["post_id", "name", "kind", "address", "x", "y"]
    frame = pd.DataFrame(places, columns=names)
    xy = frame[["x", "y"]].to_numpy(dtype=np.float64)
    rows = np.arange(1, len(frame) + 1, dtype=np.int64)
    text = frame[names[:4]].astype(str)
    return Table(text, rows, no_bad_rows(), xy, CRS.from_epsg(4326))


def places_of_assembly(path: Path) -> NDArray[np.float64]:
    """Return (n, 2) longitude and latitude of an extract's places where many people come together.

    Raises
    ------
    InputError
        If the file is no extract, is damaged, or has no such place.
    """
    if not is_extract(path):
        raise InputError(
            f"{path}: is not an OpenStreetMap extract and has no places of assembly -- take "
            "assembly out of [population], or give the roads as an extract"
        )
    with unpacked(path, EXTRACT_KINDS, what="extract", usual=".osm") as plain:
        found = _features(plain, path, tuple(ASSEMBLY), _assembly_kind)
    if not found:
        raise InputError(f"{path}: has no place of assembly -- take assembly out of [population]")
    return np.array([place[4:] for place in _once(sorted(found))], dtype=np.float64)


def _post_kind(tags: Mapping[str, str]) -> str:
    ambulances = tags.get("emergency", "") == AMBULANCES
    return AMENITIES.get(tags.get("amenity", ""), "station" if ambulances else "")


def _assembly_kind(tags: Mapping[str, str]) -> str:
    return next((tags[key] for key, values in ASSEMBLY.items() if tags.get(key, "") in values), "")


def _features(
    plain: Path, path: Path, keys: tuple[str, ...], kind_of: Callable[[Mapping[str, str]], str]
) -> list[_Feature]:
    """Return points, closed ways and multipolygons that are of some kind."""
    import osmium  # noqa: PLC0415 -- a second to load, and most posts are in tables

    plain = plain.resolve()  # a relative one may begin like an address, which libosmium would fetch
    if plain.suffix.lower() == ".pbf":
        refuse_inflated(plain, path.name)
    else:
        refuse_entities(plain, path.name)
    wanted = osmium.filter.KeyFilter(*keys)
    try:
        things: Any = osmium.FileProcessor(str(plain)).with_areas(wanted).with_filter(wanted)
        return [feature for thing in things if (feature := _feature(thing, kind_of))]
    except (RuntimeError, ValueError, OSError, osmium.InvalidLocationError) as error:
        raise unreadable(path, "OpenStreetMap file", error) from error


def _feature(thing: Any, kind_of: Callable[[Mapping[str, str]], str]) -> _Feature | None:
    tags = {tag.k: tag.v for tag in thing.tags}
    kind = kind_of(tags)
    if not kind or thing.is_relation() or (thing.is_area() and thing.from_way()):
        return None  # a relation comes again as an area, and a closed way has come
    if thing.is_area():
        nodes = [node for ring in thing.outer_rings() for node in ring]
    else:
        nodes = [thing] if thing.is_node() else list(thing.nodes)
    at = [node.location for node in nodes if node.location.valid()]
    if not at:
        return None
    letter, number = ("r", thing.orig_id()) if thing.is_area() else (thing.type_str(), thing.id)
    parts = (tags.get("addr:housenumber", ""), tags.get("addr:street", ""))
    lon, lat = [place.lon for place in at], [place.lat for place in at]
    x, y = (min(lon) + max(lon)) / 2, (min(lat) + max(lat)) / 2
    name = tags.get("name", "") or tags.get("operator", "")
    return f"osm-{letter}{number}", name, kind, " ".join(filter(None, parts)), x, y


def _once(places: list[_Feature]) -> list[_Feature]:
    """Leave out a place that comes again as another shape; outlines go before points."""
    out: list[_Feature] = []
    for place in reversed(places):  # relations, ways, nodes
        _, name, kind, _, x, y = place
        again = any(
            name
            and (name, kind) == (other[1], other[2])
            and max(abs(x - other[4]), abs(y - other[5])) < ONE_HOUSE_DEGREES
            for other in out
        )
        if not again:
            out.append(place)
    return out[::-1]
