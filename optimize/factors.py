"""What a case assumes otherwise than its city: demand, speed, wages, closed and moved posts, empty seats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.cells import DemandCells
from coresponse.coverage.demand import demand_cells, eligible_classes
from coresponse.coverage.service.arrival_model import ArrivalModel
from coresponse.data.faults import Faults
from coresponse.data.hours import HOURS_A_WEEK, Period, WeekHours
from coresponse.data.known_city import KnownCity
from coresponse.data.programs.model import Program

# Longitude and latitude, degrees.
Place = tuple[float, float]


@dataclass(frozen=True)
class Factors:
    """Factors on a city; as made, none changes anything.

    Attributes
    ----------
    demand
        On all calls.
    classes, channels, periods, districts
        On the calls of a class, channel, period, or district, by its name.
    speed
        On travel speed in all hours.
    speed_periods
        On travel speed, by period.
    speed_hours
        Hours in which `speed` holds; None: always.
    by_phone
        Share of a class's calls that clinicians on the phone end for good; None: as the program's
        phone stage has it.
    wages
        On the cost of an hour, by crew role.
    closed
        Posts whose responders cannot work.
    away
        Share of a crew role's seats that nobody fills.
    moved
        Posts at other places, by post_id.
    vacancy
        Share of a crew role's positions that stand empty, their hours worked as overtime.
    call_outs
        Call-outs in 24 hours on standby that costs are worked out with, by responder type.
    """

    demand: float = 1.0
    classes: Mapping[str, float] = field(default_factory=dict)
    channels: Mapping[str, float] = field(default_factory=dict)
    periods: Mapping[str, float] = field(default_factory=dict)
    districts: Mapping[str, float] = field(default_factory=dict)
    speed: float = 1.0
    speed_periods: Mapping[str, float] = field(default_factory=dict)
    speed_hours: WeekHours | None = None
    by_phone: Mapping[str, float] | None = None
    wages: Mapping[str, float] = field(default_factory=dict)
    closed: frozenset[str] = frozenset()
    away: Mapping[str, float] = field(default_factory=dict)
    moved: Mapping[str, Place] = field(default_factory=dict)
    vacancy: Mapping[str, float] = field(default_factory=dict)
    call_outs: Mapping[str, float] = field(default_factory=dict)

    @property
    def changes_demand(self) -> bool:
        """Whether calls are other than the history's."""
        return self.demand != 1.0 or bool(
            self.by_phone or self.classes or self.channels or self.periods or self.districts
        )

    def stated(self) -> dict[str, Any]:
        """Return what is assumed otherwise than as made, by name."""
        return {
            one.name: getattr(self, one.name)
            for one in fields(self)
            if getattr(self, one.name) != getattr(Factors(), one.name)
        }

    def unknown(self, city: KnownCity) -> list[tuple[str, str, list[str]]]:
        """List what these name and the city does not have: kind, name, and what there is."""
        roles = sorted(
            {role for kind in city.program.responder_types.values() for role in kind.crew}
        )
        posts = city.posts.frame["post_id"].astype(str).tolist()
        periods = sorted(
            {name for period in city.periods for name in (period.name, period.name.split(", ")[0])}
        )
        districts = (
            [] if city.districts is None else city.districts.frame["district_id"].astype(str)
        )
        return [
            (kind, name, known)
            for kind, names, known in (
                ("classes", self.classes, list(eligible_classes(city.program))),
                ("channels", self.channels, _channels(city) if self.channels else []),
                ("periods", self.periods, periods),
                ("districts", self.districts, list(districts)),
                ("speed_periods", self.speed_periods, periods),
                ("wages", self.wages, roles),
                ("posts_closed", sorted(self.closed), posts),
                ("away", self.away, roles),
                ("moved", self.moved, posts),
                ("vacancy", self.vacancy, roles),
                ("call_outs", self.call_outs, list(city.program.responder_types)),
            )
            for name in names
            if name not in known
        ]

    def check(self, city: KnownCity, subject: str = "case") -> None:
        """Refuse names that the city does not have.

        Raises
        ------
        InputError
            With all of them.
        """
        faults = Faults(subject)
        for kind, name, known in self.unknown(city):
            faults.add(kind, f"{name!r} is not in the study", f"there are: {', '.join(known[:20])}")
        faults.raise_if_any()


