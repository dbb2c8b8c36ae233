"""The calls that a replay meets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.data.hours import HOURS_A_WEEK


@dataclass(frozen=True, eq=False)
class ReplayCalls:
    """Calls with a time, a place and a class, in order of time.

    Attributes
    ----------
    received_s
        (n,) float64 ascending, seconds since a Monday 00:00 local time.
    node, district
        (n,) int32.
    call_class
        (n,) int16 position in `class_names`.
    call_id
        (n,) str for real calls; None for drawn ones.
    weeks
        Length of time that they cover.
    not_eligible
        Calls in that time of classes that nobody is sent to; 1 to 10 past ones are taken as 5.
    by_phone
        Further calls in that time that clinicians on the phone end for good.
    start_s
        Start of that time, seconds since the Monday.
    row
        (n,) row of the history of each real call; None for drawn ones.
    """

    class_names: tuple[str, ...]
    received_s: NDArray[np.float64]
    node: NDArray[np.int32]
    district: NDArray[np.int32]
    call_class: NDArray[np.int16]
    call_id: NDArray[np.object_] | None
    weeks: float
    not_eligible: float
    start_s: float = 0.0
    by_phone: float = 0.0
    row: NDArray[np.int64] | None = None

    @property
    def n(self) -> int:
        """Number of calls."""
        return len(self.received_s)

    def hours_seen(self) -> NDArray[np.float64]:
        """Return (168,) how often each hour of the week is in the time covered."""
        first = int(self.start_s // 3600)
        hours = first + np.arange(max(round(self.weeks * HOURS_A_WEEK), 1))
        return np.bincount(hours % HOURS_A_WEEK, minlength=HOURS_A_WEEK).astype(np.float64)
