"""The tests of a plan on calls that it has not seen, as they may be shown."""

from __future__ import annotations

import numpy as np

from coresponse.coverage.replay.bands import Interval
from coresponse.data.programs.model import Program
from coresponse.publish.disclosure import PUBLIC, Disclosure
from coresponse.publish.evaluation import publish_evaluation
from coresponse.publish.measured import (
    BootstrapPublication,
    HoldoutPublication,
    Proven,
)
from coresponse.questions.further import Bootstrapped, Holdout


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
