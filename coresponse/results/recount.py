"""Recount what a run claims, without the solver, and hold its search against another one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from coresponse.coverage.measures import measure
from coresponse.data.errors import Fault
from coresponse.data.options import Deployment
from coresponse.optimize.solution import Status
from coresponse.publish.certainty import SearchPublication
from coresponse.publish.disclosure import of_run
from coresponse.questions.answer import Plan
from coresponse.questions.standing import Standing
from coresponse.study.read_back import PLAN_FILE

# Relative difference up to which two figures are the same where versions differ, and for the recount always.
SAME = 1e-6

# How a plan may stand.
FOUND = (Status.PROVEN.value, Status.BEST_FOUND.value)


def recounted(
    planned: Plan,
    told: Mapping[str, Any],
    deployment: Deployment,
    search: SearchPublication,
    model: Deployment,
    *,
    same_shares: bool,
    begins_with: Mapping[str, float] | None,
) -> Iterator[Fault]:
    """Recount what the file claims: limits and figures of its plan, floors and objective of the model's.

    Parameters
    ----------
    deployment, search, model
        The plan shown, the model's search, and the deployment that its status is of.
    same_shares
        Whether the run's search was told the busy shares that `planned`'s was: with others an
        objective is another one.
    begins_with
        The busy shares that the first round is planned with; None: not known.
    """
    counts = planned.case.counts(deployment)
    # what the question itself gives now keeps dollars as the replay spends them, which the model
    # that a limit is counted by only foresees
    broken = (
        []
        if deployment.counts == planned.deployment.counts
        else planned.problem.broken_limits(counts)
    )
    for limit in broken:
        yield Fault(f"{PLAN_FILE}, deployment", f"breaks the limit {limit}", "plan again")
    yield from _unlike_standing(told, deployment, model, search)
    yield from _unlike_rounds(search, begins_with)
    if same_shares:
        yield from _unlike_model(planned, told, deployment, model)
    yield from _unlike_measures(planned, deployment, told)


def _unlike_standing(
    told: Mapping[str, Any], deployment: Deployment, model: Deployment, search: SearchPublication
) -> Iterator[Fault]:
    """Hold what the file says that the plan is against its two deployments, and those against the rounds."""
    plan, same = told.get("plan"), deployment.counts == model.counts
    if not isinstance(plan, dict) or plan.get("is_models") is not same:
        what = f"the deployment {'is' if same else 'is not'} the model's, the file says otherwise"
        yield Fault(f"{PLAN_FILE}, plan.is_models", what, "plan again")
    elif not same and plan.get("standing") == Standing.MODELS.value:
        what = "says that the plan is the model's, which is another deployment"
        yield Fault(f"{PLAN_FILE}, plan.standing", what, "plan again")
    if search.rounds and search.rounds[search.chosen].deployment.counts != model.counts:
        what = "is not the deployment of the round that was chosen"
        yield Fault(f"{PLAN_FILE}, status.model_deployment", what, "plan again")


def _unlike_rounds(
    search: SearchPublication, begins_with: Mapping[str, float] | None
) -> Iterator[Fault]:
    """Hold the busy shares that each round was planned with against those that the one before found."""
    expected = begins_with
    for k, turn in enumerate(search.rounds):
        if expected is not None and dict(turn.planned_with) != dict(expected):
            what = "is not what the round before found" if k else "is not what a search begins with"
            yield Fault(f"{PLAN_FILE}, busy_units.rounds[{k}].planned_with", what, "plan again")
        expected = turn.measured


def _unlike_model(
    planned: Plan, told: Mapping[str, Any], deployment: Deployment, model: Deployment
) -> Iterator[Fault]:
    """Recount floors and objective of the model's deployment; of the plan's too, if it claims to be that."""
    case, problem = planned.case, planned.problem
    if not case.is_plain:
        for floor in case.statement(problem).broken_floors(case.counts(model)):
            what = f"breaks the floor {floor}"
            yield Fault(f"{PLAN_FILE}, status.model_deployment", what, "plan again")
    plan, whole = told.get("plan"), of_run(told).city(planned.table.cells)
    claims = isinstance(plan, dict) and plan.get("is_models") is True
    for one in (model, deployment) if claims else (model,):
        value = case.all_dollars(case.value(problem, case.counts(one)), planned.solution.unit)
        objective = whole.cost(value, planned.solution.unit)
        yield from _unlike("status.objective", told["status"].get("objective"), objective)


def _unlike_measures(planned: Plan, bought: Deployment, told: Mapping[str, Any]) -> Iterator[Fault]:
    """Measure the reported deployment and today's again."""
    whole, today = of_run(told).city(planned.table.cells), planned.case.city.today
    for name, deployment in {"plan": bought, **({} if today is None else {"today": today})}.items():
        claimed = told["measures"].get(name)
        if not isinstance(claimed, dict):
            yield Fault(f"{PLAN_FILE}, measures.{name}", "is missing", "plan again")
            continue
        case = planned.case
        found = measure(
            planned.table, deployment, target_s=case.standard, districts=case.city.districts
        )
        for key, value in found.overall.iloc[0].items():
            counted = whole.figure(str(key), float(value))
            yield from _unlike(f"measures.{name}.{key}", claimed.get(str(key)), counted)


