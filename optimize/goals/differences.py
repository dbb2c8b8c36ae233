"""Gaps: programs in which an average is taken off another, solved in boxes with chords.

A gap is the difference of two convex functions of the counts. What is added is approached from
below by tangents, as everywhere; what is taken off has to be bounded from above, and that a convex
function is by its chords: over a box of counts the chance e^-u that nobody within a time is free
lies below the chord between the least u of the box and the largest. So each box has a linear
program whose value no deployment in it is below. Boxes are halved until bound and best meet; over a
single deployment chords are exact, so they do (Horst and Thoai 1999: DC programming, overview.
*Journal of Optimization Theory and Applications* 103(1), 1-43).

The largest u is not only that of the box: no more responders stand within a time than the limits
allow.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.goals.chords import Box, Chord, ChordsOf
from coresponse.optimize.goals.convex_program import ConvexProgram, Expression, Total
from coresponse.optimize.goals.local import Local
from coresponse.optimize.goals.outcome import Outcome
from coresponse.optimize.goals.ready import Ready
from coresponse.optimize.problem import Problem
from coresponse.optimize.work_limit import WorkLimit

# A tangent that lies above an estimate by more than this is new: averages are between 0 and 1.
NEW = 1e-9

# Most rounds of tangents at a box: what they leave open halving closes.
ROUNDS = 12

# What scipy says of a program that nothing keeps.
INFEASIBLE = 2

# Limits by which the largest u is bounded: those that count most options.
CAPS = 6

# Boxes of which one's fractional deployment is rounded and improved.
TRIED_EVERY = 8

# Entries that local search goes through after a rounding.
IMPROVING = 2e8


class SearchOfAverages(Protocol):
    """The search of a goal's program, of which this is a part."""

    problem: Problem
    statement: ConvexProgram
    ready: tuple[Ready, ...]
    out: Outcome
    local: Local

    def done(self) -> bool:
        """Whether bound and best have met, or time is up."""

    def worth_having(self) -> float:
        """Return the value below which a deployment would be worth having."""

    def offer(self, counts: NDArray[np.float64], stage: str) -> None:
        """Take a deployment if it is the best so far."""

    def raise_bound(self, bound: float, stage: str) -> None:
        """Take note of a bound."""

    def improve(self, counts: NDArray[np.float64], work_limit: WorkLimit) -> None:
        """Search around a deployment."""

    def work_limit(self, work: float) -> WorkLimit:
        """Allow so much work."""


@dataclass(order=True)
class _Node:
    bound: float
    number: int
    box: Box = field(compare=False)


