"""What was made of a file: which of its columns serve as what, with an example of each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from coresponse.data.tables.cells import as_text
from coresponse.data.tables.kinds import kind_of_column
from coresponse.data.tables.table import Table

LONGEST_EXAMPLE = 40

# Columns not used that a line has room for; those of dates first, for clocks are missed most.
MOST_UNUSED = 8


@dataclass(frozen=True)
class Reading:
    """How a file was read; for the agency's own eyes, since examples are of single rows.

    Attributes
    ----------
    file, rows
        Its name, and its rows.
    columns
        Our name, the file's column, and the first cell of it that is not blank.
    place
        In which CRS its coordinates are, or by which addresses, for people.
    unused
        The file's columns that serve as nothing, and what is in each; no blank ones.
    """

    file: str
    rows: int
    columns: tuple[tuple[str, str, str], ...]
    place: str
    unused: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        """Say it in a line."""
        columns = "; ".join(
            f"{ours} from {theirs!r}" + (f" ({example})" if example else "")
            for ours, theirs, example in self.columns
        )
        return f"{self.file}: {self.rows:,} rows; {columns}; places {self.place}{self._unused}"

    @property
    def _unused(self) -> str:
        shown = [f"{name!r} ({kind})" for name, kind in self.unused[:MOST_UNUSED]]
        more = len(self.unused) - len(shown)
        return (
            f"; not used: {', '.join(shown)}{f' and {more} more' if more else ''}" if shown else ""
        )


def reading_of(
    file: str,
    table: Table,
    found: Mapping[str, str],
    crs: str | None,
    *,
    joined: Mapping[str, tuple[str, pd.Series]] | None = None,
    also: Collection[str] = (),
) -> Reading:
    """Tell how a table was read.

    Parameters
    ----------
    found
        Columns by our names.
    crs
        As stated.
    joined
        What is put together from several columns, by our name: their names, and the cells. Their
        own columns are not told beside it.
    also
        Columns that serve otherwise.
    """
    made, columns = joined or {}, []
    told = {ours: (theirs, table.frame[theirs]) for ours, theirs in found.items()}
    if "received_at" in made:
        told = {**made, **{n: of for n, of in told.items() if not n.startswith("received_")}}
    for ours, (theirs, values) in told.items():
        text = as_text(values.head(200))
        text = text[text != ""]
        example = str(text.iloc[0]) if len(text) else ""
        short = example if len(example) <= LONGEST_EXAMPLE else example[: LONGEST_EXAMPLE - 1] + "…"
        columns.append((ours, theirs, short))
    place = f"in {crs}, as stated" if crs else "in degrees"
    if "address" in found and not {"longitude", "x", "location"} & set(found):
        place = "by their addresses"
    if table.crs is not None:
        place = f"in {table.crs.name}, as the file says"
    rows, used = len(table.frame) + len(table.bad_rows), {*found.values(), *also, "geometry"}
    kinds = (
        (str(name), kind_of_column(table.frame.iloc[:, i]))
        for i, name in enumerate(table.frame.columns)
        if name not in used
    )
    unused = sorted(
        (one for one in kinds if one[1] != "blank"), key=lambda one: not one[1].startswith("dates")
    )
    return Reading(file, rows, tuple(columns), place, tuple(unused))
