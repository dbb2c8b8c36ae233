"""Areas, districts and figures of a plan and today, and of the times of the week, as maps show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.measures import Measures, measure
from coresponse.data.figures.rows import MapPeriod
from coresponse.data.options import Deployment
from coresponse.data.programs.model import Program
from coresponse.publish.areas import map_cells, map_cells_by_time
from coresponse.publish.disclosure import Disclosure
from coresponse.publish.rounding import rounded
from coresponse.publish.suppression import count_range, hidden_rows
from coresponse.publish.times_of_week import Time, times_shown
from coresponse.questions.plan import Plan

FIGURES = ("mean_s", "p90_s", "share_in_time")
"""Of districts and of all calls, at each time."""

DISTRICT_FIGURES = ("mean_s", "p90_s", "share_in_time", "share_reached", "mean_with_fallback_s")

ByTime = Mapping[tuple[str, str], Measures]


@dataclass(frozen=True, eq=False)
class MapPublication:
    """What a map shows, as :class:`coresponse.maps.content.MapContent` takes it."""

    cells: gpd.GeoDataFrame
    districts: gpd.GeoDataFrame | None
    periods: tuple[MapPeriod, ...] = ()
    cells_by_time: gpd.GeoDataFrame | None = None
    by_time: pd.DataFrame | None = None
    no_periods: str = ""


def publish_map(
    plan: Plan, deployments: Mapping[str, Deployment], disclosure: Disclosure
) -> MapPublication:
    """Gather what a map may show of a plan and today, and of the times of the week; why, if nothing of these."""
    case, table = plan.case, plan.table
    cells = map_cells(
        table, case.city.roads, deployments, target_s=case.target_s, disclosure=disclosure
    )
    times, why = times_shown(
        case.city.stated_periods, table.cells, min_calls=disclosure.least_calls
    )
    if not times:
        return MapPublication(cells, _districts(plan, {}, (), disclosure), no_periods=why)
    by_time = map_cells_by_time(
        table,
        case.city.roads,
        deployments,
        {time.key: time.inside for time in times},
        target_s=case.target_s,
        disclosure=disclosure,
    )
    if by_time.empty:
        why = "There is no choice of times: too few calls to show areas by time."
        return MapPublication(cells, _districts(plan, {}, (), disclosure), no_periods=why)
    measures = {
        (name, time.key): measure(
            table,
            deployment,
            target_s=case.target_s,
            districts=case.city.districts,
            within=time.inside,
        )
        for name, deployment in deployments.items()
        for time in times
    }
    rows = {
        time.key: {"calls_band": _calls(measures["plan", time.key].figure("calls"), disclosure)}
        | {
            f"{f}_{name}": _figure(measures[name, time.key], f, disclosure)
            for name in deployments
            for f in FIGURES
        }
        for time in times
    }
    return MapPublication(
        cells,
        _districts(plan, measures, times, disclosure),
        tuple(_period(time, case.program) for time in times),
        by_time,
        pd.DataFrame.from_dict(rows, orient="index"),
    )


def _calls(count: float, disclosure: Disclosure) -> str:
    return f"{int(count):,}" if disclosure.internal else count_range(count)


def _figure(found: Measures, key: str, disclosure: Disclosure) -> float:
    return float(_values(found.overall, key, disclosure)[0])


def _values(table: pd.DataFrame, key: str, disclosure: Disclosure) -> NDArray[np.float64]:
    if disclosure.internal:
        return table[key].to_numpy(dtype=np.float64)
    return rounded(key, table, table["calls"].fillna(0).to_numpy())


def _districts(
    plan: Plan, by_time: ByTime, times: tuple[Time, ...], disclosure: Disclosure
) -> gpd.GeoDataFrame | None:
    """Return districts with their figures, by time too; those with too few calls have none."""
    districts = plan.case.city.districts
    if districts is None:
        return None
    frame = districts.frame.copy()
    index = pd.Index(frame["district_id"])
    seen = plan.measures["plan"].by_district["calls"]
    calls = seen.reindex(index, fill_value=0).to_numpy().astype(np.int64)
    # calls outside all districts are one more part of the total
    hide = disclosure.hides([*calls.tolist(), int(seen.get("", 0))])[:-1]
    if disclosure.internal:
        frame["calls"] = calls
    frame["calls_band"] = disclosure.ranges(calls, hide)
    for name, found in plan.measures.items():
        table = found.by_district.reindex(index)
        for key in DISTRICT_FIGURES:
            values = (
                table[key].to_numpy(dtype=float)
                if disclosure.internal
                else rounded(key, table, calls)
            )
            frame[f"{key}_{name}"] = np.where(hide, np.nan, values)
    if times:
        hidden = _hidden_at_times(by_time, times, index, hide, disclosure)
        for (name, key), found in by_time.items():
            table = found.by_district.reindex(index)
            for figure in FIGURES:
                values = _values(table, figure, disclosure)
                frame[f"{figure}_{name}@{key}"] = np.where(hidden, np.nan, values)
    return frame


def _hidden_at_times(
    by_time: ByTime,
    times: tuple[Time, ...],
    index: pd.Index,
    hide: NDArray[np.bool_],
    disclosure: Disclosure,
) -> NDArray[np.bool_]:
    """Say which districts have no figures by time: a district is shown at all times or at none."""
    if disclosure.internal:
        return hide
    parts = index.append(pd.Index([""]))
    counts = [
        by_time["plan", time.key].by_district["calls"].reindex(parts, fill_value=0)
        for time in times
    ]
    table = np.stack([count.to_numpy(dtype=np.int64) for count in counts], axis=1)
    return hidden_rows(table, np.append(hide, False))[:-1]


def _period(time: Time, program: Program) -> MapPeriod:
    hours = set(time.hours.hours)
    whole = frozenset(
        name
        for name, pattern in program.shift_patterns.items()
        if hours <= set(pattern.hours.hours)
    )
    part = frozenset(
        name for name, pattern in program.shift_patterns.items() if hours & set(pattern.hours.hours)
    )
    return MapPeriod(time.key, time.title, time.hours.words(), whole, part - whole)
