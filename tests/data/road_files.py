"""What every road network read from a file has to keep, and files made for the tests."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import osmnx as ox
from scipy.sparse.csgraph import connected_components
from shapely import LineString

from coresponse.data.roads.network import RoadNetwork

KPH_25_MPH = 25 * 1.609344


def assert_sound(network: RoadNetwork) -> None:
    """What everything downstream relies on."""
    n, m = network.n_nodes, network.n_edges
    parts, _ = connected_components(network.travel_matrix(), directed=True, connection="strong")
    assert parts == 1
    kinds = {
        "node_id": "i8",
        "edge_from": "i4",
        "edge_to": "i4",
        "length_m": "f4",
        "travel_s": "f4",
        "road_class": "i2",
    }
    assert {name: getattr(network, name).dtype.str[1:] for name in kinds} == kinds
    assert (network.travel_s > 0).all()
    assert (network.length_m > 0).all()
    assert network.shape_start.shape == (m + 1,)
    first, last = network.shape_start[:-1], network.shape_start[1:] - 1
    nodes = np.column_stack([network.node_x, network.node_y])
    assert np.abs(network.shape_xy[first] - nodes[network.edge_from]).max() < 0.2
    assert np.abs(network.shape_xy[last] - nodes[network.edge_to]).max() < 0.2
    assert len(set(network.node_id.tolist())) == n
    assert network.report.nodes_read - network.report.nodes_dropped == n
    assert network.report.edges_read - network.report.edges_dropped == m


def edges_by_id(network: RoadNetwork) -> Counter[tuple[int, int]]:
    return Counter(
        zip(
            network.node_id[network.edge_from].tolist(),
            network.node_id[network.edge_to].tolist(),
            strict=True,
        )
    )


# --- one small town in every format
# -----------------------------------------------------------------------------------

TOWN_EDGES = [
    # u, v, highway, maxspeed, one-way, points between
    (11, 12, "primary", "30 mph", False, []),
    (12, 13, "residential", "25 mph", False, [(-76.8790, 40.2612)]),
    (13, 11, "tertiary", None, True, []),
    (13, 14, "residential", "40", False, []),
    (14, 11, "secondary", "35 mph", True, [(-76.8850, 40.2622), (-76.8850, 40.2605)]),
]
TOWN_NODES = {
    11: (-76.8820, 40.2600),
    12: (-76.8795, 40.2600),
    13: (-76.8800, 40.2625),
    14: (-76.8830, 40.2625),
}


def town() -> nx.MultiDiGraph[Any]:
    """Four crossings in Harrisburg, eight directed edges, strongly connected."""
    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph(crs="epsg:4326", simplified=True)
    for node, (x, y) in TOWN_NODES.items():
        graph.add_node(node, x=x, y=y, street_count=3)
    for osmid, (u, v, highway, maxspeed, oneway, between) in enumerate(TOWN_EDGES):
        points = [TOWN_NODES[u], *between, TOWN_NODES[v]]
        length = sum(
            float(ox.distance.great_circle(a[1], a[0], b[1], b[0]))
            for a, b in itertools.pairwise(points)
        )
        directions = [(u, v, points)] if oneway else [(u, v, points), (v, u, points[::-1])]
        for start, stop, shape in directions:
            tags: dict[str, Any] = {
                "highway": highway,
                "oneway": oneway,
                "osmid": osmid,
                "reversed": shape != points,
            }
            if maxspeed:
                tags["maxspeed"] = maxspeed
            graph.add_edge(start, stop, length=length, geometry=LineString(shape), **tags)
    return graph


def town_table(*, both_directions: bool) -> gpd.GeoDataFrame:
    edges = ox.graph_to_gdfs(town(), nodes=False).reset_index()
    return (
        edges
        if both_directions
        else edges[~edges.reversed].drop(columns=["u", "v", "key", "reversed"])
    )


# --- OpenStreetMap XML by hand
# ----------------------------------------------------------------------------------------

POINTS = {1: (0, 0), 2: (1, 0), 3: (2, 0), 4: (1, 1), 5: (4, 0), 6: (5, 0), 7: (2, 1), 8: (3, 1)}
STEP = 0.001


def osm_xml(ways: dict[int, tuple[list[int], dict[str, str]]], *, head: str = "") -> str:
    nodes = "".join(
        f'<node id="{i}" lon="{-76.88 + x * STEP:.4f}" lat="{40.26 + y * STEP:.4f}"/>'
        for i, (x, y) in POINTS.items()
    )
    lines = "".join(
        f'<way id="{i}">'
        + "".join(f'<nd ref="{ref}"/>' for ref in refs)
        + "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items())
        + "</way>"
        for i, (refs, tags) in ways.items()
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>{head}<osm version="0.6">{nodes}{lines}</osm>'


ONE_WAY_TOWN = {
    101: (
        [1, 2, 3, 99, 5, 6],
        {"highway": "residential", "maxspeed": "25 mph", "name": "Main &amp; Mill"},
    ),
    102: ([1, 4], {"highway": "primary", "oneway": "yes"}),
    103: ([3, 4], {"highway": "primary", "oneway": "-1"}),
    104: ([1, 5], {"highway": "footway"}),
    105: ([3, 5], {"highway": "residential", "access": "private"}),
    106: ([3, 6], {"highway": "residential", "service": "driveway"}),
}


# --- refusals
# ---------------------------------------------------------------------------------------------------------


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path
