"""Programs held against each other: each one's plan within a budget."""

from __future__ import annotations

from dataclasses import dataclass

from coresponse.coverage.replay.replay_measures import ReplayMeasures
from coresponse.optimize.case import Case
from coresponse.questions.answer import Plan
from coresponse.questions.compare.entrants import (
    Entrant,
)

# A plan that spends this share more than the budget keeps it: of the replay's spending, more is noise.
WITHIN = 0.01


@dataclass(frozen=True, eq=False)
class PlanWithin:
    """A plan within a budget.

    Attributes
    ----------
    plan
        Chosen by the replay.
    replay
        Its figures; None if there is nothing in place.
    cost
        Dollars a year, call-outs as the replay finds them.
    """

    plan: Plan
    replay: ReplayMeasures | None
    cost: float


@dataclass(frozen=True, eq=False)
class ProgramPlan:
    """What a program does in the city.

    Attributes
    ----------
    entrant
        The program in the city.
    plan, more
        Within the budget, and with so much more that one more responder fits, whichever it is; None
        if the program cannot be planned.
    why_not
        Why there is no plan; empty if there is one.
    """

    entrant: Entrant
    plan: PlanWithin | None
    more: PlanWithin | None
    why_not: str = ""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Programs side by side.

    Attributes
    ----------
    case
        The study's own question.
    budget_per_year
        Dollars.
    past_calls
        Recorded calls of any class that one of the programs takes: the same for all.
    calls_per_week
        Those of them that come to the field, with the case's factors on calls; the same for all.
    by_phone_per_week
        Further ones that clinicians on the phone end, the same for all.
    programs
        One an entrant, in the order asked for.
    """

    case: Case
    budget_per_year: float
    past_calls: int
    calls_per_week: float
    by_phone_per_week: float
    programs: tuple[ProgramPlan, ...]
