"""A plan as it may be shown: the only form of it that pages, files, JSON and terminal take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from coresponse.coverage.replay.bands import Interval
from coresponse.data.figures.rows import GroupsOnMap, SummaryRow
from coresponse.data.options import Deployment
from coresponse.data.programs.people import desk_seats
from coresponse.publish.call_outs import model_dollar_step
from coresponse.publish.certainty import SearchPublication, StandingPublication
from coresponse.publish.disclosure import INTERNAL, PUBLIC, Disclosure
from coresponse.publish.districts import publish_districts
from coresponse.publish.evaluation import EvaluationPublication, publish_evaluation
from coresponse.publish.facts import Facts, HistoryPublication
from coresponse.publish.history import facts_of, publish_history
from coresponse.publish.holdout import (
    BootstrapPublication,
    HoldoutPublication,
    publish_bootstrap,
    publish_holdout,
)
from coresponse.publish.hours import publish_hours
from coresponse.publish.ladder import publish_ladder
from coresponse.publish.living_map import publish_living_map
from coresponse.publish.map import publish_map
from coresponse.publish.need import publish_need
from coresponse.publish.phone import PhonePublication, publish_phone
from coresponse.publish.places import (
    DistrictsPublication,
    MapPublication,
    NeedPublication,
    PlanAgenciesPublication,
    ResidentsPublication,
    StandardsPublication,
)
from coresponse.publish.plan_agencies import publish_plan_agencies
from coresponse.publish.residents import publish_residents
from coresponse.publish.rungs import CostPublication, LadderPublication
from coresponse.publish.search import publish_search
from coresponse.publish.staffing import StaffingPublication, publish_staffing
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
from coresponse.publish.week_of_calls import HoursPublication, WeekPublication
from coresponse.questions.answer import Plan
from coresponse.questions.validate import cannot_tell


@dataclass(frozen=True, eq=False)
class KeptInside:
    """What the folder ``internal/`` of every run holds, and nothing else shows."""

    funnel: HistoryPublication
    set_aside: pd.DataFrame
    unmapped: pd.DataFrame
    posts_set_aside: pd.DataFrame
    timing: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class FoundPublication:
    """What a plan does, as it may be shown.

    Attributes
    ----------
    evaluations
        By name: ``plan``, ``today``, ``naive``.
    summary
        Figures of the plan beside today's.
    costs, map, districts
        Money; areas and districts; districts today beside the plan.
    left_to_police
        Calls a week that the plan leaves to police; None where nobody is in place.
    further_in_time
        Calls a week that the plan reaches in time beyond today's; None without today.
    calls_per_week
        Eligible ones.
    ladder
        Today, today's staff rearranged, the plan; None where the replay chose nothing.
    residents
        Who waits, by where people of a group live; None where nobody said where they do.
    hours
        Calls, responders on duty and busy by hour; None without recorded calls.
    standards
        Areas with standards of their own; None where one standard holds for all calls.
    need
        Calls per 1,000 residents beside response; None where residents or districts are not known.
    week
        Calls, responders on duty and busy by hour of the week; None without recorded calls.
    living
        Where groups of residents live, by areas of the map; None where no group is shown.
    agencies
        Whose calls wait how long, and who has how many units; None where there is one agency.
    """

    evaluations: Mapping[str, EvaluationPublication]
    summary: tuple[SummaryRow, ...]
    costs: CostPublication
    map: MapPublication
    districts: DistrictsPublication | None
    left_to_police: Interval | None
    further_in_time: Interval | None
    calls_per_week: float
    holdout: HoldoutPublication | None
    bootstrapped: BootstrapPublication | None
    ladder: LadderPublication | None = None
    residents: ResidentsPublication | None = None
    hours: HoursPublication | None = None
    standards: StandardsPublication | None = None
    need: NeedPublication | None = None
    week: WeekPublication | None = None
    living: GroupsOnMap | None = None
    agencies: PlanAgenciesPublication | None = None


@dataclass(frozen=True, eq=False)
class PlanPublication:
    """A plan as it may be shown.

    Attributes
    ----------
    disclosure
        What it lifts.
    facts, history
        The question; what was read of past calls.
    search
        How the model's answer was found.
    standing
        What the plan shown is: the model's, another, a confirmed one, or nothing confirmed.
    deployment
        The plan; empty if nothing was found.
    found
        What it does; None if nothing was found.
    model_notes
        What service times, arrivals and replay rest on.
    holdout_reason
        Why there is no test on calls that the plan has not seen.
    records
        How the model compares with what was recorded, or why nobody can tell, in a sentence.
    phone
        The desk of clinicians on the phone; None without one.
    inside
        For the folder ``internal/``.
    """

    disclosure: Disclosure
    facts: Facts
    history: HistoryPublication
    search: SearchPublication
    standing: StandingPublication
    deployment: Deployment
    found: FoundPublication | None
    model_notes: tuple[str, ...]
    holdout_reason: str
    records: str
    phone: PhonePublication | None
    inside: KeptInside = field(repr=False)

    @property
    def evaluations(self) -> Mapping[str, EvaluationPublication]:
        """Figures by deployment; empty if nothing was found."""
        return {} if self.found is None else self.found.evaluations

    @property
    def deployments(self) -> dict[str, Deployment]:
        """The plan, and today's deployment if it is known."""
        today = self.facts.today
        return {"plan": self.deployment} | ({} if today is None else {"today": today})

    @property
    def staffing(self) -> StaffingPublication:
        """The people that the plan needs, and whom to hire."""
        facts = self.facts
        posts = facts.posts.frame
        names = dict(zip(posts["post_id"], posts["name"], strict=True))
        told = publish_staffing(facts.program, names, self.deployment, facts.today)
        if self.phone is None:
            return told
        return replace(
            told,
            phone=self.phone.sentences,
            desk=self.phone.staff,
            desk_shifts=desk_seats(facts.program, self.phone.shifts),
        )

    @property
    def records_in_short(self) -> str:
        """How the model compares with what was recorded, without what to write into which file."""
        said, colon, why = self.records.partition(": ")
        return f"{said}{colon}{why.partition(': ')[0].rstrip('.')}." if why else said

    @property
    def in_model(self) -> str:
        """Say how the model's answer stands, and whether it is the plan shown."""
        return f"{self.search.in_model(self.standing.whose)}."

    @property
    def shown(self) -> FoundPublication:
        """What the plan does.

        Raises
        ------
        ValueError
            If nothing was found.
        """
        if self.found is None:
            raise ValueError("there is no plan to show")
        return self.found


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
