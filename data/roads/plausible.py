"""Whether the times and speeds that a road file states are in the units they are taken for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from coresponse.data.roads.raw import RawRoads
from coresponse.data.roads.speeds import class_kph

# No road network's middle road is driven slower or faster than that: minutes for seconds give
# 1,800 km/h.
SLOWEST_KPH, FASTEST_KPH = 0.3, 300.0

# Fewer stated values tell nothing of their unit.
LEAST_EDGES = 10

# Middle speed over that of the road classes: beyond this, or below its inverse, units are taken
# for others.
#
# Signals and jams halve speeds, but a meter a second is 3.6 km/h and a minute 60 s.
FACTOR = 2.2

# what exporters take for seconds, tried from the most common to the rarest
_UNITS = ((60.0, "minutes"), (3600.0, "hours"), (0.001, "milliseconds"))


def plausible_speeds(
    raw: RawRoads, length_m: NDArray[np.float64]
) -> tuple[RawRoads, tuple[str, ...]]:
    """Hold stated travel times against lengths, and stated speeds against road classes.

    What cannot be right as a whole is left out, and the speeds of limits or classes stand in for
    it: whether a column is in minutes is told by none of its rows, but by their middle.

    Parameters
    ----------
    length_m
        (m,) as cleaned.

    Returns
    -------
    raw
        Without what cannot be.
    notes
        What was left out, why, and what it looks like.
    """
    notes: list[str] = []
    usual = class_kph(list(raw.road_class))
    stated = np.isfinite(raw.source_travel_s) & (raw.source_travel_s > 0) & (length_m > 1.0)
    if stated.sum() >= LEAST_EDGES:
        kph = length_m[stated] / raw.source_travel_s[stated] * 3.6
        middle = float(np.median(kph))
        if not SLOWEST_KPH <= middle <= FASTEST_KPH:
            looks = _looks_like(middle, float(np.median(usual[stated])))
            notes.append(
                "the stated travel times cannot be seconds: they make half of the roads faster "
                "than "
                f"{middle:,.4g} km/h{looks}; times are worked out from length and speed instead"
            )
            raw = replace(raw, source_travel_s=np.full(len(length_m), np.nan))
    # a road without a class is taken for a small one, which tells nothing of its limit
    classed = raw.road_class != "unclassified"
    limited = np.isfinite(raw.maxspeed_kph) & (raw.maxspeed_kph > 0) & classed
    if limited.sum() >= LEAST_EDGES:
        ratio = float(np.median(raw.maxspeed_kph[limited] / usual[limited]))
        if not 1 / FACTOR <= ratio <= FACTOR:
            middle = float(np.median(raw.maxspeed_kph[limited]))
            looks = "; they look like m/s" if 1 / 2 <= ratio * 3.6 <= 2 else ""
            notes.append(
                f"the stated speeds cannot be km/h: their middle is {middle:,.4g}, {ratio:.2g} "
                f"times that of the road classes{looks}; the classes' speeds are used instead"
            )
            raw = replace(raw, maxspeed_kph=np.full(len(length_m), np.nan))
    return raw, tuple(notes)


def _looks_like(kph: float, usual_kph: float) -> str:
    for factor, unit in _UNITS:
        if 1 / FACTOR <= kph / factor / usual_kph <= FACTOR:
            return f"; they look like {unit}"
    return ""
