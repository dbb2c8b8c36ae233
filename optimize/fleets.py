"""Fleets: how many responders of each price, whatever their posts and hours.

What a limit in dollars allows is a matter of fleets, and so is the least that keeps a promise. With
call-outs an average price is not the marginal one (with more clinicians each is called less): a
plan for average prices keeps a budget and leaves money. So fleets are gone through, each placed by
the model and replayed.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.evaluate import Evaluator
from coresponse.optimize.placing import Placer
from coresponse.optimize.problem import Limit
from coresponse.optimize.trial import LOOK_CALLS, SUMMED, Asked, Trial, distinct
from coresponse.optimize.trials import Trials
from coresponse.optimize.verdict import Counts

# Responders of each kind.
Fleet = tuple[int, ...]

# Fleets that are tried for one limit: of two kinds, all that come near it.
MOST_FLEETS = 60

# Busy shares this near need no second placement.
SAME_BUSY = 0.04

# Responders by which a fleet may differ from another to begin with its placement.
NEAR_BY = 3

# Fleets that are handed on.
FINALISTS = 16

# Share by which a first look may be wrong in what a fleet spends: 16,000 calls tell it to a percent.
LOOK_SPENDS = 0.02


@dataclass(frozen=True, eq=False)
class Kinds:
    """Options by what a responder costs: one kind is one type at one price.

    Attributes
    ----------
    names
        For people.
    of_option
        (options,) position of each option's kind.
    price
        (kinds,) dollars a year of one that is never called out.
    most
        (kinds,) most that limits on single options and types allow.
    desk_cost
        Dollars a year of clinicians on the phone, whoever else is there.
    """

    names: tuple[str, ...]
    of_option: NDArray[np.int64]
    price: NDArray[np.float64]
    most: NDArray[np.int64]
    desk_cost: float = 0.0

    @classmethod
    def of(cls, trials: Trials, placer: Placer) -> Kinds:
        """Gather the kinds of a case."""
        options, cost = trials.case.options, trials.yardstick.standing_cost
        keys = [(o.responder_type, round(float(c))) for o, c in zip(options, cost, strict=True)]
        kinds = list(dict.fromkeys(keys))
        of_option = np.array([kinds.index(key) for key in keys], dtype=np.int64)
        many = [name for name, _ in kinds]
        names = tuple(
            f"{name} at ${price:,}" if many.count(name) > 1 else name for name, price in kinds
        )
        price = np.array([float(cost[of_option == k].mean()) for k in range(len(kinds))])
        most = np.bincount(of_option, weights=placer.problem.most, minlength=len(kinds))
        for limit in placer.problem.limits:
            if limit.at_most is None:
                continue
            for k in range(len(kinds)):
                least = float(limit.coefficients[of_option == k].min())
                if least > 0:
                    most[k] = min(most[k], np.floor(limit.at_most / least + 1e-6))
        return cls(names, of_option, price, most.astype(np.int64), trials.case.desk_cost)

    @property
    def n(self) -> int:
        """Number of kinds."""
        return len(self.names)

    def least_dollars(self, fleet: Fleet) -> float:
        """Return what a fleet spends a year that is never called out, clinicians on the phone with it."""
        return float(self.price @ np.array(fleet)) + self.desk_cost

    def fleet(self, counts: Counts) -> Fleet:
        """Return a deployment's fleet."""
        own = np.bincount(self.of_option, weights=counts, minlength=self.n)
        return tuple(int(k) for k in own)

    def limits(self, fleet: Fleet) -> tuple[Limit, ...]:
        """Return limits that allow a fleet and no more."""
        return tuple(
            Limit(
                f"fleet: at most {most} {self.names[k]}",
                (self.of_option == k).astype(np.float64),
                at_most=most,
            )
            for k, most in enumerate(fleet)
        )

    def near(self, fleet: Fleet) -> Iterator[Fleet]:
        """Yield fleets with one more, one less, and one exchanged for as many as cost the same, or one more."""
        for k in range(self.n):
            yield from self._moved(fleet, {k: 1})
            yield from self._moved(fleet, {k: -1})
        for out in range(self.n):
            for into in range(self.n):
                if out == into:
                    continue
                same = int(self.price[out] / max(self.price[into], 1.0))
                for more in {1, max(1, same), max(1, same) + 1}:
                    yield from self._moved(fleet, {out: -1, into: more})

    def _moved(self, fleet: Fleet, by: Mapping[int, int]) -> Iterator[Fleet]:
        moved = [n + by.get(k, 0) for k, n in enumerate(fleet)]
        if all(0 <= n <= most for n, most in zip(moved, self.most, strict=True)):
            yield tuple(moved)


