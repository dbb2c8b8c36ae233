"""Which table of an archive with several is meant: the one that has the columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from coresponse.data.errors import CoresponseError, InputError
from coresponse.data.notes import Note
from coresponse.data.tables.dictionary import TableSpec, match_columns
from coresponse.data.tables.table import Table


def best_table(
    inputs: Mapping[str, Path],
    path: Path,
    spec: TableSpec,
    columns: Mapping[str, str],
    read: Callable[[Path], Table],
) -> Table:
    """Read the only input, or of several the only one in which the columns that are needed are found.

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
        If none of several has the columns, or more than one: months of a history, maybe, of which none is to be
        left out in silence.
    """
    if len(inputs) == 1:
        return read(next(iter(inputs.values())))
    fitting: dict[str, Table] = {}
    for name, plain in inputs.items():
        try:
            table = read(plain)
            place = ("longitude", "latitude") if table.places is not None else ()
            match_columns(spec, list(table.frame.columns), columns, where=name, given=place)
        except CoresponseError:  # another kind of table, or none at all
            continue
        if len(table.frame):
            fitting[name] = table
    if len(fitting) != 1:
        told = "none of them has" if not fitting else f"{_listed(list(fitting))} have"
        raise InputError(
            f"{path}: expected one table in the archive, found {_listed(list(inputs))}; {told} the columns of "
            f"{spec.name} -- unpack it and give the right one, or each of several"
        )
    (name, table), *_ = fitting.items()
    others = _listed([other for other in inputs if other != name])
    said = Note(
        "{file}: read {name!r} of the archive, not {others}",
        file=path.name,
        name=name,
        others=others,
    )
    return replace(table, notes=(said, *table.notes))


def _listed(names: list[str]) -> str:
    return ", ".join(names[:8])[:400]
