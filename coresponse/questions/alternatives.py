"""What else could be done: plans nearly as good that use other posts, and what each post is worth."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic
from typing import Any

import numpy as np

from coresponse.data.progress import Progress, silent
from coresponse.optimize.alternatives import alternatives as near_best
from coresponse.optimize.case import Case
from coresponse.optimize.evaluate_case import QUICK_STATES, evaluation_setup, queueing
from coresponse.optimize.goals.goal import FewestUnits, LeastCost, ranks
from coresponse.optimize.optimize_once import optimize_once
from coresponse.optimize.optimum import Optimum
from coresponse.optimize.settings import REPLAY_S
from coresponse.optimize.solution import Solution, Status, Stop
from coresponse.optimize.trials import Trials
from coresponse.optimize.worth import PostWorth, worth_of_posts
from coresponse.questions.answer import Plan
from coresponse.questions.near_best import NearBest
from coresponse.questions.plan import find_plan
from coresponse.questions.same_fleet import same_fleet
from coresponse.study.memory import PLANNING, tell


def alternatives(
    case: Case,
    *,
    count: int = 3,
    differ_in: int = 2,
    worth: bool = False,
    progress: Progress = silent,
) -> NearBest | Plan:
    """Plan, and look for other plans nearly as good; what limits cannot be kept is an answer.

    Parameters
    ----------
    count
        Plans in all, the study's first.
    differ_in
        Posts in which any two of them differ at least.
    worth
        Whether to force each post out of the plan, or into it; the case's time limit holds for all
        of them together.

    Returns
    -------
    NearBest or Plan
        The latter if there is no plan.
    """
    tell(case, PLANNING, progress)
    case.work_out_table(progress)
    until = monotonic() + case.solver.time_limit_s + REPLAY_S
    setup = evaluation_setup(case, progress=progress).lean()
    planned = find_plan(case, Trials.of(case, setup, until=until), progress=progress)
    planned.best.not_stopped()
    if not planned.found:
        return planned
    asked, optimum = _model_of(planned)
    problem, goal = optimum.problem, asked.waiting or asked.statement(optimum.problem)
    plan = _in_model(planned, asked, optimum)
    solver = asked.solver
    stop = Stop(solver.time_limit_s, solver.gap_with(busy=bool(problem.busy_share.any())))
    posts = [option.post_id for option in asked.options]
    how: dict[str, Any] = {"stop": stop, "seed": asked.seed, "solver": solver.name}
    progress("plans nearly as good", 0, 1)
    found = near_best(problem, goal, posts, count=count, differ_in=differ_in, first=plan, **how)
    if found.found[-1].solution.interrupted:
        raise KeyboardInterrupt
    deployments = tuple(
        case.deployment(one.solution.counts, "plan" if k == 0 else f"plan {k + 1}")
        for k, one in enumerate(found.found)
    )
    judged = [setup.evaluate(case.table, one, None).replay for one in deployments]
    replayed = tuple(one for one in judged if one is not None)
    each: tuple[PostWorth, ...] = ()
    if worth:
        progress("what each post is worth", 0, 1)
        # the plan's posts, against the model's best: without a post that only the plan uses, the
        # model does as well as ever
        best = replace(optimum.solution, counts=plan.counts)
        each = worth_of_posts(problem, goal, posts, best, total_s=solver.time_limit_s, **how)
        if len(each) < len(set(posts)):
            raise KeyboardInterrupt
    return NearBest(planned, asked, optimum, found, deployments, replayed, each)


def _model_of(planned: Plan) -> tuple[Case, Optimum]:
    """Return the case that other plans answer, and the model's best in it."""
    case, plan = planned.case, planned.deployment
    sized = planned.confirmation and isinstance(ranks(case.goal)[0], FewestUnits | LeastCost)
    if not sized and plan.by_type() == planned.best.deployment.by_type():
        return case, planned.best
    # the model alone keeps a promise with fewer, and a budget at other call-outs than the replay's
    asked = same_fleet(case, plan, planned.call_outs)
    busy = (
        dict.fromkeys(case.program.responder_types, 0.0)
        | queueing(asked, plan, exact_states=QUICK_STATES).busy_share
    )
    solver = case.solver
    stop = Stop(solver.time_limit_s, solver.gap_with(busy=True))
    start = asked.counts(plan)
    return asked, optimize_once(asked, busy_share=busy, stop=stop, start=start).not_stopped()


def _in_model(planned: Plan, asked: Case, optimum: Optimum) -> Solution:
    """Return the study's plan as the model sees it: the model's own answer, or another's objective."""
    counts = asked.counts(planned.deployment)
    if np.array_equal(counts, optimum.solution.counts):
        return optimum.solution
    return replace(
        optimum.solution,
        counts=counts,
        objective=asked.value(optimum.problem, counts),
        status=Status.BEST_FOUND,
        message=str(planned.standing),
    )
