"""Solve one point of a sweep."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace

from coresponse.coverage.evaluate import EvaluationSetup
from coresponse.coverage.measures import Measures
from coresponse.coverage.replay.replay_measures import ReplayMeasures
from coresponse.data.errors import InputError
from coresponse.data.figures.text import number
from coresponse.data.options import Deployment, Option
from coresponse.optimize.case import Case
from coresponse.optimize.choose import binding_limits
from coresponse.optimize.settings import REPLAY_S
from coresponse.optimize.solution import Status
from coresponse.optimize.solve_case import Effort
from coresponse.questions.answer import Plan
from coresponse.questions.plan import find_plan
from coresponse.questions.sweep.answer import Answer
from coresponse.questions.sweep.axes import case_at
from coresponse.questions.sweep.base import SweepBase, replayed_as, same_question
from coresponse.questions.sweep.request import Bought, Request
from coresponse.study.provenance import versions

# a point begins with its neighbor's busy shares, so that few rounds are left
MOST_ROUNDS = 4

_FIGURES = (
    "calls_per_week",
    "reached_per_week",
    "in_time_per_week",
    "closed_per_week",
    "out_of_reach_per_week",
    "busy_per_week",
    "share_reached",
    "share_in_time",
    "mean_s",
    "median_s",
    "p90_s",
    "mean_with_fallback_s",
)

# Figures of the district that waits longest, by their names among districts.
OF_WORST = {
    "worst_district_mean_s": "mean_with_fallback_s",
    "worst_district_share_reached": "share_reached",
    "worst_district_reached_mean_s": "mean_s",
}

CALLS_OF_WORST = "worst_district_calls"

# Figures that are told with their range where something is not known.
RANGED = ("share_in_time", "mean_with_fallback_s", "calls_per_week")


def solve_request(base: SweepBase, request: Request) -> Answer:
    """Find the best deployment at one point, and its figures.

    Raises
    ------
    InputError
        If the limits are wrong, or this worker has other versions than the sweep was begun with.
    SolverError
        If the solver fails, or was stopped.
    """
    if base.versions != versions():
        other = {
            k: (v, versions().get(k)) for k, v in base.versions.items() if versions().get(k) != v
        }
        raise InputError(
            f"a worker has other versions than this machine, {other} -- install the same on both"
        )
    began = time.monotonic()
    case = case_of(base, request)
    start = None if request.start is None else case.counts(_deployment(request.start))
    effort = _effort(base, case)
    trials = base.trials(case, until=time.monotonic() + effort.seconds + REPLAY_S)
    found = find_plan(case, trials, effort=effort, start=start, name="point")
    found.best.not_stopped()
    seconds = round(time.monotonic() - began, 3)
    answer = answer_of(found, trials.setup)
    if found.found and not answer.binding:
        # a plan by the model alone was not chosen by the replay, which names them else
        answer = replace(answer, binding=binding_limits(trials, case.counts(found.deployment)))
    return replace(answer, seconds=seconds)


def _effort(base: SweepBase, case: Case) -> Effort:
    """Return how hard a point is searched for: what the study itself asks as hard as a plan of it."""
    solver, settings = case.solver, base.settings
    if same_question(case, base.case):
        return Effort.of(case)
    return Effort(
        settings.time_limit_s,
        solver.gap,
        max(solver.gap, settings.busy_gap),
        starts=settings.starts,
        most_rounds=MOST_ROUNDS,
        rough=True,
    )


def today_answer(base: SweepBase) -> Answer | None:
    """Return today's deployment with its figures on the chances that points meet."""
    case, today = base.case, base.case.city.today
    setup = base.setups.get(replayed_as(case))
    if setup is None or today is None or not today.size:
        return None
    plain = Answer(Status.BEST_FOUND.value, "", "", None, None, None, "", None)
    return _with_figures(plain, case, today, setup)


