"""Masters: PuLP models that grow by cuts, and everything that touches PuLP's solver interface.

A master holds one integer variable an option, estimates of costs, whatever rows its model was
stated with, and the cuts. HiGHS keeps its model in memory: cuts are added to it and it re-solves
from its basis. Other solvers are called through PuLP from the whole model.

PuLP 3 says "Optimal" when a time limit ends a solve with some solution: only ``sol_status == 1`` is
a proof, and a proof only to the solver's own gap.
"""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import highspy
import numpy as np
import pulp
from numpy.typing import NDArray

from coresponse.data.errors import InputError, SolverError
from coresponse.optimize.evaluate import Cut
from coresponse.optimize.explicit import counts_within_limits
from coresponse.optimize.own_clock import watched
from coresponse.optimize.problem import Limit, Problem

OWN_GAP = 1e-7
"""Relative gap to which solvers are told to prove the master."""

STUCK_S = 60.0
"""A relaxation that takes longer begins anew, once, without its basis."""

TIGHT = (("primal_feasibility_tolerance", 1e-9), ("mip_feasibility_tolerance", 1e-8))
"""HiGHS's tolerances where estimates of many clusters add up in one row, and so would tolerances."""

TRIAL_ITERATIONS = 100
"""Simplex iterations of a trial."""


@dataclass(frozen=True, eq=False)
class MasterAnswer:
    """What the master's solver found.

    Attributes
    ----------
    status
        ``optimal``, ``feasible`` (stopped with a solution), ``infeasible`` or ``nothing``.
    counts
        (options,) of the solution, empty if there is none.
    estimates
        (clusters,) cost estimates of the solution.
    objective
        Of the solution.
    bound
        No deployment that keeps the limits (and the bounds on options) has a master cost below
        this.
    reduced_costs
        (options,) of a relaxation; empty else.
    """

    status: str
    counts: NDArray[np.float64]
    estimates: NDArray[np.float64]
    objective: float
    bound: float
    reduced_costs: NDArray[np.float64]


def _nothing(status: str, bound: float = -np.inf) -> MasterAnswer:
    empty = np.empty(0)
    return MasterAnswer(status, empty, empty, np.inf, bound, empty)


@dataclass(eq=False)
class Model:
    """A model stated in PuLP, not yet with any solver.

    Attributes
    ----------
    lp
        The model.
    counts
        Its variables for the options.
    estimates
        Its variables that cuts bound from below.
    """

    lp: pulp.LpProblem
    counts: list[pulp.LpVariable]
    estimates: list[pulp.LpVariable]


class Master(ABC):
    """A model that grows by cuts.

    Attributes
    ----------
    warm
        Whether it re-solves from where it stands.
    """

    warm = False

    @abstractmethod
    def add(self, cuts: Sequence[Cut]) -> None:
        """Add cuts; a cut's cluster is the position of its estimate."""

    @abstractmethod
    def add_cover(
        self, options: NDArray[np.int64], parts: NDArray[np.float64] | None = None
    ) -> None:
        """Demand at least one of some options, or as many as make up one by their parts."""

    @abstractmethod
    def bound_options(self, most: NDArray[np.integer], least: NDArray[np.integer]) -> None:
        """Set the bounds of the options."""

    def add_totals(self, groups: Sequence[NDArray[np.int64]]) -> None:
        """Let counts, bounds and reduced costs hold the sum of each group of options, behind the options.

        For solvers that re-solve from where they stand: a search can then halve at a sum.
        """
        raise NotImplementedError

    def purge(self) -> None:  # noqa: B027 - a solver that cannot forget keeps all cuts
        """Forget cuts that the last relaxation did not rest on."""

    @abstractmethod
    def relax(self, time_limit_s: float, *, trial: bool = False) -> MasterAnswer:
        """Solve with fractional counts; a trial may stop early with a lower bound."""

    @abstractmethod
    def solve(
        self,
        time_limit_s: float,
        gap: float,
        start: NDArray[np.float64] | None = None,
        *,
        nodes: int | None = None,
    ) -> MasterAnswer:
        """Solve with whole counts.

        `start` is an (options,) deployment to begin with, `nodes` the most, for solvers that can.
        """


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


def master_of(model: Model, solver: str, *, tight: bool = False) -> Master:
    """Hand a model to a solver.

    Parameters
    ----------
    solver
        ``HiGHS``, ``CBC``, or the name of another PuLP solver.
    tight
        Whether rows add many estimates up, so that HiGHS has to keep them to smaller tolerances.

    Raises
    ------
    InputError
        If there is no such solver on this machine.
    """
    return (
        _HighsMaster(model, tight=tight)
        if solver.lower() == "highs"
        else _PulpMaster(model, solver)
    )


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


