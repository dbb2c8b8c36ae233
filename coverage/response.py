"""Response times: for each option and demand cell, from the call's start to the responder's arrival."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.demand import DemandCells
from coresponse.data.options import Option


@dataclass(frozen=True, eq=False)
class ResponseTable:
    """Response time per option and demand cell.

    Attributes
    ----------
    options
        Sorted.
    cells
        The demand cells of the columns.
    response_s
        (options, cells) float32 seconds; inf where the option is off duty, not eligible, or cannot get there in
        the time limit of the travel search.
    fallback_s
        (cells,) float64: what a call counts as waiting when nobody can come.
    """

    options: tuple[Option, ...]
    cells: DemandCells
    response_s: NDArray[np.float32]
    fallback_s: NDArray[np.float64]
