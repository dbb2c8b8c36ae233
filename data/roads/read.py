"""Read roads from whatever file a city has, once; afterwards from the compact form in the cache."""

from __future__ import annotations

import dataclasses
import json
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio

from coresponse.data.crowded import refuse_crowded
from coresponse.data.errors import (
    InputError,
    MissingInputError,
    UnsupportedInputError,
    unreadable,
)
from coresponse.data.names import refuse_odd_name
from coresponse.data.private import private_folder
from coresponse.data.progress import Progress, silent
from coresponse.data.roads.cache import cache_path, default_cache_folder, load_network, save_network
from coresponse.data.roads.graph import from_graph
from coresponse.data.roads.graphml import read_graphml
from coresponse.data.roads.lines import from_lines
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.osm_file import read_osm
from coresponse.data.tables.layer import refuse_empty_cells, refuse_many_properties, refuse_view
from coresponse.data.tables.overpass import is_overpass, write_osm
from coresponse.data.tables.parquet import refuse_inflated
from coresponse.data.unpack import unpacked

PACKED_KINDS = (
    ".osm", ".xml", ".graphml", ".pbf", ".json", ".gpkg", ".parquet", ".geoparquet", ".geojson", ".sqlite", ".shp",
)  # fmt: skip
KINDS = ".graphml, .osm, .xml, .osm.pbf, .json (node-link), .gpkg, .parquet, .shp, .geojson, .sqlite, .npz; zipped too"

_HEADS = {
    ".gpkg": b"SQLite format 3\x00",
    ".sqlite": b"SQLite format 3\x00",
    ".shp": b"\x00\x00\x27\x0a",
    ".geojson": b"{",
}


def read_roads(
    source: Path, *, cache_folder: Path | None = None, progress: Progress = silent
) -> RoadNetwork:
    """Read a road network, from the cache if this very file was read before.

    Parameters
    ----------
    source
        GraphML as OSMnx writes it; OSM XML or PBF; an answer of Overpass or node-link JSON; edges
        as GeoPackage, GeoParquet, Shapefile, GeoJSON or SpatiaLite; a road file that coresponse
        wrote. All but the last also inside .zip, .bz2 or .gz.
    cache_folder
        Where the compact form is kept; default: the user's cache folder.

    Raises
    ------
    MissingInputError
        If the file is not there.
    UnsupportedInputError
        If its kind is not read.
    InputError
        If it is damaged or holds no drivable road.
    """
    if not source.is_file():
        raise MissingInputError(f"{source} is not there")
    if source.suffix.lower() == ".npz":
        return load_network(source)
    refuse_odd_name(source)
    folder = cache_folder or default_cache_folder()
    kept = cache_path(source, folder)
    if kept.is_file():
        try:
            return _named(load_network(kept), source.name)
        except (
            InputError,
            OSError,
        ):  # cut short, damaged, or just removed by another run: read the source again
            with suppress(OSError):
                kept.unlink(missing_ok=True)
    progress("reading roads (once; kept for next time)", 0, 1)
    with unpacked(source, PACKED_KINDS, what="road file", usual=".osm") as plain:
        network = _reader(plain, source)(plain, source.name)
    progress("reading roads (once; kept for next time)", 1, 1)
    with suppress(OSError):  # a read-only or full cache costs time, not the answer
        save_network(network, kept)
    return network


def _named(network: RoadNetwork, name: str) -> RoadNetwork:
    """Name the source as it is called now: the same file may have been read under another name."""
    return dataclasses.replace(network, report=dataclasses.replace(network.report, source=name))


def _reader(plain: Path, source: Path) -> Callable[[Path, str], RoadNetwork]:
    readers: dict[str, Callable[[Path, str], RoadNetwork]] = {
        ".graphml": read_graphml,
        ".osm": _read_osm,
        ".xml": _read_osm,
        ".pbf": _read_osm,
        ".json": _read_json,
        ".parquet": _read_parquet,
        ".geoparquet": _read_parquet,
        ".gpkg": _read_vector,
        ".shp": _read_vector,
        ".geojson": _read_vector,
        ".sqlite": _read_vector,
    }
    reader = readers.get(plain.suffix.lower())
    if reader is None:
        raise UnsupportedInputError(
            f"{source}: roads of kind {plain.suffix or 'no suffix'!r} are not supported; supported "
            f"are: {KINDS}"
        )
    return reader