FACTOR_NAMES = frozenset(one.name for one in fields(Factors))


def _channels(city: KnownCity) -> list[str]:
    return sorted(set(city.calls.frame["channel"].astype(str)))


def named(period: Period, name: str) -> bool:
    """Whether a period is the planner's period of a name.

    One that shift patterns split is called ``night, day_10h + late_10h``.
    """
    return period.name == name or period.name.startswith(f"{name}, ")


def changed_periods(periods: tuple[Period, ...], factors: Factors) -> tuple[Period, ...]:
    """Return the periods with a case's travel speeds."""
    return tuple(
        replace(period, speed_factor=period.speed_factor * _speed(period, factors))
        for period in periods
    )


def _speed(period: Period, factors: Factors) -> float:
    own = 1.0
    for name, value in factors.speed_periods.items():
        if named(period, name):
            own *= value
    if factors.speed_hours is None:
        return own * factors.speed
    hours = set(period.hours.hours)
    share = len(hours & set(factors.speed_hours.hours)) / len(hours)
    # the mean travel time of the period's hours, some of which are slower
    return own / (share / factors.speed + 1 - share)


def changed_wages(program: Program, wages: Mapping[str, float]) -> Program:
    """Return the program with other costs of an hour, by crew role."""
    if not wages:
        return program
    roles = dict(program.crew_roles)
    for name, factor in wages.items():
        cost = roles[name].cost_per_hour
        stated = {
            "value": cost.value * factor,
            "low": None,
            "high": None,
            "mark": "planner",
            "note": f"{factor:.0%} of {cost.value:g}",
        }
        roles[name] = roles[name].model_copy(
            update={"cost_per_hour": cost.model_copy(update=stated)}
        )
    return program.model_copy(update={"crew_roles": roles})


def changed_vacancy(program: Program, vacancy: Mapping[str, float]) -> Program:
    """Return the program with other shares of empty positions, by crew role."""
    if not vacancy:
        return program
    roles = dict(program.crew_roles)
    for name, value in vacancy.items():
        stated = {"value": value, "low": None, "high": None, "mark": "planner", "source": ""}
        figure = roles[name].vacancy_share.model_copy(update=stated)
        roles[name] = roles[name].model_copy(update={"vacancy_share": figure})
    return program.model_copy(update={"crew_roles": roles})


def changed_call_outs(program: Program, call_outs: Mapping[str, float]) -> Program:
    """Return the program with other call-outs in 24 hours on standby, by responder type."""
    if not call_outs:
        return program
    types = dict(program.responder_types)
    for name, value in call_outs.items():
        stated = {"value": value, "low": None, "high": None, "mark": "derived"}
        figure = types[name].call_outs_per_day.model_copy(update=stated)
        types[name] = types[name].model_copy(update={"call_outs_per_day": figure})
    return program.model_copy(update={"responder_types": types})


def demand_factor(
    city: KnownCity, cells: DemandCells, factors: Factors
) -> NDArray[np.float64] | float:
    """Return (cells,) the factor on calls a week; one number where all cells have the same."""
    by_phone = factors.by_phone or {}
    if not (
        by_phone or factors.classes or factors.periods or factors.channels or factors.districts
    ):
        return factors.demand
    by_class = class_factor(factors, cells.class_names)
    out = factors.demand * by_class[cells.call_class]
    out = out * _when_and_where(city, factors, cells.periods, cells.period, cells.district)
    for channel, value in factors.channels.items():
        out = out * (1 + (value - 1) * _share_of_channel(city, cells, channel))
    return np.asarray(out, dtype=np.float64)


