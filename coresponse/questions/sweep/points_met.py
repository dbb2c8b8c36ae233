"""What becomes of calls under each plan of a sweep: its figures by area come from the replay, as its others do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from coresponse.coverage.evaluate import EvaluationSetup
from coresponse.coverage.replay.calls_met import CallsMet
from coresponse.data.options import Deployment
from coresponse.data.progress import Progress, silent
from coresponse.optimize.case import Case
from coresponse.optimize.solve_case import evaluation_setup
from coresponse.questions.sweep.axes import Setting, case_at
from coresponse.questions.sweep.base import Replayed, replayed_as

Asked = tuple[Setting, Deployment]
"""A point: what is assumed there, and who stands where."""


def points_met(
    case: Case, points: Mapping[str, Asked], *, progress: Progress = silent
) -> dict[str, CallsMet]:
    """Replay each point's plan on the chances that the sweep's figures are of.

    Plans of one kind (:func:`replayed_as`) meet the same calls, which are drawn once; equal plans
    there are replayed once.

    Returns
    -------
    dict
        By name of a point; without points where nobody is in place.
    """
    out: dict[str, CallsMet] = {}
    of_kind: dict[Replayed, list[str]] = {}
    for name, (setting, _) in points.items():
        of_kind.setdefault(replayed_as(case_at(case, setting)), []).append(name)
    for names in of_kind.values():
        first = case_at(case, points[names[0]][0])
        first.work_out_table(progress)
        setup = evaluation_setup(first, progress=progress).lean()
        known: dict[object, CallsMet | None] = {}
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


def _met(case: Case, deployment: Deployment, setup: EvaluationSetup) -> CallsMet | None:
    own = replace(setup, city=case.world, target_s=case.standard)
    replayed = own.evaluate(case.table, deployment, None, keep_calls=True).replay
    return None if replayed is None else replayed.met
