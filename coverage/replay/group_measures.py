"""How responses differ between groups of residents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.living_areas import LivingAreas

# By figure, how far a group's is above that of all residents.
GAPS = {"mean_with_fallback_s": "gap_s", "share_in_time": "gap_in_time"}


@dataclass(frozen=True, eq=False)
class GroupMeasures:
    """Figures of groups of residents in a replay.

    Attributes
    ----------
    living
        Where they live.
    table
        Index: ``all``, then each group's key. `mean_with_fallback_s`, `share_in_time`, `gap_s`,
        `gap_in_time`, each with `_low` and `_high`: 95% bands; those of gaps hold for all groups
        together (Bonferroni). NaN where a group has nobody.
    gini
        Of the mean wait where residents live: 0 if all wait alike.
    calls_behind
        (1 + groups,) calls that a figure is of, at least: see :class:`LivingAreas`; of the areas of
        which calls were drawn.
    """

    living: LivingAreas
    table: pd.DataFrame
    gini: float
    calls_behind: NDArray[np.float64]
