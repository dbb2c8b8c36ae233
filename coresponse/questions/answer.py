"""A case's answer: the plan, the tests on calls that it has not seen, and the model beside the records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.demand import DemandCells
from coresponse.coverage.evaluation import Evaluation
from coresponse.coverage.measures import Measures
from coresponse.coverage.replay.bands import Interval
from coresponse.coverage.replay.replay_measures import ReplayMeasures
from coresponse.coverage.response import ResponseTable
from coresponse.coverage.validation.calibrate import Calibration
from coresponse.coverage.validation.compare import TimesComparison, Verdict
from coresponse.coverage.validation.findings import CityFit, Reason, TypeFit
from coresponse.coverage.validation.records import TravelRecords
from coresponse.coverage.validation.travels import Start
from coresponse.data.cards import EXACT, card
from coresponse.data.city import City
from coresponse.data.notes import Note
from coresponse.data.options import Deployment
from coresponse.optimize.case import Case
from coresponse.optimize.chosen import Choice, Confirmation, Ladder, MarginalUse
from coresponse.optimize.explain import Clash
from coresponse.optimize.problem import Problem
from coresponse.optimize.solution import Solution, Status
from coresponse.optimize.solved import BusyRounds, Optimum, Solved


class Standing(StrEnum):
    """What the plan shown is; the model's own status is of the model's deployment alone."""

    MODELS = "the model's plan"
    CHOSEN = "chosen in the replay"
    CONFIRMED = "confirmed in the replay"
    NOT_CONFIRMED = "nothing confirmed"
    NONE = "no plan"

    def in_model(self, message: str) -> str:
        """Say how the search in the model ended, and of which deployment that is: no proof is lent to another."""
        whose = {
            Standing.MODELS: "this plan is ",
            Standing.CHOSEN: "another deployment is ",
            Standing.CONFIRMED: "the model's own deployment is ",
            Standing.NOT_CONFIRMED: "the model's own deployment is ",
        }
        return f"in the model, {whose.get(self, '')}{message}"

    def told(self, message: str) -> str:
        """Say what the plan is, and how the search in the model ended."""
        said = f"{self.value[:1].upper()}{self.value[1:]}"
        model = self.in_model(message)
        return f"{said}. {model[:1].upper()}{model[1:]}"


@dataclass(frozen=True, eq=False)
class Plan:
    """A case's answer.

    Attributes
    ----------
    solved
        The optimizer's answer: problem, solution with its status, deployment, rounds.
    evaluations
        By name: ``plan``; ``today`` if the city has it; ``naive``, the plan for units that are
        always free, if it is another. Empty if nothing was found.
    model_notes
        What service times, arrivals and replay rest on.
    holdout
        The test on calls that a plan has not seen; None, and `holdout_reason` says why.
    bootstrapped
        If asked for.
    choice
        What the replay chose; None where units are always free or their shares stated, and where
        the search was stopped.
    confirmation
        Whether what the goal or floors promise is confirmed; None where nothing is promised.
    ladder
        Today, today's staff rearranged, the plan, on the same chances; None without a choice.
    use
        What each unit of the plan is for; None without a choice.
    validation
        The model beside the records; None where these cannot tell, or nobody asked.
    """

    solved: Solved
    evaluations: Mapping[str, Evaluation] = field(default_factory=dict)
    model_notes: tuple[Note, ...] = ()
    holdout: Holdout | None = None
    holdout_reason: str = ""
    bootstrapped: Bootstrapped | None = None
    choice: Choice | None = None
    confirmation: Confirmation | None = None
    ladder: Ladder | None = None
    use: MarginalUse | None = None
    validation: Validation | None = None

    @property
    def case(self) -> Case:
        """What was asked."""
        return self.solved.case

    @property
    def city(self) -> City:
        """Of whom, as the case assumes it."""
        return self.case.world

    @property
    def table(self) -> ResponseTable:
        """Response times of all that can be bought."""
        return self.case.table

    @property
    def best(self) -> Optimum:
        """The optimizer's answer, of the round that was chosen."""
        return self.solved.best

    @property
    def rounds(self) -> BusyRounds | None:
        """With busy units; None where they are always free."""
        return self.solved.rounds

    @property
    def found(self) -> bool:
        """Whether there is a plan."""
        return self.solved.found

    @property
    def problem(self) -> Problem:
        """What was asked of the optimizer."""
        return self.best.problem

    @property
    def solution(self) -> Solution:
        """The optimizer's answer."""
        return self.best.solution

    @property
    def status(self) -> Status:
        """How the model's answer stands, in the model; of the plan see `standing`."""
        return self.solution.status

    @property
    def standing(self) -> Standing:
        """What the plan is: the model's, another that the replay chose, or one that was confirmed."""
        if not self.found:
            return Standing.NONE
        if self.confirmation is not None:
            confirmed = self.confirmation.confirmed
            return Standing.CONFIRMED if confirmed else Standing.NOT_CONFIRMED
        return Standing.MODELS if self.is_models else Standing.CHOSEN

    @property
    def is_models(self) -> bool:
        """Whether the plan is the model's own deployment."""
        return dict(self.deployment.counts) == dict(self.best.deployment.counts)

    @property
    def gap(self) -> float:
        """Relative gap between objective and bound."""
        return self.solution.gap

    @property
    def deployment(self) -> Deployment:
        """The plan: what was confirmed, or chosen by the replay, or else the model's.

        Empty if nothing was found.
        """
        if self.confirmation is not None:
            answer = self.confirmation.plan or self.confirmation.closest
            if answer is not None:
                return answer.deployment
        return self.best.deployment if self.choice is None else self.choice.deployment

    @property
    def call_outs(self) -> Mapping[str, float]:
        """Call-outs in 24 hours on standby, by type, as the replay found them; empty where it did not choose."""
        return {} if self.choice is None else self.choice.call_outs

    @property
    def nothing_confirmed(self) -> bool:
        """Whether something is promised that no deployment tried out was confirmed to keep."""
        return self.confirmation is not None and not self.confirmation.confirmed

    @property
    def clash(self) -> Clash | None:
        """Why the limits cannot be kept, if they cannot."""
        return self.best.clash

    @property
    def measures(self) -> dict[str, Measures]:
        """Figures if the nearest is always free: ``plan``, and ``today`` if the city has it."""
        return {
            name: self.evaluations[name].nearest
            for name in ("plan", "today")
            if name in self.evaluations
        }

    @property
    def replayed(self) -> dict[str, ReplayMeasures]:
        """The replay's figures: ``plan``, and ``today`` if the city has it; of none where nobody is in place."""
        return {
            name: replay
            for name in ("plan", "today")
            if name in self.evaluations and (replay := self.evaluations[name].replay) is not None
        }

    def __repr__(self) -> str:
        """Say it in a line."""
        if not self.found:
            return f"<Plan for {self.city.name!r}: {self.status}>"
        return (
            f"<Plan for {self.city.name!r}: {self.standing}; the model's: {self.status}, "
            f"gap {self.gap:.2%}; {self.deployment}>"
        )

    def _repr_html_(self) -> str:
        """Show it in a notebook: how sure the answer is, what it does, and who stands where."""
        solution = self.solution
        message = solution.message or str(self.status)
        if not self.found:
            return card(f"No plan for {self.city.name}", {"Status": message})
        rows: dict[str, object] = {
            "Plan": str(self.standing),
            "In the model": f"{'this plan' if self.is_models else 'another deployment'}: {message}; "
            f"objective {solution.objective:.5g} {solution.unit}, gap {self.gap:.2%}",
        }
        titles = {"plan": "Plan", "today": "Today", "naive": "Plan as if units were never busy"}
        rows |= {titles[name]: one.headline for name, one in self.evaluations.items()}
        return (
            card(f"A plan for {self.city.name}", rows, note=EXACT) + self.deployment._repr_html_()
        )


