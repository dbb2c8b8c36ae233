"""Recorded times beside modeled ones: how far off, where, and whether the records can tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from coresponse.data.words import natural

# Records so many times the model, or under it, are set aside with a count: stamps of other
# calls.
FAR_OFF = 4.0

# A smaller difference is none that a plan turns on, however sure.
TOO_FAR = 0.05

# Two-sided 99%: a right model is called off in at most 2 of 100 cities.
SURE = 0.995

# The 95% band must lie within this for a model to fit.
CLOSE_ENOUGH = 0.10

# Of a group that is named.
LEAST_RECORDS = 15

# Share of named groups that may be named wrongly (Benjamini, Hochberg 1995).
FALSE_NAMES = 0.05

# of calls in time: less than this nobody would plan otherwise for, however sure it is
SHARE_OFF = 0.03

# single hours of the night have too few records to be told apart
HOUR_BLOCK = 3

Verdict = Literal["fits", "off", "cannot tell"]


@dataclass(frozen=True)
class Difference:
    """Recorded against modeled times of some calls.

    Attributes
    ----------
    records, days
        Behind it.
    recorded_s, modeled_s
        Means.
    bias, low, high
        Recorded over modeled, minus 1, with its 95% band over days.
    p
        Chance of so large a difference from a right model.
    """

    records: int
    days: int
    recorded_s: float
    modeled_s: float
    bias: float
    low: float
    high: float
    p: float

    @property
    def verdict(self) -> Verdict:
        """Whether the model fits."""
        if abs(self.bias) > TOO_FAR and self.p < 2 * (1 - SURE):
            return "off"
        close = self.low > -CLOSE_ENOUGH and self.high < CLOSE_ENOUGH
        return "fits" if close else "cannot tell"


@dataclass(frozen=True, eq=False)
class TimesComparison:
    """Recorded times beside modeled ones.

    Attributes
    ----------
    overall
        All records.
    groups
        By what calls are grouped by (``district``, ``hour``, ...): one row a group with the fields
        of :class:`Difference`, and `named`: whether it is off beyond the overall difference.
    share_in_time
        Recorded and modeled, where modeled times have their spread; else None.
    share_off
        Whether these differ beyond chance and by more than 3 points.
    set_aside
        Records far off the model.
    """

    overall: Difference
    groups: Mapping[str, pd.DataFrame]
    share_in_time: tuple[float, float] | None
    share_off: bool
    set_aside: int

    @property
    def verdict(self) -> Verdict:
        """Whether the model fits the records."""
        return self.overall.verdict

    def words(self) -> tuple[str, ...]:
        """Say what came out, in sentences."""
        found = self.overall
        if found.verdict == "cannot tell":
            first = (
                f"The records cannot tell whether the model fits: {found.records:,} responses over "
                f"{found.days:,} days leave recorded times between {found.low:+.0%} and "
                f"{found.high:+.0%} of modeled ones."
            )
        elif found.verdict == "fits":
            first = (
                f"The model fits the records: recorded responses are {found.bias:+.0%} of modeled "
                f"ones (band {found.low:+.0%} to {found.high:+.0%}, {found.records:,} responses)."
            )
        else:
            low, high = sorted((abs(found.low), abs(found.high)))
            way = "longer" if found.bias > 0 else "shorter"
            apart = abs(found.recorded_s - found.modeled_s) / 60
            first = (
                f"Recorded responses are {apart:.1f} min ({abs(found.bias):.0%}, band {low:.0%} to "
                f"{high:.0%}) {way} than modeled."
            )
        said = [first]
        for kind, table in self.groups.items():
            enough = table[table["records"] >= LEAST_RECORDS]
            if len(enough):
                said.append(
                    f"By {kind}: {int((~enough['named']).sum())} of {len(enough)} are as far off "
                    "as all are."
                )
        if self.share_in_time is not None and self.share_off:
            recorded, modeled = self.share_in_time
            said.append(f"In time were {recorded:.0%}; the model says {modeled:.0%}.")
        if self.set_aside:
            said.append(
                f"{self.set_aside:,} records more than {FAR_OFF:g} times off the model were set "
                "aside."
            )
        return tuple(said)


def compare(
    recorded_s: NDArray[np.float64],
    modeled_s: NDArray[np.float64],
    day: NDArray[np.integer],
    *,
    groups: Mapping[str, Sequence[object] | NDArray[np.object_]] | None = None,
    in_time: tuple[NDArray[np.bool_], NDArray[np.float64]] | None = None,
) -> TimesComparison:
    """Hold recorded times against modeled ones.

    Parameters
    ----------
    recorded_s
        (n,) of the calls that the planned responders answered.
    modeled_s
        (n,) of the same calls, such as :func:`mean_response_s` of 8 replays; NaN: never answered.
    day
        (n,) days of the calls: they, not calls, are taken as independent.
    groups
        (n,) labels by kind of group.
    in_time
        (n,) whether each was recorded in time, and its modeled chance to be, the spread of drives
        included.
    """
    known = np.isfinite(recorded_s) & np.isfinite(modeled_s) & (modeled_s > 0)
    ratio = np.divide(recorded_s, modeled_s, out=np.ones(len(known)), where=known)
    kept = known & (ratio >= 1 / FAR_OFF) & (ratio <= FAR_OFF)
    of, model, days = recorded_s[kept], modeled_s[kept], np.asarray(day)[kept]
    overall = difference(of, model, days)
    tables = {
        kind: _table(of, model, days, np.asarray(label, dtype=object)[kept])
        for kind, label in (groups or {}).items()
    }
    shares, off = None, False
    if in_time is not None and kept.any():
        recorded, modeled = in_time[0][kept].astype(np.float64), in_time[1][kept]
        shares = float(recorded.mean()), float(modeled.mean())
        apart, error, clusters = _per_call(recorded - modeled, days)
        sure = stdtrit(max(clusters - 1, 1), SURE)
        off = bool(abs(apart) > max(SHARE_OFF, sure * error))
    return TimesComparison(
        overall=overall,
        groups=tables,
        share_in_time=shares,
        share_off=off,
        set_aside=int((known & ~kept).sum()),
    )


def difference(
    recorded_s: NDArray[np.float64], modeled_s: NDArray[np.float64], day: NDArray[np.integer]
) -> Difference:
    """Return the difference of some calls; its error is of sums by day (Cochran 1977, section 9A.4)."""
    n = len(recorded_s)
    if not n:
        return Difference(0, 0, np.nan, np.nan, np.nan, np.nan, np.nan, 1.0)
    mean = float(modeled_s.mean())
    _, index = np.unique(day, return_inverse=True)
    bias = float(recorded_s.sum() / modeled_s.sum() - 1)
    rest = np.bincount(index, weights=recorded_s - (1 + bias) * modeled_s)
    clusters = len(rest)
    ends = (np.nan, np.nan, 1.0)
    if clusters > 1:
        error = float(np.sqrt(clusters / (clusters - 1) * (rest**2).sum()) / modeled_s.sum())
        t = float(stdtrit(clusters - 1, 0.975))
        p = 2 * float(stdtr(clusters - 1, -abs(bias) / max(error, 1e-12)))
        ends = (bias - t * error, bias + t * error, p)
    return Difference(n, clusters, float(recorded_s.mean()), mean, bias, *ends)


def _per_call(value: NDArray[np.float64], day: NDArray[np.integer]) -> tuple[float, float, int]:
    _, index = np.unique(day, return_inverse=True)
    mean = float(value.mean())
    rest = np.bincount(index, weights=value - mean)
    return mean, float(np.sqrt((rest**2).sum()) / len(value)), len(rest)


def _table(
    recorded_s: NDArray[np.float64],
    modeled_s: NDArray[np.float64],
    day: NDArray[np.integer],
    label: NDArray[np.object_],
) -> pd.DataFrame:
    """Make one row a group; named are those that are off beside the middle one of the others.

    Beside the middle, not the mean: one group far off would make all others look off from a mean
    that it has moved.
    """
    names = sorted(
        set(label),
        key=lambda name: (str(type(name)), natural(name) if isinstance(name, str) else name),
    )
    rows = [
        difference(recorded_s[label == n], modeled_s[label == n], day[label == n]) for n in names
    ]
    middle = _middle([row.bias for row in rows], [row.records for row in rows])
    beyond = [
        difference(
            recorded_s[label == name], modeled_s[label == name] * (1 + middle), day[label == name]
        )
        for name in names
    ]
    p = np.array([one.p if one.records >= LEAST_RECORDS else 1.0 for one in beyond])
    far = np.array([abs(one.bias) > TOO_FAR for one in beyond], dtype=bool)
    table = pd.DataFrame([vars(row) for row in rows], index=pd.Index(names, dtype=object))
    return table.assign(verdict=[row.verdict for row in rows], named=false_discoveries(p) & far)


def _middle(values: Sequence[float], weights: Sequence[int]) -> float:
    """Return the weighted median."""
    order = np.argsort(values, kind="stable")
    total = np.cumsum(np.asarray(weights, dtype=np.float64)[order])
    return (
        float(np.asarray(values)[order][np.searchsorted(total, total[-1] / 2)])
        if len(total)
        else 0.0
    )


def false_discoveries(p: NDArray[np.float64], share: float = FALSE_NAMES) -> NDArray[np.bool_]:
    """Return which of several findings stand if at most a share of them may be false (Benjamini, Hochberg 1995)."""
    order = np.argsort(p, kind="stable")
    under = np.flatnonzero(p[order] <= share * np.arange(1, len(p) + 1) / max(len(p), 1))
    out = np.zeros(len(p), dtype=bool)
    if len(under):
        out[order[: under[-1] + 1]] = True
    return out


def hour_blocks(hour_of_week: NDArray[np.integer]) -> NDArray[np.object_]:
    """Return (n,) three-hour blocks of the day, such as ``06-09``."""
    first = np.asarray(hour_of_week) % 24 // HOUR_BLOCK * HOUR_BLOCK
    return np.array([f"{h:02d}-{h + HOUR_BLOCK:02d}" for h in first.tolist()], dtype=object)
