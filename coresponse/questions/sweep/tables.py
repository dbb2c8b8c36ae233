"""A finished sweep, and its tables: points, steps, phases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

import pandas as pd

from coresponse.coverage.call_outs import cost_as_found, further_cost, priced_call_outs
from coresponse.data.figures.text import number
from coresponse.data.hours import WEEKS_A_YEAR
from coresponse.data.options import Deployment
from coresponse.data.programs.cost import staff_needed, weekly_staff_hours
from coresponse.data.programs.fleet import short_fleet_words
from coresponse.data.programs.model import Program
from coresponse.data.programs.money import new_people, new_supervisors
from coresponse.optimize.case import Case
from coresponse.optimize.spending import budget_pays_call_outs
from coresponse.questions.sweep.answer import Answer
from coresponse.questions.sweep.assumed import HOURS
from coresponse.questions.sweep.axes import busy_at, case_at
from coresponse.questions.sweep.base import SweepBase, same_question
from coresponse.questions.sweep.grid import Grid, value_text
from coresponse.questions.sweep.tidy import MEASURES, Point, efficient, steps, tidy

PHASE_MODES = ("phase", "phase toward the last", "last phase alone")

# Calls answered without an officer, which only the replay counts.
WITHOUT_OFFICER = ("without_officer_per_week", "share_without_officer")


@dataclass(frozen=True, eq=False)
class Sweep:
    """A sweep that is finished.

    Attributes
    ----------
    case, grid, base
        What was asked, and what all points share.
    keys, answers
        One a task.
    solved
        Points solved in this run; the others were kept from earlier ones.
    today
        Figures of today's deployment on the same chances; None if it is not known, or no point is
        of the city as it is.
    """

    case: Case
    grid: Grid
    base: SweepBase
    keys: tuple[str, ...]
    answers: tuple[Answer, ...]
    solved: int
    today: Answer | None = None

    @property
    def own(self) -> int | None:
        """Position of the point that asks what the study asks; None if none does."""
        asked = self.base.case
        for i, task in enumerate(self.grid.tasks):
            point = case_at(asked, task.setting).with_(limits=task.limits)
            if task.mode == "re-optimized" and same_question(point, asked):
                return i
        return None

    def frame(self) -> pd.DataFrame:
        """Return one row a point, exact: what was varied, status, cost, staff and figures."""
        return points_frame(self.grid, sweep_points(self), self.case)


def sweep_points(swept: Sweep) -> tuple[Point, ...]:
    """Return the points as they are reported, see :func:`coresponse.questions.sweep.tidy.tidy`."""
    program, case = swept.case.program, swept.base.case
    stated = [busy_at(task.setting, program) is not None for task in swept.grid.tasks]
    one_search = [
        is_stated
        for is_stated, task in zip(stated, swept.grid.tasks, strict=True)
        if task.mode == "re-optimized"
    ]
    # with stated busy shares all points with the same of them have one objective; with measured
    # ones none do. Budgets that pay call-outs as they come are held with other prices at each point
    comparable = (case.busy == "free" or all(one_search)) and not any(
        budget_pays_call_outs(case.with_(limits=task.limits)) for task in swept.grid.tasks
    )
    gap = case.solver.gap
    if case.busy != "free" or any(stated):
        gap = max(gap, swept.base.settings.busy_gap)
    return tidy(swept.grid, swept.answers, comparable=comparable, gap=gap)


def points_frame(grid: Grid, points: Sequence[Point], case: Case) -> pd.DataFrame:
    """List the points with their figures, a row each.

    Returns
    -------
    pandas.DataFrame
        `point`; `mode`; `phase`; a column an axis; `fleet`; `standing`; `status`, `gap`,
        `objective`, `bound` of the model's search; `score`, the goal in the replay;
        `plan_of_point`; `binding`; cost and staff; figures by replay (minutes, shares, calls a
        week); the same with ``_if_free`` if the nearest were always free; `efficient`: no point of
        the same city costs as little, call-outs as found, and does as well by the goal. Where
        hidden calls, growth or the rate of calls is not known, figures have ``_low`` and ``_high``,
        too.
    """
    rows = [_row(grid, i, point, case) for i, point in enumerate(points)]
    frame = pd.DataFrame(rows)
    frame["plan_of_point"] = frame["plan_of_point"].astype("Int64")
    frame["efficient"] = False
    for mode in ("re-optimized", "nested"):
        # where an assumption is varied, points of another city are no alternatives to choose from
        cities = [axis.name for axis in grid.axes if not axis.relaxing]
        mine = frame[frame["mode"] == mode]
        for _, part in mine.groupby(cities) if cities else [("", mine)]:
            cost, value = (
                part[name].astype("float64").tolist()
                for name in ("cost_as_called_per_year", "score")
            )
            frame.loc[part.index, "efficient"] = efficient(cost, value)
    return frame


def _row(grid: Grid, i: int, point: Point, case: Case) -> dict[str, Any]:
    task, answer = point.task, point.answer
    # today's deployment is at no value of an axis
    here = case_at(case, {k: v for k, v in task.setting.items() if not isnan(v)})
    program = here.program
    deployment = answer.deployment
    out: dict[str, Any] = {"point": i, "mode": task.mode, "phase": task.label}
    out |= {axis.name: task.setting.get(axis.name) for axis in grid.axes}
    out |= {
        "fleet": short_fleet_words(program, deployment) if answer.found else "",
        "standing": answer.standing,
        "status": answer.status,
        "gap": answer.gap,
        "objective": answer.objective,
        "bound": answer.bound,
    }
    out |= {"objective_unit": answer.unit, "score": answer.score, "plan_of_point": point.plan_of}
    out["binding"] = "; ".join(answer.binding)
    out |= costs(here, deployment, found=answer.found)
    more = further_cost(program, deployment, answer.calls_per_week)
    out["cost_as_called_per_year"] = (
        number(cost_as_found(out["cost_per_year"], more)) if answer.found else None
    )
    by_type = deployment.by_type()
    out |= {
        f"units_{name}": by_type.get(name, 0) if answer.found else None
        for name in program.responder_types
    }
    out |= figures(answer.figures)
    out |= {name: answer.figures.get(name) for name in WITHOUT_OFFICER}
    out |= _ends(answer.ranges)
    out |= {"worst_district": answer.worst_district}
    out |= {f"busy_share_{name}": answer.busy_share.get(name) for name in program.responder_types}
    out |= {f"{name}_if_free": value for name, value in figures(answer.figures_if_free).items()}
    return out


def _ends(ranges: Mapping[str, tuple[float, float]]) -> dict[str, float | None]:
    """Return both ends of figures that run with what nobody knows, in minutes, shares and calls a week."""
    out: dict[str, float | None] = {}
    for name, ends in ranges.items():
        in_s = name.endswith("_s")
        key = f"{name.removesuffix('_s')}_min" if in_s else name
        for end, value in zip(("low", "high"), ends, strict=True):
            out[f"{key}_{end}"] = number(value / 60 if in_s else value)
    return out


def costs(case: Case, deployment: Deployment, *, found: bool = True) -> dict[str, float | None]:
    """Return dollars a year, start-up beyond today's responders, staff hours a week, and positions by role.

    Dollars are those of clinicians on the phone, too; hours and positions are the crews'.
    """
    program = case.program
    roles = sorted({role for kind in program.responder_types.values() for role in kind.crew})
    names = [
        "cost_per_year",
        "start_up",
        "staff_hours_per_week",
        *(f"positions_{role}" for role in roles),
    ]
    if not found:
        return dict.fromkeys(names)
    positions = dict.fromkeys(roles, 0.0)
    for option, count in deployment.counts:
        need = staff_needed(program, option.responder_type, option.shift_pattern)
        for role, people in need.items():
            positions[role] += count * people
    values = [
        case.yearly_cost(deployment),
        start_up(program, case.city.today, deployment),
        weekly_staff_hours(program, deployment),
        *positions.values(),
    ]
    return {name: number(value) for name, value in zip(names, values, strict=True)}


def start_up(program: Program, before: Deployment | None, after: Deployment) -> float:
    """Return what it costs once to have the responders of `after` that `before` has not, by type."""
    there = before.by_type() if before is not None else {}
    return sum(
        max(0, count - there.get(name, 0)) * program.responder_types[name].start_up.value
        for name, count in after.by_type().items()
    )


def notes(points: Sequence[Point], program: Program) -> list[str]:
    """Say where the call-outs that are found are far from those that standby was priced with."""
    out = []
    for name, kind in program.responder_types.items():
        found = [
            _call_outs_a_day(program, name, p.answer)
            for p in points
            if p.answer.calls_per_week.get(name)
        ]
        priced = kind.call_outs_per_day.value
        if (
            kind.paid_as == "standby"
            and found
            and (max(found) > 2 * priced or max(found) < priced / 2)
        ):
            ends = " to ".join(dict.fromkeys(f"{end(found):.1f}" for end in (min, max)))
            out.append(
                f"{kind.title}: priced with {priced_call_outs(priced)}, found {ends}; the cost "
                "counts those. To price them so from the start, set "
                f"responder_types.{name}.call_outs_per_day in the program, or pay the type as a "
                "shift"
            )
    return out


def _call_outs_a_day(program: Program, name: str, answer: Answer) -> float:
    bought = [(o, n) for o, n in answer.deployment.counts if o.responder_type == name]
    week = sum(n * program.shift_patterns[o.shift_pattern].hours.count for o, n in bought)
    return answer.calls_per_week[name] / week * 24


def figures(found: Mapping[str, float | None]) -> dict[str, float | None]:
    """Return the replay's figures in minutes, shares and calls a week."""

    def minutes(name: str) -> float | None:
        value = found.get(name)
        return None if value is None else number(value / 60)

    left = [
        found.get(name) for name in ("closed_per_week", "out_of_reach_per_week", "busy_per_week")
    ]
    return {
        "mean_with_fallback_min": minutes("mean_with_fallback_s"),
        "mean_min": minutes("mean_s"),
        "p90_min": minutes("p90_s"),
        "share_in_time": found.get("share_in_time"),
        "in_time_per_week": found.get("in_time_per_week"),
        "share_reached": found.get("share_reached"),
        "left_to_police_per_week": number(sum(v or 0.0 for v in left)) if found else None,
        "closed_per_week": left[0],
        "out_of_reach_per_week": left[1],
        "busy_per_week": left[2],
        "worst_district_mean_min": minutes("worst_district_mean_s"),
    }


