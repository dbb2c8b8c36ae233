"""Use a response table again: for a part of its demand, such as the calls of some days, or where some posts moved.

No new search on the roads but from the posts that moved.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.cells import DemandCells, ResponseTable
from coresponse.coverage.response import response_table
from coresponse.data.errors import InputError
from coresponse.data.known_city import KnownCity

# Columns that are taken at a time.
BLOCK = 4096


def table_for(table: ResponseTable, cells: DemandCells) -> ResponseTable:
    """Return the table for other demand at the same places.

    Parameters
    ----------
    cells
        Demand of the same program and periods; each (node, class, period) is among those that the
        table was made for, as when the calls are a part of the same history.

    Raises
    ------
    InputError
        If a cell is not.
    """
    have = table.cells
    if cells.class_names != have.class_names or cells.periods != have.periods:
        raise InputError(
            "demand of another program or of other periods needs a response table of its own"
        )
    known, asked = _key(have), _key(cells)
    at = np.minimum(np.searchsorted(known, asked), len(known) - 1)
    if (known[at] != asked).any():
        raise InputError(
            "demand at a place that the response table was not made for needs a table of its own"
        )
    used, column = np.unique(table.column[at], return_inverse=True)
    return replace(
        table,
        cells=cells,
        column=column.astype(np.int32),
        response_s=_by_column(table.response_s, used),
        serves=table.serves[:, used],
        column_node=table.column_node[used],
    )


def with_moved(
    table: ResponseTable, moved: Collection[str], city: KnownCity, *, reach_min: float
) -> ResponseTable:
    """Work out the rows of moved posts anew; all others are as they were.

    Parameters
    ----------
    moved
        Ids of posts.
    city
        With the posts where they are now.
    reach_min
        Travel beyond this is not planned with.
    """
    rows = [i for i, option in enumerate(table.options) if option.post_id in moved]
    if not rows:
        return table
    part = response_table(
        city.roads,
        city.posts,
        city.program,
        [table.options[i] for i in rows],
        table.cells,
        reach_min=reach_min,
    )
    response = table.response_s.copy()
    response[rows] = part.response_s
    return replace(table, response_s=response)


def _by_column(
    response_s: NDArray[np.float32], columns: NDArray[np.integer]
) -> NDArray[np.float32]:
    """Return some columns, one behind the other in memory.

    A search reads its costs there: it would make a copy of times that lie by option.
    """
    out = np.empty((len(columns), len(response_s)), dtype=np.float32)
    for i in range(0, len(columns), BLOCK):
        out[i : i + BLOCK] = response_s[:, columns[i : i + BLOCK]].T
    return out.T


def _key(cells: DemandCells) -> NDArray[np.int64]:
    """Return a number for each (node, class, period); demand cells come sorted by it."""
    kinds, periods = len(cells.class_names), len(cells.periods)
    return np.asarray(
        (cells.node.astype(np.int64) * kinds + cells.call_class) * periods + cells.period
    )
