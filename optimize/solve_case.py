"""Solve a case, and evaluate a deployment in it: the two answers that every question is made of."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.demand import eligible_classes
from coresponse.coverage.evaluate import EvaluationSetup
from coresponse.coverage.evaluation import Evaluation
from coresponse.coverage.evaluation_setup import drawn_setup
from coresponse.coverage.fitted import fitted_arrivals
from coresponse.coverage.queueing.judge import QueueingMeasures, queueing_measures
from coresponse.coverage.queueing.solve import EXACT_STATES
from coresponse.coverage.replay.rules import Rules
from coresponse.coverage.service.arrival_model import ArrivalModel
from coresponse.coverage.service.service_model import ServiceModel
from coresponse.data.calls.history import CallHistory
from coresponse.data.options import Deployment
from coresponse.data.progress import Progress, silent
from coresponse.optimize.busy_fixed_point import MOST_ROUNDS, busy_fixed_point, queueing_cost
from coresponse.optimize.case import Case
from coresponse.optimize.factors import Factors, call_factor, class_factor
from coresponse.optimize.optimize_once import FEW_STARTS, STARTS, optimize_once
from coresponse.optimize.optimum import BusyRound, BusyRounds, End, Optimum
from coresponse.optimize.solution import Stop, Watch
from coresponse.optimize.solved import Solved

# States up to which a round's queueing is exact; its final figures have more.
QUICK_STATES = 1_024


@dataclass(frozen=True)
class Effort:
    """How thoroughly a case is searched.

    Attributes
    ----------
    seconds
        For all rounds together.
    gap, busy_gap
        Relative gaps that count as proven, for units that are always free, and for busy ones.
    starts
        Of the local search, where nothing is known of the answer.
    most_rounds
        With busy units, after the first.
    rough
        Whether a first round that others follow is only their beginning: it takes a third of the
        time, and is no closer than they are.
    """

    seconds: float
    gap: float
    busy_gap: float
    starts: int = STARTS
    most_rounds: int = MOST_ROUNDS
    rough: bool = False

    @classmethod
    def of(cls, case: Case) -> Effort:
        """Return what a case's own settings ask for."""
        solver = case.solver
        return cls(solver.time_limit_s, solver.gap, solver.gap_with(busy=True))


# One search: with busy shares, from counts, until a stop, with so many starts of local search.
Once = Callable[[Mapping[str, float] | None, NDArray[np.int64] | None, Stop, int], Optimum]


def solve(
    case: Case,
    *,
    effort: Effort | None = None,
    start: NDArray[np.int64] | None = None,
    once: Once | None = None,
    name: str = "plan",
    watch: Watch | None = None,
    progress: Progress = silent,
) -> Solved:
    """Find the best deployment of a case.

    Once for units that are always free, or as busy as stated; else in rounds, until the plan and
    the busy shares that queueing finds in it agree.

    Parameters
    ----------
    effort
        Default: the case's own settings.
    start
        (options,) counts to begin with.
    once
        What makes one search; default: :func:`~coresponse.optimize.optimize_once.optimize_once`.
    name
        Of the deployment.
    """
    effort = effort or Effort.of(case)
    began = time.monotonic()

    def search(
        busy: Mapping[str, float] | None, start: NDArray[np.int64] | None, stop: Stop, starts: int
    ) -> Optimum:
        return optimize_once(
            case, busy_share=busy, start=start, stop=stop, starts=starts, name=name, watch=watch,
            progress=progress,
        )  # fmt: skip

    def measured(deployment: Deployment) -> QueueingMeasures:
        progress("how busy the units are", 0, 1)
        # calls that find all busy are left to police, whatever the rule: a queue has figures for
        # some deployments only, and those of a search must be alike
        return queueing(case, deployment, rules=Rules(), exact_states=QUICK_STATES)

    def cost(found: QueueingMeasures) -> float:
        # what tells rounds apart; for goals that are no mean cost, the latest is the best
        waiting = case.waiting
        return 0.0 if waiting is None else queueing_cost(found, case.table.cells, waiting)

    once = once or search
    if not isinstance(case.busy, str):
        return _stated(case, case.busy, effort, start, once, measured, cost)
    rounds_follow = case.busy == "consistent"
    rough = effort.rough and rounds_follow
    gap = effort.busy_gap if rough else effort.gap
    naive = once(None, start, Stop(effort.seconds / (3 if rough else 1), gap), effort.starts)
    if not rounds_follow or not naive.deployment.size or naive.solution.interrupted:
        return Solved(case, naive)
    rounds = busy_fixed_point(
        naive,
        lambda busy, counts, left: once(busy, counts, Stop(left, effort.busy_gap), FEW_STARTS),
        measured,
        cost,
        seconds=effort.seconds - (time.monotonic() - began),
        most_rounds=effort.most_rounds,
    )
    return Solved(case, rounds.best, rounds)


def _stated(
    case: Case,
    stated: Mapping[str, float],
    effort: Effort,
    start: NDArray[np.int64] | None,
    once: Once,
    measured: Callable[[Deployment], QueueingMeasures],
    cost: Callable[[QueueingMeasures], float],
) -> Solved:
    """Search once, with busy shares that a person stated."""
    gap = effort.busy_gap if any(share > 0 for share in stated.values()) else effort.gap
    best = once(stated, start, Stop(effort.seconds, gap), effort.starts)
    if not best.deployment.size:
        return Solved(case, best)
    found = measured(best.deployment)
    told = dict(stated)
    turn = BusyRound(told, told | found.busy_share, cost(found), best)
    return Solved(case, best, BusyRounds((turn,), 0, End.STATED, 0.0))


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


def evaluation_setup(case: Case, *, progress: Progress = silent) -> EvaluationSetup:
    """Prepare the replay of a case, for all of its deployments."""
    arrivals, kept = _arrivals(case)
    return drawn_setup(
        case.world,
        case.evaluation,
        arrivals=arrivals,
        kept=kept,
        target_s=case.standard,
        seed=case.seed,
        demand=case.demand,
        growth=case.growth,
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
