"""Where the replay has other calls in time than the nearest free unit or queueing: the step of the funnel, by name."""

from __future__ import annotations

from collections.abc import Mapping

from coresponse.coverage.measures import Measures
from coresponse.coverage.queueing.queueing_measures import QueueingMeasures
from coresponse.coverage.replay.replay_measures import ReplayMeasures

# Share of calls in time by which the nearest-free figure may exceed the replay's before it is
# said.
UPPER_BOUND_SHARE = 0.05

WHY: Mapping[str, str] = {
    "busy": "Units are often busy when needed",
    "closed": "More calls come while no unit is on duty",
    "out_of_reach": "More calls are out of reach of the units on duty",
    "late": "The unit that is sent often comes later than the nearest would",
}

# By step: why the replay has more, and why it has fewer calls in time than queueing.
BESIDE_QUEUEING: Mapping[str, tuple[str, str]] = {
    "busy": (
        "there fewer calls find all units busy, for hours of a period are not alike",
        "there more calls find all units busy, for hours of a period are not alike and shifts end with calls under way",
    ),
    "closed": (
        "there fewer calls come while no unit is on duty",
        "there more calls come while no unit is on duty",
    ),
    "out_of_reach": (
        "there fewer calls are out of reach",
        "there more calls are out of reach",
    ),
    "late": (
        "there units come sooner: some are sent on their way home",
        "there units come later: they meet officers, or are sent on their way home",
    ),
}

WAIT = "there calls wait for a unit, which queueing leaves to police"

VARY = "its drives vary as recorded ones do, where each takes its expected time by queueing"


def lost_by_step(
    nearest: Measures | QueueingMeasures, replayed: ReplayMeasures
) -> dict[str, float]:
    """Return by how much more of the calls the replay loses at each step than another judge's figure.

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


def why_not_as_queueing(
    queueing: QueueingMeasures, replayed: ReplayMeasures, *, drives_vary: bool
) -> str:
    """Say at which step the replay differs most from queueing, in the direction of the whole difference."""
    if queueing.note:  # it could not follow the rule that calls wait
        return WAIT
    lost = lost_by_step(queueing, replayed)
    fewer = sum(lost.values()) > 0
    step = max(lost, key=lambda name: lost[name] if fewer else -lost[name])
    return VARY if step == "late" and drives_vary else BESIDE_QUEUEING[step][fewer]
