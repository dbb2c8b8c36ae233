"""Calls that one unit can handle: the check that a program's times allow what it is known to do."""

from __future__ import annotations

from coresponse.data.programs.model import Program

# Minutes of a drive where none is given: the short end of what a response of 15 to 25 min leaves
# after 2 min of call-taking and 3 of turn-out. A planner's own roads say better.
TYPICAL_DRIVE_MIN = 10.0


def time_on_a_call_min(
    program: Program, responder_type: str, *, drive_min: float = TYPICAL_DRIVE_MIN
) -> float:
    """Return the mean minutes that a call keeps a unit: start, drive, on scene, transport, paperwork.

    Parameters
    ----------
    drive_min
        Mean minutes of the drive to a call.
    """
    kind = program.responder_types[responder_type]
    return kind.delay_min.value + drive_min + program.service_min()


def calls_per_unit_hour(
    program: Program,
    responder_type: str,
    *,
    drive_min: float = TYPICAL_DRIVE_MIN,
    busy_share: float | None = None,
) -> float:
    """Return the calls that one unit handles in an hour on duty at a busy share.

    Parameters
    ----------
    drive_min
        Mean minutes of the drive to a call.
    busy_share
        Share of its time on duty that the unit is on calls (0..1); None: the program's planning
        value.
    """
    kind = program.responder_types[responder_type]
    busy = kind.busy_share.value if busy_share is None else busy_share
    on_a_call = time_on_a_call_min(program, responder_type, drive_min=drive_min)
    return busy * kind.sessions * 60 / on_a_call
