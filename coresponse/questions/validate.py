"""Hold the model against what happened: today's deployment, replayed at the real calls' times, beside their records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from coresponse.coverage.demand import eligible_classes
from coresponse.coverage.evaluate import call_districts, history_setup
from coresponse.coverage.replay.run import ReplayRun
from coresponse.coverage.validation.calibrate import LEAST_RECORDS, Calibration, calibrate
from coresponse.coverage.validation.compare import Comparison, Verdict
from coresponse.coverage.validation.records import TravelRecords, travel_records
from coresponse.coverage.validation.travels import DrivenTravels, Start, driven_travels
from coresponse.coverage.validation.units import TodaysUnits, todays_units
from coresponse.coverage.validation.validate import validate as compare_with_records
from coresponse.data.calls.history import CallHistory
from coresponse.data.errors import InputError
from coresponse.data.options import Deployment
from coresponse.data.progress import Progress, silent
from coresponse.optimize.case import Case

REPLAYS = 8
"""Replays of the real calls whose mean is held against the records: chance on scene, no more."""

LEAST_DAYS = 10
"""Fewer days of records hardly ever tell: days, not calls, are independent."""

Reason = Literal[
    "no deployment", "no times", "no units", "units not named", "none of today's", "one day", "few"
]
"""Why records cannot tell whether the model fits."""


@dataclass(frozen=True, eq=False)
class Validation:
    """A model beside what was recorded.

    Attributes
    ----------
    case
        With today's deployment in its city.
    records
        Recorded travels of today's crews.
    comparison
        Recorded beside modeled times, at the speeds as stated.
    calibration
        Speeds fitted on some days and judged on the others; None where nobody can tell whose
        arrivals these are, or there are none.
    start
        How the posts that units started from are known; None without calibration.
    fitted_type
        Responder type that speeds are fitted to, '' without calibration.
    reasons
        Why the records cannot tell, if so.
    """

    case: Case
    records: TravelRecords
    comparison: Comparison
    calibration: Calibration | None
    start: Start | None
    fitted_type: str
    reasons: tuple[Reason, ...]

    @property
    def of_whom_known(self) -> bool:
        """Whether the planner said which recorded units are today's crews."""
        return not {"no units", "units not named"} & {*self.reasons}

    @property
    def verdict(self) -> Verdict:
        """Whether the model fits; records of nobody knows whom cannot tell."""
        return self.comparison.verdict if self.of_whom_known else "cannot tell"

    def words(self) -> tuple[str, ...]:
        """Say what came out, in exact figures."""
        said = self.comparison.words() if self.records.n else ()
        return (*said, self.calibration.words()) if self.calibration is not None else said

    def __repr__(self) -> str:
        """Say it in a line."""
        return f"<Validation: {self.verdict}, {self.records.n:,} records>"


def validate(case: Case, *, progress: Progress = silent) -> Validation:
    """Hold today's deployment, replayed at the real calls' times, against their recorded times.

    Speeds are fitted to the same records on some of the days and judged on the others
    (:func:`coresponse.coverage.validation.calibrate.calibrate`); nothing is changed in the case.

    Raises
    ------
    InputError
        If the city does not have today's deployment.
    """
    city = case.world
    today = city.today
    if today is None or not today.size:
        raise InputError(
            "today's deployment is not known, which the records are of -- add [today] to "
            "study.toml: file = a table of responder_type, post_id, shift_pattern, count"
        )
    calls = _eligible(case)
    units, records = _records(case, calls, today)
    of_whom = tuple(units.post) if city.today_units else None
    reasons = _reasons(calls, records, stated=of_whom is not None)
    runs = _replays(case, calls, today, progress) if records.n else []
    found, driven = None, None
    if runs and of_whom is not None:
        progress("fitting speeds to the records", 0, 1)
        driven = _driven(case, calls, units, runs)
        found = _calibration(case, driven)
    names_of = [] if city.districts is None else city.districts.frame["name"].astype(str).tolist()
    spread = found.spread if found is not None and found.records >= LEAST_RECORDS else None
    return Validation(
        case=case,
        records=records,
        comparison=compare_with_records(
            calls, records, runs, district_names=names_of, target_s=case.target_s, spread=spread
        ),
        calibration=found,
        start=None if driven is None else driven.start,
        fitted_type="" if driven is None else driven.responder_type,
        reasons=reasons,
    )


def cannot_tell(case: Case) -> tuple[Reason, ...]:
    """Return why the records cannot tell whether the model fits, without a replay; none: they may."""
    today = case.world.today
    if today is None or not today.size:
        return ("no deployment",)
    calls = _eligible(case)
    _, records = _records(case, calls, today)
    return _reasons(calls, records, stated=bool(case.world.today_units))


def _records(
    case: Case, calls: CallHistory, today: Deployment
) -> tuple[TodaysUnits, TravelRecords]:
    city = case.world
    names = calls.frame["unit_id"].astype(str) if "unit_id" in calls.frame else ()
    units = todays_units(city.today_units, names, today, city.program)
    of_whom = tuple(units.post) if city.today_units else None
    district = call_districts(city, calls)
    return units, travel_records(calls, units=of_whom, district=district, from_posts=False)


def _eligible(case: Case) -> CallHistory:
    calls = case.city.calls
    keep = calls.frame["call_class"].isin(eligible_classes(case.program))
    return replace(calls, frame=calls.frame[keep].reset_index(drop=True))


def _reasons(calls: CallHistory, records: TravelRecords, *, stated: bool) -> tuple[Reason, ...]:
    frame, out = calls.frame, list[Reason]()
    if not frame["arrived_at"].notna().any():
        return ("no times",)
    if not stated:
        known = "unit_id" in frame and (frame["unit_id"].astype(str) != "").any()
        out.append("units not named" if known else "no units")
    elif not records.n:
        return ("none of today's",)
    if records.days == 1:
        out.append("one day")
    elif records.n < LEAST_RECORDS or records.days < LEAST_DAYS:
        out.append("few")
    return tuple(out)


def _replays(
    case: Case, calls: CallHistory, today: Deployment, progress: Progress
) -> list[ReplayRun]:
    setup = history_setup(
        case.world,
        case.evaluation.model_copy(update={"replications": REPLAYS}),
        calls,
        target_s=case.target_s,
        seed=case.seed,
        progress=progress,
    )
    progress("replaying today's deployment through the history", 0, 1)
    return setup.replay(today)


def _driven(
    case: Case, calls: CallHistory, units: TodaysUnits, runs: Sequence[ReplayRun]
) -> DrivenTravels | None:
    records = travel_records(calls, units=tuple(units.post))
    if not records.n:
        return None
    found = driven_travels(case.world, calls, records, runs, units)
    # who helps by phone does not drive
    tele = case.program.responder_types[found.responder_type].kind == "tele"
    return None if tele or not found.travels.n else found


def _calibration(case: Case, driven: DrivenTravels | None) -> Calibration | None:
    if driven is None:
        return None
    with np.errstate(divide="ignore"):  # a call at the post itself has no drive
        return calibrate(
            driven.travels,
            delay_s=driven.delay_s,
            periods=len(case.world.periods),
            starts_known=driven.start != "replayed",
            reroute=driven.reroute,
        )
