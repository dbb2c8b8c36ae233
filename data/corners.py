"""Corners of areas that are nowhere: not a number, or farther than any place on Earth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from coresponse.data.errors import InputError

# No coordinate system that a city uses has places this many meters, feet or degrees from its origin.
FARTHEST = 1e9


def nowhere(shapes: NDArray[np.object_]) -> NDArray[np.intp]:
    """Return the shapes with a corner that is nowhere; bounds would not tell one of a hole's."""
    xy, shape = shapely.get_coordinates(shapes, return_index=True)
    return np.unique(shape[~(np.abs(xy) < FARTHEST).all(axis=1)])


def refuse_nowhere(shapes: NDArray[np.object_], path: Path) -> None:
    """Refuse a layer whose file has a corner that is nowhere.

    Raises
    ------
    InputError
        With the first row that has one.
    """
    rows = nowhere(shapes)
    if len(rows):
        more = f"; so have {len(rows) - 1:,} further rows" if len(rows) > 1 else ""
        raise InputError(
            f"{path}: row {rows[0] + 1:,}: a corner has a coordinate that is not a number or not "
            f"on Earth{more} -- mend the layer in a map program, and save it again"
        )
