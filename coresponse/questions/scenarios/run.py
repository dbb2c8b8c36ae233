"""Judge plans in every scenario, and find those that hold up in all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

import numpy as np

from coresponse.coverage.evaluate import EvaluationSetup
from coresponse.coverage.service.service_model import ServiceModel
from coresponse.data.errors import InputError
from coresponse.data.progress import Progress, silent
from coresponse.optimize.case import Case
from coresponse.optimize.evaluate_case import evaluation_setup
from coresponse.optimize.optimize_once import FEW_STARTS, optimize_once
from coresponse.optimize.optimum import Optimum
from coresponse.optimize.problem import Problem
from coresponse.optimize.robust import best_of_known, least_regret, mean_and_tail
from coresponse.optimize.settings import REPLAY_S
from coresponse.optimize.solution import Stop
from coresponse.optimize.spending import budget_pays_call_outs, call_outs
from coresponse.optimize.trials import Trials
from coresponse.questions.answer import Plan
from coresponse.questions.compare.comparison import WITHIN
from coresponse.questions.plan import find_plan
from coresponse.questions.scenarios.change import (
    ScenarioCase,
    changed,
    factors_of,
    largest_post,
)
from coresponse.questions.scenarios.figures import busy_in, replayed_in
from coresponse.questions.scenarios.results import Candidate, ScenarioResults
from coresponse.study.memory import Work, tell
from coresponse.study.scenarios import ScenarioInput, ready_scenarios


def chosen_scenarios(
    case: Case, own_scenarios: Sequence[ScenarioInput], names: Sequence[str] = ()
) -> tuple[tuple[ScenarioInput, ...], tuple[str, ...]]:
    """Return the study's scenarios, else those that ship and fit it; and why others do not.

    Raises
    ------
    InputError
        If a name is neither among the study's scenarios nor among those that ship.
    """
    ready = {one.name: one for one in ready_scenarios()}
    own: dict[str, ScenarioInput] = {}
    for one in own_scenarios:
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
        fitting, lacks = _fitting(case, shipped)
        if fitting is None:
            dropped.append(f"{name}: {lacks}")
        else:
            out.append(fitting)
    return tuple(out), tuple(dropped)


def _fitting(case: Case, shipped: ScenarioInput) -> tuple[ScenarioInput | None, str]:
    """Keep of a scenario that ships what the program has.

    It may name roles and classes of which there are some.
    """
    lacks = {(where, name) for where, name, _ in factors_of(shipped).unknown(case.city)}
    for key in ("classes", "away"):
        named = getattr(shipped, key)
        there = {name: figure for name, figure in named.items() if (key, name) not in lacks}
        if named and not there:
            return None, f"the program has none of {key} {', '.join(named)}"
        shipped = shipped.model_copy(update={key: there})
    return shipped, ""


def scenarios(
    case: Case,
    own_scenarios: Sequence[ScenarioInput] = (),
    *,
    names: Sequence[str] = (),
    tail_weight: float = 1.0,
    alpha: float = 0.75,
    time_limit_s: float = 60.0,
    progress: Progress = silent,
) -> ScenarioResults | Plan:
    """Evaluate today's deployment, the case's plan, each scenario's own best and two robust plans in every scenario.

    Parameters
    ----------
    own_scenarios
        Scenarios of the study.
    names
        Of scenarios; default: the study's, else those that ship.
    tail_weight, alpha
        Of the second robust plan; see :func:`coresponse.optimize.robust.mean_and_tail`.
    time_limit_s
        For each search.

    Returns
    -------
    ScenarioResults or Plan
        The latter if the case itself has no plan.
    """
    chosen, dropped = chosen_scenarios(case, own_scenarios, names)
    tell(case, _work(chosen), progress)
    case.work_out_table(progress)
    until = monotonic() + case.solver.time_limit_s + REPLAY_S
    setup = evaluation_setup(case, progress=progress).lean()
    trials = Trials.of(case, setup, until=until)
    found = find_plan(case, trials, progress=progress)
    found.best.not_stopped()
    if not found.found:
        return found
    post = largest_post(found.deployment)
    priced = as_spent(case, found, trials)
    cases = [ScenarioCase(None, priced)]
    cases += [changed(priced, one, largest_post=post, progress=progress) for one in chosen]
    search = _Search(case, found, setup, cases, list(dropped), time_limit_s, progress)
    return search.results(tail_weight, alpha)


def as_spent(case: Case, found: Plan, trials: Trials) -> Case:
    """Return a case whose budget is held against call-outs as the replay finds them in the study's plan.

    At the program's prices the plan that ``plan`` says keeps the budget would break it, or one that
    spends more would keep it. A plan within the noise of the budget keeps it here as it does there.
    """
    budget = case.limits.budget_per_year
    if budget is None or not budget_pays_call_outs(case):
        return case
    priced = case.with_(call_outs=call_outs(trials, case.counts(found.deployment)))
    costs = priced.yearly_cost(found.deployment)
    if not budget < costs <= budget * (1 + WITHIN):
        return priced
    limits = case.limits.model_copy(update={"budget_per_year": costs})
    return priced.with_(limits=limits)


def _work(chosen: Sequence[ScenarioInput]) -> Work:
    """Say what is kept in memory.

    A table where response times differ, a problem for each search and for that of all scenarios
    together.
    """
    others = sum(
        one.changes_travel or bool(one.posts_closed) or one.close_largest_post for one in chosen
    )
    return Work(
        "judging these scenarios",
        tables=1 + others,
        problems=2 * (1 + len(chosen)),
        fewer="judge fewer scenarios at a time (--only)",
        replays=True,
    )


@dataclass
class _Search:
    case: Case
    found: Plan
    setup: EvaluationSetup
    scenarios: list[ScenarioCase]
    dropped: list[str]
    time_limit_s: float
    progress: Progress

    def results(self, tail_weight: float, alpha: float) -> ScenarioResults:
        self.service: ServiceModel = self.case.service
        self.busy: list[Mapping[str, float]] = []
        solved = self._own_best()
        kept = [one for one, _ in solved]
        problems = [best.problem for _, best in solved]
        own = [
            Candidate(f"best-{one.name}", f"Best for: {one.title}", best.deployment, best.solution)
            for one, best in solved
        ]
        standing = "" if self.found.is_models else str(self.found.standing)
        plan = Candidate(
            "plan", "The study's plan", self.found.deployment, self.found.solution, standing
        )
        today = self.case.city.today
        there = [] if today is None else [Candidate("today", "Today", today, None)]
        robust = self._robust(kept, problems, solved, tail_weight, alpha)
        candidates = [*there, plan, *robust, *own]
        cost = np.array(
            [
                [self._cost(one, p, c) for one, p in zip(kept, problems, strict=True)]
                for c in candidates
            ]
        )
        keeps = np.array(
            [
                [self._keeps(one, p, c) for one, p in zip(kept, problems, strict=True)]
                for c in candidates
            ]
        )
        return ScenarioResults(
            self.case,
            self.found,
            tuple(kept),
            tuple(self.dropped),
            tuple(candidates),
            cost,
            keeps,
            np.where(keeps, cost, np.inf).min(axis=0),
            tuple(self.busy),
            self._figures(candidates, kept),
            self.found.solution.unit,
            tail_weight,
            alpha,
        )

    def _own_best(self) -> list[tuple[ScenarioCase, Optimum]]:
        """Solve each scenario by itself, at the busy shares that the study's plan has in it."""
        out = []
        start = self.case.counts(self.found.deployment)
        for k, one in enumerate(self.scenarios):
            self.progress("the best plan of each scenario", k, len(self.scenarios))
            busy = self._busy(one.case)
            found = optimize_once(
                one.case,
                busy_share=busy,
                stop=self._stop(),
                starts=FEW_STARTS,
                start=start,
                name=one.name,
            ).not_stopped()
            if not found.found:
                self.dropped.append(f"{one.name}: {found.solution.message}")
                continue
            self.busy.append(busy)
            out.append((one, found))
        return out

    def _busy(self, case: Case) -> dict[str, float]:
        """Return the share of its time that a responder cannot come: away, or there and busy."""
        types = case.program.responder_types
        if case.busy == "free":
            busy = dict.fromkeys(types, 0.0)
        elif case.busy == "consistent":
            # a type that the plan does not use is as busy as the program thinks
            measured = busy_in(case, self.found.deployment, self.service)
            busy = {name: kind.busy_share.value for name, kind in types.items()} | measured
        else:
            busy = dict.fromkeys(types, 0.0) | dict(case.busy)
        away = case.away
        return {name: min(1 - (1 - busy[name]) * (1 - away[name]), 0.999) for name in types}

    def _robust(
        self,
        kept: Sequence[ScenarioCase],
        problems: Sequence[Problem],
        solved: Sequence[tuple[ScenarioCase, Optimum]],
        tail_weight: float,
        alpha: float,
    ) -> list[Candidate]:
        own = [best.solution for _, best in solved]
        starts = [self.case.counts(self.found.deployment), *(s.counts for s in own)]
        starts = [
            x
            for x in starts
            if not any(one.case.broken(p, x) for one, p in zip(kept, problems, strict=True))
        ]
        costs = np.array(
            [[one.case.value(p, x) for one, p in zip(kept, problems, strict=True)] for x in starts]
        ).reshape(-1, len(problems))
        least = np.minimum(costs.min(axis=0, initial=np.inf), [s.objective for s in own])
        self.progress("the plan of least worst regret", 0, 2)
        weights = [one.weight for one in kept]
        waiting, stop = self.case.waiting, self._stop()
        solver, seed = self.case.solver.name, self.case.seed
        if waiting is None:
            regret, tail = best_of_known(starts, costs, least, weights, tail_weight, alpha)
        else:
            regret = least_regret(
                problems, waiting, least.tolist(), stop=stop, seed=seed, solver=solver,
                starts=starts,
            )  # fmt: skip
            if regret.interrupted:
                raise KeyboardInterrupt
            self.progress("the plan of least mean and tail", 1, 2)
            tail = mean_and_tail(
                problems, waiting, weights, tail_weight=tail_weight, alpha=alpha, stop=stop,
                seed=seed, solver=solver, starts=starts,
            )  # fmt: skip
            if tail.interrupted:
                raise KeyboardInterrupt
        out = []
        for name, title, solution in (
            ("least-regret", "Least worst regret", regret),
            ("mean-and-tail", "Mean and tail", tail),
        ):
            if len(solution.counts):
                bought = self.case.deployment(solution.counts, name)
                out.append(Candidate(name, title, bought, solution))
            else:
                self.dropped.append(f"{name}: {solution.message}")
        return out

    def _figures(
        self, candidates: Sequence[Candidate], kept: Sequence[ScenarioCase]
    ) -> dict[tuple[str, str], Mapping[str, float]]:
        """Replay each plan in each scenario; one scenario's calls are kept at a time."""
        out = {}
        for k, one in enumerate(kept):
            self.progress("replaying plans in scenarios", k, len(kept))
            setup = self.setup
            if one.scenario is not None:
                setup = evaluation_setup(one.case, like=self.setup).lean()
            for candidate in candidates:
                name = candidate.name
                shown = not name.startswith("best-") or name == f"best-{one.name}"
                if shown or one.scenario is None:
                    figures = replayed_in(one.case, candidate.deployment, setup)
                    out[candidate.name, one.name] = figures
        return out

    def _stop(self) -> Stop:
        return Stop(self.time_limit_s, self.case.solver.gap_with(busy=self.case.busy != "free"))

    def _cost(self, one: ScenarioCase, problem: Problem, candidate: Candidate) -> float:
        return one.case.value(problem, self.case.counts(candidate.deployment))

    def _keeps(self, one: ScenarioCase, problem: Problem, candidate: Candidate) -> bool:
        return not one.case.broken(problem, self.case.counts(candidate.deployment))
