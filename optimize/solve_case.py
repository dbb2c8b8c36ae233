"""Solve a case, and evaluate a deployment in it: the two answers that every question is made of."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.queueing.queueing_measures import QueueingMeasures
from coresponse.coverage.replay.rules import Rules
from coresponse.data.options import Deployment
from coresponse.data.progress import Progress, silent
from coresponse.optimize.busy_fixed_point import MOST_ROUNDS, busy_fixed_point, queueing_cost
from coresponse.optimize.case import Case
from coresponse.optimize.evaluate_case import QUICK_STATES, queueing
from coresponse.optimize.optimize_once import FEW_STARTS, STARTS, optimize_once
from coresponse.optimize.optimum import BusyRound, BusyRounds, End, Optimum
from coresponse.optimize.solution import Status, Stop, Watch
from coresponse.optimize.solved import Solved
from coresponse.optimize.spending import (
    AT_ITS_PRICES,
    NONE_KEEPS_IT,
    CallOutPrices,
    PricesAsShown,
)
from coresponse.optimize.trials import Trials

# Share of the time that the search for units that are always free may take where rounds with busy
# ones follow: of a region it would take all, and leave a plan for a city that nobody has.
FIRST_ROUND = 1 / 3


@dataclass(frozen=True)
class Effort:
    """How thoroughly a case is searched.

    Attributes
    ----------
    seconds
        For all rounds together.
    gap, busy_gap
        Relative gaps that count as proven, for units that are always free, and for busy ones.
    starts
        Of the local search, where nothing is known of the answer.
    most_rounds
        With busy units, after the first.
    rough
        Whether a first round that others follow is no closer than they are.
    """

    seconds: float
    gap: float
    busy_gap: float
    starts: int = STARTS
    most_rounds: int = MOST_ROUNDS
    rough: bool = False

    @classmethod
    def of(cls, case: Case) -> Effort:
        """Return what a case's own settings ask for."""
        solver = case.solver
        return cls(solver.time_limit_s, solver.gap, solver.gap_with(busy=True))


# One search: with busy shares, from counts, until a stop, with so many starts of local search.
Once = Callable[[Mapping[str, float] | None, NDArray[np.int64] | None, Stop, int], Optimum]


def solve(
    case: Case,
    *,
    effort: Effort | None = None,
    start: NDArray[np.int64] | None = None,
    once: Once | None = None,
    name: str = "plan",
    watch: Watch | None = None,
    progress: Progress = silent,
) -> Solved:
    """Find the best deployment of a case.

    Once for units that are always free, or as busy as stated; else in rounds, until the plan and
    the busy shares that queueing finds in it agree.

    Parameters
    ----------
    effort
        Default: the case's own settings.
    start
        (options,) counts to begin with.
    once
        What makes one search; default: :func:`~coresponse.optimize.optimize_once.optimize_once`.
    name
        Of the deployment.
    """
    effort = effort or Effort.of(case)
    began = time.monotonic()

    def search(
        busy: Mapping[str, float] | None, start: NDArray[np.int64] | None, stop: Stop, starts: int
    ) -> Optimum:
        return optimize_once(
            case, busy_share=busy, start=start, stop=stop, starts=starts, name=name, watch=watch,
            progress=progress,
        )  # fmt: skip

    def measured(deployment: Deployment) -> QueueingMeasures:
        progress("how busy the units are", 0, 1)
        # calls that find all busy are left to police, whatever the rule: a queue has figures for
        # some deployments only, and those of a search must be alike
        return queueing(case, deployment, rules=Rules(), exact_states=QUICK_STATES)

    def cost(found: QueueingMeasures) -> float:
        # what tells rounds apart; for goals that are no mean cost, the latest is the best
        waiting = case.waiting
        return 0.0 if waiting is None else queueing_cost(found, case.table.cells, waiting)

    once = once or search
    if not isinstance(case.busy, str):
        return _stated(case, case.busy, effort, start, once, measured, cost)
    rounds_follow = case.busy == "consistent"
    gap = effort.busy_gap if effort.rough and rounds_follow else effort.gap
    share = FIRST_ROUND if rounds_follow else 1.0
    naive = once(None, start, Stop(share * effort.seconds, gap), effort.starts)
    if not rounds_follow or not naive.deployment.size or naive.solution.interrupted:
        return Solved(case, naive)
    rounds = busy_fixed_point(
        naive,
        lambda busy, counts, left: once(busy, counts, Stop(left, effort.busy_gap), FEW_STARTS),
        measured,
        cost,
        seconds=effort.seconds - (time.monotonic() - began),
        most_rounds=effort.most_rounds,
    )
    return Solved(case, rounds.best, rounds)


