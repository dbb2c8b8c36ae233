"""The road network as frames with geometry, for drawing and for files."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from coresponse.data.roads.network import RoadNetwork


def edges_frame(network: RoadNetwork) -> gpd.GeoDataFrame:
    """Return one row a directed edge: `edge_from`, `edge_to`, `road_class`, `length_m`, `travel_s`, geometry."""
    counts = np.diff(network.shape_start)
    lines = shapely.linestrings(network.shape_xy, indices=np.repeat(np.arange(network.n_edges), counts))
    columns = {
        "edge_from": network.edge_from,
        "edge_to": network.edge_to,
        "road_class": np.array(network.road_classes, dtype=object)[network.road_class],
        "length_m": network.length_m,
        "travel_s": network.travel_s,
    }
    return gpd.GeoDataFrame(columns, geometry=lines, crs=network.crs)


def nodes_frame(network: RoadNetwork) -> gpd.GeoDataFrame:
    """Return one row a node: `node_id`, geometry."""
    points = gpd.points_from_xy(network.node_x, network.node_y)
    return gpd.GeoDataFrame({"node_id": network.node_id}, geometry=points, crs=network.crs)
