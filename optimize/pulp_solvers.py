"""Masters by solver, and whatever is done through PuLP's solver interface.

HiGHS keeps its model in memory. Other solvers are called through PuLP from the whole model.

PuLP 3 says "Optimal" when a time limit ends a solve with some solution: only ``sol_status == 1`` is
a proof, and a proof only to the solver's own gap.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pulp
from numpy.typing import NDArray

from coresponse.data.errors import InputError
from coresponse.optimize.cuts import Cut
from coresponse.optimize.highs_master import HighsMaster
from coresponse.optimize.limit_rows import counts_within_limits
from coresponse.optimize.masters import OWN_GAP, Master, MasterAnswer, Model, nothing
from coresponse.optimize.own_clock import watched
from coresponse.optimize.problem import Problem


def available_solvers() -> list[str]:
    """Return the names of PuLP solvers that work on this machine."""
    with _without_notices():
        everything = pulp.listSolvers(onlyAvailable=True)
    names = [name for name in everything if name not in {"HiGHS_CMD", "PULP_CBC_CMD"}]
    return sorted({"HiGHS", *(["CBC"] if _cbc() is not None else []), *names})


@contextmanager
def _without_notices() -> Iterator[None]:
    """Keep PuLP 3's notices about PuLP 4 from the planner.

    They are for whoever maintains this module.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def _cbc() -> pulp.LpSolver | None:
    """Find a CBC: one that is installed on the machine, else the one that comes with PuLP 3."""
    with _without_notices():
        for name in ("COIN_CMD", "PULP_CBC_CMD"):
            solver = pulp.getSolver(name, msg=False)
            if solver.available():
                return solver
    return None


def master_of(
    model: Model, solver: str, *, tight: bool = False, stopped: threading.Event | None = None
) -> Master:
    """Hand a model to a solver.

    Parameters
    ----------
    solver
        ``HiGHS``, ``CBC``, or the name of another PuLP solver.
    tight
        Whether rows add many estimates up, so that HiGHS has to keep them to smaller tolerances.
    stopped
        Set by another thread to end HiGHS's search of whole counts.

    Raises
    ------
    InputError
        If there is no such solver on this machine.
    """
    if solver.lower() == "highs":
        return HighsMaster(model, tight=tight, stopped=stopped)
    return _PulpMaster(model, solver)


def make_master(problem: Problem, n_clusters: int, solver: str) -> Master:
    """State the core's master, min sum of estimates within the limits, without cuts, and hand it to a solver.

    Raises
    ------
    InputError
        If there is no such solver on this machine.
    """
    return master_of(_model(problem, n_clusters), solver)


def _model(problem: Problem, n_clusters: int) -> Model:
    lp = pulp.LpProblem("deployment", pulp.LpMinimize)
    counts = counts_within_limits(lp, problem)
    estimates = [lp.add_variable(f"z{k:06d}", 0) for k in range(n_clusters)]
    lp.setObjective(pulp.lpSum(estimates))
    return Model(lp, counts, estimates)


