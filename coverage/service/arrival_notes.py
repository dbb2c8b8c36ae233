"""What a history is too short to tell of arrivals, and how its days differ, in sentences."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.service.days import A_YEAR, DayEffect, Trend
from coresponse.coverage.service.planning_year import Growth
from coresponse.data.notes import Count, Note
from coresponse.data.words import counted

# Growth a year below which nothing is said: less than what any plan could tell.
CLEAR_SWING = 0.02


def notes_of_history(n: int, days: float, exposure: NDArray[np.float64]) -> list[Note]:
    """Say what so many calls over so many days cannot tell."""
    notes = []
    seen = int((exposure.reshape(7, 24).sum(axis=1) > 0).sum())
    if seen < 7:
        notes.append(
            Note(
                "Arrivals: the history has {seen} of 7 days of the week; the missing ones are "
                "assumed to be like the others.",
                seen=seen,
            )
        )
    if days < 28:
        notes.append(
            Note(
                "Arrivals: a history of {days} tells little about days of the week.",
                days=_days(days),
            )
        )
    if days < A_YEAR:
        notes.append(Note("Arrivals: a history of {days} gives no season.", days=_days(days)))
    if n < 500:
        notes.append(
            Note(
                "Arrivals: {n} calls are few; the rates by hour are drawn strongly towards those "
                "of the agency's other calls, or towards the average.",
                n=Count(n),
            )
        )
    return notes


def notes_of_days(day: DayEffect, trend: Trend | None, calls_a_day: float) -> list[Note]:
    """Say that days differ by more than chance, and that calls grow or fall."""
    notes = []
    if day.beyond_chance:
        notes.append(
            Note(
                "Arrivals: days differ by more than chance: the variance of a day's calls is "
                "{times:.1f} times their mean; days are drawn so.",
                times=1 + day.variance * calls_a_day,
            )
        )
    if trend is not None and _moves(trend):
        growth, low, high = (factor - 1 for factor in trend.growth)
        notes.append(
            Note(
                "Arrivals: calls {way} by {growth:.0%} a year (95% band {low:+.0%} to "
                "{high:+.0%}).",
                way="grow" if growth > 0 else "fall",
                growth=abs(growth),
                low=low,
                high=high,
            )
        )
    return notes


def notes_of_year(trend: Trend | None, growth: Growth | None) -> list[Note]:
    """Say which year figures are for: the planning year, or one like the history though calls grow."""
    if growth is not None:
        return [Note("Arrivals: {growth}.", growth=str(growth))]
    if trend is None or not _moves(trend):
        return []
    later, least, most = (factor - 1 for factor in trend.factor(trend.days))
    return [
        Note(
            "Arrivals: figures are for a year like the history; in the year after it, calls would "
            "be {later:+.0%} ({least:+.0%} to {most:+.0%}). Plan for it with planning_year under "
            "[calls].",
            later=later,
            least=least,
            most=most,
        )
    ]


def _moves(trend: Trend) -> bool:
    return trend.clear and abs(trend.growth[0] - 1) > CLEAR_SWING


def _days(days: float) -> str:
    return counted(round(days), "day")