def _read_osm(path: Path, name: str) -> RoadNetwork:
    return read_osm(path, source=name)


def _read_json(path: Path, name: str) -> RoadNetwork:
    if not is_overpass(path):
        return _read_node_link(path, name)
    with private_folder() as folder:
        write_osm(path, Path(name), folder / "roads.osm")
        return read_osm(folder / "roads.osm", source=name)


def _read_node_link(path: Path, name: str) -> RoadNetwork:
    import networkx as nx  # noqa: PLC0415 - as above

    try:
        text = path.read_bytes()
        refuse_crowded(text, "the graph", cure="export it again")
        content = json.loads(text.decode("utf-8-sig"))
        del text
        if not isinstance(content, dict):
            raise TypeError("no object at the top")  # noqa: TRY301 -- told to people below, with the other faults
        edges = "links" if "links" in content else "edges"
        _refuse_nodes_twice([node.get("id") for node in content.get("nodes", [])])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph(nx.node_link_graph(content, edges=edges))
    except Exception as error:  # whatever the file's reader lets through
        if isinstance(error, InputError):
            raise InputError(f"{name}: {error}") from None
        raise unreadable(
            name, "graph: it is not node-link JSON as networkx writes it", error
        ) from error
    if not content.get("directed"):
        raise InputError(f"{name}: the graph is undirected -- save it as a directed graph")
    return from_graph(graph, source=name)


def _refuse_nodes_twice(ids: Sequence[object]) -> None:
    """Refuse a node that comes twice: the graph would hold the last place of it, and none knows."""
    seen = Counter(map(repr, ids))
    twice = [node for node, count in seen.items() if count > 1]
    if twice:
        raise InputError(
            f"{len(twice):,} nodes come more than once, the first is {twice[0]:.40} -- export it "
            "again with each node once"
        )


def _read_parquet(path: Path, name: str) -> RoadNetwork:
    try:
        refuse_inflated(path, Path(name))
        with path.open("rb") as file:
            lines = gpd.read_parquet(file)
    except Exception as error:  # whatever the file's reader lets through
        if isinstance(error, InputError):
            raise
        raise unreadable(name, "GeoParquet file", error) from error
    return from_lines(lines, source=name)


def _read_vector(path: Path, name: str) -> RoadNetwork:
    _check_head(path, name)
    try:
        refuse_many_properties(path, Path(name))
        layer = _line_layer(path, name)
        refuse_view(path, layer, name)
        refuse_empty_cells(pyogrio.read_info(path, layer=layer), path, Path(name))
        lines = gpd.read_file(path, layer=layer)
    except Exception as error:  # whatever the file's reader lets through
        if isinstance(error, InputError):
            raise
        raise unreadable(name, "file of lines", error) from error
    return from_lines(lines, source=name)


def _check_head(path: Path, name: str) -> None:
    """GDAL goes by what is in a file, and some of its kinds point to other files and servers.

    Only what the name says.
    """
    with path.open("rb") as file:
        head = file.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith(_HEADS[path.suffix.lower()]):
        raise InputError(f"{name}: the content is not what the name says ({path.suffix.lower()})")


def _line_layer(path: Path, name: str) -> str:
    """Prefer a layer called edges or roads, else the only layer of lines."""
    layers = [(str(layer), str(kind)) for layer, kind in pyogrio.list_layers(path)]
    of_lines = [layer for layer, kind in layers if "LineString" in kind] or [
        layer for layer, kind in layers if kind in {"Unknown", "Geometry"}
    ]
    for wanted in ("edges", "roads", "lines"):
        if wanted in of_lines:
            return wanted
    if len(of_lines) != 1:
        found = ", ".join(f"{layer} ({kind})" for layer, kind in layers)
        raise InputError(
            f"{name}: expected one layer of lines, or one called edges or roads; found "
            f"{found or 'none'}"
        )
    return of_lines[0]
