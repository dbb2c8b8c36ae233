"""What a deployment will cost: dollars a year with call-outs as often as the replay finds them."""

from __future__ import annotations

from math import ceil

import numpy as np

from coresponse.coverage.call_outs import further_cost, further_costs
from coresponse.coverage.cells import DemandCells
from coresponse.coverage.few_calls import no_fewer
from coresponse.coverage.replay.replay_measures import ReplayMeasures
from coresponse.data.options import Deployment
from coresponse.data.progress import Progress, silent
from coresponse.optimize.case import Case
from coresponse.optimize.evaluate_case import evaluation_setup


def spent(case: Case, deployment: Deployment, replay: ReplayMeasures) -> float:
    """Return dollars a year, call-outs as a replay of the deployment found them."""
    further = further_costs(case.program, deployment, replay)
    return case.yearly_cost(deployment) + float(np.mean(further))


def spent_today(case: Case, today: Deployment, *, progress: Progress = silent) -> float:
    """Return what today's deployment costs a year, replayed where somebody is paid by the call-out.

    Such dollars are rounded up to the thousands in which they are published, and are those of no
    fewer past calls, in steps of five: a budget that is made of them is shown, and holds for today's
    deployment.
    """
    kinds = case.program.responder_types
    if not any(kinds[option.responder_type].paid_as == "standby" for option, _ in today.counts):
        return case.yearly_cost(today)
    setup = evaluation_setup(case, progress=progress).lean()
    replay = setup.evaluate(case.table, today, None).replay
    if replay is None:
        return case.yearly_cost(today)
    cells = case.table.cells
    sent = {name: at_least(calls, cells) for name, calls in replay.calls_by_type.items()}
    found = case.yearly_cost(today) + further_cost(case.program, today, sent)
    return float(ceil(found / 1_000) * 1_000)


def at_least(calls_per_week: float, cells: DemandCells) -> float:
    """Return calls a week that are no fewer, of past calls in steps of five: what a limit may be made of."""
    of_past = float(cells.calls_per_week.sum() / max(cells.calls.sum(), 1))
    return no_fewer(calls_per_week / of_past) * of_past if of_past > 0 else calls_per_week
