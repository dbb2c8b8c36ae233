"""Honest tests of a plan.

Plan on a part of the history, judge on calls that the plan has not seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.best import Best, best_deployment, not_stopped, target_min
from coresponse.coverage.demand import DemandCells, demand_cells
from coresponse.coverage.measures import measure
from coresponse.coverage.queueing.judge import queueing_measures
from coresponse.coverage.replay.bands import Band
from coresponse.coverage.replay.holdout import bootstrap_days, less_wait, split_by_time
from coresponse.coverage.replay.world import ReplayRoads
from coresponse.coverage.response import ResponseTable
from coresponse.coverage.subtable import table_for
from coresponse.coverage.suppress import MIN_CALLS
from coresponse.coverage.whole_city import WholeCity, shown_figure, whole_city
from coresponse.data.calls.history import CallHistory
from coresponse.data.errors import InputError
from coresponse.data.options import Deployment
from coresponse.data.progress import Progress, silent
from coresponse.inputs import Inputs
from coresponse.judging import Judgment, fit_models, real_judge
from coresponse.optimize.solution import Stop

FIGURES = ("share_in_time", "mean_with_fallback_s")

STARTS = 4
"""Starts of the local search for each part of the history."""


@dataclass(frozen=True, eq=False)
class Unseen:
    """How a plan made on the earlier days does on the later ones.

    Attributes
    ----------
    plan_days, judge_days, judge_calls
        Days planned on; days judged on, and about how many calls they have.
    best
        The plan made on the earlier days.
    judgments
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
    best: Best
    judgments: Mapping[str, Judgment]
    seen: float
    wait_less_s: Band | None
    exact: Band | None

    def verdict(self) -> str:
        """Say what came out, in a sentence."""
        told = (
            f"A plan made on the first {self.plan_days:.0f} days was judged on the last "
            f"{self.judge_days:.0f} days "
            f"(about {self.judge_calls:,} calls), which it had not seen"
        )
        share = shown_figure(self.judgments["plan"].deterministic.overall, "share_in_time")
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


def judge_unseen(
    inputs: Inputs,
    table: ResponseTable,
    *,
    busy_share: Mapping[str, float] | None,
    drives: ReplayRoads | None = None,
    progress: Progress = silent,
) -> Unseen:
    """Plan on the earlier part of the history and judge on the rest.

    Parameters
    ----------
    table
        Of the whole history.
    busy_share
        That the study's plan was made with.
    drives
        Of another judge of the study, used again.

    Raises
    ------
    InputError
        If the history is too short, or no plan is found on its part.
    """
    first, rest = split_by_time(inputs.calls, share=1 - inputs.study.judging.holdout_share)
    progress("planning on a part of the history", 0, 1)
    seen, unseen = (table_for(table, _cells(inputs, part)) for part in (first, rest))
    if min(int(part.cells.calls.sum()) for part in (seen, unseen)) < MIN_CALLS:
        raise InputError(
            f"a part of the history has fewer than {MIN_CALLS} eligible calls, too few to tell of"
        )
    best = _plan_on(inputs, seen, busy_share)
    judge = real_judge(inputs, rest, fitted_on=first, drives=drives)
    deployments = {"plan": best.deployment} | (
        {"today": inputs.today} if inputs.today is not None else {}
    )
    judgments = {}
    for k, (name, deployment) in enumerate(deployments.items()):
        progress("judging on calls not seen", k, len(deployments))
        judgments[name] = judge.judge(unseen, deployment)
    less = exact = None
    if inputs.today is not None and inputs.today.size:
        runs = [judge.replay(deployment) for deployment in (best.deployment, inputs.today)]
        whole = whole_city(unseen.cells)
        exact = less_wait(*runs, fallback_s=table.fallback_s)
        less = whole.stepped(exact, whole.wait_step_s, at_least=-np.inf)
    return Unseen(
        plan_days=first.days,
        judge_days=rest.days,
        judge_calls=int(whole_city(unseen.cells).figure("calls", unseen.cells.calls.sum())),
        best=best,
        judgments=judgments,
        seen=shown_figure(
            measure(seen, best.deployment, target_s=judge.target_s).overall, "share_in_time"
        ),
        wait_less_s=less,
        exact=exact,
    )


