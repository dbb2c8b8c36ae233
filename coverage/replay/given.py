"""Times that recorded calls tell of themselves: on scene, on the way to a facility, and there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.replay.record import GivenTimes
from coresponse.coverage.service.recorded import LONGEST_S
from coresponse.coverage.service.replay_calls import ReplayCalls
from coresponse.coverage.service.service_model import ServiceModel
from coresponse.data.calls.history import CallHistory

# Times without which a call tells nothing of its parts: from arrival to clearing alone they are not told apart.
TOLD = ("left_scene_at", "at_facility_at")


def told_times(
    calls: CallHistory, known: ReplayCalls, service: ServiceModel
) -> tuple[GivenTimes | None, int]:
    """Return what recorded calls tell of their own times, for their own replay, and how many calls do.

    Only calls of classes whose times on a call are taken as recorded: a crew without an officer
    does not inherit what police took.

    Parameters
    ----------
    known
        The calls, each with its row of the history.
    service
        Says of which classes recorded times are used.

    Returns
    -------
    given, calls
        None if no call tells.
    """
    frame = calls.frame
    if not set(TOLD) <= set(frame.columns) or known.row is None:
        return None, 0
    own = frame.iloc[known.row]
    as_recorded = np.array([basis == "calls" for basis in service.basis])[known.call_class]

    def between(start: str, end: str) -> NDArray[np.float64]:
        took = (
            (own[end] - own[start]).dt.total_seconds().to_numpy(dtype=np.float64, na_value=np.nan)
        )
        return np.where(as_recorded & (took >= 0) & (took <= LONGEST_S), took, np.nan)

    on_scene = between("arrived_at", "left_scene_at")
    there, drop_off = (
        between(*ends)
        for ends in (("left_scene_at", "at_facility_at"), ("at_facility_at", "cleared_at"))
    )
    told = ~np.isnan(np.stack([on_scene, there, drop_off])).all(axis=0)
    if not told.any():
        return None, 0
    # until the unit was free again: paperwork is in it
    paperwork = np.where(np.isnan(drop_off), np.nan, 0.0)
    return GivenTimes(on_scene, there, drop_off, paperwork), int(told.sum())
