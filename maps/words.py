"""Figures as people read them."""

from __future__ import annotations

import math
import re

from coresponse.data.figures.rows import RowUnit as Unit
from coresponse.data.figures.rows import SummaryRow

MINUS = "\u2212"
NONE = "\u2013"
UNTOLD = "no difference that the replay could tell"


def figure(value: float | None, unit: Unit) -> str:
    """Return a figure with its unit; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return NONE
    if unit == "min":
        return f"{value:.1f} min"
    if unit == "share":
        return f"{100 * value:.1f}%"
    if unit == "dollars":
        return f"{dollars(value)} a year"
    if unit == "per_week":
        return f"{value:,.1f} a week"
    return f"{value:,.0f}"


def dollars(value: float) -> str:
    """Return dollars, in millions where there are so many."""
    return f"${value / 1e6:,.2f} million" if abs(value) >= 999_500 else f"${value:,.0f}"


def banded(value: float | None, unit: Unit, band: tuple[float, float] | None) -> str:
    """Return a figure with its unit and its band, such as ``43.3% (43.1 to 43.4)``."""
    text = figure(value, unit)
    if band is None or text == NONE or not all(map(math.isfinite, band)):
        return text
    low, high = (figure(end, unit).removesuffix(" a year").removesuffix(" a week") for end in band)
    low, high = (end.removesuffix(" min").removesuffix("%") for end in (low, high))
    return text if low == high else f"{text} ({low} to {high})"


def minutes(seconds: float | None) -> str:
    """Return seconds as minutes with one decimal, without the unit."""
    return NONE if seconds is None or not math.isfinite(seconds) else f"{seconds / 60:.1f}"


def percent(share: float | None) -> str:
    """Return a share (0..1) in percent, without the sign."""
    return NONE if share is None or not math.isfinite(share) else f"{100 * share:.1f}"


def signed(value: float | None, digits: int = 1) -> str:
    """Return a change with its sign."""
    if value is None or not math.isfinite(value):
        return NONE
    text = f"{abs(value):,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        return text
    return f"+{text}" if value > 0 else f"{MINUS}{text}"


def told_apart(row: SummaryRow) -> bool:
    """Whether plan and today differ by more than chance.

    By the band of their change, else by bands that do not touch.
    """
    if row.change_band is not None and all(map(math.isfinite, row.change_band)):
        return row.change_band[0] > 0 or row.change_band[1] < 0
    if row.plan_band is None or row.today_band is None:
        return True
    return row.plan_band[0] > row.today_band[1] or row.plan_band[1] < row.today_band[0]


def change(row: SummaryRow) -> tuple[str, str]:
    """Return the change from today to the plan in words, and whether it is ``better``, ``worse`` or ``same``.

    Where chance could have made the difference it is neither, and the words say so in place of a
    figure.
    """
    if row.plan is None or row.today is None:
        return "", "same"
    delta = row.plan - row.today
    words = {
        "min": f"{signed(delta)} min",
        "share": f"{signed(100 * delta)} points",
        "dollars": f"{'+' if delta > 0 else MINUS}{dollars(abs(delta))} a year",
        "per_week": f"{signed(delta)} a week",
        "count": signed(delta, 0),
    }[row.unit]
    if not re.search("[1-9]", words):
        return "no change", "same"
    if row.better == "neither":
        return words, "same"
    if not told_apart(row):
        return UNTOLD, "same"
    good = (delta < 0) == (row.better == "lower")
    return words, "better" if good else "worse"