def bootstrap(
    inputs: Inputs,
    table: ResponseTable,
    plan: Deployment,
    *,
    busy_share: Mapping[str, float] | None,
    samples: int,
    progress: Progress = silent,
) -> Bootstrapped:
    """Plan on days drawn with replacement, judge by queueing on the days left out.

    Raises
    ------
    InputError
        If the history is too short.
    """
    service, _ = fit_models(inputs, inputs.calls)
    target_s = target_min(inputs) * 60
    less, share, kept = [], [], []
    for k, (drawn, left) in enumerate(
        bootstrap_days(inputs.calls, samples=samples, seed=inputs.study.seed)
    ):
        progress("planning on samples of days", k, samples)
        found = _plan_on(inputs, table_for(table, _cells(inputs, drawn)), busy_share).deployment
        rest = table_for(table, _cells(inputs, left))
        judged = [
            queueing_measures(rest, d, inputs.program, target_s=target_s, service=service)
            for d in (found, inputs.today)
            if d is not None and d.size
        ]
        whole = WholeCity.of(judged[0].overall)
        waits = [j.figure("mean_with_fallback_s") for j in judged]
        less.append(whole.wait(waits[1] - waits[0]) if len(waits) == 2 else np.nan)
        share.append(whole.share(judged[0].figure("share_in_time")))
        kept.append(in_common(plan, found))
    return Bootstrapped(np.array(less), np.array(share), np.array(kept))


def in_common(one: Deployment, other: Deployment) -> float:
    """Return the share of one deployment's responders that the other has at the same post on the same hours."""
    theirs = other.as_dict()
    return sum(min(count, theirs.get(option, 0)) for option, count in one.counts) / max(one.size, 1)


def _compared(less: Band, exact: Band) -> str:
    """Say who wins: decided on the exact band, told with the rounded one."""
    by = f"(95% band over days: {less.low / 60:+.1f} to {less.high / 60:+.1f} min less wait a call)"
    if exact.low > 0:
        return f"a call waits {less.mean / 60:.1f} min less than with today's deployment {by}"
    if exact.high < 0:
        return f"a call waits {-less.mean / 60:.1f} min MORE than with today's deployment {by}: do not adopt it on this evidence"
    return f"it is not shown to be better than today's deployment {by}"


def _plan_on(inputs: Inputs, table: ResponseTable, busy_share: Mapping[str, float] | None) -> Best:
    solver = inputs.study.solver
    stop = Stop(solver.time_limit_s, solver.busy_gap if busy_share else solver.gap)
    best = not_stopped(
        best_deployment(inputs, table, busy_share=busy_share, stop=stop, starts=STARTS)
    )
    if not best.found:
        raise InputError(f"no plan was found on a part of the history: {best.solution.message}")
    return best


def _cells(inputs: Inputs, calls: CallHistory) -> DemandCells:
    return demand_cells(
        calls, inputs.program, inputs.network, periods=inputs.periods, districts=inputs.districts
    )


def unseen_frame(unseen: Unseen) -> pd.DataFrame:
    """Return the figures on unseen calls as a table: one row a deployment and judge."""
    rows = []
    for name, judgment in unseen.judgments.items():
        nearest = judgment.deterministic
        rows.append(
            _row(name, "deterministic", *(shown_figure(nearest.overall, f) for f in FIGURES))
        )
        if judgment.replay is not None:
            whole = WholeCity.of(nearest.overall)
            values = (whole.figure(f, judgment.replay.figure(f).mean) for f in FIGURES)
            rows.append(_row(name, "replay of the real calls", *values))
    return pd.DataFrame(rows)


def _row(name: str, judge: str, share: float, wait_s: float) -> dict[str, object]:
    return {
        "deployment": name,
        "judge": judge,
        "share_in_time": round(share, 4),
        "mean_with_fallback_min": round(wait_s / 60, 2),
    }