def case_of(base: SweepBase, request: Request) -> Case:
    """Return the case of a point."""
    task = request.task
    case = case_at(base.case, task.setting).with_(limits=task.limits)
    return case.with_(
        stays=None if request.stays is None else _deployment(request.stays),
        within=None if request.only is None else _deployment(request.only),
    )


def answer_of(found: Plan, setup: EvaluationSetup) -> Answer:
    """Put a plan into plain data, with its figures in the replay."""
    case, best = found.case, found.best
    solution = best.solution
    plain = Answer(
        status=solution.status.value,
        message=solution.message,
        standing=str(found.standing),
        objective=number(solution.objective),
        bound=number(solution.bound),
        gap=number(solution.gap),
        unit=solution.unit,
        score=None,
        clash=tuple(best.clash.lines()) if best.clash else (),
    )
    if not found.found:
        return plain
    turn = found.solved.round
    told = replace(
        plain,
        score=_score(found),
        planned_busy_share={} if turn is None else _numbers(turn.planned_with),
        rounds=1 if found.rounds is None else len(found.rounds.rounds),
        binding=_binding(found),
    )
    return _with_figures(told, case, found.deployment, setup)


def _binding(found: Plan) -> tuple[str, ...]:
    by = found.confirmation or found.choice
    return () if by is None else by.binding


def _with_figures(
    plain: Answer, case: Case, deployment: Deployment, setup: EvaluationSetup
) -> Answer:
    one = setup.evaluate(case.table, deployment, None, workers=1)
    measured = one.nearest if one.replay is None else one.replay
    return replace(
        plain,
        bought=tuple((*option, count) for option, count in deployment.counts),
        busy_share={} if one.replay is None else _numbers(one.replay.busy_by_type),
        calls_per_week={} if one.replay is None else _numbers(one.replay.calls_by_type),
        figures=_figures(measured, one.nearest),
        figures_if_free=_figures(one.nearest, one.nearest),
        ranges={} if one.replay is None else _ranges(one.replay),
        not_known=() if one.replay is None else one.replay.not_known,
        worst_district=measured.worst_district,
    )


def _score(found: Plan) -> float | None:
    """Return what a point is best at: in the replay, or in the model where that alone was searched.

    A plan of which nothing is confirmed is best at nothing: it does not keep what is asked.
    """
    if found.confirmation is not None:
        kept = found.confirmation.plan
        return None if kept is None else number(kept.goal)
    if found.choice is not None:
        return number(found.choice.goal)
    return number(found.solution.objective)


def _deployment(bought: Bought) -> Deployment:
    return Deployment.of("point", [(Option(*row[:3]), row[3]) for row in bought])


def _figures(measured: Measures | ReplayMeasures, past: Measures) -> dict[str, float | None]:
    row = measured.overall.iloc[0]
    out = {name: number(row[name]) if name in row else 0.0 for name in _FIGURES}
    if isinstance(measured, ReplayMeasures):
        out["without_officer_per_week"] = number(measured.without_officer.mean)
        out["share_without_officer"] = number(measured.share_without_officer.mean)
    worst = measured.worst_district
    # with its past calls, share reached and reached calls' mean: of these the wait is put together when it is shown
    for name, key in OF_WORST.items():
        out[name] = number(measured.by_district[key].loc[[worst]].iloc[0]) if worst else None
    calls = past.by_district["calls"]
    out[CALLS_OF_WORST] = number(calls.loc[[worst]].iloc[0]) if worst in calls.index else None
    return out


def _ranges(measured: ReplayMeasures) -> dict[str, tuple[float, float]]:
    """Return how far figures go with what nobody knows; empty if all is known."""
    bands = {name: measured.figure(name) for name in RANGED if measured.not_known}
    return {name: (number(b.low) or 0.0, number(b.high) or 0.0) for name, b in bands.items()}


def _numbers(shares: Mapping[str, float]) -> dict[str, float]:
    return {name: number(share) or 0.0 for name, share in sorted(shares.items())}
