"""How drives begin and end where a place is a point along a road: by its road's ends, or along the road."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from coresponse.data.roads.network import RoadNetwork


@dataclass(frozen=True, eq=False)
class KeptTargets:
    """By which nodes of the search each target is reached.

    Attributes
    ----------
    first
        (targets,) int64: node of the search.
    first_s
        (points,) float64 seconds from there to those targets that are points along roads.
    points
        (points,) int64: positions of those targets.
    both
        (k,) int64: positions of targets with a second way.
    second, second_s
        (k,) as `first`.
    """

    first: NDArray[np.int64]
    first_s: NDArray[np.float64]
    points: NDArray[np.int64]
    both: NDArray[np.int64]
    second: NDArray[np.int64]
    second_s: NDArray[np.float64]

    @property
    def n(self) -> int:
        """Number of targets."""
        return len(self.first)

    @property
    def has_points(self) -> bool:
        """Whether some target is no crossing."""
        return bool(len(self.points))

    def rows(self, reached: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (searches, targets) seconds from what each search found for all nodes."""
        out = np.take(reached, self.first, axis=1)
        if self.has_points:
            out[:, self.points] += self.first_s.astype(np.float32)
        if len(self.both):
            other = np.take(reached, self.second, axis=1) + self.second_s.astype(np.float32)
            out[:, self.both] = np.minimum(out[:, self.both], other)
        return out


def kept_targets(
    network: RoadNetwork,
    places: NDArray[np.integer],
    rank: NDArray[np.int64],
    *,
    leaving: bool,
) -> KeptTargets:
    """Return by which nodes places are reached from the sources, or reach them if not `leaving`.

    Parameters
    ----------
    rank
        (nodes,) where each node is in the search.
    """
    none = np.empty(0, dtype=np.int64)
    points = np.flatnonzero(places >= network.n_nodes)
    if not len(points):
        return KeptTargets(rank[places], np.empty(0), none, none, none, np.empty(0))
    node, seconds = network.points.ways(places, leaving=not leaving)
    both = np.flatnonzero(np.isfinite(seconds[:, 1]))
    return KeptTargets(
        first=rank[node[:, 0]],
        first_s=seconds[points, 0],
        points=points,
        both=both,
        second=rank[node[both, 1]],
        second_s=seconds[both, 1],
    )


@dataclass(frozen=True, eq=False)
class Starts:
    """From which nodes of the search each source sets out.

    Attributes
    ----------
    searches
        (searches,) int64 nodes of the search, distinct.
    search
        (sources,) int64 position of each source's search, ascending.
    source
        (sources,) int64 the sources in that order.
    before_s
        (sources,) float32 seconds to that node.
    """

    searches: NDArray[np.int64]
    search: NDArray[np.int64]
    source: NDArray[np.int64]
    before_s: NDArray[np.float32]

    def sources(
        self, done: int, n: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
        """Return the sources of the next `n` searches, the row of each among these, and its seconds before."""
        these = slice(*np.searchsorted(self.search, [done, done + n]))
        return self.source[these], self.search[these] - done, self.before_s[these]


def starts_of(
    network: RoadNetwork,
    places: NDArray[np.integer],
    matrix: csr_matrix,
    rank: NDArray[np.int64],
    *,
    leaving: bool,
) -> tuple[csr_matrix, Starts]:
    """Return the matrix of the search, and where each source begins in it.

    A point on a one-way road shares the search of the one node by which it is left. One that is
    left both ways is put into the matrix: no other way leads to it, so that no search passes it.

    Parameters
    ----------
    places
        Distinct sources, ascending.
    """
    if not len(places) or places[-1] < network.n_nodes:
        at = np.arange(len(places))
        return matrix, Starts(rank[places], at, at, np.zeros(len(places), dtype=np.float32))
    node, seconds = network.points.ways(places, leaving=leaving)
    both = np.flatnonzero(np.isfinite(seconds[:, 1]))
    start = rank[node[:, 0]]
    before_s = seconds[:, 0].astype(np.float32)
    start[both], before_s[both] = matrix.shape[0] + np.arange(len(both)), 0.0
    searches, search = np.unique(start, return_inverse=True)
    order = np.argsort(search, kind="stable")
    starts = Starts(searches, search[order], order, before_s[order])
    return _with_rows(matrix, rank[node[both]], seconds[both]), starts


def _with_rows(
    matrix: csr_matrix, node: NDArray[np.int64], seconds: NDArray[np.float64]
) -> csr_matrix:
    n, more = matrix.shape[0], len(node)
    ends = matrix.indptr[-1] + 2 * np.arange(1, more + 1)
    return csr_matrix(
        (
            np.r_[matrix.data, seconds.ravel()],
            np.r_[matrix.indices, node.ravel().astype(matrix.indices.dtype)],
            np.r_[matrix.indptr, ends.astype(matrix.indptr.dtype)],
        ),
        shape=(n + more, n + more),
    )


def along_the_road(
    network: RoadNetwork,
    places: tuple[NDArray[np.integer], NDArray[np.integer]],
    seconds: NDArray[np.float32],
    *,
    leaving: bool,
) -> None:
    """Put the drives between points of one road that stay on it into the times, where they are faster.

    Parameters
    ----------
    places
        Sources, ascending, and targets.
    seconds
        (sources, targets), changed in place.
    """
    source, target = (np.flatnonzero(p >= network.n_nodes) for p in places)
    if not len(source) or not len(target):
        return
    points = network.points
    road, share = points.position(places[0][source])
    other, at = points.position(places[1][target])
    order = np.argsort(other, kind="stable")
    target, other, at = target[order], other[order], at[order]
    low = np.searchsorted(other, road, side="left")
    many = np.searchsorted(other, road, side="right") - low
    one = np.repeat(np.arange(len(source)), many)
    two = np.repeat(low - (np.cumsum(many) - many), many) + np.arange(many.sum())
    ahead = at[two] - share[one] if leaving else share[one] - at[two]
    with_it = np.maximum(ahead, 0.0) * points.along_s[road[one]]
    back = points.back_s[road[one]]
    against = -ahead * np.where(np.isfinite(back), back, 0.0)
    direct = np.where(ahead >= 0, with_it, np.where(np.isfinite(back), against, np.inf))
    cell = (source[one], target[two])
    seconds[cell] = np.minimum(seconds[cell], direct.astype(np.float32))
