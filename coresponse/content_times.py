"""What pages show of the times of the week: areas, districts and figures of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.area_times import cells_by_time
from coresponse.coverage.measures import Measures, measure
from coresponse.coverage.suppress import band, hidden_rows, shown
from coresponse.data.options import Deployment
from coresponse.data.programs.model import Program
from coresponse.internal import least_calls
from coresponse.maps.content import MapPeriod
from coresponse.planning import Planned
from coresponse.times import Time, times_shown

FIGURES = ("mean_s", "p90_s", "share_in_time")


@dataclass(frozen=True, eq=False)
class ShownTimes:
    """Times of the week, as :class:`coresponse.maps.content.MapContent` takes them.

    Attributes
    ----------
    periods, cells_by_time, by_time, no_periods
        As there.
    measures
        By deployment and time's key.
    """

    periods: tuple[MapPeriod, ...] = ()
    cells_by_time: gpd.GeoDataFrame | None = None
    by_time: pd.DataFrame | None = None
    no_periods: str = ""
    measures: Mapping[tuple[str, str], Measures] = field(default_factory=dict)


def shown_times(
    planned: Planned, deployments: Mapping[str, Deployment], *, internal: bool = False
) -> ShownTimes:
    """Gather what can be shown of the times of the week, inside the agency or to all.

    Why, if nothing.
    """
    inputs = planned.inputs
    least = least_calls(internal)
    times, why = times_shown(inputs.study.periods, planned.table.cells, min_calls=least)
    if not times:
        return ShownTimes(no_periods=why)
    inside = {time.key: time.inside for time in times}
    cells = cells_by_time(
        planned.table,
        inputs.network,
        deployments,
        inside,
        target_s=planned.target_s,
        min_calls=least,
        internal=internal,
    )
    if cells.empty:
        return ShownTimes(
            no_periods="There is no choice of times: too few calls to show areas by time."
        )
    measures = {
        (name, time.key): measure(
            planned.table,
            deployment,
            target_s=planned.target_s,
            districts=inputs.districts,
            within=time.inside,
        )
        for name, deployment in deployments.items()
        for time in times
    }
    rows = {
        time.key: {"calls_band": _calls(measures["plan", time.key].figure("calls"), internal)}
        | {
            f"{f}_{name}": _figure(measures[name, time.key], f, internal)
            for name in deployments
            for f in FIGURES
        }
        for time in times
    }
    periods = tuple(_period(time, inputs.program) for time in times)
    return ShownTimes(periods, cells, pd.DataFrame.from_dict(rows, orient="index"), "", measures)


def _calls(count: float, internal: bool) -> str:
    return f"{int(count):,}" if internal else band(count)


def _figure(found: Measures, figure: str, internal: bool) -> float:
    table = found.overall
    return (
        found.figure(figure)
        if internal
        else float(shown(figure, table, table["calls"].to_numpy())[0])
    )


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


def district_times(
    times: ShownTimes, district_ids: pd.Index, hide: NDArray[np.bool_], *, internal: bool = False
) -> dict[str, NDArray[np.float64]]:
    """Return the districts' figures by time, as columns.

    NaN in districts that have too few calls at some time.

    A district is shown at all times or at none, and calls outside all districts are one more part
    of every total.

    Parameters
    ----------
    hide
        (districts,) those whose figures of the whole week are not shown.
    internal
        All are shown.
    """
    if not times.periods:
        return {}
    parts = district_ids.append(pd.Index([""]))
    counts = np.stack(
        [
            times.measures["plan", period.key]
            .by_district["calls"]
            .reindex(parts, fill_value=0)
            .to_numpy(dtype=np.int64)
            for period in times.periods
        ],
        axis=1,
    )
    unseen = hide if internal else hidden_rows(counts, np.append(hide, False))[:-1]
    out = {}
    for (name, key), found in times.measures.items():
        table = found.by_district.reindex(district_ids)
        for figure in FIGURES:
            values = (
                table[figure].to_numpy(float)
                if internal
                else shown(figure, table, table["calls"].fillna(0).to_numpy())
            )
            out[f"{figure}_{name}@{key}"] = np.where(unseen, np.nan, values)
    return out
