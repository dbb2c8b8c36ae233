"""A case: one question to a city."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.living import living_areas
from coresponse.coverage.living_areas import LivingAreas
from coresponse.coverage.subtable import table_for
from coresponse.data.calls.history import CallHistory
from coresponse.data.cards import card
from coresponse.data.errors import InputError
from coresponse.data.limits import Limits
from coresponse.data.options import Deployment
from coresponse.optimize.assumed_city import AssumedCity
from coresponse.optimize.build import BusyShares, check_limits, problem_from
from coresponse.optimize.factors import (
    FACTOR_NAMES,
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
from coresponse.optimize.goals.goal_problem import GoalProblem
from coresponse.optimize.goals.goal_units import unit_of
from coresponse.optimize.held import held
from coresponse.optimize.memo import MadeOf, Memo
from coresponse.optimize.objective import Late, MeanTime, WaitingCost
from coresponse.optimize.problem import Limit, Problem
from coresponse.optimize.recount import recount
from coresponse.optimize.refuse import (
    refuse_together,
)
from coresponse.optimize.settings import SolverSettings

# How busy units are treated: found and planned with until both agree; always free; or as busy as stated, by type.
Busy = Literal["consistent", "free"] | Mapping[str, float]


@dataclass(frozen=True, eq=False, kw_only=True)
class Case(AssumedCity):
    """One question to a city as it is assumed to be: limits, goal, and busy units.

    Attributes
    ----------
    limits
        What a plan may use.
    goal, floors
        What a plan is best at, and what every district (or class) gets whatever the goal.
    busy
        How busy units are treated.
    stays, within
        Responders that must be in a plan, and those that alone may be; None: any.
    further
        Limits beyond those stated, as rows over all that can be bought.
    solver
        How the optimum is searched for.
    seed
        Of all that is drawn.
    """

    limits: Limits = Limits()
    goal: Goal = Mean()
    floors: tuple[Floor, ...] = ()
    busy: Busy = "consistent"
    stays: Deployment | None = None
    within: Deployment | None = None
    further: tuple[Limit, ...] = ()
    solver: SolverSettings = SolverSettings()
    seed: int = 1

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
        out = self.of_part(calls)
        table = table_for(self.base_table, out.base_cells)
        out.memo.put("table", out.travel_of, table)
        return out

    def of_part(self, calls: CallHistory) -> Case:
        """Return the same without response times; what is worked out of the part goes with it."""
        return replace(self, city=replace(self.city, calls=calls), memo=self.memo.branch())

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
            lambda: check_limits(
                self.limits,
                self.program,
                self.city.posts,
                self.city.today,
                () if self.city.agencies is None else self.city.agencies.names,
            ),
            lambda: self.factors.check(self.city),
            lambda: self.standard,
            *further,
        )

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
