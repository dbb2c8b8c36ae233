"""A case's answer: the plan, the tests on calls that it has not seen, and the model beside the records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from coresponse.coverage.cells import ResponseTable
from coresponse.coverage.evaluation import Evaluation
from coresponse.coverage.measures import Measures
from coresponse.coverage.replay.replay_measures import ReplayMeasures
from coresponse.coverage.replay.rules import Rules
from coresponse.data.cards import EXACT, card
from coresponse.data.known_city import KnownCity
from coresponse.data.notes import Note
from coresponse.data.options import Deployment
from coresponse.optimize.case import Case
from coresponse.optimize.chosen import Choice
from coresponse.optimize.clash import Clash
from coresponse.optimize.optimum import BusyRounds, Optimum
from coresponse.optimize.problem import Problem
from coresponse.optimize.solution import Solution, Status
from coresponse.optimize.solved import Solved
from coresponse.optimize.verdict import Confirmation, Ladder, MarginalUse
from coresponse.questions.further import Bootstrapped, Holdout, Validation
from coresponse.questions.standing import Standing


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
    rules
        By which the replay sends units: as stated, or from their posts alone where the drives
        between places of calls are too many. None: nothing was replayed.
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
    rules: Rules | None = None

    @property
    def case(self) -> Case:
        """What was asked."""
        return self.solved.case

    @property
    def city(self) -> KnownCity:
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
        """Call-outs in 24 hours on standby, by type, at which the plan keeps its budget; empty: the program's."""
        if self.choice is None:
            return {} if self.confirmation is not None else self.best.call_outs
        return self.choice.call_outs

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
