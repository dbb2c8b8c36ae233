"""A plan's figures beside today's, and what differs between the two, as they may be shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from coresponse.coverage.call_outs import standby_days
from coresponse.coverage.replay.bands import Interval, interval
from coresponse.data.figures.dictionary import figure
from coresponse.data.figures.rows import Ends, RowUnit, SummaryRow
from coresponse.data.figures.sums import adding_up
from coresponse.data.hours import WEEKS_A_YEAR
from coresponse.data.options import Deployment
from coresponse.optimize.case import Case
from coresponse.publish.call_outs import (
    NONE_KEEPS,
    dollar_step,
    told_call_outs,
    told_cost,
    told_further,
)
from coresponse.publish.city import CityRounding
from coresponse.publish.disclosure import Disclosure
from coresponse.publish.history import facts_of
from coresponse.publish.measured import EvaluationPublication
from coresponse.publish.paired import difference, total
from coresponse.publish.rungs import LEFT, CostPublication
from coresponse.questions.answer import Plan
from coresponse.questions.compare.comparison import WITHIN


def deployments_of(plan: Plan) -> dict[str, Deployment]:
    """Return the plan, and today's deployment if it is known."""
    today = plan.case.city.today
    return {"plan": plan.deployment} | ({} if today is None else {"today": today})


def publish_costs(plan: Plan, disclosure: Disclosure) -> CostPublication:
    """Work out what deployments cost, and round what follows from calls."""
    program, deployments = plan.case.program, deployments_of(plan)
    rounding, budget = disclosure.city(plan.table.cells), plan.case.limits.budget_per_year
    planned = {name: plan.case.yearly_cost(one) for name, one in deployments.items()}
    standby = any(standby_days(program, one) for one in deployments.values())
    found: dict[str, Interval] = {}
    samples: dict[str, list[float]] = {}
    slack: dict[str, float] = {}
    for name, one in deployments.items():
        replay = plan.evaluations[name].replay
        found[name] = told_cost(
            program, one, replay, rounding, planned=planned[name], budget=budget
        )
        further, slack[name] = (
            ([0.0], 0.0) if replay is None else told_further(program, one, replay, rounding)
        )
        samples[name] = [planned[name] + more for more in further]
    step = max(dollar_step(program, one, rounding) for one in deployments.values())
    replay = plan.evaluations["plan"].replay
    return CostPublication(
        planned=planned,
        found=found,
        call_outs=()
        if replay is None
        else told_call_outs(program, deployments["plan"], replay, rounding),
        standby=standby,
        less_than_today=None
        if len(samples) < 2 or len(samples["plan"]) != len(samples["today"])
        else _apart(samples, sum(slack.values()), rounding, step if standby else 0.0),
    )


def _apart(
    samples: Mapping[str, list[float]], slack: float, rounding: CityRounding, step: float
) -> Interval:
    """Return the plan's cost less today's, replication by replication."""
    one = interval(np.subtract(samples["plan"], samples["today"]))
    wide = Interval(one.mean, one.low - slack, one.high + slack, one.replications)
    return rounding.stepped(wide, step, at_least=-np.inf)


@dataclass(frozen=True, eq=False)
class _Rows:
    """Makes rows: the plan's and today's figures, by the replay."""

    plan: Plan
    published: Mapping[str, EvaluationPublication]
    disclosure: Disclosure

    def of(
        self, key: str | tuple[str, ...], label: str, unit: RowUnit, **more: Any,
    ) -> SummaryRow:  # fmt: skip
        """Make a row; several figures are added up, a year where they are counts."""
        keys = (key,) if isinstance(key, str) else key
        scale = {"min": 1 / 60, "count": WEEKS_A_YEAR}.get(unit, 1.0)
        plan, today = (self._figure(name, keys) for name in ("plan", "today"))
        changed = change_since_today(self.plan, keys, self.disclosure)
        better = figure(keys[0]).better
        return SummaryRow(
            label,
            unit,
            _scaled(plan, scale),
            _scaled(today, scale),
            better=better,
            plan_band=_ends(plan, scale),
            today_band=_ends(today, scale),
            change_band=_ends(changed, scale),
            **more,
        )

    def _figure(self, name: str, keys: tuple[str, ...]) -> Interval | None:
        known = self.published.get(name)
        if known is None:
            return None
        replay = self.plan.evaluations[name].replay
        if replay is not None and replay.samples:
            rounding = self.disclosure.city(self.plan.evaluations[name].nearest.overall)
            return total(replay, keys, rounding)
        # where nobody is in place, all judges say the same
        judge = "replay" if known.deployment.size else "deterministic"
        found = [one for key in keys if (one := known.figure(judge, key)) is not None]
        if not found:
            return None
        ends = (found[0].low, found[0].high) if len(found) == 1 else (np.nan, np.nan)
        return Interval(sum(one.mean for one in found), *ends, 1)


