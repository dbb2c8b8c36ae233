"""The calls that wait longest, exactly: a search over where the tail begins.

Let T be the wait of a random call and f the fallback. The mean of the 1 - alpha of calls that wait
longest is

    CVaR(x) = min over t of  t + E[(T - t)+] / (1 - alpha)          (Rockafellar and Uryasev 2000)

and the least t that does it is the alpha-quantile of T. For a fixed t this is the mean of a cost of
waiting, which the one model minimizes. Not so for all t at once where responders are busy: x and t
multiply. So t is branched on. For every deployment whose quantile lies in a box [a, b), no more
than 1 - alpha of calls wait b or longer, and hence

    CVaR(x) >= a + E[(T - a) * (T >= b)] / (1 - alpha),

again the mean of a cost of waiting. Its minimum bounds the box; the box is cut in two until that
meets the best CVaR known. With no response time between a and b the two are the same, so the search
ends.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.goals.outcome import Outcome
from coresponse.optimize.goals.waiting import QuantileRange
from coresponse.optimize.problem import Problem

# Minimizes the bound of a range to a gap, in so many boxes of counts; may stop when it is above a
# cutoff.
Inner = Callable[[QuantileRange, float, float, int | None], Outcome]

# Boxes of counts that a range gets at first, how many times more each time that it is looked at
# again, and after how many it is split in any case.
#
# The bound of a wide range is rough by itself, and what is proven of it is proven again of its
# halves.
INNER_BOXES, MORE_BOXES, MOST_BOXES = 12, 4, 500

# Shares of the gap asked for: to which a range's bound is minimized, and by which what is passed
# over may be better. Together they are less than the whole.
FINE, DROPPED = 0.3, 0.69

# Where ranges begin at first, in quantiles of the best known: bounds are near the truth where they
# are narrow, and far from the best known they need not be.
BEGINNINGS = (0.8, 0.95)

# Most times that the best for the tail's beginning is sought, and where its own tail begins.
DESCENTS = 6


@dataclass(order=True)
class _Open:
    bound: float
    number: int
    box: QuantileRange = field(compare=False)
    boxes: int = field(compare=False, default=INNER_BOXES)


@dataclass
class TailSearch:
    """A search over boxes.

    Attributes
    ----------
    inner
        Minimizes a box's bound.
    judge
        Value of a deployment (inf if it breaks a bound that depends on the tail) and its quantile.
    out
        The best so far.
    alone
        Whether the tail is all that is minimized.
    """

    problem: Problem
    inner: Inner
    judge: Callable[[NDArray[np.int64]], tuple[float, float]]
    gap: float
    out_of_time: Callable[[], bool]
    say: Callable[[str], None]
    out: Outcome
    alone: bool
    boxes: int = 0

    def cutoff(self) -> float:
        """Return the value below which a deployment would be worth having."""
        return (
            self.out.value - max(DROPPED * self.gap * abs(self.out.value), 1e-9)
            if np.isfinite(self.out.value)
            else np.inf
        )

    def search(self) -> None:
        """Search all boxes between 0 and the fallback; the result is in `out`."""
        fallback = float(self.problem.fallback_s)
        high, edges, dropped = fallback, [0.0], np.inf
        if self.out.counts is not None:
            _, at = self.judge(self.out.counts)
            at = self._descended(at) if self.alone else at
            if self.alone and self.cutoff() < fallback:
                # a tail's mean is no less than where it begins
                high = dropped = self.cutoff()
            edges += [
                edge for edge in (*(share * at for share in BEGINNINGS), at) if 0 < edge < high
            ]
        boxes = zip(edges, [*edges[1:], high], strict=True)
        heap = [_Open(-np.inf, k, box) for k, box in enumerate(boxes)]
        if not self.alone:
            # where the quantile is the fallback, all of the tail waits so long: nothing is worse,
            # but other goals may be better
            heap.append(_Open(-np.inf, len(heap), (fallback, fallback)))
        while heap and not self.out_of_time() and not self.out.interrupted:
            node = heapq.heappop(heap)
            if node.bound >= self.cutoff():
                dropped = min(dropped, node.bound)
                continue
            children, finished = self._look(node)
            dropped = min(dropped, finished)
            for child in children:
                heapq.heappush(heap, child)
            self._raise_bound(min([dropped, *(other.bound for other in heap)]))
        self._raise_bound(min([dropped, *(other.bound for other in heap)]))

    def _descended(self, at: float) -> float:
        """Improve the best known: the least mean beyond where its tail begins, over and over.

        Neither step can make it worse, for its own quantile is where the minimum over t is. Return
        where the tail of the best begins.
        """
        for _ in range(DESCENTS):
            before = self.out.value
            found, _ = self._solve((at, at), 0.1 * self._relative_gap(), 1)
            self.out.interrupted = found.interrupted
            if self.out.counts is None or self.out.value >= before or found.interrupted:
                break
            _, at = self.judge(self.out.counts)
        return at

    def _look(self, node: _Open) -> tuple[list[_Open], float]:
        """Bound a box; return what is still to be looked at, or the bound at which it is closed."""
        low, high = node.box
        fine = FINE * self.gap
        first = node.boxes == INNER_BOXES
        # the bounds of wide boxes are rough by themselves
        gap = max(fine, 0.1 * self._relative_gap()) if first else fine
        found, at = self._solve(node.box, gap, node.boxes)
        bound = max(node.bound, found.bound)
        split = self._split(node.box, at)
        if split is None and bound < self.cutoff() and not found.interrupted:
            found, at = self._solve(node.box, fine, None)
            bound = max(bound, found.bound)
        if found.interrupted:
            self.out.interrupted = True
            return [_Open(bound, node.number, node.box, node.boxes)], np.inf
        if bound >= self.cutoff() or split is None:
            return [], bound
        number = 2 * self.boxes
        if found.value >= self.cutoff() and bound > node.bound and node.boxes < MOST_BOXES:
            # its bound is not too rough, only not yet proven
            return [_Open(bound, number, node.box, MORE_BOXES * node.boxes)], np.inf
        return [
            _Open(bound, number, (low, split)),
            _Open(bound, number + 1, (split, high)),
        ], np.inf

    def _solve(self, box: QuantileRange, gap: float, most: int | None) -> tuple[Outcome, float]:
        """Minimize a box's bound; return what was found, and its quantile."""
        found = self.inner(box, self.cutoff(), gap, most)
        self.boxes += 1
        if found.counts is None:
            return found, 0.0
        value, at = self.judge(found.counts)
        if value < self.out.value:
            self.out.value, self.out.counts = value, found.counts
            self.say(f"tail, {self.boxes} boxes")
        return found, at

    def _relative_gap(self) -> float:
        if not (np.isfinite(self.out.value) and np.isfinite(self.out.bound)):
            return 0.05
        return (self.out.value - self.out.bound) / max(abs(self.out.value), 1e-12)

    def _split(self, box: QuantileRange, at: float) -> float | None:
        """Choose a response time inside a box; None if there is none."""
        low, high = box
        width = high - low
        if low + 0.1 * width < at < high - 0.1 * width:
            return at
        response = self.problem.response_s
        inside = response[(response > low) & (response < high)].astype(np.float64)
        if not len(inside):
            return None
        return float(inside[np.argmin(np.abs(inside - 0.5 * (low + high)))])

    def _raise_bound(self, bound: float) -> None:
        if min(bound, self.out.value) > self.out.bound:
            self.out.bound = min(bound, self.out.value)
            self.say(f"tail, {self.boxes} boxes")
