"""What units do in a replay, moment by moment: when each leaves, arrives, is done and is back at its post."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.replay.drives import ReplayRoads
from coresponse.coverage.replay.record import ReplayRun
from coresponse.coverage.replay.rules import Reason, Rules
from coresponse.data.hours import HOURS_A_WEEK
from coresponse.data.programs.model import Program


@dataclass(frozen=True, eq=False)
class Moments:
    """What became of each call, all (n,), in seconds since the scenario's Monday.

    Attributes
    ----------
    server
        Position in the fleet; -1 where nobody was sent.
    sent_s, leaves_s, arrived_s, contact_s
        The unit is told, drives off (from its post, or from where it is on its way home), is at the
        scene, meets the person (with an officer, where the crew needs one). NaN where nobody was
        sent.
    left_scene_s, cleared_s, home_s
        It leaves the scene or begins its paperwork there; is free; is back at its post, unless it
        is sent before.
    facility
        Position among `ReplayRoads`' facilities of where the person is taken; -1: nowhere, or
        nobody knows where.
    at_facility_s
        When it is there; NaN without a facility.
    police_s
        When the call was left to police; NaN for the others.
    """

    server: NDArray[np.int64]
    sent_s: NDArray[np.float64]
    leaves_s: NDArray[np.float64]
    arrived_s: NDArray[np.float64]
    contact_s: NDArray[np.float64]
    left_scene_s: NDArray[np.float64]
    facility: NDArray[np.int64]
    at_facility_s: NDArray[np.float64]
    cleared_s: NDArray[np.float64]
    home_s: NDArray[np.float64]
    police_s: NDArray[np.float64]


def moments(run: ReplayRun, roads: ReplayRoads, program: Program, rules: Rules) -> Moments:
    """Work out what lies between the times that a replay records, as its kernel does.

    A unit drives as fast as the hour in which it was sent allows, there, on to a facility and home.

    Parameters
    ----------
    run
        Of one scenario, without a patrol of officers.
    roads
        That it was replayed on.
    """
    record, scene, units = run.record, run.scenario, run.fleet.arrays
    calls, arrays = scene.calls, roads.arrays
    sent = record.server >= 0
    n = calls.n
    server = record.server.astype(np.int64)
    kind = units.type[np.where(sent, server, 0)] if run.fleet.n else np.zeros(n, dtype=np.int64)
    post = units.post[np.where(sent, server, 0)] if run.fleet.n else np.zeros(n, dtype=np.int64)
    hour = np.where(sent, record.sent_s, 0.0) // 3600 % HOURS_A_WEEK
    pace = units.speed[kind] * arrays.speed_of_hour[hour.astype(np.int64)]
    place = roads.places(calls.node)
    drives = sent & ~units.tele[kind]
    left = np.where(sent, record.contact_s + scene.on_scene_s, np.nan)
    facility = np.where(drives & (scene.transport_s > 0), arrays.facility[place], -1)
    taken = facility >= 0
    to_facility = arrays.to_facility_s[place] / pace
    if scene.drive_there_s is not None:
        known = ~np.isnan(scene.drive_there_s)
        to_facility = np.where(known, scene.drive_there_s, to_facility)
    home = arrays.home_s[place, post] if run.fleet.n else np.zeros(n)
    if taken.any():
        home = np.where(taken, arrays.facility_home_s[np.where(taken, facility, 0), post], home)
    home_s = record.cleared_s + np.where(drives, home, 0.0) / (pace * rules.return_speed_factor)
    told_s = calls.received_s + program.standards.call_taking_min.value * 60
    patience = 0.0 if rules.patience_min is None else scene.patience * rules.patience_min * 60
    gave_up = record.reason == int(Reason.GAVE_UP)
    return Moments(
        server=server,
        sent_s=record.sent_s,
        leaves_s=np.where(drives, record.arrived_s - record.drive_s, record.arrived_s),
        arrived_s=record.arrived_s,
        contact_s=record.contact_s,
        left_scene_s=left,
        facility=facility,
        at_facility_s=np.where(taken, np.minimum(left + to_facility, record.cleared_s), np.nan),
        cleared_s=record.cleared_s,
        home_s=np.where(sent, home_s, np.nan),
        police_s=np.where(sent, np.nan, told_s + np.where(gave_up, patience, 0.0)),
    )
