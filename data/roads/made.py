"""Made road networks for benchmarks, tests and volume trials.

A jittered street grid with faster arterials.
"""

from __future__ import annotations

import numpy as np

from coresponse.data.roads.network import RoadNetwork, RoadReport


def street_grid(
    columns: int,
    rows: int,
    *,
    seed: int,
    spacing_m: float = 120.0,
    crs: str = "EPSG:32618",
    origin_xy: tuple[float, float] = (500_000.0, 4_500_000.0),
) -> RoadNetwork:
    """Make a two-way street grid with jittered crossings.

    Every eighth street is an arterial at twice the speed.

    Parameters
    ----------
    columns, rows
        Crossings along x and y; the network has columns * rows nodes and is strongly connected.
    seed
        Of the jitter and of the speed of each street segment.
    spacing_m
        Mean block length in meters.
    """
    rng = np.random.default_rng(seed)
    i, j = (a.ravel() for a in np.meshgrid(np.arange(columns), np.arange(rows), indexing="xy"))
    x = origin_xy[0] + (i + rng.uniform(-0.3, 0.3, i.size)) * spacing_m
    y = origin_xy[1] + (j + rng.uniform(-0.3, 0.3, i.size)) * spacing_m
    node = np.arange(columns * rows).reshape(rows, columns)
    ends = [
        (
            node[:, :-1].ravel(),
            node[:, 1:].ravel(),
            j.reshape(rows, columns)[:, :-1].ravel() % 8 == 0,
        ),
        (
            node[:-1, :].ravel(),
            node[1:, :].ravel(),
            i.reshape(rows, columns)[:-1, :].ravel() % 8 == 0,
        ),
    ]
    start = np.concatenate([e[0] for e in ends])
    stop = np.concatenate([e[1] for e in ends])
    arterial = np.concatenate([e[2] for e in ends])
    length = np.hypot(x[start] - x[stop], y[start] - y[stop])
    kph = np.where(arterial, 55.0, 28.0) * rng.uniform(0.8, 1.2, length.size)
    edge_from = np.concatenate([start, stop]).astype(np.int32)
    edge_to = np.concatenate([stop, start]).astype(np.int32)
    length_m = np.tile(length, 2).astype(np.float32)
    travel_s = np.tile(length / (kph / 3.6), 2).astype(np.float32)
    shape_xy = np.empty((2 * edge_from.size, 2))
    shape_xy[0::2] = np.column_stack([x[edge_from], y[edge_from]])
    shape_xy[1::2] = np.column_stack([x[edge_to], y[edge_to]])
    return RoadNetwork(
        crs=crs,
        node_id=np.arange(x.size, dtype=np.int64),
        node_x=x,
        node_y=y,
        edge_from=edge_from,
        edge_to=edge_to,
        length_m=length_m,
        travel_s=travel_s,
        road_class=np.where(np.tile(arterial, 2), 0, 1).astype(np.int16),
        road_classes=("secondary", "residential"),
        shape_start=np.arange(0, 2 * edge_from.size + 1, 2, dtype=np.int64),
        shape_xy=shape_xy,
        attribution="made street grid, no real place",
        report=RoadReport(
            source=f"street grid {columns} x {rows}, seed {seed}",
            nodes_read=x.size,
            edges_read=edge_from.size,
        ),
    )
