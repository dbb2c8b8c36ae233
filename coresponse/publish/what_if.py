"""An answer of the what-if page as it may be shown."""

from __future__ import annotations

from typing import Any

import numpy as np

from coresponse.coverage.evaluation import Evaluation
from coresponse.coverage.measures import Measures
from coresponse.coverage.replay.replay_measures import ReplayMeasures
from coresponse.data.districts import Districts
from coresponse.data.figures.text import number
from coresponse.data.programs.cost import weekly_staff_hours
from coresponse.optimize.case import Case
from coresponse.publish.areas import map_cells
from coresponse.publish.call_outs import told_busy, told_cost
from coresponse.publish.city import CityRounding
from coresponse.publish.disclosure import PUBLIC
from coresponse.publish.not_known import range_sentence
from coresponse.publish.rounding import WAIT
from coresponse.publish.rungs import LEFT
from coresponse.publish.suppression import count_range

_FIGURES = (
    "share_in_time",
    "mean_with_fallback_s",
    "mean_s",
    "p90_s",
    "share_reached",
    "calls_per_week",
)
_AREAS = {"wait_s": "mean_with_fallback_s", "share_in_time": "share_in_time", "depth": "depth"}


def publish_what_if(case: Case, found: Evaluation) -> dict[str, Any]:
    """Return what a deployment does in a case, as plain data that may be shown: by replay, as a plan's.

    Parameters
    ----------
    found
        Its exact figures.
    """
    deployment, free, replay = found.deployment, found.nearest, found.replay
    districts, program = case.city.districts, case.program
    measured: Measures | ReplayMeasures = free if replay is None else replay
    rounding = PUBLIC.city(free.overall)
    met = None if replay is None else replay.met
    areas = map_cells(
        case.table,
        case.city.roads,
        {"plan": deployment},
        target_s=case.standard,
        replayed={} if met is None else {"plan": met},
    )
    cost = case.yearly_cost(deployment)
    called = told_cost(
        program,
        deployment,
        replay,
        rounding,
        planned=cost,
        budget=case.limits.budget_per_year,
    )
    return {
        "bought": [[*option, count] for option, count in deployment.counts],
        "figures": _overall(measured, rounding),
        "figures_if_free": _overall(free, rounding),
        "range": range_sentence(replay, rounding),
        "busy_share": {}
        if replay is None
        else {
            name: number(one)
            for name, one in told_busy(replay.busy_by_type, program, deployment, rounding).items()
        },
        "cost_per_year": number(cost, 7),
        "cost_as_called_per_year": number(called.mean, 7),
        "staff_hours_per_week": number(weekly_staff_hours(program, deployment), 7),
        "districts": _districts(districts, measured, free),
        "worst_district": measured.worst_district,
        "target_min": case.target_s / 60,
        "areas": {
            name: [number(v, 7) for v in areas[f"{column}_plan"]] for name, column in _AREAS.items()
        },
    }


def _overall(
    measured: Measures | ReplayMeasures, rounding: CityRounding
) -> dict[str, float | None]:
    row = measured.overall.iloc[0]

    def told(name: str) -> float:
        return rounding.replayed(name, float(row[name]))

    out = {name: number(told(name), 7) if name in row else None for name in _FIGURES}
    left = sum(told(name) for name in LEFT if name in row)
    return out | {"left_per_week": number(left, 7)}


def _districts(
    districts: Districts | None, measured: Measures | ReplayMeasures, free: Measures
) -> list[dict[str, Any]]:
    """Return districts with their figures.

    Those with so few calls that one could be picked out have none.
    """
    if districts is None:
        return []
    table = measured.by_district.reindex(free.by_district.index)
    calls = free.by_district["calls"].to_numpy().astype(np.int64)
    hide = PUBLIC.hides(calls)
    rounding = PUBLIC.city(free.overall)
    shares, waits = (rounding.groups(key, table, calls) for key in ("share_in_time", WAIT))
    rows = []
    for name, hid, count, share, wait in zip(table.index, hide, calls, shares, waits, strict=True):
        if name != "":
            figures = (None, None) if hid else (number(share, 7), number(wait, 7))
            said = "too few to show" if hid else count_range(int(count))
            rows.append(
                {"id": str(name), "calls": said, "share_in_time": figures[0], "wait_s": figures[1]}
            )
    return rows
