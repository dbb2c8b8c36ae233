"""What became of each call of a deployment's replications, for the figures of any group of them.

The headline is of all these calls; areas, districts and times of the week are parts of the same
ones, so that their figures, weighted by their calls, add up to it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from coresponse.coverage.replay.bands import CONFIDENCE
from coresponse.coverage.replay.met import CallsMet


def paired_differences(
    plan: CallsMet, today: CallsMet, group: NDArray[np.integer], n: int
) -> dict[str, pd.DataFrame]:
    """Return by how much figures of `n` groups are higher under the plan, with bands that hold for all groups at once.

    Both deployments met the same calls. A group's difference is a ratio of sums, its error that of
    the replications around it (ratio estimator, Cochran 1977, chapter 6), at 1 - 0.05 / n
    (Bonferroni), as that of districts.

    Parameters
    ----------
    group
        (calls,) position of each one's group, -1 for none.

    Returns
    -------
    dict
        ``mean_with_fallback_s`` and ``share_in_time``: (n,) `mean`, `low`, `high`; NaN without
        calls, and ends without a second replication.

    Raises
    ------
    ValueError
        If the two did not meet the same calls.
    """
    if not np.array_equal(plan.node, today.node) or plan.replications != today.replications:
        raise ValueError("the two deployments did not meet the same calls")
    k, inside = plan.replications, group >= 0
    key = plan.replication[inside].astype(np.int64) * n + group[inside]
    calls = np.bincount(key, minlength=k * n).reshape(k, n)
    together = calls.sum(axis=0)
    t = float(stdtrit(max(k - 1, 1), 1 - (1 - CONFIDENCE) / max(n, 1) / 2))
    out = {}
    for name, apart in (
        ("mean_with_fallback_s", plan.wait_s - today.wait_s),
        ("share_in_time", plan.in_time.astype(np.float64) - today.in_time),
    ):
        sums = np.bincount(key, weights=apart[inside], minlength=k * n).reshape(k, n)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = sums.sum(axis=0) / together
            spread = ((sums - mean * calls) ** 2).sum(axis=0)
            half = t * np.sqrt(spread * k / (k - 1)) / together if k > 1 else np.full(n, np.nan)
        out[name] = pd.DataFrame({"mean": mean, "low": mean - half, "high": mean + half})
    return out
