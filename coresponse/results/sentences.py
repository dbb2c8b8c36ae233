"""What a sweep and a comparison come to, in a sentence: only what their tables hold."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd

from coresponse.data.figures.rows import RowUnit
from coresponse.data.figures.text import dollars, figure_text, percent
from coresponse.data.words import counted, listed
from coresponse.optimize.alternatives import AS_MANY
from coresponse.publish.answers import (
    ComparisonPublication,
    NearBestPublication,
    ScenariosPublication,
    SweepPublication,
)
from coresponse.questions.sweep.grid import Axis, value_text

# Of calls in time, which councils ask for (Washington State: 80%).
SHARES = (0.8, 0.9)

NEEDED = ("share_in_time", "left_to_police_per_week", "cost_as_called_per_year")


def sweep_sentences(publication: SweepPublication) -> tuple[str, ...]:
    """Say what the ends of a sweep along one axis come to, and where shares are first reached."""
    frame = publication.frame
    axes = [axis for axis in publication.axes if len(axis.values) > 1]
    if len(axes) != 1 or not set(NEEDED) <= set(frame.columns):
        return ()
    rows = frame[frame["mode"] == "re-optimized"].dropna(subset=list(NEEDED))
    if len(rows) < 2:
        return ()
    (axis,) = axes
    if axis.name.startswith("open."):
        said = f"Hours: {axis.title}."
        return (_ends(axis, rows, _target(publication)), said)
    return (_ends(axis, rows, _target(publication)), *_reached(axis, rows, _target(publication)))


def _target(publication: SweepPublication) -> str:
    for axis in publication.axes:
        if axis.name == "target_min":
            return "the standard" if len(axis.values) > 1 else f"{min(axis.values):g} min"
    return publication.facts.standard


def _ends(axis: Axis, rows: pd.DataFrame, target: str) -> str:
    first, last = rows.iloc[0], rows.iloc[-1]
    before, after = (value_text(axis.name, row[axis.name]) for row in (first, last))
    in_time, left, cost = (
        f"{one}{unit} ({f'before: {other}' if one != other else 'as before'})"
        for one, other, unit in (
            (percent(last[NEEDED[0]]), percent(first[NEEDED[0]]), " of calls"),
            (_a_week(last[NEEDED[1]]), _a_week(first[NEEDED[1]]), " a week"),
            (dollars(last[NEEDED[2]]), dollars(first[NEEDED[2]]), " a year"),
        )
    )
    title = axis.title.split(" (")[0] if axis.name.startswith("open.") else axis.title
    return (
        f"From {before} to {after} ({title}): {in_time} are reached within {target}, {left} are "
        f"left to police, and it costs {cost}."
    )


def _a_week(calls: float) -> str:
    """Return calls a week as tables have them; none is none."""
    text = f"{calls:,.1f}"
    return "0" if text == "0.0" else text


def _reached(axis: Axis, rows: pd.DataFrame, target: str) -> Iterator[str]:
    if not axis.relaxing:
        return
    for share in SHARES:
        short = (rows[NEEDED[0]] < share).to_numpy().nonzero()[0]
        # with more of a limit fewer may be in time, where the goal is another: from the last on
        enough = rows.iloc[short[-1] + 1 :] if len(short) else rows.iloc[:0]
        if len(enough):
            first = enough.iloc[0]
            yield (
                f"{share:.0%} of calls are reached within {target} from "
                f"{value_text(axis.name, first[axis.name])} on "
                f"({axis.title}), for {dollars(first[NEEDED[2]])} a year."
            )


def comparison_sentences(publication: ComparisonPublication) -> tuple[str, ...]:
    """Say which program serves the most calls, which reaches the most in time, and which is cheapest a call."""
    frame = publication.frame()
    needed = {"served_per_week", "share_all_in_time"}
    if not needed <= set(frame.columns) or not frame["served_per_week"].notna().any():
        return ()
    most, soonest = (
        frame.iloc[int(frame[name].astype("float64").fillna(-1.0).to_numpy().argmax())]
        for name in ("served_per_week", "share_all_in_time")
    )
    target = publication.facts.standard
    first = "also" if most["program"] == soonest["program"] else soonest["program"]
    said = [
        (
            f"For {dollars(publication.budget_per_year)} a year {most['program']} serves the most "
            f"calls ({_a_week(most['served_per_week'])} a week), and {first} reaches the most of all "
            f"calls within {target} ({percent(soonest['share_all_in_time'])})."
        )
    ]
    cost = frame["cost_per_call"].astype("float64")
    if cost.notna().sum() > 1:
        low, high = (frame.iloc[int(k)] for k in (cost.argmin(), cost.argmax()))
        said.append(
            f"A call served costs ${low['cost_per_call']:,.0f} with {low['program']} and up to "
            f"${high['cost_per_call']:,.0f} with {high['program']}."
        )
    lacking = [one.name for one in publication.programs if one.notes]
    if lacking:
        said.append(f"They do not offer the same: see the notes on {listed(lacking)}.")
    return tuple(said)


def scenarios_sentences(publication: ScenariosPublication) -> tuple[str, ...]:
    """Say how the plan holds up at worst, what holds up best, and how calls in time differ."""
    regret: dict[str, dict[str, Any]] = {
        str(row["plan"]): {str(key): value for key, value in row.items()}
        for row in publication.regret.to_dict("records")
    }
    titles = {one.name: one.title for one in publication.scenarios}
    said = []
    if "plan" in regret:
        row = regret["plan"]
        if pd.notna(row["worst_regret"]):
            above = _regret(publication, row["worst_regret"])
            said.append(
                f"At worst ({titles[row['worst_scenario']]}) the plan is, in the model, {above} "
                "above the best that any plan reaches there."
                if _some(above)
                else "In no scenario does any other plan do better than the plan in the model."
            )
        broken = [title for name, title in titles.items() if pd.isna(row[name])]
        if broken:
            said.append(f"The plan breaks a limit in {listed(broken)}.")
    row = regret.get("least-regret", {})
    above = _regret(publication, row["worst_regret"]) if pd.notna(row.get("worst_regret")) else "0"
    if _some(above):
        said.append(
            f"The plan of least regret stays, in the model, within {above} of the best in every "
            "scenario."
        )
    frame = publication.figures
    mine = frame[frame["plan"] == "plan"]["share_in_time"].dropna()
    if len(mine) > 1:
        said.append(
            f"By replay the plan reaches {percent(mine.min())} to {percent(mine.max())} of calls within "
            f"{publication.facts.standard}."
        )
    return tuple(said)


def regret_unit(publication: ScenariosPublication) -> tuple[float, str]:
    """Return by what a cost or regret is multiplied for people, and its unit then: shares are read in points."""
    name = publication.unit.removeprefix("share of ")
    return (1.0, name) if name == publication.unit else (100.0, f"points of {name}")


def _regret(publication: ScenariosPublication, value: float) -> str:
    scale, unit = regret_unit(publication)
    return f"{value * scale:,.{2 if scale == 1 else 0}f} {unit}"


def _some(amount: str) -> bool:
    """Whether an amount is more than nothing as it is said."""
    return float(amount.split(maxsplit=1)[0].replace(",", "")) > 0


def worse_by(publication: NearBestPublication, value: float) -> str:
    """Return by how much a plan is worse in the model, with its unit."""
    unit, scale = publication.unit
    return f"{round(value * scale, 3):.2f} {'points late' if unit == 'points_late' else unit}"


def _by_replay(publication: NearBestPublication) -> str:
    """Say what the plan and the others do by replay, whose figures stand in the table."""
    plan, *others = publication.plans
    parts = []
    shown: tuple[tuple[list[float], RowUnit, str], ...] = (
        ([one.share_in_time for one in (plan, *others)], "share", "of calls are reached in time"),
        ([one.mean_with_fallback_s / 60 for one in (plan, *others)], "min", "is the mean wait"),
    )
    for of, unit, words in shown:
        low, high = (figure_text(end(of[1:]), unit) for end in (min, max))
        ends = low if low == high else f"{low} to {high}"
        parts.append(f"{ends} {words} (the plan: {figure_text(of[0], unit)})")
    return f"by replay {parts[0]} and {parts[1]}"


def near_best_sentences(publication: NearBestPublication) -> tuple[str, ...]:
    """Say how near the other plans come, why there are no more, and which posts matter most."""
    others, names = publication.plans[1:], publication.facts.post_names
    said = []
    if others:
        far = worse_by(publication, max(one.worse_by for one in others))
        said.append(
            f"{counted(len(others), 'other plan')} with other posts "
            f"{'is' if len(others) == 1 else 'are'} "
            + (
                f"at most {far} worse than the best in the model"
                if float(far.split()[0])
                else "as good in the model, to the figures' rounding"
            )
            + f"; {_by_replay(publication)}."
        )
    if publication.ended != AS_MANY:
        said.append(f"There are no more: {publication.ended}.")
    missed = [one for one in publication.worth if one.chosen and math.isfinite(one.change)]
    if missed:
        most = max(missed, key=lambda one: one.change)
        said.append(
            f"The post hardest to do without is {names[most.post_id]}: without it the plan is "
            f"{worse_by(publication, most.change)} worse."
        )
    return tuple(said)
