"""How far the farthest call is: the p-center, by bisection over the response times.

For a time T the question is a set covering problem: is there a deployment with a responder within T
of every call (Minieka 1970)? If there is one for T and none for the next smaller response time, T
is the least (:mod:`coresponse.optimize.goals.every_call`). The linear relaxation is asked first,
which settles most times; then whole deployments, from its bound upward.

Where a share of the calls will do (partial p-center; Daskin and Owen 1999), or floors and goals
held stand beside it, each question goes to the goals' engine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.goals.every_call import Answer
from coresponse.optimize.goals.outcome import Outcome, SolveSettings

# Says whether a deployment has a responder within so many seconds of the calls.
Covering = Callable[[float], Answer]


@dataclass
class CenterSearch:
    """A bisection over response times.

    Attributes
    ----------
    times_s
        (times,) response times below the fallback, then the fallback, ascending.
    covering
        Whether a time can be reached.
    relaxed
        Whether it can be ruled out without looking at whole deployments.
    value
        The goal of a deployment, one of the times.
    out
        The best so far.
    """

    times_s: NDArray[np.float64]
    covering: Covering
    relaxed: Callable[[float], bool]
    value: Callable[[NDArray[np.integer]], float]
    settings: SolveSettings
    out: Outcome = field(default_factory=Outcome)

    def search(self, starts: Sequence[NDArray[np.integer]]) -> Outcome:
        """Find the least time; Ctrl-C leaves what is known."""
        for start in starts:
            self._offer(start.astype(np.int64), "first deployment")
        try:
            self._bisect()
        except KeyboardInterrupt:
            self.out.interrupted = True
        return self.out

    def _bisect(self) -> None:
        # whether anything keeps the limits at all: everything is within the fallback
        low, high = 0, len(self.times_s) - 1
        if self.out.counts is None and not self._whole(high):
            return
        high = self._position()
        while low < high and not self._over():
            middle = (low + high) // 2
            if self.relaxed(float(self.times_s[middle])):
                low = middle + 1
                self._raise_bound(low)
            else:
                high = middle
        # the relaxation is mostly right: times just above its bound first, then twice as far each
        # time
        step = 1
        while low < (high := self._position()) and not self._over():
            middle = min(low + step - 1, (low + high) // 2)
            said = self._whole(middle)
            if said is None:
                return
            if said:
                continue
            low, step = middle + 1, 2 * step
            self._raise_bound(low)
        if low >= self._position():
            self._raise_bound(self._position())

    def _whole(self, position: int) -> bool | None:
        """Ask for a deployment; None if time ended before that was known."""
        said, counts = self.covering(float(self.times_s[position]))
        if said == "yes":
            self._offer(counts, "covering")
            return True
        if said == "open":
            return None
        if position == len(self.times_s) - 1:
            self.out.bound = np.inf
        return False

    def _over(self) -> bool:
        return self.settings.left() <= 0

    def _position(self) -> int:
        return int(np.searchsorted(self.times_s, self.out.value))

    def _offer(self, counts: NDArray[np.int64], stage: str) -> None:
        self.out.offer(counts, self.value(counts), stage, self.settings)

    def _raise_bound(self, position: int) -> None:
        self.out.raise_bound(float(self.times_s[position]), "covering", self.settings)
