"""A run's own answer, read back from ``plan.json``: what all of its other files have to follow from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from coresponse.coverage.evaluation import Evaluation
from coresponse.coverage.replay.bands import Interval
from coresponse.data.errors import Fault, InputError
from coresponse.data.options import Deployment, Option
from coresponse.optimize.evaluate_case import evaluate, evaluation_setup
from coresponse.optimize.optimum import End
from coresponse.optimize.solution import Status
from coresponse.optimize.verdict import Verdict
from coresponse.publish.certainty import (
    CheckedPublication,
    RoundPublication,
    SearchPublication,
    StagePublication,
    StandingPublication,
)
from coresponse.publish.measured import BootstrapPublication, HoldoutPublication, Proven
from coresponse.publish.plan import publish_plan
from coresponse.publish.plan_publication import PlanPublication
from coresponse.publish.rungs import TITLES, LadderPublication, RungPublication
from coresponse.questions.answer import Plan
from coresponse.questions.standing import Standing
from coresponse.results.plan import LADDER_FIGURES
from coresponse.study.read_back import PLAN_FILE

# More of one option than anybody buys.
MOST_UNITS = 10**6


def read_answer(
    told: Mapping[str, Any], known: Sequence[Option], *, interrupted: bool
) -> tuple[tuple[Deployment, SearchPublication, Deployment] | None, list[Fault]]:
    """Read a run's answer back: its plan, its search and the model's deployment; None with a fault if it is none.

    Parameters
    ----------
    told
        The whole of ``plan.json``.
    known
        All that can be bought.
    interrupted
        Whether the run's name says that its search was stopped.
    """
    rows = told["deployment"]
    for k, row in enumerate(rows):
        if _bought(row, set(known)) is None:
            what = f"{' / '.join(_option(row))} x {row.get('count')!r:.20} cannot be bought"
            return None, [Fault(f"{PLAN_FILE}, deployment[{k}]", what, "plan again")]
    try:
        deployment = _deployment(rows, known)
        # runs of 0.1 had no other deployment than the model's
        model = _deployment(told["status"].get("model_deployment", rows), known)
        search = _search(told["status"], told["busy_units"], known, interrupted=interrupted)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        what = "are not as a search leaves them"
        return None, [Fault(f"{PLAN_FILE}, status and busy_units", what, "plan again")]
    faults = []
    if not search.message.startswith(search.status.value):
        what = f"{search.message!r:.60} does not fit {search.status.value!r}"
        faults.append(Fault(f"{PLAN_FILE}, status.message", what, "plan again"))
    if search.rounds and search.rounds[search.chosen].objective != search.objective:
        what = "its objective is not that of status"
        faults.append(Fault(f"{PLAN_FILE}, busy_units.chosen", what, "plan again"))
    return (deployment, search, model), faults


def _option(row: Mapping[str, Any]) -> Option:
    return Option(*(str(row.get(key)) for key in Option._fields))


def _bought(row: Mapping[str, Any], known: AbstractSet[Option]) -> tuple[Option, int] | None:
    option, count = _option(row), row.get("count")
    if option in known and type(count) is int and 0 < count < MOST_UNITS:
        return option, count
    return None


def _deployment(rows: Sequence[Mapping[str, Any]], known: Sequence[Option]) -> Deployment:
    counts = [_bought(row, set(known)) for row in rows]
    if None in counts:
        raise ValueError("a deployment names options that cannot be bought")
    return Deployment.of("plan", [pair for pair in counts if pair is not None])


def _search(
    status: Mapping[str, Any],
    busy: Mapping[str, Any],
    known: Sequence[Option],
    *,
    interrupted: bool,
) -> SearchPublication:
    ended = busy["mode"] == "consistent"
    rounds = tuple(_round(turn, known) for turn in busy["rounds"]) if ended else ()
    chosen = busy["chosen"] if ended else 0
    shares = dict(rounds[chosen].planned_with) if rounds else {}
    figures = status.get("figures")
    return SearchPublication(
        status=Status(status["status"]),
        message=str(status["message"]),
        objective=_figure(status["objective"], none=np.inf),
        bound=_figure(status["bound"], none=-np.inf),
        gap=_figure(status["gap"], none=np.inf),
        unit=status["unit"],
        interrupted=interrupted,
        stages=tuple(
            StagePublication(
                one["goal"],
                _figure(one["value"]),
                _figure(one["bound"]),
                one["unit"],
                one["proven"],
            )
            for one in status.get("stages", ())
        ),
        figures=None
        if figures is None
        else tuple((one["name"], one["value"], one["unit"]) for one in figures),
        clash=tuple(status["clash"]),
        rounds=rounds,
        chosen=chosen,
        end=End(busy["end"]) if ended else None,
        busy_share=shares if any(shares.values()) else {},
    )


def _round(turn: Mapping[str, Any], known: Sequence[Option]) -> RoundPublication:
    planned_with, measured = (
        {str(name): _figure(share) for name, share in turn[key].items()}
        for key in ("planned_with", "measured")
    )
    cost, objective, bound = (_figure(turn[key]) for key in ("queueing_cost", "objective", "bound"))
    deployment = _deployment(turn["deployment"], known)
    return RoundPublication(
        planned_with, measured, cost, objective, bound, Status(turn["status"]).value, deployment
    )


def _figure(value: object, *, none: float = np.nan) -> float:
    """Return a figure as JSON holds it; `none` where it has none."""
    if value is None:
        return none
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r:.30} is not a number")
    return float(value)


def publish_reported(
    planned: Plan, again: PlanPublication, deployment: Deployment, search: SearchPublication
) -> PlanPublication:
    """Publish a run's own answer: its deployment, judged again, and its search, taken as it is told.

    Parameters
    ----------
    planned, again
        What the study's question gives now, and as it may be shown.
    deployment, search
        Of :func:`read_answer`.
    """
    evaluations = _judged(planned, deployment, search)
    if deployment.counts == planned.deployment.counts and evaluations == planned.evaluations:
        return replace(again, search=search)
    reported = planned
    if deployment.counts != planned.deployment.counts:
        best = replace(planned.best, deployment=deployment)
        reported = replace(
            planned,
            solved=replace(planned.solved, best=best),
            choice=None,
            confirmation=None,
            ladder=None,
            use=None,
        )
    reported = replace(reported, evaluations=evaluations)
    return replace(publish_plan(reported, again.disclosure), search=search)


@dataclass(frozen=True, eq=False)
class ReportedStanding(StandingPublication):
    """What the plan is, in the run's own words: the search in the replay may end elsewhere."""

    told: tuple[str, ...] = ()

    @property
    def sentences(self) -> tuple[str, ...]:
        """Say what the run says."""
        return self.told


