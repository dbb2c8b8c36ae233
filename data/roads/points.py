"""Points along roads: where a place is that is on a road, but at no crossing.

A *place* on the network is a number: those below the number of nodes are crossings, the others are
points along roads. The points are the same whatever calls there are: they follow from the roads
alone, so that nothing that is made of them tells where calls were.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

# Longest stretch of a road that one point stands for: no place is farther than 75 m from its point.
#
# On the streets of a large city that is 2.3 s of driving on average and 6 s for one call in a
# hundred, where crossings alone are wrong by 13 s and 117 s; pieces of 75 m would halve the rest for
# a third more places.
PIECE_M = 150.0

# Calls that were filed by their crossing lie this near to it: they count as at it, on none of its streets.
#
# In a day of calls of a large city they gather 5 to 8 m from where roads cross, and next to none lie
# at 8 to 12 m.
AT_CROSSING_M = 10.0

# Two edges against each other are the directions of one road if they are drawn this near to each other.
#
# The two carriageways of a wide road are farther apart, and are roads of their own.
DRAWN_ALIKE_M = 5.0


@dataclass(frozen=True, eq=False)
class RoadPoints:
    """The points along the roads of a network.

    A *road* is an edge, with the edge against it if traffic goes both ways. A road in both
    directions is cut into equal pieces of at most :data:`PIECE_M`, and has points between them: its
    ends are crossings. A road in one direction has its points in the middles of the pieces, for a
    place close to its end is reached through all of it, not by way of the crossing at its end.

    Attributes
    ----------
    n_nodes
        Of the network: the first point has this number.
    edge, against
        (roads,) int64: the edge that a road is measured along, and the one against it; -1: one way.
    start, stop
        (roads,) int64: nodes where that edge begins and ends.
    along_s, back_s
        (roads,) float64: seconds along the edge, and against it; inf: one way.
    length_m
        (roads,) float64.
    pieces
        (roads,) int64.
    first
        (roads,) int64: number of a road's first point, or what it would be.
    n
        Number of points.
    shape_start, shape_xy
        Of the network.
    """

    n_nodes: int
    edge: NDArray[np.int64]
    against: NDArray[np.int64]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    along_s: NDArray[np.float64]
    back_s: NDArray[np.float64]
    length_m: NDArray[np.float64]
    pieces: NDArray[np.int64]
    first: NDArray[np.int64]
    n: int
    shape_start: NDArray[np.int64]
    shape_xy: NDArray[np.float64]

    @cached_property
    def drawn_m(self) -> NDArray[np.float64]:
        """(rows of the shapes,) meters drawn up to each, all edges one after the other."""
        return drawn_m(self.shape_start, self.shape_xy)

    def place(self, road: NDArray[np.int64], share: NDArray[np.float64]) -> NDArray[np.int32]:
        """Return the place that stands for each position along a road.

        Parameters
        ----------
        share
            (n,) 0 where the road's edge begins, 1 where it ends.
        """
        pieces, length = self.pieces[road], self.length_m[road]
        one_way = self.against[road] < 0
        between = np.rint(share * pieces).astype(np.int64)  # 0 and `pieces` are the road's ends
        middle = np.clip((share * pieces).astype(np.int64), 0, pieces - 1)
        inner = self.first[road] + np.where(one_way, middle, between - 1)
        from_end = (1 - share) * length
        at_start = np.where(one_way, share * length <= AT_CROSSING_M, between == 0)
        at_stop = np.where(one_way, from_end <= AT_CROSSING_M, between == pieces)
        at_start &= ~at_stop | (share <= 0.5)
        out = np.where(at_start, self.start[road], np.where(at_stop, self.stop[road], inner))
        return np.asarray(out, dtype=np.int32)

    def position(self, place: NDArray[np.integer]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the road of each point, and the share of it from where its edge begins."""
        road = np.searchsorted(self.first, place, side="right") - 1
        rank = place - self.first[road]
        one_way = self.against[road] < 0
        share = np.where(one_way, rank + 0.5, rank + 1.0) / self.pieces[road]
        return road, share

    def ways(
        self, place: NDArray[np.integer], *, leaving: bool
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return by which nodes one leaves each place, or comes to it, and how long that takes.

        Returns
        -------
        node : numpy.ndarray
            (n, 2) int64.
        seconds : numpy.ndarray
            (n, 2) float64; inf where there is no second way. A crossing is its own, in no time.
        """
        place = np.asarray(place, dtype=np.int64)
        node = np.column_stack([place, np.zeros_like(place)])
        seconds = np.column_stack([np.zeros(len(place)), np.full(len(place), np.inf)])
        inner = np.flatnonzero(place >= self.n_nodes)
        road, share = self.position(place[inner])
        ends = (self.stop[road], self.start[road])
        node[inner] = np.column_stack(ends if leaving else ends[::-1])
        ahead = 1 - share if leaving else share
        with_it, against = ahead * self.along_s[road], (1 - ahead) * self.back_s[road]
        seconds[inner] = np.column_stack([with_it, against])
        return node, seconds

    def xy(self, place: NDArray[np.integer]) -> NDArray[np.float64]:
        """Return (n, 2) meters: where points are."""
        road, share = self.position(place)
        return on_shapes(self.shape_start, self.shape_xy, self.drawn_m, self.edge[road], share)


def points_along(
    n_nodes: int,
    edges: tuple[NDArray[np.int32], NDArray[np.int32]],
    length_m: NDArray[np.float32],
    travel_s: NDArray[np.float32],
    shapes: tuple[NDArray[np.int64], NDArray[np.float64]],
) -> RoadPoints:
    """Put points along the roads of a network.

    Parameters
    ----------
    edges
        From which node to which.
    shapes
        The network's `shape_start` and `shape_xy`.
    """
    start, stop = (np.asarray(end, dtype=np.int64) for end in edges)
    opposite = _against(start, stop, shapes)
    edge = np.flatnonzero((opposite < 0) | (opposite > np.arange(len(start))))
    against = opposite[edge]
    length = length_m[edge].astype(np.float64)
    pieces = np.maximum(np.ceil(length / PIECE_M), 1).astype(np.int64)
    count = np.where(against < 0, pieces, pieces - 1)
    times = travel_s.astype(np.float64)
    return RoadPoints(
        n_nodes=n_nodes,
        edge=edge,
        against=against,
        start=start[edge],
        stop=stop[edge],
        along_s=times[edge],
        back_s=np.where(against < 0, np.inf, times[against]),
        length_m=length,
        pieces=pieces,
        first=n_nodes + np.cumsum(count) - count,
        n=int(count.sum()),
        shape_start=shapes[0],
        shape_xy=shapes[1],
    )


def drawn_m(shape_start: NDArray[np.int64], shape_xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (rows,) meters drawn up to each row of the shapes; from one edge to the next nothing is drawn."""
    step = np.hypot(*np.diff(shape_xy, axis=0).T)
    step[shape_start[1:-1] - 1] = 0.0
    return np.asarray(np.r_[0.0, np.cumsum(step)], dtype=np.float64)


def on_shapes(
    shape_start: NDArray[np.int64],
    shape_xy: NDArray[np.float64],
    drawn: NDArray[np.float64],
    edge: NDArray[np.int64],
    share: NDArray[np.float64] | float,
) -> NDArray[np.float64]:
    """Return (n, 2) the place at a share of each edge's drawn length."""
    head, tail = shape_start[edge], shape_start[edge + 1] - 1
    at = drawn[head] + share * (drawn[tail] - drawn[head])
    row = np.clip(np.searchsorted(drawn, at, side="right") - 1, head, tail - 1)
    step = drawn[row + 1] - drawn[row]
    part = np.where(step > 0, (at - drawn[row]) / np.where(step > 0, step, 1.0), 0.0)
    out = shape_xy[row] + part[:, None] * (shape_xy[row + 1] - shape_xy[row])
    return np.asarray(out, dtype=np.float64)


def _against(
    start: NDArray[np.int64],
    stop: NDArray[np.int64],
    shapes: tuple[NDArray[np.int64], NDArray[np.float64]],
) -> NDArray[np.int64]:
    """Return (edges,) the edge that runs against each along the same road; -1: none does."""
    out = np.full(len(start), -1, dtype=np.int64)
    every = np.arange(len(start))
    n = int(max(start.max(initial=0), stop.max(initial=0))) + 1
    key = np.minimum(start, stop) * n + np.maximum(start, stop)
    loop = start == stop
    ahead, back = every[(start < stop) | loop], every[(start > stop) | loop]
    back = back[np.argsort(key[back], kind="stable")]
    low = np.searchsorted(key[back], key[ahead], side="left")
    many = np.searchsorted(key[back], key[ahead], side="right") - low
    one = np.repeat(ahead, many)
    other = back[np.repeat(low - (np.cumsum(many) - many), many) + np.arange(many.sum())]
    pair = ~loop[one] | (one < other)  # a loop's two directions are told by how they are drawn
    one, other = one[pair], other[pair]
    gap = _apart_m(one, other, shapes)
    near = np.flatnonzero(gap <= DRAWN_ALIKE_M)
    near = near[np.argsort(gap[near], kind="stable")]
    near = near[np.sort(np.unique(one[near], return_index=True)[1])]
    near = near[np.sort(np.unique(other[near], return_index=True)[1])]
    out[one[near]], out[other[near]] = other[near], one[near]
    return out


def _apart_m(
    one: NDArray[np.int64],
    other: NDArray[np.int64],
    shapes: tuple[NDArray[np.int64], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """Return how far two edges are apart if the other is drawn from end to start."""
    drawn = drawn_m(*shapes)
    apart = np.zeros(len(one))
    for share in (0.25, 0.75):
        here = on_shapes(*shapes, drawn, one, share)
        there = on_shapes(*shapes, drawn, other, 1 - share)
        apart = np.maximum(apart, np.hypot(*(here - there).T))
    return apart
