"""The cheapest deployment with a responder within reach of every call, where units are always free."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.goals.convex_program import TOLERANCE, ConvexProgram
from coresponse.optimize.goals.every_call import EveryCall
from coresponse.optimize.goals.outcome import Outcome, SolveSettings
from coresponse.optimize.masters import Master, MasterAnswer
from coresponse.optimize.objective import Late
from coresponse.optimize.problem import Problem

# How far from whole numbers the counts of a relaxation may be that is taken for a deployment.
WHOLE = 1e-6

# Counts that are rounded before whole ones are asked for.
ROUNDED = 50


def reach_of(problem: Problem, program: ConvexProgram) -> NDArray[np.float64] | None:
    """Return within how many seconds each call needs a responder, if that is all a program asks.

    Returns
    -------
    (columns,) seconds, inf for columns that need none; None where a share of calls will do, units
    may be busy, or a column counts so little that the others keep the bound within its tolerance.
    """
    reach_s = np.full(len(problem.weight), np.inf)
    if not problem.all_free or not program.rows:
        return None
    for row in program.rows:
        if row.at_most != 0 or any(len(term.largest_of) > 1 for term in row.total):
            return None
        for term in row.total:
            expression = term.largest_of[0]
            if expression.constant or expression.linear is not None or expression.moved:
                return None
            for j, weight in expression.averages.items():
                average = program.averages[j]
                share = term.weight * weight * average.calls / average.calls.sum() / row.scale
                if (
                    not isinstance(average.waiting, Late)
                    or average.in_place
                    or average.of_police
                    or weight <= 0
                    or share[share > 0].min() <= 2 * TOLERANCE
                ):
                    return None
                there = average.calls > 0
                reach_s[there] = np.minimum(reach_s[there], average.waiting.target_s)
    return reach_s


@dataclass
class LeastCover:
    """A search by set covering: relaxed, rounded, then in whole numbers.

    Attributes
    ----------
    reach_s
        (columns,) seconds within which each needs a responder; inf: none.
    cost
        (options,) of one responder, 0 or more.
    out
        The best so far.
    """

    problem: Problem
    reach_s: NDArray[np.float64]
    cost: NDArray[np.float64]
    settings: SolveSettings
    out: Outcome = field(default_factory=Outcome)

    def search(self) -> Outcome:
        """Find it; Ctrl-C leaves what is known."""
        every = EveryCall(self.problem, np.flatnonzero(np.isfinite(self.reach_s)), self.settings)
        near = every.near(self.reach_s)
        if not near.any(axis=0).all():
            self.out.raise_bound(np.inf, "covering", self.settings)
            return self.out
        self._every, self._near = every, near
        self._master: Master = every.stated(near, self.cost)
        self._costs_whole = bool((self.cost == np.round(self.cost)).all())
        try:
            self._round()
            self._ask_for_whole()
        except KeyboardInterrupt:
            self.out.interrupted = True
        return self.out

    def _round(self) -> None:
        """Round the largest fraction of the relaxation up, or down if that costs nothing more, and on."""
        most = self.problem.most.astype(np.int64)
        least = np.zeros_like(most)
        answer = self._relaxed(most, least)
        self._raise_bound(answer)
        for _ in range(ROUNDED):
            if answer.status != "optimal" or self.settings.left() <= 0:
                return
            whole = np.round(answer.counts)
            parts = np.where(np.abs(answer.counts - whole) > WHOLE, answer.counts, 0.0)
            if not parts.any():
                self._offer(whole)
                return
            o = int(parts.argmax())
            before, least[o] = least[o], np.ceil(parts[o])
            answer = self._relaxed(most, least)
            if self._costs_whole and self._bound(answer) > self.out.bound:
                least[o], most[o] = before, np.floor(parts[o])
                answer = self._relaxed(most, least)

    def _ask_for_whole(self) -> None:
        self._master.bound_options(self.problem.most, np.zeros_like(self.problem.most))
        while not self._closed() and self.settings.left() > 0:
            start = None if self.out.counts is None else self.out.counts.astype(np.float64)
            answer = self._master.solve(self.settings.left(), 0.5 * self.settings.gap, start)
            self._raise_bound(answer)
            if not len(answer.counts):
                return
            if not self._every.added(self._master, self._near, answer.counts):
                self._offer(np.round(answer.counts))
                return

    def _relaxed(self, most: NDArray[np.int64], least: NDArray[np.int64]) -> MasterAnswer:
        """Find fractions of responders, within bounds, that reach all."""
        self._master.bound_options(most, least)
        answer = self._master.relax(self.settings.left())
        while answer.status == "optimal" and self._every.added(
            self._master, self._near, answer.counts
        ):
            answer = self._master.relax(self.settings.left())
        return answer

    def _bound(self, answer: MasterAnswer) -> float:
        whole = self._costs_whole and np.isfinite(answer.bound)
        return float(np.ceil(answer.bound - WHOLE)) if whole else answer.bound

    def _raise_bound(self, answer: MasterAnswer) -> None:
        self.out.raise_bound(self._bound(answer), "covering", self.settings)

    def _offer(self, counts: NDArray[np.float64]) -> None:
        whole = counts.astype(np.int64)
        if not self.problem.broken_limits(whole):
            self.out.offer(whole, float(self.cost @ whole), "covering", self.settings)

    def _closed(self) -> bool:
        """Whether bound and best meet within the gap asked for, or there is nothing to find."""
        out = self.out
        return out.bound == np.inf or out.value - out.bound <= (
            self.settings.gap * abs(out.value) + 1e-9 if np.isfinite(out.value) else -1.0
        )
