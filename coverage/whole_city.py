"""Figures of a whole city as they may be shown.

So far rounded that two of them do not tell of the calls that they differ by.

Two plans that differ in one post differ in the calls around it, and a quantile is one call's own
response time, which leads from the posts back to its crossing. Figures that follow from past calls
exactly are therefore shown in steps that :data:`~coresponse.coverage.suppress.STANDS_FOR_SMALL`
calls at least are needed for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from coresponse.coverage.demand import DemandCells
from coresponse.coverage.replay.bands import Band
from coresponse.coverage.suppress import (
    LEFT_S,
    MIN_CALLS,
    QUANTILES,
    SHOWN_S,
    STANDS_FOR_SMALL,
    STEPS,
    WAIT,
    quantile_step_s,
)

TIME_STEPS_S = (60.0, 24.0, 12.0, SHOWN_S, 3.0, 0.6, 0.3, 0.06)
"""What mean times are rounded to multiples of."""

WAIT_STEPS_S = (360.0, 180.0, 72.0, 36.0, 18.0, *TIME_STEPS_S[2:])
"""The same for mean waits that count calls left to police."""

MOVED_S = 600.0
"""What a reached call's time may differ by between two plans.

A step of a mean hides :data:`STANDS_FOR_SMALL` of these.
"""

OF_UNITS = "busy_per_week"
"""Follows from how busy units are: as far from exact as the calls that make them busy."""

NICE = np.array([1.0, 2.0, 5.0])


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
        return min(
            (step for step in STEPS if step * self.calls >= STANDS_FOR_SMALL), default=STEPS[0]
        )

    @property
    def time_step_s(self) -> float:
        """The finest step of a mean that hides enough calls; the coarsest if none does."""
        hides = STANDS_FOR_SMALL * MOVED_S
        return min(
            (step for step in TIME_STEPS_S if step * self.calls >= hides), default=TIME_STEPS_S[0]
        )

    @property
    def wait_step_s(self) -> float:
        """The finest step of a mean wait that takes enough calls, reached or left to police.

        The coarsest if none does.
        """
        hides = STANDS_FOR_SMALL * LEFT_S
        return min(
            (step for step in WAIT_STEPS_S if step * self.calls >= hides), default=WAIT_STEPS_S[0]
        )

    def figure(self, name: str, value: float) -> float:
        """Round a figure as its name asks.

        `share_...`, `..._s`, `..._per_week`, `calls`; others are returned as they are.
        """
        if self.exact or not np.isfinite(value):
            return value
        if name.startswith("share_"):
            return self.share(value)
        if name == WAIT:
            return self.wait(value)
        if name.endswith("_s"):
            return (
                _to(value, quantile_step_s(self.calls))
                if name in QUANTILES
                else self.seconds(value)
            )
        if name.endswith("_per_week"):
            return self.busy(value, at_least=0.0) if name == OF_UNITS else self.per_week(value)
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

    def busy(self, value: float, *, at_least: float = 0.001) -> float:
        """Round a busy share, or what follows from one.

        Units are busy as calls come, and so it tells how many they serve.

        Parameters
        ----------
        at_least
            The finest step.
        """
        moved = abs(value) * STANDS_FOR_SMALL / max(self.calls, 1)  # by so many calls more
        if self.exact or not np.isfinite(value) or moved < 1e-9:
            return value if self.exact or not np.isfinite(value) else 0.0
        sizes = 10.0 ** np.floor(np.log10(moved)) * np.append(NICE, 10.0)
        return _to(value, max(at_least, float(sizes[sizes >= moved * (1 - 1e-9)][0])))

    def cost(self, value: float, unit: str) -> float:
        """Round a value of the planner's objective.

        Counts of responders and dollars are no calls.
        """
        if self.exact or unit in {"responders", "dollars a year"}:
            return value
        if unit.startswith("seconds"):
            return (
                self.wait(value)
                if unit == "seconds a call"
                else _to(value, quantile_step_s(self.calls))
            )
        return self.share(value) if unit == "share of calls late" else float(f"{value:.4g}")

    def cost_step(self, unit: str) -> float:
        """Return the step that :meth:`cost` rounds to; 0 where there is none of its own."""
        if self.exact:
            return 0.0
        return {"seconds a call": self.wait_step_s, "share of calls late": self.share_step}.get(
            unit, 0.0
        )

    @property
    def calls_step(self) -> float:
        """Calls a week that are worth enough past calls; 0 where no past calls are known."""
        return STANDS_FOR_SMALL * self._one if self.calls_per_week * self.calls > 0 else 0.0

    @property
    def _one(self) -> float:
        """One past call a week. Of the history's length only the days are told, not the seconds."""
        return 7.0 / max(1.0, round(7.0 * self.calls / self.calls_per_week))

    def band(self, name: str, found: Band) -> Band:
        """Round a figure as :meth:`figure` does, and the ends of its band outwards, as far as such a figure can be.

        1 to 10 past calls a week have the ends 0 and 10, wherever within they are.
        """
        if self.exact:
            return found
        if not name.endswith("_per_week"):
            return self.stepped(
                found, self.step(name), at_most=1.0 if name.startswith("share_") else np.inf
            )
        if not self.calls_step:
            return found
        low, high = found.low / self._one, found.high / self._one
        if np.isfinite(low):
            few = MIN_CALLS - 0.5  # rounded to whole calls, less is 1 to 10
            low = 0.0 if low < few else _down(low, STANDS_FOR_SMALL)
            high = MIN_CALLS - 1.0 if 0.5 <= high < few else _up(max(high, 0.0), STANDS_FOR_SMALL)
        counts = (self._count(found.mean / self._one, at_most=np.inf), low, high)
        mean, low, high = (_to(count, 1.0) * self._one for count in counts)
        return _holding(mean, low, high, found.replications)

    def stepped(
        self, found: Band, step: float, *, at_least: float = 0.0, at_most: float = np.inf
    ) -> Band:
        """Round a figure to multiples of a step and the ends of its band outwards, within what it can be."""
        if self.exact or not step:
            return found
        low, high = (
            float(np.clip(end, at_least, at_most))
            for end in (_down(found.low, step), _up(found.high, step))
        )
        return _holding(_to(found.mean, step), low, high, found.replications)

    def step(self, name: str) -> float:
        """Return what :meth:`band` rounds a figure to multiples of; 0 where it does not."""
        if self.exact:
            return 0.0
        if name.startswith("share_"):
            return self.share_step
        if name == WAIT:
            return self.wait_step_s
        if name in QUANTILES:
            return quantile_step_s(self.calls)
        if name.endswith("_s"):
            return self.time_step_s
        return self.calls_step if name.endswith("_per_week") else 0.0

    def per_week(self, value: float) -> float:
        """Round calls a week to so many past calls; 1 to 10 of them count as 5."""
        if self.exact or not self.calls_per_week * self.calls > 0:
            return value
        one = self.calls_per_week / self.calls
        # no more digits than calls: the rest would tell the history's length to the second
        return float(f"{self._count(value / one) * one:.{3 if self.calls < 1000 else 4}g}")

    def _count(self, count: float, *, at_most: float | None = None) -> float:
        if not np.isfinite(count):
            return count
        if count < 0.5:
            return 0.0
        if count < MIN_CALLS - 0.5:
            return STANDS_FOR_SMALL
        return min(_to(count, STANDS_FOR_SMALL), self._most if at_most is None else at_most)

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


def _down(value: float, step: float) -> float:
    return float(f"{np.floor(value / step + 1e-9) * step:.10g}") if np.isfinite(value) else value


def _up(value: float, step: float) -> float:
    return float(f"{np.ceil(value / step - 1e-9) * step:.10g}") if np.isfinite(value) else value


def _holding(mean: float, low: float, high: float, replications: int) -> Band:
    """Return a band that holds its mean."""
    return Band(mean, float(np.minimum(low, mean)), float(np.maximum(high, mean)), replications)


def _to(value: float, step: float) -> float:
    return float(f"{np.rint(value / step) * step:.10g}") if np.isfinite(value) else value
