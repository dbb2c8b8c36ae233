"""Make the sample's water and parks from its roads: ``python -m scripts.sample_ground [FOLDER]``.

The sample's roads come without water and parks. A park is the blocks between the streets around it,
so its outline is the network's (OpenStreetMap, ODbL). The shore is a line a little outside of the
outermost roads; beside it lies a band of each river, no wider than the river is there, since its
other bank is in no road file.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
import shapely.ops
from numpy.typing import NDArray
from pyproj import Transformer

from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.read import read_roads

# Corners of a park that roads cross (longitude, latitude): the blocks inside are the park.
BETWEEN = {
    "Central Park": ((-73.9815, 40.7682), (-73.9730, 40.7645), (-73.9493, 40.7969), (-73.9582, 40.8006)),
}  # fmt: skip

# Places inside of parks: the blocks that hold them are the park.
AROUND = {
    "Riverside Park": ((-73.9688, 40.8064), (-73.9805, 40.7903)),
    "Highbridge Park": ((-73.9350, 40.8382), (-73.9272, 40.8511)),
    "Morningside Park": ((-73.9585, 40.8055),),
    "Marcus Garvey Park": ((-73.9437, 40.8045),),
    "Thomas Jefferson Park": ((-73.9356, 40.7918),),
    "Tompkins Square Park": ((-73.9817, 40.7264),),
    "Washington Square Park": ((-73.9975, 40.7308),),
}

# Where each river begins, going round the island with the clock from the Battery, and how wide its
# band is in meters: what lies between the shore and the next island or bank, rounded down.
RIVERS = {
    "Hudson River": ((-74.0170, 40.7010), 900.0),
    "Harlem River": ((-73.9290, 40.8780), 110.0),
    "East River": ((-73.9290, 40.8000), 220.0),
}

STREET_M = 12.0  # half of the widest street beside a park, sidewalks too (assumption)
SHORE_M = 45.0  # from the middle of the last road to the water (assumption)
GAP_M = 300.0  # between roads, wider than which no land is assumed along the shore
FINEST_M = 5.0


def main(folder: Path) -> None:
    """Write ``parks.geojson`` and ``water.geojson`` beside the roads of a folder."""
    network = read_roads(folder / "roads.json")
    for name, shapes in (("parks", parks(network)), ("water", water(network))):
        write(shapes, network.crs, folder / f"{name}.geojson")


def parks(network: RoadNetwork) -> dict[str, Any]:
    """Return the blocks of each park, without the streets around it."""
    roads = shapely.union_all(_lines(network))
    blocks = shapely.get_parts(shapely.polygonize([*shapely.get_parts(roads)]))
    inside = shapely.point_on_surface(blocks)
    out: dict[str, Any] = {}
    for name, corners in BETWEEN.items():
        outline = shapely.Polygon(_placed(corners, network))
        # its own drives are part of it
        whole = shapely.union_all(blocks[shapely.contains(outline, inside)])
        out[name] = shapely.buffer(whole, STREET_M).buffer(-2 * STREET_M)
    for name, places in AROUND.items():
        points = shapely.points(_placed(places, network))
        held = shapely.contains(blocks[:, None], points[None, :]).any(axis=1)
        out[name] = shapely.buffer(shapely.union_all(blocks[held]), -STREET_M)
    return out


def water(network: RoadNetwork) -> dict[str, Any]:
    """Return a band of each river along the shore."""
    near = shapely.union_all(shapely.buffer(_lines(network), GAP_M / 2, quad_segs=4))
    closed = shapely.union_all(shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(near))))
    land = shapely.buffer(closed, SHORE_M - GAP_M / 2).simplify(FINEST_M)
    # with the clock
    shore = shapely.reverse(shapely.orient_polygons(shapely.polygons(land.exterior)).exterior)
    starts = [
        shore.project(shapely.Point(_placed([place], network)[0])) for place, _ in RIVERS.values()
    ]
    out: dict[str, Any] = {}
    for i, (name, (_, width_m)) in enumerate(RIVERS.items()):
        bank = _between(shore, starts[i], starts[(i + 1) % len(starts)])
        band = shapely.buffer(bank, width_m, quad_segs=4, cap_style="flat")
        out[name] = shapely.difference(band, land)
    return out


def _between(ring: Any, start: float, stop: float) -> Any:
    """Return the part of a ring from one distance along it to another, across its first point."""
    if start < stop:
        return shapely.ops.substring(ring, start, stop)
    parts = [
        shapely.ops.substring(ring, start, ring.length),
        shapely.ops.substring(ring, 0.0, stop),
    ]
    return shapely.line_merge(shapely.multilinestrings(parts))


def write(shapes: dict[str, Any], crs: str, path: Path) -> None:
    """Write named shapes as GeoJSON, to a meter."""
    frame = gpd.GeoDataFrame({"name": [*shapes]}, geometry=[*shapes.values()], crs=crs)
    frame.geometry = shapely.simplify(frame.geometry.array, FINEST_M)
    shown = frame.to_crs(4326)
    shown.geometry = shapely.set_precision(shown.geometry.array, 1e-5)
    text = json.dumps(json.loads(shown.to_json(drop_id=True)), separators=(",", ":"))
    path.write_text(text + "\n", encoding="utf-8")


def _lines(network: RoadNetwork) -> NDArray[np.object_]:
    ends = [
        np.column_stack([network.node_x[nodes], network.node_y[nodes]])
        for nodes in (network.edge_from, network.edge_to)
    ]
    lines: NDArray[np.object_] = shapely.linestrings(np.stack(ends, axis=1))
    return lines


def _placed(places: Any, network: RoadNetwork) -> list[tuple[float, float]]:
    change = Transformer.from_crs("EPSG:4326", network.crs, always_xy=True)
    return [change.transform(*place) for place in places]


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:] or ["data/sample"]))
