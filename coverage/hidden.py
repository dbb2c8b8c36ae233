"""What an agency's codes say, and what they hide.

Calls about mental health are often not coded as such: in one study 0.9% of calls by code and 10.8% by
text and outcome (Koziarski et al. 2022, doi 10.1093/police/paac006). A program states a share per
nature, as a range; a column of flags, dispositions or text can measure it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtri

from coresponse.data.calls.history import CallHistory
from coresponse.data.errors import InputError
from coresponse.data.programs.model import Program
from coresponse.data.programs.natures import class_shares


def codes_and_hidden(calls: CallHistory, program: Program) -> pd.DataFrame:
    """Say what each nature's code says and what it may hide: exact counts, for the agency's own eyes.

    Returns
    -------
    pandas.DataFrame
        One row a nature and class, most calls first: `nature`; `calls`; `calls_per_week`; `call_class`
        ('' if none takes it); `says` (``all of its calls``, ``a share of its calls``, ``the other calls``,
        ``no class takes it``); `share_low`, `share`, `share_high` of its calls; `low_per_week`,
        `expected_per_week`, `high_per_week` (calls of the class); `hidden_low_per_week`,
        `hidden_per_week`, `hidden_high_per_week` (those of them that the code alone does not tell). Shares
        and calls of what no class takes are NaN: nobody has said what these hide.
    """
    counted = calls.frame["nature"].value_counts(sort=False)
    shares = class_shares(calls.frame["nature"], program)
    table = counted.rename("calls").rename_axis("nature").reset_index()
    table = table.merge(shares, on="nature", how="left").rename(
        columns={"low": "share_low", "middle": "share", "high": "share_high"}
    )
    table["call_class"] = table["call_class"].fillna("")
    twice = table["nature"].duplicated(keep="first")
    table["says"] = np.select(
        [table["call_class"] == "", twice, (table["share_low"] < 1) | (table["share_high"] < 1)],
        ["no class takes it", "the other calls", "a share of its calls"],
        "all of its calls",
    )
    week = table["calls"] / (calls.days / 7)
    table.insert(2, "calls_per_week", week)
    hidden = table["says"] == "a share of its calls"
    for name, share in (("low", "share_low"), ("expected", "share"), ("high", "share_high")):
        table[f"{name}_per_week"] = week * table[share]
        column = "hidden_per_week" if name == "expected" else f"hidden_{name}_per_week"
        known = table["says"] != "no class takes it"
        table[column] = (week * table[share]).where(hidden, 0.0).where(known)
    order = ["nature", "calls", "calls_per_week", "call_class", "says"]
    order += ["share_low", "share", "share_high", "low_per_week", "expected_per_week"]
    order += ["high_per_week", "hidden_low_per_week", "hidden_per_week", "hidden_high_per_week"]
    table["twice"] = twice
    table = table.sort_values(["calls", "nature", "twice"], ascending=[False, True, True])
    return table[order].reset_index(drop=True)


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
