"""Road networks from networkx graphs as OSMnx makes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from coresponse.data.crs_text import refuse_leading_crs
from coresponse.data.errors import InputError
from coresponse.data.roads.assemble import assemble
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.raw import RawRoads
from coresponse.data.roads.speeds import main_class, parse_maxspeed
from coresponse.data.roads.street_names import street_name

if TYPE_CHECKING:
    import networkx as nx

_OLD_CRS = re.compile(
    r"^\{?\s*[\"']?(?:\+?init)[\"']?\s*[:=]\s*[\"']?epsg:(\d{3,6})\b", re.IGNORECASE
)

# Characters of such a pair; what is longer is WKT or PROJJSON.
MOST_CRS = 200

OSM_ATTRIBUTION = "Roads © OpenStreetMap contributors (ODbL)"


def from_graph(
    graph: nx.MultiDiGraph[Any],
    *,
    source: str,
    attribution: str = OSM_ATTRIBUTION,
    notes: tuple[str, ...] = (),
) -> RoadNetwork:
    """Convert a directed graph.

    Nodes with x, y; edges with length, maybe geometry, highway and speeds.

    A graph without a CRS is taken to be in degrees. An edge's own ``travel_time`` (seconds) goes
    before its own ``speed_kph`` or ``speed_kmph``, that before its ``maxspeed``, and that before
    its class.

    Raises
    ------
    InputError
        If a node has no coordinates, or the CRS or a shape cannot be read.
    """
    nodes = list(graph.nodes(data=True))
    missing = [node for node, data in nodes if not {"x", "y"} <= data.keys()]
    if missing:
        raise InputError(
            f"{source}: {len(missing)} nodes have no x and y, the first is {missing[0]!r}"
        )
    position = {node: i for i, (node, _) in enumerate(nodes)}
    edges = list(graph.edges(data=True))
    x = np.array([_number(data["x"]) for _, data in nodes])
    y = np.array([_number(data["y"]) for _, data in nodes])
    start = np.array([position[u] for u, _, _ in edges], dtype=np.int64)
    stop = np.array([position[v] for _, v, _ in edges], dtype=np.int64)
    data = [d for _, _, d in edges]
    length = np.array([_number(d.get("length")) for d in data])
    crs = _crs(graph.graph.get("crs"), source)
    ends = [(u, v) for u, v, _ in edges]
    shape_start, shape_xy = _shapes(data, x, y, start, stop, ends, source)
    own_kph = np.array([_own_kph(d) for d in data])
    limit_kph = np.array([parse_maxspeed(d.get("maxspeed")) for d in data])
    raw = RawRoads(
        crs=crs,
        node_id=_identifiers([node for node, _ in nodes]),
        node_x=x,
        node_y=y,
        edge_from=start,
        edge_to=stop,
        length_m=length,
        maxspeed_kph=np.where(np.isfinite(own_kph), own_kph, limit_kph),
        source_travel_s=np.array([_number(d.get("travel_time")) for d in data]),
        road_class=np.array([main_class(d.get("highway")) for d in data], dtype=object),
        shape_start=shape_start,
        shape_xy=shape_xy,
        street_name=np.array(
            [street_name(d.get("name"), d.get("ref")) for d in data], dtype=object
        ),
    )
    return assemble(raw, source=source, attribution=attribution, notes=notes)


def _crs(stated: object, source: str) -> CRS:
    """Read a graph's CRS; degrees where there is none.

    OSMnx before 0.16 wrote it as PROJ's old pair, ``{'init': 'epsg:4326'}``, into the file as text.
    """
    if isinstance(stated, dict):
        stated = stated.get("init")
    text = str(stated or "EPSG:4326").strip()
    old = _OLD_CRS.search(text) if len(text) < MOST_CRS else None
    refuse_leading_crs(text, source)
    try:
        return CRS.from_user_input(f"EPSG:{old[1]}" if old else text)
    except CRSError:
        raise InputError(
            f"{source}: the CRS of the graph is not understood: {text[:60]!r} -- save it with one "
            "such as EPSG:4326"
        ) from None


def _number(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return float("nan")


def _own_kph(data: dict[str, Any]) -> float:
    for key in ("speed_kph", "speed_kmph"):
        kph = _number(data.get(key))
        if np.isfinite(kph) and kph > 0:
            return kph
    return float("nan")


def _identifiers(nodes: list[Any]) -> np.ndarray[Any, np.dtype[np.int64]]:
    try:
        return np.array([int(node) for node in nodes], dtype=np.int64)
    except (TypeError, ValueError, OverflowError):
        return np.arange(len(nodes), dtype=np.int64)


def _shapes(
    data: list[dict[str, Any]],
    x: np.ndarray[Any, np.dtype[np.float64]],
    y: np.ndarray[Any, np.dtype[np.float64]],
    start: np.ndarray[Any, np.dtype[np.int64]],
    stop: np.ndarray[Any, np.dtype[np.int64]],
    ends: list[tuple[Any, Any]],
    source: str,
) -> tuple[np.ndarray[Any, np.dtype[np.int64]], np.ndarray[Any, np.dtype[np.float64]]]:
    pieces = []
    for d, u, v, named in zip(data, start, stop, ends, strict=True):
        line = d.get("geometry")
        if isinstance(line, str):
            try:
                line = shapely.from_wkt(line)
            except shapely.errors.ShapelyError:
                raise InputError(
                    f"{source}: the shape of the edge from {named[0]!r:.40} to {named[1]!r:.40} is "
                    f"not a line: {line!r:.60} -- save the graph again, or without geometry"
                ) from None
        if isinstance(line, shapely.LineString) and not line.is_empty:
            pieces.append(shapely.get_coordinates(line))
        else:
            pieces.append(np.array([[x[u], y[u]], [x[v], y[v]]]))
    counts = np.array([len(piece) for piece in pieces], dtype=np.int64)
    xy = np.concatenate(pieces) if pieces else np.empty((0, 2))
    return np.r_[0, np.cumsum(counts)], xy
