"""Choose by the judge: of the model's plans and deployments near them, the one that does best in the replay.

The model is exact for given busy shares that all units of a type share, on any two calls
independently. What calls meet is another matter: so the model's rounds, plans for other busy
shares, filled fleets and the best exchanges make a pool, and the replay chooses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from coresponse.coverage.evaluate import EvaluationSetup
from coresponse.data.limits import Limits
from coresponse.data.progress import Progress, silent
from coresponse.optimize.case import Case
from coresponse.optimize.chosen import Choice
from coresponse.optimize.contest import BUSY_FACTORS, busy_of, halve, in_order, search
from coresponse.optimize.fleets import Kinds, best_fleets
from coresponse.optimize.goals.goal_units import unit_of
from coresponse.optimize.placing import Placer
from coresponse.optimize.search import Room
from coresponse.optimize.solved import Solved
from coresponse.optimize.trial import BETTER_SE, SUMMED, Asked, distinct, standard_error
from coresponse.optimize.trials import Trials
from coresponse.optimize.verdict import Counts

STAGE = "choosing by the replay"

# Fleets that are searched, and deployments that keep a budget on fresh chances, of which the best is the plan.
AFFORDABLE = 4

# Limits on single posts, and what else is no limit on money or staff.
PASSED_OVER = ("post ", "stays:", "fleet:", "keep today:")


def choose(
    case: Case,
    solved: Solved,
    setup: EvaluationSetup,
    *,
    trials: Trials | None = None,
    progress: Progress = silent,
) -> Choice:
    """Choose a plan by the replay.

    Parameters
    ----------
    solved
        The model's answer, with all of its rounds.
    setup
        Of the replay; figures on its scenes are fresh, for no choice is made on them.
    trials
        Made of it before.
    """
    trials = trials or Trials.of(case, setup)
    asked = trials.asked(budget=case.limits.budget_per_year)
    placer = Placer.of(case, trials.yardstick)
    model = solved.best.solution.counts
    progress(STAGE, 0, 3)
    candidates = model_plans(placer, solved)
    if case.limits.budget_per_year is not None:
        candidates = _within_budget(trials, placer, asked, candidates, busy_of(solved))
        kinds = Kinds.of(trials, placer)
        fleet = kinds.fleet(candidates[0])
        placer = placer.without("budget:").within(kinds.limits(fleet))
    progress(STAGE, 1, 3)
    path = in_order(trials, placer, asked, [*candidates, model], busy_of(solved))
    progress(STAGE, 2, 3)
    path = [_affordable(trials, [best, *candidates], asked, most=1)[0] for best in path]
    return settle(case, solved, trials, asked, path)


def _within_budget(
    trials: Trials,
    placer: Placer,
    asked: Asked,
    plans: Sequence[Counts],
    busy: Mapping[str, float],
) -> list[Counts]:
    """Return the best deployments of the best fleets that keep the budget, the best first.

    What a fleet spends depends on its posts, too: so the best few are searched before they are held
    against the budget.
    """
    fleets, kinds = best_fleets(trials, placer, asked, plans, busy), Kinds.of(trials, placer)
    free = placer.without("budget:")
    searched = [
        search(trials, free.within(kinds.limits(kinds.fleet(counts))), asked, [counts], busy)
        for counts in fleets[:AFFORDABLE]
    ]
    ranked = halve(trials, distinct([*searched, *fleets]), asked, doublings=2)
    return _affordable(trials, ranked, asked)


def _affordable(
    trials: Trials, ranked: Sequence[Counts], asked: Asked, *, most: int = AFFORDABLE
) -> list[Counts]:
    """Return the first that keep the budget on fresh chances; else what spends least.

    Near the budget the spending is looked at up to four times as long as figures are shown of.
    """
    if asked.budget is None:
        return list(ranked)
    fresh = trials.fresh()
    spent: list[float] = []
    kept: list[Counts] = []
    for counts in ranked:
        for looks in (1, 2, 4):
            dollars = fresh.trial(counts, looks * len(trials.setup.scenes)).dollars
            mean, se = float(dollars.mean()), standard_error(dollars)
            if abs(mean - asked.budget) > 2 * se:
                break
        spent.append(mean)
        if mean <= asked.budget * (1 + SUMMED):
            kept.append(counts)
        if len(kept) == most:
            break
    return kept or [ranked[int(np.argmin(spent))]]


def model_plans(placer: Placer, solved: Solved) -> list[Counts]:
    """Return the plans of all rounds, plans for other busy shares, and all of them filled up."""
    rounds = [] if solved.rounds is None else list(solved.rounds.rounds)
    plans = [solved.best.solution.counts, *(turn.best.solution.counts for turn in rounds)]
    shares = busy_of(solved)
    if not any(shares.values()):
        return distinct(plans)
    costs = placer.busy(shares)
    plans += [placer.filled(costs, plan) for plan in distinct(plans)]
    start = plans[0]
    plans.append(placer.improved(costs, start))
    for factor in BUSY_FACTORS:
        other = placer.busy({name: share * factor for name, share in shares.items()})
        plans.append(placer.improved(other, start))
    # call-outs that come more seldom than the program prices them leave room that its budget does
    # not show: then no plan seems to keep it, and the replay judges
    return distinct([plan for plan in plans if placer.keeps_limits(plan)] or plans[:1])


def settle(
    case: Case, solved: Solved, trials: Trials, asked: Asked, path: Sequence[Counts]
) -> Choice:
    """Keep the model's plan unless another is better on fresh chances beyond noise.

    Parameters
    ----------
    path
        The best for each goal in its order.
    """
    fresh, n = trials.fresh(), len(trials.setup.scenes)
    model, tried = solved.best.solution.counts, trials.tried
    kept, now = model, fresh
    for best in path:
        # what an earlier goal ruled out may be worth no more than it
        here = kept if _is_better(now, kept, model, asked, n) else model
        kept = best if _is_better(now, best, here, asked, n) else here
        now = now.holding(kept)
    own, trial = fresh.trial(model, n), fresh.trial(kept, n)
    is_models = bool(np.array_equal(model, kept))
    less = own.goals - trial.goals  # a rank has what is broken in it, too
    gained = [float(one.mean()) for one in less.T]
    place = next(
        (k for k, by in enumerate(gained) if by > BETTER_SE * standard_error(less[:, k])), 0
    )
    return Choice(
        solved,
        kept,
        case.deployment(kept, solved.deployment.name),
        is_models,
        tried,
        0.0 if is_models else gained[place],
        0.0 if is_models else standard_error(less[:, place]),
        unit_of(trials.yardstick.order[place]),
        float(trial.dollars.mean()),
        float(own.dollars.mean()),
        float(trial.goal.mean()),
        trials.yardstick.call_outs(kept, trial.calls.mean(axis=0)),
        binding_limits(trials, kept),
        n,
        place > 0,
    )


def _is_better(fresh: Trials, counts: Counts, than: Counts, asked: Asked, n: int) -> bool:
    """Whether a deployment is better on fresh chances beyond noise."""
    if np.array_equal(counts, than):
        return False
    less = asked.rank(fresh.trial(than, n)) - asked.rank(fresh.trial(counts, n))
    return bool(less.mean() > BETTER_SE * standard_error(less))


def binding_limits(trials: Trials, counts: Counts) -> tuple[str, ...]:
    """Name the limits that leave no room for one more responder of any option that they count."""
    out = []
    for limit in trials.case.problem().limits:
        counted = limit.coefficients[limit.coefficients > 0]
        if limit.at_most is None or not len(counted) or limit.name.startswith(PASSED_OVER):
            continue
        if limit.name.startswith("budget:"):
            binds = _budget_is_spent(trials, counts)
        else:
            used, bound = float(limit.coefficients @ counts), limit.at_most
            binds = used + counted.min() > bound + 1e-6 * max(1.0, bound)
        if binds:
            out.append(limit.name)
    return tuple(out)


def _budget_is_spent(trials: Trials, counts: Counts) -> bool:
    """Whether one more responder of any kind would spend more than the budget, its call-outs as they come."""
    budget, options = trials.case.limits.budget_per_year, trials.case.options
    fresh, n = trials.fresh(), len(trials.setup.scenes)
    fits = Room.of(replace(trials.case, limits=_but_budget(trials.case)).problem()).may_add(
        counts.astype(np.float64)
    )
    kinds = {options[k].responder_type + options[k].shift_pattern: k for k in np.flatnonzero(fits)}
    for k in kinds.values():
        more = counts.copy()
        more[k] += 1
        if budget is None or fresh.trial(more, n).dollars.mean() <= budget:
            return False
    return bool(kinds)


def _but_budget(case: Case) -> Limits:
    return case.limits.model_copy(update={"budget_per_year": None})
