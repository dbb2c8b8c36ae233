"""A made city for the replay's benchmark and tests.

Nodes on a plane, units, calls with all that chance decides.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from coresponse.coverage.replay.arrays import Roads, Servers
from coresponse.coverage.replay.drives import ReplayRoads
from coresponse.coverage.replay.fleet import Fleet
from coresponse.coverage.replay.record import Scenario
from coresponse.coverage.service.arrival_model import WEEK_S
from coresponse.coverage.service.replay_calls import ReplayCalls
from coresponse.data.options import Option


def made_roads(
    rng: np.random.Generator, *, places: int, posts: int, facilities: int
) -> ReplayRoads:
    """Drives as the crow flies at 30 km/h over 15 by 15 km."""

    def drive(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return (
            np.hypot(a[:, None, 0] - b[None, :, 0], a[:, None, 1] - b[None, :, 1]) / (30 / 3.6)
        ).astype(np.float32)

    place, post, facility = (rng.uniform(0, 15_000, (k, 2)) for k in (places, posts, facilities))
    to_facility = drive(place, facility)
    return ReplayRoads(
        nodes=np.arange(places, dtype=np.int32),
        post_ids=tuple(f"P{k}" for k in range(posts)),
        arrays=Roads(
            out_s=drive(place, post),
            home_s=drive(place, post),
            between_s=drive(place, place),
            facility=to_facility.argmin(axis=1) if facilities else np.full(places, -1),
            to_facility_s=to_facility.min(axis=1) if facilities else np.zeros(places, np.float32),
            facility_out_s=drive(facility, place),
            facility_home_s=drive(facility, post),
            speed_of_hour=np.ones(168),
        ),
    )


def made_fleet(
    rng: np.random.Generator,
    *,
    units: int,
    posts: int,
    patterns: np.ndarray,
    drive_spread: Sequence[float] = (0.0, 0.0, 0.0),
) -> Fleet:
    """Units of three types.

    A crew for all classes, one for some, and a clinician who needs an officer first.
    """
    kind = rng.integers(0, 3, units)
    left, until = _ahead(patterns, wanted=False), _ahead(patterns, wanted=True)
    arrays = Servers(
        type=kind.astype(np.int64),
        post=rng.integers(0, posts, units),
        pattern=rng.integers(0, len(patterns), units),
        eligible=np.array([[True, True], [True, False], [True, True]]),
        rank=np.zeros(3, dtype=np.int64),
        delay_s=np.array([120.0, 90.0, 600.0]),
        delay_spread=np.array([0.0, 0.0, 0.3]),
        drive_spread=np.array(drive_spread),
        speed=np.array([0.8, 0.9, 0.7]),
        officer_first=np.array([False, False, True]),
        tele=np.zeros(3, dtype=bool),
        follow_ups=np.ones(3, dtype=bool),
        on_duty=patterns,
        hours_left=left,
        hours_until=until,
    )
    options = tuple(
        Option(f"type {k}", f"P{p}", "pattern")
        for k, p in zip(arrays.type, arrays.post, strict=True)
    )
    return Fleet("made", options, np.arange(units), ("type 0", "type 1", "type 2"), arrays)


def _ahead(patterns: np.ndarray, *, wanted: bool) -> np.ndarray:
    out = np.full(patterns.shape, np.inf)
    for p, hours in enumerate(patterns):
        for h in range(168):
            ahead = np.flatnonzero(np.roll(hours, -h) == wanted)
            out[p, h] = ahead[0] if len(ahead) else np.inf
    return out


def made_scenario(
    rng: np.random.Generator, *, n: int, calls_per_h: float, places: int, service_s: float = 3600.0
) -> Scenario:
    """Poisson calls of two classes with long-tailed service; a quarter is taken to a facility."""
    received = np.cumsum(rng.exponential(3600 / calls_per_h, n))
    moved = rng.random(n) < 0.25

    def long_tail(mean: float) -> np.ndarray:
        return (mean * rng.lognormal(-0.125, 0.5, n)).astype(np.float32)

    calls = ReplayCalls(
        class_names=("low", "high"),
        received_s=received,
        node=rng.integers(0, places, n).astype(np.int32),
        district=np.full(n, -1, dtype=np.int32),
        call_class=rng.integers(0, 2, n).astype(np.int16),
        call_id=None,
        weeks=float(received[-1] / WEEK_S),
        not_eligible=0.0,
    )
    return Scenario(
        calls=calls,
        outcome=moved.astype(np.int8),
        contact=np.ones(n, dtype=bool),
        on_scene_s=long_tail(service_s * 0.5),
        transport_s=np.where(moved, long_tail(service_s), 0).astype(np.float32),
        paperwork_s=long_tail(service_s * 0.25),
        police_s=long_tail(500.0),
        patience=rng.exponential(1.0, n),
        delay_z=rng.standard_normal(n).astype(np.float32),
        tie_u=rng.random(n).astype(np.float32),
        backup_u=rng.random(n).astype(np.float32),
        follow_u=rng.random(n).astype(np.float32),
    )
