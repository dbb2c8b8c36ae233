"""Where the replay loses calls that the nearest free unit would reach in time: the step of the funnel, by name."""

from __future__ import annotations

from collections.abc import Mapping

from coresponse.coverage.measures import Measures
from coresponse.coverage.replay.measures import ReplayMeasures

UPPER_BOUND_SHARE = 0.05
"""Share of calls in time by which the nearest-free figure may exceed the replay's before it is
said."""

WHY: Mapping[str, str] = {
    "busy": "Units are often busy when needed",
    "closed": "More calls come while no unit is on duty",
    "out_of_reach": "More calls are out of reach of the units on duty",
    "late": "The unit that is sent often comes later than the nearest would",
}


def lost_by_step(nearest: Measures, replayed: ReplayMeasures) -> dict[str, float]:
    """Return by how much more of the calls the replay loses at each step than the nearest-free figure.

    They add up to the difference of the shares in time.

    Returns
    -------
    dict
        Keys as in :data:`WHY`; shares of all calls, below 0 where the replay loses fewer.
    """

    def more(key: str) -> float:
        share = replayed.figure(key).mean / max(replayed.figure("calls_per_week").mean, 1e-9)
        if key not in nearest.overall:
            return share
        return share - nearest.figure(key) / max(nearest.figure("calls_per_week"), 1e-9)

    return {
        "busy": more("busy_per_week"),
        "closed": more("closed_per_week"),
        "out_of_reach": more("out_of_reach_per_week"),
        "late": more("reached_per_week") - more("in_time_per_week"),
    }


def why_fewer_in_time(nearest: Measures, replayed: ReplayMeasures) -> str:
    """Say at which step the replay loses most that the nearest-free figure does not; '' within the bound."""
    lost = lost_by_step(nearest, replayed)
    if sum(lost.values()) <= UPPER_BOUND_SHARE:
        return ""
    return WHY[max(lost, key=lambda step: lost[step])]
