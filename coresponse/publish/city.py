"""Figures of a whole city, so far rounded that two of them do not tell of the calls they differ by.

Two plans that differ in one post differ in the calls around it, and a quantile is one call's own
response time, which leads from the posts back to its crossing. Figures that follow from past calls
exactly are therefore shown in steps that :data:`~coresponse.coverage.few_calls.STANDS_FOR_SMALL`
calls at least are needed for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.cells import DemandCells
from coresponse.coverage.few_calls import MIN_CALLS, STANDS_FOR_SMALL
from coresponse.coverage.replay.bands import Interval
from coresponse.data.figures.dictionary import Publication, figure
from coresponse.data.hours import WEEKS_A_YEAR
from coresponse.publish.rounding import (
    LEFT_S,
    SHOWN_S,
    STEPS,
    Calls,
    quantile_step_s,
    rounded,
    rounded_ends,
    step_of,
)

# What mean times are rounded to multiples of.
TIME_STEPS_S = (60.0, 24.0, 12.0, SHOWN_S)

# The same for mean waits that count calls left to police.
WAIT_STEPS_S = (360.0, 180.0, 72.0, 36.0, 18.0, *TIME_STEPS_S[2:])

# What a reached call's time may differ by between two plans.
#
# A step of a mean hides :data:`STANDS_FOR_SMALL` of these.
MOVED_S = 600.0

NICE = np.array([1.0, 2.0, 5.0])

# What dollars that call-outs go into are rounded to multiples of, where calls are many.
LEAST_DOLLARS = 1_000.0

# How a value of a goal is published, by its unit; other times are quantiles.
OF_UNIT = {
    "seconds a call": Publication.MEAN_WAIT,
    "share of calls late": Publication.SHARE,
    "share of calls with police": Publication.SHARE,
    "responders": Publication.FREE,
    "dollars a year": Publication.FREE,
}


@dataclass(frozen=True)
class CityRounding:
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
    def of(cls, overall: pd.DataFrame, *, exact: bool = False) -> Self:
        """Return what rounds a judge's overall figures, by their own `calls` and `calls_per_week`."""
        row = overall.iloc[0]
        return cls(int(row["calls"]), float(row["calls_per_week"]), exact)

    @classmethod
    def of_demand(cls, cells: DemandCells, *, exact: bool = False) -> Self:
        """Return what rounds figures of this demand."""
        return cls(int(cells.calls.sum()), float(cells.calls_per_week.sum()), exact)

    def figure(self, key: str, value: float) -> float:
        """Round a figure as the dictionary says.

        Raises
        ------
        UnknownFigureError
            If the dictionary does not have it.
        """
        publication = figure(key).publication
        if self.exact or not np.isfinite(value):
            return value
        own: dict[Publication, Callable[[float], float]] = {
            Publication.PER_WEEK: self.per_week,
            Publication.BUSY_CALLS: partial(self.busy, at_least=0.0),
            Publication.BUSY_SHARE: self.busy,
            Publication.COUNT: self._count,
        }
        if publication in own:
            return float(own[publication](value))
        step = self._step(publication)
        return _to(value, step) if step else value

    def step(self, key: str) -> float:
        """Return what :meth:`interval` rounds a figure to multiples of; 0 where it does not."""
        return 0.0 if self.exact else self._step(figure(key).publication)

    def groups(self, key: str, table: pd.DataFrame, calls: Calls) -> NDArray[np.float64]:
        """Round a figure of groups by the ranges of their calls.

        A group that all calls are in, such as the only class of a city, is told as the city is: one
        figure has one text, and no finer one than two plans may be told apart by.

        Parameters
        ----------
        table
            (n,) figures; `share_reached` and `mean_s` among them.
        calls
            (n,) past calls.
        """
        if self.exact:
            return table[key].to_numpy(dtype=np.float64)
        out = np.array(rounded(key, table, calls), dtype=np.float64)
        for k in self._of_all(key, calls):
            out[k] = self.figure(key, float(table[key].iloc[k]))
        return out

    def groups_with_ends(
        self, key: str, table: pd.DataFrame, calls: Calls
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Round a figure of groups as :meth:`groups` does, and the ends of its 95% interval outwards."""
        names = (key, f"{key}_low", f"{key}_high")
        exact = tuple(table[name].to_numpy(dtype=np.float64) for name in names)
        if self.exact:
            return exact[0], exact[1], exact[2]
        mean, low, high = (np.array(end) for end in rounded_ends(key, table, calls))
        for k in self._of_all(key, calls):
            ends = (float(exact[0][k]), float(exact[1][k]), float(exact[2][k]))
            one = self.interval(key, Interval(*ends, 1))
            mean[k], low[k], high[k] = one.mean, one.low, one.high
        return mean, low, high

    def group_steps(self, key: str, calls: Calls) -> NDArray[np.float64]:
        """Return what :meth:`groups` rounds to multiples of."""
        out = np.array(step_of(key, calls), dtype=np.float64)
        out[self._of_all(key, calls)] = self.step(key)
        return out

    def _of_all(self, key: str, calls: Calls) -> NDArray[np.intp]:
        told = figure(key).publication is not Publication.TENTH
        return np.flatnonzero(np.asarray(calls) == self.calls) if told else np.array([], np.intp)

    def _step(self, publication: Publication) -> float:
        steps = {
            Publication.SHARE: self.share_step,
            Publication.MEAN_WAIT: self.wait_step_s,
            Publication.MEAN_TIME: self.time_step_s,
            Publication.QUANTILE: quantile_step_s(self.calls),
            Publication.PER_WEEK: self.calls_step,
            Publication.BUSY_CALLS: self.calls_step,
            Publication.THOUSANDS: LEAST_DOLLARS,
            Publication.FREE: 0.0,
        }
        if publication not in steps:
            raise ValueError(f"a whole city's figures are not published as {publication}")
        return steps[publication]

    @property
    def share_step(self) -> float:
        """The finest step that is worth enough calls; the coarsest there is if none is."""
        return self._finest(STEPS, 1.0)

    @property
    def time_step_s(self) -> float:
        """The finest step of a mean that hides enough calls; the coarsest if none does."""
        return self._finest(TIME_STEPS_S, MOVED_S)

    @property
    def wait_step_s(self) -> float:
        """The finest step of a mean wait that takes enough calls, reached or left to police.

        The coarsest if none does.
        """
        return self._finest(WAIT_STEPS_S, LEFT_S)

    def _finest(self, steps: tuple[float, ...], of_a_call: float) -> float:
        hides = STANDS_FOR_SMALL * of_a_call
        return min((step for step in steps if step * self.calls >= hides), default=steps[0])

    def share(self, value: float) -> float:
        """Round a share of all calls."""
        return value if self.exact else _to(value, self.share_step)

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
        if self.exact or not np.isfinite(value):
            return value
        moved = abs(value) * STANDS_FOR_SMALL / max(self.calls, 1)  # by so many calls more
        if moved < 1e-9:
            return 0.0
        sizes = 10.0 ** np.floor(np.log10(moved)) * np.append(NICE, 10.0)
        return _to(value, max(at_least, float(sizes[sizes >= moved * (1 - 1e-9)][0])))

    def cost(self, value: float, unit: str) -> float:
        """Round a value of the planner's objective, by its unit.

        Counts of responders and dollars are no calls.
        """
        publication = OF_UNIT.get(unit)
        if self.exact or publication is Publication.FREE:
            return value
        if publication is not None:
            return _to(value, self._step(publication))
        if unit.startswith("seconds"):
            return _to(value, quantile_step_s(self.calls))
        return float(f"{value:.4g}")

    def cost_and_bound(self, value: float, bound: float, unit: str) -> tuple[float, float]:
        """Round a value of the objective and its bound: one number where they differ by less than is told.

        Each rounded by itself, a plan within 0.4% would stand 0.3 minutes above its bound.
        """
        told = self.cost(value, unit)
        alike = np.isfinite(bound) and self.cost(abs(value - bound), unit) == 0
        return told, told if alike else self.cost(bound, unit)

    def cost_step(self, unit: str) -> float:
        """Return the step that :meth:`cost` rounds to; 0 where there is none of its own."""
        return 0.0 if self.exact else self._step(OF_UNIT.get(unit, Publication.FREE))

    @property
    def calls_step(self) -> float:
        """Calls a week that are worth enough past calls; 0 where no past calls are known."""
        return STANDS_FOR_SMALL * self._one if self.calls_per_week * self.calls > 0 else 0.0

    def past(self, a_week: float) -> float:
        """Return for how many past calls so many a week stand; infinity where nothing is rounded."""
        known = not self.exact and self.calls_per_week * self.calls > 0
        return a_week / self._one if known else np.inf

    def dollar_step(self, of_a_call: float) -> float:
        """Return the step of dollars a year in which each call is worth so many: $1,000 at least.

        A call of a history of three months stands for four a year: so many dollars more.
        """
        if self.exact:
            return 0.0
        worth = self.calls_step * WEEKS_A_YEAR * of_a_call
        size = 10.0 ** np.floor(np.log10(worth)) if worth > 0 else 1.0
        steps = size * np.append(NICE, 10.0)
        return max(LEAST_DOLLARS, float(steps[steps >= worth * (1 - 1e-9)][0]))

    @property
    def _one(self) -> float:
        """One past call a week. Of the history's length only the days are told, not the seconds."""
        return 7.0 / max(1.0, round(7.0 * self.calls / self.calls_per_week))

    def replayed(self, key: str, value: float) -> float:
        """Round a figure of the replay that stands without its band, to the same text as one that has it."""
        return self.interval(key, Interval(value, value, value, 1)).mean

    def interval(self, key: str, found: Interval) -> Interval:
        """Round a figure, and the ends of its interval outwards, as far as such a figure can be.

        1 to 10 past calls a week have the ends 0 and 10, wherever within they are.
        """
        publication = figure(key).publication
        if self.exact:
            return found
        if publication not in {Publication.PER_WEEK, Publication.BUSY_CALLS}:
            most = 1.0 if publication is Publication.SHARE else np.inf
            return self.stepped(found, self._step(publication), at_most=most)
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
        self, found: Interval, step: float, *, at_least: float = 0.0, at_most: float = np.inf
    ) -> Interval:
        """Round a figure to multiples of a step and the ends of its interval outwards, within what it can be."""
        if self.exact or not step:
            return found
        low, high = (
            float(np.clip(end, at_least, at_most))
            for end in (_down(found.low, step), _up(found.high, step))
        )
        return _holding(_to(found.mean, step), low, high, found.replications)

    def per_week(self, value: float, *, at_most: float | None = None) -> float:
        """Round calls a week to so many past calls, by default no more than all; 1 to 10 of them count as 5."""
        if self.exact or not self.calls_per_week * self.calls > 0:
            return value
        one = self.calls_per_week / self.calls
        # no more digits than calls: the rest would tell the history's length to the second
        count = self._count(value / one, at_most=at_most)
        return float(f"{count * one:.{3 if self.calls < 1000 else 4}g}")

    def _count(self, count: float, *, at_most: float | None = None) -> float:
        if not np.isfinite(count):
            return count
        if count < 0.5:
            return 0.0
        if count < MIN_CALLS - 0.5:
            return STANDS_FOR_SMALL
        # no part of all calls is more than these
        most = _to(self.calls, STANDS_FOR_SMALL) if at_most is None else at_most
        return min(_to(count, STANDS_FOR_SMALL), most)


def _down(value: float, step: float) -> float:
    return float(f"{np.floor(value / step + 1e-9) * step:.10g}") if np.isfinite(value) else value


def _up(value: float, step: float) -> float:
    return float(f"{np.ceil(value / step - 1e-9) * step:.10g}") if np.isfinite(value) else value


def _holding(mean: float, low: float, high: float, replications: int) -> Interval:
    """Return an interval that holds its mean."""
    return Interval(mean, float(np.minimum(low, mean)), float(np.maximum(high, mean)), replications)


def _to(value: float, step: float) -> float:
    return float(f"{np.rint(value / step) * step:.10g}") if np.isfinite(value) else value
