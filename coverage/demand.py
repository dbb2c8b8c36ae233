"""Demand cells: expected calls a week by place, class and period."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from coresponse.coverage.cells import DemandCells
from coresponse.coverage.noted import noted_in_part, noted_rows
from coresponse.data.calls.history import CallHistory
from coresponse.data.districts import Districts
from coresponse.data.errors import InputError
from coresponse.data.hours import HOURS_A_WEEK, Period, hour_of_week
from coresponse.data.programs.model import Program
from coresponse.data.programs.natures import class_shares
from coresponse.data.roads.network import RoadNetwork


def eligible_classes(program: Program) -> tuple[str, ...]:
    """Return the classes that some responder type may be sent to, in the program's order."""
    used = {name for kind in program.responder_types.values() for name in kind.eligible}
    return tuple(name for name in program.call_classes if name in used)


def demand_cells(
    calls: CallHistory,
    program: Program,
    network: RoadNetwork,
    *,
    periods: Sequence[Period],
    districts: Districts | None = None,
) -> DemandCells:
    """Count past calls by node, class and period of the week, as calls a week over the length of the history.

    A nature that belongs to a class by a share counts with the middle of its range.

    Parameters
    ----------
    calls
        Past calls on the network; classes that nobody is eligible for are left out.
    periods
        They cover the week once.

    Raises
    ------
    InputError
        If no call is of a class that any responder type may be sent to.
    """
    names = eligible_classes(program)
    frame = rows_by_class(calls.frame, program, names)
    if frame.empty:
        raise InputError(
            f"no call is of a class that a responder type may be sent to ({', '.join(names)}) -- "
            "look at the natures that "
            "no class takes (coresponse check) and add rules to the program's call_classes"
        )
    period_of_hour = np.empty(HOURS_A_WEEK, dtype=np.int64)
    for i, period in enumerate(periods):
        period_of_hour[list(period.hours.hours)] = i
    received = frame["received_at"].dt
    hour = hour_of_week(received.day_of_week.to_numpy(), received.hour.to_numpy())
    code = {name: i for i, name in enumerate(names)}
    kind = frame["call_class"].map(code).to_numpy().astype(np.int64)
    key = (frame["node"].to_numpy().astype(np.int64) * len(names) + kind) * len(
        periods
    ) + period_of_hour[hour]
    cells, of_row, count = np.unique(key, return_inverse=True, return_counts=True)
    few, middle, many = (
        np.bincount(of_row, weights=frame[name].to_numpy()) for name in ("low", "middle", "high")
    )
    ranged = bool((few != middle).any() or (many != middle).any())
    node = (cells // (len(periods) * len(names))).astype(np.int32)
    district = np.full(len(node), -1, dtype=np.int32)
    if districts is not None:
        district = districts.locate(*network.place_xy(node))
    return DemandCells(
        node=node,
        call_class=(cells // len(periods) % len(names)).astype(np.int16),
        period=(cells % len(periods)).astype(np.int16),
        district=district,
        calls_per_week=middle / (calls.days / 7),
        calls=count.astype(np.int64),
        class_names=names,
        class_weight=np.array([program.call_classes[name].weight for name in names]),
        periods=tuple(periods),
        weeks=calls.days / 7,
        if_few=few / middle if ranged else None,
        if_many=many / middle if ranged else None,
    )


def has_shares(program: Program, frame: pd.DataFrame) -> bool:
    """Whether some calls are of a class by a share only: by their nature's, or since nobody noted what they were."""
    if any(found.nature_shares for found in program.call_classes.values()):
        return True
    return "mental_health" in frame and noted_in_part(frame["mental_health"])


def rows_by_class(frame: pd.DataFrame, program: Program, names: Sequence[str]) -> pd.DataFrame:
    """Return one row a call and eligible class that it may be of, with its share: `low`, `middle`, `high`."""
    if not has_shares(program, frame):
        return frame[frame["call_class"].isin(names)].assign(low=1.0, middle=1.0, high=1.0)
    if "mental_health" in frame and (frame["mental_health"] != "").any():
        return noted_rows(frame, program, names)
    shares = class_shares(frame["nature"], program)
    shares = shares[shares["call_class"].isin(names) & (shares["middle"] > 0)]
    # the order of the rows does not matter: they are counted by cell
    return frame.drop(columns="call_class").merge(shares, on="nature")
