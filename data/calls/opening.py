"""Open the files of a history: all that can be told of them before their cells are placed on roads.

What is wrong with one file, or one of its columns, does not hide what is wrong with the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from coresponse.data.calls.coordinates import layer_place, located_by
from coresponse.data.calls.day_first import month_first, order_of_dates
from coresponse.data.calls.opened import OpenedCalls, OpenedHistory
from coresponse.data.calls.received import received_values, refuse_dates_alone
from coresponse.data.calls.times import parse_times
from coresponse.data.errors import CoresponseError, InputError
from coresponse.data.faults import Faults
from coresponse.data.notes import Note
from coresponse.data.progress import Progress, silent
from coresponse.data.tables.cells import as_text
from coresponse.data.tables.dictionary import columns_and_faults
from coresponse.data.tables.read import read_parts
from coresponse.data.tables.specs import CALLS

_NOTHING: pd.Series[str] = pd.Series(dtype=str)


def open_history(
    paths: Sequence[Path],
    *,
    columns: Mapping[str, str] | None,
    day_first: bool | None,
    zone: ZoneInfo,
    progress: Progress = silent,
) -> OpenedHistory:
    """Read the files of a history, match their columns, and look at their times.

    Parameters
    ----------
    columns
        Our name = theirs, as the planner says.
    day_first
        As stated; None: as the dates tell.

    Raises
    ------
    InputError
        If a file is given twice. All else is among the faults.
    """
    tables: list[OpenedCalls] = []
    faults: list[CoresponseError] = []
    for number, (path, label) in enumerate(zip(paths, _labels(paths), strict=True)):
        progress("reading calls", number, len(paths))
        try:
            tables += _tables(path, label, len(tables), columns or {})
        except CoresponseError as error:
            faults.append(error)
    # what holds for the history is told by all of its files together
    timed = [table for table in tables if table.received_column]
    order, notes = bool(day_first), tuple[Note, ...]()
    try:
        order, notes = order_of_dates(
            [(table.label, table.received) for table in timed], stated=day_first
        )
    except InputError as error:
        faults.append(error)
    wrong = [table for table in tables if table.faults]
    if wrong or faults:  # a history without faults is parsed once, when its rows are read
        faults += _faults_of_times(timed, order, zone)
        faults += _said(table.faults for table in wrong)
    return OpenedHistory(tuple(tables), order, notes, faults)


def _tables(path: Path, label: str, first: int, given: Mapping[str, str]) -> Iterator[OpenedCalls]:
    """Yield the table of a file, or the parts of it that an archive holds."""
    parts = read_parts(path, CALLS, columns=given)
    short = {name: PurePosixPath(name).name for name in parts}
    if len(set(short.values())) < len(parts):
        short = {name: name for name in parts}
    for number, (name, table) in enumerate(parts.items(), start=first):
        told = f"{label}/{short[name]}" if len(parts) > 1 else label
        found, faults = columns_and_faults(
            CALLS,
            list(table.frame.columns),
            given,
            where=told,
            given=layer_place(table),
            frame=table.frame,
        )
        found = located_by(table, found)
        values, column = _NOTHING, ""
        if {"received_at", "received_date", "received_time"} & set(found):
            values, column = received_values(table.frame, found, given)
        yield OpenedCalls(path, number, told, table, found, values, column, faults)


def _faults_of_times(
    tables: Sequence[OpenedCalls], day_first: bool, zone: ZoneInfo
) -> list[CoresponseError]:
    """Return what is wrong with times of receipt; of tables with other faults, it joins these."""
    faults: list[CoresponseError] = []
    parsed = []
    for table in tables:
        values = month_first(table.received) if day_first else table.received
        times = parse_times(values, zone)
        parsed.append(pd.Series(times.utc))
        if not times.bad.any() or not np.isnat(times.utc).all():
            continue
        example = str(as_text(table.received)[times.bad].iloc[0])
        said = (
            f"column {table.received_column!r}",
            f"not one of its values is understood as a time, such as {example!r:.60}",
            "write times like 2024-05-13 14:05:00, or set received_at to another column",
        )
        if table.faults:
            table.faults.add(*said)
        else:
            alone = Faults(table.label)
            alone.add(*said)
            faults += _said([alone])
    if parsed:
        try:
            refuse_dates_alone(parsed, zone, ", ".join(table.label for table in tables))
        except InputError as error:
            faults.append(error)
    return faults


def _said(gathered: Sequence[Faults] | Iterator[Faults]) -> list[CoresponseError]:
    errors: list[CoresponseError] = []
    for faults in gathered:
        try:
            faults.raise_if_any()
        except InputError as error:
            errors.append(error)
    return errors


def _labels(paths: Sequence[Path]) -> list[str]:
    """Return names that tell the files apart, as short as can be."""
    for shown in (
        [path.name for path in paths],
        [f"{path.parent.name}/{path.name}" for path in paths],
        [str(path) for path in paths],
    ):
        if len(set(shown)) == len(shown):
            return shown
    names = ", ".join(path.name for path in paths)
    raise InputError(f"{names}: a file is given twice -- name each once")
