"""Roads from raw OpenStreetMap files (XML, PBF).

Drivable ways only, split where the file lacks a node.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any
from xml.sax import SAXException
from xml.sax.saxutils import quoteattr

from coresponse.data.errors import InputError, unreadable
from coresponse.data.roads.entities import refuse_entities
from coresponse.data.roads.graph import from_graph
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.pbf import refuse_inflated
from coresponse.data.roads.speeds import NOT_DRIVEN

# what OSMnx asks Overpass for when told to bring drivable roads: a way is left out where the
# pattern is found in the value, anywhere, as Overpass searches
_LEFT_OUT = {
    "highway": re.compile("|".join(sorted({*NOT_DRIVEN, "rest_area", "service", "services"}))),
    "area": re.compile("yes"),
    "access": re.compile("private"),
    "motor_vehicle": re.compile("no"),
    "motorcar": re.compile("no"),
    "service": re.compile("alley|driveway|emergency_access|parking|parking_aisle|private"),
}
_KEPT_TAGS = ("highway", "oneway", "junction", "maxspeed", "name", "ref")


def drivable(tags: dict[str, str]) -> bool:
    """Whether OSMnx's "drive" network would hold a way with these tags."""
    return "highway" in tags and not any(
        key in tags and found.search(tags[key]) for key, found in _LEFT_OUT.items()
    )


def read_osm(path: Path, *, source: str) -> RoadNetwork:
    """Read an OSM XML or PBF file.

    Ways that cite nodes which the file lacks (as at the border of a clipped extract) are split
    there.

    Raises
    ------
    InputError
        If the file is damaged, declares XML entities, or has no drivable way.
    """
    # a second and more to load, and most studies have their roads in another form
    import osmium  # noqa: PLC0415
    import osmnx as ox  # noqa: PLC0415

    path = path.resolve()  # a relative one may begin like an address, which libosmium would fetch
    if path.suffix.lower() in {".osm", ".xml"}:
        refuse_entities(path, source)
    else:
        refuse_inflated(path, source)
    try:
        ways, nodes, cut = _drivable_ways(path)
    except InputError as error:
        raise InputError(f"{source}: {error}") from None
    except (RuntimeError, ValueError, OSError, osmium.InvalidLocationError) as error:
        raise unreadable(source, "OpenStreetMap file", error) from error
    if not ways:
        raise InputError(f"{source}: no drivable way in it")
    with tempfile.TemporaryDirectory(prefix="coresponse-osm-") as folder:
        clean = Path(folder) / "roads.osm"
        _write_xml(clean, ways, nodes)
        try:
            graph = ox.graph_from_xml(clean, retain_all=True, simplify=True)
        except (ValueError, SAXException) as error:
            raise unreadable(source, "network of roads", error) from error
    notes = (f"{cut} ways cite nodes that the file lacks and were split there",) if cut else ()
    return from_graph(graph, source=source, notes=notes)


Way = tuple[int, list[int], dict[str, str]]


def _drivable_ways(path: Path) -> tuple[list[Way], dict[int, tuple[float, float]], int]:
    """Ways as runs of nodes that are in the file, their nodes' (lon, lat), and how many ways were cut."""
    import osmium  # noqa: PLC0415 - as above

    whole: list[Way] = []
    wanted: set[int] = set()
    reader: Any = osmium.FileProcessor(str(path), osmium.osm.WAY)
    for way in reader:
        tags = {tag.k: tag.v for tag in way.tags}
        if drivable(tags):
            refs = [node.ref for node in way.nodes]
            whole.append((way.id, refs, {key: tags[key] for key in _KEPT_TAGS if key in tags}))
            wanted.update(refs)
    nodes: dict[int, tuple[float, float]] = {}
    processor: Any = osmium.FileProcessor(str(path), osmium.osm.NODE)
    for node in processor:
        if node.id in wanted and node.location.valid():
            place = (node.location.lon, node.location.lat)
            if nodes.setdefault(node.id, place) != place:
                raise InputError(
                    f"node {node.id} comes twice, at two places -- export it again with each node "
                    "once"
                )
    ways: list[Way] = []
    cut = 0
    for identifier, refs, tags in whole:
        runs = _runs(refs, nodes)
        cut += any(ref not in nodes for ref in refs)
        ways += [(identifier, run, tags) for run in runs]
    return ways, nodes, cut


def _runs(refs: list[int], known: dict[int, tuple[float, float]]) -> list[list[int]]:
    runs: list[list[int]] = [[]]
    for ref in refs:
        if ref in known:
            runs[-1].append(ref)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if len(run) > 1]


def _write_xml(path: Path, ways: list[Way], nodes: dict[int, tuple[float, float]]) -> None:
    used = sorted({ref for _, refs, _ in ways for ref in refs})
    with path.open("w", encoding="utf-8") as out:
        out.write("<?xml version='1.0' encoding='UTF-8'?>\n<osm version='0.6'>\n")
        for ref in used:
            lon, lat = nodes[ref]
            out.write(f"<node id='{ref}' lon='{lon:.7f}' lat='{lat:.7f}'/>\n")
        # runs of one way get ids of their own: OSMnx keeps ways in a dictionary by id
        for number, (_, refs, tags) in enumerate(ways, start=1):
            out.write(f"<way id='{number}'>")
            out.writelines(f"<nd ref='{ref}'/>" for ref in refs)
            out.writelines(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())
            out.write("</way>\n")
        out.write("</osm>\n")