class _PulpMaster(Master):
    """Any other solver: the whole model is handed over each time."""

    def __init__(self, model: Model, name: str) -> None:
        self._m = model
        self._name = name
        self._number = 0
        self._solver(1.0, OWN_GAP)  # say now if there is none

    def _solver(self, time_limit_s: float, gap: float) -> pulp.LpSolver:
        name = self._name
        if name.upper() == "CBC":
            found = _cbc()
            if found is None:
                raise InputError("solver CBC is not on this machine -- use HiGHS")
            name = found.name
        if name not in pulp.listSolvers():
            raise InputError(
                f"solver {name!r} is not known -- on this machine there are: "
                f"{', '.join(available_solvers())}"
            )
        with _without_notices():
            solver = pulp.getSolver(
                name, msg=False, timeLimit=max(1.0, time_limit_s), gapRel=max(gap, OWN_GAP)
            )
        if not solver.available():
            raise InputError(
                f"solver {name!r} is not on this machine -- there are: "
                f"{', '.join(available_solvers())}"
            )
        return solver

    def add(self, cuts: Sequence[Cut]) -> None:
        for cut in cuts:
            terms = {
                self._m.counts[o]: float(cut.coefficients[o])
                for o in np.flatnonzero(cut.coefficients)
            }
            self._number += 1
            estimate = self._m.estimates[cut.cluster]
            self._m.lp += (
                pulp.LpAffineExpression({estimate: 1.0, **terms}) >= cut.constant,
                f"cut_{self._number}",
            )

    def add_cover(
        self, options: NDArray[np.int64], parts: NDArray[np.float64] | None = None
    ) -> None:
        self._number += 1
        parts = np.ones(len(options)) if parts is None else parts
        terms = {self._m.counts[o]: float(part) for o, part in zip(options, parts, strict=True)}
        self._m.lp += pulp.LpAffineExpression(terms) >= 1, f"cover_{self._number}"

    def bound_options(self, most: NDArray[np.integer], least: NDArray[np.integer]) -> None:
        for variable, low, high in zip(self._m.counts, least, most, strict=True):
            variable.lowBound, variable.upBound = int(low), int(high)

    def _run(self, time_limit_s: float, gap: float, category: str) -> int:
        for variable in self._m.counts:
            variable.cat = category
        return _solve_watched(self._m.lp, self._solver(time_limit_s, gap), self._name, time_limit_s)

    def _values(self, variables: list[pulp.LpVariable]) -> NDArray[np.float64]:
        return np.array([v.varValue if v.varValue is not None else 0.0 for v in variables])

    def relax(self, time_limit_s: float, *, trial: bool = False) -> MasterAnswer:
        del trial  # other solvers start anew each time: there is nothing to stop early
        status = self._run(time_limit_s, OWN_GAP, pulp.LpContinuous)
        if status == pulp.LpSolutionInfeasible:
            return nothing("infeasible", np.inf)
        if status != pulp.LpSolutionOptimal:
            return nothing("nothing")
        objective = float(pulp.value(self._m.lp.objective) or 0.0)
        duals = [v.dj for v in self._m.counts]
        reduced = (
            np.array(duals, dtype=float)
            if all(d is not None for d in duals)
            else np.zeros(len(duals))
        )
        return MasterAnswer(
            "optimal",
            self._values(self._m.counts),
            self._values(self._m.estimates),
            objective,
            objective,
            reduced,
        )

    def solve(
        self,
        time_limit_s: float,
        gap: float,
        start: NDArray[np.float64] | None = None,
        *,
        nodes: int | None = None,
    ) -> MasterAnswer:
        del (
            start,
            nodes,
        )  # PuLP hands a start to some solvers only, and each in its own way; nodes to none
        status = self._run(time_limit_s, gap, pulp.LpInteger)
        if status == pulp.LpSolutionInfeasible:
            return nothing("infeasible", np.inf)
        if status not in {pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible}:
            return nothing("nothing")
        objective = float(pulp.value(self._m.lp.objective) or 0.0)
        proven = status == pulp.LpSolutionOptimal
        # PuLP does not hand on the solver's bound: a proof holds to the gap that was asked for
        bound = objective - abs(objective) * max(gap, OWN_GAP) if proven else -np.inf
        name = "optimal" if proven else "feasible"
        counts = np.round(self._values(self._m.counts))
        return MasterAnswer(
            name, counts, self._values(self._m.estimates), objective, bound, np.empty(0)
        )


def _solve_watched(
    lp: pulp.LpProblem, solver: pulp.LpSolver, name: str, time_limit_s: float
) -> int:
    """Let a solver work on a model under our own clock, in a folder of its own.

    Return PuLP's status of the solution.

    Raises
    ------
    SolverError
        If the solver crashes, hangs, or answers with something that cannot be read.
    """
    with watched(name, time_limit_s) as folder:
        if hasattr(solver, "tmpDir"):
            solver.tmpDir = folder
        lp.solve(solver)
    return int(lp.sol_status)
