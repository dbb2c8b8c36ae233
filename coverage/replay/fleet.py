"""Units at their posts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.replay.arrays import Servers
from coresponse.data.options import Option


@dataclass(frozen=True, eq=False)
class Fleet:
    """The units of a deployment.

    Attributes
    ----------
    name
        Of the deployment.
    options
        (servers,) option of each server.
    unit
        (servers,) number of the unit; sessions of one tele-clinician share it.
    type_names
        Positions of the arrays' type axis.
    arrays
        For the kernel.
    """

    name: str
    options: tuple[Option, ...]
    unit: NDArray[np.int64]
    type_names: tuple[str, ...]
    arrays: Servers

    @property
    def n(self) -> int:
        """Number of servers."""
        return len(self.options)

    def labels(self) -> tuple[str, ...]:
        """Return a name for each server's unit, such as ``co_responder_unit 2 at P05 (day_10h)``."""
        return tuple(
            f"{o.responder_type} {u + 1} at {o.post_id} ({o.shift_pattern})"
            for o, u in zip(self.options, self.unit, strict=True)
        )
