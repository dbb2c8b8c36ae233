"""How much memory planning a study needs, told before the long work starts."""

from __future__ import annotations

import os
from dataclasses import dataclass

from coresponse.coverage.demand import demand_cells
from coresponse.coverage.response import column_count, enumerate_options
from coresponse.data.calls.history import CallHistory
from coresponse.data.hours import Period
from coresponse.data.posts import Posts
from coresponse.data.programs.model import Program
from coresponse.data.roads.network import RoadNetwork

GB = 1e9
PROGRAM = 0.65 * GB
"""Python with its packages and the compiled kernels, measured."""

COPIES_OF_ROADS = 3.0
"""The network, its travel matrix in order along a curve and reversed, and the lines of the map."""

COPIES_OF_CALLS = 2.5
"""The history, and what service, arrivals and the unseen days are fitted to."""

COPIES_OF_TABLE = 3.0
"""Response times, their costs, and the costs in the order of the search."""

TELL_FROM = 1.0 * GB


@dataclass(frozen=True)
class Estimate:
    """Bytes that a plan needs at its peak, by what they are for.

    Attributes
    ----------
    options, columns
        Of the response table.
    """

    roads: float
    calls: float
    table: float
    options: int
    columns: int

    @property
    def total(self) -> float:
        """All of it, with the program itself."""
        return PROGRAM + self.roads + self.calls + self.table

    def __str__(self) -> str:
        """Say it to people, with what the machine has free if that is known."""
        free = available()
        told = f"planning this needs about {self.total / GB:.1f} GB of memory"
        return told if free is None else f"{told}; {free / GB:.1f} GB are free"


def estimate(
    network: RoadNetwork, calls: CallHistory, posts: Posts, program: Program, periods: tuple[Period, ...]
) -> Estimate:
    """Estimate the peak of planning from what was read."""
    arrays = (
        network.node_id, network.node_x, network.node_y, network.edge_from, network.edge_to, network.length_m, network.travel_s,
        network.road_class, network.shape_start, network.shape_xy,
    )  # fmt: skip
    options = len(enumerate_options(program, posts))
    columns = column_count(program, demand_cells(calls, program, network, periods=periods))
    return Estimate(
        roads=COPIES_OF_ROADS * sum(array.nbytes for array in arrays),
        calls=COPIES_OF_CALLS * float(calls.frame.memory_usage(deep=True).sum()),
        table=COPIES_OF_TABLE * 4.0 * options * columns,
        options=options,
        columns=columns,
    )


def available() -> float | None:
    """Return the bytes of memory that are free on this machine; None where the system does not say."""
    try:
        pages, size = os.sysconf("SC_AVPHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return None
    return float(pages) * size
