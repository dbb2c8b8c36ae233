"""Longitudes of places on both sides of the date line, so that neighbors have numbers that are near."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# The date line in the Bering Strait. Along this meridian, from pole to pole, no street crosses.
FARTHEST_WEST = -168.9769


def side_by_side(longitude: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return longitudes of one region as a range without a gap: 181 for -179 where others are 179.

    They are left as they are where they span less than half of the globe.
    """
    if not len(longitude) or float(longitude.max() - longitude.min()) <= 180:
        return longitude
    return np.where(longitude < 0, longitude + 360, longitude)


def eastward(longitude: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Return longitudes as pages count them: beyond the date line on past 180, place by place.

    So layers of one city agree, whichever of its sides each lies on.
    """
    return np.where(longitude < FARTHEST_WEST, longitude + 360, longitude)
