"""The fixed point over busy shares and call-outs: a budget is dollars that will be spent."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.case import Case
from coresponse.optimize.trials import Trials

# Calls replayed to find call-outs: to about 2 %.
CALL_OUT_CALLS = 16_000.0


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