def steps_frame(grid: Grid, points: Sequence[Point], frame: pd.DataFrame) -> pd.DataFrame:
    """List what each step from a point to the next along an axis changes, and what it costs.

    Returns
    -------
    pandas.DataFrame
        `mode`, `axis`, `value`, `next_value`, the other axes' values as `at`; changes of cost and
        figures; `dollars_per_call_in_time`: more dollars a year for each further call in time a
        year, absent where a step buys none, or is from one assumption to another: no money buys that.
    """
    rows = []
    bought = {axis.name: axis.relaxing or axis.name.startswith(HOURS) for axis in grid.axes}
    for axis, i, k in steps(grid, points):
        a, b = frame.loc[i], frame.loc[k]
        if not (points[i].answer.found and points[k].answer.found):
            continue
        others = [f"{name} = {value_text(name, a[name])}" for name in bought if name != axis]
        row: dict[str, Any] = {
            "mode": a["mode"],
            "axis": axis,
            "value": a[axis],
            "next_value": b[axis],
            "at": "; ".join(others),
        }
        for name in (
            "cost_per_year",
            "cost_as_called_per_year",
            *MEASURES,
            "in_time_per_week",
            "score",
        ):
            row[f"{name}_change"] = _change(a[name], b[name])
        dollars, calls = row["cost_as_called_per_year_change"], row["in_time_per_week_change"]
        paid = dollars is not None and calls is not None and dollars > 0 and calls > 0
        paid = paid and bought[axis]
        row["dollars_per_call_in_time"] = number(dollars / (calls * WEEKS_A_YEAR)) if paid else None
        rows.append(row)
    columns = ["mode", "axis", "value", "next_value", "at"]
    return pd.DataFrame(rows, columns=None if rows else columns)


