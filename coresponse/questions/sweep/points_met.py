"""What becomes of calls under each plan of a sweep: its figures by area come from the replay, as its others do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from coresponse.coverage.evaluate import EvaluationSetup
from coresponse.coverage.replay.group_measures import GroupMeasures
from coresponse.coverage.replay.met import CallsMet
from coresponse.data.options import Deployment
from coresponse.data.progress import Progress, silent
from coresponse.optimize.case import Case
from coresponse.optimize.evaluate_case import evaluation_setup
from coresponse.questions.sweep.axes import case_at
from coresponse.questions.sweep.base import Replayed, replayed_as
from coresponse.questions.sweep.grid import Setting

# A point: what is assumed there, and who stands where.
Asked = tuple[Setting, Deployment]


@dataclass(frozen=True, eq=False)
class PointMet:
    """What a point's replay tells besides the sweep's figures.

    Attributes
    ----------
    calls
        What became of them.
    by_group
        Figures of groups of residents; None where nobody said where they live.
    by_area
        Of areas with standards of their own; None where one holds for all.
    """

    calls: CallsMet
    by_group: GroupMeasures | None = None
    by_area: pd.DataFrame | None = None


def points_met(
    case: Case, points: Mapping[str, Asked], *, progress: Progress = silent
) -> dict[str, PointMet]:
    """Replay each point's plan on the chances that the sweep's figures are of.

    Plans of one kind (:func:`replayed_as`) meet the same calls, which are drawn once; equal plans
    there are replayed once.

    Returns
    -------
    dict
        By name of a point; without points where nobody is in place.
    """
    out: dict[str, PointMet] = {}
    of_kind: dict[Replayed, list[str]] = {}
    for name, (setting, _) in points.items():
        of_kind.setdefault(replayed_as(case_at(case, setting)), []).append(name)
    setup: EvaluationSetup | None = None
    for names in of_kind.values():
        first = case_at(case, points[names[0]][0])
        first.work_out_table(progress)
        setup = evaluation_setup(first, like=setup, progress=progress)
        setup = setup.with_residents(first.table).lean()
        known: dict[object, PointMet | None] = {}
        for name in names:
            setting, deployment = points[name]
            if not deployment.size:
                continue
            progress("replaying each plan for its areas", len(out), len(points))
            one = case_at(case, setting)
            fallback_min = one.program.standards.fallback_min.value
            key = (frozenset(deployment.counts), one.standard, fallback_min)
            if key not in known:
                known[key] = _met(one, deployment, setup)
            met = known[key]
            if met is not None:
                out[name] = met
    return out


def _met(case: Case, deployment: Deployment, setup: EvaluationSetup) -> PointMet | None:
    own = replace(setup, city=case.world, target_s=case.standard)
    replayed = own.evaluate(case.table, deployment, None, keep_calls=True).replay
    if replayed is None or replayed.met is None:
        return None
    return PointMet(replayed.met, replayed.by_group, replayed.by_area)