class _HighsMaster(Master):
    """HiGHS in memory."""

    warm = True

    def __init__(self, model: Model, *, tight: bool = False) -> None:
        solver = pulp.HiGHS(msg=False, threads=1, random_seed=1)
        solver.createAndConfigureSolver(model.lp)
        solver.buildSolverModel(model.lp)
        self._highs: highspy.Highs = model.lp.solverModel
        # PuLP 3 does not hand on the objective's constant
        self._highs.changeObjectiveOffset(float(model.lp.objective.constant))
        for name, tolerance in TIGHT if tight else ():
            self._highs.setOptionValue(name, tolerance)
        self._x = np.array([v.index for v in model.counts], dtype=np.int32)
        self._z = np.array([v.index for v in model.estimates], dtype=np.int32)
        self._whole = True
        self._is_cut = np.zeros(int(self._highs.getNumRow()), dtype=np.bool_)

    def add(self, cuts: Sequence[Cut]) -> None:
        if not cuts:
            return
        there = [np.flatnonzero(cut.coefficients) for cut in cuts]
        sizes = np.array([1 + len(t) for t in there], dtype=np.int32)
        starts = np.r_[0, np.cumsum(sizes)[:-1]].astype(np.int32)
        index = np.concatenate(
            [np.r_[self._z[cut.cluster], self._x[t]] for cut, t in zip(cuts, there, strict=True)]
        )
        values = np.concatenate(
            [np.r_[1.0, cut.coefficients[t]] for cut, t in zip(cuts, there, strict=True)]
        )
        low = np.array([cut.constant for cut in cuts])
        high = np.full(len(cuts), highspy.kHighsInf)
        self._highs.addRows(
            len(cuts), low, high, len(index), starts, index.astype(np.int32), values
        )
        self._is_cut = np.append(self._is_cut, np.ones(len(cuts), dtype=np.bool_))

    def add_cover(
        self, options: NDArray[np.int64], parts: NDArray[np.float64] | None = None
    ) -> None:
        there = self._x[options]
        parts = np.ones(len(there)) if parts is None else parts
        self._highs.addRow(1.0, highspy.kHighsInf, len(there), there, parts)
        self._is_cut = np.append(self._is_cut, False)

    def add_totals(self, groups: Sequence[NDArray[np.int64]]) -> None:
        for group in groups:
            total = int(self._highs.getNumCol())
            self._highs.addVar(0.0, highspy.kHighsInf)
            index = np.append(self._x[group], total).astype(np.int32)
            values = np.append(np.ones(len(group)), -1.0)
            self._highs.addRow(0.0, 0.0, len(index), index, values)
            self._is_cut = np.append(self._is_cut, False)
            self._x = np.append(self._x, np.int32(total))

    def purge(self) -> None:
        rows = np.array(
            [
                status == highspy.HighsBasisStatus.kBasic
                for status in self._highs.getBasis().row_status
            ]
        )
        idle = np.flatnonzero(rows & self._is_cut)
        if len(idle):
            self._highs.deleteRows(len(idle), idle.astype(np.int32))
            self._is_cut = np.delete(self._is_cut, idle)

    def bound_options(self, most: NDArray[np.integer], least: NDArray[np.integer]) -> None:
        low, high = least.astype(float), most.astype(float)
        self._highs.changeColsBounds(len(self._x), self._x, low, high)

    def _run(self, time_limit_s: float, *, whole: bool) -> highspy.HighsModelStatus:
        if whole != self._whole:
            kind = highspy.HighsVarType.kInteger if whole else highspy.HighsVarType.kContinuous
            self._highs.changeColsIntegrality(
                len(self._x), self._x, np.array([kind] * len(self._x))
            )
            self._whole = whole
        # HiGHS counts its limit over all runs of one model
        self._highs.setOptionValue("time_limit", self._highs.getRunTime() + max(0.1, time_limit_s))
        self._highs.run()
        return self._highs.getModelStatus()

    def relax(self, time_limit_s: float, *, trial: bool = False) -> MasterAnswer:
        self._highs.setOptionValue(
            "simplex_iteration_limit", TRIAL_ITERATIONS if trial else highspy.kHighsIInf
        )
        status = self._run(min(time_limit_s, STUCK_S), whole=False)
        if status == highspy.HighsModelStatus.kTimeLimit and time_limit_s > STUCK_S:
            # the simplex method may go round in circles from one basis and not from another
            self._highs.clearSolver()
            status = self._run(STUCK_S, whole=False)
        objective = float(self._highs.getInfo().objective_function_value)
        if trial and status == highspy.HighsModelStatus.kIterationLimit:
            # the dual simplex method was stopped on its way up: its objective is a lower bound
            return _nothing("feasible", objective)
        if status in {
            highspy.HighsModelStatus.kInfeasible,
            highspy.HighsModelStatus.kUnboundedOrInfeasible,
        }:
            return _nothing("infeasible", np.inf)
        if status != highspy.HighsModelStatus.kOptimal:
            return _nothing("nothing")
        solution = self._highs.getSolution()
        values, duals = np.array(solution.col_value), np.array(solution.col_dual)
        return MasterAnswer(
            "optimal", values[self._x], values[self._z], objective, objective, duals[self._x]
        )

    def solve(
        self,
        time_limit_s: float,
        gap: float,
        start: NDArray[np.float64] | None = None,
        *,
        nodes: int | None = None,
    ) -> MasterAnswer:
        self._highs.setOptionValue("simplex_iteration_limit", highspy.kHighsIInf)
        self._highs.setOptionValue("mip_max_nodes", highspy.kHighsIInf if nodes is None else nodes)
        self._highs.setOptionValue("mip_rel_gap", max(gap, OWN_GAP))
        if start is not None:
            self._highs.setSolution(len(self._x), self._x, start.astype(np.float64))
        status = self._run(time_limit_s, whole=True)
        info = self._highs.getInfo()
        if status in {
            highspy.HighsModelStatus.kInfeasible,
            highspy.HighsModelStatus.kUnboundedOrInfeasible,
        }:
            return _nothing("infeasible", np.inf)
        bound = float(info.mip_dual_bound)
        if info.primal_solution_status != 2:  # 2: a feasible point
            return _nothing("nothing", bound)
        values = np.array(self._highs.getSolution().col_value)
        name = "optimal" if status == highspy.HighsModelStatus.kOptimal else "feasible"
        objective = float(info.objective_function_value)
        return MasterAnswer(
            name,
            np.round(values[self._x]),
            values[self._z],
            objective,
            min(bound, objective),
            np.empty(0),
        )


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
            return _nothing("infeasible", np.inf)
        if status != pulp.LpSolutionOptimal:
            return _nothing("nothing")
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
            return _nothing("infeasible", np.inf)
        if status not in {pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible}:
            return _nothing("nothing")
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