def class_factor(factors: Factors, class_names: Sequence[str]) -> NDArray[np.float64]:
    """Return (classes,) the factor on a class's calls, with what is left of them after the phone."""
    ended = factors.by_phone or {}
    of_class = [factors.classes.get(name, 1.0) * (1 - ended.get(name, 0.0)) for name in class_names]
    return np.array(of_class, dtype=np.float64)


def call_factor(
    city: KnownCity, arrivals: ArrivalModel, factors: Factors
) -> NDArray[np.float64] | None:
    """Return (calls,) the factor on each past call by its channel, period and district; None: all count as they are."""
    if not (factors.periods or factors.channels or factors.districts):
        return None
    out = _when_and_where(city, factors, city.periods, arrivals.period, arrivals.district)
    if factors.channels:
        came_by = city.calls.frame["channel"].astype(str).iloc[arrivals.row]
        out = out * came_by.map(lambda name: factors.channels.get(name, 1.0)).to_numpy(float)
    return np.asarray(out, dtype=np.float64)


def desk_calls(city: KnownCity, calls: pd.DataFrame, factors: Factors) -> pd.DataFrame:
    """Return the desk's calls a week with a case's factors on calls.

    Parameters
    ----------
    calls
        Of :func:`coresponse.coverage.phone_stage.calls_by_channel`.
    """
    if not replace(factors, by_phone=None).changes_demand:
        return calls
    of_hour = np.zeros(HOURS_A_WEEK, dtype=np.int64)
    for i, period in enumerate(city.periods):
        of_hour[list(period.hours.hours)] = i
    district = calls["district"].to_numpy()
    factor = factors.demand * _when_and_where(
        city, factors, city.periods, of_hour[calls["hour"].to_numpy()], district
    )
    for name, by in (("call_class", factors.classes), ("channel", factors.channels)):
        factor = factor * calls[name].map(lambda one, by=by: by.get(one, 1.0)).to_numpy(float)
    return calls.assign(calls_per_week=calls["calls_per_week"] * factor)


def _when_and_where(
    city: KnownCity,
    factors: Factors,
    periods: Sequence[Period],
    period: NDArray[np.integer],
    district: NDArray[np.integer],
) -> NDArray[np.float64]:
    """Return (n,) the factor on calls of these periods and districts, given by position."""
    by_period = np.ones(len(periods))
    for name, value in factors.periods.items():
        by_period[[named(one, name) for one in periods]] *= value
    out = by_period[period]
    if factors.districts and city.districts is not None:
        ids = city.districts.frame["district_id"].astype(str)
        # one more at the end for places outside all districts, whose position is -1
        by_district = np.array([factors.districts.get(name, 1.0) for name in ids] + [1.0])
        out = out * by_district[district]
    return np.asarray(out, dtype=np.float64)


def _share_of_channel(city: KnownCity, cells: DemandCells, channel: str) -> NDArray[np.float64]:
    """Return (cells,) the share of a cell's calls that came by a channel."""
    frame = city.calls.frame
    some = frame[(frame["channel"] == channel) & frame["call_class"].isin(cells.class_names)]
    if some.empty:
        return np.zeros(cells.n)
    part = demand_cells(
        replace(city.calls, frame=some), city.program, city.roads, periods=cells.periods
    )

    def key(
        node: NDArray[np.int32], kind: NDArray[np.int16], period: NDArray[np.int16]
    ) -> NDArray[np.int64]:
        classes, periods = len(cells.class_names), len(cells.periods)
        return (node.astype(np.int64) * classes + kind) * periods + period

    every = key(cells.node, cells.call_class, cells.period)
    at = np.searchsorted(every, key(part.node, part.call_class, part.period))
    out = np.zeros(cells.n)
    out[at] = part.calls / cells.calls[at]
    return out


def away_by_type(program: Program, away: Mapping[str, float]) -> dict[str, float]:
    """Return the share of a responder's time that it is not there.

    A crew works only if each of its seats is filled.
    """
    return {
        name: 1.0
        - float(np.prod([(1 - away.get(role, 0.0)) ** count for role, count in kind.crew.items()]))
        for name, kind in program.responder_types.items()
    }
