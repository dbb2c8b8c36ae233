"""Demand cells: expected calls a week by place, class and period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.data.calls.history import CallHistory
from coresponse.data.districts import Districts
from coresponse.data.errors import InputError
from coresponse.data.hours import HOURS_A_WEEK, Period, hour_of_week
from coresponse.data.programs.model import Program
from coresponse.data.roads.network import RoadNetwork


@dataclass(frozen=True, eq=False)
class DemandCells:
    """Expected calls a week by (network node, call class, period).

    Attributes
    ----------
    node
        (n,) int32 position in the road network.
    call_class
        (n,) int16 position in `class_names`.
    period
        (n,) int16 position in `periods`.
    district
        (n,) int32 position in the districts' frame, -1 where in none.
    calls_per_week
        (n,) float64, > 0.
    calls
        (n,) int64, the observed calls behind it, > 0.
    class_names
        The program's classes that some responder type is eligible for.
    class_weight
        (classes,) float64, how much a call counts in the objective.
    periods
        They cover the week once.
    weeks
        Length of the history.
    """

    node: NDArray[np.int32]
    call_class: NDArray[np.int16]
    period: NDArray[np.int16]
    district: NDArray[np.int32]
    calls_per_week: NDArray[np.float64]
    calls: NDArray[np.int64]
    class_names: tuple[str, ...]
    class_weight: NDArray[np.float64]
    periods: tuple[Period, ...]
    weeks: float

    @property
    def n(self) -> int:
        """Number of cells."""
        return len(self.node)

    @property
    def objective_weight(self) -> NDArray[np.float64]:
        """(n,) calls a week times the weight of their class."""
        return self.calls_per_week * self.class_weight[self.call_class]


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
    frame = calls.frame[calls.frame["call_class"].isin(names)]
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
    cells, count = np.unique(key, return_counts=True)
    node = (cells // (len(periods) * len(names))).astype(np.int32)
    district = np.full(len(node), -1, dtype=np.int32)
    if districts is not None:
        district = districts.locate(network.node_x[node], network.node_y[node])
    return DemandCells(
        node=node,
        call_class=(cells // len(periods) % len(names)).astype(np.int16),
        period=(cells % len(periods)).astype(np.int16),
        district=district,
        calls_per_week=count / (calls.days / 7),
        calls=count.astype(np.int64),
        class_names=names,
        class_weight=np.array([program.call_classes[name].weight for name in names]),
        periods=tuple(periods),
        weeks=calls.days / 7,
    )
