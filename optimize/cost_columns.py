"""What each option costs each column of demand, alike columns merged, neighbors side by side.

The costs are the bulk of a problem beside its response times. They are worked out block by block,
once to see which columns are alike and what is near to what, and once into their place: so they are
held once, and nothing else is held that is as large. Where the cost is the time itself and times
lie by column, they are not held at all: the times are read in their place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.objective import WaitingCost

# Entries of costs that are worked out at a time: 16 MB, and 32 MB more on the way.
BLOCK = 1 << 22

# Columns by which options are compared.
SEEN = 500

# Seed of the multipliers by which rows are hashed.
HASHES = 7


@dataclass(frozen=True, eq=False)
class CostColumns:
    """Costs by column.

    Attributes
    ----------
    cost, row_of
        (rows, options) float32, and (columns,) the row that holds a column's costs; what is above
        the fallback's cost stands for it.
    weight
        (columns,) float64, adding up to 1.
    fallback
        The fallback's cost, as float32 holds it.
    """

    cost: NDArray[np.float32]
    row_of: NDArray[np.int64]
    weight: NDArray[np.float64]
    fallback: float

    @classmethod
    def of(
        cls,
        response_s: NDArray[np.float32],
        weight: NDArray[np.float64],
        fallback_s: float,
        waiting: WaitingCost,
    ) -> CostColumns:
        """Work costs out.

        Columns that all options cost alike are merged (their weights add up), which changes
        nothing: with a step cost most columns share a coverage signature with others. Columns that
        see the same options as cheap stand side by side.

        Parameters
        ----------
        response_s
            (options, columns) float32; in memory column by column (Fortran order) no copy is made
            of what can be read there.
        weight
            (columns,) of any sum.
        """
        blocks = CostBlocks(response_s, fallback_s, waiting)
        share = weight / weight.sum()
        if not response_s.size:
            empty = np.empty(response_s.T.shape, dtype=np.float32)
            return cls(empty, np.arange(len(share)), share, float(blocks.fallback))
        key, cheapest, in_place = blocks.looked_at()
        first, back = _alike(key)
        if len(first) < len(weight) and not blocks.same(first, back):
            first = back = np.arange(len(weight))  # a hash may collide, a merge may not
        order = np.argsort(blocks.along()[cheapest[first]], kind="stable")
        place = np.empty(len(first), dtype=np.int64)
        place[order] = np.arange(len(first))
        merged = np.bincount(place[back], weights=share, minlength=len(first))
        if in_place:
            cost, row_of = response_s.T, first[order]
        else:
            cost = np.empty((len(first), len(response_s)), dtype=np.float32)
            row_of = np.arange(len(first))
            for columns, block in blocks:
                kept = first[back[columns]] == columns
                cost[place[back[columns[kept]]]] = block[kept]
        return cls(cost, row_of, np.asarray(merged, dtype=np.float64), float(blocks.fallback))


@dataclass(frozen=True, eq=False)
class CostBlocks:
    """Costs, some columns at a time.

    Attributes
    ----------
    response_s
        (options, columns) float32 seconds; inf where an option cannot serve a column.
    fallback_s
        What a call counts as waiting if nobody comes.
    waiting
        What waiting costs.
    """

    response_s: NDArray[np.float32]
    fallback_s: float
    waiting: WaitingCost

    @property
    def fallback(self) -> np.float32:
        """Cost of nobody coming."""
        return np.float32(self.waiting(np.array([self.fallback_s], dtype=np.float64))[0])

    def of(self, columns: NDArray[np.int64] | slice) -> NDArray[np.float32]:
        """Return (columns, options) costs."""
        capped = np.minimum(self.response_s[:, columns].T.astype(np.float64), self.fallback_s)
        return np.ascontiguousarray(
            np.minimum(self.waiting(capped).astype(np.float32), self.fallback)
        )

    def __iter__(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        m, n = self.response_s.shape
        step = max(1, BLOCK // max(1, m))
        for i in range(0, n, step):
            yield np.arange(i, min(n, i + step)), self.of(slice(i, i + step))

    def looked_at(self) -> tuple[NDArray[np.uint64], NDArray[np.int64], bool]:
        """Return a hash of each column's costs, its cheapest option, and whether costs can be read in the times' place."""
        m, n = self.response_s.shape
        odd = np.random.default_rng(HASHES).integers(1, 1 << 63, m, dtype=np.uint64) | np.uint64(1)
        key, cheapest = np.empty(n, dtype=np.uint64), np.empty(n, dtype=np.int64)
        by_column = self.response_s.T
        in_place = bool(by_column.flags.c_contiguous)
        for columns, block in self:
            times = by_column[columns[0] : columns[-1] + 1]
            in_place = in_place and bool((block == np.minimum(times, self.fallback)).all())
            bits = block.view(np.uint32).astype(np.uint64)
            key[columns] = ((bits ^ (bits << np.uint64(17))) * odd).sum(axis=1, dtype=np.uint64)
            cheapest[columns] = block.argmin(axis=1)
        return key, cheapest, in_place

    def same(self, first: NDArray[np.int64], back: NDArray[np.int64]) -> bool:
        """Whether columns of one hash are the same to the bit."""
        merged = np.setdiff1d(np.arange(len(back)), first)
        step = max(1, BLOCK // max(1, len(self.response_s)))
        return all(
            bool((self.of(some) == self.of(first[back[some]])).all())
            for some in (merged[i : i + step] for i in range(0, len(merged), step))
        )

    def along(self) -> NDArray[np.int64]:
        """Return each option's place in an order in which neighbors cost much the same, by halving over and over."""
        m, n = self.response_s.shape
        seen = np.ascontiguousarray(self.of(slice(0, n, max(1, n // SEEN))).T)
        order = np.arange(m)
        groups = [order]
        while groups:
            halves = []
            for group in groups:
                if len(group) <= 2:
                    continue
                far = int(np.argmax(_apart(seen, group, group[0])))
                far_away = int(np.argmax(_apart(seen, group, group[far])))
                nearer = _apart(seen, group, group[far]) - _apart(seen, group, group[far_away])
                group[:] = group[np.argsort(nearer, kind="stable")]
                middle = len(group) // 2
                halves += [group[:middle], group[middle:]]  # views of the whole order
            groups = halves
        place = np.empty(m, dtype=np.int64)
        place[order] = np.arange(m)
        return place


def _alike(key: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first column of each hash, in their own order, and each column's position in it."""
    _, first, back = np.unique(key, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return first[order], rank[back]


def _apart(seen: NDArray[np.float32], group: NDArray[np.int64], option: int) -> NDArray[np.float64]:
    return np.asarray(np.abs(seen[group] - seen[option]).mean(axis=1, dtype=np.float64))
