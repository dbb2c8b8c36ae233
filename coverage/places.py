"""Places of demand.

The calls' own places on the roads, or, in a region too large for that, places that stand for
neighbors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.demand import demand_cells, eligible_classes
from coresponse.coverage.response import cell_views
from coresponse.data.calls.history import CallHistory
from coresponse.data.hours import Period
from coresponse.data.notes import Note
from coresponse.data.programs.model import Program
from coresponse.data.roads.network import RoadNetwork

# Response times (options times demand columns) that a plan holds.
#
# 0.46 GB, of which the search needs three copies: a region of 500,000 crossings stays under 4 GiB.
MOST_RESPONSES = 115_000_000

# within half a block drives do not differ by what a plan turns on
FINEST_M = 50.0
# so the grid that fits is within a tenth of the finest that would
COARSER = 1.1

# However many options there are, demand is not made coarser than this.
FEWEST_COLUMNS = 2_000


@dataclass(frozen=True)
class Merged:
    """What was merged.

    Attributes
    ----------
    before, after
        Places with calls.
    side_m
        Of the squares within which places were merged.
    mean_m, farthest_m
        From a call's own place to the one that stands for it, in a straight line.
    """

    before: int
    after: int
    side_m: float
    mean_m: float
    farthest_m: float

    def __str__(self) -> str:
        """Say it to people."""
        return str(self.note)

    @property
    def note(self) -> Note:
        """What was merged, for people."""
        return Note(
            "calls at {before:,} places are planned with as if at {after:,} of them, so that "
            "the plan fits into memory: {mean_m:,.0f} m from their own on average, "
            "{farthest_m:,.0f} m at most",
            **asdict(self),
        )


def merge_places(
    calls: CallHistory,
    program: Program,
    network: RoadNetwork,
    *,
    periods: Sequence[Period],
    n_options: int,
    most: int = MOST_RESPONSES,
) -> tuple[CallHistory, Merged | None]:
    """Let places stand for their neighbors where a plan would hold more than `most` response times.

    Places are merged within squares of the smallest side that is enough; of each square the
    place with most eligible calls stands for all. Calls keep their own coordinates; only `node`
    changes. The same calls give the same places on any machine.

    Parameters
    ----------
    periods
        They cover the week once.
    n_options
        Options that can be bought.

    Returns
    -------
    calls
        The history to plan with.
    merged
        What was done; None where nothing was.
    """
    frame = calls.frame
    eligible = frame["call_class"].isin(eligible_classes(program)).to_numpy()
    most_columns = max(FEWEST_COLUMNS, most // max(1, n_options))
    if eligible.sum() <= most_columns:
        return calls, None
    cells = demand_cells(calls, program, network, periods=periods)
    view = cell_views(program, cells)
    place, of_call = np.unique(frame["node"].to_numpy(), return_inverse=True)
    of_cell = np.searchsorted(place, cells.node)

    def columns(square: NDArray[np.int64]) -> int:
        return len(np.unique(square[of_cell] * (view.max() + 1) + view))

    if columns(np.arange(len(place))) <= most_columns:
        return calls, None
    x, y = network.place_xy(place)
    west, south = network.node_x.min(), network.node_y.min()
    side_m = FINEST_M
    while columns(_squares(x - west, y - south, side_m)) > most_columns:
        side_m *= COARSER
    weight = np.bincount(of_call[eligible], minlength=len(place))
    stands = _busiest(_squares(x - west, y - south, side_m), weight)
    away = np.hypot(x - x[stands], y - y[stands])[of_call[eligible]]
    before, after = int((weight > 0).sum()), len(np.unique(stands[of_call[eligible]]))
    merged = Merged(before, after, side_m, float(away.mean()), float(away.max()))
    moved = frame.assign(node=place[stands][of_call].astype(np.int32))
    return replace(calls, frame=moved, notes=(*calls.notes, merged.note)), merged


def _squares(x: NDArray[np.float64], y: NDArray[np.float64], side_m: float) -> NDArray[np.int64]:
    """Return (places,) the number of each place's square."""
    column, row = (np.floor(v / side_m).astype(np.int64) for v in (x, y))
    column -= column.min()  # a curved road may pass west of all crossings
    return np.asarray(row * (column.max() + 1) + column)


def _busiest(square: NDArray[np.int64], weight: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return (places,) the position of the place with most calls of each place's square.

    Of several alike the first.
    """
    _, back = np.unique(square, return_inverse=True)
    order = np.lexsort((np.arange(len(square)), -weight, back))
    first = np.r_[True, np.diff(back[order]) != 0]
    return np.asarray(order[first][back])