def any_solution(lp: pulp.LpProblem, time_limit_s: float) -> str:
    """Let HiGHS look for any solution of a model without an objective.

    Returns
    -------
    str
        ``feasible``, ``infeasible`` (proven), or ``nothing`` (the time was over).

    Raises
    ------
    SolverError
        If it answers with something else.
    """
    lp.setObjective(pulp.lpSum([]))
    lp.solve(pulp.HiGHS(msg=False, threads=1, random_seed=1, timeLimit=time_limit_s))
    status = int(lp.sol_status)
    words = {
        pulp.LpSolutionOptimal: "feasible",
        pulp.LpSolutionIntegerFeasible: "feasible",
        pulp.LpSolutionInfeasible: "infeasible",
        pulp.LpSolutionNoSolutionFound: "nothing",
    }
    if status not in words:
        raise SolverError(f"HiGHS answered {status} to a model without an objective")
    return words[status]


def least_total(
    problem: Problem, soften: Sequence[Limit], weight: Sequence[float]
) -> tuple[str, list[float]]:
    """Find how far limits must give way so that some deployment keeps the others.

    Parameters
    ----------
    soften
        Limits of the problem that may give way.
    weight
        Price of one unit of each.

    Returns
    -------
    status
        ``optimal`` or ``infeasible``.
    list of float
        How much each gives way.
    """
    hard = tuple(limit for limit in problem.limits if not any(limit is s for s in soften))
    base = replace(
        problem, response_s=problem.response_s[:, :0], weight=problem.weight[:0], limits=hard
    )
    model = _model(base, 0)
    slacks: list[pulp.LpVariable] = []
    terms = []
    for i, (limit, price) in enumerate(zip(soften, weight, strict=True)):
        used = pulp.LpAffineExpression(
            {
                model.counts[o]: float(limit.coefficients[o])
                for o in np.flatnonzero(limit.coefficients)
            }
        )
        slack = model.lp.add_variable(f"s{i}", 0)
        slacks.append(slack)
        terms.append(price * slack)
        if limit.at_most is not None:
            model.lp += used - slack <= limit.at_most
        if limit.at_least is not None:
            model.lp += used + slack >= limit.at_least
    model.lp.setObjective(pulp.lpSum(terms))
    model.lp.solve(pulp.HiGHS(msg=False, threads=1))
    if model.lp.sol_status != pulp.LpSolutionOptimal:
        return "infeasible", []
    return "optimal", [float(slack.varValue or 0.0) for slack in slacks]
