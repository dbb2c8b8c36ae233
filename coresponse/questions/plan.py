"""Plan a case: the best deployment, what it does when units are busy and calls are new, and today's beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import monotonic
from typing import Any

from coresponse.coverage.evaluate import EvaluationSetup
from coresponse.coverage.evaluation import Evaluation
from coresponse.data.errors import InputError
from coresponse.data.notes import Note
from coresponse.data.options import Deployment
from coresponse.data.progress import Progress, silent
from coresponse.optimize.case import Case
from coresponse.optimize.choose import binding_limits, choose
from coresponse.optimize.evaluate_case import evaluate, evaluation_setup
from coresponse.optimize.goals.goal import FewestUnits, LeastCost, ranks
from coresponse.optimize.kept_promises import floors_kept, next_goals
from coresponse.optimize.ladder import ladder, moved
from coresponse.optimize.marginal import marginal_use
from coresponse.optimize.settings import REPLAY_S
from coresponse.optimize.sizing import ByCost, BySize
from coresponse.optimize.solution import Stop
from coresponse.optimize.solve_case import solve_as_spent
from coresponse.optimize.solved import Solved
from coresponse.optimize.trials import Trials
from coresponse.optimize.verdict import Confirmation
from coresponse.questions.answer import Plan
from coresponse.questions.further import Holdout
from coresponse.questions.holdout import bootstrap, hold_out
from coresponse.questions.validate import cannot_tell, validate
from coresponse.study.beside import Beside, told_here
from coresponse.study.memory import PLANNING, tell


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
    until = monotonic() + case.solver.time_limit_s + REPLAY_S
    trials = Trials.of(case, evaluation_setup(case, progress=progress), until=until)
    setup = trials.setup
    if case.busy != "consistent":
        solved = solve_as_spent(case, trials, progress=progress)
        planned = evaluate_solved(solved, no_holdout=no_holdout, setup=setup, progress=progress)
        return _held_against_records(planned, setup, progress)
    with Beside(_of_today(case, trials, told_here(progress)), shared=_shared(case)) as today:
        solved = solve_as_spent(case, trials, progress=progress)
        same = today if solved.case is case else None  # what is spent may ask for another
        planned = evaluate_solved(
            solved, no_holdout=no_holdout, trials=trials, today=same, progress=progress
        )
        return _held_against_records(planned, setup, progress, same)


def _shared(case: Case) -> tuple[object, ...]:
    """Return what a result refers to and need not be copied back."""
    city = case.city
    return (
        case,
        city,
        city.roads,
        city.calls,
        city.posts,
        city.districts,
        city.program,
        case.table,
    )


def _of_today(case: Case, trials: Trials, progress: Progress) -> dict[str, Callable[[], Any]]:
    """Return what is worked out whatever the plan, by name."""
    today, setup = case.city.today, trials.setup
    tasks: dict[str, Callable[[], Any]] = {}
    if today is not None and today.size:
        # on a first day the search will need the replay compiled next, and has its own to compile
        tasks["replay"] = lambda: trials.trial(case.counts(today), 2)
    if today is not None:
        tasks["today"] = lambda: _evaluated(case, today, setup.with_residents(case.table))
        if today.size:
            tasks["rearranged"] = lambda: moved(case, trials)
    if not cannot_tell(case):
        tasks["validation"] = lambda: validate(case, drives=setup.drives, progress=progress)
    return tasks


def _held_against_records(
    planned: Plan,
    setup: EvaluationSetup | None,
    progress: Progress,
    today: Beside | None = None,
) -> Plan:
    """Hold the model against the records, where these may tell: the replay's drives are there already."""
    if not planned.found or planned.solution.interrupted or cannot_tell(planned.case):
        return planned
    if today is not None:
        return replace(planned, validation=today.take("validation"))
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
    solved = solve_as_spent(case, trials, **how)
    return choose_plan(solved, trials) if case.busy == "consistent" else Plan(solved)


def choose_plan(
    solved: Solved, trials: Trials, *, notes: tuple[Note, ...] = (), progress: Progress = silent
) -> Plan:
    """Choose by the replay; where something is promised, search what is confirmed to keep it.

    Nothing is evaluated yet. A search that was stopped, or found nothing, is left as it is.
    """
    planned = Plan(solved, {}, notes, rules=trials.setup.rules)
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
    setup: EvaluationSetup | None = None,
    today: Beside | None = None,
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
    setup
        Of the case, made before; `trials` have their own.
    today
        What of it does not depend on the plan and was begun before: ``today``, ``rearranged``.
    """
    if not solved.found:
        return Plan(solved)
    case = solved.case
    if trials is not None:
        setup = trials.setup
    setup = setup or evaluation_setup(case, progress=progress)
    planned = Plan(solved, {}, setup.notes, rules=setup.rules)
    if trials is not None and not solved.best.solution.interrupted:
        planned = choose_plan(solved, trials, notes=setup.notes, progress=progress)
        use = marginal_use(trials, case.counts(planned.deployment))
        planned = replace(planned, use=use)
    chosen, skipped = planned, no_holdout
    if not skipped and case.city.calls.assumed is not None:
        skipped = "no calls are recorded: demand is assumed"
    unseen = {} if skipped else {"unseen": lambda: _held_out(chosen, setup, told_here(progress))}
    with Beside(unseen, shared=_shared(case)) as tested:
        planned = _judged(planned, setup, trials, today or Beside({}), progress)
        if skipped:
            return replace(planned, holdout_reason=skipped)
        if trials is not None:
            trials.let_go()
        progress("judging on calls not seen", 0, 1)
        found, reason = tested.take("unseen")
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


def _judged(
    planned: Plan,
    setup: EvaluationSetup,
    trials: Trials | None,
    today: Beside,
    progress: Progress,
) -> Plan:
    """Evaluate the plan and what it is held against, and today's staff rearranged, on the same chances."""
    planned = replace(planned, evaluations=_evaluate_all(planned, setup, today, progress))
    if planned.use is not None and trials is not None:
        rungs = ladder(
            planned.case,
            planned.deployment,
            setup,
            trials=trials,
            known=planned.evaluations,
            again=(lambda: today.take("rearranged")) if today.has("rearranged") else None,
            progress=progress,
        )
        planned = replace(planned, ladder=rungs)
    return planned


def _evaluate_all(
    planned: Plan, setup: EvaluationSetup, today: Beside, progress: Progress
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
        known = name == "today" and today.has("today")
        out[name] = today.take("today") if known else _evaluated(planned.case, deployment, setup)
    return out


def _evaluated(case: Case, deployment: Deployment, setup: EvaluationSetup) -> Evaluation:
    return evaluate(case, deployment, setup=setup, keep_calls=True)


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


def confirm(
    case: Case,
    solved: Solved,
    setup: EvaluationSetup,
    *,
    trials: Trials | None = None,
    progress: Progress = silent,
) -> Confirmation:
    """Find the best deployment that keeps what a case promises, confirmed in the replay.

    Parameters
    ----------
    solved
        The model's answer, from which the search begins.
    trials
        Of the setup, made before.
    """
    trials = trials or Trials.of(case, setup)
    goal = ranks(case.goal)[0]
    if isinstance(goal, FewestUnits):
        found = BySize.of(case, solved, trials, progress).answer()
        return next_goals(found, case, solved, trials)
    if isinstance(goal, LeastCost):
        found = ByCost.of(case, solved, trials, progress).answer()
        return next_goals(found, case, solved, trials)
    chosen = choose(case, solved, setup, trials=trials, progress=progress)
    return floors_kept(case, solved, trials, chosen)
