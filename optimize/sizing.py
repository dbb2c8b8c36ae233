"""Search fleets for the smallest, or cheapest, that keeps what is promised."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from coresponse.data.progress import Progress, silent
from coresponse.optimize.case import Case
from coresponse.optimize.confirm import check, nearest
from coresponse.optimize.contest import BUSY_FACTORS, busy_of, search
from coresponse.optimize.fleets import Fleet, FleetBook
from coresponse.optimize.placing import Placer
from coresponse.optimize.problem import Limit
from coresponse.optimize.solved import Solved
from coresponse.optimize.trial import Asked, distinct
from coresponse.optimize.trials import Trials
from coresponse.optimize.verdict import Checked, Confirmation, Counts, Verdict

# By how much a placement by the model may fall short for a search in the replay to be worth it.
#
# The search won up to 4.6 points over the model's placement (measured), and never 8.
HOPELESS = 0.08

# Gain of one more unit below which more of them will not keep the promise.
STUCK = 1e-3

# Fleets searched in the replay, and looked at, for the least cost.
MOST_SEARCHED, MOST_LOOKED_AT = 10, 150

# Of those, fleets that the model places well enough: one too close to call has a dearer one tried.
MOST_SURE = 3

# What a look at a fleet may be wrong by: the standard error of 16,000 calls is half of it.
SPARE = 0.01


@dataclass(eq=False)
class BySize:
    """Fewest units: fleets of n and n + 1, until the first is confirmed and the one before it is not.

    Attributes
    ----------
    trials, fresh
        Replications to choose on, and to confirm on.
    placer
        The model's local search.
    asked
        The margin by which the promise is kept.
    """

    trials: Trials
    fresh: Trials
    placer: Placer
    asked: Asked
    busy: dict[str, float]
    plans: list[Counts]
    progress: Progress = silent
    best: dict[int, Counts] = field(default_factory=dict)
    checked: dict[int, Checked] = field(default_factory=dict)
    shares: dict[int, dict[str, float]] = field(default_factory=dict)

    @classmethod
    def of(cls, case: Case, solved: Solved, trials: Trials, progress: Progress) -> BySize:
        """Begin with the model's answer."""
        asked = trials.asked(budget=case.limits.budget_per_year, margin=True)
        placer = Placer.of(case, trials.yardstick)
        return cls(
            trials, trials.fresh(), placer, asked, busy_of(solved), plans_of(solved), progress
        )

    def answer(self) -> Confirmation:
        """Search."""
        least = int(self.placer.least().sum())
        n = self._first_hopeful(max(least, 1))
        late = self._late
        while self._check(n).verdict is not Verdict.YES and not late() and self._more_helps(n):
            n += 1
        while n > max(least, 1) and self.checked[n].verdict is Verdict.YES and not late():
            if self._check(n - 1).verdict is not Verdict.YES:
                break
            n -= 1
        found = self.checked[n]
        order = tuple(self.checked[size] for size in sorted(self.checked))
        tried, in_time = self.trials.tried, not late()
        if found.verdict is Verdict.YES:
            less = self.checked.get(n - 1)
            return Confirmation(found, None, less, order, tried, "units", in_time)
        if not in_time:
            order += models_checked(self.fresh, self.plans, self.asked)
        kept = cheapest_kept(order)
        closest = nearest(order) if kept is None else None
        return Confirmation(kept, closest, None, order, tried, "units", in_time)

    def _late(self) -> bool:
        return self.trials.out_of_time

    def _first_hopeful(self, least: int) -> int:
        """Return the smallest fleet whose placement by the model comes near the promise."""
        n = max(least, min((int(plan.sum()) for plan in self.plans), default=least))
        while n > least and not self._late() and self._excess(n - 1) <= HOPELESS:
            n -= 1
        while not self._late() and self._excess(n) > HOPELESS and self._more_helps(n):
            n += 1
        return n

    def _within(self, n: int) -> Placer:
        row = np.ones(self.placer.problem.n_options)
        return self.placer.within((Limit(f"fleet: at most {n}", row, at_most=n),))

    def _placed(self, n: int) -> Counts:
        """Return a fleet of n as the model places it, for units as busy as the replay finds them."""
        if n not in self.best:
            within, busy = self._within(n), self.shares.get(n, self.busy)
            counts = within.improved(within.busy(busy), self.placer.least())
            trial = self.trials.trial(counts, 2)
            self.busy = busy | self.trials.yardstick.busy_share(counts, trial.busy_h.mean(axis=0))
            self.shares[n] = self.busy
            again = within.improved(within.busy(self.busy), counts)
            self.best[n] = min((counts, again), key=self._rank)
        return self.best[n]

    def _rank(self, counts: Counts) -> float:
        looks = self.trials.replications(16_000, most=8)
        return float(self.asked.rank(self.trials.trial(counts, looks)).mean())

    def _excess(self, n: int) -> float:
        return self._rank(self._placed(n))

    def _more_helps(self, n: int) -> bool:
        """Whether one more unit is allowed, and comes nearer to the promise."""
        more = self._placed(n + 1)
        if more.sum() <= self._placed(n).sum():
            return False
        return self._excess(n) - self._excess(n + 1) > STUCK or n < 2

    def _check(self, n: int) -> Checked:
        """Search a fleet of n in the replay, and hold the best against the promise."""
        if n not in self.checked:
            self.progress(f"confirming a fleet of {n}", 0, 1)
            placed, within = self._placed(n), self._within(n)
            busy = self.shares[n]
            pool = [placed, *self._smaller_and_larger(n)]
            for factor in BUSY_FACTORS:
                scaled = {name: share * factor for name, share in busy.items()}
                pool.append(within.improved(within.busy(scaled), placed))
            costs = within.busy(busy)
            pool += [within.filled(costs, counts) for counts in pool]
            pool = [c for c in distinct(pool) if within.keeps_limits(c)]
            hopeless = not pool or self._late()
            best = placed if hopeless else search(self.trials, within, self.asked, pool, busy)
            self.best[n] = best
            self.checked[n] = check(self.fresh, best, self.asked)
        return self.checked[n]

    def _smaller_and_larger(self, n: int) -> Iterable[Counts]:
        """Return known deployments of n at most, and of n + 1 with each unit left out in turn."""
        known = [*self.plans, *self.best.values()]
        yield from (counts for counts in known if counts.sum() <= n)
        larger = self.checked.get(n + 1)
        if larger is not None:
            for o in np.flatnonzero(larger.counts):
                fewer = larger.counts.copy()
                fewer[o] -= 1
                yield fewer


