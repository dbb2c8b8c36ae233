"""Confirm what is promised: yes, no, or too close to call, on chances that nothing was chosen on.

A goal that promises a share (fewest units, least cost) is searched fleet by fleet: the best share
with so much, then confirmed. Tightening the model until its plan is confirmed fails: a feasible
plan is not the best of its fleet, and the model is pessimistic (19 of 28 hard targets right,
against 27 of a search by fleets); planning in rounds breaks promises (13 of 28).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.special import ndtr, stdtrit

from coresponse.optimize.trial import Asked, Trial, standard_error
from coresponse.optimize.trials import Trials
from coresponse.optimize.verdict import Checked, Counts, Reached, Verdict

# Replications at which a promise is looked at.
LOOKS = (8, 16, 32, 64, 128)

# Chance of confirming what is not so, over all looks: each has its part of it.
ERROR = 0.01

# Standard errors by which a district must be below its floor for it to be broken.
#
# Of a dozen districts one is by chance below by 2 or more.
Z_GROUP = 2.77


def check(fresh: Trials, counts: Counts, asked: Asked, *, name: str = "plan") -> Checked:
    """Hold a deployment against what is promised, in as many fresh replications as that needs.

    Sequential: looked at after 8, 16, ... 128 replications; each look spends its part of the error
    (Bonferroni). A floor under each district counts as kept if all means are at or above it at the
    end: to ask for lower bounds everywhere would cost a unit for noise.

    Parameters
    ----------
    fresh
        Replications that nothing was chosen on.
    """
    done: tuple[Reached, ...] = ()
    trial = fresh.trial(counts, 0)
    for looks in LOOKS:
        trial = fresh.trial(counts, looks)
        done = _reached(fresh, trial, asked, last=looks == LOOKS[-1])
        verdicts = {one.verdict for one in done}
        if Verdict.NO in verdicts or Verdict.CLOSE not in verdicts:
            break
    deployment = fresh.case.deployment(counts, name)
    dollars, goal = float(trial.dollars.mean()), float(trial.goals[:, 0].mean())
    return Checked(counts, deployment, dollars, goal, done, trial.replications)


def _reached(fresh: Trials, trial: Trial, asked: Asked, *, last: bool) -> tuple[Reached, ...]:
    out = []
    for j, promise in enumerate(fresh.yardstick.promises):
        values = trial.promised[:, j]
        values = values[np.isfinite(values)]
        if not len(values):
            continue
        mean, se = float(values.mean()), standard_error(values)
        verdict = _verdict(
            promise.at_most - mean, se, len(values), group=promise.by != "all", last=last
        )
        if promise.of_share:
            found = Reached(promise.name, "share", 1 - promise.at_most, 1 - mean, se, verdict)
        else:
            found = Reached(
                promise.name, "minutes", promise.at_most / 60, mean / 60, se / 60, verdict
            )
        if promise.by != "all":
            groups, g = fresh.yardstick.statement.demand.by(promise.by), promise.group
            calls, shown = int(groups.observed[g]), not groups.hidden[g]
            found = replace(found, calls=calls, may_be_shown=shown)
        out.append(found)
    if asked.budget is not None:
        mean, se = float(trial.dollars.mean()), standard_error(trial.dollars)
        verdict = _verdict(asked.budget - mean, se, trial.replications, group=False, last=last)
        name = f"budget: at most ${asked.budget:,.0f} a year"
        out.append(Reached(name, "dollars", asked.budget, mean, se, verdict))
    return tuple(out)


def _verdict(margin: float, se: float, n: int, *, group: bool, last: bool) -> Verdict:
    error = float(ndtr(-Z_GROUP)) if group else ERROR / len(LOOKS)
    z = -float(stdtrit(max(n - 1, 1), error))  # of 8 replications a spread is but roughly known
    if margin >= z * se - 1e-12:
        return Verdict.YES
    if margin < -z * se:
        return Verdict.NO
    return Verdict.YES if group and last and margin >= 0 else Verdict.CLOSE


def nearest(checked: Sequence[Checked]) -> Checked | None:
    """Return what comes nearest to keeping all promises."""

    def far(one: Checked) -> float:
        return max((-r.margin / max(abs(r.promised), 1e-12) for r in one.reached), default=0.0)

    return min(checked, key=far, default=None)
