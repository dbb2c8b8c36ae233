"""Places of demand: the calls' own crossings, or, in a region too large for that, crossings that stand for neighbors."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.demand import eligible_classes
from coresponse.data.calls.history import CallHistory
from coresponse.data.programs.model import Program
from coresponse.data.roads.network import RoadNetwork

MOST_RESPONSES = 120_000_000
"""Response times (options times demand columns) that a plan holds: 0.5 GB, of which the search needs three copies."""

FINEST_M = 50.0
COARSER = 1.25


@dataclass(frozen=True)
class Merged:
    """What was merged.

    Attributes
    ----------
    crossings, places
        With calls, before and after.
    side_m
        Of the squares within which crossings were merged.
    mean_m, farthest_m
        From a call's own crossing to the one that stands for it, in a straight line.
    """

    crossings: int
    places: int
    side_m: float
    mean_m: float
    farthest_m: float

    def __str__(self) -> str:
        """Say it to people."""
        return (
            f"calls at {self.crossings:,} crossings are planned with as if at {self.places:,} of them, so that the plan fits "
            f"into memory: {self.mean_m:,.0f} m from their own on average, {self.farthest_m:,.0f} m at most"
        )


def most_places(program: Program, n_options: int, n_periods: int, *, most: int = MOST_RESPONSES) -> int:
    """Return how many places of demand keep a response table within bounds, whatever their calls' classes and hours."""
    kinds = list(program.responder_types.values())
    views = {tuple(name in kind.eligible for kind in kinds) for name in eligible_classes(program)}
    return max(1_000, most // max(1, n_options * len(views) * n_periods))


def merge_places(
    calls: CallHistory, program: Program, network: RoadNetwork, *, at_most: int
) -> tuple[CallHistory, Merged | None]:
    """Let crossings stand for their neighbors where eligible calls are at more of them than `at_most`.

    Crossings are merged within squares of the smallest side that is enough; of each square the crossing with most eligible calls
    stands for all. Calls keep their own coordinates; only `node` changes. The same calls give the same places on any machine.

    Returns
    -------
    calls
        The history to plan with.
    merged
        What was done; None where nothing was.
    """
    frame = calls.frame
    node = frame["node"].to_numpy()
    eligible = frame["call_class"].isin(eligible_classes(program)).to_numpy()
    weight = np.bincount(node[eligible], minlength=network.n_nodes)
    crossings = int((weight > 0).sum())
    if crossings <= at_most:
        return calls, None
    side_m = FINEST_M
    square = _squares(network, side_m)
    while len(np.unique(square[weight > 0])) > at_most:
        side_m *= COARSER
        square = _squares(network, side_m)
    stands = _busiest(square, weight)[node]
    away = np.hypot(network.node_x[node] - network.node_x[stands], network.node_y[node] - network.node_y[stands])[
        eligible
    ]
    merged = Merged(crossings, len(np.unique(stands[eligible])), side_m, float(away.mean()), float(away.max()))
    moved = frame.assign(node=stands.astype(np.int32))
    return replace(calls, frame=moved, notes=(*calls.notes, str(merged))), merged


def _squares(network: RoadNetwork, side_m: float) -> NDArray[np.int64]:
    """Return (nodes,) the number of each crossing's square."""
    column = ((network.node_x - network.node_x.min()) // side_m).astype(np.int64)
    row = ((network.node_y - network.node_y.min()) // side_m).astype(np.int64)
    return np.asarray(row * (column.max() + 1) + column)


def _busiest(square: NDArray[np.int64], weight: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return (nodes,) the crossing with most calls of each crossing's square; of several alike the first."""
    _, back = np.unique(square, return_inverse=True)
    order = np.lexsort((np.arange(len(square)), -weight, back))
    first = np.r_[True, np.diff(back[order]) != 0]
    return np.asarray(order[first][back])
