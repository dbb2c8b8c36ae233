"""One replay of a week of calls, and the waits that came of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.replay.arrays import Table
from coresponse.coverage.replay.patrol import NO_PATROL, Patrol


class Replication(NamedTuple):
    """A replication, ready for the kernel.

    Attributes
    ----------
    rows
        (n,) calls as the kernel takes them.
    received_s
        (n,) seconds since the Monday.
    call_class, district
        (n,) positions, of the district -1 outside all.
    weeks
        Length.
    patrol
        Officers who have done nothing yet.
    node
        (n,) crossings of the calls.
    """

    rows: Table
    received_s: NDArray[np.float64]
    call_class: NDArray[np.int16]
    district: NDArray[np.int32]
    weeks: float
    patrol: Patrol = NO_PATROL
    node: NDArray[np.int32] = np.zeros(0, dtype=np.int32)


class Replayed(NamedTuple):
    """What a replication of a deployment comes to.

    Attributes
    ----------
    wait_s
        (n,) from a call's start to contact; inf where nobody came.
    calls
        (options,) calls that responders of each option were sent to.
    busy_h
        (options,) hours that they were on calls.
    option
        (n,) int32 option whose responder was sent, -1 where nobody was.
    """

    wait_s: NDArray[np.float64]
    calls: NDArray[np.float64]
    busy_h: NDArray[np.float64]
    option: NDArray[np.int32]
