"""A sweep's points as they may be shown.

Two of them differ in few calls, which exact figures would tell of.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from coresponse.coverage.demand import DemandCells
from coresponse.data.districts import Districts
from coresponse.data.figures.dictionary import Publication, figure_of_column
from coresponse.publish.city import CityRounding
from coresponse.sweep.answer import Answer, number
from coresponse.sweep.axes import busy_at
from coresponse.sweep.run import Swept
from coresponse.sweep.tidy import Point


def shown_points(swept: Swept, points: Sequence[Point], frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table of points with figures rounded.

    Which are efficient is said by what they were before.
    """
    cells = next(iter(swept.ground.tables.values())).cells
    calls, by_district = (
        int(cells.calls.sum()),
        _calls_by_district(cells, swept.ground.inputs.districts),
    )
    stated = {axis.name for axis in swept.grid.axes}
    out = frame.copy()
    for i, point in enumerate(points):
        whole = _whole(calls, point.answer)
        # one district has fewer calls than the city
        worst = CityRounding(by_district.get(point.answer.worst_district, 0), np.nan)
        for column in map(str, frame.columns):
            value: Any = frame.loc[i, column]
            if pd.notna(value) and column not in stated:
                out.loc[i, column] = _shown(
                    worst if column.startswith("worst") else whole, column, value, point.answer.unit
                )
    return out


def shown_busy(swept: Swept, point: Point) -> dict[str, float]:
    """Return the busy shares that a point was planned with.

    As stated, or, if they were measured, rounded.
    """
    shares = dict(point.answer.planned_busy_share)
    if busy_at(point.task.setting, swept.ground.inputs.program) is not None:
        return shares
    calls = int(next(iter(swept.ground.tables.values())).cells.calls.sum())
    return {name: _whole(calls, point.answer).busy(share) for name, share in shares.items()}


def _whole(calls: int, answer: Answer) -> CityRounding:
    return CityRounding(calls, answer.figures.get("calls_per_week") or 0.0)


def _calls_by_district(cells: DemandCells, districts: Districts | None) -> dict[str, int]:
    if districts is None:
        return {}
    ids = districts.frame["district_id"].astype(str)
    inside = cells.district >= 0
    counts = np.bincount(cells.district[inside], weights=cells.calls[inside], minlength=len(ids))
    return dict(zip(ids, counts.astype(int).tolist(), strict=True))


def _shown(rounding: CityRounding, column: str, value: Any, unit: str) -> Any:
    figure = figure_of_column(column)
    if figure.publication is Publication.COST:
        return number(rounding.cost(value, unit))
    if figure.publication in {Publication.FREE, Publication.PUBLISHED, Publication.THOUSANDS}:
        return value
    if figure.publication is Publication.BUSY_SHARE:
        return rounding.busy(float(value))
    if figure.unit == "s":
        return number(rounding.figure(figure.key, float(value) * 60) / 60)
    return number(rounding.figure(figure.key, value))
