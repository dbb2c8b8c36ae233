"""A figure with its confidence band, from replications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from coresponse.coverage.replay.unknown import NOTHING, Unknowns

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """Mean of a figure over replications, and where its true mean lies with the stated confidence.

    Attributes
    ----------
    mean, low, high
        NaN where no replication has the figure; low and high NaN where only one has.
    replications
        That had the figure.
    """

    mean: float
    low: float
    high: float
    replications: int

    def holds(self, value: float) -> bool:
        """Whether a value lies within the band."""
        return self.low <= value <= self.high


def interval(
    values: Sequence[float] | NDArray[np.float64],
    *,
    confidence: float = CONFIDENCE,
    unknown: Unknowns = NOTHING,
) -> Interval:
    """Return Student's band of independent replications (or of batches long enough to count as such).

    Parameters
    ----------
    unknown
        What replications step through, which the band then holds, too.
    """
    found = np.asarray(values, dtype=np.float64)
    chance, hidden, growth = unknown.parts(found)
    found = found[np.isfinite(found)]
    n = len(found)
    if n < 2:
        return Interval(float(found[0]) if n else np.nan, np.nan, np.nan, n)
    t = float(stdtrit(n - 1, 0.5 + confidence / 2))
    half = t * float(np.sqrt(chance / n + growth)) + hidden
    mean = float(found.mean())
    return Interval(mean, mean - half, mean + half, n)


def interval_table(
    tables: Sequence[pd.DataFrame],
    *,
    confidence: float = CONFIDENCE,
    unknown: Unknowns = NOTHING,
) -> pd.DataFrame:
    """Put bands around tables of the same figures, one a replication.

    Returns
    -------
    pandas.DataFrame
        The same rows; for each column ``<column>``, ``<column>_low``, ``<column>_high``.
    """
    index = tables[0].index
    for table in tables[1:]:
        index = index.union(table.index, sort=False)
    out: dict[str, list[float]] = {}
    alike = [table if table.index.equals(index) else table.reindex(index) for table in tables]
    columns = tables[0].columns
    values = np.stack([table[columns].to_numpy(dtype=np.float64) for table in alike])
    for k, column in enumerate(columns):
        stacked = values[:, :, k]
        bands = [
            interval(stacked[:, row], confidence=confidence, unknown=unknown)
            for row in range(len(index))
        ]
        out |= {
            column: [b.mean for b in bands],
            f"{column}_low": [b.low for b in bands],
            f"{column}_high": [b.high for b in bands],
        }
    return pd.DataFrame(out, index=index)
