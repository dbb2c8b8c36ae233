"""Classes, colors and words of each thing the map can show.

Colors are told apart by lightness as well as hue, in the common kinds of color blindness too: blue
is within the standard, orange beyond it, and what is beyond it is hatched besides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

MINUS = "\u2212"


@dataclass(frozen=True)
class ColorClass:
    """One class: values below `below` (None: all the rest) that no earlier class took."""

    below: float | None
    label: str
    color: str
    hatch: str = ""


@dataclass(frozen=True)
class Scale:
    """Classes in rising order, and the words above them in the legend.

    Parameters
    ----------
    missing
        Where nobody gets there; of a change, neither today nor with the plan.
    gained, lost
        Of a change, where only the plan or only today's deployment gets there: there is no
        difference to show, but much to say.
    untold
        Of a change, where chance could have made it.
    """

    title: str
    bands: tuple[ColorClass, ...]
    missing: ColorClass | None = None
    gained: ColorClass | None = None
    lost: ColorClass | None = None
    untold: ColorClass | None = None

    def band(self, value: float) -> ColorClass:
        """Return the class of a value."""
        return next(b for b in self.bands if b.below is None or value < b.below)

    def as_dict(self) -> dict[str, Any]:
        """Return what the page's script reads."""
        return asdict(self)


_IN_TIME = ("#08458a", "#2f7fc1", "#7db8de", "#cfe3f3")
_LATE = ("#fdc98b", "#e8761b", "#a33c04")
_NOBODY = ColorClass(None, "nobody gets there", "#4a4a4a", "cross")
_GAINED = ColorClass(None, "only the plan gets there", "#08306b", "cross")
_LOST = ColorClass(None, "only today gets there", "#5a1d00", "cross")


_UNTOLD = ColorClass(None, "too close to call", "#c9c9c2", "cross")

_LONGER = ("#fdd6a0", "#fdae5f", "#ec7f24", "#c2500a", "#7a2503")


def wait_scale(target_min: float, fallback_min: float | None = None) -> Scale:
    """Minutes of mean wait, calls left to police counted: two classes within the standard, five beyond it.

    With units as busy as they are most waits lie beyond the standard, so that classes beyond it
    are of 5 minutes, then 10.
    """
    edges: list[float | None] = [_nice(target_min / 2), target_min]
    edges += [target_min + further for further in (5, 10, 15, 25)]
    lows = [0.0, *(edge for edge in edges if edge is not None)]
    colors = (*_IN_TIME[1::2], *_LONGER)
    hatch = ("", "", *["lines"] * 4, "dense")
    bands = tuple(
        ColorClass(high, _minutes(low, high), color, lines)
        for low, high, color, lines in zip(lows, [*edges, None], colors, hatch, strict=True)
    )
    left = "" if fallback_min is None else f"; a call left to police counts {fallback_min:g}"
    return Scale(f"Mean wait, minutes{left}", bands)


def wait_change_scale() -> Scale:
    """Minutes of mean wait gained or lost."""
    title = "Change in mean wait, minutes (minus is shorter with the plan)"
    return Scale(title, _change((1, 5, 10), "min"), untold=_UNTOLD)


def response_scale(target_min: float) -> Scale:
    """Minutes of response.

    Thirds or quarters of the standard (which reads easier), then two classes beyond it, and more.
    """
    thirds = target_min % 3 == 0 and target_min % 4 != 0
    shares = (1 / 3, 2 / 3, 4 / 3, 2.0) if thirds else (0.25, 0.5, 0.75, 1.5, 2.0)
    edges = sorted({_nice(target_min * share) for share in shares} | {target_min})
    early = [edge for edge in edges if 0 < edge <= target_min]
    late: list[float | None] = [*(edge for edge in edges if edge > target_min), None]
    blues, oranges = _IN_TIME[-len(early) :], _LATE[-len(late) :]
    bands = [
        ColorClass(high, _minutes(low, high), color)
        for low, high, color in zip([0.0, *early[:-1]], early, blues, strict=True)
    ]
    bands += [
        ColorClass(high, _minutes(low or 0.0, high), color, "dense" if high is None else "lines")
        for low, high, color in zip([target_min, *late[:-1]], late, oranges, strict=True)
    ]
    return Scale("Mean response time, minutes", tuple(bands), _NOBODY)


def response_change_scale() -> Scale:
    """Minutes gained or lost."""
    title = "Change in mean response time, plan minus today (minus is faster)"
    return Scale(title, _change((1, 3, 6), "min"), _NOBODY, _GAINED, _LOST)


def surface_scale(target_min: float) -> Scale:
    """Minutes from call to arrival if the nearest crew were free, by street: thirds of the standard, two classes beyond."""
    edges = [_nice(target_min * share) for share in (1 / 3, 2 / 3)]
    edges += [target_min, _nice(target_min * 4 / 3)]
    colors = ("#3d85c0", "#86bade", "#cfe3f1", "#fbc88a", "#e5823a")
    bands = tuple(
        ColorClass(high, _minutes(low, high), color, hatch)
        for low, high, color, hatch in zip(
            [0.0, *edges], [*edges, None], colors, ("", "", "", "lines", "dense"), strict=True
        )
    )
    return Scale("Minutes to arrive, if the nearest crew is free", bands)


