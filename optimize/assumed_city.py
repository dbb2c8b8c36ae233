"""A city as a case assumes it: what is known, and what is assumed otherwise."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.cells import DemandCells, ResponseTable
from coresponse.coverage.demand import demand_cells, eligible_classes
from coresponse.coverage.phone_stage import (
    PhoneAnswer,
    calls_by_channel,
    ended_on_phone,
    phone_of,
)
from coresponse.coverage.response import enumerate_options, of_agencies, response_table
from coresponse.coverage.service.arrivals import fitted_arrivals
from coresponse.coverage.service.model import fit_service, service_under
from coresponse.coverage.service.planning_year import Growth, growth_to
from coresponse.coverage.service.service_model import ServiceModel
from coresponse.coverage.settings import EvaluationSettings
from coresponse.coverage.subtable import with_moved
from coresponse.data.errors import InputError
from coresponse.data.known_city import KnownCity
from coresponse.data.options import Deployment, Option
from coresponse.data.posts_move import moved_posts
from coresponse.data.programs.cost import desk_cost, yearly_cost
from coresponse.data.programs.model import Program
from coresponse.data.progress import Progress, silent
from coresponse.data.standards import Standard, Target
from coresponse.data.words import and_said
from coresponse.optimize.build import option_costs
from coresponse.optimize.factors import (
    Factors,
    away_by_type,
    changed_call_outs,
    changed_periods,
    changed_vacancy,
    changed_wages,
    demand_factor,
    desk_calls,
)
from coresponse.optimize.memo import MadeOf, Memo
from coresponse.optimize.refuse import (
    refuse_late_standard,
    refuse_no_options,
)


@dataclass(frozen=True, eq=False)
class AssumedCity:
    """What deployments meet: calls, roads, posts and program of a city, and factors on them.

    Attributes
    ----------
    city
        What is known.
    target_min
        The standard; None: the program's.
    standards
        By area and class; None: one standard for all calls. A case with another `target_min` has
        none.
    reach_limit_min
        Travel beyond this is not planned with.
    factors
        What is assumed otherwise than the city has it.
    evaluation
        How deployments are tried out.
    planning_year
        That the plan is for: the trend within the history is carried to it, in model, replay and
        bands; None: a year like the history.
    memo
        What cases of one city share.
    """

    city: KnownCity
    target_min: float | None = field(default=None, kw_only=True)
    standards: Standard | None = field(default=None, kw_only=True)
    reach_limit_min: float = field(default=60.0, kw_only=True)
    factors: Factors = field(default=Factors(), kw_only=True)
    evaluation: EvaluationSettings = field(default=EvaluationSettings(), kw_only=True)
    planning_year: int | None = field(default=None, kw_only=True)
    memo: Memo = field(default_factory=Memo, repr=False, kw_only=True)

    @cached_property
    def program(self) -> Program:
        """The program, with the case's wages, vacancies and call-outs."""
        factors = self.factors
        waged = changed_vacancy(changed_wages(self.city.program, factors.wages), factors.vacancy)
        return changed_call_outs(waged, factors.call_outs)

    @cached_property
    def world(self) -> KnownCity:
        """The city as the case assumes it: program, posts and speeds; its calls are the history's."""
        city, posts, moved = self.city, self.city.posts, self.factors.moved
        if moved:
            posts = moved_posts(city.roads, posts, moved, snap_max_m=city.post_snap_max_m)
        periods = changed_periods(city.periods, self.factors)
        return replace(city, program=self.program, posts=posts, periods=periods)

    @property
    def target_s(self) -> float:
        """The standard in seconds.

        Raises
        ------
        InputError
            If a call left to police would count as reached in time.
        """
        standards = self.program.standards
        target = self.target_min or standards.target_min.value
        refuse_late_standard(target, standards.fallback_min.value)
        return target * 60

    @property
    def standard(self) -> Target:
        """The standard that calls are judged by: one for all in seconds, or by area and class.

        Raises
        ------
        InputError
            If a call left to police would count as reached in time.
        """
        if self.standards is None:
            return self.target_s
        longest, fallback = (
            self.standards.longest_s / 60,
            self.program.standards.fallback_min.value,
        )
        if longest >= fallback:
            raise InputError(
                f"the longest standard, {longest:g} min, must be below the {fallback:g} min that a "
                "call left to police counts -- raise fallback_min under [standards]"
            )
        return self.standards

    @cached_property
    def options(self) -> tuple[Option, ...]:
        """All that can be bought.

        Raises
        ------
        InputError
            If no responder type of the program may wait at any post.
        """
        options = enumerate_options(self.program, self.city.posts)
        refuse_no_options(options, self.city.posts)
        return options

    @cached_property
    def option_cost(self) -> NDArray[np.float64]:
        """(options,) dollars a year of one responder of each option."""
        return option_costs(self.options, self.program)

    @property
    def base_cells(self) -> DemandCells:
        """Past calls by crossing, class and period, before any factor.

        Raises
        ------
        InputError
            If no call is of a class that any responder type may be sent to.
        """
        city = self.city
        return self.memo.get(
            "cells",
            self.demand_of,
            lambda: demand_cells(
                city.calls, city.program, city.roads, periods=city.periods, districts=city.districts
            ),
        )

    @property
    def base_table(self) -> ResponseTable:
        """Response times with the city's own posts and demand, at the case's speeds."""
        return self.work_out_table()

    def work_out_table(self, progress: Progress = silent) -> ResponseTable:
        """Return :attr:`base_table`; where it must be worked out, say how far that is."""
        return self.memo.get(
            "table",
            self.travel_of,
            lambda: response_table(
                self.city.roads,
                self.city.posts,
                self.program,
                self.options,
                replace(self.base_cells, periods=self.world.periods),
                reach_min=self.reach_limit_min,
                progress=progress,
            ),
        )

    @cached_property
    def table(self) -> ResponseTable:
        """Response times and demand of the case."""
        moved = self.factors.moved
        table = with_moved(self.base_table, moved, self.world, reach_min=self.reach_limit_min)
        factors = replace(self.factors, by_phone=self.by_phone)
        if factors.changes_demand or self.growth is not None:
            factor = demand_factor(self.city, table.cells, factors) * self._grown
            cells = replace(table.cells, calls_per_week=table.cells.calls_per_week * factor)
            table = replace(table, cells=cells)
        if factors.closed:
            response = table.response_s.copy()
            response[[option.post_id in factors.closed for option in table.options]] = np.inf
            table = replace(table, response_s=response)
        table = replace(table, fallback_s=self.program.standards.fallback_min.value * 60)
        agencies = self.city.agencies
        return table if agencies is None else of_agencies(table, agencies, self.city.roads)

    @property
    def service(self) -> ServiceModel:
        """How long calls keep a responder, fitted to the history or as the program says."""
        if len(self.city.calls.frame) or not self._kept_service():
            calls, basis = self.city.calls, self.evaluation.service_times
            of = MadeOf((calls,), (self._digest, basis))
            return self.memo.get(
                "service", of, lambda: fit_service(calls, self.program, basis=basis)
            )
        return service_under(self._kept_service()[0], self.program)

    def _kept_service(self) -> tuple[ServiceModel, ...]:
        """Return what was fitted before the calls were left out, if that was kept."""
        return self.memo.get("fitted", MadeOf((self.city.calls,)), tuple)

    @property
    def by_phone(self) -> Mapping[str, float]:
        """Share of each class's calls that clinicians on the phone end for good; empty without a phone stage."""
        stated, answer = self.factors.by_phone, self.phone
        if stated is not None or answer is None:
            return stated or {}
        return ended_on_phone(answer)

    @cached_property
    def phone(self) -> PhoneAnswer | None:
        """What clinicians on the phone do with a week of the case's calls; None without a phone stage."""
        stage, factors = self.city.program.phone, replace(self.factors, demand=self.demand)
        if stage is None:
            return None
        by_name = (factors.classes, factors.channels, factors.periods, factors.districts)
        values = (factors.demand, *(tuple(sorted(one.items())) for one in by_name))
        objects, stated = self.desk_of
        of = MadeOf(objects, (*stated, values))
        return self.memo.get(
            "phone", of, lambda: phone_of(desk_calls(self.city, self._desk_calls, factors), stage)
        )

    @property
    def _desk_calls(self) -> pd.DataFrame:
        """Return past calls by class, channel, hour and district, before any factor."""
        city = self.city
        return self.memo.get(
            "desk", self.desk_of, lambda: calls_by_channel(city, city.district_of(city.calls))
        )

    # ---- what deployments cost ----

    @cached_property
    def desk_cost(self) -> float:
        """Dollars a year of clinicians on the phone, in the cost of every deployment; 0 without a phone stage."""
        stage, answer = self.city.program.phone, self.phone
        if stage is None or answer is None:
            return 0.0
        return desk_cost(self.program, answer.clinician_hours_per_week)

    def yearly_cost(self, deployment: Deployment) -> float:
        """Return dollars a year of a deployment and the desk, call-outs as the program prices them."""
        return yearly_cost(self.program, deployment) + self.desk_cost

    def all_dollars(self, value: float, unit: str) -> float:
        """Return a value of the model, which counts responders alone, with the desk's dollars if it is one of dollars."""
        return value + self.desk_cost if unit == "dollars a year" else value

    @property
    def growth(self) -> Growth | None:
        """How calls grow to the planning year; None where none is stated.

        Raises
        ------
        InputError
            If that year is before the history or too far beyond it.
        """
        year, calls = self.planning_year, self.city.calls
        if year is None:
            return None

        def carried() -> Growth:
            fitted = fitted_arrivals(self.city)
            known = (fitted.trend, fitted.first_day, calls.days)
            return growth_to(year, *known, assumed=calls.assumed is not None)

        return self.memo.get("growth", self.growth_of, carried)

    @property
    def notice(self) -> str:
        """What every page of the case says: the city's notice, and which year its calls are for."""
        said = self.city.notice
        return said if self.growth is None else and_said(said, f"{self.growth}.")

    @property
    def growth_of(self) -> MadeOf:
        """What growth to the planning year follows from."""
        objects, weights = self.demand_of
        return MadeOf(objects, (*weights, self.planning_year))

    @property
    def _grown(self) -> float:
        return 1.0 if self.growth is None else self.growth.middle

    @property
    def demand(self) -> float:
        """Factor on all calls: what is assumed, and growth to the planning year."""
        return self.factors.demand * self._grown

    @property
    def away(self) -> dict[str, float]:
        """Share of its time on duty that a responder is not there, by type."""
        return away_by_type(self.program, self.factors.away)

    # ---- what results are known by ----

    @property
    def demand_of(self) -> MadeOf:
        """What past calls by crossing, class and period follow from."""
        city, program = self.city, self.city.program
        weights = tuple(
            (name, program.call_classes[name].weight) for name in eligible_classes(program)
        )
        return MadeOf((city.calls, city.roads, city.districts, city.periods), weights)

    @property
    def desk_of(self) -> MadeOf:
        """What past calls by class, channel and hour follow from."""
        objects, values = self.demand_of
        return MadeOf(objects, (*values, repr(self.city.program.phone)))

    @property
    def travel_of(self) -> MadeOf:
        """What response times at the city's own posts follow from."""
        objects, weights = self.demand_of
        speeds = tuple(period.speed_factor for period in self.world.periods)
        values = (*weights, self._travel_digest, speeds, self.reach_limit_min)
        return MadeOf((*objects, self.city.posts), values)

    @cached_property
    def _digest(self) -> str:
        return _hash(self.city.program)  # wages and call-outs change no service time

    @cached_property
    def _travel_digest(self) -> str:
        # what a call left to police counts as, standards, wages and staffing change no drive
        program = self.city.program
        standards = program.standards.model_dump(exclude={"fallback_min", "target_min"})
        return _hash((program.responder_types, program.shift_patterns, standards))


def _hash(what: object) -> str:
    return hashlib.sha256(repr(what).encode()).hexdigest()
