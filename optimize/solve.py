"""Solve a placement problem: the front of the optimizer."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from coresponse.data.errors import SolverError
from coresponse.optimize.decompose import Search, run
from coresponse.optimize.demand_costs import DemandCosts
from coresponse.optimize.objective import WaitingCost
from coresponse.optimize.problem import Problem
from coresponse.optimize.recount import recount
from coresponse.optimize.search import Room, improve
from coresponse.optimize.solution import Solution, Status, Stop, Watch, unwatched

# Starts of the local search; one: it is no more than a beginning for the proof.
STARTS = 24

# Starts of the local search where an answer of a similar problem is given, or a sixth of those asked for.
FEWEST_STARTS = 4


def solve(
    problem: Problem,
    waiting: WaitingCost,
    *,
    stop: Stop | None = None,
    seed: int = 1,
    solver: str = "HiGHS",
    starts: int = STARTS,
    watch: Watch = unwatched,
    start: NDArray[np.integer] | None = None,
    costs: DemandCosts | None = None,
) -> Solution:
    """Find the deployment with the least mean cost of waiting within the limits.

    Sets: columns i of demand with weight w_i; options o with cost c_oi of reaching i and busy share
    q_o; limits A. Parameters: f, the cost of nobody coming. Decide counts x_o, whole and 0 or more.
    Minimize the mean over i of

        E_i(x) = d_1 + sum over k of (d_{k+1} - d_k) * product over o within d_k of q_o ^ x_o,

    where d_1 < d_2 < ... < f are the distinct costs of i, subject to A. With q = 0 and cost = time
    it is the p-median (Hakimi 1964); with a step it is maximal covering (Church and ReVelle 1974),
    with q > 0 its expected form (Daskin 1983); with q and time the reliability p-median (Snyder and
    Daskin 2005).

    Parameters
    ----------
    problem, waiting
        What to choose from, and the cost of waiting.
    stop
        Time limit and gap.
    seed
        Of the local search's restarts: the same input and seed give the same answer, unless the
        time limit ends the search.
    solver
        ``HiGHS``, ``CBC``, or another PuLP solver's name.
    watch
        Called with each step. Ctrl-C ends the search with the best found.
    start
        (options,) counts to begin with, such as the answer of a similar problem; passed over if
        they break a limit.
    costs
        From a problem with the same demand and other limits: its costs are used again.

    Raises
    ------
    InputError
        If `costs` belongs to another demand.
    SolverError
        If the solver fails, or its answer is not borne out by a recount.
    """
    started = time.monotonic()
    costs = DemandCosts.of(problem, waiting) if costs is None else costs.checked(problem, waiting)
    search = Search(problem, costs.evaluator, stop or Stop(), watch, solver, seed, starts, started)
    interrupted = False
    try:
        _begin(search, start)
        run(search)
    except KeyboardInterrupt:
        interrupted = True
    if not interrupted:
        search.note_exchanges(Room.of(problem))
    return _solution(search, waiting, interrupted=interrupted)


def _begin(search: Search, start: NDArray[np.integer] | None) -> None:
    if start is None or search.problem.broken_limits(start):
        return
    counts = start.astype(np.float64)
    search.offer(counts, search.evaluator.value(counts), "start")
    value, counts = improve(
        search.evaluator, Room.of(search.problem), counts, stop=search.out_of_time
    )
    search.offer(counts, value, "start, improved")
    # from the answer of a similar problem there is less to look around for; what is missed,
    # roundings find
    search.starts = max(min(search.starts, FEWEST_STARTS), search.starts // 6)


def _solution(search: Search, waiting: WaitingCost, *, interrupted: bool) -> Solution:
    seconds, steps = search.seconds(), tuple(search.steps)
    value, bound = search.value * search.unit, search.bound * search.unit
    if search.counts is None:
        impossible = search.infeasible or search.bound == np.inf
        status = Status.INFEASIBLE if impossible else Status.NOTHING_FOUND
        message = (
            "no deployment keeps all limits"
            if impossible
            else "no deployment was found in time; allow more time"
        )
        nobody = np.empty(0, dtype=np.int64)
        return Solution(
            status, nobody, np.inf, bound, waiting.unit, seconds, message, steps, interrupted
        )
    counts = np.round(search.counts).astype(np.int64)
    broken = search.problem.broken_limits(counts)
    if broken:
        raise SolverError(f"the solver's answer breaks: {', '.join(broken)}")
    counted = recount(search.problem, waiting, counts)
    if abs(counted - value) > 1e-5 * max(1.0, abs(counted)):
        raise SolverError(
            f"the solver says {value:.6g}, the recount {counted:.6g}: please report this study"
        )
    bound = min(bound, counted)
    gap = (counted - bound) / max(abs(counted), 1e-12)
    # costs are held in 32 bits, the recount is not
    if gap <= search.stop.gap + 1e-7:
        status, message = Status.PROVEN, f"proven optimal within {search.stop.gap:.2%}"
    else:
        if interrupted:
            why = "stopped"
        elif search.out_of_time():
            why = "the time limit ended the search"
        else:
            why = search.ended or "the solver got no further"
        shown = f"gap {gap:.2%}" if np.isfinite(gap) else "no bound"
        status, message = Status.BEST_FOUND, f"best found, {shown}: {why}"
    return Solution(
        status,
        counts,
        counted,
        bound,
        waiting.unit,
        seconds,
        message,
        steps,
        interrupted,
        pool=search.pool.best(counts),
    )
