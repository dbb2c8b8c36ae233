"""The patrol fleet that a replay's clinicians share with all other police work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.replay.officer_figures import OfficerFigures
from coresponse.coverage.replay.patrol import NO_PATROL, Patrol
from coresponse.coverage.replay.record import ReplayRun, Scenario
from coresponse.coverage.replay.rules import Reason
from coresponse.coverage.service.arrival_model import WEEK_S
from coresponse.coverage.service.recorded import usable_times
from coresponse.data.calls.history import NOT_ELIGIBLE, CallHistory
from coresponse.data.errors import InputError
from coresponse.data.hours import HOURS_A_WEEK, hour_of_week
from coresponse.data.known_city import KnownCity
from coresponse.data.programs.model import Program

# Standard deviation of the logarithm of an officer's time on a call, as the presets' service times
# have it.
JOB_SPREAD = 0.5

# Recorded jobs from which their mean is taken; below, the program's figure.
FEWEST_TIMES = 50


# Added to a scene's seed, which is below it: chances of the patrol are none of the scene's own.
PATROL_SEED = 1 << 40


@dataclass(frozen=True, eq=False)
class PatrolFleet:
    """Officers on duty and their own calls by hour of the week.

    Attributes
    ----------
    officers
        (168,) on duty at once, 0 or more, at least one in some hour.
    calls_per_h
        (168,) calls an hour that keep officers busy beside those that are replayed.
    job_min
        Mean minutes that such a call keeps an officer, from being sent until free.
    """

    officers: NDArray[np.int64]
    calls_per_h: NDArray[np.float64]
    job_min: float

    def __post_init__(self) -> None:
        shapes = {self.officers.shape, self.calls_per_h.shape}
        if shapes != {(HOURS_A_WEEK,)} or (self.officers < 0).any() or not self.officers.any():
            raise InputError(
                "a patrol fleet needs officers and calls for each of the week's 168 hours, and an "
                "officer in some of them"
            )
        if not (np.isfinite(self.calls_per_h).all() and (self.calls_per_h >= 0).all()):
            raise InputError("a patrol fleet's calls an hour must be 0 or more and finite")
        if not (np.isfinite(self.job_min) and self.job_min > 0):
            raise InputError(f"a patrol call must take more than 0 min, found {self.job_min}")


def fit_patrol(calls: CallHistory, program: Program, officers: NDArray[np.integer]) -> PatrolFleet:
    """Fit the patrol's own load to the calls that no responder type takes.

    Parameters
    ----------
    officers
        (168,) on duty at once.
    """
    frame = calls.frame[calls.frame["call_class"] == NOT_ELIGIBLE]
    received = frame["received_at"].dt
    hour = hour_of_week(received.day_of_week.to_numpy(), received.hour.to_numpy())
    count = np.zeros(HOURS_A_WEEK)
    np.add.at(count, hour, 1.0)
    took_s = (frame["cleared_at"] - frame["dispatched_at"]).dt.total_seconds()
    job = usable_times(np.asarray(took_s, dtype=np.float64))
    usual = program.workload.officer_min.value
    return PatrolFleet(
        officers=np.asarray(officers, dtype=np.int64),
        calls_per_h=count / (calls.days / 7),
        job_min=float(job.seconds.mean()) / 60 if job.n >= FEWEST_TIMES else usual,
    )


def patrol_of_city(city: KnownCity) -> PatrolFleet | None:
    """Return the patrol that a city's program states, its own load fitted where that is not stated; None without one.

    Raises
    ------
    InputError
        If its own calls are neither stated nor recorded.
    """
    stage = city.program.patrol
    if stage is None:
        return None
    officers, calls = stage.on_duty(), city.calls
    recorded = len(calls.frame) and bool((calls.frame["call_class"] == NOT_ELIGIBLE).any())
    if stage.calls_per_h is None and not recorded:
        raise InputError(
            "patrol: the history has no call that no responder type takes, so that officers' own "
            "work is not known -- state calls_per_h under [patrol] of the program, 0 if they have "
            "none"
        )
    if recorded:
        fleet = fit_patrol(calls, city.program, officers)
    else:
        usual = city.program.workload.officer_min.value
        fleet = PatrolFleet(officers, np.zeros(HOURS_A_WEEK), usual)
    if stage.calls_per_h is not None:
        fleet = replace(fleet, calls_per_h=np.full(HOURS_A_WEEK, stage.calls_per_h.value))
    return fleet if stage.job_min is None else replace(fleet, job_min=stage.job_min.value)


def patrols_of(
    fleet: PatrolFleet | None, scenes: Sequence[Scenario], program: Program
) -> list[Patrol] | None:
    """Draw the patrol of each scene, the same for every deployment; None without one."""
    if fleet is None:
        return None
    return [draw_patrol(fleet, scene, program, seed=scene.seed + PATROL_SEED) for scene in scenes]


def draw_patrol(fleet: PatrolFleet, scene: Scenario, program: Program, *, seed: int) -> Patrol:
    """Draw the patrol's own calls over the time of a scenario, and officers' times on its calls.

    An officer's drive is the scenario's time until police are there less call-taking: it is to be
    of officers who were free, since the wait for one is played here.
    """
    rng = np.random.Generator(np.random.Philox(key=seed))
    calls, count = scene.calls, int(fleet.officers.max())
    first, hours = int(calls.start_s // 3600), int(np.ceil(calls.weeks * WEEK_S / 3600))
    hour = first + np.arange(hours)
    drawn = rng.poisson(fleet.calls_per_h[hour % HOURS_A_WEEK])
    ready = np.sort((np.repeat(hour, drawn) + rng.random(int(drawn.sum()))) * 3600)
    on_duty = np.arange(count)[:, None] < fleet.officers[None, :]
    told_s = program.standards.call_taking_min.value * 60
    return patrol_of(
        on_duty,
        own_ready_s=ready,
        own_job_s=fleet.job_min * 60 * _long_tail(rng, len(ready)),
        drive_s=np.maximum(scene.police_s.astype(np.float64) - told_s, 0.0),
        alone_s=program.workload.officer_min.value * 60 * _long_tail(rng, calls.n),
    )


def patrol_of(
    on_duty: NDArray[np.bool_],
    *,
    own_ready_s: NDArray[np.float64],
    own_job_s: NDArray[np.float64],
    drive_s: NDArray[np.float64],
    alone_s: NDArray[np.float64],
) -> Patrol:
    """Return a patrol that has done nothing yet; see :class:`~coresponse.coverage.replay.patrol.Patrol`."""
    n, officers = len(drive_s), len(on_duty)
    ahead = np.full((officers, HOURS_A_WEEK), np.inf)
    for o, hours in enumerate(on_duty):
        duty = np.flatnonzero(hours)
        if len(duty):
            ahead[o] = ((duty[None, :] - np.arange(HOURS_A_WEEK)[:, None]) % HOURS_A_WEEK).min(
                axis=1
            )
    return NO_PATROL._replace(
        on_duty=np.ascontiguousarray(on_duty),
        hours_until=ahead,
        own_ready_s=own_ready_s,
        own_job_s=own_job_s,
        drive_s=drive_s,
        alone_s=alone_s,
        free_s=np.full(officers, -np.inf),
        own_next=np.zeros(1, dtype=np.int64),
        own_sent_s=np.full(len(own_ready_s), np.nan),
        sent_s=np.full(n, np.nan),
        officer=np.full(n, -1, dtype=np.int64),
        busy_s=np.zeros((officers, HOURS_A_WEEK)),
    )


def officer_figures(run: ReplayRun, program: Program) -> OfficerFigures:
    """Measure what officers did.

    Raises
    ------
    InputError
        If the run had no patrol fleet.
    """
    patrol, record, calls = run.patrol, run.record, run.scenario.calls
    if patrol is None:
        raise InputError("the replay had no patrol fleet: give it one to measure officers")
    went = ~np.isnan(patrol.sent_s)
    unit_sent = record.server >= 0
    told_s = calls.received_s + program.standards.call_taking_min.value * 60
    asked_s = np.where(unit_sent, record.sent_s, told_s)
    with_unit, alone = went & unit_sent, went & ~unit_sent
    on_scene_until = record.contact_s + run.scenario.on_scene_s
    week_h = 3600 * calls.weeks
    duty = patrol.on_duty * calls.hours_seen()
    stood = (record.contact_s - record.arrived_s)[with_unit]
    return OfficerFigures(
        busy_share=float(patrol.busy_s.sum() / 3600 / duty.sum()),
        with_clinicians_h_per_week=float(
            (on_scene_until - patrol.sent_s)[with_unit].sum() / week_h
        ),
        alone_h_per_week=float((patrol.drive_s + patrol.alone_s)[alone].sum() / week_h),
        wait_min=_mean_min((patrol.sent_s - asked_s)[went & (record.reason != Reason.GAVE_UP)]),
        own_wait_min=_mean_min(patrol.own_sent_s - patrol.own_ready_s),
        clinician_waits_min=_mean_min(stood),
        without_officer_share=float((unit_sent & ~went).mean()) if calls.n else float("nan"),
    )


def mean_officer_figures(runs: Sequence[ReplayRun], program: Program) -> OfficerFigures | None:
    """Return the means of what officers did over replications; None without a patrol."""
    if not runs or runs[0].patrol is None:
        return None
    rows = np.array([astuple(officer_figures(run, program)) for run in runs], dtype=np.float64)
    told = [row[np.isfinite(row)] for row in rows.T]
    return OfficerFigures(*(float(row.mean()) if len(row) else np.nan for row in told))


def _mean_min(seconds: NDArray[np.float64]) -> float:
    return float(seconds.mean() / 60) if len(seconds) else float("nan")


def _long_tail(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    """Return (n,) lognormal factors with mean 1."""
    return np.asarray(rng.lognormal(-(JOB_SPREAD**2) / 2, JOB_SPREAD, n))
