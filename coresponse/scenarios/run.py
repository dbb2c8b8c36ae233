"""Judge plans in every scenario, and find those that hold up in all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.best import Best, as_deployment, not_stopped, target_min, waiting_cost
from coresponse.coverage.service.model import ServiceModel
from coresponse.data.errors import InputError
from coresponse.data.options import Deployment, Option
from coresponse.data.progress import Progress, silent
from coresponse.inputs import Inputs
from coresponse.judging import fit_models
from coresponse.memory import Work, tell
from coresponse.optimize.build import problem_from
from coresponse.optimize.objective import WaitingCost
from coresponse.optimize.problem import Problem
from coresponse.optimize.recount import recount
from coresponse.optimize.robust import RobustSolution, least_regret, mean_and_tail
from coresponse.optimize.solution import Solution, Stop
from coresponse.optimize.solve import solve
from coresponse.planning import plan_table, study_table
from coresponse.scenarios.change import World, as_stated, changed, largest_post, unknown
from coresponse.scenarios.judge import Found, queueing_in
from coresponse.scenarios.settings import ScenarioInput, ready_scenarios

FEW_STARTS = 2


@dataclass(frozen=True, eq=False)
class Candidate:
    """A plan that is judged in every scenario.

    Attributes
    ----------
    name, title
        ``today``, ``plan``, ``best-<scenario>``, ``least-regret``, ``mean-and-tail``.
    deployment
        What is where.
    solution
        How it was found; None for today's.
    """

    name: str
    title: str
    deployment: Deployment
    solution: Solution | None


@dataclass(frozen=True, eq=False)
class Judged:
    """Plans in scenarios.

    Attributes
    ----------
    worlds
        The scenarios, the study as stated first.
    dropped
        Ready-made scenarios that do not fit the study, and why; and scenarios whose limits no plan
        keeps.
    candidates
        The plans.
    cost
        (candidates, worlds) mean cost of waiting, in the goal's unit, at the scenario's busy
        shares.
    keeps
        (candidates, worlds) whether the plan keeps the scenario's limits.
    least
        (worlds,) the least cost of any plan known that keeps the scenario's limits.
    busy_share
        By world and type: what costs are worked out with.
    found
        Figures by queueing, by candidate and world; those of a scenario's own best are of that
        scenario and the study as stated.
    unit, tail_weight, alpha
        What was asked.
    """

    inputs: Inputs
    best: Best
    worlds: tuple[World, ...]
    dropped: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    cost: NDArray[np.float64]
    keeps: NDArray[np.bool_]
    least: NDArray[np.float64]
    busy_share: tuple[Mapping[str, float], ...]
    found: Mapping[tuple[str, str], Found]
    unit: str
    tail_weight: float
    alpha: float

    @property
    def regret(self) -> NDArray[np.float64]:
        """(candidates, worlds) cost above the least; nan where a plan breaks the scenario's limits.

        Today's is what is there.
        """
        shown = self.keeps | (np.array([one.solution is None for one in self.candidates])[:, None])
        return np.asarray(np.where(shown, self.cost - self.least, np.nan))


def chosen_scenarios(
    inputs: Inputs, names: Sequence[str] = ()
) -> tuple[tuple[ScenarioInput, ...], tuple[str, ...]]:
    """Return the study's scenarios, else those that ship and fit it; and why others do not.

    Raises
    ------
    InputError
        If a name is neither among the study's scenarios nor among those that ship.
    """
    ready = {one.name: one for one in ready_scenarios()}
    own: dict[str, ScenarioInput] = {}
    for one in inputs.study.scenarios:
        if one.name in own or one.name == "as-stated":
            raise InputError(f"scenario {one.name!r} is there twice -- give each a name of its own")
        if one.ready is not None and one.ready not in ready:
            raise InputError(
                f"scenario {one.name}: no ready scenario {one.ready!r}; there are: "
                f"{', '.join(ready)}"
            )
        own[one.name] = one
    wanted = list(dict.fromkeys(names)) or list(own) or list(ready)
    missing = [name for name in wanted if name not in own and name not in ready]
    if missing:
        raise InputError(
            f"no such scenario: {', '.join(missing)}; there are: {', '.join({**own, **ready})}"
        )
    out, dropped = [], []
    for name in wanted:
        one = own.get(name) or ready[name]
        if name in own and one.ready is None:
            out.append(one)
            continue
        shipped = ready[one.ready or name].model_copy(update={"name": name, "weight": one.weight})
        fitting, lacks = _fitting(inputs, shipped)
        if fitting is None:
            dropped.append(f"{name}: {lacks}")
        else:
            out.append(fitting)
    return tuple(out), tuple(dropped)


def _fitting(inputs: Inputs, shipped: ScenarioInput) -> tuple[ScenarioInput | None, str]:
    """Keep of a scenario that ships what the program has.

    It may name roles and classes of which there are some.
    """
    lacks = {(where, name) for where, name, _ in unknown(inputs, shipped)}
    for key in ("classes", "away"):
        named = getattr(shipped, key)
        there = {name: figure for name, figure in named.items() if (key, name) not in lacks}
        if named and not there:
            return None, f"the program has none of {key} {', '.join(named)}"
        shipped = shipped.model_copy(update={key: there})
    return shipped, ""


def judge_scenarios(
    inputs: Inputs,
    *,
    names: Sequence[str] = (),
    tail_weight: float = 1.0,
    alpha: float = 0.75,
    time_limit_s: float = 60.0,
    progress: Progress = silent,
) -> Judged | Best:
    """Judge today's deployment, the study's plan, each scenario's own best and two robust plans in every scenario.

    Parameters
    ----------
    names
        Of scenarios; default: the study's, else those that ship.
    tail_weight, alpha
        Of the second robust plan; see :func:`coresponse.optimize.robust.mean_and_tail`.
    time_limit_s
        For each search.

    Returns
    -------
    Judged or Best
        The latter if the study itself has no plan.
    """
    waiting = waiting_cost(inputs)
    scenarios, dropped = chosen_scenarios(inputs, names)
    tell(inputs, _work(scenarios), progress)
    table = study_table(inputs, progress=progress)
    best = not_stopped(plan_table(inputs, table, progress=progress)[0])
    if not best.found:
        return best
    post = largest_post(best.deployment)
    worlds = [as_stated(inputs, table)]
    worlds += [
        changed(inputs, table, one, largest_post=post, progress=progress) for one in scenarios
    ]
    return _Judging(inputs, best, waiting, worlds, list(dropped), time_limit_s, progress).judged(
        tail_weight, alpha
    )


def _work(scenarios: Sequence[ScenarioInput]) -> Work:
    """Say what is kept.

    A table where response times differ, a problem for each search and for that of all scenarios
    together.
    """
    others = sum(
        one.changes_travel or bool(one.posts_closed) or one.close_largest_post for one in scenarios
    )
    return Work(
        "judging these scenarios",
        tables=1 + others,
        problems=2 * (1 + len(scenarios)),
        fewer="judge fewer scenarios at a time (--only)",
    )


@dataclass
class _Judging:
    inputs: Inputs
    best: Best
    waiting: WaitingCost
    worlds: list[World]
    dropped: list[str]
    time_limit_s: float
    progress: Progress

    def judged(self, tail_weight: float, alpha: float) -> Judged:
        self.service: ServiceModel = fit_models(self.inputs, self.inputs.calls)[0]
        self.target_s = target_min(self.inputs) * 60
        solved = self._own_best()
        worlds = [world for world, _, _ in solved]
        problems = [problem for _, problem, _ in solved]
        own = [
            Candidate(f"best-{w.name}", f"Best for: {w.title}", self._bought(s, w.name), s)
            for w, _, s in solved
        ]
        robust = self._robust(worlds, problems, [s for _, _, s in solved], tail_weight, alpha)
        plan = Candidate("plan", "The study's plan", self.best.deployment, self.best.solution)
        candidates = [plan, *robust, *own]
        if self.inputs.today is not None:
            candidates = [Candidate("today", "Today", self.inputs.today, None), *candidates]
        cost = np.array([[self._cost(p, c.deployment) for p in problems] for c in candidates])
        keeps = np.array(
            [
                [not p.broken_limits(self._counts(c.deployment)) for p in problems]
                for c in candidates
            ]
        )
        least = np.where(keeps, cost, np.inf).min(axis=0)
        return Judged(
            self.inputs, self.best, tuple(worlds), tuple(self.dropped), tuple(candidates), cost, keeps, least,
            tuple(self.busy), self._found(candidates, worlds), self.waiting.unit, tail_weight, alpha,
        )  # fmt: skip

    def _own_best(self) -> list[tuple[World, Problem, Solution]]:
        """Solve each scenario by itself, at the busy shares that the study's plan has in it."""
        out = []
        self.busy: list[Mapping[str, float]] = []
        start = self._counts(self.best.deployment)
        for k, world in enumerate(self.worlds):
            self.progress("the best plan of each scenario", k, len(self.worlds))
            busy = self._busy(world)
            problem = problem_from(
                world.table, self.inputs.program, self.inputs.posts, world.limits, today=self.inputs.today,
                busy_share=busy,
            )  # fmt: skip
            solution = solve(
                problem, self.waiting, stop=self._stop(), seed=self.inputs.study.seed,
                solver=self.inputs.study.solver.name, starts=FEW_STARTS, start=start,
            )  # fmt: skip
            if solution.interrupted:
                raise KeyboardInterrupt
            if not len(solution.counts):
                self.dropped.append(f"{world.name}: {solution.message}")
                continue
            self.busy.append(busy)
            out.append((world, problem, solution))
        return out

    def _busy(self, world: World) -> dict[str, float]:
        """Return the share of its time that a responder cannot come: away, or there and busy."""
        types = self.inputs.program.responder_types
        busy = dict.fromkeys(types, 0.0)
        if self.inputs.study.objective.busy_units != "free":
            # a type that the plan does not use is as busy as the program thinks
            measured = queueing_in(
                world, self.best.deployment, self.service, self.target_s
            ).busy_share
            busy = {name: kind.busy_share.value for name, kind in types.items()} | dict(measured)
        return {name: min(1 - (1 - busy[name]) * (1 - world.away[name]), 0.999) for name in types}

    def _robust(
        self,
        worlds: Sequence[World],
        problems: Sequence[Problem],
        own: Sequence[Solution],
        tail_weight: float,
        alpha: float,
    ) -> list[Candidate]:
        starts = [self._counts(self.best.deployment), *(s.counts for s in own)]
        starts = [x for x in starts if not any(p.broken_limits(x) for p in problems)]
        costs = np.array([[recount(p, self.waiting, x) for p in problems] for x in starts]).reshape(
            -1, len(problems)
        )
        least = np.minimum(costs.min(axis=0, initial=np.inf), [s.objective for s in own])
        study = self.inputs.study
        self.progress("the plan of least worst regret", 0, 2)
        regret: RobustSolution = least_regret(
            problems, self.waiting, least.tolist(), stop=self._stop(), seed=study.seed, solver=study.solver.name,
            starts=starts,
        )  # fmt: skip
        if regret.interrupted:
            raise KeyboardInterrupt
        self.progress("the plan of least mean and tail", 1, 2)
        tail = mean_and_tail(
            problems, self.waiting, [w.weight for w in worlds], tail_weight=tail_weight, alpha=alpha,
            stop=self._stop(), seed=study.seed, solver=study.solver.name, starts=starts,
        )  # fmt: skip
        if tail.interrupted:
            raise KeyboardInterrupt
        named = (
            ("least-regret", "Least worst regret", regret),
            ("mean-and-tail", "Mean and tail", tail),
        )
        for name, _, solution in named:
            if not len(solution.counts):
                self.dropped.append(f"{name}: {solution.message}")
        return [
            Candidate(n, title, self._bought(s, n), s) for n, title, s in named if len(s.counts)
        ]

    def _found(
        self, candidates: Sequence[Candidate], worlds: Sequence[World]
    ) -> dict[tuple[str, str], Found]:
        pairs = [
            (candidate, world)
            for candidate in candidates
            for world in worlds
            if not candidate.name.startswith("best-")
            or candidate.name == f"best-{world.name}"
            or world.scenario is None
        ]
        out = {}
        for k, (candidate, world) in enumerate(pairs):
            self.progress("judging plans with busy units", k, len(pairs))
            out[candidate.name, world.name] = queueing_in(
                world, candidate.deployment, self.service, self.target_s
            )
        return out

    def _stop(self) -> Stop:
        solver = self.inputs.study.solver
        gap = (
            solver.gap
            if self.inputs.study.objective.busy_units == "free"
            else max(solver.gap, solver.busy_gap)
        )
        return Stop(self.time_limit_s, gap)

    def _counts(self, deployment: Deployment) -> NDArray[np.int64]:
        bought: dict[Option, int] = deployment.as_dict()
        return np.array([bought.get(option, 0) for option in self.best_options], dtype=np.int64)

    @property
    def best_options(self) -> tuple[Option, ...]:
        return self.worlds[0].table.options

    def _bought(self, solution: Solution, name: str) -> Deployment:
        return as_deployment(self.best_options, solution.counts, name)

    def _cost(self, problem: Problem, deployment: Deployment) -> float:
        return recount(problem, self.waiting, self._counts(deployment))
