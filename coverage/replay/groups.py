"""How long it takes to get to where groups of residents live.

A group's figure is the mean of the areas' figures in the replay, weighted by how many of the group
live in each. It tells of service where people of a group live, not of service to callers of a
group: records do not say who calls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from coresponse.coverage.living_areas import LivingAreas
from coresponse.coverage.replay.bands import CONFIDENCE, Interval, interval
from coresponse.coverage.replay.group_measures import GAPS, GroupMeasures
from coresponse.coverage.replay.past import TAIL, Past
from coresponse.coverage.replay.record import ReplayRun
from coresponse.data.standards import Target, target_of

# Of a group of residents.
FIGURES = ("mean_with_fallback_s", "share_in_time")


def group_measures(
    runs: Sequence[ReplayRun],
    living: LivingAreas,
    *,
    target_s: Target,
    fallback_s: float,
    past: Past | None = None,
) -> GroupMeasures:
    """Measure the replications of one deployment by groups of residents.

    The areas' figures are ratios of sums over all replications, and their errors are those of ratio
    estimators (Cochran 1977, chapter 6): what a replication's calls of an area are off, over the
    mean number of its calls. With a past, bands also hold what the history cannot tell.
    """
    drawn = _GroupCalls.joined(runs, living, target_s=target_s, fallback_s=fallback_s)
    seen: list[_GroupCalls] = []
    if past is not None:
        seen = _GroupCalls.of_past(past, living, target_s=target_s, fallback_s=fallback_s)
    # an area of which no call was drawn has no figure: the others stand for it
    counted = living.without_areas(~drawn.there)
    share = counted.share
    rows = {False: share, True: share[1:] - share[0]}
    weeks = runs[0].scenario.calls.weeks
    columns: dict[str, NDArray[np.float64]] = {}
    for key in FIGURES:
        for apart, weights in rows.items():
            together = max(len(weights), 1) if apart else 1
            found = [_band(key, weight, drawn, seen, past, weeks, together) for weight in weights]
            name = GAPS[key] if apart else key
            none = [np.nan] if apart else []  # all residents are not apart from themselves
            for end in ("mean", "low", "high"):
                column = name if end == "mean" else f"{name}_{end}"
                columns[column] = np.array([*none, *(getattr(one, end) for one in found)])
    table = pd.DataFrame(columns, index=pd.Index(living.keys))
    for end in ("_low", "_high"):
        for key, most in (("mean_with_fallback_s", fallback_s), ("share_in_time", 1.0)):
            table[key + end] = table[key + end].clip(0.0, most)
    unequal = gini(drawn.ratio("mean_with_fallback_s"), share[0])
    return GroupMeasures(living, table, unequal, counted.calls_behind)


def gini(values: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    """Return the Gini coefficient: half the mean difference of two people, over the mean.

    Parameters
    ----------
    values
        (n,) at least 0; those that are NaN are left out.
    weight
        (n,) people who have each.
    """
    known = np.isfinite(values) & (weight > 0)
    order = np.argsort(values[known], kind="stable")
    sorted_values, part = values[known][order], weight[known][order]
    part = part / part.sum() if len(part) else part
    mean = float(part @ sorted_values)
    if not mean > 0:
        return 0.0
    below = np.cumsum(part) - part / 2  # people below, and half of those alike
    return float(2 * (part * sorted_values) @ below / mean - 1)


@dataclass(frozen=True, eq=False)
class _GroupCalls:
    """The calls of one replay in areas.

    Attributes
    ----------
    area, slice
        (n,) of each call; slices are replications, or days of the past.
    value
        By figure, (n,) what it is the mean of.
    areas, slices
        Their numbers.
    """

    area: NDArray[np.int64]
    slice: NDArray[np.int64]
    value: Mapping[str, NDArray[np.float64]]
    areas: int
    slices: int

    @classmethod
    def of(
        cls,
        run: ReplayRun,
        living: LivingAreas,
        of_slice: NDArray[np.int64],
        slices: int,
        *,
        target_s: Target,
        fallback_s: float,
    ) -> Self:
        """Take the calls of a run, each with its slice."""
        area = living.area_of_node[run.scenario.calls.node]
        inside = area >= 0
        response = run.response_s()[inside]
        wait = np.where(np.isfinite(response), np.minimum(response, fallback_s), fallback_s)
        calls = run.scenario.calls
        district, of_class = calls.district[inside], calls.call_class[inside]
        within_s = target_of(target_s, district, of_class, calls.class_names)
        in_time = (response <= within_s).astype(np.float64)
        return cls(
            area[inside].astype(np.int64),
            of_slice[inside],
            {"mean_with_fallback_s": wait, "share_in_time": in_time},
            len(living.calls),
            slices,
        )

    @classmethod
    def joined(
        cls, runs: Sequence[ReplayRun], living: LivingAreas, *, target_s: Target, fallback_s: float
    ) -> Self:
        """Take replications of drawn calls as slices of one replay."""
        parts = [
            cls.of(
                run,
                living,
                np.full(run.scenario.calls.n, k),
                len(runs),
                target_s=target_s,
                fallback_s=fallback_s,
            )
            for k, run in enumerate(runs)
        ]
        return cls(
            np.concatenate([part.area for part in parts]),
            np.concatenate([part.slice for part in parts]),
            {key: np.concatenate([part.value[key] for part in parts]) for key in FIGURES},
            len(living.calls),
            len(runs),
        )

    @classmethod
    def of_past(
        cls, past: Past, living: LivingAreas, *, target_s: Target, fallback_s: float
    ) -> list[Self]:
        """Take each replay of the real calls by itself; days are its slices."""
        return [
            cls.of(run, living, past.day, past.days, target_s=target_s, fallback_s=fallback_s)
            for run in past.runs
        ]

    @property
    def there(self) -> NDArray[np.bool_]:
        """(areas,) bool: some calls."""
        return np.bincount(self.area, minlength=self.areas) > 0

    def ratio(self, key: str) -> NDArray[np.float64]:
        """Return (areas,) the areas' figures; NaN without calls."""
        total = np.bincount(self.area, weights=self.value[key], minlength=self.areas)
        with np.errstate(invalid="ignore"):
            return np.asarray(total / np.bincount(self.area, minlength=self.areas))

    def off(self, key: str, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (slices,) by how much each slice's calls put a weighted mean of the areas' figures off."""
        mean_calls = np.bincount(self.area, minlength=self.areas) / self.slices
        around = self.value[key] - self.ratio(key)[self.area]
        influence = (weight / np.maximum(mean_calls, 1 / self.slices))[self.area] * around
        off = np.bincount(self.slice, weights=influence, minlength=self.slices)
        return off.astype(np.float64)


def _band(
    key: str,
    weight: NDArray[np.float64],
    drawn: _GroupCalls,
    seen: Sequence[_GroupCalls],
    past: Past | None,
    weeks: float,
    together: int,
) -> Interval:
    """Return a weighted mean of the areas' figures with its band, at 1 - 0.05 / `together`."""
    if not np.isfinite(weight).all():
        return Interval(np.nan, np.nan, np.nan, 0)
    mean = float(weight @ np.nan_to_num(drawn.ratio(key)))
    values = mean + drawn.off(key, weight)
    if past is None:
        return replace(interval(values, confidence=1 - (1 - CONFIDENCE) / together), mean=mean)
    daily = np.stack([one.off(key, weight) for one in seen], axis=1)
    found = past.two_bands(values, daily, weeks).truth
    wider = float(stdtrit(past.nu, 1 - TAIL / together) / stdtrit(past.nu, 1 - TAIL))
    low, high = (mean + wider * (end - found.mean) for end in (found.low, found.high))
    return Interval(mean, low, high, found.replications)
