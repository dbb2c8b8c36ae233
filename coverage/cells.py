"""Demand by cell, and how soon each post's responders come to it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.table_agencies import TableAgencies
from coresponse.data.errors import InputError
from coresponse.data.hours import Period
from coresponse.data.options import Deployment, Option


@dataclass(frozen=True, eq=False)
class DemandCells:
    """Expected calls a week by (network node, call class, period).

    Attributes
    ----------
    node
        (n,) int32 place on the road network: a crossing, or a point along a road.
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
    if_few, if_many
        (n,) factors on `calls_per_week` at the low and the high end of the natures' shares; None:
        no nature has a range. An observed call that may be of two classes is behind the cells of
        both.
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
    if_few: NDArray[np.float64] | None = None
    if_many: NDArray[np.float64] | None = None

    def at(self, hidden: float) -> DemandCells:
        """Return the demand if hidden calls are few (0), as planned with (0.5) or many (1): natures hold shares as ranges.

        Draw one number for all natures, or step through it, for the part of a band that nobody's
        codes can tell.
        """
        if self.if_few is None or self.if_many is None:
            return self
        # a cell of hidden calls alone may come to nothing, but demand is above 0
        factor = np.maximum(self.if_few + hidden * (self.if_many - self.if_few), 1e-9)
        return replace(self, calls_per_week=self.calls_per_week * factor, if_few=None, if_many=None)

    @property
    def n(self) -> int:
        """Number of cells."""
        return len(self.node)

    @property
    def objective_weight(self) -> NDArray[np.float64]:
        """(n,) calls a week times the weight of their class."""
        return self.calls_per_week * self.class_weight[self.call_class]


@dataclass(frozen=True, eq=False)
class ResponseTable:
    """Response time per option and demand cell.

    Cells that every option sees alike (one node, the same types eligible, the same patterns on
    duty, the same speed) share a column: nothing is lost, and the table stays small.

    Attributes
    ----------
    options
        Sorted.
    cells
        The demand cells.
    column
        (cells,) int32: each cell's column.
    response_s
        (options, columns) float32 seconds; inf where the option is off duty, not eligible, or
        cannot get there in the time limit of the travel search.
    group
        (options,) int32: options of one (type, pattern) are one group.
    serves
        (groups, columns) bool: eligible and on duty, wherever the post is.
    column_node
        (columns,) int32.
    fallback_s
        What a call counts as waiting when nobody can come, in seconds.
    agencies
        Whose options and columns are; None: there is one agency.
    """

    options: tuple[Option, ...]
    cells: DemandCells
    column: NDArray[np.int32]
    response_s: NDArray[np.float32]
    group: NDArray[np.int32]
    serves: NDArray[np.bool_]
    column_node: NDArray[np.int32]
    fallback_s: float
    agencies: TableAgencies | None = None

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return len(self.column_node)

    def on_duty(self, rows: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Return (columns,) whether some option of these rows is eligible, on duty, and may be sent, however far it is."""
        groups = self.group[rows]
        if self.agencies is None or self.agencies.sharing != "own":
            return np.asarray(np.logical_or.reduce(self.serves[np.unique(groups)], axis=0))
        out = np.zeros(self.n_columns, dtype=bool)
        whose = self.agencies.option[rows]
        for group, agency in np.unique(np.stack([groups, whose]), axis=1).T.tolist():
            out |= self.serves[group] & (self.agencies.column == agency)
        return out

    def rows(self, deployment: Deployment) -> NDArray[np.int64]:
        """Return the row of each option in place, in the deployment's order.

        Raises
        ------
        InputError
            If the deployment has an option that the table lacks.
        """
        position = {option: i for i, option in enumerate(self.options)}
        missing = [option for option, _ in deployment.counts if option not in position]
        if missing:
            raise InputError(
                f"deployment {deployment.name}: no such option: {', '.join(map(str, missing[:5]))}"
            )
        return np.array([position[option] for option, _ in deployment.counts], dtype=np.int64)
