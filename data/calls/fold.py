"""Several rows of one event become one call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.data.errors import InputError
from coresponse.data.notes import Count, Note

# From its first row: units are sent for hours, numbers come again after a year.
REUSED_AFTER = pd.Timedelta(days=7)

# Rows of one event lie within a campus or a park of each other; its units' own positions may not.
SAME_PLACE_M = 2_000.0

# An event number in so many places within :data:`REUSED_AFTER` is none: a unit's, or a word for none.
PLACES_OF_NO_EVENT = 3

# Calls of one time, place and nature in two files; fewer may be chance.
FEW_SAME = 10

# Of one event: a disaster has hundreds of units. More rows under one number, far apart, are no event.
MOST_ROWS = 1_000

_SAME_FIRST = [
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


def fold_events(rows: pd.DataFrame) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Fold rows by `call_id`.

    First received, dispatched and arrived; last cleared; who left the scene for a facility, and was
    there, of the unit that arrived first of those who did; nature, channel, priority and place from
    the earliest row that has them; the unit, and when it drove off, from the row of the first
    arrival, or else the first sent. The order of the rows does not matter.

    Parameters
    ----------
    rows
        Columns `call_id`, `received_at`, `dispatched_at`, `en_route_at`, `arrived_at`, `left_scene_at`,
        `at_facility_at`, `cleared_at` (datetime64 UTC),
        `nature`, `channel`, `priority`, `unit_id`, `mental_health` (str), `x`, `y`, `place_reason`, `place_detail`,
        `time_detail`, `origin` (int64, file and row).

    Returns
    -------
    events
        One row an event, same columns; `origin` is its first.
    notes
        Sentences for people on numbers that are no event's, or of several.
    """
    repeated = rows["call_id"].duplicated(keep=False).to_numpy()
    if not repeated.any():
        return rows, ()
    several = rows[repeated]
    order = ["call_id", *_SAME_FIRST]
    several = several.sort_values(order, kind="stable", na_position="last")
    several["call_id"], notes = _apart(several, set(rows["call_id"]))
    text = ["nature", "channel", "priority", "unit_id"]
    several[text] = several[text].replace("", np.nan)
    # a usable place goes before an unusable one, whichever row came first
    placed = several.sort_values("place_reason", key=lambda reason: reason != "", kind="stable")
    first_place = placed.drop_duplicates("call_id").set_index("call_id")
    sent = several.sort_values(["arrived_at", "dispatched_at"], kind="stable", na_position="last")
    unit = sent.groupby("call_id", sort=True)["unit_id"].first()  # the first that is not blank
    # of the row that the unit was first there with: another unit's stamp says nothing of its drive
    left = sent.drop_duplicates("call_id").set_index("call_id")["en_route_at"]
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
    folded["unit_id"], folded["en_route_at"] = unit, left
    # whoever noted it: yes goes before no, and no before nothing
    folded["mental_health"] = groups["mental_health"].max()
    taken = sent[["left_scene_at", "at_facility_at"]].notna().any(axis=1)
    of_one = sent[taken].drop_duplicates("call_id").set_index("call_id")
    for name in ("left_scene_at", "at_facility_at"):
        folded[name] = of_one[name].reindex(folded.index)
    for name in ("x", "y", "place_reason", "place_detail"):
        folded[name] = first_place[name]
    folded[text] = folded[text].fillna("").astype(str)
    events = [rows[~repeated], folded.reset_index()[list(rows.columns)]]
    return pd.concat(events, ignore_index=True), notes


def _apart(several: pd.DataFrame, taken: set[str]) -> tuple[pd.Series[str], tuple[Note, ...]]:
    """Tell events apart that share a number: rows far from each other in time or place.

    Rows are sorted by number and time; the later event's number gets ``#2``, ``#3`` and so on.
    """
    groups = several.groupby("call_id", sort=False)
    span = groups[["received_at", "x", "y"]].agg(["min", "max"])
    across = (span["x", "max"] - span["x", "min"]) ** 2 + (span["y", "max"] - span["y", "min"]) ** 2
    far = across > SAME_PLACE_M**2
    late = (span["received_at", "max"] - span["received_at", "min"]) > REUSED_AFTER
    spread = groups["call_id"].transform("first").map(late | far).to_numpy()
    if not spread.any():
        return several["call_id"], ()
    turn = np.ones(len(several), dtype=np.int64)
    apart = several[spread]
    none = 0
    several_events: list[NDArray[np.int64]] = []
    for positions in apart.groupby("call_id", sort=False).indices.values():
        of_one = apart.iloc[positions]
        found = _events(of_one)
        if found is None:
            none += len(of_one)
            found = np.arange(1, len(of_one) + 1)
        elif found.max() > 1:
            several_events.append(found)
        turn[np.flatnonzero(spread)[positions]] = found
    mark, later = "#", turn > 1
    while not taken.isdisjoint(several["call_id"][later] + mark + turn[later].astype(str)):
        mark += "#"  # a number of the file's own looks like that
    ids = several["call_id"].where(~later, several["call_id"] + mark + turn.astype(str))
    return ids, tuple(_reuse_notes(several_events, none))


