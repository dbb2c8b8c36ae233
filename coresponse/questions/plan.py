"""Plan a case: the best deployment, what it does when units are busy and calls are new, and today's beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from time import monotonic
from typing import Any

from coresponse.coverage.evaluate import Evaluation, EvaluationSetup
from coresponse.coverage.measures import Measures
from coresponse.coverage.replay.measures import ReplayMeasures
from coresponse.coverage.response import ResponseTable
from coresponse.data.cards import EXACT, card
from coresponse.data.city import City
from coresponse.data.errors import InputError
from coresponse.data.notes import Note
from coresponse.data.options import Deployment
from coresponse.data.progress import Progress, silent
from coresponse.optimize.busy_fixed_point import BusyRounds
from coresponse.optimize.case import Case
from coresponse.optimize.choose import Choice, binding_limits, choose
from coresponse.optimize.confirm import Confirmation
from coresponse.optimize.explain import Clash
from coresponse.optimize.ladder import Ladder, ladder
from coresponse.optimize.marginal import MarginalUse, marginal_use
from coresponse.optimize.optimize_once import Optimum
from coresponse.optimize.problem import Problem
from coresponse.optimize.sizing import confirm
from coresponse.optimize.solution import Solution, Status, Stop
from coresponse.optimize.solve_case import Solved, evaluate, evaluation_setup, solve
from coresponse.optimize.spending import solve_as_spent
from coresponse.optimize.trials import Trials
from coresponse.questions.holdout import Bootstrapped, Holdout, bootstrap, hold_out
from coresponse.questions.validate import Validation, cannot_tell, validate
from coresponse.study.memory import PLANNING, tell

# Seconds beyond the model's time limit that choosing and confirming may end at.
REPLAY_S = 30.0


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


def plan(
    case: Case,
    *,
    stop: Stop | None = None,
    seed: int | None = None,
    no_holdout: str = "",
    progress: Progress = silent,
) -> Plan:
    """Find the best deployment of a case, and evaluate it.

    Parameters
    ----------
    stop
        Time limit and gap of the search; default: the case's.
    seed
        Of all that is drawn; default: the case's.
    no_holdout
        Why the plan is not tried on calls that it has not seen; default: it is, if the case says
        so.

    Raises
    ------
    CoresponseError
        If an input is wrong or the solver fails; limits that cannot be kept are an answer, not an
        error.
    """
    if stop is not None:
        limits = {"time_limit_s": stop.seconds, "gap": stop.gap}
        case = case.with_(solver=case.solver.model_copy(update=limits))
    if seed is not None:
        case = case.with_(seed=seed)
    tell(case, PLANNING, progress)
    case.work_out_table(progress)
    if case.busy != "consistent":
        solved = solve(case, progress=progress)
        planned = evaluate_solved(solved, no_holdout=no_holdout, progress=progress)
        return _held_against_records(planned, None, progress)
    until = monotonic() + case.solver.time_limit_s + REPLAY_S
    setup = evaluation_setup(case, progress=progress)
    trials = Trials.of(case, setup, until=until)
    solved = solve_as_spent(case, trials, progress=progress)
    planned = evaluate_solved(solved, no_holdout=no_holdout, trials=trials, progress=progress)
    return _held_against_records(planned, setup, progress)


def _held_against_records(planned: Plan, setup: EvaluationSetup | None, progress: Progress) -> Plan:
    """Hold the model against the records, where these may tell: the replay's drives are there already."""
    if not planned.found or planned.solution.interrupted or cannot_tell(planned.case):
        return planned
    drives = None if setup is None else setup.drives
    return replace(planned, validation=validate(planned.case, drives=drives, progress=progress))


def find_plan(case: Case, trials: Trials, **how: Any) -> Plan:
    """Search in the model and choose by the replay; nothing is evaluated yet.

    Where units are always free, or as busy as stated, the model's plan is the plan.

    Parameters
    ----------
    trials
        Of the case.
    **how
        Of :func:`coresponse.optimize.solve_case.solve`.
    """
    if case.busy != "consistent":
        return Plan(solve(case, **how))
    return choose_plan(solve_as_spent(case, trials, **how), trials)