def with_standing(
    published: PlanPublication, told: Mapping[str, Any], model: Deployment
) -> PlanPublication:
    """Return it with what the run says that its plan is, and its ladder, as far as pages show them.

    Raises
    ------
    InputError
        If that is not as a plan says it.
    """
    plan, ladder, found = told.get("plan"), told.get("ladder"), published.found
    if found is None or not isinstance(plan, dict) or not isinstance(ladder, dict):
        raise InputError("plan or ladder is missing")
    try:
        held = plan["held_against_promise"] is not None
        standing = ReportedStanding(
            Standing(plan["standing"]),
            model.counts == published.deployment.counts,
            model,
            plan=NOT_READ if held else None,
            told=tuple(str(one) for one in plan["words"]),
        )
        rungs = tuple(_rung(one) for one in ladder["rungs"])
        climbed = LadderPublication(rungs, str(ladder["last_units"])) if rungs else None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError("plan or ladder is not as a plan leaves it") from error
    return replace(published, standing=standing, found=replace(found, ladder=climbed))


# Stands for what was held against a promise: pages show it in the run's own words.
NOT_READ = CheckedPublication(Deployment("plan"), "", Verdict.NO, 0.0, 0, (), 0)


def _interval(told: Mapping[str, Any]) -> Interval:
    mean, low, high = (_figure(told[end]) for end in ("mean", "low", "high"))
    return Interval(mean, low, high, replications=0)


