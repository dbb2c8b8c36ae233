"""A city whose speeds, delays and spread of drives are those of its own records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from coresponse.coverage.replay.record import ReplayRun
from coresponse.coverage.validation.calibrate import (
    LEAST_DAYS,
    LEAST_RECORDS,
    Calibration,
    calibrate,
)
from coresponse.coverage.validation.findings import CityFit, TypeFit
from coresponse.coverage.validation.recorded import Recorded
from coresponse.coverage.validation.records import travel_records
from coresponse.coverage.validation.stages import DelayFit, fitted_call_taking, fitted_turn_out
from coresponse.coverage.validation.travels import (
    DrivenTravels,
    driven_travels,
    types_of_records,
)
from coresponse.coverage.validation.validate import (
    SPEED_STEP,
    calibrated_periods,
    calibrated_roads,
    shown_speed,
)
from coresponse.data.hours import WHOLE_WEEK
from coresponse.data.known_city import KnownCity, RecordedFigures
from coresponse.data.programs.model import ResponderType
from coresponse.data.progress import Progress, silent
from coresponse.data.sourced import SourcedNumber

# Fitted figures are used as they are shown: two hundred records tell no more.
SPREAD_STEP, DELAY_STEP_MIN = 0.01, 0.1

SOURCE = 'fitted to recorded times of today\'s crews (speeds = "calibrated")'
OF_OTHERS = 'the spread of the crews that have most records (speeds = "calibrated")'


def fit_city(known: Recorded, runs: Sequence[ReplayRun], *, progress: Progress = silent) -> CityFit:
    """Fit speeds by period and road class, each type's own speed and delay on top, and call-taking.

    Types with too few records keep their own stated factor over the fitted periods and roads: a
    street is as slow for them.

    Parameters
    ----------
    runs
        Replays of today's deployment through the recorded calls (:meth:`Recorded.replayed`).
    """
    progress("fitting speeds to the records", 0, 1)
    records = travel_records(known.calls, units=tuple(known.units.post))
    if not records.n or not runs:
        return CityFit((), None)
    fits: list[TypeFit] = []
    types = known.city.program.responder_types
    for kind in types_of_records(records, known.units):
        if types[kind].kind == "tele":  # who helps by phone does not drive
            continue
        driven = driven_travels(known.city, known.calls, records, runs, known.units, kind)
        if not driven.travels.n:
            continue
        mine = np.array([known.units.responder_type[name] == kind for name in records.unit])
        delay_s = types[kind].delay_min.value * 60
        turn_out = fitted_turn_out(known.calls, records, mine, stated_s=delay_s)
        lead = fits[0].calibration if fits else None
        fits.append(_type_fit(known.city, driven, lead, turn_out))
    stated_s = known.city.program.standards.call_taking_min.value * 60
    taking = fitted_call_taking(known.calls, known.records, runs, stated_s=stated_s)
    return CityFit(tuple(fits), taking)


def _type_fit(
    city: KnownCity, driven: DrivenTravels, lead: Calibration | None, turn_out: DelayFit | None
) -> TypeFit:
    travels, periods, reroute = driven.travels, len(city.periods), driven.reroute
    if lead is not None:  # its roads and periods are taken as they are
        drive = reroute(lead.fit.group) if lead.fit.terms.groups else travels.stated_s
        own = (drive @ lead.fit.group / lead.speed[travels.period])[:, None]
        travels = replace(travels, stated_s=own, period=np.zeros_like(travels.period))
        periods = 1
    found = calibrate(
        travels,
        delay_s=driven.delay_s,
        periods=periods,
        starts_known=driven.start != "replayed",
        reroute=reroute if lead is None else None,
    )
    both = np.array(found.log_spreads)
    # where the post is not known, what that makes of the spread of times is no spread of drives
    rest = 1 - driven.start_variance / max(float((both**2).mean()), 1e-9)
    delay_spread, drive_spread = (both * np.sqrt(np.clip(rest, 0.0, 1.0))).tolist()
    before = (
        driven.delay_s - city.program.responder_types[driven.responder_type].delay_min.value * 60
    )
    delay = max(found.delay_s - max(before, 0.0), 0.0) if found.used and driven.delay_s else None
    if turn_out is not None:  # recorded by itself: the clock of the drive starts after it
        delay_spread = turn_out.spread
        delay = turn_out.fitted_s if turn_out.used else None
    return TypeFit(driven.responder_type, found, driven.start, delay_spread, drive_spread, delay)


def speeds_sentence(city: KnownCity, found: CityFit) -> str:
    """Say which speeds are used, and how far off they are, in figures that may be shown.

    Parameters
    ----------
    city
        As stated.
    """
    lead = found.types[0] if found.types else None
    if lead is None or not lead.enough:
        return (
            "Speeds are as stated: calibrating them needs recorded times of today's crews, "
            f"{LEAST_RECORDS} over {LEAST_DAYS} days"
        )
    fit = lead.calibration
    stage = found.call_taking
    used = stage is not None and stage.used
    taking = (
        f"; call-taking is {stage.fitted_s / 60:.1f} min, as recorded" if used and stage else ""
    )
    before, after = (round(value, 2) + 0.0 for value in (fit.before, fit.after))
    off = f"{before:+.0%} off the model as stated"
    if not fit.used:
        return f"Speeds are as stated, which no fitted ones beat: recorded times are {off}{taking}"
    hours = [period.hours.count for period in city.periods]
    mean = float(np.average(fit.speed, weights=hours))
    roads = "" if not fit.fit.terms.groups else ", by class of road,"
    return (
        f"Speeds are calibrated: units drive at {mean:.0%}{roads} of the stated speed. On days not "
        f"fitted, recorded times are {off} and {after:+.0%} off the calibrated one{taking}"
    )


def calibrated_city(city: KnownCity, found: CityFit) -> KnownCity:
    """Return the city with what its records tell, in place of what is stated.

    Speeds, delays and call-taking change where days that they were not fitted to bear them out; the
    spread of drives wherever there are enough records: without it shares in time would be off on a
    model whose mean is right.
    """
    lead = found.types[0] if found.types and found.types[0].enough else None
    spread = None if lead is None else _number(lead.drive_spread, SPREAD_STEP, OF_OTHERS)
    stage = found.call_taking
    taking = None
    if stage is not None and stage.used:
        taking = _number(stage.fitted_s / 60, DELAY_STEP_MIN)
    recorded = RecordedFigures(spread, taking)
    fits = {fit.responder_type: fit for fit in found.types if lead is not None and fit.enough}
    kinds = {
        name: kind if name not in fits else _kind(kind, fits[name], lead)
        for name, kind in city.program.responder_types.items()
    }
    program = recorded.of(city.program.model_copy(update={"responder_types": kinds}))
    made = replace(city, program=program, recorded=recorded)
    return made if lead is None else _with_speeds(made, lead.calibration)


def _with_speeds(city: KnownCity, found: Calibration) -> KnownCity:
    """Return the city at the fitted speeds; its stated periods too, which another program's shifts would split."""
    if not found.used:
        return city
    roads = calibrated_roads(city.roads, found)
    periods = calibrated_periods(city.periods, found)
    stated = periods
    if not found.fit.terms.periods:  # as fast or slow all week: the planner's own periods stay
        stated = tuple(
            replace(period, speed_factor=shown_speed(period.speed_factor * float(found.speed[0])))
            for period in city.stated_periods or (WHOLE_WEEK,)
        )
    return replace(city, roads=roads, periods=periods, stated_periods=stated)


def _kind(kind: ResponderType, fit: TypeFit, lead: TypeFit | None) -> ResponderType:
    changes = {
        "drive_spread": _number(fit.drive_spread, SPREAD_STEP),
        "delay_spread": _number(fit.delay_spread, SPREAD_STEP),
    }
    if fit is not lead and fit.calibration.used:
        speed = kind.speed_factor.value * float(fit.calibration.speed[0])
        changes["speed_factor"] = _number(shown_speed(speed), SPEED_STEP)
    if fit.delay_s is not None:
        changes["delay_min"] = _number(fit.delay_s / 60, DELAY_STEP_MIN)
    return kind.model_copy(update=changes)


def _number(value: float, step: float, source: str = SOURCE) -> SourcedNumber:
    return SourcedNumber(value=_rounded(value, step), mark="derived", source=source)


def _rounded(value: float, step: float) -> float:
    return round(round(value / step) * step, 6)