def surface_change_scale() -> Scale:
    """Minutes gained or lost, by street."""
    title = "Change in minutes to arrive, if the nearest crew is free (minus is faster)"
    return Scale(title, _change((1, 3, 6), "min"))


def late_scale() -> Scale:
    """Share of calls that nobody reaches within the standard, in percent."""
    # with units as busy as they are, no city comes near 0
    edges = (10, 25, 40, 55, 70)
    labels = ("under 10%", "10 to 25%", "25 to 40%", "40 to 55%", "55 to 70%", "70% and more")
    colors = ("#f2f0e9", "#fee3c2", "#fdbb78", "#ee8530", "#c2500a", "#7f2704")
    hatch = ("", "", "", "", "lines", "dense")
    bands = tuple(
        ColorClass(b, t, c, h)
        for b, t, c, h in zip((*edges, None), labels, colors, hatch, strict=True)
    )
    return Scale("Calls not reached within the standard, share", bands)


def late_change_scale() -> Scale:
    """Percentage points fewer or more calls not reached in time."""
    title = "Change in calls not reached in time, percentage points (minus is better)"
    return Scale(title, _change((1, 5, 15), "points"), untold=_UNTOLD)


def depth_scale() -> Scale:
    """Responders within the standard of a call, if all are free."""
    bands = (
        ColorClass(0.5, "none", "#f3a35c", "dense"),
        ColorClass(1.5, "1: no backup", "#f6e3c5", "lines"),
        ColorClass(2.5, "2", "#a8dbd3"),
        ColorClass(3.5, "3", "#57b0a6"),
        ColorClass(5.5, "4 to 5", "#1f7f78"),
        ColorClass(None, "6 and more", "#00504b"),
    )
    return Scale("Responders within the standard of a call", bands)


def depth_change_scale() -> Scale:
    """Responders more or fewer within the standard."""
    words = (f"{MINUS}3 or more", f"{MINUS}2", f"{MINUS}1", "no change", "+1", "+2", "+3 or more")
    bands = _change((0.5, 1.5, 2.5), "", good_first=False)
    named = tuple(
        ColorClass(b.below, t, b.color, b.hatch) for b, t in zip(bands, words, strict=True)
    )
    return Scale("Change in responders within the standard (plus is better)", named)


def demand_scale(bands: Iterable[str]) -> Scale:
    """Return a scale of calls by the bands that occur, in rising order.

    `below` is the position after the band's own.
    """
    names = sorted(set(bands), key=band_order)
    ramp = ("#efe9f5", "#d6c5e4", "#b998d2", "#9667b6", "#733d98", "#4e1b71", "#2e0746")
    last = max(1, len(names) - 1)
    colors = [
        ramp[1 + round(i / last * (len(ramp) - 2))] if len(names) < len(ramp) else ramp[min(i, 6)]
        for i in range(len(names))
    ]
    return Scale(
        "Calls in the history, by area",
        tuple(
            ColorClass(i + 1, t.replace("-", " to "), c)
            for i, (t, c) in enumerate(zip(names, colors, strict=True))
        ),
    )


def band_order(text: str) -> int:
    """Return the lower end of a band such as ``1,001-2,500``."""
    digits = re.match(r"[\d,]+", text)
    return int(digits[0].replace(",", "")) if digits else 0


def _change(
    edges: tuple[float, float, float], unit: str, *, good_first: bool = True
) -> tuple[ColorClass, ...]:
    """Return seven classes about no change; the worse ones are hatched."""
    good = ("#08458a", "#3b8cc9", "#b5d4ea")
    bad = ("#fcd3a4", "#e8761b", "#8f3303")
    down, up = (good, bad) if good_first else (bad[::-1], good[::-1])
    hatch_down, hatch_up = ("", "lines") if good_first else ("lines", "")
    a, b, c = edges
    less = (
        f"{MINUS}{c:g} {unit} or more",
        f"{MINUS}{b:g} to {MINUS}{c:g} {unit}",
        f"{MINUS}{a:g} to {MINUS}{b:g} {unit}",
    )
    more = (f"+{a:g} to +{b:g} {unit}", f"+{b:g} to +{c:g} {unit}", f"+{c:g} {unit} or more")
    below: tuple[float | None, ...] = (b, c, None)
    return (
        *(
            ColorClass(edge, text, color, hatch_down)
            for edge, text, color in zip((-c, -b, -a), less, down, strict=True)
        ),
        ColorClass(
            a, f"less than {a:g} {unit.removesuffix('s') if a == 1 else unit} either way", "#f4f4f1"
        ),
        *(
            ColorClass(edge, text, color, hatch_up)
            for edge, text, color in zip(below, more, up, strict=True)
        ),
    )


def _nice(minutes: float) -> float:
    """Round to what people read easily: half minutes below 10, whole ones above."""
    return round(minutes * 2) / 2 if minutes < 10 else float(round(minutes))


def _minutes(low: float, high: float | None) -> str:
    if high is None:
        return f"over {low:g} min"
    return f"under {high:g} min" if low == 0 else f"{low:g} to {high:g} min"
