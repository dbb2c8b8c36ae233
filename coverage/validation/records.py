"""Recorded times that can be held against modeled ones."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.data.calls.history import CallHistory

# Where a recorded travel may start, the nearest to the drive first.
CLOCKS = {
    "en_route_at": "from en route to arrival",
    "dispatched_at": "from dispatch to arrival",
    "received_at": "from receipt to arrival",
}

# Share of arrivals that must have a clock's start for it to be used: one clock for the whole history.
CLOCK_SHARE = 0.5

# Longer travels are stamps of another day or call.
LONGEST_S = 4 * 3600.0

# A unit sent sooner after its last call was still on the road: where it started is not known.
BACK_S = 15 * 60.0

UNKNOWN_UNIT = ""


@dataclass(frozen=True, eq=False)
class TravelRecords:
    """Travels as they were recorded, all arrays (n,).

    Attributes
    ----------
    row
        Position of the call in the history's frame.
    observed_s
        Seconds from the clock's start to arrival.
    day
        Days since the first call's date.
    hour_of_week, node
        Of the call.
    district
        Position of its district, -1 outside or none.
    call_class, unit
        Names; '' where the unit is not known.
    clock
        Column that times start at.
    set_aside
        How many records were not used, by reason.
    notes
        What the records cannot tell.
    """

    row: NDArray[np.int64]
    observed_s: NDArray[np.float64]
    day: NDArray[np.int64]
    hour_of_week: NDArray[np.int64]
    node: NDArray[np.int32]
    district: NDArray[np.int32]
    call_class: NDArray[np.object_]
    unit: NDArray[np.object_]
    clock: str
    set_aside: dict[str, int]
    notes: tuple[str, ...]

    @property
    def n(self) -> int:
        """Number of records."""
        return len(self.row)

    @property
    def days(self) -> int:
        """Number of days that have records."""
        return len(np.unique(self.day))


def travel_records(
    calls: CallHistory,
    *,
    units: Collection[str] | None = None,
    district: NDArray[np.integer] | None = None,
    from_posts: bool = True,
) -> TravelRecords:
    """Take the travels of the planned responders from a history.

    Parameters
    ----------
    units
        `unit_id` of the responders that are modeled; arrivals of others, police mostly, are set
        aside. None: whoever arrived, which is said.
    district
        (calls,) position of each call's district.
    from_posts
        Whether travels are to be set aside where the unit was still on the way from its last call.
    """
    frame = calls.frame
    unit = (
        frame["unit_id"].astype(str).to_numpy(dtype=object)
        if "unit_id" in frame
        else np.full(len(frame), UNKNOWN_UNIT, dtype=object)
    )
    clock = _clock(frame)
    observed = np.asarray((frame["arrived_at"] - frame[clock]).dt.total_seconds(), dtype=np.float64)
    keep = np.ones(len(frame), dtype=bool)
    set_aside: dict[str, int] = {}

    def drop(reason: str, bad: NDArray[np.bool_]) -> None:
        count = int((keep & bad).sum())
        if count:
            set_aside[reason] = count
        np.logical_and(keep, ~bad, out=keep)

    drop("without arrival or start", ~np.isfinite(observed))
    if units is not None:
        drop("of other responders", ~np.isin(unit, list(units)))
    drop("arrived at the moment of the start, or before", observed <= 0)
    drop(f"longer than {LONGEST_S / 3600:g} hours", observed > LONGEST_S)
    if from_posts:
        drop("sent while on the way from the last call", _on_the_road(frame, unit))
    row = np.flatnonzero(keep)
    received = frame["received_at"].dt.tz_localize(None)
    day = ((received.dt.floor("D") - received.min().floor("D")) // pd.Timedelta(days=1)).to_numpy()
    hour = (received.dt.day_of_week * 24 + received.dt.hour).to_numpy()
    where = np.full(len(frame), -1) if district is None else np.asarray(district)
    return TravelRecords(
        row=row,
        observed_s=observed[row],
        day=day[row].astype(np.int64),
        hour_of_week=hour[row].astype(np.int64),
        node=frame["node"].to_numpy()[row].astype(np.int32),
        district=where[row].astype(np.int32),
        call_class=frame["call_class"].to_numpy(dtype=object)[row],
        unit=unit[row],
        clock=clock,
        set_aside=set_aside,
        notes=tuple(_notes(units, unit[row], observed[row])),
    )


def _clock(frame: pd.DataFrame) -> str:
    arrived = frame["arrived_at"].notna()
    for name in CLOCKS:
        if name in frame and (frame[name].notna() & arrived).sum() >= CLOCK_SHARE * arrived.sum():
            return name
    return "received_at"


def _on_the_road(frame: pd.DataFrame, unit: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Find calls whose unit was cleared from another less than :data:`BACK_S` before it was sent."""
    sent = frame["dispatched_at"] if "dispatched_at" in frame else frame["received_at"]
    sent = sent.fillna(frame["received_at"])
    seconds = np.asarray((sent - sent.min()).dt.total_seconds(), dtype=np.float64)
    order = np.lexsort((seconds, unit))
    cleared = np.asarray((frame["cleared_at"] - sent.min()).dt.total_seconds(), np.float64)[order]
    same = np.r_[False, unit[order][1:] == unit[order][:-1]] & (unit[order] != UNKNOWN_UNIT)
    since = seconds[order] - np.r_[np.nan, cleared[:-1]]
    out = np.zeros(len(frame), dtype=bool)
    out[order] = same & (since < BACK_S)
    return out


def _notes(
    units: Collection[str] | None, unit: NDArray[np.object_], observed: NDArray[np.float64]
) -> list[str]:
    notes = []
    if units is None:
        notes.append(
            "Whose arrivals these are is not stated: where police arrive first, their times are "
            "held against the planned crews'."
        )
    elif not len(unit):
        notes.append("No record names a unit of the deployment.")
    if len(observed) and (observed % 60 == 0).all():
        notes.append("Times are stamped in whole minutes.")
    return notes