def summary_rows(
    plan: Plan,
    published: Mapping[str, EvaluationPublication],
    costs: CostPublication,
    disclosure: Disclosure,
) -> Iterator[SummaryRow]:
    """Return the figures of the plan beside today's: the replay's."""
    row = _Rows(plan, published, disclosure).of
    standards = plan.case.program.standards
    left = "Left to police"
    yield row(
        "share_in_time", "Calls reached within the standard", "share", headline=True,
        note=f"{facts_of(plan.case).standard}; of all eligible calls, allowing for busy units",
    )  # fmt: skip
    wait = row(
        "mean_with_fallback_s", "Mean wait", "min", headline=True,
        note=f"a call left to police counts {standards.fallback_min.value:g} min",
    )  # fmt: skip
    reasons = _adding_up(
        row("closed_per_week", f"{left}: nobody on duty, a year", "count"),
        row("busy_per_week", f"{left}: all units busy, a year", "count"),
        row("out_of_reach_per_week", f"{left}: out of reach, a year", "count"),
    )
    alone = row(
        LEFT, f"{left}, a year", "count", headline=True,
        note="closed hours, all units busy, or out of reach",
    )  # fmt: skip
    alone = replace(
        alone, plan=_sum(one.plan for one in reasons), today=_sum(one.today for one in reasons)
    )

    def of_reached(key: str, *, headline: bool = False) -> SummaryRow:
        made = row(key, figure(key).title, "min", headline=headline)
        return replace(made, note=of_more_calls(made, wait, alone))

    yield wait
    yield of_reached("p90_s", headline=True)
    yield alone
    yield from _without_officer(plan, published, disclosure)
    yield from reasons
    yield of_reached("median_s")
    yield of_reached("mean_s")
    yield row("calls_per_week", figure("calls_per_week").title, "per_week")
    yield cost_row(costs, plan.case)


def _adding_up(*rows: SummaryRow) -> tuple[SummaryRow, ...]:
    """Return counts as whole numbers that add up to their sum as it is shown."""
    plan, today = (
        [None] * len(rows)
        if None in values
        else adding_up([float(v or 0) for v in values], 1.0).tolist()
        for values in ([row.plan for row in rows], [row.today for row in rows])
    )
    return tuple(replace(row, plan=p, today=t) for row, p, t in zip(rows, plan, today, strict=True))


def _sum(values: Iterable[float | None]) -> float | None:
    known = list(values)
    return None if None in known else sum(float(value or 0) for value in known)


def of_more_calls(row: SummaryRow, mean_wait: SummaryRow, left: SummaryRow) -> str:
    """Say why reached calls wait longer than today where calls wait less on average; '' where they do not.

    Parameters
    ----------
    row
        A time of reached calls alone.
    mean_wait
        Calls left to police counted.
    """
    if not (_is_more(row) and _is_less(mean_wait) and _is_less(left)):
        return ""
    return "more than today: calls that were left to police are now reached, later than most"


def _is_more(row: SummaryRow) -> bool:
    return row.plan is not None and row.today is not None and row.plan > row.today


def _is_less(row: SummaryRow) -> bool:
    return row.plan is not None and row.today is not None and row.plan < row.today


def cost_row(costs: CostPublication, case: Case) -> SummaryRow:
    """Return the yearly cost of the plan beside today's, as found: to $1,000 where somebody is on standby."""
    if not costs.standby:
        return SummaryRow(
            "Cost a year", "dollars", costs.planned["plan"], costs.planned.get("today")
        )
    found = costs.found
    return SummaryRow(
        "Cost a year",
        "dollars",
        found["plan"].mean,
        found["today"].mean if "today" in found else None,
        note=f"call-outs from standby as often as the replay finds them; {_limited(costs, case)}",
        plan_band=_ends(found["plan"]),
        today_band=_ends(found.get("today")),
        change_band=_ends(costs.less_than_today),
    )


def _limited(costs: CostPublication, case: Case) -> str:
    """Say that a budget limits this, or that no plan was found that keeps it."""
    budget = case.limits.budget_per_year
    over = budget is not None and costs.found["plan"].mean > budget * (1 + WITHIN)
    return f"more than the budget: {NONE_KEEPS}" if over else "a budget limits this"


def _without_officer(
    made: Plan, published: Mapping[str, EvaluationPublication], disclosure: Disclosure
) -> Iterator[SummaryRow]:
    """Return calls that met no officer, a year and as a share: none in the crew, none first, none asked for; by the replay."""
    note = "neither in the crew, nor first on scene, nor asked for; no effect on arrests or force is forecast"
    a_year, share = "Answered without an officer, a year", figure("share_without_officer").title
    rows: tuple[tuple[str, str, Literal["count", "share"], float, str], ...] = (
        ("without_officer_per_week", a_year, "count", WEEKS_A_YEAR, note),
        ("share_without_officer", share, "share", 1.0, "of all eligible calls"),
    )
    for key, title, unit, scale, said in rows:
        plan, today = (
            published[name].figure("replay", key) if name in published else None
            for name in ("plan", "today")
        )
        yield SummaryRow(
            title,
            unit,
            _scaled(plan, scale),
            _scaled(today, scale),
            better="higher",
            note=said,
            plan_band=_ends(plan, scale),
            today_band=_ends(today, scale),
            change_band=_ends(change_since_today(made, (key,), disclosure), scale),
        )


def change_since_today(
    plan: Plan, keys: tuple[str, ...], disclosure: Disclosure
) -> Interval | None:
    """Return by how much figures are higher in the plan's replay than in today's; None without both."""
    mine, theirs = (
        None if (found := plan.evaluations.get(name)) is None else found.replay
        for name in ("plan", "today")
    )
    if mine is None or theirs is None:
        return None
    return difference(mine, theirs, keys, disclosure.city(plan.evaluations["plan"].nearest.overall))


def left_to_police(plan: Plan, disclosure: Disclosure) -> Interval | None:
    """Return calls a week that the plan leaves to police, by the replay."""
    found = plan.evaluations["plan"]
    if found.replay is None:
        return None
    return total(found.replay, LEFT, disclosure.city(found.nearest.overall))


def _scaled(found: Interval | None, scale: float) -> float | None:
    if found is None or not np.isfinite(found.mean):
        return None
    return float(found.mean * scale)


def _ends(found: Interval | None, scale: float = 1.0) -> Ends | None:
    if found is None or not np.isfinite(found.mean) or not np.isfinite(found.low):
        return None
    return found.low * scale, found.high * scale