def _stated(
    case: Case,
    stated: Mapping[str, float],
    effort: Effort,
    start: NDArray[np.int64] | None,
    once: Once,
    measured: Callable[[Deployment], QueueingMeasures],
    cost: Callable[[QueueingMeasures], float],
) -> Solved:
    """Search once, with busy shares that a person stated."""
    gap = effort.busy_gap if any(share > 0 for share in stated.values()) else effort.gap
    best = once(stated, start, Stop(effort.seconds, gap), effort.starts)
    if not best.deployment.size:
        return Solved(case, best)
    found = measured(best.deployment)
    told = dict(stated)
    turn = BusyRound(told, told | found.busy_share, cost(found), best)
    return Solved(case, best, BusyRounds((turn,), 0, End.STATED, 0.0))


def solve_as_spent(
    case: Case,
    trials: Trials,
    *,
    effort: Effort | None = None,
    once_at: Callable[[Case], Once] | None = None,
    **how: Any,
) -> Solved:
    """Find the best deployment of a case whose limits in dollars bind what will be spent.

    In each round not only busy shares come from the answer before, by queueing, but also the
    call-outs of each type paid as standby, from the replay. All rounds are kept: one may spend more
    than the limit where the next spends less, and the replay chooses among the fleets near them.
    Where units are always free, or as busy as stated, there is nothing to choose: the model's best
    of the rounds that keep the limit is the answer.

    Parameters
    ----------
    trials
        Of the case.
    effort
        Default: the case's own settings.
    once_at
        What makes one search of a case with its call-outs priced; default:
        :func:`~coresponse.optimize.optimize_once.optimize_once`.
    **how
        Of :func:`coresponse.optimize.solve_case.solve`.
    """
    effort = effort or Effort.of(case)
    prices = CallOutPrices(case, trials)
    if not prices.matter:
        return solve(case, effort=effort, once=once_at and once_at(case), **how)
    if case.busy != "consistent":
        return _as_shown(PricesAsShown(case, trials), effort, once_at, **how)

    def once(
        busy: Mapping[str, float] | None, start: NDArray[np.int64] | None, stop: Stop, starts: int
    ) -> Optimum:
        # the counts of the round before may spend more than this round's prices allow
        priced = prices.case(start)
        if once_at is not None:
            return once_at(priced)(busy, start, stop, starts)
        return optimize_once(priced, busy_share=busy, start=start, stop=stop, starts=starts)

    return solve(case, effort=effort, once=once, **how)


def _as_shown(
    prices: PricesAsShown,
    effort: Effort,
    once_at: Callable[[Case], Once] | None,
    **how: Any,
) -> Solved:
    """Solve a case with one objective at its program's prices, then at those that its answers come to."""
    case, began = prices.case, time.monotonic()
    kept: Solved | None = None
    known = set[bytes]()
    while True:
        left = replace(effort, seconds=effort.seconds - (time.monotonic() - began))
        once = once_at and once_at(prices.case)
        last = replace(solve(prices.case, effort=left, once=once, **how), case=case)
        if not last.found:
            break
        counts = last.best.solution.counts
        least = np.inf if kept is None else kept.best.solution.objective
        if prices.keeps(counts) and last.best.solution.objective < least:
            kept = replace(last, best=replace(last.best, call_outs=prices.found))
        done = counts.tobytes() in known or len(known) >= MOST_ROUNDS
        known.add(counts.tobytes())
        if done or last.best.solution.interrupted or time.monotonic() - began >= effort.seconds:
            break
        how["start"] = counts
    if not last.found and kept is None:
        return last
    answer = kept or last
    solution = answer.best.solution
    if kept is None:
        solution = replace(solution, status=Status.BEST_FOUND, message=NONE_KEEPS_IT)
    else:
        # another deployment might keep the budget at the prices that it would have itself
        solution = replace(solution, message=solution.message + AT_ITS_PRICES)
    solution = replace(solution, interrupted=last.best.solution.interrupted)
    return replace(answer, best=replace(answer.best, solution=solution))
