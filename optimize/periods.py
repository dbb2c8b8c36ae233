"""The objective where busy shares differ by period.

An evaluator for each period's columns, added up.

A call knows its period, and the chances of a column rest on that period's busy shares alone. So the
objective is a sum over periods, and values, prices of exchanges and cuts add up over them. The
limits and the counts are the same for all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.cuts import Cut
from coresponse.optimize.envelope import knots
from coresponse.optimize.evaluate import Evaluator, evaluator
from coresponse.optimize.objective import WaitingCost
from coresponse.optimize.problem import Problem


@dataclass(frozen=True, eq=False)
class PeriodEvaluator(Evaluator):
    """An evaluator of several periods; immutable.

    Attributes
    ----------
    weight, bounds
        Of all periods, one behind the other.
    cost, row_of, rate, knots
        Without entries: each part has its own.
    parts
        An evaluator of each period, whose weights add up to the period's share.
    """

    parts: tuple[Evaluator, ...] = ()

    @classmethod
    def of(cls, parts: tuple[Evaluator, ...]) -> PeriodEvaluator:
        """Put periods together."""
        weight = np.concatenate([part.weight for part in parts])
        first = np.r_[0, np.cumsum([len(part.weight) for part in parts])]
        bounds = [0, *(int(first[p]) + b for p, part in enumerate(parts) for b in part.bounds[1:])]
        nothing = np.empty(0)
        return cls(
            parts[0].cost[:0],
            parts[0].row_of[:0],
            weight,
            parts[0].fallback,
            tuple(bounds),
            nothing,
            nothing,
            parts,
        )

    @property
    def all_free(self) -> bool:
        """Whether responders of all types are always free."""
        return all(part.all_free for part in self.parts)

    @property
    def near(self) -> None:
        """Nothing: each period lists its own."""
        return

    def value(self, counts: NDArray[np.float64]) -> float:
        """Return the cost of a deployment; for fractional counts, of the convex envelope."""
        return sum(part.value(counts) for part in self.parts)

    def gains(self, counts: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Return the cost of a whole deployment, and what one more of each option would save."""
        found = [part.gains(counts) for part in self.parts]
        return sum(value for value, _ in found), np.asarray(
            np.sum([gain for _, gain in found], axis=0)
        )

    def exchanges(
        self, counts: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return what each exchange of one responder changes; see :meth:`Evaluator.exchanges`."""
        found = [part.exchanges(counts) for part in self.parts]
        return found[0][0], np.asarray(np.sum([change for _, change in found], axis=0))

    def cuts(self, counts: NDArray[np.float64]) -> tuple[float, list[Cut]]:
        """Return the cost at a (fractional) deployment and each cluster's tangent plane there."""
        total, first = 0.0, 0
        out: list[Cut] = []
        for part in self.parts:
            value, cuts = part.cuts(counts)
            total += value
            out += [replace(cut, cluster=first + cut.cluster) for cut in cuts]
            first += part.n_clusters
        return total, out

    def scaled(self, by: float) -> PeriodEvaluator:
        """Return the same with all costs multiplied."""
        return PeriodEvaluator.of(tuple(part.scaled(by) for part in self.parts))

    def sampled(self, rows: int, seed: int) -> PeriodEvaluator:
        """Return so many columns in place of all, of each period its share.

        For looking around, not for proofs.
        """
        share = rows / max(1, len(self.weight))
        picked = [
            part.sampled(max(1, round(share * len(part.weight))), seed) for part in self.parts
        ]
        return PeriodEvaluator.of(tuple(picked))


def evaluator_of(problem: Problem, waiting: WaitingCost) -> Evaluator:
    """Prepare a problem for evaluation, whether its busy shares differ by period or not."""
    if problem.busy_by_period is None:
        return evaluator(problem, waiting)
    total = float(problem.weight.sum())
    wanted = min(max(problem.n_options // 6, 20), 150)
    parts = []
    for columns, part in problem.by_period():
        clusters = max(4, round(wanted * len(columns) / problem.n_columns))
        ready = evaluator(part, waiting, clusters=clusters)
        parts.append(replace(ready, weight=ready.weight * (float(part.weight.sum()) / total)))
    return (
        PeriodEvaluator.of(tuple(parts)) if parts else evaluator(_without_columns(problem), waiting)
    )


def _without_columns(problem: Problem) -> Problem:
    """Return a problem without calls as one whose busy shares do not matter."""
    return replace(
        problem,
        busy_share=np.zeros(len(problem.type_names)),
        column_period=None,
        busy_by_period=None,
    )


def for_limits(ready: Evaluator, problem: Problem) -> Evaluator:
    """Return an evaluator that serves a problem which differs from its own in limits only.

    What whole responders can add up to may rest on how many the limits allow.
    """
    if isinstance(ready, PeriodEvaluator):
        assert problem.busy_by_period is not None and problem.column_period is not None  # noqa: S101, PT018 - it has periods
        there = np.unique(problem.column_period)
        shares = problem.busy_by_period[there]
        parts = tuple(
            _with_knots(part, knots(problem, own))
            for part, own in zip(ready.parts, shares, strict=True)
        )
        alike = all(one is other for one, other in zip(parts, ready.parts, strict=True))
        return ready if alike else replace(ready, parts=parts)
    return _with_knots(ready, knots(problem)) if problem.busy_by_period is None else ready


def _with_knots(ready: Evaluator, own: NDArray[np.float64]) -> Evaluator:
    return ready if np.array_equal(own, ready.knots) else replace(ready, knots=own)