def _reuse_notes(several_events: Sequence[NDArray[np.int64]], none: int) -> Iterator[Note]:
    """Say which rows share a number with rows of another event, and which have a number that is none."""
    if several_events:
        yield Note(
            "{rows} rows share an event number with rows more than a week or {far} m away: "
            "counted as {calls} calls",
            rows=Count(sum(len(found) for found in several_events)),
            far=f"{SAME_PLACE_M:,.0f}",
            calls=Count(sum(int(found.max()) for found in several_events)),
        )
    if none:
        yield Note(
            "{rows} rows have an event number that stands in {places} or more places within a "
            "week, so it is not an event number: each row is a call",
            rows=Count(none),
            places=PLACES_OF_NO_EVENT,
        )


def _events(rows: pd.DataFrame) -> NDArray[np.int64] | None:
    """Return which event, from 1 by time, each row under one number is of; None if it is no number.

    A row belongs to the first event that began at most :data:`REUSED_AFTER` before, and whose place
    is within :data:`SAME_PLACE_M` or not known; without a time, to the last one.
    """
    if len(rows) > MOST_ROWS:
        return None
    began: list[np.datetime64] = []
    places: list[tuple[float, float] | None] = []
    out = np.zeros(len(rows), dtype=np.int64)
    times = rows["received_at"].to_numpy()
    located = zip(rows["x"].tolist(), rows["y"].tolist(), strict=True)
    for at, (when, (x, y)) in enumerate(zip(times, located, strict=True)):
        if np.isnat(when):
            out[at] = max(len(began), 1)
            continue
        open_events = [i for i, first in enumerate(began) if when - first <= REUSED_AFTER]
        fitting = [i for i in open_events if _near(places[i], x, y)]
        if fitting:
            out[at] = fitting[0] + 1
            places[fitting[0]] = places[fitting[0]] or _place(x, y)
            continue
        if len(open_events) + 1 >= PLACES_OF_NO_EVENT:
            return None
        began.append(when)
        places.append(_place(x, y))
        out[at] = len(began)
    return out


def _place(x: float, y: float) -> tuple[float, float] | None:
    return None if np.isnan(x) or np.isnan(y) else (x, y)


def _near(place: tuple[float, float] | None, x: float, y: float) -> bool:
    if place is None or np.isnan(x) or np.isnan(y):
        return True
    return float(np.hypot(x - place[0], y - place[1])) <= SAME_PLACE_M


def refuse_same_rows(files: Sequence[pd.DataFrame], labels: Sequence[str]) -> None:
    """Refuse a file most of whose rows without a number stand in another, too.

    With numbers, rows of several files fold into calls; without, each would count again.

    Raises
    ------
    InputError
        If there is such a file.
    """
    kinds = []
    for label, rows in zip(labels, files, strict=True):
        made = rows["call_id"].str.startswith(f"{label}:") & rows["received_at"].notna()
        told = rows.loc[made, ["received_at", "x", "y", "nature"]].round({"x": 1, "y": 1})
        kinds.append(pd.util.hash_pandas_object(told, index=False).unique())
    for one, other in combinations(range(len(files)), 2):
        fewer = min(len(kinds[one]), len(kinds[other]))
        shared = len(np.intersect1d(kinds[one], kinds[other], assume_unique=True))
        if shared >= FEW_SAME and shared > fewer / 2:
            raise InputError(
                f"{labels[one]} and {labels[other]} hold the same calls: {shared:,} rows of the "
                f"one, of {fewer:,}, have the time, place and nature of a row of the other -- give "
                "one of them, or map call_id"
            )


def consistent_times(calls: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """Blank times that contradict the others: the call stays, the wrong time goes.

    Dispatch before receipt; driving off before dispatch or receipt, or after arrival; arrival
    before dispatch or receipt; clearing before arrival, dispatch or receipt, or more than 48 hours
    after receipt.

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
    stray = (out["en_route_at"] < out["received_at"]) | (out["en_route_at"] < out["dispatched_at"])
    stray |= out["en_route_at"] > out["arrived_at"]
    out.loc[stray, "en_route_at"] = pd.NaT
    wrong["en route before sent or after arrived"] = ("en_route_at", stray)
    gone = (out["left_scene_at"] < out["arrived_at"]) | (out["left_scene_at"] < out["received_at"])
    gone |= out["left_scene_at"] > out["cleared_at"]
    out.loc[gone, "left_scene_at"] = pd.NaT
    wrong["left the scene before arrived or after cleared"] = ("left_scene_at", gone)
    since = out[["received_at", "arrived_at", "left_scene_at"]].max(axis=1)
    there = (out["at_facility_at"] < since) | (out["at_facility_at"] > out["cleared_at"])
    out.loc[there, "at_facility_at"] = pd.NaT
    wrong["at the facility before left the scene or after cleared"] = ("at_facility_at", there)
    latest = out[["received_at", "dispatched_at", "arrived_at"]].max(axis=1)
    before = out["cleared_at"] < latest
    long = out["cleared_at"] - out["received_at"] > pd.Timedelta(hours=48)
    out.loc[before | long, "cleared_at"] = pd.NaT
    wrong["cleared before arrived"] = ("cleared_at", before)
    wrong["cleared more than 48 hours later"] = ("cleared_at", long & ~before)
    return out, {what: int(mask.sum()) for what, (_, mask) in wrong.items() if mask.any()}
