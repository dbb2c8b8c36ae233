"""Whose calls a goal looks at: all, those of each district, those of each class."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.cells import DemandCells, ResponseTable
from coresponse.coverage.few_calls import hidden_parts
from coresponse.coverage.living_areas import LivingAreas
from coresponse.data.districts import Districts
from coresponse.data.errors import InputError
from coresponse.data.standards import Standard
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
    by_standard
        The same calls by their standard: for each of :attr:`Demand.standards_s` (groups, columns);
        empty where one standard holds for all.
    ids
        What else a planner may call each by; empty: nothing.
    whole
        (columns,) calls whose mean a group's gap is to, where these are not all calls alike: each
        weighed by who of all residents lives in its area.
    """

    names: tuple[str, ...]
    calls: NDArray[np.float64]
    observed: NDArray[np.int64]
    by_standard: tuple[NDArray[np.float64], ...] = ()
    ids: tuple[str, ...] = ()
    whole: NDArray[np.float64] | None = None

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

    def looked_at(self, min_calls: int, only: Collection[str] = ()) -> list[int]:
        """Return positions of groups with calls, and with so many observed.

        Parameters
        ----------
        only
            Names or ids of the groups that count; none: all do.

        Raises
        ------
        InputError
            If there is no group of a name.
        """
        unknown = sorted(set(only) - set(self.names) - set(self.ids))
        if unknown:
            raise InputError(
                f"a floor is under {', '.join(unknown)}, which is not there -- there are: "
                f"{', '.join(self.names[:20])}"
            )
        return [
            g
            for g, name in enumerate(self.names)
            if self.observed[g] >= min_calls
            and self.calls[g].sum() > 0
            and (not only or name in only or (bool(self.ids) and self.ids[g] in only))
        ]


@dataclass(frozen=True, eq=False)
class Demand:
    """Calls of a problem's columns.

    A call counts once here, whatever its class weighs in the objective.

    Attributes
    ----------
    calls
        (columns,) calls a week.
    standards_s
        The different standards of calls, where they differ by area or class; else empty.
    calls_by_standard, weight_by_standard
        (standards, columns) calls a week, and weights in the objective, of each standard.
    agency
        By agency; None: there is one.
    group
        Calls weighed by who of each group of residents lives in their area; None if not known.
    district, call_class
        By district (calls outside all of them are in no group) and by class; None if they are not
        known.
    """

    calls: NDArray[np.float64]
    district: Groups | None = None
    call_class: Groups | None = None
    group: Groups | None = None
    agency: Groups | None = None
    standards_s: tuple[float, ...] = ()
    calls_by_standard: tuple[NDArray[np.float64], ...] = ()
    weight_by_standard: tuple[NDArray[np.float64], ...] = ()

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
            return Groups(
                ("all calls",),
                self.calls[None, :],
                np.array([np.iinfo(np.int64).max]),
                tuple(one[None, :] for one in self.calls_by_standard),
            )
        if by == "group" and self.group is None:
            raise InputError(
                "the goal looks at groups of residents, and nobody said where they live -- give "
                "the study its residents: [residents] file and groups"
            )
        known = {
            "district": self.district,
            "class": self.call_class,
            "group": self.group,
            "agency": self.agency,
        }
        groups = known[by]
        if by == "agency" and groups is None:
            raise InputError(
                "the goal looks at each agency, and nobody said whose posts and districts are -- "
                "give the study its [agencies]"
            )
        if groups is None:
            raise InputError(
                f"the goal looks at each {by}, and calls by {by} are not known -- give the study "
                f"its {by}s"
            )
        return groups


