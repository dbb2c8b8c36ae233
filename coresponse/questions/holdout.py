"""Honest tests of a plan.

Plan on a part of the history, judge on calls that the plan has not seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.evaluate import Evaluation, history_setup
from coresponse.coverage.few_calls import MIN_CALLS
from coresponse.coverage.measures import measure
from coresponse.coverage.replay.bands import Interval
from coresponse.coverage.replay.holdout import bootstrap_days, less_wait, split_by_time
from coresponse.coverage.replay.world import ReplayRoads
from coresponse.data.errors import InputError
from coresponse.data.options import Deployment
from coresponse.data.progress import Progress, silent
from coresponse.optimize.case import Case
from coresponse.optimize.optimize_once import Optimum, optimize_once
from coresponse.optimize.solution import Stop
from coresponse.optimize.solve_case import Solved, queueing
from coresponse.publish.city import CityRounding, shown_figure
from coresponse.publish.disclosure import PUBLIC

FIGURES = ("share_in_time", "mean_with_fallback_s")

STARTS = 4
"""Starts of the local search for each part of the history."""


@dataclass(frozen=True, eq=False)
class Holdout:
    """How a plan made on the earlier days does on the later ones.

    Attributes
    ----------
    plan_days, judge_days, judge_calls
        Days planned on; days judged on, and about how many calls they have.
    best
        The plan made on the earlier days.
    evaluations
        On the later days, real calls at their real times: ``plan`` (that plan), and ``today`` if
        the study has it.
    seen
        The plan's deterministic share in time on the days that it was made for.
    wait_less_s
        By how much a call waits less under the plan than today, in the replay, with a band over
        days, as it may be shown; None without today.
    exact
        The same unrounded: what the verdict is decided on. It is not written anywhere.
    """

    plan_days: float
    judge_days: float
    judge_calls: int
    best: Optimum
    evaluations: Mapping[str, Evaluation]
    seen: float
    wait_less_s: Interval | None
    exact: Interval | None

    def verdict(self) -> str:
        """Say what came out, in a sentence."""
        told = (
            f"A plan made on the first {self.plan_days:.0f} days was judged on the last "
            f"{self.judge_days:.0f} days "
            f"(about {self.judge_calls:,} calls), which it had not seen"
        )
        share = shown_figure(self.evaluations["plan"].nearest.overall, "share_in_time")
        free = f"if the nearest is free, {share:.1%} are reached in time there, {self.seen:.1%} on the days planned on"
        if self.wait_less_s is None or self.exact is None:
            return f"{told}: {free}."
        return f"{told}: {_compared(self.wait_less_s, self.exact)}; {free}."


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
    """

    wait_less_s: NDArray[np.float64]
    share_in_time: NDArray[np.float64]
    kept_posts: NDArray[np.float64]

    def verdict(self) -> str:
        """Say what came out, in a sentence."""
        low, high = np.quantile(self.share_in_time, (0.05, 0.95))
        told = (
            f"Planned again on {len(self.share_in_time)} samples of days and judged on the days "
            f"left out: {low:.1%} to "
            f"{high:.1%} of calls in time (9 of 10 samples); on average "
            f"{self.kept_posts.mean():.0%} of the plan stays the same"
        )
        if np.isnan(self.wait_less_s).any():
            return f"{told}."
        better = float((self.wait_less_s > 0).mean())
        return f"{told}; better than today's deployment in {better:.0%} of the samples."


