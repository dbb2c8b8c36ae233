"""Read past calls.

Rows of any dispatch system become calls on the road network, and nothing is lost on the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.data.addresses.match import Addresses
from coresponse.data.calls.fold import consistent_times, fold_events, refuse_same_rows
from coresponse.data.calls.history import (
    BROKEN_ROW,
    FURTHER_ROWS,
    NOT_ELIGIBLE,
    ON_THE_NETWORK,
    CallHistory,
    Funnel,
    FunnelStep,
)
from coresponse.data.calls.mental_health import (
    MentalHealthColumn,
    column_of,
    refuse_if_nowhere,
    resolved,
)
from coresponse.data.calls.opened import OpenedHistory
from coresponse.data.calls.opening import open_history
from coresponse.data.calls.places import NO_PLACE, refuse_if_far
from coresponse.data.calls.received import refuse_dates_alone
from coresponse.data.calls.rows import ROWS, TEXT, TIMES, CallRows, read_row_places, read_rows
from coresponse.data.calls.span import (
    FAR_OUTSIDE,
    NOT_STATED_DAY,
    WHOLE_HISTORY,
    Span,
    StatedDays,
    gap_notes,
    span_of,
)
from coresponse.data.calls.times import time_zone
from coresponse.data.errors import InputError
from coresponse.data.hashes import refuse_same_file
from coresponse.data.notes import Count, Note
from coresponse.data.programs.model import Program
from coresponse.data.programs.natures import classify_noted
from coresponse.data.progress import Progress, silent
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.snap import snap
from coresponse.data.tables.reading import Reading

NO_TIME = "no time of receipt"
BAD_TIME = "time of receipt is not understood"

NO_ZONE = Note(
    "no time zone given: times are taken as local time without daylight saving -- "
    'state it under [calls], such as timezone = "America/Denver"'
)

_CURES = {
    NOT_STATED_DAY: "look at first_day and last_day under [calls]",
    NO_TIME: "set received_at to the column with the time",
    BAD_TIME: "write times like 2024-05-13 14:05:00, or set received_at to another column",
    NO_PLACE: "write coordinates as plain numbers with a decimal point, or name other columns",
}


def read_calls(
    paths: Sequence[Path],
    *,
    network: RoadNetwork,
    program: Program,
    columns: Mapping[str, str] | None = None,
    crs: str | None = None,
    timezone: str | None = None,
    day_first: bool | None = None,
    snap_max_m: float = 500.0,
    stated: StatedDays = WHOLE_HISTORY,
    addresses: Addresses | None = None,
    mental_health: MentalHealthColumn | None = None,
    progress: Progress = silent,
) -> CallHistory:
    """Read files of past calls and place them on the road network.

    Parameters
    ----------
    paths
        CSV, Excel, Parquet, GeoPackage, GeoJSON; also packed.
    network
        The roads.
    program
        Its nature rules say which class a call is of.
    columns
        Our name = theirs, where a column is not found by itself.
    crs
        Of the coordinate columns x and y, if they are not degrees.
    timezone
        Of times without offset.
    day_first
        Whether the day goes before the month in dates such as 03/04/2024; None: as the dates say.
    snap_max_m
        Calls farther than this from every road are set aside.
    stated
        The days that the history covers, if the planner states them: calls of others are set aside.
    addresses
        The city's address book, for files without coordinates.
    mental_health
        The column that says which calls were about mental health; None: none is looked at, but one
        that seems to is proposed.

    Raises
    ------
    InputError
        If a file is not readable as a table of calls; single bad rows are set aside, not raised.
    """
    if not paths:
        raise InputError("no file of calls is given")
    zone, names = time_zone(timezone), ", ".join(path.name for path in paths)
    refuse_same_file([path for path in paths if path.is_file()])
    opened = open_history(paths, columns=columns, day_first=day_first, zone=zone, progress=progress)
    files = _rows_of(
        opened,
        crs=crs,
        network=network,
        zone=zone,
        addresses=addresses,
        mental_health=mental_health,
    )
    _refuse_faults_of_all(opened, files, zone, mental_health, names)
    progress("reading calls", len(paths), len(paths))
    rows = pd.concat([file.rows for file in files], ignore_index=True)
    if mental_health is not None:
        rows["mental_health"] = resolved(rows["mental_health"])
    broken = pd.concat([file.broken for file in files], ignore_index=True)

    progress("placing calls on the roads", 0, 1)
    events, of_folding = fold_events(rows)
    events["reason"] = _event_reasons(events)
    span = _set_far_days_aside(events, zone, stated)
    n_rows = len(rows) + len(broken)
    if (events["reason"] != "").all():
        raise InputError(
            f"{names}: not one of {n_rows:,} rows has a usable time and place; "
            f"{_most(events, opened.labels)}"
        )
    _place_on_roads(events, network, snap_max_m, names)
    progress("placing calls on the roads", 1, 1)

    kept, contradictions = consistent_times(events[events["reason"] == ""])
    frame = _frame(kept, program, zone)
    eligible = (frame["call_class"] != NOT_ELIGIBLE).to_numpy()
    return CallHistory(
        frame=frame,
        crs=network.crs,
        timezone=zone.key,
        days=stated.count(frame["received_at"], span),
        funnel=_funnel(n_rows, len(broken), events, frame, eligible),
        set_aside=_set_aside(events, broken, opened.labels),
        unmapped=_unmapped(frame, eligible),
        notes=(
            *opened.notes,
            *(note for file in files for note in file.notes),
            *((NO_ZONE,) if timezone is None else ()),
            *of_folding,
            *_blanked_notes(contradictions),
            *gap_notes(frame["received_at"], span, stated),
        ),
        readings=_readings(opened, files),
        nature_words=_words([file.words for file in files]),
        proposals=tuple(line for file in files for line in file.proposals)[:1],
    )


def _rows_of(
    opened: OpenedHistory,
    *,
    crs: str | None,
    network: RoadNetwork,
    zone: ZoneInfo,
    addresses: Addresses | None,
    mental_health: MentalHealthColumn | None,
) -> list[CallRows]:
    """Understand the cells of all tables; or raise all that is wrong with any of them, their places too."""
    files: list[CallRows] = []
    for table in opened.tables:
        try:
            if not table.faults:
                files.append(
                    read_rows(
                        table,
                        opened.day_first,
                        crs=crs,
                        network=network,
                        zone=zone,
                        addresses=addresses,
                        mental_health=mental_health,
                    )
                )
            elif table.is_placed:
                read_row_places(table, crs=crs, network=network, addresses=addresses)
        except InputError as error:
            opened.faults.append(error)
    opened.refuse_faults()
    return files


def _refuse_faults_of_all(
    opened: OpenedHistory,
    files: Sequence[CallRows],
    zone: ZoneInfo,
    mental_health: MentalHealthColumn | None,
    names: str,
) -> None:
    """Refuse what no single file shows: a column that none has, dates alone, rows given twice."""
    noting = [
        column_of(mental_health, map(str, file.table.frame.columns)) for file in opened.tables
    ]
    refuse_if_nowhere(mental_health, noting, names)
    rows = [file.rows for file in files]
    refuse_dates_alone([of_file["received_at"] for of_file in rows], zone, names)
    refuse_same_rows(rows, opened.labels)


def _place_on_roads(
    events: pd.DataFrame, network: RoadNetwork, snap_max_m: float, names: str
) -> None:
    """Give events their places on the roads, and those far from every road a reason."""
    x, y = events["x"].to_numpy(), events["y"].to_numpy()
    refuse_if_far(x, y, network, names)
    events["node"], events["snap_m"] = snap(network, x, y, snap_max_m)
    off = ((events["reason"] == "") & (events["node"] < 0)).to_numpy()
    events.loc[off, "reason"] = f"more than {snap_max_m:g} m from a road of the network"
    events.loc[off, "place_detail"] = [f"{m:,.0f} m" for m in events.loc[off, "snap_m"]]


def _blanked_notes(contradictions: Mapping[str, int]) -> Iterator[Note]:
    for what, count in contradictions.items():
        yield Note("{n} call{n.s} with a time blanked: {what}", n=Count(count), what=what)


def _readings(opened: OpenedHistory, files: Sequence[CallRows]) -> tuple[Reading, ...]:
    """Return what was made of each file; parts of an archive have the same columns, and are told of once."""
    out: dict[Path, Reading] = {}
    for table, file in zip(opened.tables, files, strict=True):
        reading = file.reading
        if table.path in out:
            earlier = out[table.path]
            reading = replace(earlier, file=table.path.name, rows=earlier.rows + reading.rows)
        out[table.path] = reading
    return tuple(out.values())


def _words(files: Sequence[pd.DataFrame]) -> dict[str, str]:
    """Return the words that stand most often beside each code."""
    counted = pd.concat(files, ignore_index=True)
    counted = counted.sort_values(["rows", "words"], ascending=[False, True], kind="stable")
    first = counted.drop_duplicates("nature")
    return dict(zip(first["nature"].astype(str), first["words"].astype(str), strict=True))


def _most(events: pd.DataFrame, labels: Sequence[str]) -> str:
    """Say why most rows cannot be used, with the first of them and the cure."""
    if events.empty:
        return "most: no event"
    reason = str(events["reason"].value_counts().index[0])
    first = events[events["reason"] == reason].sort_values("origin").iloc[0]
    value = (
        first["time_detail"]
        if reason in {NO_TIME, BAD_TIME, NOT_STATED_DAY}
        else first["place_detail"]
    )
    told = f", such as {value!r:.80}" if value else ""
    where = f"{labels[first['origin'] // ROWS]}, row {first['origin'] % ROWS}"
    cure = _CURES.get(reason, "check that the right columns are read")
    return f"most: {reason} ({where}{told}) -- {cure}"


def _set_far_days_aside(events: pd.DataFrame, zone: ZoneInfo, stated: StatedDays) -> Span:
    """Give events on days that are not the history's a reason; return the days that it covers."""
    for find in (stated.outside, None):
        left = np.flatnonzero(events["reason"] == "")
        received = events["received_at"].iloc[left]
        local = received.dt.tz_localize("UTC").dt.tz_convert(zone)
        span = span_of(received)
        outside = span.outside if find is None else find(local)
        positions = events.index[left[outside]]
        events.loc[positions, "reason"] = FAR_OUTSIDE if find is None else NOT_STATED_DAY
        events.loc[positions, "time_detail"] = [
            f"{time:%Y-%m-%d %H:%M:%S}" for time in local[outside]
        ]
    return span


