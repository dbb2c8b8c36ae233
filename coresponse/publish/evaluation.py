"""A deployment's figures, three ways, as they may be shown."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.disagreement import (
    UPPER_BOUND_SHARE,
    why_fewer_in_time,
    why_not_as_queueing,
)
from coresponse.coverage.evaluation import Evaluation
from coresponse.coverage.measures import Measures
from coresponse.coverage.queueing.queueing_measures import QueueingMeasures
from coresponse.coverage.replay.bands import Interval
from coresponse.coverage.replay.replay_measures import ReplayMeasures
from coresponse.data.figures.text import percent
from coresponse.data.programs.model import Program
from coresponse.publish.call_outs import told_busy
from coresponse.publish.disclosure import PUBLIC, Disclosure
from coresponse.publish.measured import (
    GROUP_FIGURES,
    JUDGES,
    REPLAYED_BY_DISTRICT,
    EvaluationPublication,
    ReplayPublication,
)
from coresponse.publish.replay import ENDS, keys_of, rounded_replay

# Queueing and replay are said to differ beyond so much: bands and approximations alone make
# less.
DISAGREE_SHARE, DISAGREE_MEAN = 0.03, 0.10


def publish_evaluation(
    found: Evaluation, program: Program, disclosure: Disclosure = PUBLIC
) -> EvaluationPublication:
    """Return a deployment's figures as they may be shown."""
    figures = {"deterministic": _exact_ends(found.nearest, disclosure)}
    worst = {"deterministic": found.nearest.worst_district}
    if found.queueing is not None:
        figures["queueing"] = _exact_ends(found.queueing, disclosure)
        worst["queueing"] = found.queueing.worst_district
    replay, single_year = None, {}
    if found.replay is not None:
        told = rounded_replay(found.replay, disclosure.city(found.nearest.overall))
        figures["replay"] = {key: told.figure(key) for key in keys_of(told.overall)}
        # as the funnel has them, which adds up
        figures["replay"]["without_officer_per_week"] = told.without_officer
        if told.single_year is not None:
            keys = keys_of(told.single_year)
            single_year = {key: told.figure(key, single_year=True) for key in keys}
        worst["replay"] = told.worst_district
        replay = _replay(found.nearest, told, disclosure)
    return EvaluationPublication(
        deployment=found.deployment,
        figures=figures,
        worst_district=worst,
        groups={
            part: _groups(getattr(found.nearest, part), table, found.nearest, disclosure)
            for part, table in _parts(found).items()
        },
        busy_share={}
        if found.queueing is None
        else told_busy(
            found.queueing.busy_share,
            program,
            found.deployment,
            disclosure.city(found.queueing.overall),
        ),
        method="" if found.queueing is None else found.queueing.method,
        replay=replay,
        notes=(
            *(() if found.of_history else _disagreements(found, figures)),
            *([found.queueing.note] if found.queueing is not None and found.queueing.note else []),
        ),
        single_year=single_year,
    )


def _exact_ends(found: Measures | QueueingMeasures, disclosure: Disclosure) -> dict[str, Interval]:
    """Round a judge's figures of all calls, each without an interval."""
    rounding = disclosure.city(found.overall)
    return {
        str(key): Interval(rounding.figure(str(key), float(value)), np.nan, np.nan, 1)
        for key, value in found.overall.iloc[0].items()
    }


def _parts(found: Evaluation) -> dict[str, pd.DataFrame]:
    """Return figures of groups by the replay; of an empty deployment, which all judges see alike."""
    nearest, replay = found.nearest, found.replay
    if replay is None:
        names = ("overall", "by_class", "by_district", "by_period")
        return {part: getattr(nearest, part) for part in names}
    out = {part: getattr(replay, part) for part in ("overall", "by_class", "by_district")}
    return out if replay.by_period is None else out | {"by_period": replay.by_period}


def _groups(
    past: pd.DataFrame, found: pd.DataFrame, nearest: Measures, disclosure: Disclosure
) -> pd.DataFrame:
    """Return figures of groups, rounded by the ranges of their calls; those of all calls as everywhere.

    Counts of 1 to 10 and what would give them away are hidden, as are the figures of those rows.

    Parameters
    ----------
    past
        Whose `calls` are those of the history.
    found
        The figures.
    nearest
        Of all calls.
    """
    table, rounding = found.reindex(past.index), disclosure.city(nearest.overall)
    calls = past["calls"].to_numpy().astype(np.int64)
    hide = disclosure.hides(calls)
    out = pd.DataFrame({"calls_band": disclosure.ranges(calls, hide)}, index=table.index)
    if disclosure.internal:
        out["calls"] = calls
    for key in GROUP_FIGURES:
        out[key] = np.where(hide, np.nan, rounding.groups(key, table, calls))
    return out


