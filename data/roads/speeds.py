"""Driving speeds.

Posted limits as OpenStreetMap writes them, and a stated table by road class where there is none.

The table is a planning assumption: usual urban speeds by class, somewhat under the limits common in
North America. Nothing here accounts for signals and congestion; periods and responder types carry
speed factors for that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

# Kilometers per hour by OSM highway value, most important first (assumption).
CLASS_KPH: dict[str, float] = {
    "motorway": 90.0,
    "trunk": 70.0,
    "primary": 50.0,
    "secondary": 45.0,
    "tertiary": 40.0,
    "motorway_link": 50.0,
    "trunk_link": 45.0,
    "primary_link": 40.0,
    "secondary_link": 35.0,
    "tertiary_link": 35.0,
    "unclassified": 35.0,
    "residential": 30.0,
    "living_street": 12.0,
    "service": 15.0,
    "road": 30.0,
}

# For a highway value that is not in the table (assumption).
OTHER_KPH = 30.0

# OSM highway values that no responder drives on, whatever file they come from.
NOT_DRIVEN = frozenset({
    "abandoned", "bridleway", "bus_guideway", "construction", "corridor", "cycleway", "elevator", "escalator",
    "footway", "no", "path", "pedestrian", "planned", "platform", "proposed", "raceway", "razed", "steps", "track",
})  # fmt: skip

KPH_PER_MPH = 1.609344
KPH_PER_KNOT = 1.852
WALKING_KPH = 7.0
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*(mph|km/?h|kph|kmh|knots)?", re.ASCII)
# beyond these a sign is a typing error, or in another unit
_SLOWEST_KPH, _FASTEST_KPH = 3.0, 200.0


def parse_maxspeed(value: object) -> float:
    """Read one ``maxspeed`` value in km/h; NaN where it states no number.

    A list, or several values separated by ``;`` or ``|``, gives the mean. ``walk`` counts as 7
    km/h.
    """
    if isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool):
        # compared before it is converted: an integer may be too large for a float
        return float(value) if _SLOWEST_KPH <= value <= _FASTEST_KPH else float("nan")
    if isinstance(value, np.ndarray):
        value = value.ravel().tolist()
    if isinstance(value, list | tuple | set):
        return _mean(parse_maxspeed(item) for item in value)
    if not isinstance(value, str):
        return float("nan")
    text = value.strip().lower().strip("[]")
    if len(text) > 200:
        return float("nan")
    return _mean(_one(part.strip(" '\"")) for part in re.split(r"[;|,]", text))


def _one(text: str) -> float:
    if text in {"walk", "walking", "foot"} or text.endswith(":walk"):
        return WALKING_KPH
    match = _NUMBER.fullmatch(text)
    if match is None:
        return float("nan")
    kph = float(match[1]) * {"mph": KPH_PER_MPH, "knots": KPH_PER_KNOT}.get(match[2] or "", 1.0)
    return kph if _SLOWEST_KPH <= kph <= _FASTEST_KPH else float("nan")


def _mean(values: Iterable[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return sum(known) / len(known) if known else float("nan")


def main_class(value: object) -> str:
    """Return the most important highway value of an edge; ``unclassified`` where there is none."""
    if isinstance(value, str):
        text = value.strip()
        parts = (
            [part.strip(" '\"") for part in text.strip("[]").split(",")]
            if text.startswith("[")
            else [text]
        )
    elif isinstance(value, list | tuple | set | np.ndarray):
        parts = [str(part) for part in value]
    else:
        parts = []
    ranks = list(CLASS_KPH)
    known = sorted((part for part in parts if part in CLASS_KPH), key=ranks.index)
    return known[0] if known else (parts[0] if parts and parts[0] else "unclassified")


def class_kph(classes: Sequence[str]) -> NDArray[np.float64]:
    """Return the table's speed for each class, (n,) km/h."""
    return np.array([CLASS_KPH.get(name, OTHER_KPH) for name in classes], dtype=float)
