"""What the replay's kernel takes in and gives back, as arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# Where a unit is: a place, this, or -2 - facility.
AT_POST = -1

CALL = np.dtype(
    [
        ("ready_s", np.float64),
        ("deadline_s", np.float64),
        ("police_at_s", np.float64),
        ("on_scene_s", np.float32),
        ("transport_s", np.float32),
        ("drive_there_s", np.float32),
        ("drop_off_s", np.float32),
        ("paperwork_s", np.float32),
        ("delay_z", np.float32),
        ("tie_u", np.float32),
        ("place", np.int32),
        ("priority", np.int32),
        ("kind", np.int16),
        ("follow_up", np.bool_),
    ],
    align=True,
)
UNIT = np.dtype(
    [
        # what it is
        ("post", np.int64),
        ("pattern", np.int64),
        ("rank", np.int64),
        ("delay_s", np.float64),
        ("delay_spread", np.float64),
        ("drive_spread", np.float64),
        ("speed", np.float64),
        ("officer_first", np.bool_),
        ("tele", np.bool_),
        ("follow_ups", np.bool_),
        # what it does: free and home at these times; `at` is a place, AT_POST, or -2 - facility
        ("free_s", np.float64),
        ("home_s", np.float64),
        ("shift_end_s", np.float64),
        ("at", np.int64),
        # the node of its way home that it last passed, where ways are known
        ("passed", np.int64),
        ("overtime_s", np.float64),
        ("visited_s", np.float64),
    ],
    align=True,
)
EVENT = np.dtype(
    [
        ("sent_s", np.float64),
        ("arrived_s", np.float64),
        ("contact_s", np.float64),
        ("cleared_s", np.float64),
        ("drive_s", np.float32),
        ("server", np.int32),
        ("reason", np.int8),
        ("on_the_way", np.bool_),
    ],
    align=True,
)
Table = NDArray[np.void]


class Calls(NamedTuple):
    """(n,) what calls bring with them.

    `ready_s` is when a unit can be told, `deadline_s` when a waiting call gives up. `drive_there_s`
    and `drop_off_s` are given times of a transport, NaN where the call does not tell.
    """

    ready_s: NDArray[np.float64]
    deadline_s: NDArray[np.float64]
    place: NDArray[np.int32]
    kind: NDArray[np.int16]
    priority: NDArray[np.int64]
    police_at_s: NDArray[np.float64]
    on_scene_s: NDArray[np.float32]
    transport_s: NDArray[np.float32]
    drive_there_s: NDArray[np.float32]
    drop_off_s: NDArray[np.float32]
    paperwork_s: NDArray[np.float32]
    delay_z: NDArray[np.float32]
    tie_u: NDArray[np.float32]
    follow_up: NDArray[np.bool_]


class Servers(NamedTuple):
    """Units (each session of a tele-clinician is one), their types (t, ...) and shift patterns (p, 168)."""

    type: NDArray[np.int64]
    post: NDArray[np.int64]
    pattern: NDArray[np.int64]
    eligible: NDArray[np.bool_]
    rank: NDArray[np.int64]
    delay_s: NDArray[np.float64]
    delay_spread: NDArray[np.float64]
    drive_spread: NDArray[np.float64]
    speed: NDArray[np.float64]
    officer_first: NDArray[np.bool_]
    tele: NDArray[np.bool_]
    follow_ups: NDArray[np.bool_]
    on_duty: NDArray[np.bool_]
    hours_left: NDArray[np.float64]
    hours_until: NDArray[np.float64]


class Ways(NamedTuple):
    """The fastest ways home, crossing by crossing; all empty where nobody asks for them.

    Nodes are numbered anew: those that lie on a way from a place or facility to a post.

    Attributes
    ----------
    of_place, of_facility
        (places,), (facilities,) their nodes.
    ahead
        (posts, nodes) next node on the way to the post, -1 at the post.
    home_s
        (posts, nodes) drive from the node to the post.
    out_s
        (nodes, places) drive from the node to a place.
    """

    of_place: NDArray[np.int64]
    of_facility: NDArray[np.int64]
    ahead: NDArray[np.int32]
    home_s: NDArray[np.float64]
    out_s: NDArray[np.float32]


NO_WAYS = Ways(
    np.zeros(0, dtype=np.int64),
    np.zeros(0, dtype=np.int64),
    np.zeros((0, 0), dtype=np.int32),
    np.zeros((0, 0)),
    np.zeros((0, 0), dtype=np.float32),
)


NO_AGENCY = np.zeros(0, dtype=np.int32)


class Roads(NamedTuple):
    """Drives in seconds at the roads' own speed, and whose posts and places are.

    `between` is empty where units leave from their posts only. `sharing` is a rule of
    :mod:`coresponse.coverage.replay.sharing`; agencies are empty where there is one.
    """

    out_s: NDArray[np.float32]
    home_s: NDArray[np.float32]
    between_s: NDArray[np.float32]
    facility: NDArray[np.int64]
    to_facility_s: NDArray[np.float32]
    facility_out_s: NDArray[np.float32]
    facility_home_s: NDArray[np.float32]
    speed_of_hour: NDArray[np.float64]
    ways: Ways = NO_WAYS
    place_agency: NDArray[np.int32] = NO_AGENCY
    post_agency: NDArray[np.int32] = NO_AGENCY
    sharing: int = 0


class Settings(NamedTuple):
    """Rules as numbers."""

    queue: bool
    by_priority: bool
    on_the_way: bool
    true_position: bool
    return_speed: float
    reach_s: float
    last_call_s: float
    police_s: float
    follow_up_s: float
    follow_up_after_s: float
