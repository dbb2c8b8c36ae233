"""Files of calls that are open: their tables, columns and faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from coresponse.data.errors import CoresponseError, together
from coresponse.data.faults import Faults
from coresponse.data.notes import Note
from coresponse.data.tables.table import Table


@dataclass(frozen=True, eq=False)
class OpenedCalls:
    """A table of calls whose columns are known, before its cells are understood.

    Attributes
    ----------
    path, number, label
        The file, the table's position among all of the history, and its name for people.
    table
        As read.
    found
        Columns by our names.
    received, received_column
        Times of receipt as text, and the name of their column or columns; nothing where no such
        column was found.
    faults
        Needed columns that were not found: such a table is looked at, and not used.
    """

    path: Path
    number: int
    label: str
    table: Table
    found: Mapping[str, str]
    received: pd.Series
    received_column: str
    faults: Faults

    @property
    def is_placed(self) -> bool:
        """Whether it says where calls were."""
        pairs = ({"longitude", "latitude"}, {"x", "y"}, {"location"}, {"address"})
        return self.table.places is not None or any(pair <= set(self.found) for pair in pairs)


@dataclass(frozen=True, eq=False)
class OpenedHistory:
    """The tables of a history, and what is wrong with them.

    Attributes
    ----------
    tables
        All that could be read; those with faults are not to be used.
    day_first
        Whether the day goes before the month in all their dates.
    notes
        Sentences for people.
    faults
        What is wrong with files, their columns and their times.
    """

    tables: tuple[OpenedCalls, ...]
    day_first: bool
    notes: tuple[Note, ...] = ()
    faults: list[CoresponseError] = field(default_factory=list)

    @property
    def labels(self) -> list[str]:
        """Names of the tables, for people."""
        return [table.label for table in self.tables]

    def refuse_faults(self) -> None:
        """Raise all that is wrong as one.

        Raises
        ------
        CoresponseError
            If anything is.
        """
        if self.faults:
            raise together(self.faults)