@dataclass(eq=False)
class FleetBook:
    """Fleets that were placed and looked at, each once.

    Attributes
    ----------
    trials, placer, asked
        By what.
    kinds
        Of what.
    busy
        Busy shares of the fleet looked at last, from which the next is placed.
    plans
        The model's, which know what each of several promises asks for: they are tried beside, and
        filled up for fleets that are a little larger.
    """

    trials: Trials
    placer: Placer
    asked: Asked
    kinds: Kinds
    busy: dict[str, float]
    plans: tuple[Counts, ...] = ()
    looks: int = 2
    placed: dict[Fleet, Counts] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        trials: Trials,
        placer: Placer,
        asked: Asked,
        busy: Mapping[str, float],
        plans: Sequence[Counts] = (),
    ) -> FleetBook:
        """Begin a book."""
        kinds = Kinds.of(trials, placer)
        looks = trials.replications(LOOK_CALLS, most=8)
        known = tuple(plans) if len(asked.at_most) > 1 else ()
        return cls(trials, placer.without("budget:"), asked, kinds, dict(busy), known, looks)

    def place(self, fleet: Fleet) -> Counts:
        """Place a fleet by the model, for units as busy as the replay finds them."""
        if fleet not in self.placed:
            self.placed[fleet] = self._place(fleet)
        return self.placed[fleet]

    def _place(self, fleet: Fleet) -> Counts:
        within = self.placer.within(self.kinds.limits(fleet))
        costs = within.busy(self.busy)
        counts = within.improved(costs, self._start(costs, within, fleet))
        found = self._busy_of(counts)
        if any(abs(found[name] - self.busy.get(name, 0.0)) > SAME_BUSY for name in found):
            self.busy |= found
            costs = within.busy(self.busy)
            counts = within.improved(costs, counts)
        others = () if within.by_group is None else within.placed(self.busy, counts)
        return min([counts, *others, *self._of_plans(fleet, within)], key=self._far)

    def _of_plans(self, fleet: Fleet, within: Placer) -> Iterator[Counts]:
        """Yield the model's plans of no more than a fleet, and few less, filled up."""
        for plan in self.plans:
            apart = [a - b for a, b in zip(fleet, self.kinds.fleet(plan), strict=True)]
            if min(apart) >= 0 and sum(apart) <= NEAR_BY:
                yield from filter(within.keeps_limits, within.grown(self.busy, plan))

    def _start(self, costs: Evaluator, within: Placer, fleet: Fleet) -> Counts:
        """Return what the fleet begins with: one that differs by little, without those it lacks.

        From nobody on, each responder is placed anew, which takes most of the time.
        """
        apart = {
            one: sum(abs(a - b) for a, b in zip(one, fleet, strict=True)) for one in self.placed
        }
        near = min(apart, key=lambda one: apart[one], default=None)
        if near is None or apart[near] > NEAR_BY:
            return within.least()
        counts = self.placed[near].copy()
        for kind, (there, wanted) in enumerate(zip(near, fleet, strict=True)):
            for _ in range(there - wanted):
                own = np.flatnonzero((counts > 0) & (self.kinds.of_option == kind))
                without = [counts - (np.arange(len(counts)) == o) for o in own]
                counts = min(without, key=lambda one: costs.value(one.astype(np.float64)))
        return counts if within.room.fits(counts.astype(np.float64)) else within.least()

    def _busy_of(self, counts: Counts) -> dict[str, float]:
        trial = self.look(counts)
        return self.trials.yardstick.busy_share(counts, trial.busy_h.mean(axis=0))

    def look(self, counts: Counts) -> Trial:
        """Look at a deployment."""
        return self.trials.trial(counts, self.looks)

    def rank(self, fleet: Fleet) -> float:
        """Return what a fleet comes to, placed by the model."""
        return float(self.asked.rank(self.look(self.place(fleet))).mean())

    def far(self, fleet: Fleet) -> float:
        """Return how far a fleet is from what is asked, all promises looked at."""
        return self._far(self.place(fleet))

    def _far(self, counts: Counts) -> float:
        return self.asked.far(self.look(counts))

    def dollars(self, fleet: Fleet) -> float:
        """Return what a fleet spends a year, placed by the model."""
        return float(self.look(self.place(fleet)).dollars.mean())

    def filled(self, fleet: Fleet) -> Placer:
        """Return a local search within a fleet."""
        return self.placer.within(self.kinds.limits(fleet))


