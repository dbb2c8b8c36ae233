"""Areas, districts and figures of a plan and today, and of the times of the week, as maps show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.evaluation import Evaluation
from coresponse.coverage.replay.calls_met import paired_differences
from coresponse.coverage.replay.met import CallsMet
from coresponse.data.figures.rows import MapPeriod
from coresponse.data.options import Deployment
from coresponse.data.programs.model import Program
from coresponse.publish.areas import map_cells, map_cells_by_time
from coresponse.publish.changes import COLUMNS, WORDS, signs, words
from coresponse.publish.disclosure import Disclosure
from coresponse.publish.ground import on_known_ground
from coresponse.publish.places import DistrictsPublication, MapPublication
from coresponse.publish.rounding import WAIT, rounded
from coresponse.publish.standards import standard_words
from coresponse.publish.suppression import count_range, hidden_rows
from coresponse.publish.times_of_week import Time, times_shown
from coresponse.questions.answer import Plan

# Of districts and of all calls, at each time.
FIGURES = (WAIT, "mean_s", "p90_s", "share_in_time")

DISTRICT_FIGURES = (WAIT, "mean_s", "p90_s", "share_in_time", "share_reached")


def publish_map(
    plan: Plan,
    deployments: Mapping[str, Deployment],
    districts: DistrictsPublication | None,
    disclosure: Disclosure,
) -> MapPublication:
    """Gather what a map may show of a plan and today, and of the times of the week; why, if nothing of these.

    Figures are of the replay that the headline is of.

    Parameters
    ----------
    districts
        Today beside the plan, whose words of the change the map has too.
    """
    case, table = plan.case, plan.table
    met = replayed_calls(plan, deployments)
    cells = map_cells(
        table,
        case.city.roads,
        deployments,
        target_s=case.standard,
        replayed=met,
        disclosure=disclosure,
    )
    cells = on_known_ground(cells, case.city, table.cells, disclosure)
    of_districts = _Districts(plan, met, districts, disclosure)
    times, why = times_shown(
        case.city.stated_periods, table.cells, min_calls=disclosure.least_calls
    )
    if not times:
        return MapPublication(cells, of_districts.frame({}), no_periods=why)
    by_time = {time: {name: one.during(time.hours) for name, one in met.items()} for time in times}
    larger = map_cells_by_time(
        table,
        case.city.roads,
        deployments,
        {time.key: time.inside for time in times},
        target_s=case.standard,
        replayed={time.key: found for time, found in by_time.items()},
        disclosure=disclosure,
    )
    if larger.empty:
        why = "Times of the week cannot be chosen: too few calls to show areas by time."
        return MapPublication(cells, of_districts.frame({}), no_periods=why)
    return MapPublication(
        cells,
        of_districts.frame(by_time),
        tuple(_period(time, case.program) for time in times),
        on_known_ground(larger, case.city, table.cells, disclosure),
        pd.DataFrame.from_dict(
            {time.key: _row(plan, time, found, disclosure) for time, found in by_time.items()},
            orient="index",
        ),
    )


def replayed_calls(plan: Plan, deployments: Mapping[str, Deployment]) -> dict[str, CallsMet]:
    """Return what became of the calls by deployment, the same calls for all; empty if all are empty."""
    found = {
        name: replay.met
        for name in deployments
        if (replay := plan.evaluations[name].replay) is not None and replay.met is not None
    }
    some = next(iter(found.values()), None)
    if some is None:
        return {}
    return {name: found.get(name) or some.unanswered() for name in deployments}


def _row(
    plan: Plan, time: Time, found: Mapping[str, CallsMet], disclosure: Disclosure
) -> dict[str, float | str]:
    """Return the figures of a time, of all calls."""
    count = int(plan.table.cells.calls[time.inside].sum())
    out: dict[str, float | str] = {"calls_band": _calls(count, disclosure)}
    for name, met in found.items():
        table = met.figures(np.zeros(len(met.node), dtype=np.int64), 1, quantiles=True)
        out |= {f"{f}_{name}": float(_values(table, f, [count], disclosure)[0]) for f in FIGURES}
    return out


def _calls(count: int, disclosure: Disclosure) -> str:
    return f"{count:,}" if disclosure.internal else count_range(count)


def _values(
    table: pd.DataFrame, key: str, calls: Sequence[int] | NDArray[np.int64], disclosure: Disclosure
) -> NDArray[np.float64]:
    if disclosure.internal:
        return table[key].to_numpy(dtype=np.float64)
    return rounded(key, table, np.asarray(calls))


@dataclass(frozen=True, eq=False)
class _Districts:
    """Districts with their figures; those with too few calls have none."""

    plan: Plan
    met: Mapping[str, CallsMet]
    compared: DistrictsPublication | None
    disclosure: Disclosure

    def frame(self, by_time: Mapping[Time, Mapping[str, CallsMet]]) -> gpd.GeoDataFrame | None:
        """Return them, with figures of the times too; None without districts."""
        districts = self.plan.case.city.districts
        if districts is None:
            return None
        frame = districts.frame.copy()
        index = pd.Index(frame["district_id"].astype(str))
        seen = self.plan.measures["plan"].by_district["calls"]
        calls = seen.reindex(index, fill_value=0).to_numpy().astype(np.int64)
        # calls outside all districts are one more part of the total
        hide = self.disclosure.hides([*calls.tolist(), int(seen.get("", 0))])[:-1]
        agencies = self.plan.case.city.agencies
        if agencies is not None:
            frame["agency"] = [agencies.names[k] for k in agencies.of_district]
        standard = self.plan.case.standards
        if standard is not None:
            frame["area"] = [
                standard.areas[k].name if k >= 0 else "" for k in standard.area_of_district
            ]
            frame["standard"] = [
                standard_words(standard.areas[k]) if k >= 0 else ""
                for k in standard.area_of_district
            ]
        if self.disclosure.internal:
            frame["calls"] = calls
        frame["calls_band"] = self.disclosure.ranges(calls, hide)
        for name in self.plan.measures:
            table = _by_district(self.plan.evaluations[name]).reindex(index)
            for key in DISTRICT_FIGURES:
                values = _values(table, key, calls, self.disclosure)
                frame[f"{key}_{name}"] = np.where(hide, np.nan, values)
        if {"plan", "today"} <= set(self.met):
            frame[COLUMNS[WAIT]], frame[COLUMNS["share_in_time"]] = self._changes(
                frame, self.met, "", hide
            )
            if self.compared is not None and self.compared.compared is not None:
                # the report's own words, to the letter
                told = {name: -one.verdict for name, one in self.compared.compared.items()}
                frame[COLUMNS[WAIT]] = [
                    WORDS[WAIT][told[name]] if name in told else "" for name in index
                ]
        if by_time:
            self._add_times(frame, by_time, hide)
        return frame

    def _add_times(
        self,
        frame: gpd.GeoDataFrame,
        by_time: Mapping[Time, Mapping[str, CallsMet]],
        hide: NDArray[np.bool_],
    ) -> None:
        parts = len(frame) + 1
        cells = self.plan.table.cells
        counts = np.stack(
            [
                np.bincount(
                    cells.district[time.inside] % parts,  # outside all: -1, the last
                    weights=cells.calls[time.inside],
                    minlength=parts,
                )
                for time in by_time
            ],
            axis=1,
        ).astype(np.int64)
        hidden = _hidden_at_times(counts, hide, self.disclosure)
        for (time, found), calls in zip(by_time.items(), counts.T, strict=True):
            for name, met in found.items():
                table = met.figures(met.district % parts, parts, quantiles=True)
                for figure in FIGURES:
                    values = _values(table, figure, calls, self.disclosure)[:-1]
                    frame[f"{figure}_{name}@{time.key}"] = np.where(hidden, np.nan, values)
            if {"plan", "today"} <= set(found):
                said = self._changes(frame, found, f"@{time.key}", hidden)
                for key, column in zip((WAIT, "share_in_time"), said, strict=True):
                    frame[f"{COLUMNS[key]}@{time.key}"] = column

    def _changes(
        self,
        frame: gpd.GeoDataFrame,
        found: Mapping[str, CallsMet],
        suffix: str,
        hide: NDArray[np.bool_],
    ) -> tuple[list[str], list[str]]:
        """Say of each district what becomes of its wait and of its share in time."""
        plan, n = found["plan"], len(frame)
        apart = paired_differences(plan, found["today"], plan.district, n)
        out = []
        for key in (WAIT, "share_in_time"):
            shown = (frame[f"{key}_{name}{suffix}"].to_numpy(float) for name in ("plan", "today"))
            change = np.where(hide, np.nan, np.subtract(*shown))
            low, high = (apart[key][end].to_numpy() for end in ("low", "high"))
            out.append(words(key, signs(key, change, low, high), change))
        return out[0], out[1]


def _by_district(found: Evaluation) -> pd.DataFrame:
    """Return a deployment's figures by district: of the replay, or where nobody is in place of what follows."""
    return (found.nearest if found.replay is None else found.replay).by_district


def _hidden_at_times(
    counts: NDArray[np.int64], hide: NDArray[np.bool_], disclosure: Disclosure
) -> NDArray[np.bool_]:
    """Say which districts have no figures by time: a district is shown at all times or at none.

    Parameters
    ----------
    counts
        (districts and outside all, times).
    """
    if disclosure.internal:
        return hide
    return hidden_rows(counts, np.append(hide, False))[:-1]


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
