"""An answer of the what-if page as it may be shown."""

from __future__ import annotations

from typing import Any

import numpy as np

from coresponse.coverage.call_outs import cost_as_found, further_cost
from coresponse.coverage.measures import Measures, measure
from coresponse.coverage.queueing.judge import QueueingMeasures
from coresponse.data.districts import Districts
from coresponse.data.figures.text import number
from coresponse.data.options import Deployment
from coresponse.data.programs.cost import weekly_staff_hours, yearly_cost
from coresponse.optimize.case import Case
from coresponse.publish.areas import map_cells
from coresponse.publish.disclosure import PUBLIC
from coresponse.publish.rounding import WAIT, rounded
from coresponse.publish.suppression import count_range

_FIGURES = (
    "share_in_time",
    "mean_with_fallback_s",
    "mean_s",
    "p90_s",
    "share_reached",
    "calls_per_week",
)
_LEFT = ("closed_per_week", "busy_per_week", "out_of_reach_per_week")


def publish_what_if(
    case: Case, deployment: Deployment, busy: QueueingMeasures | None
) -> dict[str, Any]:
    """Return what a deployment does in a case, as plain data that may be shown.

    Parameters
    ----------
    busy
        Its exact figures with busy units; None if nobody is in place.
    """
    districts, program = case.city.districts, case.program
    free = measure(case.table, deployment, target_s=case.target_s, districts=districts)
    measured: Measures | QueueingMeasures = free if busy is None else busy
    areas = map_cells(case.table, case.city.roads, {"plan": deployment}, target_s=case.target_s)
    cost = yearly_cost(program, deployment)
    as_called = None
    if busy is not None:
        further = further_cost(program, deployment, busy.calls_by_type())
        as_called = number(cost_as_found(cost, further), 7)
    return {
        "bought": [[*option, count] for option, count in deployment.counts],
        "figures": _overall(measured),
        "figures_if_free": _overall(free),
        "busy_share": {}
        if busy is None
        else {n: number(PUBLIC.city(busy.overall).busy(v)) for n, v in busy.busy_share.items()},
        "cost_per_year": number(cost, 7),
        "cost_as_called_per_year": as_called,
        "staff_hours_per_week": number(weekly_staff_hours(program, deployment), 7),
        "districts": _districts(districts, measured),
        "worst_district": measured.worst_district,
        "target_min": case.target_s / 60,
        "areas": {
            name: [number(v, 7) for v in areas[f"{name}_plan"]]
            for name in ("mean_s", "share_in_time", "depth")
        },
    }


def _overall(measured: Measures | QueueingMeasures) -> dict[str, float | None]:
    row, whole = measured.overall.iloc[0], PUBLIC.city(measured.overall)
    out = {
        name: number(whole.figure(name, float(row[name])), 7) if name in row else None
        for name in _FIGURES
    }
    left = sum(whole.figure(name, float(row[name])) for name in _LEFT if name in row)
    return out | {"left_per_week": number(left, 7)}


def _districts(
    districts: Districts | None, measured: Measures | QueueingMeasures
) -> list[dict[str, Any]]:
    """Return districts with their figures.

    Those with so few calls that one could be picked out have none.
    """
    if districts is None:
        return []
    table = measured.by_district
    calls = table["calls"].to_numpy().astype(np.int64)
    hide = PUBLIC.hides(calls)
    shares, waits = (rounded(key, table, calls) for key in ("share_in_time", WAIT))
    rows = []
    for name, hid, count, share, wait in zip(table.index, hide, calls, shares, waits, strict=True):
        if name != "":
            figures = (None, None) if hid else (number(share, 7), number(wait, 7))
            said = "too few to show" if hid else count_range(int(count))
            rows.append(
                {"id": str(name), "calls": said, "share_in_time": figures[0], "wait_s": figures[1]}
            )
    return rows