def _unlike(key: str, claimed: object, counted: float) -> Iterator[Fault]:
    if claimed is None and not np.isfinite(counted):
        return
    told = (
        float(claimed)
        if isinstance(claimed, int | float) and not isinstance(claimed, bool)
        else float("nan")
    )
    if not abs(told - counted) <= SAME * max(1.0, abs(counted)):
        yield Fault(
            f"{PLAN_FILE}, {key}", f"says {claimed!r:.30}, recounted {counted:.10g}", "plan again"
        )


def solved_again(planned: Plan, told: Mapping[str, Any], *, same_shares: bool) -> Iterator[Fault]:
    """Compare two searches: each one's bound holds for the other's answer, with the same busy shares."""
    status, again = told["status"], planned.solution
    if status.get("status") not in [known.value for known in Status]:
        yield Fault(
            f"{PLAN_FILE}, status.status",
            f"{status.get('status')!r:.40} is not a status",
            "plan again",
        )
    if not planned.found:
        if status.get("status") != again.status.value:
            yield Fault(
                f"{PLAN_FILE}, status",
                f"says {status.get('status')!r:.40}, now {again.status.value}",
                "plan again",
            )
        return
    if status.get("status") not in FOUND:
        what = f"says {status.get('status')!r:.40}, but there is a plan"
        yield Fault(f"{PLAN_FILE}, status.status", what, "plan again")
    if not same_shares:
        return
    objective, bound = (_number(status.get(key)) for key in ("objective", "bound"))
    best, least = (
        planned.case.all_dollars(one, again.unit) for one in (again.objective, again.bound)
    )
    # what is published is rounded: neither an objective nor a bound is known closer than to half a
    # step
    step = of_run(told).city(planned.table.cells).cost_step(again.unit)
    slack = SAME * max(1.0, abs(best)) + step / 2
    if objective < least - slack:
        what = f"says {objective:.10g}, but no plan is below {least:.10g}"
        yield Fault(f"{PLAN_FILE}, status.objective", what, "plan again")
    if bound > best + slack:
        what = f"says {bound:.10g}, but a plan has {best:.10g}"
        yield Fault(f"{PLAN_FILE}, status.bound", what, "plan again")
    size = max(abs(objective), 1e-12)
    if (
        np.isfinite(objective - bound)
        and not abs(_number(status.get("gap")) - max(0.0, objective - bound) / size)
        <= SAME + step / size
    ):
        yield Fault(
            f"{PLAN_FILE}, status.gap",
            f"says {status.get('gap')!r:.30}, but objective and bound are another way apart",
            "plan again",
        )
    proven = status.get("status") == Status.PROVEN.value
    solver = planned.case.solver
    gap = max(solver.gap, solver.busy_gap)
    if proven and not objective - bound <= (gap + SAME) * max(abs(objective), 1e-12) + step:
        yield Fault(
            f"{PLAN_FILE}, status", "says proven, but its bound proves nothing", "plan again"
        )


def _number(value: object) -> float:
    return (
        float(value)
        if isinstance(value, int | float) and not isinstance(value, bool)
        else float("nan")
    )