def demand_from(
    table: ResponseTable,
    problem: Problem,
    districts: Districts | None = None,
    standards: Standard | None = None,
    living: LivingAreas | None = None,
) -> Demand:
    """Return the calls behind a problem that was stated for a table.

    Parameters
    ----------
    districts
        Those that the table's demand cells were made with.
    standards
        By area and class; None: one standard holds for all calls.
    living
        Where groups of residents live; None: nobody looks at them.

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
    within_s = np.zeros(cells.n)
    if standards is not None:
        within_s = standards.of(cells.district, cells.call_class, cells.class_names)
    levels = np.unique(within_s)
    parts = [] if standards is None else [within_s == s for s in levels]
    split = _Split(cells, column, n_columns, parts)
    by_class = split.groups(cells.call_class.astype(np.int64), cells.class_names)
    by_district = None
    if districts is not None:
        ids = districts.frame["district_id"].astype(str).tolist()
        own = split.groups(
            cells.district.astype(np.int64), told_districts(ids, districts.frame["name"])
        )
        by_district = replace(own, ids=tuple(ids))
    by_agency = None
    if table.agencies is not None:
        whose = table.agencies.column[table.column].astype(np.int64)
        by_agency = split.groups(whose, table.agencies.names)
    return Demand(
        split.sums(cells.calls_per_week),
        by_district,
        by_class,
        None if living is None else split.residents(living),
        by_agency,
        tuple(levels.tolist()) if parts else (),
        tuple(split.sums(np.where(one, cells.calls_per_week, 0.0)) for one in parts),
        tuple(split.sums(np.where(one, cells.objective_weight, 0.0)) for one in parts),
    )


def told_districts(ids: Sequence[str], names: Iterable[str]) -> list[str]:
    """Return what people call districts: by name, with the id where two have one name."""
    told = [str(name).removeprefix("District ") for name in names]
    return [
        f"{name} ({id_})" if told.count(name) > 1 and name != id_ else name
        for id_, name in zip(ids, told, strict=True)
    ]


@dataclass(frozen=True, eq=False)
class _Split:
    """Demand cells put into a problem's columns, in parts by their standard."""

    cells: DemandCells
    column: NDArray[np.integer]
    n_columns: int
    parts: Sequence[NDArray[np.bool_]]

    def sums(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add up a value of cells by column."""
        found = np.bincount(self.column, weights=value, minlength=self.n_columns)
        return np.asarray(found, dtype=np.float64)

    def groups(self, group: NDArray[np.int64], names: Sequence[str]) -> Groups:
        """Return groups of cells."""
        cells, n = self.cells, len(names)
        inside = group >= 0
        observed = np.bincount(group[inside], weights=cells.calls[inside], minlength=n)
        return Groups(
            tuple(names),
            self._calls(group, inside, n),
            observed.astype(np.int64),
            tuple(self._calls(group, inside & part, n) for part in self.parts),
        )

    def _calls(
        self, group: NDArray[np.int64], inside: NDArray[np.bool_], n: int
    ) -> NDArray[np.float64]:
        calls = np.zeros((n, self.n_columns))
        np.add.at(calls, (group[inside], self.column[inside]), self.cells.calls_per_week[inside])
        return calls

    def residents(self, living: LivingAreas) -> Groups:
        """Return groups of residents: the calls of an area weigh as many of the group as live there.

        A group of few residents counts as one of few calls.
        """
        cells, area = self.cells, living.area_of_node[self.cells.node]
        calls = np.bincount(area, weights=cells.calls_per_week, minlength=living.n)
        weight = living.per_call(calls.astype(np.float64))
        of_cell = weight[:, area] * cells.calls_per_week
        people = np.minimum(living.calls_behind[1:], living.residents[1:].sum(axis=1))
        of_all = living.per_call_of_all(calls.astype(np.float64))[area] * cells.calls_per_week
        return Groups(
            tuple(group.key for group in living.groups),
            np.array([self.sums(row) for row in of_cell]).reshape(len(of_cell), self.n_columns),
            people.astype(np.int64),
            tuple(
                np.array([self.sums(np.where(part, row, 0.0)) for row in of_cell]).reshape(
                    len(of_cell), self.n_columns
                )
                for part in self.parts
            ),
            whole=self.sums(of_all),
        )
