"""A figure as text and in JSON: each is formatted here, once, whoever shows it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

from coresponse.data.figures.rows import Ends, RowUnit

MINUS = "\u2212"
# What becomes of a figure where chance could have made the change, or it is less than counts.
TOO_CLOSE = "no difference that counts"

NONE = "\u2013"


def number(value: Any, digits: int = 10) -> float | None:
    """Return a figure as JSON holds it: ten digits, None where there is none."""
    if value is None:
        return None
    found = float(value)
    return float(f"{found:.{digits}g}") if math.isfinite(found) else None


def plain_number(value: float, digits: int = 6) -> str:
    """Return a number of so many leading digits, however large, without an exponent."""
    return f"{value:,.0f}" if abs(value) >= 10 ** (digits - 1) else f"{value:,.{digits}g}"


def percent(share: float | None, *, signs: bool = True) -> str:
    """Return a share in percent, as everything that shows one does: whole, or with its tenth where it has one.

    Where calls are few, shares are rounded to whole points, or five, or ten: ``30.0%`` would promise
    a digit that nobody may tell. A figure's text follows from its value alone, so that it is the
    same wherever it stands.

    Parameters
    ----------
    signs
        With the sign of percent behind it.
    """
    if share is None or not math.isfinite(share):
        return NONE
    return points(100 * share) + ("%" if signs else "")


def points(value: float) -> str:
    """Return points of a hundred as :func:`percent` does, without a sign."""
    return f"{value:.1f}".removesuffix(".0")


# A share's whole points: with its sign, or the low end of a range such as ``55-68%``.
_WHOLE = re.compile(r"(?<![\d.,])(\d+)(?=%|-\d+(?:\.\d)?%)")
_TENTH = re.compile(r"\d\.\d%")


def columns_alike(rows: Iterable[Sequence[str]]) -> list[tuple[str, ...]]:
    """Give the shares of a column one form: all have their tenth if one has.

    Of figures that are rounded alike, as those of all calls are: ``29%`` beside ``25.2%`` would
    seem to be less sure. Where each row is rounded by its own calls, as a district's is, a whole
    share says so and stays.
    """
    columns = [list(column) for column in zip(*rows, strict=True)]
    for column in columns:
        if any(_TENTH.search(cell) for cell in column):
            column[:] = (_WHOLE.sub(r"\1.0", cell) for cell in column)
    return list(zip(*columns, strict=True))


def figure_text(value: float | None, unit: RowUnit) -> str:
    """Return a figure with its unit; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return NONE
    return {
        "min": f"{value:.1f} min",
        "share": percent(value),
        "dollars": f"{dollars(value)} a year",
        "per_week": f"{value:,.1f} a week",
        "count": f"{value:,.0f}",
    }[unit]


# Dollars from which a cost is told to the next thousand, as sentences have it: a unit's pay is an estimate.
_TO_THOUSANDS = 100_000


def millions(value: float) -> str:
    """Return dollars in hundredths of a million: $1,055,000 are 1.06, as a browser has them, where a float is 1.05."""
    hundredths = math.floor(abs(value) / 1e4 + 0.5)
    return f"{math.copysign(hundredths / 100, value):,.2f}"


def dollars(value: float) -> str:
    """Return dollars: in millions where there are so many, hundreds of thousands to the next thousand."""
    if abs(value) >= 999_500:
        return f"${millions(value)} million"
    return f"${round(value, -3) if abs(value) >= _TO_THOUSANDS else value:,.0f}"


def banded(value: float | None, unit: RowUnit, band: Ends | None) -> str:
    """Return a figure with its unit and its band, such as ``43.3% (43.1 to 43.4)``."""
    text = figure_text(value, unit)
    if band is None or text == NONE or not all(map(math.isfinite, band)):
        return text
    low, high = (
        figure_text(end, unit).removesuffix(" a year").removesuffix(" a week") for end in band
    )
    low, high = (end.removesuffix(" min").removesuffix("%") for end in (low, high))
    return text if low == high else f"{text} ({low} to {high})"
