"""Several rows of one event become one call."""

from __future__ import annotations

import numpy as np
import pandas as pd

REUSED_AFTER = pd.Timedelta(days=7)


def fold_events(rows: pd.DataFrame) -> pd.DataFrame:
    """Fold rows by `call_id`.

    First received, dispatched and arrived; last cleared; nature, channel, priority and place from
    the earliest row that has them; the unit from the row of the first arrival, or else the first
    sent. The order of the rows does not matter.

    Parameters
    ----------
    rows
        Columns `call_id`, `received_at`, `dispatched_at`, `arrived_at`, `cleared_at` (datetime64
        UTC), `nature`, `channel`, `priority`, `unit_id` (str), `x`, `y`, `place_reason`, `place_detail`,
        `time_detail`, `origin` (int64, file and row).

    Returns
    -------
    pandas.DataFrame
        One row an event, same columns; `origin` is its first.
    """
    repeated = rows["call_id"].duplicated(keep=False).to_numpy()
    if not repeated.any():
        return rows
    several = rows[repeated]
    order = [
        "call_id",
        "received_at",
        "place_reason",
        "nature",
        "channel",
        "priority",
        "unit_id",
        "x",
        "y",
        "origin",
    ]
    several = several.sort_values(order, kind="stable", na_position="last")
    several["call_id"] = _apart(several)
    text = ["nature", "channel", "priority", "unit_id"]
    several[text] = several[text].replace("", np.nan)
    # a usable place goes before an unusable one, whichever row came first
    placed = several.sort_values("place_reason", key=lambda reason: reason != "", kind="stable")
    first_place = placed.drop_duplicates("call_id").set_index("call_id")
    sent = several.sort_values(["arrived_at", "dispatched_at"], kind="stable", na_position="last")
    unit = sent.groupby("call_id", sort=True)["unit_id"].first()  # the first that is not blank
    groups = several.groupby("call_id", sort=True)
    folded = groups.agg(
        received_at=("received_at", "min"),
        dispatched_at=("dispatched_at", "min"),
        arrived_at=("arrived_at", "min"),
        cleared_at=("cleared_at", "max"),
        nature=("nature", "first"),
        channel=("channel", "first"),
        priority=("priority", "first"),
        time_detail=("time_detail", "max"),
        origin=("origin", "min"),
    )
    folded["unit_id"] = unit
    for name in ("x", "y", "place_reason", "place_detail"):
        folded[name] = first_place[name]
    folded[text] = folded[text].fillna("").astype(str)
    return pd.concat([rows[~repeated], folded.reset_index()[list(rows.columns)]], ignore_index=True)


def _apart(several: pd.DataFrame) -> pd.Series[str]:
    """Tell events apart whose number was used again.

    Rows of one number more than a week apart are two events.

    Rows are sorted by number and time; the later event's number gets ``#2``, ``#3`` and so on.
    """
    gap = several.groupby("call_id", sort=False)["received_at"].diff() > REUSED_AFTER
    turn = gap.astype(int).groupby(several["call_id"], sort=False).cumsum() + 1
    return several["call_id"].where(turn == 1, several["call_id"] + "#" + turn.astype(str))


def consistent_times(calls: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """Blank times that contradict the others: the call stays, the wrong time goes.

    Dispatch before receipt, arrival before dispatch or receipt, clearing before arrival, dispatch
    or receipt, and clearing more than 48 hours after receipt.

    Returns
    -------
    calls
        With such times blank.
    counts
        How many, by what was wrong.
    """
    out = calls.copy()
    wrong = {
        "dispatched before received": ("dispatched_at", out["dispatched_at"] < out["received_at"]),
    }
    out.loc[wrong["dispatched before received"][1], "dispatched_at"] = pd.NaT
    early = (out["arrived_at"] < out["received_at"]) | (out["arrived_at"] < out["dispatched_at"])
    out.loc[early, "arrived_at"] = pd.NaT
    wrong["arrived before sent"] = ("arrived_at", early)
    latest = out[["received_at", "dispatched_at", "arrived_at"]].max(axis=1)
    before = out["cleared_at"] < latest
    long = out["cleared_at"] - out["received_at"] > pd.Timedelta(hours=48)
    out.loc[before | long, "cleared_at"] = pd.NaT
    wrong["cleared before arrived"] = ("cleared_at", before)
    wrong["cleared more than 48 hours later"] = ("cleared_at", long & ~before)
    return out, {what: int(mask.sum()) for what, (_, mask) in wrong.items() if mask.any()}