@dataclass(eq=False)
class DifferenceSearch:
    """Boxes of one program, the one with the lowest bound first."""

    run: SearchOfAverages
    tangents: dict[int, list[tuple[float, NDArray[np.float64]]]] = field(default_factory=dict)
    boxes: int = 0

    def search(self) -> None:
        """Search until bound and best meet, or time is up."""
        run = self.run
        least = np.zeros(run.problem.n_options, dtype=np.int64)
        heap = [_Node(run.out.bound, 0, (least, run.problem.most.astype(np.int64)))]
        if run.out.counts is not None:
            self._touch(run.out.counts.astype(np.float64))
        while heap and not run.done():
            node = heapq.heappop(heap)
            if node.bound >= self._worth_having():
                heapq.heappush(heap, node)
                break
            run.raise_bound(node.bound, f"boxes with chords, {self.boxes}")
            self.boxes += 1
            for child in self._halves(node):
                heapq.heappush(heap, child)
        # what was dropped was not worth having: nothing is below that
        left = min(heap[0].bound if heap else np.inf, self._worth_having())
        run.raise_bound(left, f"boxes with chords, {self.boxes}")

    def _worth_having(self) -> float:
        """Return the value below which a deployment would be worth having; any is, where none is known."""
        return self.run.worth_having() if self.run.out.counts is not None else np.inf

    # ---- one box ----

    def _halves(self, node: _Node) -> Iterator[_Node]:
        """Yield what a box is halved into; nothing where there is nothing worth having in it."""
        box = self._within_limits(node.box)
        if box is None:
            return
        chords = {j: self._chord(j, box) for j in self._taken_off}
        bound, x = self._relaxed(box, chords)
        if x is None or bound >= self._worth_having():
            return
        self._round(x)
        option, at = self._where(box, x, chords)
        if option is None:
            return
        number = 2 * self.boxes
        for k, (end, start) in enumerate(((at, None), (None, at + 1))):
            least, most = box[0].copy(), box[1].copy()
            if end is not None:
                most[option] = end
            if start is not None:
                least[option] = start
            yield _Node(max(node.bound, bound), number + k, (least, most))

    def _within_limits(self, box: Box) -> Box | None:
        """Return a box without what limits from above forbid; None if nothing is left."""
        least, most = box[0], box[1].copy()
        for limit in self.run.problem.limits:
            c = limit.coefficients
            if limit.at_most is None or (c < 0).any():
                continue
            left = limit.at_most - float(c @ least)
            if left < -1e-6 * max(1.0, abs(limit.at_most)):
                return None
            some = c > 0
            room = np.floor(left / c[some] + 1e-6).astype(np.int64)
            most[some] = np.minimum(most[some], least[some] + np.maximum(room, 0))
        return None if (most < least).any() else (least, most)

    def _relaxed(
        self, box: Box, chords: Mapping[int, Chord]
    ) -> tuple[float, NDArray[np.float64] | None]:
        """Return the least value of a box's program, and where; None where nothing keeps its rows."""
        bound, x = -np.inf, None
        for _ in range(ROUNDS):
            program = _Program.of(self.run, chords, self.tangents)
            found = program.solved(box)
            if found is None:
                return np.inf, None
            before, (bound, x, estimates) = bound, found
            if bound >= self._worth_having() or self.run.done():
                break
            if not self._touch(x, estimates) or bound - before < 1e-4 * max(1e-9, abs(bound)):
                break
        return bound, x

    def _touch(self, x: NDArray[np.float64], estimates: Mapping[int, float] | None = None) -> bool:
        """Add tangents at a deployment where estimates are below the averages; say whether any was."""
        added = False
        for j in self._added:
            value, cuts = self.run.ready[j].cuts(x)
            if estimates is not None and value <= estimates[j] + NEW:
                continue
            constant = sum(cut.constant for cut in cuts)
            coefficients = np.sum([cut.coefficients for cut in cuts], axis=0)
            self.tangents.setdefault(j, []).append((constant, coefficients))
            added = True
        return added

    def _round(self, x: NDArray[np.float64]) -> None:
        """Offer the whole deployment next to a fractional one, and now and then what is near it."""
        run = self.run
        counts = np.round(x)
        if run.local.keeps(counts) and run.local.merit(counts)[0] <= 0:
            run.offer(counts, "boxes with chords")
        if self.boxes % TRIED_EVERY != 1:
            return
        counts = np.floor(x + 1e-6)
        repaired = run.local.repaired(counts)
        if repaired is not None:
            run.offer(repaired, "rounding")
            run.improve(repaired, run.work_limit(IMPROVING))

    def _where(
        self, box: Box, x: NDArray[np.float64], chords: Mapping[int, Chord]
    ) -> tuple[int | None, int]:
        """Return the option to halve a box at, and where the lower half ends; None where one deployment is left.

        The one on which the chords lean most, for its width and for what is fractional of it.
        """
        least, most = box
        wide = most - least
        if not wide.any():
            return None, 0
        lean = np.sum([np.abs(chord.coefficients) for chord in chords.values()], axis=0) + 1e-12
        fraction = np.minimum(x - np.floor(x + 1e-6), np.ceil(x - 1e-6) - x).clip(0)
        score = np.where(wide > 0, lean * (wide + 20 * fraction), -1.0)
        option = int(np.argmax(score))
        at = int(np.floor(x[option] + 1e-6))
        return option, int(np.clip(at, least[option], most[option] - 1))

    # ---- averages ----

    @cached_property
    def _signs(self) -> tuple[frozenset[int], frozenset[int]]:
        weights = tuple(self.run.statement.weights())
        return frozenset(j for j, w in weights if w > 0), frozenset(j for j, w in weights if w < 0)

    @property
    def _added(self) -> frozenset[int]:
        return self._signs[0]

    @property
    def _taken_off(self) -> frozenset[int]:
        return self._signs[1]

    @cached_property
    def _layers(self) -> dict[int, tuple[ChordsOf, ...]]:
        caps = sorted(
            (
                limit
                for limit in self.run.problem.limits
                if limit.at_most is not None and (limit.coefficients >= 0).all()
            ),
            key=lambda limit: -np.count_nonzero(limit.coefficients),
        )[:CAPS]
        return {
            j: tuple(
                ChordsOf(piece.ready, piece.factor, tuple(caps))
                for piece in self.run.ready[j].pieces
            )
            for j in self._taken_off
        }

    def _chord(self, j: int, box: Box) -> Chord:
        parts = [one.over(box) for one in self._layers[j]]
        return Chord(
            sum(part.constant for part in parts),
            np.asarray(np.sum([part.coefficients for part in parts], axis=0)),
        )


