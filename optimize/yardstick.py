"""What a case asks of replayed calls: its goal, its promises, and the dollars that are spent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.replay.replication import Replayed, Replication
from coresponse.data.errors import InputError
from coresponse.data.hours import WEEKS_A_YEAR
from coresponse.data.programs.cost import call_out_cost
from coresponse.data.standards import target_of
from coresponse.optimize.build import police_shares
from coresponse.optimize.case import Case
from coresponse.optimize.goals.goal import (
    By,
    FewestUnits,
    Floor,
    LeastCost,
    LeastPolice,
    Mean,
    PCenter,
    Rank,
    ShareInTime,
    Single,
    Tail,
    WorstDistrict,
    ranks,
    weighted,
)
from coresponse.optimize.goals.goal_problem import GoalProblem
from coresponse.optimize.goals.goal_units import floor_words
from coresponse.optimize.objective import Late, MeanTime, WaitingCost
from coresponse.optimize.recount import Waits


@dataclass(frozen=True, eq=False)
class Promise:
    """A mean cost of waiting that is promised to be at most so much.

    Attributes
    ----------
    name
        For people.
    by, group
        Of whose calls: of the district, class or agency at a position, or of all.
    waiting
        What is averaged; None: whether a call is beyond the standard of its area and class.
    at_most
        What is promised; share late, or seconds.
    scale
        What counts as one unit of falling short: 1 for shares, the fallback for seconds.
    of_gap
        Whether the mean is promised above that of all: of residents, or of calls.
    """

    name: str
    by: By
    group: int
    waiting: WaitingCost | None
    at_most: float
    scale: float
    of_gap: bool = False

    @property
    def of_share(self) -> bool:
        """Whether a share of calls in time is promised; else a mean wait."""
        return self.waiting is None or isinstance(self.waiting, Late)

    def members(self, scene: Replication, classes: NDArray[np.int64]) -> NDArray[np.bool_] | slice:
        """Return whose calls count."""
        if self.by == "all":
            return slice(None)
        if self.by == "district":
            return np.asarray(scene.district == self.group)
        return np.asarray(classes[scene.call_class] == self.group)


@dataclass(frozen=True, eq=False)
class Yardstick:
    """Measures a case's goal and promises on the waits of a replication.

    Attributes
    ----------
    case
        Whose.
    class_names
        Of the replay's calls.
    """

    case: Case
    class_names: tuple[str, ...]

    @cached_property
    def fallback_s(self) -> float:
        """What a call counts as waiting if nobody comes, in seconds."""
        return float(self.case.program.standards.fallback_min.value * 60)

    @cached_property
    def class_weight(self) -> NDArray[np.float64]:
        """(replayed classes,) how much a call counts in the objective."""
        classes = self.case.program.call_classes
        return np.array([classes[name].weight for name in self.class_names])

    @cached_property
    def class_position(self) -> NDArray[np.int64]:
        """(replayed classes,) position among the demand's classes."""
        known = self.case.table.cells.class_names
        return np.array(
            [known.index(name) if name in known else -1 for name in self.class_names],
            dtype=np.int64,
        )

    @cached_property
    def statement(self) -> GoalProblem:
        """Goal and floors over the problem: whom they look at."""
        return self.case.statement(self.case.problem())

    @cached_property
    def promises(self) -> tuple[Promise, ...]:
        """What floors, and goals that are floors, promise."""
        return tuple(p for floor in self.statement.all_floors() for p in self._promised(floor))

    def _promised(self, floor: Floor) -> list[Promise]:
        groups, out = self.statement.demand.by(floor.by), []
        for g in groups.looked_at(floor.min_calls, floor.only):
            whose = "all calls" if floor.by == "all" else f"{floor.by} {groups.names[g]}"
            if floor.share_in_time is not None:
                within = self.statement.within(floor.target_min)
                name = f"{whose}: at least {floor.share_in_time:.4g} {within}"
                late = self._late(floor.target_min)
                out.append(Promise(name, floor.by, g, late, 1 - floor.share_in_time, 1.0))
            for of, minutes in floor.of_means:
                name = f"{whose}: {floor_words(of, floor.by)} {minutes:g} min"
                mean = Promise(name, floor.by, g, MeanTime(), minutes * 60, self.fallback_s)
                out.append(replace(mean, of_gap=of == "gap"))
        return out

    def _late(self, target_min: float | None) -> Late | None:
        """Return what a late call costs; None where each call has its own standard."""
        if target_min is None and self.case.standards is not None:
            return None
        return Late(self.statement.target_s(target_min))

    # ---- on waits ----

    def cost(
        self, waiting: WaitingCost | None, scene: Replication, capped: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return (n,) what each call's wait costs; of None, whether it is beyond the call's own standard."""
        if waiting is not None:
            return waiting(capped)
        within_s = target_of(self.case.standard, scene.district, scene.call_class, self.class_names)
        return np.asarray(capped > within_s, dtype=np.float64)

    def promised(self, scene: Replication, wait_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (promises,) what each comes to; NaN where it has no call."""
        capped = np.minimum(wait_s, self.fallback_s)
        out = np.full(len(self.promises), np.nan)
        for j, promise in enumerate(self.promises):
            cost = self.cost(promise.waiting, scene, capped)
            less = self._of_all(promise.by, scene, cost) if promise.of_gap else 0.0
            if promise.by == "group":
                out[j] = self._of_groups(scene, cost)[promise.group] - less
                continue
            whose = (
                self._agency[scene.node] == promise.group
                if promise.by == "agency"
                else promise.members(scene, self.class_position)
            )
            own = cost[whose]
            if len(own):
                out[j] = float(own.mean()) - less
        return out

    @cached_property
    def order(self) -> tuple[Rank, ...]:
        """The goals in their order; how far the farthest call is leaves most posts open, which the mean wait then tells apart."""
        order = ranks(self.case.goal)
        return (*order, Mean()) if isinstance(order[-1], PCenter) else order

    def scale(self, place: int) -> float:
        """Return a large value of one of the goals."""
        return sum(w * self.statement.scale(single) for w, single in weighted(self.order[place]))

    def centers_s(self, counts: NDArray[np.integer]) -> dict[Rank, float]:
        """Return within what time a deployment has calls in reach, by goal that asks for it: busy or not, so no replay tells."""
        asked = [rank for rank in self.order if isinstance(rank, PCenter)]
        if not asked:
            return {}
        there = self.statement.problem.response_s[np.flatnonzero(counts)]
        nearest = there.min(axis=0, initial=self.fallback_s)[None].astype(np.float64)
        in_place = Waits(nearest, np.ones_like(nearest))
        return {rank: self.statement.center_s(rank, in_place) for rank in asked}

    def goals(
        self,
        scene: Replication,
        done: Replayed,
        units: float,
        dollars: float,
        centers_s: Mapping[Rank, float] | None = None,
    ) -> list[float]:
        """Return what each goal comes to: less is better."""
        capped, known = np.minimum(done.wait_s, self.fallback_s), centers_s or {}
        return [
            known[rank]
            if rank in known
            else sum(
                weight * self._single(single, scene, capped, done.option, units, dollars)
                for weight, single in weighted(rank)
            )
            for rank in self.order
        ]

    def _single(
        self,
        single: Single,
        scene: Replication,
        capped: NDArray[np.float64],
        option: NDArray[np.int32],
        units: float,
        dollars: float,
    ) -> float:
        if isinstance(single, FewestUnits | LeastCost):
            return units if isinstance(single, FewestUnits) else dollars
        if not len(capped):
            return 0.0
        if isinstance(single, WorstDistrict):
            return self._worst(single, scene, capped)
        weight = self.class_weight[scene.call_class]
        if isinstance(single, LeastPolice):
            # the chance of police, not its draw: the same mean with less noise
            return float(weight @ self.police_share[option] / max(weight.sum(), 1e-12))
        if isinstance(single, Tail):
            return _tail(capped, weight, single.alpha)
        waiting = self._late(single.target_min) if isinstance(single, ShareInTime) else MeanTime()
        cost = self.cost(waiting, scene, capped)
        return float((weight * cost).sum() / max(weight.sum(), 1e-12))

    def _worst(
        self, single: WorstDistrict, scene: Replication, capped: NDArray[np.float64]
    ) -> float:
        groups = self.statement.demand.by(single.by)
        waiting = self._late(single.target_min) if single.of == "share_late" else MeanTime()
        paid = self.cost(waiting, scene, capped)
        looked_at = groups.looked_at(single.min_calls)
        less = self._of_all(single.by, scene, paid) if single.of == "gap" else 0.0
        if single.by == "group":
            return float(np.nanmax(self._of_groups(scene, paid)[looked_at])) - less
        if single.by == "district":
            position = scene.district.astype(np.int64)
        elif single.by == "agency":
            position = self._agency[scene.node]
        else:
            position = self.class_position[scene.call_class]
        inside = position >= 0
        cost = np.bincount(position[inside], weights=paid[inside], minlength=len(groups.names))
        calls = np.bincount(position[inside], minlength=len(groups.names))
        return float(np.max(cost[looked_at] / np.maximum(calls[looked_at], 1))) - less

    @cached_property
    def _agency(self) -> NDArray[np.int64]:
        """(crossings,) position of the agency of each with demand, -1 elsewhere."""
        table, out = self.case.table, np.full(self.case.city.roads.n_places, -1, dtype=np.int64)
        if table.agencies is not None:
            out[table.column_node] = table.agencies.column
        return out

    @cached_property
    def _call_weight(self) -> NDArray[np.float64]:
        """(1 + groups, crossings) what a call at a crossing weighs in the mean of all residents, and of each group."""
        living, cells = self.case.living, self.case.table.cells
        if living is None:
            raise InputError("nobody said where groups of residents live")
        area = living.area_of_node[cells.node]
        calls = np.bincount(area, weights=cells.calls_per_week, minlength=living.n)
        of_all = living.per_call_of_all(calls.astype(np.float64))
        weight = np.vstack([of_all, living.per_call(calls.astype(np.float64))])
        return np.pad(weight, ((0, 0), (0, 1)))[:, living.area_of_node]  # the last area: none

    def _of_all(self, by: By, scene: Replication, cost: NDArray[np.float64]) -> float:
        """Return the mean cost that a gap is to: where all residents live, or of all calls."""
        if by != "group":
            return float(cost.mean())
        weight = self._call_weight[0, scene.node]
        return float(weight @ cost / max(weight.sum(), 1e-12))

    def _of_groups(self, scene: Replication, cost: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (groups,) the mean cost where each group of residents lives; NaN without calls there."""
        weight = self._call_weight[1:, scene.node]
        with np.errstate(invalid="ignore"):
            return np.asarray(weight @ cost / weight.sum(axis=1))

    # ---- dollars ----

    @cached_property
    def standing_cost(self) -> NDArray[np.float64]:
        """(options,) dollars a year of a responder that is never called out."""
        never = dict.fromkeys(self.standby, 0.0)
        return self.case.with_(call_outs=never).option_cost

    @cached_property
    def police_share(self) -> NDArray[np.float64]:
        """(options + 1,) shares of their calls that are not handled without police; the last: nobody came."""
        return np.append(police_shares(self.case.options, self.case.program), 1.0)

    @cached_property
    def call_out_price(self) -> NDArray[np.float64]:
        """(options,) dollars a year of one call-out a week."""
        program = self.case.program
        return np.array(
            [call_out_cost(program, o.responder_type) * WEEKS_A_YEAR for o in self.case.options]
        )

    @cached_property
    def standby(self) -> tuple[str, ...]:
        """Types paid as standby."""
        kinds = self.case.program.responder_types
        return tuple(name for name, kind in kinds.items() if kind.paid_as == "standby")

    @cached_property
    def duty_days(self) -> NDArray[np.float64]:
        """(options,) 24-hour stretches on duty a week."""
        patterns = self.case.program.shift_patterns
        return np.array([patterns[o.shift_pattern].hours.count / 24 for o in self.case.options])

    def dollars(self, counts: NDArray[np.integer], calls_a_week: NDArray[np.float64]) -> float:
        """Return what a deployment and the phone desk spend a year, call-outs as they come.

        Parameters
        ----------
        calls_a_week
            (options,) calls that responders of each option are sent to.
        """
        responders = self.standing_cost @ counts + self.call_out_price @ calls_a_week
        return float(responders) + self.case.desk_cost

    def call_outs(
        self, counts: NDArray[np.integer], calls_a_week: NDArray[np.float64]
    ) -> dict[str, float]:
        """Return call-outs in 24 hours on standby, by type in place."""
        out = {}
        for name in self.standby:
            own = self._of_type(name)
            days = float(self.duty_days[own] @ counts[own])
            if days > 0:
                out[name] = float(calls_a_week[own].sum()) / days
        return out

    def busy_share(
        self, counts: NDArray[np.integer], busy_h_a_week: NDArray[np.float64]
    ) -> dict[str, float]:
        """Return shares of their time on duty that responders are on calls, by type in place."""
        out = {}
        for name, kind in self.case.program.responder_types.items():
            own = self._of_type(name)
            hours = float(self.duty_days[own] @ counts[own]) * 24 * kind.sessions
            if hours > 0:
                out[name] = min(float(busy_h_a_week[own].sum()) / hours, MOST_BUSY)
        return out

    def _of_type(self, name: str) -> NDArray[np.bool_]:
        return np.array([o.responder_type == name for o in self.case.options])


# Busy share beyond which a type counts as hardly ever free; the model needs one below 1.
MOST_BUSY = 0.97


def _tail(capped: NDArray[np.float64], weight: NDArray[np.float64], alpha: float) -> float:
    """Return the mean of the 1 - alpha of calls that wait longest."""
    order = np.argsort(capped, kind="stable")
    mass = weight[order] / max(weight.sum(), 1e-12)
    before = np.r_[0.0, np.cumsum(mass)[:-1]]
    kept = np.clip(before + mass - alpha, 0.0, mass)
    return float(kept @ capped[order] / max(kept.sum(), 1e-12))
