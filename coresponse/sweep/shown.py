"""A sweep's points as they may be shown.

Two of them differ in few calls, which exact figures would tell of.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from coresponse.coverage.demand import DemandCells
from coresponse.coverage.suppress import WAIT
from coresponse.coverage.whole_city import WholeCity
from coresponse.data.districts import Districts
from coresponse.sweep.answer import Answer, number
from coresponse.sweep.axes import busy_at
from coresponse.sweep.run import Swept
from coresponse.sweep.tables import figures
from coresponse.sweep.tidy import Point

COSTS = ("objective", "bound", "score")

OF_A_JUDGE = frozenset(figures({}))


def shown_points(swept: Swept, points: Sequence[Point], frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table of points with figures rounded.

    Which are efficient is said by what they were before.
    """
    cells = next(iter(swept.ground.tables.values())).cells
    calls, by_district = (
        int(cells.calls.sum()),
        _calls_by_district(cells, swept.ground.inputs.districts),
    )
    out = frame.copy()
    for i, point in enumerate(points):
        whole = _whole(calls, point.answer)
        # one district has fewer calls than the city
        worst = WholeCity(by_district.get(point.answer.worst_district, 0), np.nan)
        for column in map(str, frame.columns):
            value: Any = frame.loc[i, column]
            if pd.notna(value):
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


def _whole(calls: int, answer: Answer) -> WholeCity:
    return WholeCity(calls, answer.figures.get("calls_per_week") or 0.0)


def _calls_by_district(cells: DemandCells, districts: Districts | None) -> dict[str, int]:
    if districts is None:
        return {}
    ids = districts.frame["district_id"].astype(str)
    inside = cells.district >= 0
    counts = np.bincount(cells.district[inside], weights=cells.calls[inside], minlength=len(ids))
    return dict(zip(ids, counts.astype(int).tolist(), strict=True))


def _shown(whole: WholeCity, column: str, value: Any, unit: str) -> Any:
    if column in COSTS:
        return number(whole.cost(value, unit))
    if column.startswith("busy_share_"):
        return whole.busy(float(value))
    name = column.removesuffix("_if_free")
    if name not in OF_A_JUDGE:
        return value
    if not name.endswith("_min"):
        return number(whole.figure(name, value))
    # the worst district's is a mean wait, too
    figure = WAIT if name.startswith("worst") else f"{name[:-4]}_s"
    return number(whole.figure(figure, float(value) * 60) / 60)
