"""Search fleets for the smallest, or cheapest, that keeps what is promised."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from coresponse.data.progress import Progress, silent
from coresponse.optimize.case import Case
from coresponse.optimize.confirm import check, nearest
from coresponse.optimize.contest import BUSY_FACTORS, busy_of, plans_of, search
from coresponse.optimize.fleets import NEAR_BY, Fleet, FleetBook
from coresponse.optimize.placing import Placer
from coresponse.optimize.problem import Limit
from coresponse.optimize.solved import Solved
from coresponse.optimize.trial import SPARE, Asked, Trial, distinct
from coresponse.optimize.trials import Trials
from coresponse.optimize.verdict import Checked, Confirmation, Counts, Verdict

# By how much a placement by the model may fall short for a search in the replay to be worth it.
#
# The search won up to 4.6 points over the model's placement (measured), and never 8.
HOPELESS = 0.08

# Gain of one more unit below which it brings nothing, and units without gain after which more of
# them will not keep the promise: of floors under several districts two units may keep what one does not.
STUCK, PATIENCE = 1e-3, 3

# Fleets searched in the replay, and looked at, for the least cost.
MOST_SEARCHED, MOST_LOOKED_AT = 10, 150

# Of those, fleets that the model places well enough: one too close to call has a dearer one tried.
MOST_SURE = 3


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
        while self._check(n).verdict is not Verdict.YES and not late():
            self._grow(n)
            if not self._more_helps(n):
                break
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
            known = self._of_plans(n, within)
            self.best[n] = min((counts, *within.placed(self.busy, counts), *known), key=self._far)
        return self.best[n]

    def _of_plans(self, n: int, within: Placer) -> Iterator[Counts]:
        """Yield the model's plans of n and few less, filled up, where several promises are made."""
        for plan in self.plans if len(self.asked.at_most) > 1 else ():
            if 0 <= n - plan.sum() <= NEAR_BY:
                yield from filter(within.keeps_limits, within.grown(self.busy, plan))

    def _look(self, counts: Counts) -> Trial:
        return self.trials.trial(counts, self.trials.replications(16_000, most=8))

    def _far(self, counts: Counts) -> float:
        return self.asked.far(self._look(counts))

    def _excess(self, n: int) -> float:
        return float(self.asked.rank(self._look(self._placed(n))).mean())

    def _grow(self, n: int) -> None:
        """Let a fleet of one more begin with what the search in the replay made of this one."""
        within = self._within(n + 1)
        grown = within.grown(self.shares[n], self.best[n])
        self.best[n + 1] = min((self._placed(n + 1), *grown), key=self._far)

    def _more_helps(self, n: int) -> bool:
        """Whether one more unit is allowed, and it or a few more come nearer to the promise."""
        for more in range(n + 1, n + 1 + PATIENCE):
            if self._late() or self._placed(more).sum() <= self._placed(more - 1).sum():
                return False
            if self._far(self._placed(n)) - self._far(self._placed(more)) > STUCK or n < 2:
                return True
        return False

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
            asked = self.asked.by_all_short()
            best = placed if hopeless else search(self.trials, within, asked, pool, busy)
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
        plans = plans_of(solved)
        book = FleetBook.of(trials, placer, asked, busy, plans)
        return cls(trials, trials.fresh(), book, busy, plans, progress)

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
        asked = self.book.asked.by_goal()
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
        """Return the cheapest fleet of the model's plans that keeps the promise, else what comes nearest to it."""
        book, kinds = self.book, self.book.kinds

        def far(plan: Counts) -> tuple[float, float]:
            rank = float(book.asked.rank(book.look(plan)).mean())
            return max(rank, 0.0), kinds.least_dollars(kinds.fleet(plan))

        return kinds.fleet(min(self.plans, key=far, default=book.placer.least()))

    def _grown(self, fleet: Fleet) -> Fleet:
        """Add the responder that brings most for its dollars until the promise is kept, or a few in turn bring nothing."""
        book, idle = self.book, 0
        while not self._late() and book.rank(fleet) > -HOPELESS / 2 and idle < PATIENCE:
            here, spent = book.far(fleet), book.dollars(fleet)
            worth = []
            for k in range(book.kinds.n):
                if fleet[k] >= book.kinds.most[k]:
                    continue
                more = tuple(n + (j == k) for j, n in enumerate(fleet))
                gain = here - book.far(more)
                worth.append((gain / max(book.dollars(more) - spent, 1.0), gain, more))
            if not worth:
                break
            _, gain, fleet = max(worth)
            idle = 0 if gain > STUCK else idle + 1
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
        best = search(self.trials, within, self.book.asked.by_all_short(), pool, busy)
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
