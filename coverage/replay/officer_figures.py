"""What officers of the patrol did in a replay."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class OfficerFigures:
    """What a patrol fleet did in a replay.

    Attributes
    ----------
    busy_share
        Of officers' time on duty (work after its end is in the hours, too).
    with_clinicians_h_per_week, alone_h_per_week
        Officers' hours on calls that clinicians answered, and on calls left to police.
    wait_min, own_wait_min
        Mean minutes until an officer was sent, to replayed calls and to the patrol's own; NaN
        without any.
    clinician_waits_min
        Mean minutes that clinicians who need an officer first stood waiting for one; NaN without
        any.
    without_officer_share
        Share of replayed calls that were answered without an officer of the patrol.
    """

    busy_share: float
    with_clinicians_h_per_week: float
    alone_h_per_week: float
    wait_min: float
    own_wait_min: float
    clinician_waits_min: float
    without_officer_share: float
