"""A goal and the problem it is asked of.

Stated as a program, and judged again from the definition.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from coresponse.data.errors import InputError
from coresponse.optimize.goals.bound import Bound, MeanCost
from coresponse.optimize.goals.convex_program import (
    TOLERANCE,
    Average,
    Constraint,
    ConvexProgram,
    Expression,
    Term,
    Total,
)
from coresponse.optimize.goals.demand import Demand, Groups
from coresponse.optimize.goals.goal import (
    By,
    FewestUnits,
    Floor,
    Goal,
    LeastCost,
    LeastPolice,
    Mean,
    PCenter,
    Rank,
    ShareInTime,
    Single,
    Tail,
    WorstDistrict,
    only_tail,
    singles,
    weighted,
)
from coresponse.optimize.goals.goal_units import floor_words, unit_of
from coresponse.optimize.goals.other_waits import by_police
from coresponse.optimize.goals.waiting import Excess, QuantileRange, Sum
from coresponse.optimize.objective import Late, MeanTime, PoliceContact, WaitingCost
from coresponse.optimize.problem import Problem
from coresponse.optimize.recount import Waits, waits


@dataclass(frozen=True, eq=False)
class ReachedGoal:
    """A goal that was reached before and may not get worse than this."""

    rank: Rank
    at_most: float


@dataclass(frozen=True, eq=False)
class GoalProblem:
    """What is asked.

    Attributes
    ----------
    problem, demand
        Of what.
    goal, floors
        What for.
    standard_s
        The standard where a goal names none; None: there is none.
    option_cost
        (options,) dollars a year of one responder of each option; None if not known.
    """

    problem: Problem
    demand: Demand
    goal: Goal
    floors: tuple[Floor, ...] = ()
    standard_s: float | None = None
    option_cost: NDArray[np.float64] | None = None

    def check(self) -> None:
        """Refuse what cannot be answered.

        Raises
        ------
        InputError
            If a standard, costs, or groups of calls are missing, or two tails are looked at.
        """
        only_tail(self.goal)
        for single in singles(self.goal):
            self.unit(single)
            if isinstance(single, ShareInTime):
                self.target_s(single.target_min)
            if isinstance(single, LeastCost) and self.option_cost is None:
                raise InputError("least cost: the cost of the options is not known")
            if isinstance(single, LeastPolice):
                by_police(self.problem)
            if isinstance(single, WorstDistrict):
                self._check_worst(single)
            if isinstance(single, PCenter):
                self.demand.by(single.within)
        for floor in self.all_floors():
            self.demand.by(floor.by)
            if floor.share_in_time is not None:
                self.target_s(floor.target_min)

    def _check_worst(self, single: WorstDistrict) -> None:
        groups = self.demand.by(single.by)
        if not groups.looked_at(single.min_calls):
            raise InputError(
                f"no {single.by} has {single.min_calls} calls or more -- lower min_calls, "
                "or take another goal"
            )
        if single.of == "share_late":
            self.target_s(single.target_min)
        if single.of == "gap" and self.goal == single and not self.all_floors():
            raise InputError(
                "gaps are smallest with nobody on duty, when all wait alike -- say beside the goal "
                'what must be kept: floors = [{ by = "all", mean_at_most_min = 25 }]'
            )

    def target_s(self, target_min: float | None) -> float:
        """Return the standard in seconds.

        Raises
        ------
        InputError
            If there is none, or police alone would meet it.
        """
        target = target_min * 60 if target_min is not None else self.standard_s
        if target is None:
            raise InputError("the goal needs a response-time standard: give it a target_min")
        if target >= self.problem.fallback_s:
            raise InputError(
                f"the standard of {target / 60:g} min must be below the "
                f"{self.problem.fallback_s / 60:g} min that a call left "
                "to police counts"
            )
        return target

    def all_floors(self) -> tuple[Floor, ...]:
        """Return the floors, and those that goals of coverage bring with them."""
        own = [
            single.floor()
            for single in singles(self.goal)
            if isinstance(single, FewestUnits | LeastCost)
        ]
        return tuple(dict.fromkeys([*self.floors, *own]))

    def unit(self, rank: Rank) -> str:
        """Return the unit of a goal."""
        return unit_of(rank)

    def scale(self, single: Single) -> float:
        """Return a large value of a goal.

        That of nobody coming; 1 where units or dollars are counted.
        """
        return self.problem.fallback_s if self.unit(single).startswith("seconds") else 1.0

    def row_scale(self, held: ReachedGoal) -> float:
        """Return a large value of a goal that is held: it is held to a millionth of that."""
        return max(
            sum(weight * self.scale(single) for weight, single in weighted(held.rank)),
            abs(held.at_most),
        )

    # ---- as a program ----

    def statement(
        self, rank: Rank, held: Sequence[ReachedGoal] = (), box: QuantileRange | None = None
    ) -> ConvexProgram:
        """State a goal as a convex program, exact but for a tail, which it underestimates where its quantile is in the box."""
        stating = Stating(self, box)
        objective = stating.total(rank)
        rows = [*stating.floor_rows(), *(row for one in held for row in stating.held_rows(one))]
        return ConvexProgram(tuple(stating.averages), objective, tuple(rows))

    def waiting(
        self, rank: Rank, box: QuantileRange | None = None
    ) -> tuple[float, WaitingCost] | None:
        """Return a goal as a constant and one cost of waiting, if it is one.

        What the core solves by itself.
        """
        statement = self.statement(rank, (), box)
        if statement.rows:
            return None
        constant = 0.0
        parts = []
        for term in statement.objective:
            expression = term.largest_of[0]
            if len(term.largest_of) > 1 or expression.linear is not None or not statement.convex:
                return None
            constant += term.weight * expression.constant
            for j, weight in expression.averages.items():
                average = statement.averages[j]
                if average.of_police or average.calls is not self.problem.weight:
                    return None
                parts.append((term.weight * weight / average.scale(self.problem), average.waiting))
        if len(parts) == 1 and parts[0][0] == 1.0:
            return constant, parts[0][1]
        return constant, Sum(tuple(parts))

    # ---- from the definition ----

    def value(self, rank: Rank, counts: NDArray[np.integer], known: Waits | None = None) -> float:
        """Work out a goal for a deployment, without the program."""
        known = known if known is not None else waits(self.problem, counts)
        return sum(
            weight * self._single(single, counts, known) for weight, single in weighted(rank)
        )

    def _single(self, single: Single, counts: NDArray[np.integer], known: Waits) -> float:
        if isinstance(single, Mean | ShareInTime):
            return self.cost_of_all(single).mean(known)
        if isinstance(single, LeastPolice):
            of_police = waits(by_police(self.problem), counts)
            return of_police.mean(PoliceContact(self.problem.fallback_s), self.problem.weight)
        if isinstance(single, Tail):
            return known.tail_mean(single.alpha, self.problem.weight)
        if isinstance(single, WorstDistrict):
            return max(value for _, value in self.by_group(single, known))
        if isinstance(single, PCenter):
            return self.center_s(single, known)
        per_option = self.option_cost if isinstance(single, LeastCost) else np.ones(len(counts))
        assert per_option is not None  # noqa: S101 - checked at the door
        return float(per_option @ counts)

    def by_group(self, single: WorstDistrict, known: Waits) -> list[tuple[int, float]]:
        """Work out what each looked-at group gets, by its position."""
        return [(g, cost.mean(known)) for g, cost in self.costs_by_group(single)]

    def centered(self, single: PCenter) -> list[NDArray[np.float64]]:
        """Return the calls by column of each group of which a share is to have a responder near."""
        groups = self.demand.by(single.within)
        return [groups.calls[g] for g in groups.looked_at(0)]

    def center_s(self, single: PCenter, known: Waits) -> float:
        """Work out within what time the calls have a responder in place."""
        nearest, farthest = known.seconds[0], 0.0
        for calls in self.centered(single):
            there = np.flatnonzero(calls > 0)
            order = there[np.argsort(nearest[there], kind="stable")]
            if single.share < 1:
                # the solver keeps rows to a tolerance, too
                reached = np.cumsum(calls[order]) / calls.sum()
                order = order[: int(np.searchsorted(reached, single.share - 2 * TOLERANCE)) + 1]
            farthest = max(farthest, float(nearest[order[-1]]))
        return farthest

    def late(
        self,
        target_min: float | None,
        calls: NDArray[np.float64],
        by_standard: Sequence[NDArray[np.float64]],
    ) -> MeanCost:
        """Return the share of calls that are late: by one standard, or each by its own."""
        if target_min is not None or not self.demand.standards_s:
            return MeanCost(((Late(self.target_s(target_min)), calls),))
        standards = zip(self.demand.standards_s, by_standard, strict=True)
        return MeanCost(tuple((Late(s), part) for s, part in standards if part.sum() > 0))

    def cost_of_all(self, single: Mean | ShareInTime) -> MeanCost:
        """Return what is averaged over all calls."""
        if isinstance(single, Mean):
            return MeanCost(((MeanTime(), self.problem.weight),))
        return self.late(single.target_min, self.problem.weight, self.demand.weight_by_standard)

    def costs_by_group(self, single: WorstDistrict) -> list[tuple[int, MeanCost]]:
        """Return what is averaged over the calls of each looked-at group, by its position."""
        groups = self.demand.by(single.by)
        return [
            (
                g,
                self._of_group(groups, g, single.of, target_min=single.target_min),
            )
            for g in groups.looked_at(single.min_calls)
        ]

    def _of_group(
        self, groups: Groups, g: int, of: str, *, target_min: float | None = None
    ) -> MeanCost:
        if of != "share_late":
            whole = self.demand.calls if groups.whole is None else groups.whole
            less = MeanCost(((MeanTime(), whole),)) if of == "gap" else None
            return MeanCost(((MeanTime(), groups.calls[g]),), less)
        return self.late(target_min, groups.calls[g], [part[g] for part in groups.by_standard])

    def broken_floors(self, counts: NDArray[np.integer], known: Waits | None = None) -> list[str]:
        """Name the floors that a deployment does not reach."""
        known = known if known is not None else waits(self.problem, counts)
        out = []
        for bound in self.bounds():
            value = bound.cost.mean(known)
            # the solver keeps rows to a tolerance, too
            if value > bound.at_most + 2 * TOLERANCE * bound.cost.scale(self.problem):
                out.append(bound.name)
        return out

    def bounds(self) -> Iterable[Bound]:
        """List what floors bound."""
        for floor in self.all_floors():
            groups = self.demand.by(floor.by)
            for g in groups.looked_at(floor.min_calls, floor.only):
                name = _called(floor.by, groups.names[g])
                of = int(groups.observed[g]), not groups.hidden[g]
                if floor.share_in_time is not None:
                    text = f"{name}: at least {100 * floor.share_in_time:.6g}% of calls {self.within(floor.target_min)}"
                    late = self._of_group(groups, g, "share_late", target_min=floor.target_min)
                    at_most = 1 - floor.share_in_time
                    yield Bound(text, late, at_most, "percentage points", 100, *of)
                for whose, at_most_min in floor.of_means:
                    cost = self._of_group(groups, g, whose)
                    text = f"{name}: {floor_words(whose, floor.by)} {at_most_min:g} min"
                    yield Bound(text, cost, at_most_min * 60, "minutes", 1 / 60, *of)

    def within(self, target_min: float | None) -> str:
        """Say within what time."""
        if target_min is None and self.demand.standards_s:
            return "within their area's standard"
        return f"within {self.target_s(target_min) / 60:g} min"


def _called(by: By, name: str) -> str:
    return name if by == "all" else f"{by} {name}"


@dataclass
class Stating:
    """The averages of one statement, each once."""

    goal_problem: GoalProblem
    box: QuantileRange | None
    averages: list[Average] = field(default_factory=list)

    def average(
        self,
        waiting: WaitingCost,
        calls: NDArray[np.float64],
        weight: float = 1.0,
        *,
        in_place: bool = False,
        of_police: bool = False,
    ) -> dict[int, float]:
        """Return the weights of averages that make up weight * a mean cost of waiting."""
        for j, known in enumerate(self.averages):
            same = (known.waiting, known.in_place, known.of_police)
            if same == (waiting, in_place, of_police) and (
                known.calls is calls or np.array_equal(known.calls, calls)
            ):
                return {j: weight * known.scale(self.goal_problem.problem)}
        self.averages.append(Average(waiting, calls, in_place, of_police))
        return {len(self.averages) - 1: weight * self.averages[-1].scale(self.goal_problem.problem)}

    def mean_cost(self, cost: MeanCost) -> dict[int, float]:
        """Return the weights of averages that make up a mean cost, which may be of several standards."""
        out = {} if cost.less is None else {j: -w for j, w in self.mean_cost(cost.less).items()}
        for share, (waiting, calls) in zip(cost.shares, cost.parts, strict=True):
            for j, weight in self.average(waiting, calls, share).items():
                out[j] = out.get(j, 0.0) + weight
        return out

    def total(self, rank: Rank) -> Total:
        """State a goal, or a mix of them."""
        return tuple(Term(weight, self.single(single)) for weight, single in weighted(rank))

    def single(self, single: Single) -> tuple[Expression, ...]:
        """State one goal: the largest of some expressions."""
        goal_problem, weight = self.goal_problem, self.goal_problem.problem.weight
        if isinstance(single, Mean | ShareInTime):
            return (Expression(averages=self.mean_cost(goal_problem.cost_of_all(single))),)
        if isinstance(single, LeastPolice):
            contact = PoliceContact(goal_problem.problem.fallback_s)
            return (Expression(averages=self.average(contact, weight, of_police=True)),)
        if isinstance(single, Tail):
            return (self.tail(single),)
        if isinstance(single, WorstDistrict):
            return tuple(
                Expression(averages=self.mean_cost(cost))
                for _, cost in goal_problem.costs_by_group(single)
            )
        return (
            Expression(
                linear=goal_problem.option_cost
                if isinstance(single, LeastCost)
                else np.ones(goal_problem.problem.n_options)
            ),
        )

    def tail(self, single: Tail) -> Expression:
        """State what a tail's mean is at least, where its quantile is in the box.

        See :mod:`coresponse.optimize.goals.tail`.
        """
        low, high = self.box if self.box is not None else (0.0, 0.0)
        if low >= self.goal_problem.problem.fallback_s:
            return Expression(low)
        waiting = Excess(low, high) if self.box is not None else MeanTime()
        share = 1 - single.alpha if self.box is not None else 1.0
        return Expression(
            low, averages=self.average(waiting, self.goal_problem.problem.weight, 1 / share)
        )

    def floor_rows(self) -> list[Constraint]:
        """State the floors."""
        rows = []
        for bound in self.goal_problem.bounds():
            total = (Term(1.0, (Expression(averages=self.mean_cost(bound.cost)),)),)
            scale = bound.cost.scale(self.goal_problem.problem)
            rows.append(
                Constraint(
                    bound.name,
                    total,
                    bound.at_most,
                    scale,
                    bound.unit,
                    bound.per_unit,
                    of_calls=True,
                    may_be_shown=bound.may_be_shown,
                )
            )
        return rows

    def held_rows(self, held: ReachedGoal) -> list[Constraint]:
        """State that a goal reached before gets no worse."""
        if isinstance(held.rank, PCenter):
            return self.center_rows(held.rank, held.at_most)
        name = f"{held.rank.goal}: at most {held.at_most:g}"
        scale, unit = self.goal_problem.row_scale(held), self.goal_problem.unit(held.rank)
        return [Constraint(name, self.total(held.rank), held.at_most, scale, unit)]

    def center_rows(self, single: PCenter, time_s: float) -> list[Constraint]:
        """State that the calls of each group have a responder in place within a time."""
        if time_s >= self.goal_problem.problem.fallback_s:
            return []
        rows = []
        for g, calls in enumerate(self.goal_problem.centered(single)):
            # all calls: each column counts the same, so that none is too small to be seen
            counted = calls if single.share < 1 else (calls > 0).astype(np.float64)
            far = self.average(Late(time_s), counted, in_place=True)
            total = (Term(1.0, (Expression(averages=far),)),)
            rows.append(Constraint(f"p_center {g}", total, 1 - single.share, 1.0))
        return rows
