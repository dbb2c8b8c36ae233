"""What may be shown of what a deployment does, of weeks held out, and of samples."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.replay.bands import Interval
from coresponse.coverage.replay.funnel_row import FunnelRow
from coresponse.coverage.replay.officer_figures import OfficerFigures
from coresponse.data.figures.sums import adding_up
from coresponse.data.figures.text import percent
from coresponse.data.options import Deployment

# Calls a week are shown to a tenth.
TENTH = 0.1

JUDGES = ("deterministic", "queueing", "replay")
# Figures that tables of classes, districts and periods have.
GROUP_FIGURES = (
    "share_in_time",
    "share_reached",
    "mean_s",
    "median_s",
    "p90_s",
    "mean_with_fallback_s",
)
REPLAYED_BY_DISTRICT = ("share_in_time", "share_reached", "mean_with_fallback_s", "p90_s")

Proven = Literal["better", "worse", "neither"]


@dataclass(frozen=True)
class ToldStep:
    """A step of the funnel in tenths of a call a week, which add up; see :class:`ReplayPublication`."""

    step: str
    calls: float
    lost: tuple[tuple[str, float], ...]


@dataclass(frozen=True, eq=False)
class ReplayPublication:
    """A replay's figures of the whole city and of units, rounded in steps of some past calls.

    Attributes
    ----------
    replications, sources
        As they are.
    funnel
        It adds up.
    units, utilization_by_hour
        Units that would go to so few of the past calls that their post's surroundings had few are
        blank.
    busiest
        The busiest unit and its utilization; '' where it is blank, or there is none.
    officer_hours_freed, officer_alone_hours, follow_ups_made, follow_ups_due
        A week.
    by_district
        district_id, `_low`, `_high`: blank where there are too few past calls.
    officers
        What the patrol did; None where police come after drawn times.
    busy_of_week
        (168,) units on calls in each hour of the week; None where some unit is not shown, which it
        would tell.
    """

    replications: int
    sources: tuple[str, ...]
    funnel: tuple[FunnelRow, ...]
    units: pd.DataFrame
    utilization_by_hour: pd.DataFrame
    mean_utilization: float
    busiest: tuple[str, Interval]
    officer_hours_freed: Interval
    officer_alone_hours: Interval
    follow_ups_made: Interval
    follow_ups_due: Interval
    by_district: pd.DataFrame
    officers: OfficerFigures | None = None
    busy_of_week: NDArray[np.float64] | None = None

    @property
    def told_funnel(self) -> tuple[ToldStep, ...]:
        """The funnel in tenths of a call a week that add up.

        Eligible calls and those left to police, which stand elsewhere, too, are rounded by
        themselves.
        """
        rows = self.funnel
        first, sent = (
            next(k for k, row in enumerate(rows) if row.step == step)
            for step in ("eligible", "sent")
        )
        calls = round(rows[first].calls.mean, 1)
        before, left = _told_losses(rows[: first + 1]), _told_losses(rows[first + 1 : sent + 1])
        up = list(accumulate(map(sum, reversed(before)), operator.add, initial=calls))[:-1]
        down = list(accumulate(map(sum, left), operator.sub, initial=calls))[1:]
        steps = zip(rows, [*reversed(up), *down], [*before, *left], strict=False)
        told = [_told_step(row, came, lost) for row, came, lost in steps]
        for row in rows[sent + 1 :]:
            parts = [row.calls.mean, *(one.mean for _, one in row.lost)]
            came, *lost = adding_up(parts, TENTH, whole=told[-1].calls).tolist()
            told.append(_told_step(row, came, lost))
        return tuple(told)


def _told_losses(rows: Sequence[FunnelRow]) -> list[list[float]]:
    """Return losses of steps in tenths that together add up to all of them, rounded."""
    told = adding_up([one.mean for row in rows for _, one in row.lost], TENTH).tolist()
    return [[told.pop(0) for _ in row.lost] for row in rows]


def _told_step(row: FunnelRow, calls: float, lost: Sequence[float]) -> ToldStep:
    reasons = (reason for reason, _ in row.lost)
    # of sums in another order: a tenth is a tenth
    return ToldStep(row.step, round(calls, 1), tuple(zip(reasons, lost, strict=True)))


@dataclass(frozen=True, eq=False)
class EvaluationPublication:
    """One deployment's figures, three ways, as they may be shown.

    Attributes
    ----------
    deployment
        What they are of.
    figures
        By judge, then by figure, in seconds, shares and calls a week; intervals have ends in the
        replay only.
    worst_district
        By judge, among those that are shown; '' if none.
    groups
        The replay's figures of classes, districts and all calls, and of periods where the replayed
        calls are kept: `calls_band`, in an internal one `calls`, and :data:`GROUP_FIGURES`.
    busy_share, method
        By queueing.
    replay
        None where nobody is in place.
    single_year
        The replay's figures with the wider band in which those of one single year lie; empty where
        there is none.
    notes
        Where the three disagree beyond the stated bounds, and where queueing does not follow a
        rule.
    """

    deployment: Deployment
    figures: Mapping[str, Mapping[str, Interval]]
    worst_district: Mapping[str, str]
    groups: Mapping[str, pd.DataFrame]
    busy_share: Mapping[str, float]
    method: str
    replay: ReplayPublication | None
    notes: tuple[str, ...]
    single_year: Mapping[str, Interval] = field(default_factory=dict)

    def figure(self, judge: str, key: str) -> Interval | None:
        """Return a judge's figure of all calls; None where the judge does not have it."""
        return self.figures.get(judge, {}).get(key)

    def best_known(self, key: str) -> Interval:
        """Return the replay's figure, or that of the nearest responder where nobody is in place."""
        return self.figures["replay" if self.replay is not None else "deterministic"][key]


