"""Read posts from files and place them on the road network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from coresponse.data.addresses.match import Addresses
from coresponse.data.calls.coordinates import layer_place, located_by
from coresponse.data.calls.places import Places, match_note, place_rows
from coresponse.data.faults import Faults
from coresponse.data.notes import Note
from coresponse.data.posts import Posts
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.snap import snap
from coresponse.data.tables.cells import as_text
from coresponse.data.tables.dictionary import match_columns
from coresponse.data.tables.ids import none_ids
from coresponse.data.tables.read import read_table
from coresponse.data.tables.reading import reading_of
from coresponse.data.tables.specs import POSTS
from coresponse.data.tables.table import Table
from coresponse.data.words import natural_order

COLUMNS = ("post_id", "name", "kind", "x", "y", "snap_m", "node", "at_most", "agency")
BROKEN_ROW = "row could not be split into columns"
# no post holds so many: a larger number is another column's, such as a telephone number
MOST_AT_A_POST = 1_000_000
ASIDE_COLUMNS = ("source", "source_row", "post_id", "name", "reason", "detail")


def open_posts(
    path: Path, columns: Mapping[str, str] | None = None
) -> tuple[Table, dict[str, str]]:
    """Read a file of posts and match its columns, our name to theirs; see :func:`read_posts`."""
    table = read_table(path, POSTS, columns=columns)
    found = match_columns(
        POSTS,
        list(table.frame.columns),
        columns,
        where=path.name,
        given=layer_place(table),
        frame=table.frame,
    )
    return table, dict(located_by(table, found))


def read_posts(
    path: Path,
    *,
    network: RoadNetwork,
    kind: str | None = None,
    columns: Mapping[str, str] | None = None,
    crs: str | None = None,
    snap_max_m: float = 500.0,
    addresses: Addresses | None = None,
) -> Posts:
    """Read a file of posts.

    Parameters
    ----------
    path
        CSV, Excel, Parquet, GeoPackage, GeoJSON; also packed.
    network
        The roads; all their nodes reach each other, so a post near none of them is on an island or
        off the map.
    kind
        Of all posts in the file, whatever a column says that was found by its name; default: as
        that column says, else the file's name.
    columns, crs
        As for calls.
    snap_max_m
        Posts farther than this from every road are set aside.
    addresses
        The city's address book, for files without coordinates.

    Raises
    ------
    InputError
        If the file is not readable, its places are all elsewhere, or a count is not a whole number
        above 0.
    """
    table, found = open_posts(path, columns)
    places = place_rows(
        table,
        found,
        crs=crs,
        network=network,
        file=path.name,
        section=f"[posts], in the entry of {path.name},",
        may_be_of_a_state=True,
        addresses=addresses,
    )
    prefix = kind or path.name.split(".")[0]
    frame = pd.DataFrame(
        {
            "name": _cells(table.frame, found, "name"),
            "kind": _cells(table.frame, found, "kind"),
            "x": places.x,
            "y": places.y,
            "at_most": _at_most(table.frame, found, table.rows, path),
            "agency": _cells(table.frame, found, "agency"),
        }
    )
    notes = [*table.notes, *match_note(places, path.name)]
    notes += _kind_note(frame["kind"], kind, found, columns or {}, path.name)
    if kind and "kind" not in (columns or {}):
        frame["kind"] = kind  # what the planner states wins over what is found
    frame["kind"] = frame["kind"].where(frame["kind"] != "", prefix)
    given, of_ids = _given_ids(table, found, path.name)
    notes += of_ids
    frame["post_id"] = _post_ids(given, table, prefix, path.name)
    for others in (_cells(table.frame, found, "address"), frame["post_id"]):
        frame["name"] = frame["name"].where(frame["name"] != "", others)
    frame["node"], frame["snap_m"] = snap(network, places.x, places.y, snap_max_m)
    frame["reason"], frame["detail"] = _why_aside(frame, places, snap_max_m)
    lost = frame["reason"] != ""
    kept = (
        frame.loc[~lost, list(COLUMNS)]
        .sort_values("post_id", key=natural_order)
        .reset_index(drop=True)
    )
    reading = reading_of(path.name, table, found, crs)
    aside = _aside(frame, lost, table, path.name)
    return Posts(kept, network.crs, aside, tuple(notes), (reading,))


def _given_ids(
    table: Table, found: Mapping[str, str], file: str
) -> tuple[pd.Series[str], list[Note]]:
    """Return the ids that a file gives its posts, blank where it gives none, and what they rest on."""
    given = _cells(table.frame, found, "post_id")
    given = given.where(given != "", _cells(table.frame, found, "number"))
    notes = []
    if "row_id" in found and (given == "").all():
        given = _cells(table.frame, found, "row_id")
        notes.append(_row_id_note(found["row_id"], file))
    repeated = none_ids(given) & given.duplicated(keep=False).to_numpy()
    return given.where(~repeated, ""), notes  # NA, null, 0 on several posts is nobody's id


def _post_ids(given: pd.Series[str], table: Table, prefix: str, file: str) -> pd.Series[str]:
    """Return ids that two files do not share by chance: bare numbers would collide."""
    stem, _, _ = file.partition(".")
    # not like a number of the file's own
    number = pd.Series([f"{stem}-row-{row}" for row in table.rows], dtype=str)
    short = given.str.fullmatch(r"\d{1,6}")
    return given.where(~short, prefix + "-" + given).where(given != "", number)


def _why_aside(
    frame: pd.DataFrame, places: Places, snap_max_m: float
) -> tuple[pd.Series[str], pd.Series[str]]:
    """Return why each post cannot be used, '' where it can, and the detail."""
    reason, detail = pd.Series(places.reason.astype(str)), pd.Series(places.detail.astype(str))
    far = (reason == "") & (frame["node"] < 0)
    reason[far] = (
        f"more than {snap_max_m:g} m from a road of the network (an island, or off the map)"
    )
    detail[far] = [f"{m:,.0f} m" for m in frame["snap_m"][far]]
    again = frame["post_id"].where(reason == "").duplicated() & (reason == "")
    reason[again] = "same post_id as an earlier row"
    return reason, detail


def _aside(frame: pd.DataFrame, lost: pd.Series[bool], table: Table, file: str) -> pd.DataFrame:
    """List the rows that are set aside, those that could not be split into columns too."""
    listed = frame[lost].assign(source=file, source_row=table.rows[lost])
    broken = table.bad_rows.assign(source=file, post_id="", name="", reason=BROKEN_ROW)
    columns = list(ASIDE_COLUMNS)
    aside = pd.concat([listed[columns], broken[columns]])
    return aside.sort_values("source_row", kind="stable").reset_index(drop=True)


def _kind_note(
    kinds: pd.Series[str],
    stated: str | None,
    found: Mapping[str, str],
    given: Mapping[str, str],
    file: str,
) -> list[Note]:
    """Say so if a stated kind stands in place of what a column says."""
    others = [kind for kind in kinds.unique() if kind not in {"", stated}]
    if not stated or "kind" in given or not others:
        return []
    words = ", ".join(map(repr, others[:3])) + (", ..." if len(others) > 3 else "")
    return [
        Note(
            "{file}: all posts are of kind {stated!r}, as stated; column {column!r} ({words}) is "
            "not used -- to use it, set columns.kind",
            file=file,
            stated=stated,
            column=found["kind"],
            words=words,
        )
    ]


def _row_id_note(column: str, file: str) -> Note:
    return Note(
        "{file}: post_ids are made from {column!r}, which numbers the rows of a map program: "
        "the next export may number the posts otherwise -- if the stations have numbers of their "
        "own, name that column as post_id",
        file=file,
        column=column,
    )


def combine_posts(sources: Sequence[Posts]) -> Posts:
    """Put posts of several sources together.

    Raises
    ------
    InputError
        If none is left, or two sources share a post_id.
    """
    frame = pd.concat([posts.frame for posts in sources], ignore_index=True).sort_values(
        "post_id", key=natural_order, ignore_index=True
    )
    aside = pd.concat([posts.set_aside for posts in sources], ignore_index=True)
    faults = Faults("posts")
    for post_id in frame["post_id"][frame["post_id"].duplicated()].unique():
        faults.add(f"post {post_id}", "is in two files", "give each post its own post_id")
    if frame.empty:
        reasons = "; ".join(
            f"{n} x {reason}" for reason, n in aside["reason"].value_counts().items()
        )
        faults.add(
            "all files",
            f"no post is usable ({reasons or 'none given'})",
            "check the coordinates and their CRS",
        )
    faults.raise_if_any()
    if "agency" in frame:  # posts that are proposed are of none
        frame["agency"] = frame["agency"].fillna("")
    frame = frame.astype({"node": "int32", "at_most": "Int64"})
    notes = tuple(note for posts in sources for note in posts.notes)
    readings = tuple(reading for posts in sources for reading in posts.readings)
    return Posts(frame, sources[0].crs, aside, notes, readings)


def _cells(frame: pd.DataFrame, found: Mapping[str, str], name: str) -> pd.Series[str]:
    return as_text(frame[found[name]]) if name in found else pd.Series([""] * len(frame), dtype=str)


def _at_most(
    frame: pd.DataFrame, found: Mapping[str, str], rows: np.ndarray, path: Path
) -> pd.Series:
    if "at_most" not in found:
        return pd.Series([pd.NA] * len(frame), dtype="Int64")
    text = _cells(frame, found, "at_most")
    values = pd.to_numeric(text.where(text != "", None), errors="coerce")
    wrong = (text != "") & ~((values >= 1) & (values <= MOST_AT_A_POST) & (values % 1 == 0))
    if wrong.any():
        faults = Faults(path.name)
        for row in np.flatnonzero(wrong):
            faults.add(
                f"row {rows[row]}, column {found['at_most']}",
                f"{text[row]!r} is not a whole number of 1 or more",
                "blank: no limit",
            )
        faults.raise_if_any()
    return values.astype("Int64")
