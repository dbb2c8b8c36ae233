"""Words around figures: one way to say how many, and to name a thing within a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

NUMBERS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)

_ORDINALS = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
)

_ENDS = (("s", "es"), ("x", "es"), ("ch", "es"), ("sh", "es"))
_UNLIKE = {"person": "people", "is": "are", "has": "have"}


def ordinal(position: int) -> str:
    """Return which one of a list is meant, counted from 0: ``first`` for 0, ``21st`` for 20."""
    number = position + 1
    if number <= len(_ORDINALS):
        return _ORDINALS[position]
    ends = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{'th' if number % 100 in {11, 12, 13} else ends.get(number % 10, 'th')}"


_DIGITS = re.compile(r"([0-9]+)")

# Names of a study: some hundred posts, districts and units, each sorted by thousands of times.
_KNOWN = 65_536


@lru_cache(maxsize=_KNOWN)
def natural(name: str) -> tuple[tuple[str | tuple[int, str], ...], str]:
    """Return what names are sorted by, so that Post 2 stands before Post 10."""
    parts = _DIGITS.split(name)
    told: list[str | tuple[int, str]] = list(parts)
    for k in range(1, len(parts), 2):
        # by how many digits, then by these: a number of any length
        digits = parts[k].lstrip("0")
        told[k] = (len(digits), digits)
    return tuple(told), name


def natural_order(names: pd.Series) -> pd.Series:
    """Return the same for a column, as ``sort_values`` takes it: numbers by names."""
    place = {name: k for k, name in enumerate(sorted(set(names.astype(str)), key=natural))}
    return names.astype(str).map(place)


def in_order(names: Iterable[str]) -> list[str]:
    """Return names as people list them."""
    return sorted(names, key=natural)


def plural(thing: str) -> str:
    """Return the words for several things, such as ``co-responder units``, ``agencies``, ``people``."""
    before, space, last = thing.rpartition(" ")
    if last in _UNLIKE:
        many = _UNLIKE[last]
    elif last.endswith("y") and last[-2:-1] not in "aeiou":
        many = f"{last[:-1]}ies"
    else:
        many = last + next((more for end, more in _ENDS if last.endswith(end)), "s")
    return f"{before}{space}{many}"


def counted(count: float, thing: str) -> str:
    """Return a number and its thing, such as ``1 point``, ``1,204 calls``."""
    return f"{count:,.0f} {thing if count == 1 else plural(thing)}"


def people_and_leads(people: int, supervisors: int, noun: str) -> str:
    """Return how many people, and how many lead them where any do: ``4 people and 1 supervisor``."""
    led = f" and {counted(supervisors, 'supervisor')}" if supervisors else ""
    return f"{counted(people, noun)}{led}"


def in_text(title: str) -> str:
    """Return a title as it stands within a sentence: ``Co-responder unit`` small, ``EMT`` as it is."""
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def at_start(title: str) -> str:
    """Return a title as it begins a sentence or stands over a column: ``B-HEARD-like team`` keeps its letters."""
    return title[:1].upper() + title[1:]


def listed(things: Sequence[str], last: str = "and") -> str:
    """Return things in a row: ``a``, ``a and b``, ``a, b and c``."""
    *most, end = things or ("none",)
    return f"{', '.join(most)} {last} {end}" if most else end


def and_said(text: str, more: str) -> str:
    """Return a text and a further sentence; the sentence alone where there is no text."""
    return f"{text.removesuffix('.')}. {more}" if text else more


def many(count: int, thing: str) -> str:
    """Return ``two posts``, ``1 post`` as people write it."""
    word = NUMBERS[count] if count < len(NUMBERS) else f"{count:,}"
    return f"{word} {thing if count < 2 else plural(thing)}"