def best_fleets(
    trials: Trials,
    placer: Placer,
    asked: Asked,
    plans: Iterable[Counts],
    busy: Mapping[str, float],
) -> list[Counts]:
    """Return the best placements of the best fleets within a budget, and the plans that were there before.

    From the model's plans on, the fleets near the best so far are placed and looked at, the best
    first, until all near it are known or :data:`MOST_FLEETS` are.
    """
    plans = distinct(plans)
    budget = None if asked.budget is None else asked.budget * (1 + LOOK_SPENDS)
    book = FleetBook.of(trials, placer, replace(asked, budget=budget), busy, plans)
    for fleet in dict.fromkeys(book.kinds.fleet(plan) for plan in plans):
        _into_budget(book, fleet)
    todo = [(book.rank(fleet), fleet) for fleet in book.placed]
    heapq.heapify(todo)
    while todo and len(book.placed) < MOST_FLEETS and not trials.out_of_time:
        _, fleet = heapq.heappop(todo)
        for other in book.kinds.near(fleet):
            if other not in book.placed and _affordable(book, other):
                heapq.heappush(todo, (book.rank(other), other))
    ranked = sorted(book.placed, key=book.rank)[:FINALISTS]
    return distinct([book.placed[fleet] for fleet in ranked] + plans)


def _into_budget(book: FleetBook, fleet: Fleet) -> None:
    """Take the costliest out of a fleet until what it must at least spend keeps the budget.

    Call-outs come on top, and with many on standby they may be most of it: if they break the
    budget, find the largest part of the fleet that keeps it, by bisection.
    """
    within = tuple(min(n, int(most)) for n, most in zip(fleet, book.kinds.most, strict=True))
    while any(within) and not _affordable(book, within):
        costliest = max(
            (k for k in range(book.kinds.n) if within[k]), key=lambda k: book.kinds.price[k]
        )
        within = tuple(n - (k == costliest) for k, n in enumerate(within))
    size, budget = sum(within), book.asked.budget
    too_dear, kept = 0, size  # taken out; nobody spends nothing
    if budget is None or book.dollars(within) <= budget:
        return
    while kept - too_dear > 1:
        out = (too_dear + kept) // 2
        part = tuple(round(n * (1 - out / size)) for n in within)
        if book.dollars(part) <= budget:
            kept = out
        else:
            too_dear = out


def _affordable(book: FleetBook, fleet: Fleet) -> bool:
    budget = book.asked.budget
    return budget is None or book.kinds.least_dollars(fleet) <= budget * (1 + SUMMED)