@dataclass(frozen=True, eq=False)
class Holdout:
    """How a plan made on the earlier days does on the later ones.

    Attributes
    ----------
    plan_days, judge_days
        Days planned on; days judged on.
    cells
        Demand of the days judged on.
    best
        The plan made on the earlier days, of as many responders as that of the whole history.
    evaluations
        On the later days, real calls at their real times: ``plan`` (that plan), and ``today`` if
        the study has it.
    seen
        The plan's figures on the days that it was made for, if the nearest were always free.
    wait_less_s
        By how much a call waits less under the plan than today, in the replay, with a band over
        days; None without today.
    """

    plan_days: float
    judge_days: float
    cells: DemandCells
    best: Optimum
    evaluations: Mapping[str, Evaluation]
    seen: Measures
    wait_less_s: Interval | None


@dataclass(frozen=True, eq=False)
class Bootstrapped:
    """Plans made on days drawn with replacement, judged by queueing on the days not drawn.

    Attributes
    ----------
    wait_less_s
        (samples,) by how much a call waits less under the plan than today; NaN without today.
    share_in_time
        (samples,) of the plan, by queueing.
    kept_posts
        (samples,) share of the study's plan that each sample's plan has in common with it.
    overall
        (samples,) queueing's figures of all calls that each sample's plan was judged on.
    """

    wait_less_s: NDArray[np.float64]
    share_in_time: NDArray[np.float64]
    kept_posts: NDArray[np.float64]
    overall: tuple[pd.DataFrame, ...]


@dataclass(frozen=True, eq=False)
class Validation:
    """A model beside what was recorded.

    Attributes
    ----------
    case
        With today's deployment in its city.
    records
        Recorded trips of today's crews.
    comparison
        Recorded beside modeled times, at the speeds of the case.
    fit
        Speeds, delays and call-taking fitted on some days and judged on the others; None where
        nobody can tell whose arrivals these are, or there are none.
    reasons
        Why the records cannot tell, if so.
    """

    case: Case
    records: TravelRecords
    comparison: TimesComparison
    fit: CityFit | None
    reasons: tuple[Reason, ...]

    @property
    def lead(self) -> TypeFit | None:
        """What is fitted to the type that has most records."""
        return self.fit.types[0] if self.fit is not None and self.fit.types else None

    @property
    def calibration(self) -> Calibration | None:
        """Its speeds by period and class of road."""
        return None if self.lead is None else self.lead.calibration

    @property
    def start(self) -> Start | None:
        """How the posts that its units started from are known."""
        return None if self.lead is None else self.lead.start

    @property
    def of_whom_known(self) -> bool:
        """Whether the planner said which recorded units are today's crews."""
        return not {"no units", "units not named"} & {*self.reasons}

    @property
    def verdict(self) -> Verdict:
        """Whether the model fits; records of nobody knows whom cannot tell."""
        return self.comparison.verdict if self.of_whom_known else "cannot tell"

    def words(self) -> tuple[str, ...]:
        """Say what came out, in exact figures."""
        said = self.comparison.words() if self.records.n else ()
        return (*said, self.calibration.words()) if self.calibration is not None else said

    def __repr__(self) -> str:
        """Say it in a line."""
        return f"<Validation: {self.verdict}, {self.records.n:,} records>"
