"""Plan agencies alone and together, and judge both on the same chances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.evaluate import EvaluationSetup
from coresponse.coverage.few_calls import told_share
from coresponse.coverage.living import people_by_district
from coresponse.data.agencies import Agencies
from coresponse.data.errors import InputError
from coresponse.data.limits import Limits
from coresponse.data.options import Deployment
from coresponse.data.progress import Progress, silent
from coresponse.optimize.case import Case
from coresponse.optimize.evaluate_case import evaluation_setup
from coresponse.optimize.goals.goal import Floor, ShareInTime
from coresponse.optimize.settings import REPLAY_S
from coresponse.optimize.trials import Trials
from coresponse.optimize.verdict import Counts
from coresponse.questions.agencies.judge import Judge, Way
from coresponse.questions.agencies.limits import (
    limits_alone,
    limits_together,
    stated_for_all,
)
from coresponse.questions.agencies.search import ReplaySearch
from coresponse.questions.agencies.split import shares_of
from coresponse.questions.agencies.together import MENDED, TogetherResults
from coresponse.questions.answer import Plan
from coresponse.questions.plan import find_plan
from coresponse.questions.spent import at_least
from coresponse.study.memory import PLANNING, tell

WAIT, IN_TIME = "mean_with_fallback_s", "share_in_time"


# Dollars a year that count as less money: call-outs are told to this.
LEAST_SAVED = 1_000.0

# What a figure must change by to count: half a minute, a point (publish/changes.py).
LEAST = {WAIT: 30.0, IN_TIME: 0.01}


def agencies_together(
    case: Case, *, time_limit_s: float = 10.0, progress: Progress = silent
) -> TogetherResults:
    """Plan each agency alone, and all together with what they have in all.

    Parameters
    ----------
    time_limit_s
        For each search in the model.

    Raises
    ------
    InputError
        If the case has one agency, or nobody says what an agency has.
    """
    agencies = case.city.agencies
    if agencies is None:
        raise InputError(
            "the study has one agency -- say whose districts and posts are: [agencies] "
            "district_column, or districts"
        )
    case = case.with_(solver=case.solver.model_copy(update={"time_limit_s": time_limit_s}))
    tell(case, PLANNING, progress)
    case.work_out_table(progress)
    return _Asked(case, agencies, progress).answer()


@dataclass(eq=False)
class _Asked:
    """One question, answered step by step."""

    case: Case
    agencies: Agencies
    progress: Progress
    ways: dict[str, Way] = field(default_factory=dict)
    not_found: dict[str, str] = field(default_factory=dict)
    why_not: dict[str, str] = field(default_factory=dict)

    def answer(self) -> TogetherResults:
        judge = self.judge = Judge.of(self.case, self.agencies, self.progress)
        names = self.agencies.names
        calls = self.case.table.cells.calls
        past = np.bincount(judge.cell_agency, weights=calls, minlength=len(names)).astype(np.int64)
        shares = self._known_shares()
        today = self.case.city.today
        spent_today = None
        if today is not None:
            self._add("today", today)
            spent_today = self._spent_today()
        own = limits_alone(self.case, self.agencies, spent_today, self._share(shares, past))
        alone = {name: self._plan_alone(k, own[name]) for k, name in enumerate(names)}
        units = [plan.deployment for plan in alone.values() if plan is not None]
        union = Deployment.of("alone", [pair for one in units for pair in one.counts])
        desks = {name: 0.0 if p is None else p.case.desk_cost for name, p in alone.items()}
        self._add("alone", union, sharing="own", desk=sum(desks.values()))
        self._add("lent", union)
        pooled = limits_together(self.case.limits, own)
        stated = stated_for_all(self.case.limits, pooled)
        self._plan_together(pooled)
        if stated is not None:
            self._plan_as_stated(stated)
        dollars = self.ways["alone"].dollars + np.array([desks[name] for name in names])
        return TogetherResults(
            self.case,
            self.agencies,
            alone,
            self.why_not,
            own,
            pooled,
            dollars,
            self.ways,
            self.not_found,
            shares,
            past,
            judge.cell_agency,
            self.figure,
            stated,
        )

    @property
    def figure(self) -> str:
        return IN_TIME if isinstance(self.case.goal, ShareInTime) else WAIT

    def _known_shares(self) -> dict[str, NDArray[np.float64] | None]:
        """Return splits that do not depend on who is served."""
        people, key = people_by_district(self.case.city), self.agencies.split
        out: dict[str, NDArray[np.float64] | None] = {}
        if people is not None:
            of = np.array(self.agencies.of_district)
            out["population"] = shares_of(
                np.bincount(of, weights=people, minlength=self.agencies.n).astype(np.float64)
            )
        if isinstance(key, Mapping):
            stated = np.array([key[name] for name in self.agencies.names], dtype=np.float64)
            out["key"] = shares_of(stated)
        return out

    def _spent_today(self) -> dict[str, float]:
        """Return what agencies' units of today cost a year at most, as a limit that is told to the dollar.

        With call-outs of no fewer past calls, in steps of five: exact, it would count them.
        """
        cells, way, yardstick = self.case.table.cells, self.ways["today"], self.judge.yardstick
        own, sent = self.judge.option_agency, way.calls.by_option.mean(axis=0)
        kinds = np.array([option.responder_type for option in self.case.options])
        out = dict.fromkeys(self.agencies.names, 0.0)
        for k, name in enumerate(self.agencies.names):
            out[name] = float((yardstick.standing_cost * way.counts)[own == k].sum())
            for kind in np.unique(kinds):
                mine = (own == k) & (kinds == kind)
                price = float(yardstick.call_out_price[mine].max(initial=0.0))
                out[name] += price * at_least(float(sent[mine].sum()), cells)
        return out

    def _share(
        self, shares: Mapping[str, NDArray[np.float64] | None], past: NDArray[np.integer]
    ) -> NDArray[np.float64]:
        """Return what a budget for all is divided by, where nobody says what each has."""
        by = "key" if isinstance(self.agencies.split, Mapping) else self.agencies.split
        found = shares.get(by)
        return told_share(past) if found is None else found

    # ---- ways ----

    def _add(self, name: str, deployment: Deployment, **how: object) -> None:
        self.progress("judging who is served how", len(self.ways), 6)
        way = self.judge.way(name, deployment, **how)  # type: ignore[arg-type]
        if name not in ("today", "alone"):
            way = replace(way, worse=self._worse(way))
        self.ways[name] = way

    def _worse(self, way: Way) -> tuple[int, ...]:
        """Return the agencies that are worse off than alone, beyond chance and by enough to count."""
        found = way.calls.above(self.ways["alone"].calls, self.figure).iloc[1:]
        sign = 1.0 if self.figure == WAIT else -1.0
        ends = found["low"] if sign > 0 else -found["high"]
        worse = (ends > 0) & (sign * found["mean"] >= LEAST[self.figure])
        return tuple(int(k) for k in np.flatnonzero(worse))

    def _plan_alone(self, k: int, limits: Limits) -> Plan | None:
        name, frame = self.agencies.names[k], self.case.city.calls.frame
        mine = self.judge.whose[frame["node"].to_numpy()] == k
        city = self.case.city
        today = None
        if city.today is not None:
            own = {o: n for o, n in city.today.counts if self.agencies.of_post[o.post_id] == k}
            today = Deployment.of("today", own)
        calls = replace(city.calls, frame=frame[mine].reset_index(drop=True))
        # what is assumed of all calls holds for the agency's; a trend of its own would tell of
        # chance
        part = self.case.with_calls(calls).with_(
            demand=self.case.demand, planning_year=None, limits=limits
        )
        part = replace(part, city=replace(part.city, today=today))
        self.progress(f"planning {name} alone", k, self.agencies.n)
        try:
            found = self._find(part)
        except InputError as error:
            # an agency without calls or posts of its own is shown as such
            self.why_not[name] = str(error)
            return None
        if not found.found or not found.deployment.size:
            self.why_not[name] = _why_not(found)
            return None
        return found

    def _find(self, case: Case) -> Plan:
        until = monotonic() + case.solver.time_limit_s + REPLAY_S
        setup = evaluation_setup(case, progress=self.progress).lean()
        found = find_plan(case, Trials.of(case, setup, until=until), progress=self.progress)
        found.best.not_stopped()
        return found

    def _plan_together(self, pooled: Limits) -> None:
        """Plan all together; then so that nobody is worse off; then as good for less money."""
        case = self.case.with_(limits=pooled)
        setup = evaluation_setup(case, progress=self.progress).lean()
        # what each has alone is one way to spend what all have: together may not be worse than that
        if self._plan_all("together", case, setup, near=[self.ways["alone"].counts]):
            self._leave_nobody_worse("together", case, setup)
            self._plan_for_less(case, setup)

    def _plan_as_stated(self, limits: Limits) -> None:
        """Plan all together with what the study states for all, a case of its own."""
        case = self.case.with_(limits=limits)
        setup = evaluation_setup(case, progress=self.progress).lean()
        near = [self.ways[name].counts for name in ("together", "alone") if name in self.ways]
        if self._plan_all("stated", case, setup, near=near):
            self._leave_nobody_worse("stated", case, setup)

    def _plan_all(
        self, name: str, case: Case, setup: EvaluationSetup, *, near: Sequence[Counts]
    ) -> bool:
        """Plan all agencies' calls within a case's limits, from the model's plan and others; False if there is none."""
        self.progress("planning all together", 4, 6)
        until = monotonic() + case.solver.time_limit_s + REPLAY_S
        found = find_plan(case, Trials.of(case, setup, until=until), progress=self.progress)
        found.best.not_stopped()
        if not found.found or not found.deployment.size:
            self.not_found[name] = _why_not(found)
            return False
        here = case.counts(found.deployment)
        others = [counts for counts in near if not case.problem().broken_limits(counts)]
        if others:
            here = ReplaySearch.of(case, setup).best([here, *others])
        self._add(name, case.deployment(here), plan=found)
        return True

    def _leave_nobody_worse(self, of: str, case: Case, setup: EvaluationSetup) -> None:
        """Put a floor under each agency that is worse off, until none is."""
        floors: tuple[Floor, ...] = ()
        name, worse = MENDED[of], self.ways[of].worse
        starts = [self.ways[of].counts, self.ways["alone"].counts]
        while worse:
            self.progress("planning so that nobody is worse off", 5, 6)
            new = tuple(floor for floor in self._floors(worse) if floor not in floors)
            floors += new
            asked = case.with_(floors=(*case.floors, *floors))
            here = ReplaySearch.of(asked, setup).kept(starts) if new else None
            if here is None:
                self.ways.pop(name, None)
                self.not_found[name] = "nothing is confirmed to keep that with as much"
                return
            self._add(name, case.deployment(here), floors=floors)
            worse = self.ways[name].worse

    def _plan_for_less(self, case: Case, setup: EvaluationSetup) -> None:
        """Take out unit by unit as long as every agency is served as well as alone."""
        floors = self._floors(range(self.agencies.n))
        asked = case.with_(floors=(*case.floors, *floors))
        searched = ReplaySearch.of(asked, setup)
        starts = [
            self.ways[name].counts
            for name in ("nobody-worse", "together", "lent")
            if name in self.ways and not self.ways[name].worse
        ]
        self.progress("planning as good a service for less", 5, 6)
        start = next((counts for counts in starts if searched.keeps(counts)), None)
        if start is None:
            start = searched.kept([self.ways["lent"].counts, *starts])
        if start is None:
            self.not_found["for-less"] = (
                "nothing is confirmed to serve every agency as well as alone"
            )
            return
        here = searched.for_less(start)
        way = self.judge.way("for-less", case.deployment(here), floors=floors)
        if way.total < self.ways["alone"].total - LEAST_SAVED:
            self._add("for-less", way.deployment, floors=floors)
        else:
            self.not_found["for-less"] = "no unit can be left out"

    def _floors(self, whose: Sequence[int] | range) -> tuple[Floor, ...]:
        """Return floors by which agencies are no worse off than alone, in the replay's own figures."""
        alone = self.ways["alone"].calls.table(self.agencies.names)
        out = []
        for k in whose:
            name = self.agencies.names[k]
            if not alone["calls_per_week"][name] > 0:
                continue
            if self.figure == WAIT:
                # to the tenth of a minute that is shown
                at_most = float(np.ceil(alone[WAIT][name] / 6 - 1e-9) / 10)
                out.append(Floor(by="agency", only=(name,), mean_at_most_min=at_most))
            else:
                share = float(np.floor(alone[IN_TIME][name] * 1000 + 1e-9) / 1000)
                if share > 0:
                    out.append(Floor(by="agency", only=(name,), share_in_time=share))
        return tuple(out)


def _why_not(found: Plan) -> str:
    if found.clash is not None:
        return " ".join(found.clash.lines())
    if found.found and not found.deployment.size:
        return "what there is buys not one responder"
    if found.nothing_confirmed:
        return "nothing is confirmed to keep that"
    return found.solution.message
