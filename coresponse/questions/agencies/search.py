"""Search deployments that leave no agency worse off, and the same for less money, in the replay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from coresponse.coverage.evaluate import EvaluationSetup
from coresponse.optimize.case import Case
from coresponse.optimize.confirm import check
from coresponse.optimize.contest import search
from coresponse.optimize.placing import Placer
from coresponse.optimize.problem import Limit
from coresponse.optimize.trial import Asked, distinct
from coresponse.optimize.trials import Trials
from coresponse.optimize.verdict import Counts, Verdict

# Replications by which units' busy shares are known well enough to rank exchanges.
LOOKS = 2


@dataclass(frozen=True, eq=False)
class ReplaySearch:
    """The search in the replay of one case, from deployments that are known.

    Attributes
    ----------
    trials
        Replications to choose on.
    placer
        Deployments near others, within the case's limits.
    """

    trials: Trials
    placer: Placer

    @classmethod
    def of(cls, case: Case, setup: EvaluationSetup) -> Self:
        """Prepare it; the case's floors are promises."""
        trials = Trials.of(case, setup)
        return cls(trials, Placer.of(case, trials.yardstick))

    @property
    def asked(self) -> Asked:
        """The goal, as long as promises and budget are kept."""
        return self.trials.asked(budget=self.trials.case.limits.budget_per_year)

    def best(self, starts: Sequence[Counts], *, margin: bool = False) -> Counts:
        """Return the best near some deployments: by the goal, or by how well promises are kept."""
        asked = replace(self.asked, margin=margin)
        return search(self.trials, self.placer, asked, distinct(starts), self._busy(starts[0]))

    def keeps(self, counts: Counts) -> bool:
        """Whether a deployment is confirmed to keep what is promised, and the budget."""
        return check(self.trials.fresh(), counts, self.asked).verdict is Verdict.YES

    def kept(self, starts: Sequence[Counts]) -> Counts | None:
        """Return the best near some deployments that is confirmed to keep what is promised; None if none was found."""
        best = self.best(starts)
        if self.keeps(best):
            return best
        best = self.best([best, *starts], margin=True)
        return best if self.keeps(best) else None

    def for_less(self, start: Counts) -> Counts:
        """Return the cheapest found that keeps what is promised, from one that does.

        Unit by unit: one fewer, exchanged for the better, until nothing found is confirmed.
        """
        here = start
        while here.sum() > 1:
            fewer = list(_one_fewer(here))
            price = self.trials.yardstick.standing_cost
            most = max(float(price @ counts) for counts in fewer)
            cheaper = Limit("for less", price, at_most=most * (1 + 1e-9))
            within = replace(self, placer=self.placer.within((cheaper,)))
            best = within.best(fewer, margin=True)
            if not self.keeps(best):
                break
            here = best
        return here

    def _busy(self, counts: Counts) -> dict[str, float]:
        trial = self.trials.trial(counts, LOOKS)
        return self.trials.yardstick.busy_share(counts, trial.busy_h.mean(axis=0))


def _one_fewer(counts: Counts) -> Iterator[Counts]:
    for option in np.flatnonzero(counts):
        fewer = counts.copy()
        fewer[option] -= 1
        yield fewer
