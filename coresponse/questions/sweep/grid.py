"""The points of a sweep: limits along one or two axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan
from typing import Any, Literal

from coresponse.data.errors import InputError
from coresponse.data.hours import WeekHours
from coresponse.data.limits import Limits

# Value by axis.
Setting = Mapping[str, float]

Mode = Literal[
    "re-optimized", "nested", "phase", "last phase alone", "phase toward the last", "today"
]


@dataclass(frozen=True)
class Task:
    """One point.

    Attributes
    ----------
    mode
        ``re-optimized``: the best that there is; ``nested``: what was bought one value below stays;
        ``phase``: a year of an expansion, what was bought the year before stays; ``last phase
        alone``: the last year's best, whatever the years before; ``phase toward the last``: a year
        in which only what that plan has is bought.
    setting
        Value by axis.
    limits
        With the setting's values.
    start
        Position of the task whose answer the search starts from.
    stays
        Position of the task whose responders stay.
    only
        Position of the task that has all responders that may be bought.
    label
        Of a phase.
    """

    mode: Mode
    setting: Mapping[str, float]
    limits: Limits
    start: int | None = None
    stays: int | None = None
    only: int | None = None
    label: str = ""

    @property
    def after(self) -> tuple[int, ...]:
        """Tasks that must be finished first."""
        return tuple(sorted({i for i in (self.start, self.stays, self.only) if i is not None}))


@dataclass(frozen=True)
class Grid:
    """All tasks of a sweep; each comes after those it needs."""

    axes: tuple[Axis, ...]
    tasks: tuple[Task, ...] = field(repr=False)

    @property
    def row_axis(self) -> int | None:
        """Position of the axis that rows walk along; None without axes."""
        return row_axis(self.axes)


def row_axis(axes: Sequence[Axis]) -> int | None:
    """Choose the axis that rows walk along.

    The first limit whose larger values allow more, else the first.
    """
    relaxing = [i for i, axis in enumerate(axes) if axis.relaxing]
    return relaxing[0] if relaxing else 0 if axes else None


@dataclass(frozen=True)
class Axis:
    """One thing that is varied.

    Attributes
    ----------
    name
        Such as ``units.co_responder_unit``, ``budget_per_year``, ``demand``.
    title
        For people, with the unit.
    values
        Ascending.
    relaxing
        Whether a larger value allows all that a smaller one does.
    """

    name: str
    title: str
    values: tuple[float, ...]
    relaxing: bool


# What is varied as a share of something, and is read as percent.
PERCENT = {"wage", "vacancy", "growth", "988"}


def window_names(text: str) -> tuple[str, ...]:
    """Return the names in values of ``hours``: one where they are clock hours, whose days have commas, too."""
    if is_clock(text):
        return (text.strip(),)
    return tuple(dict.fromkeys(part.strip() for part in text.split(",")))


def is_clock(text: str) -> bool:
    """Whether values of ``hours`` are clock hours, such as ``daily 08:00-22:00``."""
    try:
        WeekHours.parse(text)
    except InputError:
        return False
    return True


def value_text(name: str, value: Any) -> str:
    """Return a value of what is varied as people write it, in every table and on every page; ``-`` for none."""
    if isnan(value):
        return "-"
    head, _, tail = name.partition(".")
    if head == "open" and 1 <= value <= len(windows := window_names(tail)):
        return windows[int(value) - 1]
    if head in PERCENT:
        return f"{100 * value:.4g}%"
    if head == "budget_per_year":
        return f"${value:,.0f}"
    return f"{value:,.12g}"
