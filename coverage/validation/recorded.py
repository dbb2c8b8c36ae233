"""A city's recorded travels, and today's deployment replayed through the same calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from coresponse.coverage.demand import eligible_classes
from coresponse.coverage.evaluation_setup import history_setup
from coresponse.coverage.replay.drives import ReplayRoads
from coresponse.coverage.replay.record import ReplayRun
from coresponse.coverage.settings import EvaluationSettings
from coresponse.coverage.validation.calibrate import LEAST_RECORDS
from coresponse.coverage.validation.findings import Reason
from coresponse.coverage.validation.records import TravelRecords, travel_records
from coresponse.coverage.validation.units import TodaysUnits, todays_units
from coresponse.data.calls.history import CallHistory
from coresponse.data.errors import InputError
from coresponse.data.known_city import KnownCity
from coresponse.data.options import Deployment
from coresponse.data.progress import Progress, silent
from coresponse.data.standards import Target

# Replays of the real calls whose mean is held against the records: chance on scene, no more.
REPLAYS = 8

# Fewer days of records hardly ever tell: days, not calls, are independent.
LEAST_DAYS = 10


@dataclass(frozen=True, eq=False)
class Recorded:
    """What a city's calls recorded of today's crews.

    Attributes
    ----------
    city
        With today's deployment.
    calls
        Its eligible calls.
    today
        Its deployment.
    units
        Which recorded units are today's crews.
    stated
        Whether the planner said so.
    records
        Their travels, units still on the road included; of whoever arrived where nobody said.
    """

    city: KnownCity
    calls: CallHistory
    today: Deployment
    units: TodaysUnits
    stated: bool
    records: TravelRecords

    @classmethod
    def of(cls, city: KnownCity) -> Recorded:
        """Take what a city's calls tell.

        Raises
        ------
        InputError
            If the city does not have today's deployment.
        """
        today = city.today
        if today is None or not today.size:
            raise InputError(
                "today's deployment is not known, which the records are of -- add [today] to "
                "study.toml: file = a table of responder_type, post_id, shift_pattern, count"
            )
        calls = _eligible(city)
        names = calls.frame["unit_id"].astype(str) if "unit_id" in calls.frame else ()
        units = todays_units(city.today_units, names, today, city.program)
        stated = bool(city.today_units)
        district = city.district_of(calls)
        of_whom = tuple(units.post) if stated else None
        records = travel_records(calls, units=of_whom, district=district, from_posts=False)
        return cls(city, calls, today, units, stated, records)

    def reasons(self) -> tuple[Reason, ...]:
        """Return why the records cannot tell whether a model fits; none: they may."""
        return _reasons(self.calls.frame, self.records, stated=self.stated)

    def replayed(
        self,
        settings: EvaluationSettings,
        *,
        target_s: Target,
        seed: int,
        drives: ReplayRoads | None = None,
        progress: Progress = silent,
    ) -> Sequence[ReplayRun]:
        """Replay today's deployment through the calls at their own times.

        Parameters
        ----------
        drives
            Of another setup, used again if it has all places.
        """
        setup = history_setup(
            self.city,
            settings.model_copy(update={"replications": REPLAYS}),
            self.calls,
            target_s=target_s,
            seed=seed,
            drives=drives,
            progress=progress,
        )
        progress("replaying today's deployment through the history", 0, 1)
        return setup.replay(self.today)


def why_not(city: KnownCity) -> tuple[Reason, ...]:
    """Return why a city's records cannot tell whether a model fits, without a replay; none: they may."""
    if city.calls.assumed is not None:
        return ("assumed",)
    if city.today is not None and city.today.size:
        return Recorded.of(city).reasons()
    calls = _eligible(city)
    return (
        "no deployment",
        *_reasons(calls.frame, travel_records(calls, from_posts=False), stated=False),
    )


def _reasons(frame: pd.DataFrame, records: TravelRecords, *, stated: bool) -> tuple[Reason, ...]:
    out = list[Reason]()
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


def _eligible(city: KnownCity) -> CallHistory:
    calls = city.calls
    keep = calls.frame["call_class"].isin(eligible_classes(city.program))
    return replace(calls, frame=calls.frame[keep].reset_index(drop=True))
