"""Notes for people whose counts and days are typed, so that whoever publishes them can say them otherwise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Self


class Count(int):
    """A number of rows, calls or times in a note: of people."""


class _SaidCount(str):
    """A count as it is told; ``{n} row{n.s}`` is a row or rows by it."""

    __slots__ = ()

    @property
    def s(self) -> str:
        """The end of what is counted."""
        return "" if self == "1" else "s"


class Note(str):
    """A sentence of exact figures that also knows which of them are counts and days of calls.

    Parameters
    ----------
    template
        With ``{name}`` for each value, and ``{name.s}`` behind what a count counts.
    values
        :class:`Count` for counts of calls, dates for their days; others are said as they are.
    """

    __slots__ = ("template", "values")

    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, **values: Any) -> Self:
        """Make a note."""
        note = super().__new__(cls, _told(template, values, "{:,}".format, "{:%Y-%m-%d}".format))
        note.template, note.values = template, values
        return note

    def told(self, count: Callable[[int], str], day: Callable[[date], str]) -> str:
        """Return the sentence with counts and days said by these functions."""
        return _told(self.template, self.values, count, day)

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        """Copy and pickle as what it was made from."""
        return (self.template,), self.values


def _told(
    template: str,
    values: dict[str, Any],
    count: Callable[[int], str],
    day: Callable[[date], str],
) -> str:
    said = {
        name: _SaidCount(count(value))
        if isinstance(value, Count)
        else day(value)
        if isinstance(value, date)
        else value
        for name, value in values.items()
    }
    return template.format_map(said)
