"""Which table of an archive with several is meant: the one that has the columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from coresponse.data.errors import CoresponseError, InputError
from coresponse.data.notes import Note
from coresponse.data.tables.dictionary import TableSpec, match_columns, plain
from coresponse.data.tables.header import known_names
from coresponse.data.tables.table import Table

# Known columns by which a table is taken for the one that is meant: one may be there by chance.
CLEARLY_MORE = 2


def best_table(
    inputs: Mapping[str, Path],
    path: Path,
    spec: TableSpec,
    columns: Mapping[str, str],
    read: Callable[[Path], Table],
) -> Table:
    """Read the only input, or of several the only one in which the columns that are needed are found.

    Of several such tables of different kinds, it is the one with clearly more of the known columns.

    Parameters
    ----------
    inputs
        Plain files by their names in the archive.
    path
        The archive.
    columns
        Our name = theirs, as the planner says.
    read
        Reads a plain file.

    Raises
    ------
    InputError
        If none of several has the columns, or more than one: months of a history, maybe, of which
        none is to be left out in silence.
    """
    if len(inputs) == 1:
        return read(next(iter(inputs.values())))
    fitting: dict[str, Table] = {}
    for name, inner in inputs.items():
        try:
            table = read(inner)
            place = ("longitude", "latitude") if table.places is not None else ()
            match_columns(spec, list(table.frame.columns), columns, where=name, given=place)
        except CoresponseError:  # another kind of table, or none at all
            continue
        if len(table.frame):
            fitting[name] = table
    if len(fitting) > 1:
        fitting = _most_telling(fitting, spec)
    if len(fitting) != 1:
        told = "none of them has" if not fitting else f"{listed(list(fitting))} have"
        raise InputError(
            f"{path}: expected one table in the archive, found {listed(list(inputs))}; {told} the "
            "columns of "
            f"{spec.name} -- unpack it and give the right one, or each of several"
        )
    (name, table), *_ = fitting.items()
    said = archive_note(path.name, name, inputs)
    return replace(table, notes=(said, *table.notes))


def _most_telling(fitting: Mapping[str, Table], spec: TableSpec) -> dict[str, Table]:
    """Return the one of several that has clearly more of the known columns than tables of other kinds; else all.

    Points of hydrants have a place, too. Tables of the same columns are parts of one, such as
    months.
    """
    known = known_names(spec)
    names = {name: {plain(str(c)) for c in table.frame.columns} for name, table in fitting.items()}
    best = max(names, key=lambda name: len(names[name] & known))
    clear = all(
        len(names[best] & known) >= len(others & known) + CLEARLY_MORE
        and len(names[best] & others) * 2 <= len(names[best])
        for name, others in names.items()
        if name != best
    )
    return {best: fitting[best]} if clear else dict(fitting)


def archive_note(file: str, name: str, inputs: Mapping[str, Path]) -> Note:
    """Say which file of an archive was read, and which not."""
    others = listed([other for other in inputs if other != name])
    return Note(
        "{file}: read {name!r} of the archive, not {others}", file=file, name=name, others=others
    )


def listed(names: list[str]) -> str:
    """Name some files, not all of hundreds."""
    return ", ".join(names[:8])[:400]
