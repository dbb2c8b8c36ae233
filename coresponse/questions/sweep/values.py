"""Values as people write them: ``1:10``, ``1.2M:2M:200k``, ``80%, 100%, 120%``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from coresponse.data.errors import InputError

MOST_VALUES = 1_000
MOST_DOLLARS = 1e15
_NUMBER = re.compile(r"\$?(?P<digits>\d+(?:\.\d+)?|\.\d+)(?P<suffix>[kKmM%]?)", re.ASCII)
_DOLLARS = re.compile(
    r"\$?(?P<digits>(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?(?:[eE]\+?\d{1,2})?|\.\d+)(?P<suffix>[kKmM]?)",
    re.ASCII,
)
_FACTOR = {"": 1.0, "k": 1e3, "m": 1e6, "%": 0.01}


@dataclass(frozen=True)
class Values:
    """Ascending values without repeats.

    Attributes
    ----------
    numbers
        As written, with k and M multiplied out and percent as shares.
    percent
        Whether all were written as percent.
    """

    numbers: tuple[float, ...]
    percent: bool


def parse_values(text: str, *, whole: bool, like: str = "") -> Values:
    """Read a list of numbers and ranges, separated by commas.

    Parameters
    ----------
    whole
        Whether the values are counts: then a range needs no step.
    like
        How what is varied is written, said where a value is not understood.

    Raises
    ------
    InputError
        If a part is not understood, a count is not whole, or there are too many values.
    """
    found: set[float] = set()
    percents: set[bool] = set()
    for part in text.split(","):
        pieces = [_number(piece.strip(), text, like) for piece in part.split(":")]
        numbers = [number for number, _ in pieces]
        # a step may leave out the percent sign no more than the ends may
        # but nothing is nothing: 0:40%:10%
        percents |= {percent for number, percent in pieces if number}
        found |= {numbers[0]} if len(numbers) == 1 else set(_range(numbers, text, whole=whole))
        if len(found) > MOST_VALUES:
            raise InputError(f"{text!r}: more than {MOST_VALUES:,} values")
    if len(percents) > 1:
        raise InputError(f"{text!r}: write all of the values with % or none")
    if whole and (any(value != round(value) for value in found) or True in percents):
        raise InputError(f"{text!r}: counts are whole numbers")
    return Values(tuple(sorted(found)), True in percents)


def as_budget(text: str) -> str:
    """Return one amount as values of a budget have it, without commas; what is none stays: percent of today's, several.

    Raises
    ------
    InputError
        If it is above a million billions.
    """
    return f"{parse_dollars(text):.2f}" if _DOLLARS.fullmatch(text.strip()) else text


def parse_dollars(text: str) -> float:
    """Read one amount, such as ``2750000``, ``$2.75M`` or ``900k``.

    Raises
    ------
    InputError
        If it is not understood, or above a million billions.
    """
    match = _DOLLARS.fullmatch(text.strip())
    if match is None:
        raise InputError(
            f"{text!r} is not an amount of dollars -- write it like 2750000, 2.75M or 900k"
        )
    digits, factor = match["digits"].replace(",", ""), _FACTOR[match["suffix"].lower()]
    dollars = float(f"{float(digits) * factor:.12g}")
    if dollars > MOST_DOLLARS:
        raise InputError(f"{text!r} is more than {MOST_DOLLARS:,.0f} dollars")
    return dollars


def _number(text: str, whole_text: str, like: str) -> tuple[float, bool]:
    match = _NUMBER.fullmatch(text)
    if match is None:
        negative = " (values are 0 or more)" if text[:1] in {"-", "\u2212"} else ""
        cure = like or "values like '1:10', '1M:2M:250k' or '0.8, 1, 1.2'"
        raise InputError(f"{whole_text!r}: {text!r} is not understood{negative} -- write {cure}")
    suffix = match["suffix"].lower()
    return float(f"{float(match['digits']) * _FACTOR[suffix]:.12g}"), suffix == "%"


def _range(numbers: list[float], text: str, *, whole: bool) -> list[float]:
    if len(numbers) > 3:
        raise InputError(f"{text!r}: a range has a start, an end and a step")
    if len(numbers) == 2 and not whole:
        raise InputError(f"{text!r}: give the step, too, such as '1M:2M:250k'")
    start, stop, step = numbers if len(numbers) == 3 else (*numbers, 1.0)
    if step <= 0 or stop < start:
        raise InputError(f"{text!r}: a range goes upwards, by a step above 0")
    steps = (stop - start) / step
    if steps > MOST_VALUES:
        raise InputError(f"{text!r}: more than {MOST_VALUES:,} values")
    # a hair, so that 0.8:1.2:0.1 ends with 1.2
    return [float(f"{start + k * step:.12g}") for k in range(int(steps + 1e-9) + 1)]


def pairs(texts: Sequence[str], flag: str) -> dict[str, str]:
    """Read ``NAME=VALUES``, one or more.

    Raises
    ------
    InputError
        If one is not understood, or given twice.
    """
    out: dict[str, str] = {}
    for text in texts:
        name, equals, values = text.partition("=")
        if not equals or not values.strip():
            raise InputError(f"{flag} {text!r} is not understood -- write it like unit=1:10")
        if name.strip() in out:
            raise InputError(f"{flag} {name.strip()} is given twice")
        out[name.strip()] = values.strip()
    return out