def _event_reasons(events: pd.DataFrame) -> NDArray[np.object_]:
    no_time = events["received_at"].isna().to_numpy()
    bad_time = no_time & (events["time_detail"] != "").to_numpy()
    reason = events["place_reason"].to_numpy().astype(object)
    reason[no_time] = NO_TIME
    reason[bad_time] = BAD_TIME
    return reason


def _frame(kept: pd.DataFrame, program: Program, zone: ZoneInfo) -> pd.DataFrame:
    frame = kept.iloc[_order(kept)].reset_index(drop=True)
    for name in TIMES:
        frame[name] = frame[name].dt.tz_localize("UTC").dt.tz_convert(zone)
    frame["call_class"] = classify_noted(frame["nature"], frame["mental_health"], program)
    frame["node"] = frame["node"].astype(np.int32)
    return frame[["call_id", *TIMES, *TEXT, "call_class", "x", "y", "snap_m", "node"]]


def _order(calls: pd.DataFrame) -> NDArray[np.int64]:
    """Return the order by time of receipt, then event number.

    Numbers are compared only where times are alike.
    """
    times = calls["received_at"].to_numpy()
    order = np.argsort(times, kind="stable")
    same = np.r_[times[order][1:] == times[order][:-1], False][: len(order)]
    tied = same | np.r_[False, same[:-1]][: len(order)]
    names = calls["call_id"].iloc[order[tied]].to_numpy()
    order[tied] = order[tied][np.lexsort((names.astype(str), times[order[tied]]))]
    return order


