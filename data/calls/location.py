"""Both coordinates in one cell, as open-data portals export them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.data.tables.cells import as_text
from coresponse.data.tables.degrees import degrees_of_pairs

_NUMBER = r"([-+]?\d+(?:\.\d+)?)"
# ``POINT (-73.99 40.71)`` of WKT, ``[-73.99, 40.71]`` of GeoJSON.
_X_FIRST = rf"(?i)(?:POINT\s*Z?\s*\(\s*{_NUMBER}\s+{_NUMBER}|\[\s*{_NUMBER}\s*,\s*{_NUMBER})"

# ``(40.71, -73.99)``, or the same after an address, or bare.
_Y_FIRST = rf"^(?:.*\()?\s*{_NUMBER}\s*,\s*{_NUMBER}\s*\)?\s*$"


def parse_locations(
    values: pd.Series, *, where: str = "", rows: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Read cells such as ``POINT (longitude latitude)``, ``(latitude, longitude)`` or ``39.99 N, 105.02 W``.

    Parameters
    ----------
    where, rows
        File and column, and rows of the file, for people.

    Returns
    -------
    x, y
        (n,) longitude or easting, latitude or northing; NaN where a cell is not understood.

    Raises
    ------
    InputError
        If nobody can tell whether a place is east or west.
    """
    text = as_text(values).str.replace("\n", " ", regex=False)
    ahead = text.str.extract(_X_FIRST)
    x, y = ahead[0].fillna(ahead[2]), ahead[1].fillna(ahead[3])
    rest = text.where(x.isna(), "").str.extract(_Y_FIRST)
    first, second = _floats(x.fillna(rest[1])), _floats(y.fillna(rest[0]))
    further = np.flatnonzero(np.isnan(first))
    first[further], second[further] = degrees_of_pairs(
        text.iloc[further], where=where, rows=None if rows is None else rows[further]
    )
    return first, second


def _floats(values: pd.Series) -> NDArray[np.float64]:
    return np.array(pd.to_numeric(values, errors="coerce"), dtype=float)