@dataclass(eq=False)
class _Program:
    """The linear program of a box: counts, estimates of averages, largest of terms, and what is moved of today's."""

    n: int
    estimate: dict[int, int]
    rows: list[NDArray[np.float64]] = field(default_factory=list)
    at_most: list[float] = field(default_factory=list)
    width: int = 0
    cost: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    gone: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        run: SearchOfAverages,
        chords: Mapping[int, Chord],
        tangents: Mapping[int, Sequence[tuple[float, NDArray[np.float64]]]],
    ) -> _Program:
        """Write it down."""
        problem, statement = run.problem, run.statement
        totals = [statement.objective, *(row.total for row in statement.rows)]
        added = sorted({j for j, weight in statement.weights() if weight > 0})
        n = problem.n_options
        today = problem.today
        moving = [] if today is None else [int(o) for o in np.flatnonzero(today)]
        out = cls(n, {j: n + k for k, j in enumerate(added)})
        first = n + len(added)
        out.gone = {o: first + k for k, o in enumerate(moving)}
        first += len(moving)
        out.width = first + sum(len(total) for total in totals)
        for j, known in tangents.items():
            for constant, coefficients in known:
                row = out._row(-coefficients)
                row[out.estimate[j]] = -1.0
                out._add(row, -constant)
        for limit in problem.limits:
            if limit.at_most is not None:
                out._add(out._row(limit.coefficients), limit.at_most)
            if limit.at_least is not None:
                out._add(out._row(-limit.coefficients), -limit.at_least)
        if today is not None:
            for o, place in out.gone.items():
                row = out._row(np.zeros(n))
                row[o] = row[place] = -1.0
                out._add(row, -float(today[o]))
            if problem.moves_at_most is not None:
                row = np.zeros(out.width)
                row[list(out.gone.values())] = 1.0
                out._add(row, float(problem.moves_at_most))
        out.cost = out._total(statement.objective, first, chords)
        first += len(statement.objective)
        for bound in statement.rows:
            # in the scale of the row, for solvers keep rows to an absolute tolerance
            out._add(
                out._total(bound.total, first, chords) / bound.scale, bound.at_most / bound.scale
            )
            first += len(bound.total)
        return out

    def _row(self, of_counts: NDArray[np.float64]) -> NDArray[np.float64]:
        row = np.zeros(self.width)
        row[: self.n] = of_counts
        return row

    def _add(self, row: NDArray[np.float64], at_most: float) -> None:
        self.rows.append(row)
        self.at_most.append(at_most)

    def _total(self, total: Total, first: int, chords: Mapping[int, Chord]) -> NDArray[np.float64]:
        """State that each term's variable is no less than its expressions; return the total's row."""
        row = np.zeros(self.width)
        for k, term in enumerate(total):
            row[first + k] = term.weight
            for expression in term.largest_of:
                constant, line = self._expression(expression, chords)
                line[first + k] -= 1.0
                self._add(line, -constant)
        return row

    def _expression(
        self, expression: Expression, chords: Mapping[int, Chord]
    ) -> tuple[float, NDArray[np.float64]]:
        constant, row = expression.constant, self._row(np.zeros(self.n))
        if expression.linear is not None:
            row[: self.n] += expression.linear
        for j, weight in expression.averages.items():
            if weight > 0:
                row[self.estimate[j]] += weight
            elif weight < 0:
                row[: self.n] += weight * chords[j].coefficients
                constant += weight * chords[j].constant
        if expression.moved:
            row[list(self.gone.values())] += expression.moved
        return constant, row

    def solved(self, box: Box) -> tuple[float, NDArray[np.float64], dict[int, float]] | None:
        """Return value, counts and estimates of the best; None where nothing keeps all rows."""
        ends: list[tuple[float | None, float | None]] = [(None, None)] * self.width
        ends[: self.n] = zip(box[0].astype(float), box[1].astype(float), strict=True)
        for place in (*self.estimate.values(), *self.gone.values()):
            ends[place] = (0.0, None)
        from scipy.optimize import linprog  # noqa: PLC0415 - takes 0.1 s, and few goals need it

        found = linprog(
            self.cost, A_ub=np.array(self.rows), b_ub=np.array(self.at_most), bounds=ends, method="highs"
        )  # fmt: skip
        if found.status == INFEASIBLE:
            return None
        if found.x is None or found.fun is None or not found.success:
            nothing = dict.fromkeys(self.estimate, np.inf)
            return -np.inf, box[0].astype(np.float64), nothing
        estimates = {j: float(found.x[place]) for j, place in self.estimate.items()}
        return float(found.fun), found.x[: self.n].clip(*box), estimates
