"""What each unit of a plan is for: calls that it serves, what they cost, and where more units serve hardly anyone."""

from __future__ import annotations

import numpy as np

from coresponse.optimize.trial import Trial
from coresponse.optimize.trials import Trials
from coresponse.optimize.verdict import Counts, MarginalUse, StaffStep, UnitUse

# Replications for what a fleet serves: of calls served, to less than a percent.
LOOKS = 4

# Share of what a unit serves on average below which one more serves hardly anyone.
HARDLY = 0.1


def marginal_use(trials: Trials, counts: Counts, *, most: int = 40) -> MarginalUse:
    """Find what each unit of a plan is for.

    Units are left out one by one, always one of the option whose responders have the fewest calls.
    What is then no longer served is what the unit was for: its own calls others would take. Of a
    large fleet several are left out at once.

    Parameters
    ----------
    most
        Steps, at most.
    """
    trial = trials.trial(counts, LOOKS)
    units = _units(trials, counts, trial)
    steps = [StaffStep(counts, _served(trial), 0.0, 0.0)]
    all_units = int(counts.sum())
    at_once = max(1, all_units // most)
    hardly = HARDLY * at_once * steps[0].served_per_week / max(all_units, 1)
    turns_at = None
    for _ in range(min(most, all_units - 1)):
        here = steps[-1]
        before = trials.trial(here.counts, LOOKS)
        if here.counts.sum() <= at_once:
            break
        fewer = _without_least_used(here.counts, before, at_once)
        after = trials.trial(fewer, LOOKS)
        steps.append(
            StaffStep(
                fewer,
                _served(after),
                here.served_per_week - _served(after),
                float(before.dollars.mean() - after.dollars.mean()),
            )
        )
        if steps[-1].fewer_per_week > hardly:
            break
        turns_at = steps[-1]
    return MarginalUse(units, tuple(steps), turns_at)


def _without_least_used(counts: Counts, trial: Trial, many: int) -> Counts:
    """Leave so many units out: those of the options whose responders have the fewest calls each."""
    placed = np.flatnonzero(counts)
    each = trial.calls.mean(axis=0)[placed] / counts[placed]
    units = np.repeat(placed, counts[placed])[
        np.argsort(np.repeat(each, counts[placed]), kind="stable")
    ]
    fewer: Counts = counts.copy()
    np.subtract.at(fewer, units[:many], 1)
    return fewer


def _served(trial: Trial) -> float:
    return float(trial.calls.sum(axis=1).mean())


def _units(trials: Trials, counts: Counts, trial: Trial) -> tuple[UnitUse, ...]:
    yardstick, calls = trials.yardstick, trial.calls.mean(axis=0)
    out = []
    for o in np.flatnonzero(counts):
        n, own = int(counts[o]), float(calls[o] / counts[o])
        dollars = float(yardstick.standing_cost[o] + yardstick.call_out_price[o] * own)
        out.append(UnitUse(trials.case.options[o], n, own, dollars))
    return tuple(sorted(out, key=lambda use: -use.calls_per_week))
