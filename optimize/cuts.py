"""A cut: what a cluster of demand columns costs at least, as a line in the counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Cut:
    """For a cluster: cost(x) >= constant - coefficients . x, for every deployment x."""

    cluster: int
    constant: float
    coefficients: NDArray[np.float64]
