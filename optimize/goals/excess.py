"""Deployments within bounds, sought by exchanges that lower the sum of all excesses.

For goals of units and dollars, and of the worst of many groups. What exceeds several bounds is a
long way from keeping them, and the largest excess alone does not say in which direction to go: an
exchange that brings one district within its bound is passed over where another's stays the largest.
The sum of the excesses says it. The best exchange is made though it be worse than none, and who was
taken out stays out for a few turns (tabu search; Glover 1989).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.goals.convex_program import TOLERANCE, ConvexProgram, Expression, Term
from coresponse.optimize.goals.outcome import SolveSettings
from coresponse.optimize.goals.ready import Ready
from coresponse.optimize.problem import Problem
from coresponse.optimize.search import Room, least_of
from coresponse.optimize.work_limit import WorkLimit

# Turns for which an option that was taken out stays out: at least, and fewer than.
OUT_AT_LEAST, OUT_BELOW = 4, 10

# Turns without progress after which some responders are exchanged at random, two to four of them;
# where no random changes are to be made, the search ends sooner: a bound is worth more.
STALLED, STALLED_AT_FIRST = 60, 20
KICKED = (2, 5)

# Exchanges tried in a turn where limits stand in the way of the best ones.
TRIED = 200

# Random changes for each deployment where time is well spent on a good one, and entries of costs
# that all exchanges may be priced by: seconds.
KICKS, EXCHANGING = 4, 4e9

# Excess that counts as none, and part of an objective by which the next is to be lower, at least.
NOTHING, LOWERED = 1e-12, 1e-4


@dataclass(frozen=True, eq=False)
class Side:
    """weight * expression <= at_most, of which `scale` is a large value."""

    expression: Expression
    weight: float
    at_most: float
    scale: float

    def excess(
        self,
        linear: NDArray[np.float64] | float,
        averages: dict[int, NDArray[np.float64]] | dict[int, float],
    ) -> NDArray[np.float64]:
        """Return by what part of the scale it is exceeded, given its linear part and the averages."""
        total = self.expression.constant + linear
        for j, weight in self.expression.averages.items():
            total = total + weight * averages[j]
        return np.maximum(self.weight * total - self.at_most, 0.0) / self.scale

    def linear(self, options: int) -> NDArray[np.float64]:
        """Return the (options,) coefficients."""
        own = self.expression.linear
        return np.zeros(options) if own is None else own


@dataclass(frozen=True, eq=False)
class ExcessSearch:
    """A search for deployments that keep a program's rows and are better than a given one.

    Attributes
    ----------
    rows
        Of the program.
    linear
        (options,) objective; None if it is `worst`.
    worst
        Of which the largest is the objective.
    whole
        Whether the objective is a whole number for all deployments.
    """

    problem: Problem
    ready: Sequence[Ready]
    rows: tuple[Side, ...]
    linear: NDArray[np.float64] | None
    worst: Term | None
    whole: bool

    @classmethod
    def of(
        cls, problem: Problem, program: ConvexProgram, ready: Sequence[Ready]
    ) -> ExcessSearch | None:
        """Return a program's search; None if it is not of that kind."""
        rows: list[Side] = []
        for row in program.rows:
            if len(row.total) != 1:
                return None
            # other methods and the recount keep rows to the tolerance; a part of it is the solver's
            at_most = row.at_most + 0.8 * TOLERANCE * row.scale
            rows += [
                Side(e, row.total[0].weight, at_most, row.scale) for e in row.total[0].largest_of
            ]
        cost, worst = program.linear_cost(problem.n_options), None
        if cost is None:
            if len(program.objective) != 1 or len(program.objective[0].largest_of) < 2:
                return None
            worst = program.objective[0]
        sides = [
            *rows,
            *(() if worst is None else (Side(e, 1.0, 0.0, 1.0) for e in worst.largest_of)),
        ]
        if any(side.expression.moved or side.weight <= 0 for side in sides):
            return None
        if not any(side.expression.averages for side in sides):
            return None
        linear = None if cost is None else cost[1]
        return cls(problem, ready, tuple(rows), linear, worst, program.whole)

    def better(
        self, start: NDArray[np.integer] | None, settings: SolveSettings, *, kicks: int
    ) -> Iterator[NDArray[np.float64]]:
        """Yield deployments, each better than the one before.

        Parameters
        ----------
        start
            (options,) counts to begin with, which keeps limits and rows; None: nothing is found.
        settings
            The same seed gives the same deployments; what is better by less than the gap is not
            looked for.
        kicks
            Most random changes for each.
        """
        if start is None:
            return
        work = WorkLimit(EXCHANGING, lambda: settings.left() <= 0)
        gap = max(LOWERED, 0.9 * settings.gap)
        best = start.astype(np.float64)
        found = self._filled(best)
        if found is not None:
            yield found
        while True:
            best = best if found is None else found
            value = self._objective(best)
            if value <= 0:
                return
            less = self._less(value, gap)
            trial: NDArray[np.float64] | None = best
            while self.linear is not None and trial is not None and self.linear @ trial > less:
                trial = self._without_one(trial)
            if trial is None:
                return
            found = self._within(trial, less, kicks, work, settings.seed)
            if found is None:
                return
            yield found

    def towards(
        self, start: NDArray[np.float64], value: float, settings: SolveSettings
    ) -> NDArray[np.float64] | None:
        """Exchange responders of `start` until it is better than a value; None if that does not work out."""
        if not 0 < value < np.inf:
            return None
        less = self._less(value, max(LOWERED, 0.9 * settings.gap))
        if self.linear is not None and self.linear @ start > less:
            return None
        work = WorkLimit(EXCHANGING, lambda: settings.left() <= 0)
        return self._within(start, less, 0, work, settings.seed)

    def _less(self, value: float, gap: float) -> float:
        """Return the objective that a better deployment has at most."""
        return value - (1 - 1e-6 if self.whole else gap * abs(value))

    def _filled(self, best: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """Add whoever fits and takes most off the sum of all that may be the worst."""
        value = self._objective(best)
        if self.worst is None or value <= 0:
            return None
        counts, turn = best.copy(), _Turn(self, self._sides(0.0, value), np.inf)
        turn.fill(counts)
        kept = _Turn(self, list(self.rows), np.inf).excess(counts) <= NOTHING
        return counts if kept and self._objective(counts) < value else None

    def _objective(self, counts: NDArray[np.float64]) -> float:
        if self.worst is None:
            assert self.linear is not None  # noqa: S101 - one of both
            return float(self.linear @ counts)
        values = {j: self.ready[j].value(counts) for e in self.worst.largest_of for j in e.averages}
        at = [values.get(j, 0.0) for j in range(len(self.ready))]
        return self.worst.value(counts, at)

    def _sides(self, less: float, scale: float) -> list[Side]:
        """Return what is to be kept: the rows, and an objective of no more."""
        if self.worst is None:
            return list(self.rows)
        own = [Side(e, self.worst.weight, less, scale) for e in self.worst.largest_of]
        return [*self.rows, *own]

    def _within(
        self, start: NDArray[np.float64], less: float, kicks: int, work: WorkLimit, seed: int
    ) -> NDArray[np.float64] | None:
        """Exchange responders until rows are kept and the objective is no more than `less`.

        None if that does not work out.
        """
        sides = self._sides(less, abs(less))
        turn = _Turn(self, sides, less if self.linear is not None else np.inf)
        rng = np.random.default_rng(seed)
        counts, lowest, number, since = start.copy(), np.inf, 0, 0
        stalled = min(STALLED if kicks else STALLED_AT_FIRST, 2 * len(counts))
        out_until = np.zeros(len(counts), dtype=np.int64)
        while work.take(turn.entries(counts)):
            number += 1
            turn.fill(counts)
            if not counts.any():
                return None
            support, excess = turn.exchanges(counts)
            stays_out = (out_until >= number)[None, :] & (excess >= lowest - NOTHING)
            made = turn.first_that_fits(counts, support, np.where(stays_out, np.inf, excess))
            if made is None:
                return None
            r, o = made
            counts[support[r]] -= 1
            counts[o] += 1
            out_until[support[r]] = number + int(rng.integers(OUT_AT_LEAST, OUT_BELOW))
            if excess[r, o] < lowest - NOTHING:
                lowest, since = float(excess[r, o]), number
            if lowest <= NOTHING:
                return counts
            if number - since >= stalled:
                if kicks <= 0:
                    return None
                kicks -= 1
                self.kick(turn.room, counts, rng)
                lowest, since = np.inf, number
        return None

    def kick(self, room: Room, counts: NDArray[np.float64], rng: np.random.Generator) -> None:
        """Exchange a few responders at random."""
        for _ in range(int(rng.integers(*KICKED))):
            out, o = rng.choice(np.flatnonzero(counts > 0)), rng.integers(len(counts))
            trial = counts.copy()
            trial[out] -= 1
            trial[o] += 1
            if room.holds(trial):
                counts[:] = trial

    def _without_one(self, counts: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """Take out the responder without whom least is exceeded; None if limits keep all in place."""
        room, best, least = Room.of(self.problem), None, np.inf
        assert self.linear is not None  # noqa: S101 - only called for units and dollars
        turn = _Turn(self, list(self.rows), np.inf)
        for out in np.flatnonzero((counts > 0) & (self.linear > 0)):
            trial = counts.copy()
            trial[out] -= 1
            excess = turn.excess(trial) if room.holds(trial) else np.inf
            if excess < least:
                best, least = trial, excess
        return best


class _Turn:
    """What can be changed in a deployment, and what that leaves exceeded."""

    def __init__(self, search: ExcessSearch, sides: list[Side], linear_at_most: float) -> None:
        self.room, self.most, self.ready = (
            Room.of(search.problem),
            search.problem.most,
            search.ready,
        )
        self.sides = sides
        self.used = sorted({j for side in sides for j in side.expression.averages})
        self.n_entries = sum(self.ready[j].size for j in self.used)
        self.all_free = search.problem.all_free
        if search.linear is not None:
            budget = np.array([linear_at_most])
            self.room = replace(
                self.room,
                coefficients=np.vstack([self.room.coefficients, search.linear]),
                at_least=np.append(self.room.at_least, -np.inf),
                at_most=np.append(self.room.at_most, budget),
            )

    def entries(self, counts: NDArray[np.float64]) -> float:
        """Return the entries of costs that all exchanges are priced by."""
        # with busy units what each leaves behind is added up for every option
        return float(self.n_entries) * max(1, 0 if self.all_free else int((counts > 0).sum()))

    def excess(self, counts: NDArray[np.float64]) -> float:
        """Return the sum of excesses."""
        values = {j: self.ready[j].value(counts) for j in self.used}
        linear = [float(side.linear(len(counts)) @ counts) for side in self.sides]
        return float(
            sum(side.excess(at, values) for side, at in zip(self.sides, linear, strict=True))
        )

    def fill(self, counts: NDArray[np.float64]) -> None:
        """Add the option that takes most off the excesses while one fits."""
        while True:
            fits = self.room.may_add(counts)
            if not fits.any():
                return
            found = {j: self.ready[j].gains(counts) for j in self.used}
            # the last entry: nobody more
            values = {j: np.append(value - gain, value) for j, (value, gain) in found.items()}
            after = np.zeros(len(counts) + 1)
            for side in self.sides:
                linear = side.linear(len(counts))
                after += side.excess(linear @ counts + np.append(linear, 0.0), values)
            best = int(np.argmin(np.where(fits, after[:-1], np.inf)))
            if after[best] >= after[-1] - NOTHING:
                return
            counts[best] += 1

    def exchanges(
        self, counts: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return options in place, and (placed, options) sums of excesses after each exchange."""
        support = np.flatnonzero(counts > 0)
        values = {
            j: self.ready[j].value(counts) + self.ready[j].exchanges(counts) for j in self.used
        }
        excess = np.zeros((len(support), len(counts)))
        for side in self.sides:
            linear = side.linear(len(counts))
            excess += side.excess(linear @ counts + linear - linear[support, None], values)
        excess[np.arange(len(support)), support] = np.inf
        excess[:, counts >= self.most] = np.inf
        return support, excess

    def first_that_fits(
        self,
        counts: NDArray[np.float64],
        support: NDArray[np.int64],
        excess: NDArray[np.float64],
    ) -> tuple[int, int] | None:
        """Return the position in `support` and the option of the best exchange that keeps all limits."""
        for flat in least_of(excess, TRIED):
            r, o = (int(k) for k in np.unravel_index(flat, excess.shape))
            if not np.isfinite(excess[r, o]):
                return None
            trial = counts.copy()
            trial[support[r]] -= 1
            trial[o] += 1
            if self.room.holds(trial):
                return r, o
        return None
