"""Costs, gains and cuts of deployments, whole or fractional, over clusters of demand columns."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.cost_columns import CostColumns
from coresponse.optimize.cuts import Cut
from coresponse.optimize.envelope import ALWAYS_FREE, Envelope, knots, rates
from coresponse.optimize.kernels import busy_exchanges, exchanges, sweeps
from coresponse.optimize.nearest_options import (
    WORTH_LISTING,
    NearestOptions,
    list_nearest,
    near_exchanges,
    near_sweeps,
)
from coresponse.optimize.objective import WaitingCost
from coresponse.optimize.problem import Problem

Found = TypeVar("Found")

# -ln of the smallest busy share by which a chance is divided when a responder is taken out
# (0.1%).
DIVISIBLE = 7.0

# Parts that are summed on their own, however many threads there are.
#
# So sums are the same on any number of cores.
CHUNKS = 8


@dataclass(frozen=True, eq=False)
class Evaluator:
    """The objective of a problem, ready to be evaluated; immutable.

    Attributes
    ----------
    cost, row_of
        (rows, options) float32, and (columns,) the row that holds a column's costs; what is above
        the fallback stands for it. Columns are ordered so that clusters are contiguous.
    weight
        (columns,) float64, adding up to 1.
    fallback
        Cost of nobody coming.
    bounds
        Cluster k holds the columns bounds[k]:bounds[k+1].
    rate
        (options,) -ln of the busy share of the option's type.
    knots
        Values of -ln P that whole responders add up to, ascending from 0.
    """

    cost: NDArray[np.float32]
    row_of: NDArray[np.int64]
    weight: NDArray[np.float64]
    fallback: float
    bounds: tuple[int, ...]
    rate: NDArray[np.float64]
    knots: NDArray[np.float64]

    @property
    def n_clusters(self) -> int:
        """Number of clusters."""
        return len(self.bounds) - 1

    @property
    def n_options(self) -> int:
        """Number of options."""
        return int(self.cost.shape[1])

    @property
    def size(self) -> int:
        """Entries of costs that one evaluation goes through."""
        return len(self.weight) * self.n_options

    def costs(self, columns: slice | NDArray[np.int64]) -> NDArray[np.float32]:
        """Return (columns, options) costs of some columns."""
        return np.minimum(self.cost[self.row_of[columns]], np.float32(self.fallback))

    @cached_property
    def envelope(self) -> Envelope:
        """The chords between the knots."""
        return Envelope.of(self.knots)

    def value(self, counts: NDArray[np.float64]) -> float:
        """Return the cost of a deployment; for fractional counts, of the convex envelope."""
        return float(self._sweep(counts, by_slope=False, keep=False)[0].sum())

    def gains(self, counts: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Return the cost of a whole deployment, and what one more of each option would save."""
        values, integrals = self._sweep(counts, by_slope=False)
        return float(values.sum()), (1 - np.exp(-self.rate)) * integrals.sum(axis=0)

    @property
    def all_free(self) -> bool:
        """Whether responders of all types are always free."""
        return bool((self.rate >= ALWAYS_FREE).all())

    @cached_property
    def near(self) -> NearestOptions | None:
        """Each column's nearest options, where they are all that matters and there are many others."""
        n, m = len(self.weight), self.n_options
        if not self.all_free or m < WORTH_LISTING or len(self.knots) != 2:
            return None
        near = NearestOptions.room_for(n, m)
        parts = np.linspace(0, n, min(CHUNKS, max(1, n)) + 1).astype(np.int64)

        def one(k: int) -> None:
            rows = slice(parts[k], parts[k + 1])
            list_nearest(self.cost, self.row_of[rows], near.option[rows], near.cost[rows])

        _in_threads(one, len(parts) - 1, n * m)
        return near

    def exchanges(
        self, counts: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return what each exchange of one responder in place for one more of another option changes.

        Returns
        -------
        support
            (placed,) options in place.
        change
            (placed, options) of the cost.
        """
        support = np.flatnonzero(counts > 0)
        placed, m = counts[support], self.n_options
        u = self.rate[support] * placed
        all_free, envelope, near = self.all_free, self.envelope, self.near
        place = np.full(m, -1, dtype=np.int64)
        place[support] = np.arange(len(support))
        parts = np.linspace(0, len(self.weight), min(CHUNKS, max(1, len(self.weight))) + 1).astype(
            np.int64
        )

        def one(k: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
            rows = slice(parts[k], parts[k + 1])
            gain, loss, extra = np.zeros(m), np.zeros(len(support)), np.zeros((len(support), m))
            cost, row_of, weight = self.cost, self.row_of[rows], self.weight[rows]
            if near is not None:
                mine = near.part(rows)
                near_exchanges(
                    mine.option, mine.cost, cost, row_of, weight, self.fallback, support, placed, place, gain, loss, extra
                )  # fmt: skip
            elif all_free:
                exchanges(cost, row_of, weight, self.fallback, support, placed, gain, loss, extra)
            else:
                busy_exchanges(
                    cost, row_of, weight, self.fallback, support, u, *envelope.arrays, gain, loss, extra
                )  # fmt: skip
            return gain, loss, extra

        found = _in_threads(one, len(parts) - 1, len(self.weight) * m)
        gain = np.sum([part[0] for part in found], axis=0)
        loss = np.sum([part[1] for part in found], axis=0)
        extra = np.sum([part[2] for part in found], axis=0)
        if all_free:
            return support, loss[:, None] - gain[None, :] - extra
        more = np.exp(self.rate[support]) - 1.0
        change = more[:, None] * loss[:, None] - (1 - np.exp(-self.rate)) * (
            gain + more[:, None] * extra
        )
        # what is left of P behind somebody nearly always free cannot be divided by: such are taken
        # out one by one
        for r in np.flatnonzero(self.rate[support] > DIVISIBLE):
            without = counts.copy()
            without[support[r]] -= 1
            value, gains = self.gains(without)
            change[r] = value - self.value(counts) - gains
        return support, change

    def cuts(self, counts: NDArray[np.float64]) -> tuple[float, list[Cut]]:
        """Return the cost at a (fractional) deployment and each cluster's tangent plane there.

        The envelope's subgradient at x by option o is -rate_o * integral of the slope from c_o to
        the fallback (closed form of the Benders subproblem; Cordeau, Furini and Ljubic 2019 for
        covering, Duran-Mateluna, Ales and Elloumi 2023 for p-median).
        """
        values, integrals = self._sweep(counts, by_slope=True)
        coefficients = self.rate * integrals
        constants = values + coefficients @ counts
        out = [Cut(k, float(constant), coefficients[k]) for k, constant in enumerate(constants)]
        return float(values.sum()), out

    def sampled(self, rows: int, seed: int) -> Evaluator:
        """Return so many columns in place of all, one of each run of neighbors.

        For looking around, not for proofs.
        """
        bounds = np.linspace(0, len(self.weight), min(rows, len(self.weight)) + 1).astype(np.int64)
        pick = np.random.default_rng(seed).integers(bounds[:-1], bounds[1:])
        weight = np.add.reduceat(self.weight, bounds[:-1])
        return replace(
            self,
            cost=self.costs(pick),
            row_of=np.arange(len(weight)),
            weight=weight,
            bounds=(0, len(weight)),
        )

    def scaled(self, by: float) -> Evaluator:
        """Return the same with all costs multiplied."""
        return replace(self, weight=self.weight * by)

    def among(self, options: NDArray[np.int64]) -> Evaluator:
        """Return the same for deployments of some options."""
        cost = np.ascontiguousarray(self.cost[:, options])
        return replace(self, cost=cost, rate=self.rate[options])

    def _sweep(
        self, counts: NDArray[np.float64], *, by_slope: bool, keep: bool = True
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        support = np.flatnonzero(counts > 1e-12)
        bounds = np.array(self.bounds, dtype=np.int64)
        m = self.n_options if keep else 0
        total, out = np.zeros(self.n_clusters), np.zeros((self.n_clusters, m))
        if not len(self.weight):
            return total, out
        # near responders first: the others are then passed over at a glance
        middle = np.minimum((bounds[:-1] + bounds[1:]) // 2, len(self.weight) - 1)
        there = np.minimum(self.cost[np.ix_(self.row_of[middle], support)], self.fallback)
        nearby = support[np.argsort(there, axis=1, kind="stable")]
        u = (self.rate * counts)[nearby]
        near, envelope = self.near, self.envelope.arrays
        parts = np.linspace(0, self.n_clusters, min(CHUNKS, self.n_clusters) + 1).astype(int)

        def one(k: int) -> None:
            first, last = int(parts[k]), int(parts[k + 1])
            if near is not None:
                near_sweeps(
                    near.option, near.cost, self.cost, self.row_of, self.weight, self.fallback, bounds, counts, nearby, u,
                    *envelope, by_slope, first, last, total, out,
                )  # fmt: skip
                return
            sweeps(
                self.cost,
                self.row_of,
                self.weight,
                self.fallback,
                bounds,
                nearby,
                u,
                *envelope,
                by_slope,
                first,
                last,
                total,
                out,
            )

        _in_threads(one, len(parts) - 1, len(self.weight) * max(m, len(support)))
        return total, out


def _in_threads(one: Callable[[int], Found], parts: int, work: int) -> list[Found]:
    """Call `one` for each part.

    What is in a part, and the order of the results, does not depend on the threads.
    """
    threads = min(os.cpu_count() or 1, 4) if work > 2_000_000 else 1
    if threads == 1:
        return [one(part) for part in range(parts)]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(parts)))


def evaluator(problem: Problem, waiting: WaitingCost, *, clusters: int | None = None) -> Evaluator:
    """Prepare a problem for evaluation.

    Parameters
    ----------
    clusters
        Columns are cut into about this many clusters of columns that see the same options as cheap;
        default: one for each six options, 20 to 150. More make a tighter master and slower
        relaxations.
    """
    columns = CostColumns.of(problem.response_s, problem.weight, problem.fallback_s, waiting)
    weight = columns.weight
    wanted = min(max(problem.n_options // 6, 20), 150) if clusters is None else clusters
    count = max(1, min(wanted, len(weight)))
    bounds = np.linspace(0, len(weight), count + 1).astype(int)
    rate = rates(problem.busy_share)[problem.option_type]
    return Evaluator(
        columns.cost,
        columns.row_of,
        weight,
        columns.fallback,
        tuple(bounds.tolist()),
        rate,
        knots(problem),
    )
