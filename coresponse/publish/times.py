"""What pages show of the times of the week: areas, districts and figures of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.measures import Measures, measure
from coresponse.data.options import Deployment
from coresponse.data.programs.model import Program
from coresponse.maps.content import MapPeriod
from coresponse.planning import Planned
from coresponse.publish.areas import map_cells_by_time
from coresponse.publish.disclosure import Disclosure
from coresponse.publish.rounding import rounded
from coresponse.publish.suppression import count_range, hidden_rows
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
    planned: Planned, deployments: Mapping[str, Deployment], disclosure: Disclosure
) -> ShownTimes:
    """Gather what can be shown of the times of the week, inside the agency or to all.

    Why, if nothing.
    """
    inputs = planned.inputs
    times, why = times_shown(
        inputs.study.periods, planned.table.cells, min_calls=disclosure.least_calls
    )
    if not times:
        return ShownTimes(no_periods=why)
    inside = {time.key: time.inside for time in times}
    cells = map_cells_by_time(
        planned.table,
        inputs.network,
        deployments,
        inside,
        target_s=planned.target_s,
        disclosure=disclosure,
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
        time.key: {"calls_band": _calls(measures["plan", time.key].figure("calls"), disclosure)}
        | {
            f"{f}_{name}": _figure(measures[name, time.key], f, disclosure)
            for name in deployments
            for f in FIGURES
        }
        for time in times
    }
    periods = tuple(_period(time, inputs.program) for time in times)
    return ShownTimes(periods, cells, pd.DataFrame.from_dict(rows, orient="index"), "", measures)


def _calls(count: float, disclosure: Disclosure) -> str:
    return f"{int(count):,}" if disclosure.internal else count_range(count)


def _figure(found: Measures, key: str, disclosure: Disclosure) -> float:
    table = found.overall
    if disclosure.internal:
        return found.figure(key)
    return float(rounded(key, table, table["calls"].to_numpy())[0])


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
    times: ShownTimes, district_ids: pd.Index, hide: NDArray[np.bool_], disclosure: Disclosure
) -> dict[str, NDArray[np.float64]]:
    """Return the districts' figures by time, as columns.

    NaN in districts that have too few calls at some time.

    A district is shown at all times or at none, and calls outside all districts are one more part
    of every total.

    Parameters
    ----------
    hide
        (districts,) those whose figures of the whole week are not shown.
    disclosure
        An internal one shows all.
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
    unseen = hide if disclosure.internal else hidden_rows(counts, np.append(hide, False))[:-1]
    out = {}
    for (name, key), found in times.measures.items():
        table = found.by_district.reindex(district_ids)
        for figure in FIGURES:
            values = (
                table[figure].to_numpy(float)
                if disclosure.internal
                else rounded(figure, table, table["calls"].fillna(0).to_numpy())
            )
            out[f"{figure}_{name}@{key}"] = np.where(unseen, np.nan, values)
    return out
