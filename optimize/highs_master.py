"""A master in HiGHS, which keeps it in memory: cuts are added to it, and it re-solves from its basis."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import highspy
import numpy as np
import pulp
from numpy.typing import NDArray

from coresponse.optimize.cuts import Cut
from coresponse.optimize.masters import OWN_GAP, MasterAnswer, Model, WarmMaster, nothing

# A relaxation that takes longer begins anew, once, without its basis.
STUCK_S = 60.0

# HiGHS's tolerances where estimates of many clusters add up in one row, and so would
# tolerances.
TIGHT = (("primal_feasibility_tolerance", 1e-9), ("mip_feasibility_tolerance", 1e-8))

# Options of a relaxation that HiGHS gave up: where coefficients are far apart (costs that are next
# to nothing beside the fallback), its scaling moves a solution by more than it allows itself.
PLAIN = (("presolve", "off"), ("simplex_scale_strategy", 0))

# Simplex iterations of a trial.
TRIAL_ITERATIONS = 100


def work_with_one_thread() -> None:
    """See that HiGHS takes a model for one thread.

    All models of a process share its threads, and it refuses one for another number than the first
    had: that may be a notebook's own model, solved before ours.
    """
    probe = highspy.Highs()  # type: ignore[no-untyped-call]
    probe.setOptionValue("output_flag", False)
    probe.setOptionValue("threads", 1)
    if probe.run() == highspy.HighsStatus.kError:
        highspy.Highs.resetGlobalScheduler(True)


class HighsMaster(WarmMaster):
    """HiGHS in memory.

    Whoever sets `stopped`, from any thread, ends a search of whole counts at its next node.
    """

    def __init__(
        self, model: Model, *, tight: bool = False, stopped: threading.Event | None = None
    ) -> None:
        work_with_one_thread()
        solver = pulp.HiGHS(msg=False, threads=1, random_seed=1)
        solver.createAndConfigureSolver(model.lp)
        solver.buildSolverModel(model.lp)
        self._highs: highspy.Highs = model.lp.solverModel
        # PuLP 3 does not hand on the objective's constant
        self._highs.changeObjectiveOffset(float(model.lp.objective.constant))
        for name, tolerance in TIGHT if tight else ():
            self._highs.setOptionValue(name, tolerance)
        self._stopped = threading.Event() if stopped is None else stopped
        self._look_up()
        self._x = np.array([v.index for v in model.counts], dtype=np.int32)
        self._z = np.array([v.index for v in model.estimates], dtype=np.int32)
        self._whole = True
        self._is_cut = np.zeros(int(self._highs.getNumRow()), dtype=np.bool_)

    def twin(self) -> HighsMaster:
        """Return another solver with the same model, options and basis."""
        other = object.__new__(HighsMaster)
        other._highs = highspy.Highs()  # type: ignore[no-untyped-call]
        other._highs.passOptions(self._highs.getOptions())
        other._highs.passModel(self._highs.getModel())
        other._highs.setBasis(self._highs.getBasis())
        other._x, other._z = self._x.copy(), self._z.copy()
        other._whole, other._is_cut = self._whole, self._is_cut.copy()
        other._stopped = self._stopped
        other._look_up()
        return other

    def add(self, cuts: Sequence[Cut]) -> None:
        """Add cuts as rows of the model in memory, all at once."""
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
        """Add a row, which :meth:`purge` leaves alone."""
        there = self._x[options]
        parts = np.ones(len(there)) if parts is None else parts
        self._highs.addRow(1.0, highspy.kHighsInf, len(there), there, parts)
        self._is_cut = np.append(self._is_cut, False)

    def add_totals(self, groups: Sequence[NDArray[np.int64]]) -> None:
        """Add a column for each sum, tied to its options by a row."""
        for group in groups:
            total = int(self._highs.getNumCol())
            self._highs.addVar(0.0, highspy.kHighsInf)
            index = np.append(self._x[group], total).astype(np.int32)
            values = np.append(np.ones(len(group)), -1.0)
            self._highs.addRow(0.0, 0.0, len(index), index, values)
            self._is_cut = np.append(self._is_cut, False)
            self._x = np.append(self._x, np.int32(total))

    def purge(self) -> None:
        """Delete the rows of cuts whose slack is basic: the relaxation stands without them."""
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
        """Set the bounds of the columns."""
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
        if whole:
            self._run_until_stopped()
        else:
            self._highs.run()
        return self._highs.getModelStatus()

    def _run_until_stopped(self) -> None:
        """Search in a thread, and wait for it here: Ctrl-C does not reach HiGHS before its limit."""
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(self._highs.run)
            try:
                running.result()
            except KeyboardInterrupt:
                self._stopped.set()
                raise

    def _look_up(self) -> None:
        """Let HiGHS look up at every node whether it was stopped."""
        stopped = self._stopped

        def look(event: Any) -> None:
            if stopped.is_set():
                event.interrupt()

        self._highs.cbMipInterrupt += look

    def _run_plainly(self, time_limit_s: float) -> highspy.HighsModelStatus:
        """Solve the relaxation anew as it is stated, neither presolved nor scaled."""
        before = [(name, self._highs.getOptionValue(name)[1]) for name, _ in PLAIN]
        self._highs.clearSolver()
        for name, value in PLAIN:
            self._highs.setOptionValue(name, value)
        status = self._run(time_limit_s, whole=False)
        for name, usual in before:
            self._highs.setOptionValue(name, usual)
        return status

    def relax(self, time_limit_s: float, *, trial: bool = False) -> MasterAnswer:
        """Re-solve from the last basis; a trial stops after :data:`TRIAL_ITERATIONS`."""
        self._highs.setOptionValue(
            "simplex_iteration_limit", TRIAL_ITERATIONS if trial else highspy.kHighsIInf
        )
        status = self._run(min(time_limit_s, STUCK_S), whole=False)
        if status == highspy.HighsModelStatus.kTimeLimit and time_limit_s > STUCK_S:
            # the simplex method may go round in circles from one basis and not from another
            self._highs.clearSolver()
            status = self._run(STUCK_S, whole=False)
        if status in {highspy.HighsModelStatus.kNotset, highspy.HighsModelStatus.kSolveError}:
            status = self._run_plainly(min(time_limit_s, STUCK_S))
        objective = float(self._highs.getInfo().objective_function_value)
        if trial and status == highspy.HighsModelStatus.kIterationLimit:
            # the dual simplex method was stopped on its way up: its objective is a lower bound
            return nothing("feasible", objective)
        if status in {
            highspy.HighsModelStatus.kInfeasible,
            highspy.HighsModelStatus.kUnboundedOrInfeasible,
        }:
            return nothing("infeasible", np.inf)
        if status != highspy.HighsModelStatus.kOptimal:
            return nothing("nothing")
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
        """Solve with whole counts, from `start` if there is one."""
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
            return nothing("infeasible", np.inf)
        bound = float(info.mip_dual_bound)
        if info.primal_solution_status != 2:  # 2: a feasible point
            return nothing("nothing", bound)
        values = np.array(self._highs.getSolution().col_value)
        name = "optimal" if status == highspy.HighsModelStatus.kOptimal else "feasible"
        objective = float(info.objective_function_value)
        if name == "optimal" and not np.isfinite(bound):
            # proven before any bound was noted (seen in highspy 1.15): as near as it was told to
            # prove it
            bound = objective - max(gap, OWN_GAP) * abs(objective)
        return MasterAnswer(
            name,
            np.round(values[self._x]),
            values[self._z],
            objective,
            min(bound, objective),
            np.empty(0),
        )


def any_solution(
    lp: pulp.LpProblem, variables: Sequence[pulp.LpVariable], time_limit_s: float
) -> tuple[str, NDArray[np.float64]]:
    """Look for any solution of a model without an objective.

    Returns
    -------
    status
        ``feasible``, ``infeasible`` (proven), or ``nothing`` (the time was over).
    values
        Of the variables; empty if there is none.
    """
    lp.setObjective(pulp.lpSum([]))
    answer = HighsMaster(Model(lp, list(variables), [])).solve(time_limit_s, 0.0)
    return "feasible" if len(answer.counts) else answer.status, answer.counts
