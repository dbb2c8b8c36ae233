"""Tables of a replay's figures with both bands: of the truth, and of a single year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.replay.bands import Interval, interval, interval_table
from coresponse.coverage.replay.past import (
    FEW_EVENTS,
    Past,
    Year,
    count_band,
    quantile_daily,
    rate_daily,
    ratio_daily,
)
from coresponse.coverage.replay.rules import Reason
from coresponse.coverage.replay.unknown import NOTHING, Unknowns
from coresponse.data.standards import Target, target_of

# Shares of calls, and the events they count.
SHARES = {
    "share_reached": "reached",
    "share_in_time": "in_time",
    "share_without_officer": "without_officer",
}

# What else is counted: by event, one (n,) 0 or 1 a replay of the real calls.
Counted = Mapping[str, Sequence[NDArray[np.float64]]]

NOTHING_ELSE: Counted = {}

LOSSES = {
    "closed": (Reason.CLOSED, Reason.NOT_IN_DEPLOYMENT),
    "busy": (Reason.BUSY, Reason.GAVE_UP),
    "out_of_reach": (Reason.OUT_OF_REACH,),
}


def two_band_tables(
    tables: Sequence[pd.DataFrame],
    weeks: float,
    past: Past,
    groups: Mapping[str, NDArray[np.int64]],
    *,
    target_s: Target,
    fallback_s: float,
    also: Counted = NOTHING_ELSE,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put both bands around tables of the same figures, one a replication of drawn calls.

    Parameters
    ----------
    weeks
        Length of a replication.
    past
        Replays of the real calls by the same deployment.
    groups
        Past calls (positions) of each row.
    target_s, fallback_s
        Standard and fallback.
    also
        Events that figures of the tables count, and waits and losses do not tell.

    Returns
    -------
    truth, single_year
        As :func:`coresponse.coverage.replay.bands.interval_table` makes them.
    """
    index = tables[0].index
    for table in tables[1:]:
        index = index.union(table.index, sort=False)
    none = np.zeros(0, dtype=np.int64)
    columns = [str(name) for name in tables[0].columns]
    place = [{name: k for k, name in enumerate(table.index)} for table in tables]
    values = [table.to_numpy(dtype=np.float64) for table in tables]
    rows: list[dict[str, Year]] = []
    for name in index:
        of = [(v, p.get(name)) for v, p in zip(values, place, strict=True)]
        there = np.array([v[k] for v, k in of if k is not None]).reshape(-1, len(columns))
        own = dict(zip(columns, there.T, strict=True))
        if past.unknown and len(there) < len(tables):  # each must keep its place
            nothing = np.full(len(columns), np.nan)
            every = np.array([nothing if k is None else v[k] for v, k in of])
            own = dict(zip(columns, every.T, strict=True))
            own["calls_per_week"] = np.nan_to_num(own["calls_per_week"])
        daily, events = _daily(past, groups.get(str(name), none), target_s, fallback_s, also)
        rows.append(_row(own, weeks, past, daily, events))
    return _table(rows, index, "truth"), _table(rows, index, "single")


def _table(rows: Sequence[Mapping[str, Year]], index: pd.Index, which: str) -> pd.DataFrame:
    out = []
    for row in rows:
        cells: dict[str, float] = {}
        for name, year in row.items():
            found: Interval = getattr(year, which)
            cells |= {name: found.mean, f"{name}_low": found.low, f"{name}_high": found.high}
        out.append(cells)
    return pd.DataFrame(out, index=index)


def _row(
    own: Mapping[str, NDArray[np.float64]],
    weeks: float,
    past: Past,
    daily: Mapping[str, NDArray[np.float64]],
    events: Mapping[str, float],
) -> dict[str, Year]:
    out: dict[str, Year] = {}
    calls = own["calls_per_week"] * weeks
    for name, values in own.items():
        of = SHARES.get(name, name.removesuffix("_per_week"))
        seen = events.get(of, np.inf)
        if name in SHARES and min(seen, events["calls"] - seen) < FEW_EVENTS:
            out[name] = _rare_share(past, values, calls, weeks)
        elif name.endswith("_per_week") and seen < FEW_EVENTS:
            out[name] = past.few(values * weeks, weeks)
        else:
            out[name] = _within(past.two_bands(values, daily[name], weeks), name)
    return out


def _rare_share(
    past: Past, share: NDArray[np.float64], calls: NDArray[np.float64], weeks: float
) -> Year:
    """Return the bands of a share that is next to 0 or next to 1: those of its few events."""
    rest = np.nansum(share * calls) > calls.sum() / 2
    events = np.nan_to_num(1 - share if rest else share) * calls
    a_week = max(float(calls.sum()) / weeks / len(calls), 1e-9)
    few = past.few(events, weeks)

    def as_share(found: Interval) -> Interval:
        mean, low, high = (min(end / a_week, 1.0) for end in (found.mean, found.low, found.high))
        ends = (1 - mean, 1 - high, 1 - low) if rest else (mean, low, high)
        return Interval(*ends, found.replications)

    return Year(as_share(few.truth), as_share(few.single))