def _replay(nearest: Measures, told: ReplayMeasures, disclosure: Disclosure) -> ReplayPublication:
    hidden = _hidden_units(nearest, told, disclosure)
    units = told.units.mask(hidden)
    busiest = ("", Interval(np.nan, np.nan, np.nan, 1))
    ranked = told.units["utilization"].dropna().sort_values(kind="stable").index
    if len(ranked) and not hidden[ranked[-1]]:
        mean, low, high = (float(units.loc[ranked[-1], f"utilization{end}"]) for end in ENDS)
        busiest = (str(ranked[-1]), Interval(mean, low, high, told.replications))
    return ReplayPublication(
        replications=told.replications,
        sources=told.sources,
        funnel=told.funnel,
        units=units,
        utilization_by_hour=told.utilization_by_hour.mask(hidden),
        mean_utilization=float(told.units["utilization"].mean()) if len(units) else np.nan,
        busiest=busiest,
        officer_hours_freed=told.officer_hours_freed,
        officer_alone_hours=told.officer_alone_hours,
        follow_ups_made=told.follow_ups_made,
        follow_ups_due=told.follow_ups_due,
        by_district=_by_district(nearest, told, disclosure),
        officers=told.officers,
        busy_of_week=None if hidden.any() else told.busy_of_week,
    )


def _hidden_units(
    nearest: Measures, told: ReplayMeasures, disclosure: Disclosure
) -> pd.Series[bool]:
    """Say which units have no figures.

    Drawn calls come where past ones were, so that what a rarely used unit does is a count of those
    near its post.
    """
    scale = nearest.figure("calls") / nearest.figure("calls_per_week")
    past = (told.units["calls_per_week"] * scale).round().to_numpy(dtype=np.int64)
    return pd.Series(disclosure.hides(past), index=told.units.index)


def shown_in_replay(
    nearest: Measures, replay: ReplayMeasures, disclosure: Disclosure
) -> tuple[list[str], pd.Series[int]]:
    """Return the districts whose replayed figures may be shown, and all districts' past calls."""
    seen = nearest.by_district["calls"]
    out = disclosure.hides(seen.to_numpy())
    shown = [str(name) for name, hid in zip(seen.index, out, strict=True) if not hid]
    return [name for name in shown if name in replay.by_district.index], seen


def _by_district(nearest: Measures, replay: ReplayMeasures, disclosure: Disclosure) -> pd.DataFrame:
    table = replay.by_district
    shown, seen = shown_in_replay(nearest, replay, disclosure)
    calls = seen.reindex(table.index, fill_value=0).to_numpy()
    out: dict[str, NDArray[np.float64]] = {}
    for key in REPLAYED_BY_DISTRICT:
        values = disclosure.city(nearest.overall).groups_with_ends(key, table, calls)
        out |= {f"{key}{end}": one for end, one in zip(ENDS, values, strict=True)}
    frame = pd.DataFrame(out, index=table.index.astype(str))
    return frame.where(pd.Series(frame.index.isin(shown), index=frame.index), np.nan)


def _disagreements(found: Evaluation, figures: Mapping[str, Mapping[str, Interval]]) -> list[str]:
    """Say where the three judges disagree beyond the stated bounds, in figures as they are shown."""
    if found.queueing is None or found.replay is None:
        return []
    notes = []
    share, wait = (
        {judge: figures[judge][key].mean for judge in JUDGES}
        for key in ("share_in_time", "mean_with_fallback_s")
    )
    exact = found.replay.figure("share_in_time").mean
    if abs(found.queueing.figure("share_in_time") - exact) > DISAGREE_SHARE:
        apart = abs(share["queueing"] - share["replay"])
        vary = found.drives_vary
        because = why_not_as_queueing(found.queueing, found.replay, drives_vary=vary)
        # figures as shown may lie nearer to each other than what they are rounded from
        by = (
            f"{apart * 100:.1f} points of calls in time (bound: {DISAGREE_SHARE * 100:.0f})"
            if apart > DISAGREE_SHARE
            else f"more than {DISAGREE_SHARE * 100:.0f} points of calls in time"
        )
        notes.append(f"Queueing and replay differ by {by}; trust the replay: {because}.")
    mean = found.replay.figure("mean_with_fallback_s").mean
    if mean and abs(found.queueing.figure("mean_with_fallback_s") / mean - 1) > DISAGREE_MEAN:
        apart = wait["queueing"] / max(wait["replay"], 1.0) - 1
        above = found.queueing.figure("mean_with_fallback_s") > mean
        # as shown they may lie nearer to each other than what they are rounded from
        told = apart if above else -apart
        by = (
            f"{told:.0%} {'above' if above else 'below'} the replay's (bound: {DISAGREE_MEAN:.0%})"
            if told > DISAGREE_MEAN
            else f"more than {DISAGREE_MEAN:.0%} {'above' if above else 'below'} the replay's"
        )
        notes.append(f"Queueing's mean wait is {by}; trust the replay.")
    why = why_fewer_in_time(found.nearest, found.replay)
    if why:
        notes.append(
            f"{why}: {percent(share['replay'])} of calls are reached in time, not the "
            f"{percent(share['deterministic'])} that would be if the nearest were always free."
        )
    if found.drives_vary and exact - found.nearest.figure("share_in_time") > UPPER_BOUND_SHARE:
        notes.append(
            f"Drives vary: {percent(share['replay'])} of calls are reached in time, where "
            f"{percent(share['deterministic'])} would be if each drive took its expected time, even of "
            "the nearest."
        )
    return notes