@dataclass(eq=False)
class ByCost:
    """Least cost: fleets from the cheapest up, as far as the model's placement comes near the promise.

    Attributes
    ----------
    trials, fresh
        Replications to choose on, and to confirm on.
    book
        Fleets that were placed.
    busy
        Shares by which the model ranks.
    plans
        The model's.
    gained
        Most that a search in the replay has won over the model's placement.
    """

    trials: Trials
    fresh: Trials
    book: FleetBook
    busy: dict[str, float]
    plans: list[Counts]
    progress: Progress = silent
    gained: float = 0.0

    @classmethod
    def of(cls, case: Case, solved: Solved, trials: Trials, progress: Progress) -> ByCost:
        """Begin with the model's answer."""
        asked = trials.asked(budget=case.limits.budget_per_year, margin=True)
        placer, busy = Placer.of(case, trials.yardstick), busy_of(solved)
        book = FleetBook.of(trials, placer, asked, busy)
        return cls(trials, trials.fresh(), book, busy, plans_of(solved), progress)

    def answer(self) -> Confirmation:
        """Search."""
        checked = self._searched(self._hopeful())
        tried, in_time = self.trials.tried, not self._late()
        if not in_time and not any(one.verdict is Verdict.YES for one in checked):
            checked += models_checked(self.fresh, self.plans, self.book.asked)
        best = cheapest_kept(checked)
        while best is not None and not any(one.dollars < best.dollars for one in checked):
            lesser = self._lesser(best)
            if lesser is None or self._late() or len(checked) >= MOST_SEARCHED:
                break
            checked.append(self._check(lesser))
            best = cheapest_kept(checked)
        order = tuple(sorted(checked, key=lambda one: one.dollars))
        if best is None:
            return Confirmation(None, nearest(order), None, order, tried, "dollars", in_time)
        cheaper = [one for one in order if one.dollars < best.dollars and one is not best]
        return Confirmation(best, None, nearest(cheaper), order, tried, "dollars", in_time)

    def _lesser(self, kept: Checked) -> Fleet | None:
        """Return the fleet near the answer's, and cheaper, that comes nearest to the promise: what less would reach."""
        book, fleet = self.book, self.book.kinds.fleet(kept.counts)
        near = (f for f in book.kinds.near(fleet) if book.kinds.least_dollars(f) < kept.dollars)
        cheaper = [f for f in near if any(f) and book.dollars(f) < kept.dollars]
        return min(cheaper, key=book.rank, default=None)

    def _searched(self, hopeful: Sequence[Fleet]) -> list[Checked]:
        """Search in the replay: the cheapest that the model places well enough, then what is cheaper.

        What the searches so far have gained over the model's placements tells which of the cheaper
        fleets another may bring up to the promise.
        """
        checked: list[Checked] = []
        sure = [fleet for fleet in hopeful if self.book.rank(fleet) <= 0]
        for fleet in sure[:MOST_SURE]:
            if self._late():
                return checked
            checked.append(self._check(fleet))
            if checked[-1].verdict is Verdict.YES:
                break
        dollars = min((one.dollars for one in checked), default=np.inf)
        for fleet in self._undominated([f for f in hopeful if self.book.dollars(f) < dollars]):
            if self._late() or len(checked) >= MOST_SEARCHED:
                break
            if sure and self.book.rank(fleet) > 1.5 * self.gained + SPARE:
                continue
            checked.append(self._check(fleet))
            if checked[-1].verdict is Verdict.YES:
                break
        best = cheapest_kept(checked)
        if best is not None and not self._late():
            checked.append(self._cheapened(best))
        return checked

    def _cheapened(self, kept: Checked) -> Checked:
        """Search the fleet that keeps the promise for a placement that is called out less."""
        kinds, trials = self.book.kinds, self.trials
        called = trials.yardstick.call_out_price[kept.counts > 0]
        if not called.any():
            return kept
        at_most = self.book.asked.at_most - SPARE / 2 * self.book.asked.scale
        asked = replace(self.book.asked, at_most=at_most, margin=False)
        within = self.book.filled(kinds.fleet(kept.counts))
        return check(self.fresh, search(trials, within, asked, [kept.counts], self.busy), asked)

    def _undominated(self, fleets: Sequence[Fleet]) -> list[Fleet]:
        """Leave out fleets that cost more than another and come less near the promise, beyond noise."""
        kept: list[Fleet] = []
        nearest_yet = np.inf
        for fleet in fleets:
            rank = self.book.rank(fleet)
            if rank <= nearest_yet + SPARE:
                kept.append(fleet)
            nearest_yet = min(nearest_yet, rank)
        return kept

    def _late(self) -> bool:
        return self.trials.out_of_time

    def _hopeful(self) -> list[Fleet]:
        """Return fleets whose placement by the model comes near the promise, the cheapest first.

        From the cheapest that keeps it, fleets near it that are cheaper, and so on.
        """
        book = self.book
        fleet = self._grown(self._start())
        book.place(fleet)
        todo = [(book.dollars(fleet), fleet)]
        seen = {fleet}
        while todo and len(book.placed) < MOST_LOOKED_AT and not self._late():
            dollars, here = heapq.heappop(todo)
            for other in book.kinds.near(here):
                if other in seen or self._late() or book.kinds.least_dollars(other) > dollars:
                    continue
                seen.add(other)
                if book.rank(other) <= HOPELESS and book.dollars(other) <= 1.02 * dollars:
                    heapq.heappush(todo, (book.dollars(other), other))
        near = [f for f in book.placed if book.rank(f) <= HOPELESS] or [fleet]
        return sorted(near, key=book.dollars)

    def _start(self) -> Fleet:
        kinds = self.book.kinds
        return min(
            (kinds.fleet(plan) for plan in self.plans),
            key=kinds.least_dollars,
            default=kinds.fleet(self.book.placer.least()),
        )

    def _grown(self, fleet: Fleet) -> Fleet:
        """Add the responder that brings most for its dollars until the promise is kept, or none helps."""
        book = self.book
        while not self._late() and book.rank(fleet) > -HOPELESS / 2:
            here, spent = book.rank(fleet), book.dollars(fleet)
            worth = []
            for k in range(book.kinds.n):
                if fleet[k] >= book.kinds.most[k]:
                    continue
                more = tuple(n + (j == k) for j, n in enumerate(fleet))
                gain = here - book.rank(more)
                if gain > STUCK:
                    worth.append((gain / max(book.dollars(more) - spent, 1.0), more))
            if not worth:
                break
            fleet = max(worth)[1]
        return fleet

    def _check(self, fleet: Fleet) -> Checked:
        self.progress("confirming fleets from the cheapest up", 0, 1)
        within, placed = self.book.filled(fleet), self.book.place(fleet)
        trial = self.book.look(placed)
        busy = self.busy | self.trials.yardstick.busy_share(placed, trial.busy_h.mean(axis=0))
        pool = [placed, *(c for c in self.plans if self.book.kinds.fleet(c) == fleet)]
        for factor in BUSY_FACTORS:
            scaled = {name: share * factor for name, share in busy.items()}
            pool.append(within.improved(within.busy(scaled), placed))
        pool = [c for c in distinct(pool) if within.keeps_limits(c)] or [placed]
        best = search(self.trials, within, self.book.asked, pool, busy)
        found = float(self.book.asked.rank(self.book.look(best)).mean())
        self.gained = max(self.gained, self.book.rank(fleet) - found)
        return check(self.fresh, best, self.book.asked)


def models_checked(fresh: Trials, plans: Sequence[Counts], asked: Asked) -> tuple[Checked, ...]:
    """Hold the model's plan against the promise, for a search that the time limit ended."""
    return tuple(check(fresh, plan, asked) for plan in plans[:1])


def cheapest_kept(checked: Sequence[Checked]) -> Checked | None:
    """Return the cheapest that keeps the promise; a search without time may have looked at the model's alone."""
    kept = [one for one in checked if one.verdict is Verdict.YES]
    return min(kept, key=lambda one: one.dollars, default=None)


def plans_of(solved: Solved) -> list[Counts]:
    """Return the plans of all rounds; none where the model finds nothing."""
    rounds = () if solved.rounds is None else solved.rounds.rounds
    plans = [solved.best.solution.counts, *(turn.best.solution.counts for turn in rounds)]
    return distinct(plan for plan in plans if len(plan))
