"""Replay any deployments side by side: today's, a plan's, or others, on calls drawn or recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from coresponse.coverage.evaluate import EvaluationSetup
from coresponse.coverage.evaluation import Evaluation
from coresponse.coverage.evaluation_setup import history_setup
from coresponse.data.errors import InputError
from coresponse.data.options import Deployment
from coresponse.data.progress import Progress, silent
from coresponse.optimize.case import Case
from coresponse.optimize.evaluate_case import evaluate, evaluation_setup, kept_calls
from coresponse.study.memory import Work, tell

CallsFrom = Literal["drawn", "real"]


@dataclass(frozen=True, eq=False)
class Replays:
    """Deployments that were replayed side by side.

    Attributes
    ----------
    case
        Under which.
    setup
        Calls and chances, the same for all.
    evaluations
        By name.
    """

    case: Case
    setup: EvaluationSetup
    evaluations: Mapping[str, Evaluation]

    def call_records(self, name: str) -> pd.DataFrame:
        """Return one row a call of the first replication: which unit, when, from where, or why not.

        Recorded calls have their local time, `received_at`; drawn ones seconds since a Monday
        00:00, `received_s`.
        """
        frame = self.setup.replay(self.evaluations[name].deployment)[0].frame()
        if self.setup.of_history:
            received = self.case.city.calls.frame["received_at"]
            wall = received.dt.tz_localize(None).min().floor("D")
            monday = wall - pd.Timedelta(days=int(wall.day_of_week))
            local = (monday + pd.to_timedelta(frame["received_s"], unit="s")).dt.round("s")
            frame.insert(2, "received_at", local.astype(str))
        return frame


def replay(
    case: Case,
    deployments: Mapping[str, Deployment],
    *,
    calls: CallsFrom = "drawn",
    progress: Progress = silent,
) -> Replays:
    """Replay deployments on the same calls and the same chances.

    Parameters
    ----------
    deployments
        By name.
    calls
        Drawn from the model that is fitted to the history, or the recorded ones at their own times.
    """
    if calls == "real" and case.city.calls.assumed is not None:
        raise InputError(
            "no calls are recorded, so there are none to replay at their own times: demand is "
            "assumed -- replay drawn calls, or give past calls: [calls] files"
        )
    if calls == "real":
        case = case.with_(planning_year=None)  # recorded calls are replayed as they were
    tell(case, Work("replaying this", problems=0, replays=True), progress)
    case.work_out_table(progress)
    if calls == "real":
        setup = history_setup(
            case.world,
            case.evaluation,
            case.city.calls,
            target_s=case.standard,
            seed=case.seed,
            kept=kept_calls(case, case.city.calls),
            progress=progress,
        )
    else:
        setup = evaluation_setup(case, progress=progress)
    out = {}
    for k, (name, deployment) in enumerate(deployments.items()):
        progress("judging deployments", k, len(deployments))
        out[name] = evaluate(case, deployment, setup=setup)
    return Replays(case, setup, out)