def _counted(reasons: pd.Series) -> tuple[tuple[str, int], ...]:
    counts = reasons.value_counts()
    return tuple(
        sorted(((str(k), int(v)) for k, v in counts.items()), key=lambda item: (-item[1], item[0]))
    )


def _funnel(
    n_rows: int,
    n_broken: int,
    events: pd.DataFrame,
    frame: pd.DataFrame,
    eligible: NDArray[np.bool_],
) -> Funnel:
    n_events = len(events)
    off_road = events["reason"].str.startswith("more than").to_numpy()
    lost = (events["reason"] != "").to_numpy()
    unlocated = events["reason"][lost & ~off_road]
    folded = [(FURTHER_ROWS, n_rows - n_broken - n_events), (BROKEN_ROW, n_broken)]
    steps = (
        FunnelStep("rows", n_rows),
        FunnelStep(
            "events", n_events, n_rows - n_events, tuple(item for item in folded if item[1])
        ),
        FunnelStep("located", n_events - len(unlocated), len(unlocated), _counted(unlocated)),
        FunnelStep(
            ON_THE_NETWORK, len(frame), int(off_road.sum()), _counted(events["reason"][off_road])
        ),
        FunnelStep(
            "eligible",
            int(eligible.sum()),
            int((~eligible).sum()),
            (("nature is in no call class", int((~eligible).sum())),) if not eligible.all() else (),
        ),
    )
    return Funnel(steps)


def _set_aside(events: pd.DataFrame, broken: pd.DataFrame, labels: Sequence[str]) -> pd.DataFrame:
    lost = events[events["reason"] != ""]
    timed = lost["reason"].isin([NO_TIME, BAD_TIME, FAR_OUTSIDE, NOT_STATED_DAY])
    detail = lost["place_detail"].where(~timed, lost["time_detail"])
    listed = pd.DataFrame(
        {
            "source": pd.Series(
                [labels[i] for i in lost["origin"] // ROWS], index=lost.index, dtype=str
            ),
            "source_row": (lost["origin"] % ROWS).astype("int64"),
            "call_id": lost["call_id"].astype(str),
            "reason": lost["reason"].astype(str),
            "detail": detail.astype(str),
        }
    )
    rows = pd.DataFrame(
        {
            "source": broken["source"].astype(str),
            "source_row": broken["source_row"].astype("int64"),
            "call_id": "",
            "reason": BROKEN_ROW,
            "detail": broken["detail"].astype(str),
        }
    )
    return (
        pd.concat([rows, listed])
        .sort_values(["source", "source_row"], kind="stable")
        .reset_index(drop=True)
    )


def _unmapped(frame: pd.DataFrame, eligible: NDArray[np.bool_]) -> pd.DataFrame:
    counts = frame["nature"][~eligible].value_counts()
    out = pd.DataFrame(
        {"nature": counts.index.astype(str), "calls": counts.to_numpy().astype("int64")}
    )
    return out.sort_values(["calls", "nature"], ascending=[False, True], kind="stable").reset_index(
        drop=True
    )
