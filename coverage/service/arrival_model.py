"""When calls come: by hour of the week, day of the year and trend."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.service.days import DayEffect, Trend
from coresponse.data.hours import HOURS_A_WEEK
from coresponse.data.notes import Note

WEEK_S = HOURS_A_WEEK * 3600.0


@dataclass(frozen=True, eq=False)
class ArrivalModel:
    """Calls an hour by class and hour of the week, and where they come from.

    Attributes
    ----------
    class_names
        Classes that some responder type may be sent to.
    rate_per_h
        (classes, 168) calls an hour.
    node, district, call_class, period
        (calls,) of the past calls, from which places are drawn.
    period_of_hour
        (168,) int.
    other_per_week
        Calls a week of classes that nobody is sent to; 1 to 10 in all the history are taken as 5,
        since it is shown as it is.
    weeks
        Length of the history.
    notes
        What the history is too short to tell; days that differ by more than chance; growth.
    day
        How days differ; calls are drawn with it.
    trend
        Growth and season; None under a year. Calls are drawn for a year like the history: the
        factor for a planning year (:func:`coresponse.coverage.service.planning_year.growth_to`) is
        the caller's to give to :func:`draw_calls`.
    share_ends
        (calls, 2) share by which each past call is of its class if hidden calls are few, and if
        they are many; None: all are known by their codes. A call that may be of two classes is
        there twice.
    rate_ends
        (2, classes, 168) rates in either case; `rate_per_h` lies in the middle.
    by_phone_per_week
        Further calls a week that clinicians on the phone end for good; not in the rates.
    row
        (calls,) row of the history of each past call.
    first_day
        Of the history.
    """

    class_names: tuple[str, ...]
    rate_per_h: NDArray[np.float64]
    node: NDArray[np.int32]
    district: NDArray[np.int32]
    call_class: NDArray[np.int16]
    period: NDArray[np.int16]
    period_of_hour: NDArray[np.int64]
    other_per_week: float
    weeks: float
    notes: tuple[Note, ...]
    day: DayEffect
    trend: Trend | None
    share_ends: NDArray[np.float64] | None = None
    rate_ends: NDArray[np.float64] | None = None
    by_phone_per_week: float = 0.0
    row: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    first_day: date = date(1970, 1, 1)

    @property
    def ranged(self) -> bool:
        """Whether nobody knows how many calls are hidden ones."""
        return self.rate_ends is not None and bool((self.rate_ends[0] != self.rate_ends[1]).any())

    def times(self, by_class: NDArray[np.float64]) -> ArrivalModel:
        """Return the arrivals with (classes,) a factor on each class's rates."""
        factor = by_class[:, None]
        ends = None if self.rate_ends is None else self.rate_ends * factor
        return replace(self, rate_per_h=self.rate_per_h * factor, rate_ends=ends)

    def weighted(self, weight: NDArray[np.float64]) -> ArrivalModel:
        """Return the arrivals with (calls,) a factor on each past call, as if so many had come.

        Rates change by class and period as the calls' total does, places by the calls' own factors.
        """
        plain = np.ones((len(weight), 2)) if self.share_ends is None else self.share_ends
        shares = plain * weight[:, None]
        rates = np.stack([self.rate_per_h] * 2) if self.rate_ends is None else self.rate_ends
        cells = (len(self.class_names), int(self.period_of_hour.max()) + 1)

        def total(by_call: NDArray[np.float64]) -> NDArray[np.float64]:
            out = np.zeros(cells)
            np.add.at(out, (self.call_class, self.period), by_call)
            # in a period without calls of a class, its calls change as in the whole week
            return np.where(out > 0, out, out.sum(axis=1, keepdims=True))

        ends = []
        for rate, share, before in zip(rates, shares.T, plain.T, strict=True):
            # a class without any calls has no rate that could change
            factor = total(share) / np.maximum(total(before), 1e-12)
            ends.append(rate * factor[:, self.period_of_hour])
        both = np.stack(ends)
        return replace(self, rate_per_h=both.mean(axis=0), rate_ends=both, share_ends=shares)

    def at(self, hidden: float) -> ArrivalModel:
        """Return the arrivals if hidden calls are few (0), as planned with (0.5) or many (1), as :meth:`DemandCells.at`."""
        if self.share_ends is None or self.rate_ends is None:
            return self
        few, many = self.rate_ends
        low, high = self.share_ends.T
        share = low + hidden * (high - low)
        return replace(
            self,
            rate_per_h=few + hidden * (many - few),
            share_ends=np.column_stack([share, share]),
            rate_ends=None,
        )
