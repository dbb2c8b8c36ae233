"""How a deployment performs if the nearest responder is always free.

An upper bound on what will happen.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.cells import ResponseTable
from coresponse.coverage.few_calls import hidden_parts
from coresponse.data.districts import Districts
from coresponse.data.options import Deployment
from coresponse.data.standards import Target, target_of


@dataclass(frozen=True, eq=False)
class Measures:
    """A deployment's figures; each table has one row a group and the columns below.

    `calls` (observed); `calls_per_week`; `reached_per_week`; `in_time_per_week` (within the
    standard); `closed_per_week` (no eligible responder on duty); `out_of_reach_per_week` (on duty,
    but none gets there); `share_in_time` and `share_reached` (of all calls); `mean_s`, `median_s`,
    `p90_s` (response of reached calls; a quantile is the least time within which that share of
    calls is reached); `mean_with_fallback_s` (a call not reached, or reached later than the
    fallback, counts as the fallback, as in the planner's objective).

    Attributes
    ----------
    name
        Of the deployment.
    target_s
        The standard.
    overall
        One row, index ``all``.
    by_class, by_district, by_period
        Index: class name; district_id (`''`: outside all districts); period name.
    worst_district
        district_id with the longest `mean_with_fallback_s` among those with enough calls to be
        shown; '' if none.
    """

    name: str
    target_s: Target
    overall: pd.DataFrame
    by_class: pd.DataFrame
    by_district: pd.DataFrame
    by_period: pd.DataFrame
    worst_district: str

    def figure(self, column: str) -> float:
        """Return an overall figure."""
        return float(self.overall[column].iloc[0])


@dataclass(frozen=True, eq=False)
class Served:
    """Who reaches each column first.

    Attributes
    ----------
    option
        (columns,) int32 row of the table, -1 where nobody gets there; of several alike, the first
        in the deployment.
    response_s
        (columns,) float64, inf where nobody gets there.
    on_duty
        (columns,) bool: some responder in place is eligible and on duty.
    """

    option: NDArray[np.int32]
    response_s: NDArray[np.float64]
    on_duty: NDArray[np.bool_]


def assign(table: ResponseTable, deployment: Deployment) -> Served:
    """Give each column to the responder that gets there first."""
    rows = table.rows(deployment)
    if not len(rows):
        n = table.n_columns
        return Served(np.full(n, -1, dtype=np.int32), np.full(n, np.inf), np.zeros(n, dtype=bool))
    best = np.full(table.n_columns, np.inf, dtype=np.float32)
    option = np.full(table.n_columns, -1, dtype=np.int32)
    later = None if table.agencies is None else table.agencies.later(rows)
    for turn in (False, True) if later is not None else (None,):
        # another agency's come where none of the column's own gets there
        open_to = np.isinf(best) if turn else True
        for k, row in enumerate(rows):
            sooner = (table.response_s[row] < best) & open_to
            if later is not None:
                sooner &= later[k] == turn
            best[sooner] = table.response_s[row][sooner]
            option[sooner] = row
    return Served(option, best.astype(np.float64), table.on_duty(rows))


def measure(
    table: ResponseTable,
    deployment: Deployment,
    *,
    target_s: Target,
    districts: Districts | None = None,
    within: NDArray[np.bool_] | None = None,
) -> Measures:
    """Judge a deployment on the demand that the table was made for.

    Parameters
    ----------
    target_s
        The standard.
    districts
        Those that the demand cells were made with; without them all calls count as outside (`''`).
    within
        (demand cells,) which of them to judge by, some at least; absent: all.
    """
    cells = table.cells
    part = np.flatnonzero(np.ones(cells.n, dtype=bool) if within is None else within)
    frame = _calls(table, deployment, target_s, part)
    district_ids = ["", *(districts.frame["district_id"] if districts is not None else [])]
    district = (
        cells.district[part] + 1 if districts is not None else np.zeros(len(part), dtype=np.int32)
    )
    by_district = frame.table(district, district_ids)
    return Measures(
        name=deployment.name,
        target_s=target_s,
        overall=frame.whole(),
        by_class=frame.table(cells.call_class[part], cells.class_names),
        by_district=by_district,
        by_period=frame.table(cells.period[part], [p.name for p in cells.periods]),
        worst_district=worst_of(by_district, ranked_districts(by_district)),
    )


def measure_overall(
    table: ResponseTable, deployment: Deployment, *, target_s: Target
) -> pd.DataFrame:
    """Return what :func:`measure` has as `overall`, alone: for figures that follow a person's hand."""
    return _calls(table, deployment, target_s, np.arange(table.cells.n)).whole()


def _calls(
    table: ResponseTable, deployment: Deployment, target_s: Target, part: NDArray[np.int64]
) -> _Calls:
    served, cells = assign(table, deployment), table.cells
    column = table.column[part]
    return _Calls(
        weight=cells.calls_per_week[part],
        observed=cells.calls[part],
        response_s=served.response_s[column],
        on_duty=served.on_duty[column],
        fallback_s=table.fallback_s,
        target_s=target_of(
            target_s, cells.district[part], cells.call_class[part], cells.class_names
        ),
    )


def compare(before: Measures, after: Measures) -> pd.DataFrame:
    """Set two deployments side by side by district: who gains and who loses.

    Returns
    -------
    pandas.DataFrame
        By district_id: `calls`, `calls_per_week`, and for `mean_with_fallback_s`, `share_in_time`,
        `p90_s` the columns ``<figure>_before``, ``<figure>_after``, ``<figure>_change``.
    """
    out = after.by_district[["calls", "calls_per_week"]].copy()
    for column in ("mean_with_fallback_s", "share_in_time", "p90_s"):
        out[f"{column}_before"] = before.by_district[column]
        out[f"{column}_after"] = after.by_district[column]
        out[f"{column}_change"] = after.by_district[column] - before.by_district[column]
    return out


@dataclass(frozen=True, eq=False)
class _Calls:
    weight: NDArray[np.float64]
    observed: NDArray[np.int64]
    response_s: NDArray[np.float64]
    on_duty: NDArray[np.bool_]
    fallback_s: float
    target_s: float | NDArray[np.float64]

    def whole(self) -> pd.DataFrame:
        return self.table(np.zeros(len(self.weight), dtype=np.int64), ["all"])

    def table(self, group: NDArray[np.integer], names: Sequence[str]) -> pd.DataFrame:
        """Make one row of figures for each group that has calls; the groups keep their order."""
        rows: dict[str, dict[str, float]] = {}
        order = np.argsort(group, kind="stable")
        bounds = np.searchsorted(group[order], np.arange(len(names) + 1))
        for i, name in enumerate(names):
            members = order[bounds[i] : bounds[i + 1]]
            if len(members):
                rows[name] = self._row(members)
        return pd.DataFrame.from_dict(rows, orient="index").astype({"calls": "int64"})

    def _row(self, members: NDArray[np.int64]) -> dict[str, float]:
        weight, response = self.weight[members], self.response_s[members]
        reached = np.isfinite(response)
        total, there = float(weight.sum()), float(weight[reached].sum())
        in_time = float(weight[response <= _some(self.target_s, members)].sum())
        closed = float(weight[~reached & ~self.on_duty[members]].sum())
        spent = float(weight[reached] @ response[reached])
        at_most_fallback = float(weight @ np.minimum(response, self.fallback_s))
        median, p90 = weighted_quantiles(response[reached], weight[reached], (0.5, 0.9))
        return {
            "calls": float(self.observed[members].sum()),
            "calls_per_week": total,
            "reached_per_week": there,
            "in_time_per_week": in_time,
            "closed_per_week": closed,
            "out_of_reach_per_week": float(weight[~reached & self.on_duty[members]].sum()),
            "share_reached": there / total,
            "share_in_time": in_time / total,
            "mean_s": spent / there if there else np.nan,
            "median_s": median,
            "p90_s": p90,
            "mean_with_fallback_s": at_most_fallback / total,
        }


def weighted_quantiles(
    values: NDArray[np.float64], weights: NDArray[np.float64], shares: Sequence[float]
) -> list[float]:
    """Return the least values that have at least these shares of the weight at or below them.

    NaN without any.
    """
    if not len(values):
        return [float("nan")] * len(shares)
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    # a hair less than the share: sums in another order must not move the quantile
    at = [int(np.searchsorted(reached, share * reached[-1] * (1 - 1e-12))) for share in shares]
    return [float(values[order[min(i, len(values) - 1)]]) for i in at]


def lower_quantiles(values: NDArray[np.floating], shares: Sequence[float]) -> list[float]:
    """Return the least of some values that have at least these shares of them at or below them.

    As :func:`numpy.quantile` by the inverted distribution, without what that costs for each of
    thousands of groups.

    Parameters
    ----------
    values
        At least one, all finite.
    """
    at = [max(math.ceil(len(values) * share - 1), 0) for share in shares]
    ordered = np.partition(values, at)
    return [float(ordered[i]) for i in at]


def worst_of(by_district: pd.DataFrame, districts: Collection[str]) -> str:
    """Return the one of some districts that waits longest; '' if there is none."""
    ranked = by_district[by_district.index.isin(list(districts))]
    return str(ranked["mean_with_fallback_s"].idxmax()) if len(ranked) else ""


def ranked_districts(by_district: pd.DataFrame) -> list[str]:
    """Return the districts with enough calls to be ranked: of fewer, chance would choose the worst."""
    hide = hidden_parts(by_district["calls"].to_numpy())
    return [str(d) for d, out in zip(by_district.index, hide, strict=True) if d != "" and not out]


def _some(
    target_s: float | NDArray[np.float64], members: NDArray[np.int64]
) -> float | NDArray[np.float64]:
    return target_s if isinstance(target_s, float | int) else target_s[members]
