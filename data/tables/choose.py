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

# Tables of one history in an archive: ten years of months.
MOST_PARTS = 120

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

    Parameters and errors as for :func:`best_tables`; and an :class:`InputError` if an archive holds
    several tables that are alike.
    """
    tables = best_tables(inputs, path, spec, columns, read)
    if len(tables) > 1:
        raise _not_one(path, spec, inputs, f"{listed(list(tables))} have")
    return next(iter(tables.values()))


def best_tables(
    inputs: Mapping[str, Path],
    path: Path,
    spec: TableSpec,
    columns: Mapping[str, str],
    read: Callable[[Path], Table],
) -> dict[str, Table]:
    """Read the only input, or of several those in which the columns that are needed are found, if these are alike.

    Of several such tables of different kinds, it is the one with clearly more of the known columns.
    Tables of the same columns, in any order, are parts of one, such as months.

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
        If none of several has the columns, or several that differ.
    """
    if len(inputs) == 1:
        return {name: read(inner) for name, inner in inputs.items()}
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
    if not fitting:
        raise _not_one(path, spec, inputs, "none of them has")
    headers = {_header(table) for table in fitting.values()}
    if len(headers) > 1:
        raise _not_one(path, spec, inputs, f"{listed(list(fitting))} have")
    if len(fitting) == 1:
        (name, table), *_ = fitting.items()
        said = archive_note(path.name, name, inputs)
        return {name: replace(table, notes=(said, *table.notes))}
    first, *_ = names = sorted(fitting)
    said = parts_note(path.name, names, inputs)
    return {
        name: replace(table, notes=(said, *table.notes) if name == first else table.notes)
        for name, table in sorted(fitting.items())
    }


def _header(table: Table) -> tuple[frozenset[str], bool, str]:
    """Return what parts of one table have in common: their columns, and how they say where."""
    names = frozenset(plain(str(column)) for column in table.frame.columns)
    return names, table.places is None, str(table.crs)


def _not_one(path: Path, spec: TableSpec, inputs: Mapping[str, Path], told: str) -> InputError:
    return InputError(
        f"{path}: expected one table in the archive, found {listed(list(inputs))}; {told} the "
        f"columns of {spec.name} -- unpack it and give the right one, or each of several"
    )


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


def parts_note(file: str, parts: list[str], inputs: Mapping[str, Path]) -> Note:
    """Say which files of an archive were read as one history, and which not."""
    others = [name for name in inputs if name not in parts]
    left = f"; not {listed(others)}" if others else ""
    return Note(
        "{file}: its {n} tables have the same columns and are read as one history: {parts}{left}",
        file=file,
        n=str(len(parts)),
        parts=listed(parts) + (" and more" if len(parts) > _NAMED else ""),
        left=left,
    )


# Names of files that a sentence has room for.
_NAMED = 8


def listed(names: list[str]) -> str:
    """Name some files, not all of hundreds."""
    return ", ".join(names[:_NAMED])[:400]
