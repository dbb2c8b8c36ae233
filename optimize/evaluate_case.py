"""What a deployment does in a case: in the model with busy units, and in the replay."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.demand import eligible_classes
from coresponse.coverage.evaluate import EvaluationSetup
from coresponse.coverage.evaluation import Evaluation
from coresponse.coverage.evaluation_setup import drawn_setup
from coresponse.coverage.queueing.judge import queueing_measures
from coresponse.coverage.queueing.queueing_measures import QueueingMeasures
from coresponse.coverage.queueing.solve import EXACT_STATES
from coresponse.coverage.replay.rules import Rules
from coresponse.coverage.service.arrival_model import ArrivalModel
from coresponse.coverage.service.arrivals import fitted_arrivals
from coresponse.coverage.service.service_model import ServiceModel
from coresponse.data.calls.history import CallHistory
from coresponse.data.options import Deployment
from coresponse.data.progress import Progress, silent
from coresponse.optimize.case import Case
from coresponse.optimize.factors import Factors, call_factor, class_factor

# States up to which a round's queueing is exact; its final figures have more.
QUICK_STATES = 1_024


def queueing(
    case: Case,
    deployment: Deployment,
    *,
    service: ServiceModel | None = None,
    rules: Rules | None = None,
    exact_states: int = EXACT_STATES,
) -> QueueingMeasures:
    """Work out a deployment's figures with busy units, in the long run.

    Parameters
    ----------
    service
        How long calls keep a responder; default: fitted to the case's calls.
    rules
        Whose `when_busy` the figures follow where they can; default: the case's.
    exact_states
        States of the queue up to which it is solved exactly.
    """
    return queueing_measures(
        case.table,
        deployment,
        case.program,
        target_s=case.standard,
        service=case.service if service is None else service,
        districts=case.city.districts,
        exact_states=exact_states,
        rules=case.evaluation.rules if rules is None else rules,
    )


def evaluation_setup(
    case: Case, *, like: EvaluationSetup | None = None, progress: Progress = silent
) -> EvaluationSetup:
    """Prepare the replay of a case, for all of its deployments.

    Parameters
    ----------
    like
        Of another case, whose drives are used again where its roads are the same.
    """
    arrivals, kept = _arrivals(case)
    world = case.world
    return drawn_setup(
        world,
        case.evaluation,
        arrivals=arrivals,
        kept=kept,
        target_s=case.standard,
        seed=case.seed,
        demand=case.demand,
        growth=case.growth,
        known=like.drives if like is not None and like.city.roads is world.roads else None,
        progress=progress,
    )


def kept_calls(case: Case, calls: CallHistory) -> NDArray[np.float64] | None:
    """Return (calls, classes) the share of each recorded call that the phone does not end; None without a desk."""
    if not case.by_phone:
        return None
    names = eligible_classes(case.program)
    left = class_factor(Factors(by_phone=case.by_phone), names)
    return np.broadcast_to(left, (len(calls.frame), len(names)))


def _arrivals(case: Case) -> tuple[ArrivalModel | None, NDArray[np.float64] | None]:
    """Return the fitted arrivals with the case's factors on calls, less what the phone ends, and what is left of calls.

    The latter is (calls, classes) the share of each recorded call, at most 1; both None where there
    is no factor.
    """
    factors = replace(case.factors, by_phone=case.by_phone)
    by_call = factors.channels or factors.periods or factors.districts
    if not (factors.classes or factors.by_phone or by_call):
        return None, None
    fitted = fitted_arrivals(case.world)
    weight = call_factor(case.city, fitted, factors)
    of_call = np.ones(len(case.city.calls.frame))
    if weight is not None:
        of_call[fitted.row] = weight
        fitted = fitted.weighted(weight)
    kept = np.minimum(1.0, of_call[:, None] * class_factor(factors, fitted.class_names))
    before = replace(factors, by_phone={})
    asked, left = (fitted.times(class_factor(one, fitted.class_names)) for one in (before, factors))
    ended = float(asked.rate_per_h.sum() - left.rate_per_h.sum())
    return replace(left, by_phone_per_week=ended), kept


def evaluate(
    case: Case,
    deployment: Deployment,
    *,
    setup: EvaluationSetup | None = None,
    keep_calls: bool = False,
    progress: Progress = silent,
) -> Evaluation:
    """Work out what a deployment does in a case: nearest always free, queueing, and replay.

    Parameters
    ----------
    setup
        Made once for several deployments, which then meet the same chances.
    keep_calls
        Whether what became of each replayed call is kept, for figures of areas and times.
    """
    setup = setup or evaluation_setup(case, progress=progress)
    busy = queueing(case, deployment) if deployment.size else None
    return setup.evaluate(case.table, deployment, busy, keep_calls=keep_calls)
