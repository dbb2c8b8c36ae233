"""Whose calls a goal looks at: all, those of each district, those of each class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.demand import DemandCells
from coresponse.coverage.few_calls import hidden_parts
from coresponse.coverage.response import ResponseTable
from coresponse.data.districts import Districts
from coresponse.data.errors import InputError
from coresponse.optimize.build import demand_columns
from coresponse.optimize.goals.goal import By
from coresponse.optimize.problem import Problem


@dataclass(frozen=True, eq=False)
class Groups:
    """Calls by group.

    Attributes
    ----------
    names
        Of the groups.
    calls
        (groups, columns) float64: calls a week of each group in each of the problem's columns.
    observed
        (groups,) int64: observed calls behind them.
    """

    names: tuple[str, ...]
    calls: NDArray[np.float64]
    observed: NDArray[np.int64]

    def __post_init__(self) -> None:
        if len(self.calls) != len(self.names) or self.observed.shape != (len(self.names),):
            raise InputError(
                f"{len(self.names)} groups need as many rows of calls and as many observed calls"
            )
        if not (np.isfinite(self.calls).all() and (self.calls >= 0).all()):
            raise InputError("calls of groups must be 0 or more")

    @cached_property
    def hidden(self) -> NDArray[np.bool_]:
        """(groups,) whether too few calls are behind a group, or so few that it would give another away."""
        return hidden_parts(self.observed)

    def looked_at(self, min_calls: int) -> list[int]:
        """Return positions of groups with calls, and with so many observed."""
        return [
            g
            for g in range(len(self.names))
            if self.observed[g] >= min_calls and self.calls[g].sum() > 0
        ]


@dataclass(frozen=True, eq=False)
class Demand:
    """Calls of a problem's columns.

    A call counts once here, whatever its class weighs in the objective.

    Attributes
    ----------
    calls
        (columns,) calls a week.
    district, call_class
        By district (calls outside all of them are in no group) and by class; None if they are not
        known.
    """

    calls: NDArray[np.float64]
    district: Groups | None = None
    call_class: Groups | None = None

    @classmethod
    def of(cls, problem: Problem) -> Demand:
        """Take a problem's weights for its calls."""
        return cls(problem.weight)

    def by(self, by: By) -> Groups:
        """Return the groups.

        Raises
        ------
        InputError
            If they are not known.
        """
        if by == "all":
            return Groups(("all calls",), self.calls[None, :], np.array([np.iinfo(np.int64).max]))
        groups = self.district if by == "district" else self.call_class
        if groups is None:
            raise InputError(
                f"the goal looks at each {by}, and calls by {by} are not known -- give the study "
                f"its {by}s"
            )
        return groups


def demand_from(
    table: ResponseTable, problem: Problem, districts: Districts | None = None
) -> Demand:
    """Return the calls behind a problem that was stated for a table.

    Parameters
    ----------
    districts
        Those that the table's demand cells were made with.

    Raises
    ------
    InputError
        If the problem is not one of this table.
    """
    column = demand_columns(table, by_period=problem.column_period is not None).of_cell
    cells, n_columns = table.cells, problem.n_columns
    if int(column.max(initial=-1)) + 1 != n_columns:
        raise InputError(
            f"a problem of {n_columns} columns was not stated for a table of {table.n_columns}"
        )
    by_class = _groups(
        cells, column, n_columns, cells.call_class.astype(np.int64), cells.class_names
    )
    by_district = None
    if districts is not None:
        names = districts.frame["district_id"].astype(str).tolist()
        by_district = _groups(cells, column, n_columns, cells.district.astype(np.int64), names)
    calls = np.bincount(column, weights=cells.calls_per_week, minlength=n_columns)
    return Demand(np.asarray(calls, dtype=np.float64), by_district, by_class)


def _groups(
    cells: DemandCells,
    column: NDArray[np.integer],
    n_columns: int,
    group: NDArray[np.int64],
    names: Sequence[str],
) -> Groups:
    calls = np.zeros((len(names), n_columns))
    inside = group >= 0
    np.add.at(calls, (group[inside], column[inside]), cells.calls_per_week[inside])
    observed = np.bincount(group[inside], weights=cells.calls[inside], minlength=len(names)).astype(
        np.int64
    )
    return Groups(tuple(names), calls, observed)