def choose_plan(
    solved: Solved, trials: Trials, *, notes: tuple[Note, ...] = (), progress: Progress = silent
) -> Plan:
    """Choose by the replay; where something is promised, search what is confirmed to keep it.

    Nothing is evaluated yet. A search that was stopped, or found nothing, is left as it is.
    """
    planned = Plan(solved, {}, notes)
    if not solved.found or solved.best.solution.interrupted:
        return planned
    case, setup = solved.case, trials.setup
    if trials.yardstick.promises:
        confirmed = confirm(case, solved, setup, trials=trials, progress=progress)
        shown = confirmed.plan or confirmed.closest
        if shown is not None:
            confirmed = replace(confirmed, binding=binding_limits(trials, shown.counts))
        return replace(planned, confirmation=confirmed)
    chosen = choose(case, solved, setup, trials=trials, progress=progress)
    return replace(planned, choice=chosen)


def evaluate_solved(
    solved: Solved,
    *,
    no_holdout: str = "",
    trials: Trials | None = None,
    progress: Progress = silent,
) -> Plan:
    """Choose and confirm by the replay; then evaluate by queueing, in the replay, and on calls not seen.

    Parameters
    ----------
    no_holdout
        Why it is not tried on calls that it has not seen, nor on samples of days; default: it is,
        if the case says so.
    trials
        Of the case, if the replay is to choose and confirm; None: the model's plan is evaluated.
    """
    if not solved.found:
        return Plan(solved)
    case = solved.case
    setup = evaluation_setup(case, progress=progress) if trials is None else trials.setup
    planned = Plan(solved, {}, setup.notes)
    if trials is not None and not solved.best.solution.interrupted:
        planned = choose_plan(solved, trials, notes=setup.notes, progress=progress)
        use = marginal_use(trials, case.counts(planned.deployment))
        planned = replace(planned, use=use)
    planned = replace(planned, evaluations=_evaluate_all(planned, setup, progress))
    if planned.use is not None and trials is not None:
        rungs = ladder(
            case,
            planned.deployment,
            setup,
            trials=trials,
            known=planned.evaluations,
            progress=progress,
        )
        planned = replace(planned, ladder=rungs)
    if no_holdout:
        return replace(planned, holdout_reason=no_holdout)
    if case.city.calls.assumed is not None:
        return replace(planned, holdout_reason="no calls are recorded: demand is assumed")
    found, reason = _held_out(planned, setup, progress)
    again, samples = None, case.evaluation.bootstrap
    if samples and not planned.solution.interrupted:
        again = bootstrap(
            solved,
            planned.deployment,
            samples=samples,
            call_outs=planned.call_outs,
            progress=progress,
        )
    return replace(planned, holdout=found, holdout_reason=reason, bootstrapped=again)


def _evaluate_all(
    planned: Plan, setup: EvaluationSetup, progress: Progress
) -> dict[str, Evaluation]:
    """Evaluate the plan, today's deployment, and the naive plan where it is another, on the same chances."""
    deployments = {"plan": planned.deployment}
    if planned.case.city.today is not None:
        deployments["today"] = planned.case.city.today
    rounds = planned.rounds
    if rounds is not None and rounds.naive.deployment != planned.deployment:
        deployments["naive"] = rounds.naive.deployment
    setup = setup.with_residents(planned.table)
    out = {}
    for k, (name, deployment) in enumerate(deployments.items()):
        progress("judging deployments", k, len(deployments))
        out[name] = evaluate(planned.case, deployment, setup=setup, keep_calls=True)
    return out


def _held_out(
    planned: Plan, setup: EvaluationSetup, progress: Progress
) -> tuple[Holdout | None, str]:
    if not planned.case.evaluation.holdout_share:
        return None, "not asked for (judging.holdout_share = 0)"
    if planned.solution.interrupted:
        return None, "the search was stopped"
    try:
        found = hold_out(
            planned.solved,
            planned.deployment,
            call_outs=planned.call_outs,
            drives=setup.drives,
            progress=progress,
        )
    except InputError as error:
        return None, str(error)
    return found, ""
