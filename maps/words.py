"""Figures as people read them."""

from __future__ import annotations

import math
import re

from coresponse.data.figures.rows import SummaryRow
from coresponse.data.figures.text import MINUS, NONE, dollars, points

UNTOLD = "no difference that the replay could tell"

NO_CHANGE = "no change"


def minutes(seconds: float | None) -> str:
    """Return seconds as minutes with one decimal, without the unit."""
    return NONE if seconds is None or not math.isfinite(seconds) else f"{seconds / 60:.1f}"


def signed(value: float | None, digits: int = 1) -> str:
    """Return a change with its sign."""
    if value is None or not math.isfinite(value):
        return NONE
    text = f"{abs(value):,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        return text
    return f"+{text}" if value > 0 else f"{MINUS}{text}"


def signed_points(value: float) -> str:
    """Return a change of a share in points with its sign, in the form of the shares themselves."""
    if not math.isfinite(value):
        return NONE
    text = points(abs(value))
    return text if text == "0" else f"{'+' if value > 0 else MINUS}{text}"


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
        "share": f"{signed_points(100 * delta)} points",
        "dollars": f"{'+' if delta > 0 else MINUS}{dollars(abs(delta))} a year",
        "per_week": f"{signed(delta)} a week",
        "count": signed(delta, 0),
    }[row.unit]
    if not re.search("[1-9]", words):
        return NO_CHANGE, "same"
    if row.better == "neither":
        return words, "same"
    if not told_apart(row):
        return UNTOLD, "same"
    good = (delta < 0) == (row.better == "lower")
    return words, "better" if good else "worse"
