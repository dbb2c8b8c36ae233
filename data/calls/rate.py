"""How many crisis calls a city of so many residents has: the published rates, and a rate as people write it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from coresponse.data.errors import InputError

PER = 100_000

# Calls for a mobile team a year per 100,000 people, and whose figure it is (DBHDS deck, Virginia 2022).
PUBLISHED = (
    (883.0, "Crisis Resource Need Calculator: 230 episodes a month, 32% of them to a mobile team"),
    (2_330.0, "California DHCS: encounters a year per 100,000 enrollees"),
)

# What is planned with where nobody says otherwise, and the range that is carried to every band (assumption).
LOW, PLANNED, HIGH = 400.0, 883.0, 2_300.0

# A rate beyond ten calls a head and year is a slip of the pen.
MOST = 1_000_000.0

_A_YEAR = {"year": 1.0, "yr": 1.0, "y": 1.0, "month": 12.0, "week": 365.25 / 7, "day": 365.25}
_NUMBER = r"\d[\d,]*(?:\.\d+)?"
_FORM = re.compile(
    rf"\s*(?P<rate>{_NUMBER})"
    rf"(?:\s*\(?\s*(?P<low>{_NUMBER})\s*(?:to|-|\u2013)\s*(?P<high>{_NUMBER})\s*\)?)?"
    rf"(?:\s*(?:per|/)\s*(?P<per>{_NUMBER})\s*(?P<k>k)?)?"
    r"(?:\s+(?:people|residents|persons|inhabitants))?"
    r"(?:\s*(?:a|per|each|/)\s*(?P<time>year|yr|y|month|week|day))?\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Rate:
    """Calls a year per 100,000 residents, with the range in which the true rate may lie.

    Parameters
    ----------
    planned, low, high
        A year per 100,000 residents; above 0, low <= planned <= high.

    Raises
    ------
    InputError
        If they are not in that order.
    """

    planned: float = PLANNED
    low: float = LOW
    high: float = HIGH

    def __post_init__(self) -> None:
        """Refuse what is no range around a rate."""
        if not 0 < self.low <= self.planned <= self.high <= MOST:
            raise InputError(
                f"a rate of {self.planned:g} with a range of {self.low:g} to {self.high:g}: it "
                f"must lie within its range, above 0 and at most {MOST:,.0f} a year per {PER:,} "
                "residents"
            )

    def __str__(self) -> str:
        """Say it to people."""
        return (
            f"{self.planned:,.6g} calls a year per {PER:,} residents "
            f"({self.low:,.6g} to {self.high:,.6g})"
        )


def parse_rate(text: str) -> Rate:
    """Read a rate as people write it: ``883 per 100k a year``, ``883 (400 to 2300) per 100,000``, ``1.2 per 1000 a month``.

    Without a unit it is a year and per 100,000. Without a range, it is the published one, and if
    the rate lies outside of that, as much below and above as the published range is.

    Raises
    ------
    InputError
        If it is not understood.
    """
    found = _FORM.fullmatch(text)
    if found is None or len(text) > 200:
        raise InputError(
            f"rate {text[:60]!r} is not understood -- write like '883 per 100k a year', or with "
            "its range '883 (400 to 2300) per 100k a year'"
        )
    heads = _number(found["per"]) if found["per"] else float(PER)
    heads *= 1_000 if found["k"] else 1
    if heads <= 0:
        raise InputError(f"rate {text[:60]!r}: per 0 people is not a rate")
    factor = _A_YEAR[(found["time"] or "year").lower()] * PER / heads
    planned = _number(found["rate"]) * factor
    if found["low"]:
        return Rate(planned, _number(found["low"]) * factor, _number(found["high"]) * factor)
    if LOW <= planned <= HIGH:
        return Rate(planned, LOW, HIGH)
    return Rate(planned, planned * LOW / PLANNED, planned * HIGH / PLANNED)


def _number(text: str) -> float:
    return float(text.replace(",", ""))
