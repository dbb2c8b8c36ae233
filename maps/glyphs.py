"""Signs of the responder types.

A shape, a letter and a color each, so that no one of them has to tell alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SHAPES = ("circle", "square", "diamond", "hexagon", "shield", "triangle")
# White letters on these have a contrast of 4.5:1 or more; hues after Okabe and Ito, darkened
COLORS = ("#0a5a9c", "#a5370c", "#00664a", "#7b2d7d", "#6a5300", "#4b4f54")


@dataclass(frozen=True)
class Glyph:
    """The sign of one responder type."""

    responder_type: str
    title: str
    letter: str
    shape: str
    color: str


def glyphs(titles: Mapping[str, str]) -> tuple[Glyph, ...]:
    """Give each type a letter of its own from its title, a shape and a color."""
    out: list[Glyph] = []
    taken: set[str] = set()
    for i, (name, title) in enumerate(titles.items()):
        letter = _letter(title, taken)
        taken.add(letter)
        out.append(
            Glyph(
                name,
                title,
                letter,
                SHAPES[i % len(SHAPES)],
                COLORS[(i + i // len(SHAPES)) % len(COLORS)],
            )
        )
    return tuple(out)


def _letter(title: str, taken: set[str]) -> str:
    firsts = [word[0] for word in title.split()]
    candidates = [
        c.upper() for c in (*firsts, *title, *"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") if c.isalnum()
    ]
    candidates = [c for c in candidates if len(c) == 1]
    return next((c for c in candidates if c not in taken), "?")
