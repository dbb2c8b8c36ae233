"""What a publication lifts: nothing, or, for the agency itself, everything; then all of it says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.cells import DemandCells
from coresponse.coverage.few_calls import MIN_CALLS, hidden_parts
from coresponse.data.errors import InputError
from coresponse.data.figures.dictionary import check_columns
from coresponse.data.notes import Note
from coresponse.data.tables.write import write_csv
from coresponse.publish.city import CityRounding
from coresponse.publish.suppression import TOO_FEW, count_range

Frame = TypeVar("Frame", bound=pd.DataFrame)

# In front of the names of runs and of their files.
PREFIX = "INTERNAL-"

# A column of every table and layer of an internal run, and what is in it.
COLUMN, MARK = "publication", "INTERNAL, not for publication"

# Read back under these names: the first says inside that it is internal, the second in its name.
NOT_RENAMED = ("plan.json", "internal")


@dataclass(frozen=True)
class Disclosure:
    """How results are published; there are two, :data:`PUBLIC` and :data:`INTERNAL`.

    Attributes
    ----------
    internal
        Nothing is suppressed or rounded, and all that is written is marked: not for publication.
    """

    internal: bool

    @property
    def least_calls(self) -> int:
        """Calls that an area needs to be shown."""
        return 1 if self.internal else MIN_CALLS

    def refuse_few(self, calls: int) -> None:
        """Refuse to publish what follows from 1 to 10 calls: every figure would tell of them.

        Raises
        ------
        InputError
            If there are so few.
        """
        if 0 < calls < MIN_CALLS and not self.internal:
            raise InputError(
                f"the study has fewer than {MIN_CALLS} calls of classes that a responder type "
                "takes: anything published would reveal them -- take a longer history, or keep "
                "the plan to yourself: coresponse plan --internal"
            )

    def hides(self, counts: Sequence[int] | NDArray[np.integer]) -> NDArray[np.bool_]:
        """Say which parts of a known total have no figures."""
        return np.zeros(len(counts), dtype=bool) if self.internal else hidden_parts(counts)

    def ranges(self, counts: NDArray[np.integer], hide: NDArray[np.bool_]) -> list[str]:
        """Return counts as ranges."""
        return [
            TOO_FEW if out else count_range(int(count))
            for count, out in zip(counts, hide, strict=True)
        ]

    def city(self, of: pd.DataFrame | DemandCells) -> CityRounding:
        """Return what rounds figures of a judge's overall table, or of a demand."""
        if isinstance(of, pd.DataFrame):
            return CityRounding.of(of, exact=self.internal)
        return CityRounding.of_demand(of, exact=self.internal)

    def note(self, note: Note) -> str:
        """Return a note with counts as ranges and days as months.

        Large counts are ranges as well: from a total they would leave a small one over.

        Raises
        ------
        TypeError
            If it is plain text, of which nobody knows what counts are in it.
        """
        if not isinstance(note, Note):
            raise TypeError(f"not a note with typed counts and days: {note!r}")
        return str(note) if self.internal else note.told(count_range, "{:%Y-%m}".format)

    def notes(self, notes: Iterable[Note]) -> list[str]:
        """Return notes as they are shown."""
        return [self.note(note) for note in notes]

    def marked(self, frame: Frame) -> Frame:
        """Return a table or layer that says so in a column of its own if it is internal."""
        return frame.assign(**{COLUMN: MARK}) if self.internal else frame

    @property
    def mark(self) -> dict[str, str]:
        """What plain data begins with."""
        return {COLUMN: MARK} if self.internal else {}

    def kind_of_run(self, kind: str) -> str:
        """Return the kind that a run's name begins with."""
        return f"{PREFIX}{kind}" if self.internal else kind

    def file_name(self, name: str) -> str:
        """Return what a file of a run is called."""
        return f"{PREFIX}{name}" if self.internal and name not in NOT_RENAMED else name

    def rename_files(self, folder: Path) -> None:
        """Put the mark in front of the names of an internal run's files."""
        for path in sorted(folder.iterdir()):
            path.rename(folder / self.file_name(path.name))

    def write_table(self, frame: pd.DataFrame, path: Path, *, stated: Iterable[str] = ()) -> None:
        """Write a table whose columns the dictionary of figures knows, marked if it is internal.

        Parameters
        ----------
        stated
            Columns that the planner named.

        Raises
        ------
        UnknownFigureError
            If nobody has said how a column may be published.
        """
        check_columns(map(str, frame.columns), stated=stated)
        write_csv(self.marked(frame), path)


PUBLIC = Disclosure(internal=False)

INTERNAL = Disclosure(internal=True)


def of_run(told: Mapping[str, Any]) -> Disclosure:
    """Return how a run was published, by what its ``plan.json`` says."""
    return INTERNAL if told.get(COLUMN) == MARK else PUBLIC