def _rung(told: Mapping[str, Any]) -> RungPublication:
    figures = [None if (one := told[key]) is None else _interval(one) for key in LADDER_FIGURES]
    share, wait, left, dollars = figures
    if told["name"] not in TITLES or dollars is None:
        raise ValueError("a rung of no name or cost")
    return RungPublication(told["name"], str(told["responders"]), share, wait, left, dollars)


def _judged(
    planned: Plan, deployment: Deployment, search: SearchPublication
) -> dict[str, Evaluation]:
    """Evaluate what the run's files show; what is known of the same deployments is used again."""
    case = planned.case
    wanted = {"plan": deployment}
    if case.city.today is not None:
        wanted["today"] = case.city.today
    if search.rounds and search.rounds[0].deployment.counts != deployment.counts:
        wanted["naive"] = search.rounds[0].deployment
    now = {"plan": planned.deployment, "today": case.city.today}
    if planned.rounds is not None:
        now["naive"] = planned.rounds.naive.deployment
    known = {
        one.counts: planned.evaluations[name]
        for name, one in now.items()
        if one is not None and name in planned.evaluations
    }
    setup = None
    out = {}
    for name, one in wanted.items():
        if one.counts not in known:
            setup = setup or evaluation_setup(case).with_residents(case.table)
            known[one.counts] = evaluate(case, one, setup=setup, keep_calls=True)
        out[name] = known[one.counts]
    return out


@dataclass(frozen=True, eq=False)
class ReportedHoldout(HoldoutPublication):
    """The test on later days in the run's own words: it is of another search, which may end elsewhere."""

    told: str

    def verdict(self) -> str:
        """Say what the run says."""
        return self.told


@dataclass(frozen=True, eq=False)
class ReportedBootstrap(BootstrapPublication):
    """The tests on samples of days in the run's own words."""

    told: str

    def verdict(self) -> str:
        """Say what the run says."""
        return self.told


def with_unseen(published: PlanPublication, unseen: object) -> PlanPublication:
    """Return it with what the run says of calls not seen, as far as pages show it.

    Raises
    ------
    InputError
        If that is not as a plan says it.
    """
    found = published.found
    if found is None or not isinstance(unseen, dict):
        raise InputError("unseen is missing")
    try:
        return replace(
            published,
            holdout_reason=str(unseen["skipped"]),
            found=replace(
                found,
                holdout=_holdout(unseen, found.holdout),
                bootstrapped=_bootstrap(unseen.get("bootstrap")),
            ),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError("unseen is not as a plan leaves it") from error


def _holdout(unseen: Mapping[str, Any], now: HoldoutPublication | None) -> ReportedHoldout | None:
    told = str(unseen["verdict"])
    if not told:
        return None
    less = unseen["wait_less_s"]
    interval = None
    if less is not None:
        mean, low, high = (_figure(less[key]) for key in ("mean", "low", "high"))
        interval = Interval(mean, low, high, replications=0)
    proven: Proven = (
        "better" if "min less than" in told else "worse" if "MORE" in told else "neither"
    )
    return ReportedHoldout(
        plan_days=_figure(unseen["plan_days"]),
        judge_days=_figure(unseen["judge_days"]),
        judge_calls=int(unseen["judge_calls"]),
        evaluations={} if now is None else now.evaluations,
        seen=_figure(unseen["seen_share_in_time"]),
        wait_less_s=interval,
        proven=None if interval is None else proven,
        told=told,
    )


def _bootstrap(again: Mapping[str, Any] | None) -> ReportedBootstrap | None:
    if again is None:
        return None
    less, share, kept = (
        np.array([_figure(value) for value in again[key]])
        for key in ("wait_less_s", "share_in_time", "kept_posts")
    )
    return ReportedBootstrap(less, share, kept, told=str(again["verdict"]))
