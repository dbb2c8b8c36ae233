"""Whose calls a table's cells are, and whose its posts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.data.agencies import Sharing


@dataclass(frozen=True, eq=False)
class TableAgencies:
    """Whose the options and columns of a response table are.

    Attributes
    ----------
    names
        Of the agencies.
    option, column
        (options,), (columns,) position of each one's agency.
    sharing
        Who may be sent to an agency's calls. Where that is its own units alone, the table has no
        time for others.
    """

    names: tuple[str, ...]
    option: NDArray[np.int32]
    column: NDArray[np.int32]
    sharing: Sharing

    def own(self, rows: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Return (rows, columns) whether options of these rows are of the column's agency."""
        return np.asarray(self.option[rows][:, None] == self.column[None, :])

    def later(self, rows: NDArray[np.integer]) -> NDArray[np.bool_] | None:
        """Return (rows, columns) whether an option is asked only once none of the column's own is free; None: none is."""
        return ~self.own(rows) if self.sharing == "own_first" else None


@dataclass(frozen=True, eq=False)
class PlaceAgencies:
    """Whose calls come where.

    Attributes
    ----------
    names
        Of the agencies.
    of_place
        (network places,) position of each one's agency; -1 where no call is known to come.
    """

    names: tuple[str, ...]
    of_place: NDArray[np.int32]
