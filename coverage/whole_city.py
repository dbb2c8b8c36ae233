"""Figures of a whole city as they may be shown: so far rounded that two of them do not tell of the calls that they differ by.

Two plans that differ in one post differ in the calls around it, and a quantile is one call's own response time, which leads from
the posts back to its crossing. Figures that follow from past calls exactly are therefore shown in steps that
:data:`~coresponse.coverage.suppress.STANDS_FOR_SMALL` calls at least are needed for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from coresponse.coverage.demand import DemandCells
from coresponse.coverage.suppress import MIN_CALLS, SHOWN_S, STANDS_FOR_SMALL, STEPS, WAIT

TIME_STEPS_S = (SHOWN_S, 3.0, 0.6, 0.3, 0.06)
"""What mean times are rounded to multiples of."""

WAIT_STEPS_S = (360.0, 180.0, 72.0, 36.0, 18.0, 12.0, *TIME_STEPS_S)
"""The same for mean waits that count calls left to police."""

MOVED_S = 600.0
"""What a reached call's time may differ by between two plans: a step of a mean hides :data:`STANDS_FOR_SMALL` of these."""

LEFT_S = 3600.0
"""What a call left to police counts as, about: programs state it, an hour as a rule."""

QUANTILES = frozenset({"median_s", "p90_s"})

OF_UNITS = "busy_per_week"
"""Follows from how busy units are, not from which calls there were."""


@dataclass(frozen=True)
class WholeCity:
    """Rounds figures of all eligible calls.

    Attributes
    ----------
    calls
        Past calls that the figures are of.
    calls_per_week
        The same a week, as the figures count them.
    exact
        Rounds nothing, which is not for publication.
    """

    calls: int
    calls_per_week: float
    exact: bool = False

    @classmethod
    def of(cls, overall: pd.DataFrame, *, internal: bool = False) -> Self:
        """Return what rounds a judge's overall figures, by their own `calls` and `calls_per_week`."""
        row = overall.iloc[0]
        return cls(int(row["calls"]), float(row["calls_per_week"]), internal)

    @property
    def share_step(self) -> float:
        """The finest step that is worth enough calls; the coarsest there is if none is."""
        return min((step for step in STEPS if step * self.calls >= STANDS_FOR_SMALL), default=STEPS[0])

    @property
    def time_step_s(self) -> float:
        """The finest step of a mean that hides enough calls; a tenth of a minute if none does."""
        hides = STANDS_FOR_SMALL * MOVED_S
        return min((step for step in TIME_STEPS_S if step * self.calls >= hides), default=SHOWN_S)

    @property
    def wait_step_s(self) -> float:
        """The finest step of a mean wait that takes enough calls, reached or left to police; the coarsest if none does."""
        hides = STANDS_FOR_SMALL * LEFT_S
        return min((step for step in WAIT_STEPS_S if step * self.calls >= hides), default=WAIT_STEPS_S[0])

    def figure(self, name: str, value: float) -> float:
        """Round a figure as its name asks: `share_...`, `..._s`, `..._per_week`, `calls`; others are returned as they are."""
        if self.exact or not np.isfinite(value):
            return value
        if name.startswith("share_"):
            return self.share(value)
        if name == WAIT:
            return self.wait(value)
        if name.endswith("_s"):
            return _to(value, SHOWN_S) if name in QUANTILES else self.seconds(value)
        if name.endswith("_per_week"):
            return float(f"{value:.3g}") if name == OF_UNITS else self.per_week(value)
        return float(self._count(value)) if name == "calls" else value

    def share(self, value: float) -> float:
        """Round a share of all calls."""
        return value if self.exact else _to(value, self.share_step)

    def seconds(self, value: float) -> float:
        """Round a mean time of reached calls."""
        return value if self.exact else _to(value, self.time_step_s)

    def wait(self, value: float) -> float:
        """Round a mean wait, a call left to police counted."""
        return value if self.exact else _to(value, self.wait_step_s)

    def cost(self, value: float, unit: str) -> float:
        """Round a value of the planner's objective; counts of responders and dollars are no calls."""
        if self.exact or unit in {"responders", "dollars a year"}:
            return value
        if unit.startswith("seconds"):
            return self.wait(value) if unit == "seconds a call" else _to(value, SHOWN_S)
        return self.share(value) if unit == "share of calls late" else float(f"{value:.4g}")

    def cost_step(self, unit: str) -> float:
        """Return the step that :meth:`cost` rounds to; 0 where there is none of its own."""
        if self.exact:
            return 0.0
        return {"seconds a call": self.wait_step_s, "share of calls late": self.share_step}.get(unit, 0.0)

    def per_week(self, value: float) -> float:
        """Round calls a week to so many past calls; 1 to 10 of them count as 5."""
        if self.exact or not self.calls_per_week * self.calls > 0:
            return value
        one = self.calls_per_week / self.calls
        # no more digits than calls: the rest would tell the history's length to the second
        return float(f"{self._count(value / one) * one:.{3 if self.calls < 1000 else 4}g}")

    def _count(self, count: float) -> float:
        if count < 0.5:
            return 0.0
        if count < MIN_CALLS - 0.5:
            return STANDS_FOR_SMALL
        return min(_to(count, STANDS_FOR_SMALL), self._most)

    @property
    def _most(self) -> float:
        """All calls: no part of them is more."""
        return _to(self.calls, STANDS_FOR_SMALL)


def shown_figure(overall: pd.DataFrame, name: str) -> float:
    """Return a figure of a judge's overall table as it may be shown."""
    return WholeCity.of(overall).figure(name, float(overall[name].iloc[0]))


def whole_city(cells: DemandCells, *, internal: bool = False) -> WholeCity:
    """Return what rounds figures of this demand; nothing is rounded if internal."""
    return WholeCity(int(cells.calls.sum()), float(cells.calls_per_week.sum()), internal)


def _to(value: float, step: float) -> float:
    return float(f"{np.rint(value / step) * step:.10g}") if np.isfinite(value) else value
