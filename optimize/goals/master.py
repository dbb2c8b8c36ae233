"""The program of a goal in PuLP: small averages written out in full, large ones as estimates that grow by cuts.

HiGHS keeps the model in memory, cuts are added to it and it re-solves from where it stands; other solvers get it whole each time.
PuLP 3 says "Optimal" when a time limit ends a solve with some solution: only ``sol_status`` is a proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import highspy
import numpy as np
import pulp
from numpy.typing import NDArray

from coresponse.optimize.evaluate import Cut
from coresponse.optimize.explicit import counts_within_limits, mean_cost
from coresponse.optimize.goals.averages import Ready
from coresponse.optimize.goals.statement import Expression, Statement, Term, Total
from coresponse.optimize.own_clock import solve_watched
from coresponse.optimize.problem import Problem
from coresponse.optimize.pulp_solvers import TRIAL_ITERATIONS, Master, MasterAnswer, _cbc, _without_notices, make_master

EXPLICIT_MOST = 10_000
"""Averages with more non-zeros than this in all are not written out but approached by cuts."""

OWN_GAP = 1e-7
"""Relative gap to which solvers are told to prove."""


def _nothing(status: str, bound: float = -np.inf) -> MasterAnswer:
    empty = np.empty(0)
    return MasterAnswer(status, empty, empty, np.inf, bound, empty)


class GoalMaster(Master):
    """The program without cuts, which grows by them.

    Attributes
    ----------
    warm
        Whether it re-solves from where it stands.
    lazy
        Averages that are approached by cuts, and the position of the first estimate of each.
    n_estimates
        Number of estimates.
    """

    def __init__(
        self, problem: Problem, statement: Statement, ready: Sequence[Ready], solver: str, explicit_most: float
    ) -> None:
        self._lp = pulp.LpProblem("goal", pulp.LpMinimize)
        self._x = counts_within_limits(self._lp, problem)
        self._problem = problem
        self.lazy: dict[int, int] = {}
        self._z: list[pulp.LpVariable] = []
        self._moved: pulp.LpAffineExpression | None = None
        used = sorted(statement.used())
        in_full = sum(ready[j].entries for j in used) <= explicit_most
        values = {j: self._average(j, ready[j], in_full=in_full) for j in used}
        self._lp.setObjective(self._total(statement.objective, values, "objective"))
        for i, row in enumerate(statement.rows):
            # in the scale of the row, for solvers keep rows to an absolute tolerance
            total = self._total(row.total, values, f"row{i}")
            self._lp += (1 / row.scale) * total <= row.at_most / row.scale, f"row_{i}"
        self._name = solver
        self._cuts = 0
        self._highs: highspy.Highs | None = None
        if solver.lower() == "highs":
            self._load()
        else:
            make_master(replace(problem, limits=()), 0, solver)  # says now if there is no such solver

    @property
    def n_estimates(self) -> int:
        """Number of estimates."""
        return len(self._z)

    def _average(self, j: int, ready: Ready, *, in_full: bool) -> pulp.LpAffineExpression:
        if in_full:
            terms = [
                piece.factor * mean_cost(self._lp, self._x, piece.ready, f"{j}_{p}_")
                for p, piece in enumerate(ready.pieces)
            ]
            return pulp.lpSum(terms)
        first = len(self._z)
        self.lazy[j] = first
        self._z += [self._lp.add_variable(f"e{first + k:06d}", 0) for k in range(ready.n_clusters)]
        return pulp.lpSum(self._z[first:])

    def _total(self, total: Total, values: dict[int, pulp.LpAffineExpression], name: str) -> pulp.LpAffineExpression:
        return pulp.lpSum([self._term(term, values, f"{name}_{i}") for i, term in enumerate(total)])

    def _term(self, term: Term, values: dict[int, pulp.LpAffineExpression], name: str) -> pulp.LpAffineExpression:
        if len(term.largest_of) == 1:
            return term.weight * self._expression(term.largest_of[0], values)
        largest = self._lp.add_variable(f"largest_{name}")
        for i, expression in enumerate(term.largest_of):
            self._lp += largest >= self._expression(expression, values), f"{name}_{i}"
        return term.weight * largest

    def _expression(
        self, expression: Expression, values: dict[int, pulp.LpAffineExpression]
    ) -> pulp.LpAffineExpression:
        out = pulp.LpAffineExpression(constant=float(expression.constant))
        if expression.linear is not None:
            there = np.flatnonzero(expression.linear)
            out += pulp.LpAffineExpression({self._x[o]: float(expression.linear[o]) for o in there})
        for j, weight in expression.averages.items():
            out += float(weight) * values[j]
        if expression.moved:
            out += float(expression.moved) * self._moves()
        return out

    def _moves(self) -> pulp.LpAffineExpression:
        """Count today's responders that are moved or removed."""
        if self._moved is None:
            today = self._problem.today
            gone = []
            for o in np.flatnonzero(today) if today is not None else ():
                gone.append(self._lp.add_variable(f"gone{o:06d}", 0))
                self._lp += gone[-1] + self._x[o] >= int(today[o]), f"gone_{o}"  # type: ignore[index]
            self._moved = pulp.lpSum(gone)
        return self._moved

    # ---- solving ----

    def _load(self) -> None:
        solver = pulp.HiGHS(msg=False, threads=1, random_seed=1)
        solver.createAndConfigureSolver(self._lp)
        solver.buildSolverModel(self._lp)
        self._highs = self._lp.solverModel
        self.warm = True
        # PuLP 3 does not hand on the objective's constant
        self._highs.changeObjectiveOffset(float(self._lp.objective.constant))
        # estimates of many clusters add up, and so do tolerances
        for name, tolerance in (("primal_feasibility_tolerance", 1e-9), ("mip_feasibility_tolerance", 1e-8)):
            self._highs.setOptionValue(name, tolerance)
        self._xi = np.array([v.index for v in self._x], dtype=np.int32)
        self._zi = np.array([v.index for v in self._z], dtype=np.int32)
        self._cut = np.zeros(int(self._highs.getNumRow()), dtype=np.bool_)
        self._whole = True

    def add(self, cuts: Sequence[Cut]) -> None:
        """Add cuts; a cut's cluster is the position of its estimate."""
        if self._highs is None:
            for cut in cuts:
                terms = {self._x[o]: float(cut.coefficients[o]) for o in np.flatnonzero(cut.coefficients)}
                self._cuts += 1
                row = pulp.LpAffineExpression({self._z[cut.cluster]: 1.0, **terms}) >= cut.constant
                self._lp += row, f"cut_{self._cuts}"
            return
        if not cuts:
            return
        there = [np.flatnonzero(cut.coefficients) for cut in cuts]
        starts = np.r_[0, np.cumsum([1 + len(t) for t in there])[:-1]].astype(np.int32)
        index = np.concatenate([np.r_[self._zi[cut.cluster], self._xi[t]] for cut, t in zip(cuts, there, strict=True)])
        values = np.concatenate([np.r_[1.0, cut.coefficients[t]] for cut, t in zip(cuts, there, strict=True)])
        low = np.array([cut.constant for cut in cuts])
        high = np.full(len(cuts), highspy.kHighsInf)
        self._highs.addRows(len(cuts), low, high, len(index), starts, index.astype(np.int32), values)
        self._cut = np.append(self._cut, np.ones(len(cuts), dtype=np.bool_))

    def add_cover(self, options: NDArray[np.int64]) -> None:
        """Demand at least one of some options."""
        if self._highs is not None:
            there = self._xi[options]
            self._highs.addRow(1.0, highspy.kHighsInf, len(there), there, np.ones(len(there)))
            self._cut = np.append(self._cut, False)
            return
        self._cuts += 1
        self._lp += pulp.lpSum([self._x[o] for o in options]) >= 1, f"cover_{self._cuts}"

    def bound_options(self, most: NDArray[np.integer], least: NDArray[np.integer]) -> None:
        """Set the bounds of the options."""
        if self._highs is not None:
            self._highs.changeColsBounds(len(self._xi), self._xi, least.astype(float), most.astype(float))
            return
        for variable, low, high in zip(self._x, least, most, strict=True):
            variable.lowBound, variable.upBound = int(low), int(high)

    def purge(self) -> None:
        """Forget cuts that the last relaxation did not rest on, if the solver can."""
        if self._highs is None:
            return
        rows = np.array([status == highspy.HighsBasisStatus.kBasic for status in self._highs.getBasis().row_status])
        idle = np.flatnonzero(rows & self._cut)
        if len(idle):
            self._highs.deleteRows(len(idle), idle.astype(np.int32))
            self._cut = np.delete(self._cut, idle)

    def relax(self, time_limit_s: float, *, trial: bool = False) -> MasterAnswer:
        """Solve with fractional counts; a trial may stop early with a lower bound."""
        if self._highs is not None:
            self._highs.setOptionValue("simplex_iteration_limit", TRIAL_ITERATIONS if trial else highspy.kHighsIInf)
        return self._solve(time_limit_s, OWN_GAP, whole=False, start=None)

    def solve(self, time_limit_s: float, gap: float, start: NDArray[np.float64] | None = None) -> MasterAnswer:
        """Solve with whole counts.

        Parameters
        ----------
        start
            (options,) a deployment to begin with, for solvers that can.
        """
        return self._solve(time_limit_s, gap, whole=True, start=start)

    def _solve(
        self, time_limit_s: float, gap: float, *, whole: bool, start: NDArray[np.float64] | None
    ) -> MasterAnswer:
        if self._highs is None:
            return self._solve_whole_model(time_limit_s, gap, whole=whole)
        highs = self._highs
        if whole != self._whole:
            kind = highspy.HighsVarType.kInteger if whole else highspy.HighsVarType.kContinuous
            highs.changeColsIntegrality(len(self._xi), self._xi, np.array([kind] * len(self._xi)))
            self._whole = whole
        # HiGHS counts its limit over all runs of one model
        highs.setOptionValue("time_limit", highs.getRunTime() + max(0.1, time_limit_s))
        highs.setOptionValue("mip_rel_gap", max(gap, OWN_GAP))
        if whole:
            highs.setOptionValue("simplex_iteration_limit", highspy.kHighsIInf)
        if whole and start is not None:
            highs.setSolution(len(self._xi), self._xi, start.astype(np.float64))
        highs.run()
        return self._read(highs, whole=whole)

    def _read(self, highs: highspy.Highs, *, whole: bool) -> MasterAnswer:
        status, info = highs.getModelStatus(), highs.getInfo()
        if status in {highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible}:
            return _nothing("infeasible", np.inf)
        if status == highspy.HighsModelStatus.kIterationLimit and not whole:
            # the dual simplex method was stopped on its way up: its objective is a lower bound
            return _nothing("feasible", float(info.objective_function_value))
        optimal = status == highspy.HighsModelStatus.kOptimal
        bound = float(info.mip_dual_bound) if whole else -np.inf
        if info.primal_solution_status != 2 or not (whole or optimal):  # 2: a feasible point
            return _nothing("nothing", bound)
        solution = highs.getSolution()
        values = np.array(solution.col_value)
        reduced = np.empty(0) if whole else np.array(solution.col_dual)[self._xi]
        objective = float(info.objective_function_value)
        x = np.round(values[self._xi]) if whole else values[self._xi]
        bound = min(bound, objective) if whole else objective
        return MasterAnswer("optimal" if optimal else "feasible", x, values[self._zi], objective, bound, reduced)

    def _solve_whole_model(self, time_limit_s: float, gap: float, *, whole: bool) -> MasterAnswer:
        for variable in self._x:
            variable.cat = pulp.LpInteger if whole else pulp.LpContinuous
        solver = _named(self._name, time_limit_s, gap)
        status = solve_watched(self._lp, solver, self._name, time_limit_s)
        if status == pulp.LpSolutionInfeasible:
            return _nothing("infeasible", np.inf)
        optimal = status == pulp.LpSolutionOptimal
        if not (optimal or (whole and status == pulp.LpSolutionIntegerFeasible)):
            return _nothing("nothing")
        objective = float(pulp.value(self._lp.objective) or 0.0)
        # PuLP does not hand on the solver's bound: a proof holds to the gap that was asked for
        bound = objective - abs(objective) * max(gap, OWN_GAP) if optimal else -np.inf
        x, z = _values(self._x), _values(self._z)
        return MasterAnswer(
            "optimal" if optimal else "feasible", np.round(x) if whole else x, z, objective, bound, np.empty(0)
        )


def _values(variables: list[pulp.LpVariable]) -> NDArray[np.float64]:
    return np.array([v.varValue if v.varValue is not None else 0.0 for v in variables])


def _named(name: str, time_limit_s: float, gap: float) -> pulp.LpSolver:
    with _without_notices():
        if name.upper() == "CBC":
            found = _cbc()
            name = found.name if found is not None else name
        return pulp.getSolver(name, msg=False, timeLimit=max(1.0, time_limit_s), gapRel=max(gap, OWN_GAP))
