"""Which days a history covers: a typo in one date is no year of calls, a lost year no year without."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.data.notes import Note

FAR_OUTSIDE = "far outside the days of the other calls"
NOT_STATED_DAY = "not within the days that the study states"

# Without a call for so long, a city's history has a gap.
GAP_DAYS = 31.0

# ...
#
# and for so many times as long as is usual between two calls: where calls come at random, even 30
# times the mean comes about once in 10^13.
GAP_INTERVALS = 50.0

# A part beyond a gap is a typo if it has at most this share of the calls, or so few.
FEW_SHARE, FEW_CALLS = 0.01, 3

# the first gaps tell what is wrong with an export; a list of all would hide them
MOST_TOLD = 3
_DAY_NS = 86_400 * 10**9


@dataclass(frozen=True, eq=False)
class Span:
    """What days a history covers.

    Attributes
    ----------
    outside
        (n,) bool: calls far outside the bulk of the history.
    days
        From the first to the last of the others, without the gaps between them; at least 1.
    gaps
        (last call before, first call after) of each gap left out of the days.
    """

    outside: NDArray[np.bool_]
    days: float
    gaps: tuple[tuple[pd.Timestamp, pd.Timestamp], ...]


def span_of(received: pd.Series) -> Span:
    """Find the days that calls cover, and the calls that are far from all the others.

    The history is cut where no call comes for :data:`GAP_DAYS` and for :data:`GAP_INTERVALS` times
    the median time between calls. Of the parts, the one with most calls is the bulk; parts with few
    calls are typos in dates, the others are kept.

    Parameters
    ----------
    received
        (n,) datetime64 without NaT, in any order.
    """
    times = received.to_numpy().astype("datetime64[ns]").astype(np.int64)
    outside = np.zeros(len(times), dtype=bool)
    if len(times) < 2:
        return Span(outside, 1.0, ())
    order = np.argsort(times, kind="stable")
    sorted_times = times[order]
    steps = np.diff(sorted_times) / _DAY_NS
    cuts = np.flatnonzero(steps > max(GAP_DAYS, GAP_INTERVALS * float(np.median(steps)))) + 1
    parts = np.split(np.arange(len(times)), cuts)
    sizes = np.array([len(part) for part in parts])
    few = max(FEW_CALLS, int(FEW_SHARE * len(times)))
    # without a bulk of its own no part is far outside
    kept = [p for p in parts if len(p) > few] if sizes.max() > 10 * few else parts
    inside = np.zeros(len(times), dtype=bool)
    inside[np.concatenate(kept)] = True
    outside[order] = ~inside
    days = sum(float(sorted_times[p[-1]] - sorted_times[p[0]]) / _DAY_NS for p in kept)
    gaps = tuple(
        (pd.Timestamp(sorted_times[before[-1]]), pd.Timestamp(sorted_times[after[0]]))
        for before, after in pairwise(kept)
    )
    return Span(outside, max(1.0, days), gaps)


@dataclass(frozen=True)
class StatedDays:
    """The days that a planner says the history covers, both counted; None: from or to the calls."""

    first: date | None = None
    last: date | None = None

    def outside(self, received: pd.Series) -> NDArray[np.bool_]:
        """Return which calls are on other days.

        Parameters
        ----------
        received
            (n,) datetime64 with the city's time zone.
        """
        # in days, since a stated year may lie beyond what nanoseconds count
        days = received.dt.tz_localize(None).to_numpy().astype("datetime64[D]")
        out = np.zeros(len(days), dtype=bool)
        if self.first is not None:
            out |= days < np.datetime64(self.first)
        if self.last is not None:
            out |= days > np.datetime64(self.last)
        return out

    def count(self, received: pd.Series, span: Span) -> float:
        """Return the days of a history: as stated, else those of its span.

        Parameters
        ----------
        received
            (n,) datetime64 with the city's time zone, of the calls on these days.
        """
        if self == WHOLE_HISTORY or received.empty:
            return span.days
        local = received.dt.tz_localize(None)
        begins = pd.Timestamp(local.min() if self.first is None else self.first)
        if self.last is None:
            return max(1.0, float((local.max() - begins) / pd.Timedelta(days=1)))
        # the last day is added after: there is no day after 9999-12-31
        whole = float((datetime.combine(self.last, time.min) - begins) / pd.Timedelta(days=1))
        return max(1.0, whole + 1.0)


WHOLE_HISTORY = StatedDays()


def gap_notes(received: pd.Series, span: Span, stated: StatedDays) -> list[Note]:
    """Point at gaps: with a missing month every rate is too low, unless its days are not counted.

    Parameters
    ----------
    received
        (n,) datetime64 with the city's time zone, sorted.
    """
    zone = received.dt.tz
    left_out = {before.tz_localize("UTC").tz_convert(zone) for before, _ in span.gaps}
    notes: list[Note] = []
    for i in np.flatnonzero(received.diff() > pd.Timedelta(days=GAP_DAYS))[:MOST_TOLD]:
        not_counted = received[i - 1] in left_out and stated == WHOLE_HISTORY
        what = (
            "those days are not counted; if there really were none, state first_day and last_day "
            "under [calls]"
            if not_counted
            else "rates are too low if calls are missing"
        )
        notes.append(
            Note(
                "no call between {last} and {first}: {what}",
                last=received[i - 1],
                first=received[i],
                what=what,
            )
        )
    return notes
