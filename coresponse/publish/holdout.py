"""The tests of a plan on calls that it has not seen, as they may be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.replay.bands import Interval
from coresponse.data.programs.model import Program
from coresponse.publish.disclosure import PUBLIC, Disclosure
from coresponse.publish.evaluation import EvaluationPublication, publish_evaluation
from coresponse.questions.further import Bootstrapped, Holdout

Proven = Literal["better", "worse", "neither"]


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
            f"if the nearest unit is free, {share:.1%} are reached in time, against "
            f"{self.seen:.1%} on the days it was made from"
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
            f"left out: {low:.1%} to {high:.1%} of calls in time (9 of 10 samples); on average "
            f"{self.kept_posts.mean():.0%} of the plan stays the same"
        )
        if np.isnan(self.wait_less_s).any():
            return f"{told}."
        better = float((self.wait_less_s > 0).mean())
        return f"{told}; better than today's deployment in {better:.0%} of the samples."


def publish_holdout(
    found: Holdout, program: Program, disclosure: Disclosure = PUBLIC
) -> HoldoutPublication:
    """Return the test on later days as it may be shown."""
    rounding, less = disclosure.city(found.cells), found.wait_less_s
    proven = None if less is None else _proven(less)
    if less is not None:
        less = rounding.stepped(less, rounding.wait_step_s, at_least=-np.inf)
    seen = disclosure.city(found.seen.overall)
    return HoldoutPublication(
        plan_days=found.plan_days,
        judge_days=found.judge_days,
        judge_calls=int(rounding.figure("calls", float(found.cells.calls.sum()))),
        evaluations={
            name: publish_evaluation(one, program, disclosure)
            for name, one in found.evaluations.items()
        },
        seen=seen.figure("share_in_time", found.seen.figure("share_in_time")),
        wait_less_s=less,
        proven=proven,
    )


def publish_bootstrap(found: Bootstrapped, disclosure: Disclosure = PUBLIC) -> BootstrapPublication:
    """Return the tests on samples of days as they may be shown."""
    roundings = [disclosure.city(overall) for overall in found.overall]
    less = [r.wait(float(v)) for r, v in zip(roundings, found.wait_less_s, strict=True)]
    share = [r.share(float(v)) for r, v in zip(roundings, found.share_in_time, strict=True)]
    return BootstrapPublication(np.array(less), np.array(share), found.kept_posts)


def _proven(exact: Interval) -> Proven:
    return "better" if exact.low > 0 else "worse" if exact.high < 0 else "neither"


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