def _change(before: Any, after: Any) -> float | None:
    return None if pd.isna(before) or pd.isna(after) else number(float(after) - float(before))


def phases_frame(points: Sequence[Point], frame: pd.DataFrame, case: Case) -> pd.DataFrame:
    """List the years of an expansion.

    What is added, whom to hire and how many months before they work alone, what it costs that year
    with start-up, and what it does.
    """
    rows = []
    for mode in PHASE_MODES:
        before = case.city.today
        for i, point in enumerate(points):
            if point.task.mode != mode:
                continue
            answer: Answer = point.answer
            after = answer.deployment
            row = frame.loc[i]
            new = start_up(case.program, before, after)
            hired = new_people(case.program, after, before)
            rows.append(
                {
                    "mode": mode,
                    "phase": point.task.label,
                    "status": answer.status,
                    "gap": answer.gap,
                    "units": after.size,
                    "added": after.size - (before.size if before is not None else 0),
                    "people_to_hire": sum(count for count, _ in hired.values())
                    if answer.found
                    else None,
                    "supervisors_to_hire": new_supervisors(case.program, after, before)
                    if answer.found
                    else None,
                    "onboarding_months": max((months for _, months in hired.values()), default=0.0),
                    "cost_per_year": row["cost_per_year"],
                    "cost_as_called_per_year": row["cost_as_called_per_year"],
                    "start_up": number(new) if answer.found else None,
                    "spent_that_year": number(row["cost_as_called_per_year"] + new)
                    if answer.found
                    else None,
                    **{name: row[name] for name in MEASURES},
                    "worst_district": answer.worst_district,
                }
            )
            before = after if answer.found else before
    return pd.DataFrame(rows)
