"""Confirm what is promised: yes, no, or too close to call, on chances that nothing was chosen on.

A goal that promises a share (fewest units, least cost) is searched fleet by fleet: the best share
with so much, then confirmed. Tightening the model until its plan is confirmed fails: a feasible
plan is not the best of its fleet, and the model is pessimistic (19 of 28 hard targets right,
against 27 of a search by fleets); planning in rounds breaks promises (13 of 28).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

import numpy as np
from scipy.special import ndtr, stdtrit

from coresponse.data.options import Deployment
from coresponse.optimize.contest import Asked, standard_error
from coresponse.optimize.trials import Counts, Trial, Trials

# Replications at which a promise is looked at.
LOOKS = (8, 16, 32, 64, 128)

# Chance of confirming what is not so, over all looks: each has its part of it.
ERROR = 0.01

# Standard errors by which a district must be below its floor for it to be broken.
#
# Of a dozen districts one is by chance below by 2 or more.
Z_GROUP = 2.77


# How a figure is said, by its kind.
FORMATS = {"share": "{:.1%}", "minutes": "{:.1f} min", "dollars": "${:,.0f}"}


class Verdict(StrEnum):
    """Whether a promise is kept."""

    YES = "confirmed"
    CLOSE = "too close to call"
    NO = "not reached"


@dataclass(frozen=True)
class Reached:
    """What one promise comes to in the replay.

    Attributes
    ----------
    name
        Of the promise.
    kind
        What is promised: a share in time at least, a mean wait at most, dollars at most.
    promised, mean, standard_error
        In the figure's own unit: share, minutes, dollars a year.
    verdict
        Whether it is kept.
    calls
        Observed calls that it is of; absent: all.
    may_be_shown
        Whether these are enough.
    """

    name: str
    kind: Literal["share", "minutes", "dollars"]
    promised: float
    mean: float
    standard_error: float
    verdict: Verdict
    calls: int | None = None
    may_be_shown: bool = True


@dataclass(frozen=True, eq=False)
class Checked:
    """A deployment held against what is promised.

    Attributes
    ----------
    counts, deployment
        That was replayed.
    dollars, goal
        Spent a year, call-outs as they come; what the goal comes to, in its unit.
    reached
        What each promise comes to, the budget last if there is one.
    replications
        Fresh ones.
    """

    counts: Counts
    deployment: Deployment
    dollars: float
    goal: float
    reached: tuple[Reached, ...]
    replications: int

    @property
    def verdict(self) -> Verdict:
        """Yes if all promises are confirmed, no if one is not reached."""
        verdicts = {one.verdict for one in self.reached}
        if Verdict.NO in verdicts:
            return Verdict.NO
        return Verdict.CLOSE if Verdict.CLOSE in verdicts else Verdict.YES

    @property
    def worst(self) -> Reached | None:
        """The promise that is farthest from being kept, in standard errors."""
        order = [Verdict.NO, Verdict.CLOSE, Verdict.YES]
        return min(
            self.reached,
            key=lambda one: (
                order.index(one.verdict),
                _margin(one) / max(one.standard_error, 1e-12),
            ),
            default=None,
        )


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
    dollars, goal = float(trial.dollars.mean()), float(trial.goal.mean())
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


def _margin(one: Reached) -> float:
    """By how much a promise is kept, in its own unit."""
    less = one.promised - one.mean
    return -less if one.kind == "share" else less


@dataclass(frozen=True, eq=False)
class Confirmation:
    """Whether anything keeps what is asked, and what less would reach.

    Attributes
    ----------
    plan
        The confirmed deployment; None: nothing was confirmed, which is an answer of its own.
    closest
        Without a plan: what comes nearest to it.
    less
        The best found of the next smaller fleet, or budget; None where there is none, or none was
        asked for.
    checked
        All that were held against the promise, in the order of the search.
    candidates
        Deployments that were tried out.
    by
        What the search went by: fleets of so many units, or dollars.
    in_time
        Whether the search came to its end; else the time limit ended it.
    binding
        Limits that leave no room for one more responder than the plan has, or else the closest.
    """

    plan: Checked | None
    closest: Checked | None
    less: Checked | None
    checked: tuple[Checked, ...]
    candidates: int
    by: Literal["units", "dollars", "goal"]
    in_time: bool = True
    binding: tuple[str, ...] = ()

    @property
    def confirmed(self) -> bool:
        """Whether something keeps what is asked."""
        return self.plan is not None

    @property
    def lesser(self) -> str:
        """What one with less is called."""
        return "cheaper" if self.by == "dollars" else "smaller"

    @property
    def words(self) -> str:
        """Say what may be said to a council."""
        parts = []
        if self.plan is not None:
            parts.append(f"confirmed in {self.plan.replications} replications: {_said(self.plan)}")
        elif self.closest is not None:
            parts.append(f"nothing is confirmed; the nearest we found: {_said(self.closest)}")
        if self.less is not None:
            parts.append(f"the best {self.lesser} one we found: {_said(self.less)}")
        parts.append(
            f"{self.candidates:,} candidates were replayed; nobody can prove that no better "
            "placement exists"
        )
        return "; ".join(parts)


def _said(one: Checked) -> str:
    fleet = " + ".join(f"{n} {name}" for name, n in one.deployment.by_type().items()) or "nobody"
    worst = one.worst
    if worst is None:
        return fleet
    show = FORMATS[worst.kind].format
    return (
        f"{fleet} reach {show(worst.mean)} where {show(worst.promised)} is asked of "
        f"{worst.name.rpartition(': ')[0]}, {worst.verdict}"
    )


def nearest(checked: Sequence[Checked]) -> Checked | None:
    """Return what comes nearest to keeping all promises."""

    def far(one: Checked) -> float:
        return max((-_margin(r) / max(abs(r.promised), 1e-12) for r in one.reached), default=0.0)

    return min(checked, key=far, default=None)
