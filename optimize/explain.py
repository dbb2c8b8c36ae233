"""Why limits cannot all be kept, and what would have to give."""

from __future__ import annotations

from dataclasses import dataclass, replace

from coresponse.optimize.problem import Limit, Problem
from coresponse.optimize.pulp_solvers import least_total


@dataclass(frozen=True)
class GiveWay:
    """One limit of a clash, and the least change of it alone that would end the clash.

    Attributes
    ----------
    limit
        Its name.
    by
        How much its bound has to move; None if no change of it alone helps.
    unit
        Of `by`.
    """

    limit: str
    by: float | None
    unit: str


@dataclass(frozen=True)
class Clash:
    """A smallest set of limits that cannot be kept together: any of them taken away, the others can."""

    limits: tuple[GiveWay, ...]

    def lines(self) -> list[str]:
        """Say it for people."""
        out = []
        for item in self.limits:
            change = (
                f"would have to give way by {item.by:,.2f} {item.unit}"
                if item.by is not None
                else "cannot end it alone"
            )
            out.append(f"{item.limit}: {change}")
        return out


def explain(problem: Problem) -> Clash:
    """Find a smallest clash among a problem's limits, by taking limits away one after another (Chinneck 2008).

    Returns
    -------
    Clash
        Without limits if they can all be kept.
    """
    if _possible(problem, problem.limits):
        return Clash(())
    kept = list(problem.limits)
    for limit in problem.limits:
        without = [other for other in kept if other is not limit]
        if not _possible(problem, tuple(without)):
            kept = without
    return Clash(tuple(_give_way(problem, limit, tuple(kept)) for limit in kept))


def _with(problem: Problem, limits: tuple[Limit, ...]) -> Problem:
    return replace(problem, limits=limits)


def _possible(problem: Problem, limits: tuple[Limit, ...]) -> bool:
    status, _ = least_total(_with(problem, limits), (), ())
    return status == "optimal"


def _give_way(problem: Problem, limit: Limit, clash: tuple[Limit, ...]) -> GiveWay:
    status, slack = least_total(_with(problem, clash), (limit,), (1.0,))
    return GiveWay(limit.name, round(slack[0], 6) if status == "optimal" else None, limit.unit)
