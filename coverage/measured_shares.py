"""Shares of natures' calls that are about mental health, where a column says so."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtri

from coresponse.data.errors import InputError


def measured_shares(
    nature: pd.Series[str], about_mental_health: pd.Series[bool], *, confidence: float = 0.95
) -> pd.DataFrame:
    """Measure the share of each nature's calls that a flag, disposition or text says are about mental health.

    Parameters
    ----------
    nature, about_mental_health
        By call, in the same order; a call whose flag is not known is to be left out.
    confidence
        Of the range (Wilson 1927), which holds chance alone, not what nobody noted.

    Returns
    -------
    pandas.DataFrame
        Index `nature`, most calls first: `calls`, `flagged`, `share`, `low`, `high`. A `low` and `high` are
        what ``natures = { CODE = { share = [low, high] } }`` takes.
    """
    if len(nature) != len(about_mental_health):
        raise InputError(
            f"natures and flags must be of the same calls, found {len(nature):,} and "
            f"{len(about_mental_health):,}"
        )
    flags = pd.Series(np.asarray(about_mental_health, dtype=bool), name="flagged")
    by_nature = flags.groupby(pd.Series(np.asarray(nature, dtype=object), name="nature"))
    table = pd.DataFrame({"calls": by_nature.size(), "flagged": by_nature.sum()})
    n, share = table["calls"], table["flagged"] / table["calls"]
    z = float(ndtri(0.5 + confidence / 2))
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    table["share"] = share
    # at 0 and at all the ends are exact; rounding must not put them beyond
    table["low"], table["high"] = (middle - half).clip(lower=0), (middle + half).clip(upper=1)
    return table.sort_values("calls", ascending=False, kind="stable")
