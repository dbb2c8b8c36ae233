"""What becomes of a group's wait and share in time, where two deployments met the same calls."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coresponse.data.figures.text import TOO_CLOSE
from coresponse.publish.rounding import WAIT

# Minutes of mean wait that a difference must have to count.
#
# A planning choice, half of what dispatch clocks tell apart.
LEAST_MIN = 0.5

# The same of each figure, in its unit: of a share a point, a planning choice too.
LEAST = {WAIT: 60 * LEAST_MIN, "share_in_time": 0.01}

# By figure and sign of the change.
WORDS = {
    WAIT: {1: "longer", -1: "shorter", 0: TOO_CLOSE},
    "share_in_time": {1: "higher", -1: "lower", 0: TOO_CLOSE},
}

# The columns that say it.
COLUMNS = {WAIT: "wait_would_be", "share_in_time": "in_time_would_be"}


def signs(
    key: str,
    change: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Return the sign of each change that counts, else 0.

    One counts if its band leaves out 0 and it is large enough as it is shown.

    Parameters
    ----------
    change
        (n,) of the figures as they are shown: seconds or shares.
    low, high
        (n,) its band; NaN: none.
    """
    up, down = low > 0, high < 0
    large = np.abs(change) >= LEAST[key] * (1 - 1e-9)
    return np.where(large & up & (change > 0), 1, np.where(large & down & (change < 0), -1, 0))


def words(key: str, sign: NDArray[np.int64], change: NDArray[np.float64]) -> list[str]:
    """Say what becomes of a figure in each group; '' where there is no change to tell of."""
    of = WORDS[key]
    return [of[s] if np.isfinite(c) else "" for s, c in zip(sign.tolist(), change, strict=True)]
