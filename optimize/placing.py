"""Place responders by the model's cost, fast and unproven: candidates for the replay to choose from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.case import Case
from coresponse.optimize.envelope import ALWAYS_FREE, knots
from coresponse.optimize.evaluate import Evaluator, evaluator
from coresponse.optimize.goals.goal import FewestUnits, LeastCost, LeastPolice, ShareInTime, singles
from coresponse.optimize.goals.other_waits import by_police
from coresponse.optimize.goals.waiting import Sum
from coresponse.optimize.objective import Late, MeanTime, WaitingCost
from coresponse.optimize.problem import Limit, Problem
from coresponse.optimize.search import Room, improve
from coresponse.optimize.verdict import Counts
from coresponse.optimize.yardstick import MOST_BUSY, Yardstick

# How much of the wait, in fallbacks, goes into the model's cost of a share in time.
#
# For the share alone a unit that always comes too late has no use, yet it takes load off the others:
# left out, it cost 1.4 points on the sample and up to 4.6 elsewhere (.02 to .1 do alike).
WAIT_IN_SHARE = 0.05


# Share of the model's cost below which one more responder is not worth a candidate.
USELESS = 1e-4


@dataclass(frozen=True, eq=False)
class Placer:
    """Local search by the model's cost, within limits.

    Attributes
    ----------
    problem
        The case's, without its limit in dollars where these depend on call-outs.
    base
        Costs of waiting of each option by column, for responders that are always free.
    by_group
        The same where a goal is a promise to several groups of calls, each of which counts alike:
        by calls one more unit goes to the large ones, whose share is kept. None: it is not.
    """

    problem: Problem
    base: Evaluator
    by_group: Callable[[], Evaluator] | None = None

    @classmethod
    def of(cls, case: Case, yardstick: Yardstick) -> Placer:
        """Work out costs of what a case's goal and promises look at, as one cost of waiting."""
        problem = case.problem()
        if any(isinstance(goal, LeastPolice) for goal in singles(case.goal)):
            # of crews that bring no police, and of those that do, the nearer first
            of_police = by_police(problem, WAIT_IN_SHARE)
            return cls(problem, evaluator(of_police, MeanTime()))
        waiting, alike = model_waiting(case, yardstick), _groups_alike(yardstick, problem)
        by_group = None
        if alike is not None:
            of, promised = replace(problem, weight=alike), _promised(yardstick) or MeanTime()
            by_group = cache(lambda: evaluator(of, promised))  # made where it is asked for
        return cls(problem, evaluator(problem, waiting), by_group)

    def by_promise(self) -> Placer:
        """Return the same by what is promised to several groups, where that is so, and not by the goal."""
        return self if self.by_group is None else replace(self, base=self.by_group())

    @cached_property
    def room(self) -> Room:
        """Of the limits."""
        return Room.of(self.problem)

    def within(self, limits: Sequence[Limit]) -> Placer:
        """Return the same with further limits."""
        problem = replace(self.problem, limits=(*self.problem.limits, *limits))
        return replace(self, problem=problem)

    def without(self, name: str) -> Placer:
        """Return the same without the limits whose names begin so."""
        kept = tuple(limit for limit in self.problem.limits if not limit.name.startswith(name))
        return replace(self, problem=replace(self.problem, limits=kept))

    def busy(self, shares: Mapping[str, float]) -> Evaluator:
        """Return costs for responders as busy as told; a type that is not told is as busy as the others.

        So that no type is free for the asking because no plan has used it yet.
        """
        return self._as_busy(self.base, shares)

    def _as_busy(self, base: Evaluator, shares: Mapping[str, float]) -> Evaluator:
        told = [share for share in shares.values() if share > 0]
        usual = float(np.mean(told)) if told else 0.0
        share = np.array(
            [min(shares.get(name, 0.0) or usual, MOST_BUSY) for name in self.problem.type_names]
        )
        as_busy = replace(self.problem, busy_share=share)
        with np.errstate(divide="ignore"):
            rate = np.minimum(-np.log(share), ALWAYS_FREE)[self.problem.option_type]
        return replace(base, rate=rate, knots=knots(as_busy))

    def improved(self, costs: Evaluator, start: Counts) -> Counts:
        """Fill up a deployment and exchange responders until nothing helps the model's cost."""
        _, found = improve(costs, self.room, start.astype(np.float64), stop=lambda: False)
        return np.round(found).astype(np.int64)

    def placed(self, shares: Mapping[str, float], start: Counts) -> Iterator[Counts]:
        """Yield deployments for responders as busy as told: by calls, and where groups are promised to, by group."""
        yield self.improved(self.busy(shares), start)
        if self.by_group is not None:
            yield self.improved(self._as_busy(self.by_group(), shares), self.least())

    def grown(self, shares: Mapping[str, float], start: Counts) -> Iterator[Counts]:
        """Yield a deployment filled up in the same ways."""
        yield self.filled(self.busy(shares), start)
        if self.by_group is not None:
            yield self.filled(self._as_busy(self.by_group(), shares), start)

    def filled(self, costs: Evaluator, start: Counts) -> Counts:
        """Add responders that are allowed and were left out, the best by the model's cost first."""
        counts = start.astype(np.float64)
        for _ in range(int(self.problem.most.sum())):
            fits = self.room.may_add(counts)
            if not fits.any():
                break
            value, gains = costs.gains(counts)
            gain = np.where(fits, gains, -1.0)
            if gain.max() <= USELESS * abs(value):
                break
            counts[int(np.argmax(gain))] += 1
        return np.round(counts).astype(np.int64)

    def least(self) -> Counts:
        """Return few responders that keep the limits from below: who stays, and posts that must be used."""
        counts = np.zeros(self.problem.n_options)
        if self.problem.today is not None and self.problem.moves_at_most is not None:
            counts += np.minimum(self.problem.today, self.problem.most)
        for limit in self.problem.limits:
            while (
                limit.at_least is not None and limit.coefficients @ counts < limit.at_least - 1e-9
            ):
                able = np.flatnonzero((limit.coefficients > 0) & self.room.may_add(counts))
                if not len(able):
                    break
                counts[able[0]] += 1
        return np.round(counts).astype(np.int64)

    def keeps_limits(self, counts: Counts) -> bool:
        """Whether a deployment keeps all limits."""
        return not self.problem.broken_limits(counts)

    def neighbors(self, costs: Evaluator, counts: Counts, most: int) -> list[Counts]:
        """Return deployments one responder away: one more, and one elsewhere, best by model cost first."""
        here = counts.astype(np.float64)
        out: list[tuple[float, Counts]] = []
        gain = costs.gains(here)[1]
        for o in np.flatnonzero(self.room.may_add(here)):
            more = counts.copy()
            more[o] += 1
            out.append((-float(gain[o]), more))
        out = sorted(out, key=lambda pair: pair[0])[: max(5, most // 4)]
        if counts.any():
            support, change = costs.exchanges(here)
            flat = np.argsort(change, axis=None, kind="stable")
            for r, o in zip(*np.unravel_index(flat, change.shape), strict=True):
                if len(out) >= most:
                    break
                other = counts.copy()
                other[support[r]] -= 1
                other[o] += 1
                if support[r] != o and self.room.holds(other.astype(np.float64)):
                    out.append((float(change[r, o]), other))
        return [other for _, other in sorted(out, key=lambda pair: pair[0])]

    def two_swaps(self, costs: Evaluator, counts: Counts, most: int, of: int = 6) -> list[Counts]:
        """Return deployments two responders away, of the best single moves."""
        out = []
        for first in self.neighbors(costs, counts, of):
            out += self.neighbors(costs, first, max(1, most // of))
        return out[:most]


def _groups_alike(yardstick: Yardstick, problem: Problem) -> NDArray[np.float64] | None:
    """Return (columns,) how much calls count where each promise counts alike; None where there are not several."""
    promises, demand = yardstick.promises, yardstick.statement.demand
    if sum(p.by != "all" for p in promises) < 2:
        return None
    calls = [demand.by(p.by).calls[p.group] for p in promises]
    # calls outside of all groups count next to nothing
    alike = 1e-6 * problem.weight / problem.weight.sum()
    return np.asarray(alike + sum(of / of.sum() for of in calls if of.sum() > 0))


def model_waiting(case: Case, yardstick: Yardstick) -> WaitingCost:
    """Return a cost of waiting that stands for a case's goal and promises.

    The share in time with a little of the wait where a share is what counts, else the wait.
    """
    goals, promised = singles(case.goal), _promised(yardstick)
    if any(isinstance(goal, FewestUnits | LeastCost) for goal in goals) and promised is not None:
        return promised
    for goal in goals:
        if isinstance(goal, ShareInTime):
            if goal.target_min is None and case.standards is not None:
                return share_and_wait(_late_by_standard(yardstick), yardstick.fallback_s)
            target_s = yardstick.statement.target_s(goal.target_min)
            return share_and_wait(Late(target_s), yardstick.fallback_s)
    return MeanTime()


def _promised(yardstick: Yardstick) -> WaitingCost | None:
    """Return a cost of waiting that stands for the shares that are promised; None where there are none."""
    late = [p.waiting for p in yardstick.promises if p.of_share]
    if not late:
        return None
    return share_and_wait(late[-1] or _late_by_standard(yardstick), yardstick.fallback_s)


def _late_by_standard(yardstick: Yardstick) -> WaitingCost:
    """Return a cost that stands for being late by several standards: each counts by its share of calls, wherever they are."""
    demand = yardstick.statement.demand
    parts = zip(demand.standards_s, demand.calls_by_standard, strict=True)
    total = max(float(demand.calls.sum()), 1e-12)
    return Sum(tuple((float(calls.sum()) / total, Late(s)) for s, calls in parts))


def share_and_wait(late: WaitingCost, fallback_s: float) -> WaitingCost:
    """Return what a late call costs with a little of its wait."""
    return Sum(((1.0, late), (WAIT_IN_SHARE / fallback_s, MeanTime())))
