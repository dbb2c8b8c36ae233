"""The fixed point over busy shares and call-outs: a budget is dollars that will be spent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.case import Case
from coresponse.optimize.optimize_once import optimize_once
from coresponse.optimize.optimum import Optimum
from coresponse.optimize.solution import Stop
from coresponse.optimize.solve_case import solve
from coresponse.optimize.solved import Solved
from coresponse.optimize.trials import Trials

# Calls replayed to find call-outs: to about 2 %.
CALL_OUT_CALLS = 16_000.0


def solve_as_spent(case: Case, trials: Trials, **how: Any) -> Solved:
    """Find the best deployment of a case whose limits in dollars bind what will be spent.

    In each round not only busy shares come from the answer before, by queueing, but also the
    call-outs of each type paid as standby, from the replay. All rounds are kept: one may spend more
    than the limit where the next spends less, and the replay chooses among the fleets near them.

    Parameters
    ----------
    trials
        Of the case.
    **how
        Of :func:`coresponse.optimize.solve_case.solve`.
    """
    prices = CallOutPrices(case, trials)
    if not prices.matter:
        return solve(case, **how)

    def once(
        busy: Mapping[str, float] | None, start: NDArray[np.int64] | None, stop: Stop, starts: int
    ) -> Optimum:
        # the counts of the round before may spend more than this round's prices allow
        return optimize_once(
            prices.case(start), busy_share=busy, start=start, stop=stop, starts=starts
        )

    return solve(case, once=once, **how)


class CallOutPrices:
    """A case with call-outs priced as the replay finds them in the answer of the round before.

    Attributes
    ----------
    matter
        Whether the case limits dollars that depend on its calls.
    """

    def __init__(self, case: Case, trials: Trials) -> None:
        self.trials, self.matter = trials, depends_on_calls(case, trials)
        self._case, self._found = case, dict[str, float]()

    def case(self, start: NDArray[np.int64] | None) -> Case:
        """Return the case of the next round.

        Parameters
        ----------
        start
            (options,) counts of the round before; None: the prices stay as they are.
        """
        if not self.matter:
            return self._case
        if start is not None:
            self._found |= call_outs(self.trials, start)
        return self._case.with_(call_outs=dict(self._found))


def depends_on_calls(case: Case, trials: Trials) -> bool:
    """Whether a case limits dollars, and what a deployment costs depends on its calls."""
    limited = case.limits.budget_per_year is not None
    return limited and bool(trials.yardstick.call_out_price.any())


def call_outs(trials: Trials, counts: NDArray[np.int64]) -> dict[str, float]:
    """Return call-outs in 24 hours on standby as the replay finds them, by type in place."""
    trial = trials.trial(counts, trials.replications(CALL_OUT_CALLS))
    return trials.yardstick.call_outs(counts, trial.calls.mean(axis=0))
