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
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.cuts import Cut
from coresponse.optimize.evaluate import Evaluator
from coresponse.optimize.masters import MasterAnswer, WarmMaster

# A count this near to a whole number is one.
WHOLE = 1e-6

# Options tried out at a node before their pseudo-costs are trusted.
TRIALS = 8

# Boxes of which one's fractional deployment is handed on for rounding.
HEED_EVERY = 4

# Share of what a round's cuts are broken by that is added.
#
# The least broken ones cost iterations, and mostly come to hold.
BROKEN_MOST = 0.8

# Boxes after which cuts that nothing rests on are forgotten.
PURGE_EVERY = 4

# Most rounds of cuts at a box.
ROUNDS = 200

# Boxes that are searched side by side. It is not the machine's number of cores: whoever has one
# searches the same boxes in the same order, one after the other.
SIDE_BY_SIDE = 2

# Boxes that are searched one by one before: most searches end with fewer, and need one master.
ALONE = 8

# Trials after which a pseudo-cost is trusted.
TRUSTED = 3


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

    def copy(self) -> PseudoCosts:
        """Return the same, to learn on its own."""
        return PseudoCosts(self.total.copy(), self.times.copy())

    def add(self, other: PseudoCosts, before: PseudoCosts) -> None:
        """Take over what another has learned since."""
        self.total += other.total - before.total
        self.times += other.times - before.times

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
class Found:
    """What the search of one box came to; nothing of it is known to any other box yet.

    Attributes
    ----------
    children
        What the box is halved into.
    finished
        The bound that it is closed with; inf if it is not, or holds nothing.
    cuts
        That were made.
    offered
        Whole deployments with their costs.
    heeded
        A fractional deployment, for rounding.
    """

    children: list[Node] = field(default_factory=list)
    finished: float = np.inf
    cuts: list[Cut] = field(default_factory=list)
    offered: list[tuple[NDArray[np.float64], float]] = field(default_factory=list)
    heeded: NDArray[np.float64] | None = None


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
    threads
        Those that boxes are searched in; the answer does not depend on them.
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
    threads: int = SIDE_BY_SIDE
    nodes: int = 0

    def search(self, least: NDArray[np.int64], most: NDArray[np.int64], bound: float) -> float:
        """Search the box; return a bound on all that is in it and not yet found."""
        costs = PseudoCosts.of(len(most))
        heap = [Node(bound, 0, least, most)]
        dropped = np.inf
        masters = [self.master]
        stopped = threading.Event()
        with ThreadPoolExecutor(max(1, self.threads)) as pool:
            try:
                while heap and self.nodes < self.most_nodes and not self.out_of_time():
                    turn = self._turn(heap)
                    if not turn:
                        dropped = min(dropped, heapq.heappop(heap).bound)
                        continue
                    while len(masters) < len(turn):
                        masters.append(self.master.twin())
                    self.report(min(turn[0].bound, dropped), self.nodes + 1)
                    for found in self._searched(turn, masters, costs, pool, stopped):
                        dropped = min(dropped, found.finished)
                        for child in found.children:
                            heapq.heappush(heap, child)
            finally:
                stopped.set()
        return min([dropped, *(node.bound for node in heap)])

    def _turn(self, heap: list[Node]) -> list[Node]:
        """Take the boxes to be searched next; none if the best is not worth it."""
        most = SIDE_BY_SIDE if self.nodes >= ALONE else 1
        turn: list[Node] = []
        while heap and len(turn) < min(most, self.most_nodes - self.nodes):
            if heap[0].bound >= self.cutoff():
                break
            turn.append(heapq.heappop(heap))
        return turn

    def _searched(
        self,
        turn: list[Node],
        masters: list[WarmMaster],
        costs: PseudoCosts,
        pool: ThreadPoolExecutor,
        stopped: threading.Event,
    ) -> list[Found]:
        """Search boxes side by side, each with a master of its own, and make what they found known, in order."""
        cutoff = self.cutoff()
        boxes = [
            Box(self, node, master, costs.copy(), self.nodes + k + 1, cutoff, stopped)
            for k, (node, master) in enumerate(zip(turn, masters, strict=False))
        ]
        self.nodes += len(boxes)
        alone = len(boxes) == 1
        found = [boxes[0].search()] if alone else list(pool.map(Box.search, boxes))
        before = costs.copy()
        for box, one in zip(boxes, found, strict=True):
            costs.add(box.costs, before)
            for master in masters:
                if master is not box.master:
                    master.add(one.cuts)
            self.note(one.cuts)
            for counts, value in one.offered:
                self.offer(counts, value)
            if one.heeded is not None:
                self.heed(one.heeded)
        return found


