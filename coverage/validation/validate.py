"""Today's deployment, replayed at the real calls' times, beside what the calls' records say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.replay.record import ReplayRun
from coresponse.coverage.validation.calibrate import QUANTILES, Calibration
from coresponse.coverage.validation.compare import TimesComparison, compare, hour_blocks
from coresponse.coverage.validation.drives import road_group
from coresponse.coverage.validation.records import TravelRecords
from coresponse.data.calls.history import CallHistory
from coresponse.data.hours import Period
from coresponse.data.roads.network import RoadNetwork

# a speed is stated to the percent: records tell no more
SPEED_STEP = 0.01

# As :func:`coresponse.data.hours.speed_fault` has it.
LEAST_SPEED = 0.02

OUTSIDE = "outside all districts"


def validate(
    calls: CallHistory,
    records: TravelRecords,
    runs: Sequence[ReplayRun],
    *,
    district_names: Sequence[str] = (),
    target_s: float | None = None,
    spread: NDArray[np.float64] | None = None,
    type_of_unit: Mapping[str, str] | None = None,
) -> TimesComparison:
    """Hold a replay of the real calls against their records.

    Parameters
    ----------
    calls
        The history that the records are of.
    records
        From :func:`coresponse.coverage.validation.records.travel_records`, with ``from_posts`` off:
        a replay has units on the road, too.
    runs
        Some 8 replays of the same history by the deployment that was in place
        (:func:`coresponse.coverage.service.real_calls.real_calls`); may be none without records.
    district_names
        By position.
    target_s, spread
        The standard, and the spread of drives (:class:`Calibration`): recorded and modeled shares
        in time are compared where both are given and records start at receipt. Without the spread a
        right model would be called off.
    type_of_unit
        Responder type by recorded unit: a record is held against the replays that send its type.
        Others' times are no model of it: a clinician on call starts twenty minutes later.

    Returns
    -------
    Comparison
        Overall, by district, three hours of the day, class, and unit where it is recorded.
    """
    modeled = np.full((1, records.n), np.nan)
    if runs:
        at = positions(calls, runs[0])[records.row]
        modeled = travel_s(runs, records.clock)[:, at.clip(min=0)]
        modeled[:, at < 0] = np.nan
        if type_of_unit:
            kind = np.array([type_of_unit.get(name, "") for name in records.unit], dtype=object)
            sent = types_sent(runs)[:, at.clip(min=0)]
            modeled[(sent != kind) & (kind != "")] = np.nan
    there = np.isfinite(modeled)
    mean = np.divide(
        np.where(there, modeled, 0.0).sum(axis=0),
        there.sum(axis=0),
        out=np.full(records.n, np.nan),
        where=there.any(axis=0),
    )
    groups: dict[str, NDArray[np.object_]] = {
        "hour": hour_blocks(records.hour_of_week),
        "class": records.call_class,
    }
    if len(district_names):
        names = np.array([OUTSIDE, *district_names], dtype=object)
        groups["district"] = names[records.district + 1]
    if (records.unit != "").any():
        groups["unit"] = records.unit
    in_time = None
    if target_s is not None and spread is not None and records.clock == "received_at":
        ratio = target_s / np.where(there, np.maximum(modeled, 1e-9), np.inf)
        chance = np.interp(ratio, spread, QUANTILES, left=0.0, right=1.0)
        each = np.where(there, chance, 0.0).sum(axis=0) / np.maximum(there.sum(axis=0), 1)
        in_time = records.observed_s <= target_s, each
    return compare(records.observed_s, mean, records.day, groups=groups, in_time=in_time)


def travel_s(runs: Sequence[ReplayRun], clock: str) -> NDArray[np.float64]:
    """Return (replays, calls) modeled seconds from a clock's start to arrival; NaN where nobody came."""
    out = []
    for run in runs:
        record = run.record
        start = {
            "received_at": run.scenario.calls.received_s,
            "dispatched_at": record.sent_s,
            "en_route_at": record.arrived_s - record.drive_s,
        }[clock]
        out.append(np.where(record.server >= 0, record.arrived_s - start, np.nan))
    return np.stack(out)


def types_sent(runs: Sequence[ReplayRun]) -> NDArray[np.object_]:
    """Return (replays, calls) responder types sent, '' where nobody was."""
    out = []
    for run in runs:
        names = np.array([*(o.responder_type for o in run.fleet.options), ""], dtype=object)
        out.append(names[run.record.server])
    return np.stack(out)


def positions(calls: CallHistory, run: ReplayRun) -> NDArray[np.int64]:
    """Return (calls,) position of each call of a history among those replayed, -1 where it is not."""
    ids = run.scenario.calls.call_id
    if ids is None:
        raise ValueError("records are held against replays of the real calls, not of drawn ones")
    of = {name: k for k, name in enumerate(ids.tolist())}
    return np.array(
        [of.get(name, -1) for name in calls.frame["call_id"].to_numpy(dtype=object)], dtype=np.int64
    )


def calibrated_roads(network: RoadNetwork, found: Calibration) -> RoadNetwork:
    """Return the roads at the fitted speeds of their classes."""
    if not found.used:
        return network
    speed = np.array([shown_speed(float(value)) for value in found.group_speed])
    slower = 1 / speed[road_group(network)]
    return replace(network, travel_s=(network.travel_s * slower).astype(np.float32))


def calibrated_periods(periods: Sequence[Period], found: Calibration) -> tuple[Period, ...]:
    """Return the periods with their fitted speeds; they go with :func:`calibrated_roads`."""
    if not found.used:
        return tuple(periods)
    return tuple(
        replace(period, speed_factor=shown_speed(period.speed_factor * float(factor)))
        for period, factor in zip(periods, found.speed, strict=True)
    )


def shown_speed(value: float) -> float:
    """Return a fitted speed as it is shown and used: two hundred records tell no more."""
    return max(round(round(value / SPEED_STEP) * SPEED_STEP, 6), LEAST_SPEED)
