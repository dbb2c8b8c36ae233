"""A plan as it may be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from coresponse.coverage.replay.bands import Interval
from coresponse.coverage.replay.rules import Rules
from coresponse.data.figures.rows import GroupsOnMap, SummaryRow
from coresponse.data.options import Deployment
from coresponse.data.programs.people import desk_seats
from coresponse.publish.certainty import SearchPublication, StandingPublication
from coresponse.publish.disclosure import Disclosure
from coresponse.publish.facts import Facts, HistoryPublication
from coresponse.publish.measured import (
    BootstrapPublication,
    EvaluationPublication,
    HoldoutPublication,
)
from coresponse.publish.places import (
    DistrictsPublication,
    MapPublication,
    NeedPublication,
    PlanAgenciesPublication,
    ResidentsPublication,
    StandardsPublication,
)
from coresponse.publish.rungs import CostPublication, LadderPublication
from coresponse.publish.staffing import PhonePublication, StaffingPublication, publish_staffing
from coresponse.publish.week_of_calls import HoursPublication, WeekPublication


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
    rules
        By which the replay sends units.
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
    rules: Rules
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