def hold_out(
    solved: Solved, *, drives: ReplayRoads | None = None, progress: Progress = silent
) -> Holdout:
    """Plan on the earlier part of the history and evaluate on the rest.

    Parameters
    ----------
    solved
        The plan of the whole history, whose busy shares the other is made with.
    drives
        Of a replay of the same city, used again.

    Raises
    ------
    InputError
        If the history is too short, or no plan is found on its part.
    """
    case = solved.case
    first, rest = split_by_time(case.city.calls, share=1 - case.evaluation.holdout_share)
    progress("planning on a part of the history", 0, 1)
    seen, unseen = case.with_calls(first), case.with_calls(rest)
    if min(int(part.table.cells.calls.sum()) for part in (seen, unseen)) < MIN_CALLS:
        raise InputError(
            f"a part of the history has fewer than {MIN_CALLS} eligible calls, too few to tell of"
        )
    best = _plan_on(seen, solved.busy_share)
    setup = history_setup(
        case.world,
        case.evaluation,
        rest,
        target_s=case.target_s,
        seed=case.seed,
        fitted_on=first,
        drives=drives,
    )
    today = case.city.today
    deployments = {"plan": best.deployment} | ({"today": today} if today is not None else {})
    evaluations = {}
    for k, (name, deployment) in enumerate(deployments.items()):
        progress("judging on calls not seen", k, len(deployments))
        busy = None
        if deployment.size:
            busy = queueing(unseen, deployment, service=setup.service)
        evaluations[name] = setup.evaluate(unseen.table, deployment, busy)
    less = exact = None
    if today is not None and today.size:
        runs = [setup.replay(deployment) for deployment in (best.deployment, today)]
        whole = PUBLIC.city(unseen.table.cells)
        exact = less_wait(*runs, fallback_s=case.table.fallback_s)
        less = whole.stepped(exact, whole.wait_step_s, at_least=-np.inf)
    nearest = measure(seen.table, best.deployment, target_s=case.target_s)
    calls = unseen.table.cells.calls.sum()
    return Holdout(
        plan_days=first.days,
        judge_days=rest.days,
        judge_calls=int(PUBLIC.city(unseen.table.cells).figure("calls", calls)),
        best=best,
        evaluations=evaluations,
        seen=shown_figure(nearest.overall, "share_in_time"),
        wait_less_s=less,
        exact=exact,
    )


def bootstrap(solved: Solved, *, samples: int, progress: Progress = silent) -> Bootstrapped:
    """Plan on days drawn with replacement, evaluate by queueing on the days left out.

    Raises
    ------
    InputError
        If the history is too short.
    """
    case, less, share, kept = solved.case, [], [], []
    days = bootstrap_days(case.city.calls, samples=samples, seed=case.seed)
    for k, (drawn, left) in enumerate(days):
        progress("planning on samples of days", k, samples)
        found = _plan_on(case.with_calls(drawn), solved.busy_share).deployment
        rest = case.with_calls(left)
        measured = [
            queueing(rest, d, service=case.service)
            for d in (found, case.city.today)
            if d is not None and d.size
        ]
        whole = CityRounding.of(measured[0].overall)
        waits = [one.figure("mean_with_fallback_s") for one in measured]
        less.append(whole.wait(waits[1] - waits[0]) if len(waits) == 2 else np.nan)
        share.append(whole.share(measured[0].figure("share_in_time")))
        kept.append(in_common(solved.deployment, found))
    return Bootstrapped(np.array(less), np.array(share), np.array(kept))


def in_common(one: Deployment, other: Deployment) -> float:
    """Return the share of one deployment's responders that the other has at the same post on the same hours."""
    theirs = other.as_dict()
    return sum(min(count, theirs.get(option, 0)) for option, count in one.counts) / max(one.size, 1)


def _compared(less: Interval, exact: Interval) -> str:
    """Say who wins: decided on the exact band, told with the rounded one."""
    by = f"(95% band over days: {less.low / 60:+.1f} to {less.high / 60:+.1f} min less wait a call)"
    if exact.low > 0:
        return f"a call waits {less.mean / 60:.1f} min less than with today's deployment {by}"
    if exact.high < 0:
        return f"a call waits {-less.mean / 60:.1f} min MORE than with today's deployment {by}: do not adopt it on this evidence"
    return f"it is not shown to be better than today's deployment {by}"


def _plan_on(part: Case, busy_share: Mapping[str, float] | None) -> Optimum:
    solver = part.solver
    stop = Stop(solver.time_limit_s, solver.busy_gap if busy_share else solver.gap)
    found = optimize_once(part, busy_share=busy_share, stop=stop, starts=STARTS).not_stopped()
    if not found.found:
        raise InputError(f"no plan was found on a part of the history: {found.solution.message}")
    return found


def holdout_frame(holdout: Holdout) -> pd.DataFrame:
    """Return the figures on unseen calls as a table: one row a deployment and judge."""
    rows = []
    for name, evaluation in holdout.evaluations.items():
        nearest = evaluation.nearest
        rows.append(
            _row(name, "deterministic", *(shown_figure(nearest.overall, f) for f in FIGURES))
        )
        if evaluation.replay is not None:
            whole = CityRounding.of(nearest.overall)
            values = (whole.figure(f, evaluation.replay.figure(f).mean) for f in FIGURES)
            rows.append(_row(name, "replay of the real calls", *values))
    return pd.DataFrame(rows)


def _row(name: str, judge: str, share: float, wait_s: float) -> dict[str, object]:
    return {
        "deployment": name,
        "judge": judge,
        "share_in_time": round(share, 4),
        "mean_with_fallback_min": round(wait_s / 60, 2),
    }
