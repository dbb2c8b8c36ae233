"""Honest tests of a plan.

Plan on a part of the history, judge on calls that the plan has not seen.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from coresponse.coverage.evaluation_setup import fit_models, history_setup
from coresponse.coverage.few_calls import MIN_CALLS
from coresponse.coverage.measures import measure
from coresponse.coverage.replay.drives import ReplayRoads
from coresponse.coverage.replay.holdout import bootstrap_days, less_wait, split_by_time
from coresponse.data.calls.history import CallHistory
from coresponse.data.errors import InputError
from coresponse.data.options import Deployment
from coresponse.data.progress import Progress, silent
from coresponse.data.spare_memory import give_back
from coresponse.optimize.case import Case
from coresponse.optimize.evaluate_case import kept_calls, queueing
from coresponse.optimize.optimize_once import optimize_once
from coresponse.optimize.optimum import Optimum
from coresponse.optimize.solution import Status, Stop
from coresponse.optimize.solved import Solved
from coresponse.questions.further import Bootstrapped, Holdout
from coresponse.questions.same_fleet import same_fleet

# Starts of the local search for each part of the history.
STARTS = 4


def hold_out(
    solved: Solved,
    plan: Deployment,
    *,
    call_outs: Mapping[str, float] | None = None,
    drives: ReplayRoads | None = None,
    progress: Progress = silent,
) -> Holdout:
    """Plan on the earlier part of the history and evaluate on the rest.

    Parameters
    ----------
    solved
        The model's answer for the whole history, whose busy shares the other plan is made with.
    plan
        The plan of the whole history: the other has as many responders of each type.
    call_outs
        In 24 hours on standby, by type, that a budget of the plan is kept with.
    drives
        Of a replay of the same city, used again.

    Raises
    ------
    InputError
        If the history is too short, or no plan is found on its part.
    """
    case = solved.case.with_(planning_year=None)  # its parts are judged as they were
    first, rest = split_by_time(case.city.calls, share=1 - case.evaluation.holdout_share)
    progress("planning on a part of the history", 0, 1)
    if min(_planned_for(case, part) for part in (first, rest)) < MIN_CALLS:
        raise InputError(
            f"a part of the history has fewer than {MIN_CALLS} eligible calls, too few to tell of"
        )
    give_back()
    seen = case.with_calls(first)
    found = _plan_on(same_fleet(seen, plan, call_outs), solved).deployment
    when_made = measure(seen.table, found, target_s=case.standard)
    models, plan_days = fit_models(case.world, first, case.evaluation), first.days
    # response times are the bulk of what is held: those of one part go before the other's come
    del seen, first
    give_back()
    unseen = case.with_calls(rest)
    setup = history_setup(
        case.world,
        case.evaluation,
        rest,
        target_s=case.standard,
        seed=case.seed,
        models=models,
        kept=kept_calls(case, rest),
        drives=drives,
    )
    today = case.city.today
    deployments = {"plan": found} | ({"today": today} if today is not None else {})
    evaluations = {}
    for k, (name, deployment) in enumerate(deployments.items()):
        progress("judging on calls not seen", k, len(deployments))
        busy = None
        if deployment.size:
            busy = queueing(unseen, deployment, service=setup.service)
        evaluations[name] = setup.evaluate(unseen.table, deployment, busy)
    less = None
    if today is not None and today.size:
        runs = [setup.replay(deployment) for deployment in (found, today)]
        less = less_wait(*runs, fallback_s=case.table.fallback_s)
    return Holdout(
        plan_days=plan_days,
        judge_days=rest.days,
        cells=unseen.table.cells,
        deployment=found,
        evaluations=evaluations,
        seen=when_made,
        wait_less_s=less,
    )


def bootstrap(
    solved: Solved,
    plan: Deployment,
    *,
    samples: int,
    call_outs: Mapping[str, float] | None = None,
    progress: Progress = silent,
) -> Bootstrapped:
    """Plan on days drawn with replacement, evaluate by queueing on the days left out.

    Parameters are those of :func:`hold_out`.

    Raises
    ------
    InputError
        If the history is too short.
    """
    case = solved.case.with_(planning_year=None)  # days are judged as they were
    less, share, kept, overall = [], [], [], []
    days = bootstrap_days(case.city.calls, samples=samples, seed=case.seed)
    for k, (drawn, left) in enumerate(days):
        progress("planning on samples of days", k, samples)
        asked = same_fleet(case.with_calls(drawn), plan, call_outs)
        found = _plan_on(asked, solved).deployment
        rest = case.with_calls(left)
        measured = [
            queueing(rest, d, service=case.service)
            for d in (found, case.city.today)
            if d is not None and d.size
        ]
        waits = [one.figure("mean_with_fallback_s") for one in measured]
        less.append(waits[1] - waits[0] if len(waits) == 2 else np.nan)
        share.append(measured[0].figure("share_in_time"))
        overall.append(measured[0].overall)
        kept.append(in_common(plan, found))
    return Bootstrapped(np.array(less), np.array(share), np.array(kept), tuple(overall))


def in_common(one: Deployment, other: Deployment) -> float:
    """Return the share of one deployment's responders that the other has at the same post on the same hours."""
    theirs = other.as_dict()
    return sum(min(count, theirs.get(option, 0)) for option, count in one.counts) / max(one.size, 1)


def _planned_for(case: Case, calls: CallHistory) -> int:
    """Count the calls that any responder type may be sent to."""
    return int(case.of_part(calls).base_cells.calls.sum())


def _plan_on(part: Case, solved: Solved) -> Optimum:
    """Search as near to the bound as the plan of the whole history came.

    Where time ended that search, a part of the history would else take all of it once more: then as
    near as is asked for with busy units will do, at which plans of the model are as good as each
    other in the replay.
    """
    solver, busy_share, plan = part.solver, solved.busy_share, solved.best.solution
    gap = solver.busy_gap if busy_share else solver.gap
    if plan.status is Status.BEST_FOUND:
        gap = max(gap, plan.gap, solver.busy_gap)
    stop = Stop(solver.time_limit_s, gap)
    found = optimize_once(part, busy_share=busy_share, stop=stop, starts=STARTS).not_stopped()
    if not found.found:
        raise InputError(f"no plan was found on a part of the history: {found.solution.message}")
    return found
