"""One plan for several futures.

Least worst regret, or mean and tail over scenarios, proven or with its gap.

Scenarios share options; each has its own demand, response times and busy shares. Their columns are
put side by side in one problem, busy shares by scenario as the model has them by period, and the
goal is stated on one average a scenario. So cuts, branch and bound and the recount are those of
every other goal (:mod:`coresponse.optimize.goals.engine`).

Regret: Savage 1951. Facility location under scenarios: Snyder 2006 (a review); mean and CVaR:
Rockafellar and Uryasev 2000.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coresponse.data.errors import InputError, SolverError
from coresponse.optimize.goals.convex_program import Average, ConvexProgram, Expression, Term
from coresponse.optimize.goals.engine import minimize
from coresponse.optimize.goals.outcome import EXPLICIT_MOST, Outcome, SolveSettings
from coresponse.optimize.objective import WaitingCost
from coresponse.optimize.problem import Limit, Problem
from coresponse.optimize.recount import recount
from coresponse.optimize.solution import Solution, Status, Stop

# Most corners of the tail's polytope that are written out.
MOST_TAIL = 4_000

# what is left of a share after subtracting others is a sum of a few doubles near 1
CLOSE = 1e-12


@dataclass(frozen=True, eq=False)
class RobustSolution(Solution):
    """An answer for several scenarios.

    Attributes
    ----------
    costs
        Mean cost of waiting in each scenario, recounted; empty if nothing was found.
    """

    costs: tuple[float, ...] = ()


def least_regret(
    problems: Sequence[Problem],
    waiting: WaitingCost,
    least: Sequence[float],
    *,
    stop: Stop | None = None,
    seed: int = 1,
    solver: str = "HiGHS",
    starts: Sequence[NDArray[np.integer]] = (),
    explicit_most: float = EXPLICIT_MOST,
) -> RobustSolution:
    """Find the deployment whose worst regret over scenarios is least.

    Sets: scenarios s, each a placement problem over the same options. Parameters: least_s, the
    least cost possible in s. Decide counts x. Minimize the largest over s of cost_s(x) - least_s,
    subject to the limits of all scenarios.

    Parameters
    ----------
    problems
        One a scenario; their options, types and fallback are the same.
    least
        Least cost of waiting in each scenario.
    stop
        Time limit, and the gap: a share of the largest of `least`, for a regret may well be 0.
    starts
        Deployments to begin with.
    explicit_most
        Averages with more non-zeros than this in all are approached by cuts, not written out.

    Returns
    -------
    RobustSolution
        Its objective and bound are regrets, in the unit of the cost.
    """
    if len(least) != len(problems):
        raise InputError(f"{len(problems)} scenarios need as many least costs, found {len(least)}")
    # the search's gap is relative: regrets are moved up by what is at stake
    lift = max(least, default=0.0)
    run = _RobustSearch(problems, waiting, stop or Stop(), seed, solver, starts, explicit_most)
    largest = tuple(run.expression([(s, 1.0)], lift - float(best)) for s, best in enumerate(least))

    def regret(costs: NDArray[np.float64]) -> float:
        return float((costs - np.asarray(least)).max())

    return run.solve((Term(1.0, largest),), regret, lift, "worst regret, ")


def best_of_known(
    counts: Sequence[NDArray[np.int64]],
    costs: NDArray[np.float64],
    least: NDArray[np.float64],
    probability: Sequence[float],
    tail_weight: float,
    alpha: float,
) -> tuple[RobustSolution, RobustSolution]:
    """Choose among known deployments: the least worst regret, and the least in mean and tail.

    For goals that are no mean cost of waiting; nothing is proven of deployments that are not known.

    Parameters
    ----------
    counts
        Deployments that keep the limits of all scenarios.
    costs
        (deployments, scenarios) of the goal.
    least
        (scenarios,) least cost of each scenario.
    probability, tail_weight, alpha
        As for :func:`mean_and_tail`.
    """
    share = np.asarray(probability, dtype=np.float64) / np.sum(probability)
    regret = (costs - least).max(axis=1, initial=0.0)
    tail = np.array([_tail(row, share, alpha) for row in costs])
    both = costs @ share + tail_weight * tail if len(costs) else np.empty(0)
    return _known(counts, costs, regret), _known(counts, costs, both)


def _tail(cost: NDArray[np.float64], share: NDArray[np.float64], alpha: float) -> float:
    """Return the mean of the 1 - alpha of futures that cost most."""
    order = np.argsort(-cost, kind="stable")
    before = np.r_[0.0, np.cumsum(share[order])[:-1]]
    taken = np.clip((1 - alpha) - before, 0.0, share[order])
    return float(taken @ cost[order] / (1 - alpha))


def _known(
    counts: Sequence[NDArray[np.int64]],
    costs: NDArray[np.float64],
    value: NDArray[np.float64],
) -> RobustSolution:
    if not len(counts):
        said = "no known plan keeps the limits of all scenarios"
        return RobustSolution(
            Status.NOTHING_FOUND, np.empty(0, dtype=np.int64), np.inf, -np.inf, "", 0.0, said
        )
    k = int(np.argmin(value))
    return RobustSolution(
        Status.BEST_FOUND, counts[k], float(value[k]), -np.inf, "", 0.0,
        f"best of {len(counts)} known plans", costs=tuple(costs[k].tolist()),
    )  # fmt: skip


def mean_and_tail(
    problems: Sequence[Problem],
    waiting: WaitingCost,
    probability: Sequence[float],
    *,
    tail_weight: float = 1.0,
    alpha: float = 0.75,
    stop: Stop | None = None,
    seed: int = 1,
    solver: str = "HiGHS",
    starts: Sequence[NDArray[np.integer]] = (),
    explicit_most: float = EXPLICIT_MOST,
) -> RobustSolution:
    """Find the deployment that is least in mean + tail_weight * CVaR of its cost over scenarios.

    The CVaR at alpha of finitely many costs is the largest of sum_s q_s cost_s over 0 <= q_s <= p_s
    / (1 - alpha) that add up to 1; the corners of that polytope are written out (Rockafellar and
    Uryasev 2000, in its dual form).

    Parameters
    ----------
    probability
        Of each scenario, above 0; they are scaled to add up to 1.
    tail_weight
        0 or more.
    alpha
        In [0, 1): the tail is the worst 1 - alpha of what may come.

    Raises
    ------
    InputError
        If a setting is out of range, or scenarios are too many for the tail.
    """
    chance = np.asarray(probability, dtype=np.float64)
    if len(chance) != len(problems) or not (np.isfinite(chance).all() and (chance > 0).all()):
        raise InputError(
            f"{len(problems)} scenarios need as many probabilities above 0, found "
            f"{list(probability)}"
        )
    if not (0 <= alpha < 1 and tail_weight >= 0):
        raise InputError(
            f"alpha must be in [0, 1) and the tail's weight 0 or more, found {alpha} and "
            f"{tail_weight}"
        )
    chance = chance / chance.sum()
    run = _RobustSearch(problems, waiting, stop or Stop(), seed, solver, starts, explicit_most)
    mean = Term(1.0, (run.expression([(s, float(p)) for s, p in enumerate(chance)], 0.0),))
    corners = list(tail_corners(chance, alpha)) if tail_weight else []
    tail = (
        [Term(tail_weight, tuple(run.expression(corner, 0.0) for corner in corners))]
        if corners
        else []
    )

    def value(costs: NDArray[np.float64]) -> float:
        return float(chance @ costs) + tail_weight * tail_mean(costs, chance, alpha)

    return run.solve((mean, *tail), value, 0.0, "mean and tail, ")


def tail_mean(costs: NDArray[np.float64], probability: NDArray[np.float64], alpha: float) -> float:
    """Return the mean of the worst 1 - alpha of some costs (CVaR; Rockafellar and Uryasev 2000)."""
    order = np.argsort(-costs, kind="stable")
    mass = probability[order] / probability.sum()
    before = np.r_[0.0, np.cumsum(mass)[:-1]]
    kept = np.clip((1 - alpha) - before, 0.0, mass)
    return float(kept @ costs[order] / kept.sum())


def tail_corners(
    probability: NDArray[np.float64], alpha: float
) -> Iterator[list[tuple[int, float]]]:
    """List the corners of {q: 0 <= q_s <= p_s / (1 - alpha), sum q = 1}.

    Some scenarios in full, at most one in part.

    Yields
    ------
    list of (int, float)
        Scenarios with q > 0, and their q.

    Raises
    ------
    InputError
        If there are more than :data:`MOST_TAIL`.
    """
    cap = probability / (1 - alpha)
    for made, corner in enumerate(_corners(cap, 0, [], 1.0)):
        if made >= MOST_TAIL:
            raise InputError(
                f"{len(cap)} scenarios have more than {MOST_TAIL:,} corners in the tail at alpha = "
                f"{alpha:g} -- ask for fewer scenarios, or for a tail_weight of 0"
            )
        yield corner


def _corners(
    cap: NDArray[np.float64], first: int, full: list[int], rest: float
) -> Iterator[list[tuple[int, float]]]:
    """List the corners that hold `full` and none else of the scenarios before `first` in full.

    `rest` is to be shared out.
    """
    whole = [(s, float(cap[s])) for s in full]
    if rest <= CLOSE:
        yield whole
        return
    if rest - float(cap[first:].sum()) > float(cap.max()) + CLOSE:
        return
    if first == len(cap):
        # a part that comes out full belongs to the corner that holds it in full
        yield from (
            [*whole, (s, rest)] for s in range(len(cap)) if s not in full and cap[s] > rest + CLOSE
        )
        return
    if cap[first] <= rest + CLOSE:
        yield from _corners(cap, first + 1, [*full, first], rest - float(cap[first]))
    yield from _corners(cap, first + 1, full, rest)


def side_by_side(problems: Sequence[Problem]) -> tuple[Problem, tuple[NDArray[np.float64], ...]]:
    """Put scenarios into one problem, whose periods they are.

    Returns
    -------
    Problem
        Its limits are those of all scenarios.
    tuple of numpy.ndarray
        (columns,) each scenario's calls, 0 in the columns of others.

    Raises
    ------
    InputError
        If scenarios differ in their options, types or fallback, or have busy shares by period.
    """
    if not problems:
        raise InputError("a robust plan needs at least one scenario")
    first = problems[0]
    for problem in problems:
        same = problem.option_names == first.option_names and problem.type_names == first.type_names
        if (
            not same
            or problem.fallback_s != first.fallback_s
            or (problem.option_type != first.option_type).any()
        ):
            raise InputError("scenarios must have the same options, responder types and fallback")
        if problem.busy_by_period is not None:
            raise InputError("scenarios must have one busy share a responder type")
    sizes = [problem.n_columns for problem in problems]
    period = np.repeat(np.arange(len(problems)), sizes)
    weight = np.concatenate([problem.weight for problem in problems])
    together = replace(
        first,
        response_s=np.concatenate([problem.response_s for problem in problems], axis=1),
        weight=weight,
        busy_share=np.full(len(first.type_names), np.nan),
        column_period=period,
        busy_by_period=np.stack([problem.busy_share for problem in problems]),
        most=np.min([problem.most for problem in problems], axis=0),
        limits=tuple(_all_limits(problems)),
    )
    return together, tuple(np.where(period == s, weight, 0.0) for s in range(len(problems)))


def _all_limits(problems: Sequence[Problem]) -> Iterator[Limit]:
    seen: set[tuple[bytes, float | None, float | None]] = set()
    for limit in (limit for problem in problems for limit in problem.limits):
        key = (limit.coefficients.tobytes(), limit.at_least, limit.at_most)
        if key not in seen:
            seen.add(key)
            yield limit


class _RobustSearch:
    """One search over scenarios side by side."""

    def __init__(
        self,
        problems: Sequence[Problem],
        waiting: WaitingCost,
        stop: Stop,
        seed: int,
        solver: str,
        starts: Sequence[NDArray[np.integer]],
        explicit_most: float,
    ) -> None:
        self.problems, self.waiting, self.starts, self.stop = problems, waiting, starts, stop
        self.together, calls = side_by_side(problems)
        self.averages = tuple(Average(waiting, one) for one in calls)
        began = time.monotonic()
        self.settings = SolveSettings(
            began + stop.seconds,
            stop.gap,
            solver,
            seed,
            started=began,
            explicit_most=explicit_most,
        )

    def expression(self, shares: Sequence[tuple[int, float]], constant: float) -> Expression:
        """Return constant + sum of share * cost of a scenario."""
        return Expression(
            constant, averages={s: q * self.averages[s].scale(self.together) for s, q in shares}
        )

    def solve(
        self,
        objective: tuple[Term, ...],
        value: Callable[[NDArray[np.float64]], float],
        lift: float,
        what: str,
    ) -> RobustSolution:
        """Minimize an objective.

        `value` works it out again from the scenarios' costs, less the lift.
        """
        out = minimize(
            self.together,
            ConvexProgram(self.averages, objective),
            self.settings,
            starts=self.starts,
        )
        seconds = time.monotonic() - self.settings.started
        unit = what + self.waiting.unit
        if out.counts is None:
            return _nothing(out, unit, seconds)
        broken = self.together.broken_limits(out.counts)
        if broken:
            raise SolverError(f"the solver's answer breaks: {', '.join(broken)}")
        costs = np.array([recount(problem, self.waiting, out.counts) for problem in self.problems])
        counted = value(costs)
        # costs are held in 32 bits, the recount is not
        if abs(counted + lift - out.value) > 2e-5 * max(1.0, abs(out.value)):
            raise SolverError(
                f"the solver says {out.value - lift:.6g}, the recount {counted:.6g}: please report "
                "this study"
            )
        bound = min(out.bound - lift, counted)
        off = (counted - bound) / max(abs(counted + lift), 1e-12)
        if off <= self.stop.gap + 2e-6:
            status, message = (
                Status.PROVEN,
                f"proven optimal within {self.stop.gap:.2%} of the cost",
            )
        else:
            why = "stopped" if out.interrupted else "the time limit ended the search"
            shown = f"gap {off:.2%} of the cost" if np.isfinite(off) else "no bound"
            status, message = Status.BEST_FOUND, f"best found, {shown}: {why}"
        return RobustSolution(
            status, out.counts, counted, bound, unit, seconds, message, tuple(out.steps), out.interrupted,
            tuple(costs.tolist()),
        )  # fmt: skip


def _nothing(out: Outcome, unit: str, seconds: float) -> RobustSolution:
    status = Status.INFEASIBLE if out.infeasible else Status.NOTHING_FOUND
    message = (
        "no deployment keeps the limits of all scenarios"
        if out.infeasible
        else "no deployment was found in time; allow more time"
    )
    nobody = np.empty(0, dtype=np.int64)
    return RobustSolution(
        status, nobody, np.inf, out.bound, unit, seconds, message, tuple(out.steps), out.interrupted
    )
