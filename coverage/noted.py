"""Calls noted as about mental health, whatever their code: into the classes that demand is counted by.

A call that is noted is of the class for it. Of a nature whose share the planner states, the calls
that nobody noted hide the rest of that share. Where it is not known whether a call was about mental
health, it is by the share of its nature's calls of which that is known.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from coresponse.coverage.measured_shares import measured_shares
from coresponse.data.calls.history import NOT_ELIGIBLE
from coresponse.data.calls.mental_health import NO, UNKNOWN, YES
from coresponse.data.programs.model import Program
from coresponse.data.programs.natures import (
    class_shares,
    classify,
    classify_noted,
    mental_health_classes,
)

# Calls of a nature of which it is known, from which its own share is taken; fewer take that of all natures' calls.
ENOUGH_KNOWN = 30

ENDS = ("low", "middle", "high")


def noted_in_part(noted: pd.Series[str]) -> bool:
    """Whether it is known of some calls, and of others not."""
    unknown = noted == UNKNOWN
    return bool(unknown.any() and not unknown.all())


def noted_rows(frame: pd.DataFrame, program: Program, names: Sequence[str]) -> pd.DataFrame:
    """Return one row a call and class that it may be of, with its share: `low`, `middle`, `high`.

    Parameters
    ----------
    frame
        Calls with `nature` and `mental_health`.
    names
        Classes that are wanted.
    """
    yes = frame["mental_health"] == YES
    of_nature = hidden_shares(frame, program)
    certain = frame[yes].assign(low=1.0, middle=1.0, high=1.0)
    certain["call_class"] = classify_noted(certain["nature"], certain["mental_health"], program)
    rest = frame[~yes].drop(columns="call_class")
    rows = rest.merge(of_nature, on=["nature", "mental_health"])
    out = pd.concat([certain, rows], ignore_index=True)
    return out[out["call_class"].isin(names) & (out["middle"] > 0)]


def hidden_shares(frame: pd.DataFrame, program: Program) -> pd.DataFrame:
    """Say by what share the calls that are not noted belong to which class.

    Returns
    -------
    pandas.DataFrame
        `nature`, `mental_health` (``no`` or ''), `call_class`, `low`, `middle`, `high`.
    """
    known = frame[frame["mental_health"] != UNKNOWN]
    noted = (frame["mental_health"] == YES).groupby(frame["nature"]).mean()
    by_nature = class_shares(frame["nature"], program).groupby("nature")
    stated = {str(nature): part for nature, part in by_nature}
    own, measured = set(mental_health_classes(program)), _measured(known)
    target = mental_health_classes(program)[0]
    natures = pd.Series(frame["nature"].unique())
    plain = dict(zip(natures, classify(natures, program), strict=True))
    rows: list[tuple[str, str, str, float, float, float]] = []
    for nature in natures:
        part = stated.get(nature)
        by_share = part is not None and bool((part[["low", "high"]] < 1).any(axis=None))
        for state in (NO, UNKNOWN):
            if by_share and part is not None:
                hidden = part.iloc[0]
                seen = float(noted[nature])
                shares = tuple(_left(float(hidden[end]), seen) for end in ENDS)
                rest = part["call_class"].iloc[1] if len(part) > 1 else NOT_ELIGIBLE
                name = str(hidden["call_class"])
            else:
                name, rest = target, plain[nature]
                shares = (0.0, 0.0, 0.0)
                if state == UNKNOWN and rest not in own:
                    shares = measured.get(nature, measured[""])
            rows.append((nature, state, name, *shares))
            rows.append((nature, state, str(rest), *(1 - share for share in shares)))
    table = pd.DataFrame(rows, columns=["nature", "mental_health", "call_class", *ENDS])
    return table[
        (table["call_class"] != NOT_ELIGIBLE) & (table["high"].clip(lower=table["low"]) > 0)
    ]


def _left(share: float, seen: float) -> float:
    """Return the share of calls nobody noted that makes a nature's share what is stated, with those that were."""
    return float(np.clip((share - seen) / max(1 - seen, 1e-12), 0.0, 1.0))


def _measured(known: pd.DataFrame) -> dict[str, tuple[float, float, float]]:
    """Return the range of the share of each nature with enough known calls; '' has that of all."""
    table = measured_shares(known["nature"], known["mental_health"] == YES)
    every = measured_shares(pd.Series("", index=known.index), known["mental_health"] == YES)
    rows = pd.concat([every, table[table["calls"] >= ENOUGH_KNOWN]])
    return {
        str(nature): (low, (low + high) / 2, high)
        for nature, low, high in zip(rows.index, rows["low"], rows["high"], strict=True)
    }
