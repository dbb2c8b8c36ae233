"""Words around figures: one way to say how many, and to name a thing within a sentence."""

from __future__ import annotations

from collections.abc import Sequence

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

_ENDS = (("s", "es"), ("x", "es"), ("ch", "es"), ("sh", "es"))
_UNLIKE = {"person": "people", "is": "are", "has": "have"}


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
