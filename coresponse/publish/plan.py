"""A plan as it may be shown: the only form of it that pages, files, JSON and terminal take."""

from __future__ import annotations

from typing import Any

from coresponse.publish.call_outs import model_dollar_step
from coresponse.publish.disclosure import INTERNAL, PUBLIC, Disclosure
from coresponse.publish.districts import publish_districts
from coresponse.publish.evaluation import publish_evaluation
from coresponse.publish.history import facts_of, publish_history
from coresponse.publish.holdout import (
    publish_bootstrap,
    publish_holdout,
)
from coresponse.publish.hours import publish_hours
from coresponse.publish.ladder import publish_ladder
from coresponse.publish.living_map import publish_living_map
from coresponse.publish.map import publish_map
from coresponse.publish.need import publish_need
from coresponse.publish.phone import publish_phone
from coresponse.publish.plan_agencies import publish_plan_agencies
from coresponse.publish.plan_publication import FoundPublication, KeptInside, PlanPublication
from coresponse.publish.residents import publish_residents
from coresponse.publish.search import publish_search
from coresponse.publish.standards import publish_standards
from coresponse.publish.standing import publish_standing
from coresponse.publish.summary import (
    change_since_today,
    deployments_of,
    left_to_police,
    publish_costs,
    summary_rows,
)
from coresponse.publish.validation import before_validation, publish_validation
from coresponse.publish.week import publish_week
from coresponse.questions.answer import Plan
from coresponse.questions.validate import cannot_tell


def publish_plan(plan: Plan, disclosure: Disclosure = PUBLIC) -> PlanPublication:
    """Return a plan as it may be shown.

    Raises
    ------
    InputError
        If it rests on so few calls that every figure would tell of them.
    """
    case, cells = plan.case, plan.table.cells
    if plan.found:
        disclosure.refuse_few(int(cells.calls.sum()))
    return PlanPublication(
        disclosure=disclosure,
        facts=facts_of(case),
        history=publish_history(case.city, disclosure),
        search=publish_search(
            plan.solution,
            disclosure.city(cells),
            clash=plan.clash,
            rounds=plan.rounds,
            program=case.program,
            busy_share=plan.solved.busy_share,
            desk_cost=case.desk_cost,
            dollar_step=model_dollar_step(case, disclosure.city(cells)),
        ),
        standing=publish_standing(plan, disclosure.city(cells)),
        deployment=plan.deployment,
        found=_found(plan, disclosure) if plan.found else None,
        model_notes=tuple(disclosure.notes(plan.model_notes)),
        holdout_reason=plan.holdout_reason,
        records=_records(plan, disclosure),
        phone=publish_phone(case, disclosure) if plan.found else None,
        rules=plan.rules or case.evaluation.rules,
        inside=KeptInside(
            funnel=publish_history(case.city, INTERNAL),
            set_aside=case.city.calls.set_aside,
            unmapped=case.city.calls.unmapped,
            posts_set_aside=case.city.posts.set_aside,
            timing=_timing(plan),
        ),
    )


def _records(plan: Plan, disclosure: Disclosure) -> str:
    if plan.validation is not None:
        return publish_validation(plan.validation, disclosure).sentences[0]
    return before_validation(cannot_tell(plan.case))


def _found(plan: Plan, disclosure: Disclosure) -> FoundPublication:
    evaluations = {
        name: publish_evaluation(one, plan.case.program, disclosure)
        for name, one in plan.evaluations.items()
    }
    costs = publish_costs(plan, disclosure)
    rounding = disclosure.city(plan.table.cells)
    districts = publish_districts(plan, disclosure)
    drawn = publish_map(plan, deployments_of(plan), districts, disclosure)
    residents, city = publish_residents(plan, disclosure), plan.case.city
    return FoundPublication(
        evaluations=evaluations,
        summary=tuple(summary_rows(plan, evaluations, costs, disclosure)),
        costs=costs,
        map=drawn,
        districts=districts,
        left_to_police=left_to_police(plan, disclosure),
        further_in_time=change_since_today(plan, ("in_time_per_week",), disclosure),
        calls_per_week=rounding.per_week(rounding.calls_per_week),
        holdout=None
        if plan.holdout is None
        else publish_holdout(plan.holdout, plan.case.program, disclosure),
        bootstrapped=None
        if plan.bootstrapped is None
        else publish_bootstrap(plan.bootstrapped, disclosure),
        ladder=publish_ladder(plan, disclosure),
        residents=residents,
        hours=publish_hours(plan, evaluations["plan"].replay, disclosure),
        standards=publish_standards(plan, disclosure),
        need=publish_need(plan, districts, disclosure),
        agencies=publish_plan_agencies(plan, disclosure),
        week=publish_week(plan, evaluations, disclosure),
        living=publish_living_map(
            city.living, residents, drawn.cells, drawn.cells_by_time, city.roads, disclosure
        ),
    )


def _timing(plan: Plan) -> dict[str, Any]:
    """Return what differs from run to run: seconds, and how incumbent and bound came together."""
    return {
        "solve_seconds": round(plan.solution.seconds, 3),
        "steps": [
            {
                "seconds": round(step.seconds, 3),
                "incumbent": step.incumbent,
                "bound": step.bound,
                "stage": step.stage,
            }
            for step in plan.solution.steps
        ],
    }