@dataclass(frozen=True, eq=False)
class HoldoutPublication:
    """How a plan made on the earlier days does on the later ones.

    Attributes
    ----------
    plan_days, judge_days, judge_calls
        Days planned on; days judged on, and about how many calls they have.
    evaluations
        On the later days, of that plan and of today.
    seen
        The plan's share in time on the days that it was made for, if the nearest were always free.
    wait_less_s
        By how much a call waits less under the plan than today; None without today.
    proven
        What the exact interval shows of the plan beside today's deployment, before it is rounded;
        None without today.
    """

    plan_days: float
    judge_days: float
    judge_calls: int
    evaluations: Mapping[str, EvaluationPublication]
    seen: float
    wait_less_s: Interval | None
    proven: Proven | None

    def verdict(self) -> str:
        """Say what came out, in a sentence: on the days not seen, and on those planned on."""
        told = (
            "Tested on calls it had not seen: a plan of the same size made from the first "
            f"{self.plan_days:.0f} days was run on the last {self.judge_days:.0f} (about "
            f"{self.judge_calls:,} calls)"
        )
        share = self.evaluations["plan"].figures["deterministic"]["share_in_time"].mean
        free = (
            f"if the nearest unit is free, {percent(share)} are reached in time, against "
            f"{percent(self.seen)} on the days it was made from"
        )
        if self.wait_less_s is None or self.proven is None:
            return f"{told}; {free}."
        return f"{told}; {_compared(self.wait_less_s, self.proven)}; {free}."


@dataclass(frozen=True, eq=False)
class BootstrapPublication:
    """Plans made on days drawn with replacement, judged by queueing on the days not drawn."""

    wait_less_s: NDArray[np.float64]
    share_in_time: NDArray[np.float64]
    kept_posts: NDArray[np.float64]

    def verdict(self) -> str:
        """Say what came out, in a sentence."""
        low, high = np.quantile(self.share_in_time, (0.05, 0.95))
        told = (
            f"Planned again on {len(self.share_in_time)} samples of days and judged on the days "
            f"left out: {percent(low)} to {percent(high)} of calls in time (9 of 10 samples); on average "
            f"{self.kept_posts.mean():.0%} of the plan stays the same"
        )
        if np.isnan(self.wait_less_s).any():
            return f"{told}."
        better = float((self.wait_less_s > 0).mean())
        return f"{told}; better than today's deployment in {better:.0%} of the samples."


def _compared(less: Interval, proven: Proven) -> str:
    low, high = less.low / 60, less.high / 60
    if proven == "better":
        return (
            f"a call waits {less.mean / 60:.1f} min less than with today's deployment "
            f"(95% band over days: {low:.1f} to {high:.1f} min less)"
        )
    if proven == "worse":
        return (
            f"a call waits {-less.mean / 60:.1f} min MORE than with today's deployment "
            f"(95% band over days: {-high:.1f} to {-low:.1f} min more): do not adopt it on this "
            "evidence"
        )
    return (
        "it is not shown to be better than today's deployment (95% band over days: from "
        f"{_or_more(low)} to {_or_more(high)} a call)"
    )


def _or_more(less_min: float) -> str:
    return f"{abs(less_min):.1f} min {'less' if less_min > 0 else 'more'}"
