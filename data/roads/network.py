"""The road network as everything else uses it: flat arrays in a metric CRS."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from coresponse.data.roads.points import RoadPoints, points_along


@dataclass(frozen=True)
class RoadReport:
    """What was read and what was dropped on the way to a :class:`RoadNetwork`.

    Attributes
    ----------
    source
        File or query that the roads come from.
    nodes_read, edges_read
        As found in the source, after simplification where the source was raw ways.
    nodes_dropped, edges_dropped
        Not for driving (footways, steps), or outside the largest strongly connected part.
    assumed_speed_share
        Share of the kept length (0..1) whose speed comes from the road-class table, not from
        ``maxspeed`` or the source's own times.
    notes
        Sentences for people: clipped ways, missing nodes, default classes.
    """

    source: str
    nodes_read: int = 0
    edges_read: int = 0
    nodes_dropped: int = 0
    edges_dropped: int = 0
    assumed_speed_share: float = 0.0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class RoadNetwork:
    """Directed drivable graph, strongly connected, in a metric CRS.

    A *node* is everywhere in the code its position 0..n-1 in these arrays; `node_id` has the
    source's names. A *place* is a node or, from n on, a point along a road: the column `node` of
    calls and posts holds places.

    Attributes
    ----------
    crs
        Metric CRS as an authority string such as ``EPSG:32618``.
    node_id
        (n,) source's identifiers, int64.
    node_x, node_y
        (n,) float64, meters in `crs`.
    edge_from, edge_to
        (m,) int32 node positions. Parallel edges are allowed.
    length_m, travel_s
        (m,) float32, both > 0.
    road_class
        (m,) int16, position in `road_classes`.
    road_classes
        OSM highway values, most important first; ``("unclassified",)`` where the source has none.
    shape_start
        (m+1,) int64: edge e is drawn through rows shape_start[e]:shape_start[e+1] of `shape_xy` (at
        least two).
    shape_xy
        (k, 2) float64 meters.
    street_name
        (m,) int32, position in `street_names`; empty where no street has a name.
    street_names
        Sorted, the first is '': a street without a name. Empty where none has one.
    attribution
        To be shown wherever the roads are drawn.
    report
        What was read and dropped.
    """

    crs: str
    node_id: NDArray[np.int64]
    node_x: NDArray[np.float64]
    node_y: NDArray[np.float64]
    edge_from: NDArray[np.int32]
    edge_to: NDArray[np.int32]
    length_m: NDArray[np.float32]
    travel_s: NDArray[np.float32]
    road_class: NDArray[np.int16]
    road_classes: tuple[str, ...]
    shape_start: NDArray[np.int64]
    shape_xy: NDArray[np.float64]
    street_name: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    street_names: tuple[str, ...] = ()
    attribution: str = ""
    report: RoadReport = field(default_factory=lambda: RoadReport(source="memory"))

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.node_id)

    def __repr__(self) -> str:
        """Say it in a line."""
        return (
            f"<RoadNetwork {self.n_nodes:,} crossings, {self.n_edges:,} directed edges, {self.crs}>"
        )

    @property
    def n_edges(self) -> int:
        """Number of directed edges."""
        return len(self.edge_from)

    @cached_property
    def points(self) -> RoadPoints:
        """The points along the roads."""
        return points_along(
            self.n_nodes,
            (self.edge_from, self.edge_to),
            self.length_m,
            self.travel_s,
            (self.shape_start, self.shape_xy),
        )

    @property
    def n_places(self) -> int:
        """Number of nodes and points along roads."""
        return self.n_nodes + self.points.n

    def crossing(self, place: NDArray[np.integer]) -> NDArray[np.int64]:
        """Return the node of each place: of a point along a road, its nearer end."""
        node: NDArray[np.int64] = place.astype(np.int64)
        inner = np.flatnonzero(place >= self.n_nodes)
        if len(inner):
            road, share = self.points.position(place[inner])
            node[inner] = np.where(share <= 0.5, self.points.start[road], self.points.stop[road])
        return node

    def place_xy(
        self, place: NDArray[np.integer]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return where places are: x and y, (n,) meters in `crs`."""
        inner = np.flatnonzero(place >= self.n_nodes)
        node = np.where(place < self.n_nodes, place, 0)
        x, y = self.node_x[node], self.node_y[node]
        if len(inner):
            x[inner], y[inner] = self.points.xy(place[inner]).T
        return x, y

    @cached_property
    def along_a_curve(self) -> tuple[NDArray[np.int64], csr_matrix]:
        """The nodes' order along a Morton curve, and the matrix of travel times in it.

        Neighbors on the ground are neighbors in memory, so that searches run in the cache. Kept,
        because a post that is dragged asks for it at every place.
        """
        spans = [self.node_x, self.node_y]
        cells = [
            ((v - v.min()) / max(float(np.ptp(v)), 1e-9) * 65535).astype(np.uint64) for v in spans
        ]
        order = np.argsort(_spread(cells[0]) | (_spread(cells[1]) << np.uint64(1)), kind="stable")
        return order, self.travel_matrix()[order][:, order]

    def travel_matrix(self) -> csr_matrix:
        """Sparse (n, n) matrix of edge travel times in seconds, parallel edges reduced to their fastest.

        scipy sums duplicate entries when it builds a matrix, so the minimum is taken here first.
        """
        n = self.n_nodes
        key = self.edge_from.astype(np.int64) * n + self.edge_to
        order = np.lexsort((self.travel_s, key))
        first = np.r_[True, np.diff(key[order]) != 0]
        keep = order[first]
        keep = keep[self.edge_from[keep] != self.edge_to[keep]]
        return csr_matrix(
            (self.travel_s[keep].astype(np.float64), (self.edge_from[keep], self.edge_to[keep])),
            shape=(n, n),
        )


def _spread(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Put a zero bit between any two bits of a 16-bit number."""
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        values = (values | (values << np.uint64(shift))) & np.uint64(mask)
    return values
