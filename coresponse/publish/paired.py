"""Differences between two deployments that met the same calls.

Bands of the difference, not of the two figures.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from coresponse.coverage.replay.bands import CONFIDENCE, Interval, interval
from coresponse.coverage.replay.replay_measures import ReplayMeasures
from coresponse.publish.city import CityRounding


def total(measures: ReplayMeasures, columns: Sequence[str], rounding: CityRounding) -> Interval:
    """Return the sum of overall figures as it may be shown: each as it is shown, added up.

    The ends are added up too: as wide as a sum can be whose parts move together, never too narrow.
    """
    parts = [rounding.interval(key, measures.figure(key)) for key in columns]
    return Interval(
        float(sum(part.mean for part in parts)),
        float(sum(part.low for part in parts)),
        float(sum(part.high for part in parts)),
        measures.replications,
    )


def difference(
    plan: ReplayMeasures, today: ReplayMeasures, columns: Sequence[str], rounding: CityRounding
) -> Interval:
    """Return by how much the sum of overall figures is higher under the plan than today.

    Replication k of both met the same calls and chances, so that what the calls alone do falls out
    of the difference: its band is narrower than the two figures' own (common random numbers; Law
    2015, section 11.2).
    """
    found = interval(
        [
            sum(float(mine.overall[key].iloc[0] - other.overall[key].iloc[0]) for key in columns)
            for mine, other in zip(plan.samples, today.samples, strict=True)
        ]
    )
    return rounding.stepped(found, rounding.step(columns[0]), at_least=-np.inf)


def district_differences(
    plan: ReplayMeasures, today: ReplayMeasures, column: str, districts: Sequence[str]
) -> pd.DataFrame:
    """Return by how much a figure is higher under the plan in each district, with bands that hold for all at once.

    Each band has confidence 1 - 0.05 / n for n districts, so that all hold together in at least 95
    of 100 cases (Bonferroni): among twenty districts with no change one would otherwise seem to
    gain or lose by chance.

    Returns
    -------
    pandas.DataFrame
        Index: district_id; `mean`, `low`, `high` in the figure's unit; NaN where no replication has
        calls there.
    """
    confidence = 1 - (1 - CONFIDENCE) / max(len(districts), 1)
    rows = []
    for name in districts:
        values = [
            float(
                mine.by_district[column].get(name, float("nan"))
                - other.by_district[column].get(name, float("nan"))
            )
            for mine, other in zip(plan.samples, today.samples, strict=True)
        ]
        found = interval(values, confidence=confidence)
        rows.append((found.mean, found.low, found.high))
    return pd.DataFrame(rows, index=pd.Index(list(districts)), columns=["mean", "low", "high"])