@dataclass
class Box:
    """One box that is searched, with a master and pseudo-costs of its own.

    Attributes
    ----------
    number
        It is the so manieth.
    cutoff
        As it stood when the turn began: what another thread finds meanwhile changes nothing here.
    stopped
        Set where the search is left.
    """

    tree: Tree
    node: Node
    master: WarmMaster
    costs: PseudoCosts
    number: int
    cutoff: float
    stopped: threading.Event
    found: Found = field(default_factory=Found)

    def out_of_time(self) -> bool:
        """Whether to stop."""
        return self.stopped.is_set() or self.tree.out_of_time()

    def search(self) -> Found:
        """Raise the box's bound; close it, or halve it."""
        self.found.children, self.found.finished = self._expand(self.node)
        return self.found

    def _expand(self, node: Node) -> tuple[list[Node], float]:
        """Return what a box is halved into, or the bound that it is closed with."""
        answer = self._bound(node)
        bound = max(node.bound, answer.bound)
        if answer.status != "optimal":
            return [], (np.inf if answer.status == "infeasible" else node.bound)
        if bound >= self.cutoff:
            return [], bound
        least, most = _tightened(node, answer, self.cutoff)
        if self.number % HEED_EVERY == 1:
            self.found.heeded = self._options(answer.counts)
        if self.number % PURGE_EVERY == 0 or self.number % PURGE_EVERY == PURGE_EVERY - 1:
            self.master.purge()
        option = self._choose(answer, least, most, bound)
        if option is None:
            return [], bound
        down_most, up_least = most.copy(), least.copy()
        down_most[option], up_least[option] = (
            int(np.floor(answer.counts[option])),
            int(np.ceil(answer.counts[option])),
        )
        number = 2 * self.number
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
            if answer.status != "optimal" or answer.bound >= self.cutoff or self.out_of_time():
                break
            # a whole solution closes its box: its bound has to be exact first
            whole = bool((np.abs(answer.counts - np.round(answer.counts)) < WHOLE).all())
            if not whole and answer.bound - before < 0.02 * (self.cutoff - before):
                if inner is None:
                    break
                inner = None
            if whole:
                counts = np.round(self._options(answer.counts))
                self.found.offered.append((counts, self.tree.evaluator.value(counts)))
            point = answer.counts if whole or inner is None else 0.5 * (answer.counts + inner)
            value, cuts = self.tree.evaluator.cuts(self._options(point))
            violated = broken(cuts, answer, BROKEN_MOST)
            self.master.add(violated)
            self.found.cuts += violated
            before = answer.bound if violated else -np.inf
            if inner is not None and not whole:
                inner = point if violated else None
            elif not violated or (
                not whole and value - answer.bound < 0.02 * (self.cutoff - answer.bound)
            ):
                break
        return answer

    def _options(self, counts: NDArray[np.float64]) -> NDArray[np.float64]:
        return counts[: len(counts) - self.tree.totals]

    def _choose(
        self,
        answer: MasterAnswer,
        least: NDArray[np.int64],
        most: NDArray[np.int64],
        bound: float,
    ) -> int | None:
        x, costs = answer.counts, self.costs
        down, up = x - np.floor(x), np.ceil(x) - x
        open_ = np.flatnonzero((down > WHOLE) & (up > WHOLE) & (most > least))
        if not len(open_):
            return None
        if (open_ >= len(x) - self.tree.totals).any():
            open_ = open_[open_ >= len(x) - self.tree.totals]
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
                rise = self.cutoff - bound if tried.status == "infeasible" else tried.bound - bound
                costs.learn(int(option), way, min(rise, self.cutoff - bound), float(distance))
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
