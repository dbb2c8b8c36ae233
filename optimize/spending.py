"""The fixed point over busy shares and call-outs: a budget is dollars that will be spent."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coresponse.data.programs.cost import call_out_cost
from coresponse.optimize.case import Case
from coresponse.optimize.trial import SUMMED
from coresponse.optimize.trials import Trials

# What is said of a search at call-outs that another deployment might not have, and of those of which
# none kept the budget.
AT_ITS_PRICES = ", with call-outs at the prices of that search"
NONE_KEEPS_IT = "best found: no deployment was found that keeps the budget as spent"

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
        self.trials, self.matter = trials, budget_pays_call_outs(case)
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


class PricesAsShown:
    """Prices for a case that is solved once, for units always free or as busy as stated: by the replay that figures are shown of.

    Attributes
    ----------
    case
        Of the next search.
    found
        Call-outs in 24 hours on standby, by type, in the answer that was looked at last.
    """

    def __init__(self, case: Case, trials: Trials) -> None:
        self.case, self._asked, self.found = case, case, dict[str, float]()
        self._tried = set[str]()
        self._shown, self._replications = trials.fresh(), len(trials.setup.scenes)

    def keeps(self, counts: NDArray[np.int64]) -> bool:
        """Whether an answer spends no more than the budget; what it finds prices the next search.

        After one that does, the next is priced as if one more responder of each type shared its
        calls, and those of no type in place came for nothing: what is affordable is not missed for
        its price in another fleet. After one that does not, prices only rise: what comes back is
        then within them, and keeps the budget.
        """
        trial = self._shown.trial(counts, self._replications)
        budget, yardstick = self._asked.limits.budget_per_year, self._shown.yardstick
        kept = budget is None or float(trial.dollars.mean()) <= budget * (1 + SUMMED)
        self.found = yardstick.call_outs(counts, trial.calls.mean(axis=0))
        kinds = self.case.program.responder_types
        before = {name: kinds[name].call_outs_per_day.value for name in yardstick.standby}
        if kept:
            units = self._asked.deployment(counts).by_type()
            hoped = {
                name: rate * units[name] / (units[name] + 1) for name, rate in self.found.items()
            }
            prices = dict.fromkeys(set(before) - self._tried, 0.0) | hoped
        else:
            prices = {name: max(rate, before[name]) for name, rate in self.found.items()}
        self._tried |= set(self.found)
        self.case = self._asked.with_(call_outs=before | prices)
        return kept


def budget_pays_call_outs(case: Case) -> bool:
    """Whether a case limits dollars, and what a deployment costs depends on its calls."""
    if case.limits.budget_per_year is None:
        return False
    program = case.program
    return any(call_out_cost(program, name) for name in {o.responder_type for o in case.options})


def call_outs(trials: Trials, counts: NDArray[np.int64]) -> dict[str, float]:
    """Return call-outs in 24 hours on standby as the replay finds them, by type in place."""
    trial = trials.trial(counts, trials.replications(CALL_OUT_CALLS))
    return trials.yardstick.call_outs(counts, trial.calls.mean(axis=0))
