"""What an agency's codes say, and what they hide.

Calls about mental health are often not coded as such: in one study 0.9% of calls by code and 10.8%
by text and outcome (Koziarski et al. 2022, doi 10.1093/police/paac006). A program states a share
per nature, as a range; a column of flags, dispositions or text can measure it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from coresponse.coverage.demand import noted_rows
from coresponse.data.calls.history import CallHistory
from coresponse.data.programs.model import Program
from coresponse.data.programs.natures import class_shares, classify

NOTED = "its calls noted as mental health"


def codes_and_hidden(calls: CallHistory, program: Program) -> pd.DataFrame:
    """Say what each nature's code says and what it may hide: exact counts, for the agency's own eyes.

    Returns
    -------
    pandas.DataFrame
        One row a nature and class, most calls first: `nature`; `calls`; `calls_per_week`; `call_class`
        ('' if none takes it); `says` (``all of its calls``, ``a share of its calls``, :data:`NOTED`,
        ``the other calls``, ``no class takes it``); `share_low`, `share`, `share_high` of its calls; `low_per_week`,
        `expected_per_week`, `high_per_week` (calls of the class); `hidden_low_per_week`,
        `hidden_per_week`, `hidden_high_per_week` (those of them that the code alone does not tell).
        Shares and calls of what no class takes are NaN: nobody has said what these hide.
    """
    frame = calls.frame
    counted = frame["nature"].value_counts(sort=False)
    noted = "mental_health" in frame and bool((frame["mental_health"] != "").any())
    shares = _with_noted(calls, program) if noted else class_shares(frame["nature"], program)
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
    if noted:
        table["says"] = table["says"].where(
            (table["says"] != "a share of its calls") | ~table["noted"].fillna(value=False),
            NOTED,
        )
    hidden = table["says"].isin(["a share of its calls", NOTED])
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


def _with_noted(calls: CallHistory, program: Program) -> pd.DataFrame:
    """Return the shares of each nature's calls by class, those noted call by call among them.

    As :func:`coresponse.data.programs.natures.class_shares`, the class that hides first; `noted` says
    whether some calls of it are noted ones.
    """
    frame, names = calls.frame, tuple(program.call_classes)
    rows = noted_rows(frame, program, names)
    rows["yes"] = rows["mental_health"] == "yes"
    counted = frame["nature"].value_counts()
    table = rows.groupby(["nature", "call_class"], as_index=False)[["low", "middle", "high"]].sum()
    yes = rows[rows["yes"]].groupby(["nature", "call_class"]).size()
    for end in ("low", "middle", "high"):
        table[end] /= table["nature"].map(counted)
    table["noted"] = [
        key in yes.index for key in zip(table["nature"], table["call_class"], strict=True)
    ]
    natures = pd.Series(frame["nature"].unique())
    own = dict(zip(natures, classify(natures, program), strict=True))
    table["other"] = table["call_class"] == table["nature"].map(own)
    # a class that its own code has is the one with the others, if another class has some of its
    # calls
    return table.sort_values(["nature", "other"], kind="stable").drop(columns="other")
