"""One file of calls: its rows, parsed but not yet folded into events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from coresponse.data.addresses.match import Addresses
from coresponse.data.calls.after import times_after
from coresponse.data.calls.day_first import month_first
from coresponse.data.calls.mental_health import MentalHealthColumn, column_of, proposed
from coresponse.data.calls.opened import OpenedCalls
from coresponse.data.calls.places import Places, match_note, place_rows
from coresponse.data.calls.received import no_clock_note
from coresponse.data.calls.times import Times, parse_times
from coresponse.data.errors import Proposal
from coresponse.data.notes import Count, Note
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.tables.cells import as_text
from coresponse.data.tables.ids import none_ids
from coresponse.data.tables.reading import Reading, reading_of
from coresponse.data.tables.table import Table

# More rows than a file has: file and row of a call fit one number.
ROWS = 1 << 40

TIMES = (
    "received_at",
    "dispatched_at",
    "en_route_at",
    "arrived_at",
    "left_scene_at",
    "at_facility_at",
    "cleared_at",
)
TEXT = ("nature", "channel", "priority", "unit_id", "mental_health")


@dataclass(frozen=True, eq=False)
class CallRows:
    """One file's rows, parsed but not yet folded.

    Attributes
    ----------
    rows, broken
        Rows, and those that could not be split into columns.
    notes
        Sentences for people.
    reading
        What was made of the file.
    words
        `nature`, `words`, `rows`: what stands beside the codes.
    proposals
        A line that names a column which seems to say what calls were about, where none is stated.
    """

    rows: pd.DataFrame
    broken: pd.DataFrame
    notes: tuple[Note, ...]
    reading: Reading
    words: pd.DataFrame
    proposals: tuple[Proposal, ...] = ()


def read_rows(
    file: OpenedCalls,
    day_first: bool,
    *,
    crs: str | None,
    network: RoadNetwork,
    zone: ZoneInfo,
    addresses: Addresses | None = None,
    mental_health: MentalHealthColumn | None = None,
) -> CallRows:
    """Understand the cells of a file of calls.

    Parameters
    ----------
    day_first
        Whether the day goes before the month in its dates.
    mental_health
        The column that says which calls were about mental health; None: one that seems to is
        proposed.
    """
    table, found, name = file.table, file.found, file.label
    identifiers, told = _identifiers(table, found, file.label)
    notes = [*table.notes, *told]
    out = pd.DataFrame({"call_id": identifiers, "origin": file.number * ROWS + table.rows})
    out["time_detail"] = ""

    def understood(values: pd.Series) -> Times:
        return parse_times(month_first(values) if day_first else values, zone)

    received = understood(file.received)
    out["received_at"] = received.utc
    out.loc[received.bad, "time_detail"] = as_text(file.received)[received.bad].to_numpy()
    notes += no_clock_note(received.utc, zone, f"{name}: {file.received_column}")
    notes += _moved_note(received, name, file.received_column)
    for later in TIMES[1:]:
        if later not in found:
            out[later] = pd.Series(np.full(len(out), np.datetime64("NaT", "ns")))
            continue
        column = found[later]
        times, said = times_after(table.frame[column], column, received, zone, understood)
        out[later] = times.utc
        notes += _notes_of_later(times, said, name, column)
    for text in TEXT:
        out[text] = as_text(table.frame[found[text]]) if text in found else ""
    noting = column_of(mental_health, map(str, table.frame.columns))
    if mental_health is not None and noting:
        out["mental_health"] = mental_health.noted(table.frame[noting]).to_numpy()
    places = read_row_places(file, crs=crs, network=network, addresses=addresses)
    notes += match_note(places, name)
    out["x"], out["y"] = places.x, places.y
    out["place_reason"], out["place_detail"] = places.reason, places.detail
    return CallRows(
        out,
        table.bad_rows.assign(source=file.label),
        tuple(notes),
        reading_of(name, table, found, crs, joined=_joined(file), also=(noting,)),
        _words(table, found),
        proposed(table.frame, found.values(), file.path.name) if mental_health is None else (),
    )


def _notes_of_later(times: Times, said: str, file: str, column: str) -> Iterator[Note]:
    """Say what was made of a column of times after receipt."""
    if said:
        yield Note("{file}: {column} {said}", file=file, column=column, said=said)
    if times.bad.any():
        yield Note(
            "{file}: {n} value{n.s} of {column} cannot be read as times; left blank",
            file=file,
            n=Count(times.bad.sum()),
            column=column,
        )
    yield from _moved_note(times, file, column)


def read_row_places(
    file: OpenedCalls, *, crs: str | None, network: RoadNetwork, addresses: Addresses | None
) -> Places:
    """Bring the places of a table of calls to the roads.

    Raises
    ------
    InputError
        As :func:`~coresponse.data.calls.places.place_rows`.
    """
    return place_rows(
        file.table,
        file.found,
        crs=crs,
        network=network,
        file=file.path.name,
        section="[calls]",
        addresses=addresses,
    )


def _joined(file: OpenedCalls) -> dict[str, tuple[str, pd.Series]]:
    """Return the times of receipt where two columns make them: the reading shows them as one."""
    if file.received_column in file.found.values():
        return {}
    return {"received_at": (file.received_column, file.received)}


def _words(table: Table, found: Mapping[str, str]) -> pd.DataFrame:
    """Count the words that stand beside each code."""
    column = found.get("nature_words", found["nature"])
    if column == found["nature"]:
        return pd.DataFrame({"nature": [], "words": [], "rows": []})
    frame = pd.DataFrame(
        {"nature": as_text(table.frame[found["nature"]]), "words": as_text(table.frame[column])}
    )
    frame = frame[frame["words"] != ""]
    return frame.groupby(["nature", "words"]).size().rename("rows").reset_index()


def _moved_note(times: Times, file: str, column: str) -> list[Note]:
    if not times.moved:
        return []
    return [
        Note(
            "{file}: {n} time{n.s} of {column} in the hour skipped by daylight saving",
            file=file,
            n=Count(times.moved),
            column=column,
        )
    ]


def _identifiers(
    table: Table, found: Mapping[str, str], label: str
) -> tuple[pd.Series[str], list[Note]]:
    """Return the event numbers, and what is to be said; rows without one are events of their own."""
    if "call_id" not in found:
        return label + ":" + pd.Series(table.rows).astype(str), []
    given = as_text(table.frame[found["call_id"]])
    # a file may count its rows from 0: one 0 is a number, several are none
    none = none_ids(given) & (
        none_ids(given, zeros=False) | given.duplicated(keep=False).to_numpy()
    )
    notes: list[Note] = []
    if none.any():
        words = ", ".join(map(repr, given[none].value_counts().index[:4]))
        notes.append(
            Note(
                "{file}: {n} rows have a word for none as {column} ({words}): each is a call of "
                "its own",
                file=label,
                n=Count(none.sum()),
                column=found["call_id"],
                words=words,
            )
        )
    without = (given == "").to_numpy() | none
    if without.any():
        given[without] = (
            label + ":" + pd.Series(table.rows[without], index=given.index[without]).astype(str)
        )
    return given, notes
