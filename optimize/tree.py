"""Branch and bound on the relaxed master, with cuts made at every node.

A node is a box of counts. Its relaxation is solved from the last basis, cut off at its fractional
solution until the bound stops rising, and then dropped (bound over the incumbent), taken (whole),
or halved at one fractional option. Cuts hold everywhere, so each node's cuts serve all others. The
option to halve at is chosen by pseudo-costs, started by trial (Achterberg, Koch and Martin 2005).

Where a limit in dollars or hours lets the relaxation buy parts of responders of several prices, the
sums of options of one price are halved first: that settles how many of each are bought, and what is
left is a search by count, whose relaxation is near the truth.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.evaluate import Cut, Evaluator
from coresponse.optimize.masters import MasterAnswer, WarmMaster

WHOLE = 1e-6
"""A count this near to a whole number is one."""

TRIALS = 8
"""Options tried out at a node before their pseudo-costs are trusted."""

HEED_EVERY = 4
"""Boxes of which one's fractional deployment is handed on for rounding."""

BROKEN_MOST = 0.8
"""Share of what a round's cuts are broken by that is added.

The least broken ones cost iterations, and mostly come to hold.
"""

PURGE_EVERY = 4
"""Boxes after which cuts that nothing rests on are forgotten."""

ROUNDS = 200
"""Most rounds of cuts at a box."""

TRUSTED = 3
"""Trials after which a pseudo-cost is trusted."""


@dataclass(order=True)
class Node:
    """A box of counts still to be searched, the one with the lowest bound first.

    `inner` is the relaxed solution of the box that it was cut from, from which its cuts are
    stabilized.
    """

    bound: float
    number: int
    least: NDArray[np.int64] = field(compare=False)
    most: NDArray[np.int64] = field(compare=False)
    inner: NDArray[np.float64] | None = field(compare=False, default=None)


@dataclass
class PseudoCosts:
    """How much a bound has risen for each unit that an option was rounded, down and up."""

    total: NDArray[np.float64]
    times: NDArray[np.int64]

    @classmethod
    def of(cls, n: int) -> PseudoCosts:
        """Start without any."""
        return cls(np.zeros((2, n)), np.zeros((2, n), dtype=np.int64))

    def learn(self, option: int, way: int, rise: float, distance: float) -> None:
        """Take note of one rounding."""
        self.total[way, option] += max(rise, 0.0) / max(distance, 1e-6)
        self.times[way, option] += 1

    def rise(self, way: int) -> NDArray[np.float64]:
        """Return the mean rise for each option; that of all options where it was never tried."""
        tried = self.times[way] > 0
        usual = self.total[way][tried].sum() / max(self.times[way][tried].sum(), 1)
        return np.asarray(np.where(tried, self.total[way] / np.maximum(self.times[way], 1), usual))


