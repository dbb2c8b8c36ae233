"""The road network as frames with geometry, for drawing and for files."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import shapely

from coresponse.data.roads.network import RoadNetwork

# Directed edges that a map page can draw.
#
# A large city has half as many, a region several times more.
MOST_DRAWN = 300_000


def edges_frame(network: RoadNetwork) -> gpd.GeoDataFrame:
    """Return one row a directed edge.

    `edge_from`, `edge_to`, `road_class`, `length_m`, `travel_s`, geometry; `name` where streets
    have names.
    """
    counts = np.diff(network.shape_start)
    lines = shapely.linestrings(
        network.shape_xy, indices=np.repeat(np.arange(network.n_edges), counts)
    )
    columns = {
        "edge_from": network.edge_from,
        "edge_to": network.edge_to,
        "road_class": np.array(network.road_classes, dtype=object)[network.road_class],
        "length_m": network.length_m,
        "travel_s": network.travel_s,
    }
    if network.street_names:
        columns["name"] = np.array(network.street_names, dtype=object)[network.street_name]
    return gpd.GeoDataFrame(columns, geometry=lines, crs=network.crs)


def nodes_frame(network: RoadNetwork) -> gpd.GeoDataFrame:
    """Return one row a node: `node_id`, geometry."""
    points = gpd.points_from_xy(network.node_x, network.node_y)
    return gpd.GeoDataFrame({"node_id": network.node_id}, geometry=points, crs=network.crs)


def drawn_edges(
    network: RoadNetwork, *, at_most: int = MOST_DRAWN
) -> tuple[gpd.GeoDataFrame, bool]:
    """Return the edges that a map draws.

    All, or, where there are more than `at_most`, those of the more important classes.

    The most important class is always drawn, as many edges as it may have.

    Returns
    -------
    edges
        As :func:`edges_frame` has them.
    all_drawn
        Whether none was left out.
    """
    if network.n_edges <= at_most:
        return edges_frame(network), True
    by_class = np.cumsum(np.bincount(network.road_class, minlength=len(network.road_classes)))
    enough = max(1, int(np.searchsorted(by_class, at_most, side="right")))
    kept = network.road_class < enough
    counts = np.diff(network.shape_start)
    drawn = replace(
        network,
        edge_from=network.edge_from[kept],
        edge_to=network.edge_to[kept],
        length_m=network.length_m[kept],
        travel_s=network.travel_s[kept],
        road_class=network.road_class[kept],
        street_name=network.street_name[kept] if network.street_names else network.street_name,
        shape_start=np.r_[0, np.cumsum(counts[kept])].astype(np.int64),
        shape_xy=network.shape_xy[np.repeat(kept, counts)],
    )
    return edges_frame(drawn), bool(kept.all())
