"""One row a figure: key, title, unit, better, and the class that says how it is published.

Tables, terminal, JSON, layers and styles read it. A figure that is not in it cannot be published.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Literal

from coresponse.data.errors import CoresponseError

_FILE = Path(__file__).with_name("figures.csv")

Unit = Literal["s", "min", "share", "count", "per_week", "dollars", "hours", "number", "text"]
Better = Literal["higher", "lower", "neither"]


class UnknownFigureError(CoresponseError, KeyError):
    """A figure that the dictionary does not have: nobody has said how it may be published."""

    def __str__(self) -> str:
        """Return the message as it is, not quoted as keys are."""
        return str(self.args[0])


class Publication(StrEnum):
    """What a figure tells of past calls, and so how far it is rounded before it is shown.

    `free` figures tell nothing of calls: posts, money, limits, words. `published` ones were rounded
    by their own figure's class before they came into their column.
    """

    COUNT = "count"
    SHARE = "share"
    MEAN_WAIT = "mean_wait"
    MEAN_TIME = "mean_time"
    QUANTILE = "quantile"
    PER_WEEK = "per_week"
    BUSY_CALLS = "busy_calls"
    BUSY_SHARE = "busy_share"
    UTILIZATION = "utilization"
    HOURS = "hours"
    COST = "cost"
    THOUSANDS = "thousands"
    TENTH = "tenth"
    RANGE = "range"
    PUBLISHED = "published"
    FREE = "free"


@dataclass(frozen=True)
class Figure:
    """One figure.

    Attributes
    ----------
    key
        Its name in tables and JSON; ``*`` stands for a part that a study names, ``#`` for a digit.
    title
        For a row of a table, such as ``Calls reached within the standard``.
    head
        For the head of a column, such as ``in time``.
    unit
        Of the value as it is worked out; times are shown in minutes.
    better
        Which way is good.
    publication
        How it is published.
    """

    key: str
    title: str
    head: str
    unit: Unit
    better: Better
    publication: Publication

    @property
    def shown_unit(self) -> Unit:
        """The unit that people read: minutes for seconds."""
        return "min" if self.unit == "s" else self.unit

    @property
    def shown_key(self) -> str:
        """The name of a column of values in the unit that people read."""
        return f"{self.key[:-2]}_min" if self.unit == "s" else self.key

    @property
    def scale(self) -> float:
        """What a value is multiplied by to be in the unit that people read."""
        return 1 / 60 if self.unit == "s" else 1.0


@cache
def figures() -> dict[str, Figure]:
    """Return all figures by key, in the order of their file."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return {
            row["key"]: Figure(
                row["key"],
                row["title"],
                row["head"] or row["title"].lower(),
                row["unit"],  # type: ignore[arg-type]  # a test holds the words of the file
                row["better"],  # type: ignore[arg-type]
                Publication(row["publication"]),
            )
            for row in csv.DictReader(file)
        }


@cache
def figure(key: str) -> Figure:
    """Return a figure by its key, or by that of the same figure in minutes.

    Raises
    ------
    UnknownFigureError
        If the dictionary does not have it.
    """
    known = figures()
    for name in (key, re.sub("_min$", "_s", key)):
        if name in known:
            return known[name]
    for one in known.values():
        if {"*", "#"} & set(one.key) and re.fullmatch(_pattern(one.key), key):
            return one
    raise UnknownFigureError(f"{key!r} is in no row of {_FILE.name}: say there how it is published")


def _pattern(key: str) -> str:
    return re.escape(key).replace(r"\*", ".+").replace(r"\#", "[0-9]")


# a table has a figure several times: of deployments, by times, with its band, as a change
_OF = re.compile(r"(@.*|_(low|high|plan|today|naive|change|if_free|queueing|p\d+))$")


def figure_of_column(column: str) -> Figure:
    """Return the figure that a table's column holds, whatever deployment, time or end of a band it is of.

    Raises
    ------
    UnknownFigureError
        If the dictionary does not have it.
    """
    name = column
    while True:
        try:
            return figure(name)
        except UnknownFigureError:
            shorter = _OF.sub("", name)
            if shorter == name:
                raise UnknownFigureError(
                    f"column {column!r} is of no figure in {_FILE.name}: "
                    "say there how it is published"
                ) from None
            name = shorter


def check_columns(columns: Iterable[str], *, stated: Iterable[str] = ()) -> None:
    """Refuse a table that has a column of no known figure.

    Parameters
    ----------
    stated
        Columns that the planner named: axes of a sweep, scenarios.

    Raises
    ------
    UnknownFigureError
        Of the first such column.
    """
    own = set(stated)
    for column in columns:
        if column not in own:
            figure_of_column(column)