def _within(year: Year, name: str) -> Year:
    most = 1.0 if name.startswith("share_") else np.inf

    def cut(found: Interval) -> Interval:
        return Interval(
            found.mean,
            float(np.clip(found.low, 0.0, None)),
            float(np.clip(found.high, None, most)),
            found.replications,
        )

    return Year(cut(year.truth), cut(year.single))


def _daily(
    past: Past, members: NDArray[np.int64], target_s: Target, fallback_s: float, also: Counted
) -> tuple[dict[str, NDArray[np.float64]], dict[str, float]]:
    """Return the daily values around 0 of each figure, and events in the history's own replay."""
    own = past.part(members)
    waits = [run.response_s()[members] for run in past.runs]
    reasons = [run.record.reason[members] for run in past.runs]
    there = [np.isfinite(wait) for wait in waits]
    calls = past.runs[0].scenario.calls
    district, of_class = calls.district[members], calls.call_class[members]
    within_s = target_of(target_s, district, of_class, calls.class_names)
    sums = {
        "calls": own.daily([np.ones(len(members))]),
        "reached": own.daily([t.astype(np.float64) for t in there]),
        "in_time": own.daily([(wait <= within_s).astype(np.float64) for wait in waits]),
        **{
            name: own.daily([np.isin(reason, kinds).astype(np.float64) for reason in reasons])
            for name, kinds in LOSSES.items()
        },
        **{name: own.daily([each[members] for each in values]) for name, values in also.items()},
    }
    spent = own.daily([np.nan_to_num(wait) for wait in waits])
    capped = own.daily(
        [
            np.where(t, np.minimum(wait, fallback_s), fallback_s)
            for t, wait in zip(there, waits, strict=True)
        ]
    )
    out = {f"{name}_per_week": rate_daily(past, days) for name, days in sums.items()}
    out |= {name: ratio_daily(sums[of], sums["calls"]) for name, of in SHARES.items() if of in sums}
    out["mean_s"] = ratio_daily(spent, sums["reached"])
    out["mean_with_fallback_s"] = ratio_daily(capped, sums["calls"])
    out["median_s"] = quantile_daily(own, waits, 0.5)
    out["p90_s"] = quantile_daily(own, waits, 0.9)
    return out, {name: float(days.sum(axis=0).mean()) for name, days in sums.items()}


def seen_bands(
    tables: Sequence[pd.DataFrame], calls: Sequence[float], unknown: Unknowns = NOTHING
) -> pd.DataFrame:
    """Put bands over replications around tables, a share that all replications have at 0 or 1 included.

    Such a share has a band from the number of its calls, as a count of none among so many: never "0
    to 0".

    Parameters
    ----------
    calls
        One for each row of the joined tables: different calls behind a share.
    unknown
        What replications step through.
    """
    out = interval_table(tables, unknown=unknown)
    for name in SHARES:
        if name not in out:
            continue
        share = out[name].to_numpy()
        most = np.array([count_band(0.0)[1] / max(n, 1.0) for n in calls]).clip(max=1.0)
        none, every = share == 0, share == 1
        out.loc[none, f"{name}_high"] = np.fmax(out[f"{name}_high"].to_numpy()[none], most[none])
        out.loc[every, f"{name}_low"] = np.fmin(
            out[f"{name}_low"].to_numpy()[every], 1 - most[every]
        )
        out.loc[none, f"{name}_low"] = 0.0
        out.loc[every, f"{name}_high"] = 1.0
    return out


def rate_band(
    values: Sequence[float],
    weeks: float,
    past: Past | None,
    of_calls: Sequence[NDArray[np.float64]] | None,
    *,
    counted: bool = False,
    unknown: Unknowns = NOTHING,
) -> Interval:
    """Return the truth's band of a rate a week, from values of past calls; over replications where there are none.

    Parameters
    ----------
    values
        The rate in each replication.
    of_calls
        For each replay of the real calls, what each call adds to the rate.
    counted
        Whether it counts events, so that few of them have the band of few.
    unknown
        What replications step through, where there is no past to say it.
    """
    if past is None or of_calls is None:
        return interval(values, unknown=unknown if past is None else past.unknown)
    daily = past.daily(of_calls)
    if counted and daily.sum(axis=0).mean() < FEW_EVENTS:
        return past.few(np.asarray(values) * weeks, weeks).truth
    found = past.two_bands(values, rate_daily(past, daily), weeks).truth
    return Interval(found.mean, max(found.low, 0.0), found.high, found.replications)
