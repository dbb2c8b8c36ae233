"""A case: one question to a city."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.demand import DemandCells, demand_cells, eligible_classes
from coresponse.coverage.evaluation_setup import call_districts, fitted_arrivals
from coresponse.coverage.living import LivingAreas, living_areas
from coresponse.coverage.phone_stage import (
    PhoneAnswer,
    calls_by_channel,
    ended_on_phone,
    paid_hours_per_week,
    phone_of,
)
from coresponse.coverage.response import ResponseTable, enumerate_options, response_table
from coresponse.coverage.service.model import ServiceModel, fit_service, service_under
from coresponse.coverage.service.planning_year import Growth, growth_to
from coresponse.coverage.settings import EvaluationSettings
from coresponse.coverage.subtable import table_for, with_moved
from coresponse.data.calls.history import CallHistory
from coresponse.data.cards import card
from coresponse.data.city import City
from coresponse.data.errors import InputError
from coresponse.data.limits import Limits
from coresponse.data.options import Deployment, Option
from coresponse.data.posts_move import moved_posts
from coresponse.data.programs.cost import desk_cost, yearly_cost
from coresponse.data.programs.model import Program
from coresponse.data.progress import Progress, silent
from coresponse.data.standards import Standard, Target
from coresponse.optimize.build import BusyShares, check_limits, option_costs, problem_from
from coresponse.optimize.factors import (
    FACTOR_NAMES,
    Factors,
    away_by_type,
    changed_call_outs,
    changed_periods,
    changed_vacancy,
    changed_wages,
    demand_factor,
    desk_calls,
)
from coresponse.optimize.goals.demand import demand_from
from coresponse.optimize.goals.goal import (
    FewestUnits,
    Floor,
    Goal,
    LeastCost,
    Mean,
    PCenter,
    ShareInTime,
    WorstDistrict,
    ranks,
    singles,
)
from coresponse.optimize.goals.goal_problem import GoalProblem, unit_of
from coresponse.optimize.held import held
from coresponse.optimize.memo import MadeOf, Memo
from coresponse.optimize.objective import Late, MeanTime, WaitingCost
from coresponse.optimize.problem import Limit, Problem
from coresponse.optimize.recount import recount
from coresponse.optimize.refuse import (
    refuse_late_standard,
    refuse_no_options,
    refuse_together,
)
from coresponse.optimize.settings import SolverSettings

Busy = Literal["consistent", "free"] | Mapping[str, float]
"""How busy units are treated: found and planned with until both agree; always free; or as busy as stated, by type."""


@dataclass(frozen=True, eq=False)
class Case:
    """One question to a city: limits, goal, busy units, and factors on what is known.

    Attributes
    ----------
    city
        What is known.
    limits
        What a plan may use.
    goal, floors
        What a plan is best at, and what every district (or class) gets whatever the goal.
    busy
        How busy units are treated.
    target_min
        The standard; None: the program's.
    standards
        By area and class; None: one standard for all calls. A case with another `target_min` has
        none.
    reach_limit_min
        Travel beyond this is not planned with.
    factors
        What is assumed otherwise than the city has it.
    stays, within
        Responders that must be in a plan, and those that alone may be; None: any.
    further
        Limits beyond those stated, as rows over all that can be bought.
    evaluation
        How deployments are tried out.
    solver
        How the optimum is searched for.
    seed
        Of all that is drawn.
    planning_year
        That the plan is for: the trend within the history is carried to it, in model, replay and bands;
        None: a year like the history.
    memo
        What cases of one city share.
    """

    city: City
    limits: Limits = Limits()
    goal: Goal = Mean()
    floors: tuple[Floor, ...] = ()
    busy: Busy = "consistent"
    target_min: float | None = None
    standards: Standard | None = None
    reach_limit_min: float = 60.0
    factors: Factors = Factors()
    stays: Deployment | None = None
    within: Deployment | None = None
    further: tuple[Limit, ...] = ()
    evaluation: EvaluationSettings = EvaluationSettings()
    solver: SolverSettings = SolverSettings()
    seed: int = 1
    planning_year: int | None = None
    memo: Memo = field(default_factory=Memo, repr=False)

    # ---- the next case ----

    def with_(self, **changes: Any) -> Case:
        """Return the case with some of it changed.

        Parameters
        ----------
        **changes
            Attributes of a case, of its :class:`~coresponse.optimize.factors.Factors`, or of its
            :class:`~coresponse.data.limits.Limits`.

        Raises
        ------
        InputError
            If there is no attribute of a name.
        """
        own = {one.name for one in fields(self)}
        limits = {name: changes.pop(name) for name in set(changes) & set(Limits.model_fields)}
        factors = {name: changes.pop(name) for name in set(changes) & FACTOR_NAMES}
        unknown = sorted(set(changes) - own)
        if unknown:
            known = sorted(own | FACTOR_NAMES | set(Limits.model_fields))
            raise InputError(f"a case has no {', '.join(unknown)} -- it has: {', '.join(known)}")
        if "target_min" in changes and self.standards is not None:
            changes.setdefault("standards", None)
        out = replace(self, **changes)
        if limits:
            stated = out.limits.model_dump(exclude_unset=True) | limits
            out = replace(out, limits=Limits.model_validate(stated))
        return replace(out, factors=replace(out.factors, **factors)) if factors else out

    def with_calls(self, calls: CallHistory) -> Case:
        """Return the case for a part of its history, such as some days; response times are used again."""
        out = replace(self, city=replace(self.city, calls=calls))
        table = table_for(self.base_table, out.base_cells)
        self.memo.put("table", out.travel_of, table)
        return out

    def lean(self) -> Case:
        """Return the case without the calls themselves, with what was worked out from them.

        For processes that work with counts alone; calls do not leave this one.
        """
        bare = replace(self, city=self.city.without_calls(), memo=Memo())
        bare.memo.put("cells", bare.demand_of, self.base_cells)
        if self.city.program.phone is not None:
            bare.memo.put("desk", bare.desk_of, self._desk_calls)
        bare.memo.put("fitted", MadeOf((bare.city.calls,)), (self.service,))
        bare.memo.put("growth", bare.growth_of, self.growth)
        bare.keep_table(self)
        return bare

    def keep_table(self, other: Case) -> None:
        """Keep the response times of a case of the same city with its calls, for one that is lean."""
        of = MadeOf(self.travel_of.objects, other.travel_of.values)
        self.memo.put("table", of, other.base_table)

    # ---- what follows from it ----

    @cached_property
    def program(self) -> Program:
        """The program, with the case's wages, vacancies and call-outs."""
        factors = self.factors
        waged = changed_vacancy(changed_wages(self.city.program, factors.wages), factors.vacancy)
        return changed_call_outs(waged, factors.call_outs)

    @cached_property
    def world(self) -> City:
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
                f"the longest standard, {longest:g} min, must be below the {fallback:g} min that a call left to police "
                "counts -- raise fallback_min under [standards]"
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
        return replace(table, fallback_s=self.program.standards.fallback_min.value * 60)

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
            "desk", self.desk_of, lambda: calls_by_channel(city, call_districts(city, city.calls))
        )

    # ---- what deployments cost ----

    @cached_property
    def desk_cost(self) -> float:
        """Dollars a year of clinicians on the phone, in the cost of every deployment; 0 without a phone stage."""
        stage, answer = self.city.program.phone, self.phone
        if stage is None or answer is None:
            return 0.0
        return desk_cost(self.program, paid_hours_per_week(stage, answer))

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

    # ---- as a problem ----

    @property
    def is_plain(self) -> bool:
        """Whether the goal is one mean cost of waiting, without floors under it."""
        if self.standards is not None and self.goal == ShareInTime():
            return False  # a share of several standards is several costs of waiting
        return isinstance(self.goal, Mean | ShareInTime) and not self.floors

    @property
    def waiting(self) -> WaitingCost | None:
        """The mean cost of waiting that the plan is to be best at; None if the goal is another."""
        if not self.is_plain:
            return None
        if isinstance(self.goal, ShareInTime):
            own = self.goal.target_min
            return Late(self.target_s if own is None else own * 60)
        return MeanTime()

    @property
    def objective_unit(self) -> str:
        """The unit in which a search tells its best and its bound; empty if it changes with the goals."""
        if self.waiting is not None:
            return self.waiting.unit
        units = {unit_of(rank) for rank in ranks(self.goal)}
        return units.pop() if len(units) == 1 else ""

    def problem(self, busy_share: Mapping[str, float] | BusyShares | None = None) -> Problem:
        """State the placement problem.

        Parameters
        ----------
        busy_share
            By responder type; default: every responder is always free.

        Raises
        ------
        InputError
            With every limit that names something unknown or contradicts itself.
        """
        problem = problem_from(
            self.table,
            self.program,
            self.city.posts,
            self.limits,
            today=self.city.today,
            busy_share=busy_share,
            desk_cost=self.desk_cost,
        )
        counts = (None if who is None else self.counts(who) for who in (self.within, self.stays))
        return held(problem, self.further, *counts)

    def statement(self, problem: Problem) -> GoalProblem:
        """State goal and floors over a problem; it also counts from the definition what a deployment makes of them."""
        return GoalProblem(
            problem,
            demand_from(self.table, problem, self.city.districts, self.standards, self.living),
            self.goal,
            self.floors,
            self.target_s,
            self.option_cost,
        )

    @cached_property
    def living(self) -> LivingAreas | None:
        """Where groups of residents live, if the goal or a floor looks at them and the city knows."""
        asked = [floor.by for floor in self.floors]
        for single in singles(self.goal):
            asked += [single.by] if isinstance(single, WorstDistrict) else []
            asked += (
                [single.within] if isinstance(single, FewestUnits | LeastCost | PCenter) else []
            )
        if "group" not in asked or self.city.living is None:
            return None
        return living_areas(self.city.living, self.table, self.city.roads)

    def value(self, problem: Problem, counts: NDArray[np.integer]) -> float:
        """Count from the definition what the goal (the first, of several) makes of a deployment."""
        if self.waiting is not None:
            return recount(problem, self.waiting, counts)
        return self.statement(problem).value(ranks(self.goal)[0], counts)

    def broken(self, problem: Problem, counts: NDArray[np.integer]) -> list[str]:
        """List the limits and floors that a deployment does not keep."""
        out = list(problem.broken_limits(counts))
        return out if self.is_plain else out + list(self.statement(problem).broken_floors(counts))

    def counts(self, deployment: Deployment) -> NDArray[np.int64]:
        """Return (options,) how many of each option a deployment has."""
        bought = deployment.as_dict()
        return np.array([bought.get(option, 0) for option in self.options], dtype=np.int64)

    def deployment(self, counts: NDArray[np.integer], name: str = "plan") -> Deployment:
        """Turn (options,) counts into a deployment; no counts give an empty one."""
        return Deployment.of(
            name, {self.options[i]: int(counts[i]) for i in np.flatnonzero(counts)}
        )

    def check(self, *further: Callable[[], object]) -> None:
        """Refuse what a plan would refuse, and what `further` checks do, all at once.

        Raises
        ------
        InputError
            With everything that stands in the way of planning.
        """
        refuse_together(
            lambda: self.base_cells,
            lambda: self.options,
            lambda: check_limits(self.limits, self.program, self.city.posts, self.city.today),
            lambda: self.factors.check(self.city),
            lambda: self.standard,
            *further,
        )

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

    def __repr__(self) -> str:
        """Say it in a line."""
        limits = self.limits.model_dump(exclude_defaults=True)
        return f"<Case {self.goal.goal} for {self.city.name!r}, limits {limits or 'none'}>"

    def _repr_html_(self) -> str:
        """Show it in a notebook."""
        limits = self.limits.model_dump(exclude_defaults=True)
        otherwise = self.factors.stated()
        busy = {"consistent": "found and planned with", "free": "always free"}
        rows = {
            "Goal": self.goal.goal,
            "Standard": f"{self.target_s / 60:g} min"
            if self.standards is None
            else self.standards.words,
            "Busy units": busy[self.busy] if isinstance(self.busy, str) else dict(self.busy),
            **{f"Limit: {name}": told for name, told in limits.items()},
            "Floors": len(self.floors) or None,
            **{f"Assumed: {name}": told for name, told in otherwise.items()},
            "Seed": self.seed,
        }
        return card(f"A question to {self.city.name}", rows)


def _hash(what: object) -> str:
    return hashlib.sha256(repr(what).encode()).hexdigest()