@dataclass
class Tree:
    """One search of the boxes between `least` and `most`.

    Attributes
    ----------
    cutoff
        Boxes with a bound at or above this hold nothing worth having.
    offer
        Called with each whole deployment found and its cost.
    heed
        Called with fractional deployments, for rounding.
    report
        Called with the lowest bound of all open boxes.
    out_of_time
        Says when to stop.
    most_nodes
        Boxes to look at; inf for no limit.
    totals
        Sums of options that stand behind the options in boxes and in the master's counts.
    """

    master: WarmMaster
    evaluator: Evaluator
    cutoff: Callable[[], float]
    offer: Callable[[NDArray[np.float64], float], None]
    heed: Callable[[NDArray[np.float64]], None]
    report: Callable[[float, int], None]
    out_of_time: Callable[[], bool]
    note: Callable[[list[Cut]], None]
    most_nodes: float = np.inf
    totals: int = 0
    nodes: int = 0

    def search(self, least: NDArray[np.int64], most: NDArray[np.int64], bound: float) -> float:
        """Search the box; return a bound on all that is in it and not yet found."""
        costs = PseudoCosts.of(len(most))
        heap = [Node(bound, 0, least, most)]
        dropped = np.inf
        while heap and self.nodes < self.most_nodes and not self.out_of_time():
            node = heapq.heappop(heap)
            if node.bound >= self.cutoff():
                dropped = min(dropped, node.bound)
                continue
            self.nodes += 1
            lowest = min(node.bound, dropped)
            self.report(lowest, self.nodes)
            children, finished = self._expand(node, costs)
            dropped = min(dropped, finished)
            for child in children:
                heapq.heappush(heap, child)
        return min([dropped, *(node.bound for node in heap)])

    def _expand(self, node: Node, costs: PseudoCosts) -> tuple[list[Node], float]:
        """Return what a box is halved into, or the bound that it is closed with."""
        answer = self._bound(node)
        bound = max(node.bound, answer.bound)
        if answer.status != "optimal":
            return [], (np.inf if answer.status == "infeasible" else node.bound)
        if bound >= self.cutoff():
            return [], bound
        least, most = _tightened(node, answer, self.cutoff())
        if self.nodes % HEED_EVERY == 1:
            self.heed(self._options(answer.counts))
        if self.nodes % PURGE_EVERY == 0:
            self.master.purge()
        option = self._choose(answer, least, most, costs, bound)
        if option is None:
            return [], bound
        down_most, up_least = most.copy(), least.copy()
        down_most[option], up_least[option] = (
            int(np.floor(answer.counts[option])),
            int(np.ceil(answer.counts[option])),
        )
        number = 2 * self.nodes
        x = answer.counts
        return [
            Node(bound, number, least, down_most, x),
            Node(bound, number + 1, up_least, most, x),
        ], np.inf

    def _bound(self, node: Node) -> MasterAnswer:
        """Solve a box's relaxation, with cuts until they raise the bound no more.

        They are made between its solution and a point inside (Ben-Ameur and Neto 2007), and when
        that gains too little, at the solution itself.
        """
        self.master.bound_options(node.most, node.least)
        inner = None if node.inner is None else np.clip(node.inner, node.least, node.most)
        before = -np.inf
        for _ in range(ROUNDS):
            answer = self.master.relax(1e6)
            if answer.status != "optimal" or answer.bound >= self.cutoff() or self.out_of_time():
                break
            # a whole solution closes its box: its bound has to be exact first
            whole = bool((np.abs(answer.counts - np.round(answer.counts)) < WHOLE).all())
            if not whole and answer.bound - before < 0.02 * (self.cutoff() - before):
                if inner is None:
                    break
                inner = None
            if whole:
                counts = np.round(self._options(answer.counts))
                self.offer(counts, self.evaluator.value(counts))
            point = answer.counts if whole or inner is None else 0.5 * (answer.counts + inner)
            value, cuts = self.evaluator.cuts(self._options(point))
            violated = broken(cuts, answer, BROKEN_MOST)
            self.master.add(violated)
            self.note(violated)
            before = answer.bound if violated else -np.inf
            if inner is not None and not whole:
                inner = point if violated else None
            elif not violated or (
                not whole and value - answer.bound < 0.02 * (self.cutoff() - answer.bound)
            ):
                break
        return answer

    def _options(self, counts: NDArray[np.float64]) -> NDArray[np.float64]:
        return counts[: len(counts) - self.totals]

    def _choose(
        self,
        answer: MasterAnswer,
        least: NDArray[np.int64],
        most: NDArray[np.int64],
        costs: PseudoCosts,
        bound: float,
    ) -> int | None:
        x = answer.counts
        down, up = x - np.floor(x), np.ceil(x) - x
        open_ = np.flatnonzero((down > WHOLE) & (up > WHOLE) & (most > least))
        if not len(open_):
            return None
        if (open_ >= len(x) - self.totals).any():
            open_ = open_[open_ >= len(x) - self.totals]
        score = _score(costs.rise(0)[open_] * down[open_], costs.rise(1)[open_] * up[open_])
        if not costs.times.any():
            score = np.minimum(down[open_], up[open_])
        for option in open_[np.argsort(-score, kind="stable")][:TRIALS]:
            if self.out_of_time():
                break
            for way, distance in ((0, down[option]), (1, up[option])):
                if costs.times[way, option] >= TRUSTED:
                    continue
                trial_most, trial_least = most.copy(), least.copy()
                if way == 0:
                    trial_most[option] = int(np.floor(x[option]))
                else:
                    trial_least[option] = int(np.ceil(x[option]))
                self.master.bound_options(trial_most, trial_least)
                tried = self.master.relax(1e6, trial=True)
                rise = (
                    self.cutoff() - bound if tried.status == "infeasible" else tried.bound - bound
                )
                costs.learn(int(option), way, min(rise, self.cutoff() - bound), float(distance))
        score = _score(costs.rise(0)[open_] * down[open_], costs.rise(1)[open_] * up[open_])
        return int(open_[np.argmax(score)])


def _score(down: NDArray[np.float64], up: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum(down, 1e-9) * np.maximum(up, 1e-9)


def broken(cuts: list[Cut], answer: MasterAnswer, share: float = 1.0) -> list[Cut]:
    """Return the cuts that a solution of the master does not keep, or the most broken ones that make up a share of it."""
    # beside the estimates: an objective may be many times what they add up to
    slack = 1e-9 * max(1.0, float(np.abs(answer.estimates).sum()))
    by = np.array(
        [
            cut.constant
            - cut.coefficients @ answer.counts[: len(cut.coefficients)]
            - answer.estimates[cut.cluster]
            for cut in cuts
        ]
    )
    order = np.argsort(-by, kind="stable")
    order = order[by[order] > slack]
    if share < 1.0 and len(order):
        together = np.cumsum(by[order])
        order = order[: int(np.searchsorted(together, share * together[-1])) + 1]
    return [cuts[k] for k in np.sort(order)]


def _tightened(
    node: Node, answer: MasterAnswer, cutoff: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Fix counts of a box by reduced costs.

    What would lift the bound over the cutoff is not in a better deployment.
    """
    least, most = node.least.copy(), node.most.copy()
    room = cutoff - answer.bound
    at_least = (answer.reduced_costs > 1e-9) & (answer.counts <= least + WHOLE)
    at_most = (answer.reduced_costs < -1e-9) & (answer.counts >= most - WHOLE)
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.floor(room / np.abs(answer.reduced_costs) + 1e-6)
    most[at_least] = np.minimum(most[at_least], least[at_least] + steps[at_least].astype(np.int64))
    least[at_most] = np.maximum(least[at_most], most[at_most] - steps[at_most].astype(np.int64))
    return least, most
