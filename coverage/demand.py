"""Demand cells: expected calls a week by place, class and period.

Calls noted as about mental health are counted in the classes for them, whatever their code.
A call that is noted is of the class for it. Of a nature whose share the planner states, the calls
that nobody noted hide the rest of that share. Where it is not known whether a call was about mental
health, it is by the share of its nature's calls of which that is known.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from coresponse.coverage.cells import DemandCells
from coresponse.coverage.measured_shares import measured_shares
from coresponse.data.calls.history import NOT_ELIGIBLE, CallHistory
from coresponse.data.calls.mental_health import NO, UNKNOWN, YES
from coresponse.data.districts import Districts
from coresponse.data.errors import InputError
from coresponse.data.hours import HOURS_A_WEEK, Period, hour_of_week
from coresponse.data.programs.model import Program
from coresponse.data.programs.natures import (
    class_shares,
    classify,
    classify_noted,
    mental_health_classes,
)
from coresponse.data.roads.network import RoadNetwork

# Calls of a nature of which it is known, from which its own share is taken; fewer take that of all natures' calls.
ENOUGH_KNOWN = 30
ENDS = ("low", "middle", "high")


def eligible_classes(program: Program) -> tuple[str, ...]:
    """Return the classes that some responder type may be sent to, in the program's order."""
    used = {name for kind in program.responder_types.values() for name in kind.eligible}
    return tuple(name for name in program.call_classes if name in used)


def demand_cells(
    calls: CallHistory,
    program: Program,
    network: RoadNetwork,
    *,
    periods: Sequence[Period],
    districts: Districts | None = None,
) -> DemandCells:
    """Count past calls by node, class and period of the week, as calls a week over the length of the history.

    A nature that belongs to a class by a share counts with the middle of its range.

    Parameters
    ----------
    calls
        Past calls on the network; classes that nobody is eligible for are left out.
    periods
        They cover the week once.

    Raises
    ------
    InputError
        If no call is of a class that any responder type may be sent to.
    """
    names = eligible_classes(program)
    frame = rows_by_class(calls.frame, program, names)
    if frame.empty:
        raise InputError(
            f"no call is of a class that a responder type may be sent to ({', '.join(names)}) -- "
            "look at the natures that "
            "no class takes (coresponse check) and add rules to the program's call_classes"
        )
    period_of_hour = np.empty(HOURS_A_WEEK, dtype=np.int64)
    for i, period in enumerate(periods):
        period_of_hour[list(period.hours.hours)] = i
    received = frame["received_at"].dt
    hour = hour_of_week(received.day_of_week.to_numpy(), received.hour.to_numpy())
    code = {name: i for i, name in enumerate(names)}
    kind = frame["call_class"].map(code).to_numpy().astype(np.int64)
    key = (frame["node"].to_numpy().astype(np.int64) * len(names) + kind) * len(
        periods
    ) + period_of_hour[hour]
    cells, of_row, count = np.unique(key, return_inverse=True, return_counts=True)
    few, middle, many = (
        np.bincount(of_row, weights=frame[name].to_numpy()) for name in ("low", "middle", "high")
    )
    ranged = bool((few != middle).any() or (many != middle).any())
    node = (cells // (len(periods) * len(names))).astype(np.int32)
    district = np.full(len(node), -1, dtype=np.int32)
    if districts is not None:
        district = districts.of_places(node, network.place_xy)
    return DemandCells(
        node=node,
        call_class=(cells // len(periods) % len(names)).astype(np.int16),
        period=(cells % len(periods)).astype(np.int16),
        district=district,
        calls_per_week=middle / (calls.days / 7),
        calls=count.astype(np.int64),
        class_names=names,
        class_weight=np.array([program.call_classes[name].weight for name in names]),
        periods=tuple(periods),
        weeks=calls.days / 7,
        if_few=few / middle if ranged else None,
        if_many=many / middle if ranged else None,
    )


def has_shares(program: Program, frame: pd.DataFrame) -> bool:
    """Whether some calls are of a class by a share only: by their nature's, or since nobody noted what they were."""
    if any(found.nature_shares for found in program.call_classes.values()):
        return True
    return "mental_health" in frame and noted_in_part(frame["mental_health"])


def rows_by_class(frame: pd.DataFrame, program: Program, names: Sequence[str]) -> pd.DataFrame:
    """Return one row a call and eligible class that it may be of, with its share: `low`, `middle`, `high`."""
    if not has_shares(program, frame):
        return frame[frame["call_class"].isin(names)].assign(low=1.0, middle=1.0, high=1.0)
    if "mental_health" in frame and (frame["mental_health"] != "").any():
        return noted_rows(frame, program, names)
    shares = class_shares(frame["nature"], program)
    shares = shares[shares["call_class"].isin(names) & (shares["middle"] > 0)]
    # the order of the rows does not matter: they are counted by cell
    return frame.drop(columns="call_class").merge(shares, on="nature")


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
