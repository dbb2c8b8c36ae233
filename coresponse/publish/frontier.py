"""A sweep's frontier: the study's goal against cost, and what more or less money comes to, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from coresponse.data.figures.text import dollars
from coresponse.optimize.goals.goal import Goal, LeastPolice, Mean, WorstDistrict, ranks
from coresponse.publish.answers import FrontierPublication

COST = "cost_as_called_per_year"

# Dollars a year more, and share of the cost less, that sentences are about: what councils ask.
MORE, LESS = 500_000.0, 0.10


def goal_figure(goal: Goal) -> str:
    """Return the column that shows a goal: its own where a table has it, else calls in time."""
    first = ranks(goal)[0]
    if isinstance(first, Mean):
        return "mean_with_fallback_min"
    if isinstance(first, LeastPolice):
        return "share_without_officer"
    if isinstance(first, WorstDistrict) and first.by == "district":
        return "worst_district_mean_min"
    return "share_in_time"


def publish_frontier(
    frame: pd.DataFrame, goal: Goal, own: int | None, today: dict[str, Any], *, one_city: bool
) -> FrontierPublication:
    """Find the knee, and say what more or less money comes to.

    Parameters
    ----------
    frame
        The points as they are shown.
    own
        Point that asks what the study asks.
    today
        Figures by column.
    one_city
        Whether limits alone are varied; points of other assumptions are no alternatives.
    """
    figure = goal_figure(goal)
    known = frame[(frame["mode"] == "re-optimized") & frame["score"].notna()]
    best = known[known["efficient"]].sort_values([COST, "point"])
    sentences: tuple[str, ...] = ()
    if one_city and len(known) > 1:
        asked = own is not None and own in known.index
        at = {str(k): v for k, v in frame.loc[own].items()} if asked else today
        against = "the plan of the study's own limits" if asked else "today's deployment"
        sentences = tuple(_sentences(known, at, against)) if at else ()
    knee = _knee(best[COST].tolist(), best[figure].tolist()) if one_city else None
    points = tuple(int(i) for i in best["point"])
    return FrontierPublication(
        figure, points, None if knee is None else points[knee], own, today, sentences
    )


def _knee(cost: Sequence[float], value: Sequence[float]) -> int | None:
    """Return the point farthest from the line between the first and the last, both scaled to 1.

    After Satopaa et al. 2011 ("Finding a kneedle in a haystack"); None of fewer than three.
    """
    if len(cost) < 3 or cost[-1] <= cost[0] or value[-1] == value[0]:
        return None
    x = (np.array(cost) - cost[0]) / (cost[-1] - cost[0])
    y = (np.array(value) - value[0]) / (value[-1] - value[0])
    k = int(np.argmax(y - x))
    return k if y[k] > x[k] + 1e-9 else None


def _sentences(known: pd.DataFrame, at: Mapping[str, Any], against: str) -> list[str]:
    """Say what more and less money come to against a deployment, and which: another is another answer."""
    rows: list[Mapping[str, Any]] = sorted(
        ({str(key): value for key, value in row.items()} for row in known.to_dict("records")),
        key=lambda row: (row[COST], row["score"]),
    )
    cost, out = float(at[COST]), []
    dearer = [row for row in rows if row[COST] > cost and _better(row, at)]
    affordable = [row for row in dearer if row[COST] <= cost + MORE]
    if affordable:
        row = min(affordable, key=lambda one: one["score"])
        out.append(
            f"Against {against}, the next ${MORE:,.0f} a year buy {_change(at, row)}: "
            f"{row['fleet']}."
        )
    elif dearer:
        row = dearer[0]
        out.append(
            f"Against {against}, the next ${MORE:,.0f} a year buy nothing better; the next better "
            f"plan costs {dollars(row[COST] - cost)} more: {_change(at, row)} ({row['fleet']})."
        )
    cheaper = [row for row in rows if row[COST] <= cost * (1 - LESS)]
    if cheaper:
        row = min(cheaper, key=lambda one: one["score"])
        out.append(
            f"Against {against}, a {LESS:.0%} cut, planned anew, brings {_change(at, row)}: {row['fleet']}."
        )
    return out


def _better(row: Mapping[str, Any], at: Mapping[str, Any]) -> bool:
    """Whether a plan is better by the goal; than today's, of which the goal is not known, by calls in time."""
    score = at.get("score")
    if score is None or pd.isna(score):
        return bool(row["share_in_time"] > at["share_in_time"])
    return bool(row["score"] < score)


def _change(at: Mapping[str, Any], to: Mapping[str, Any]) -> str:
    """Say by how much two figures that councils know change, as what pages show of them differs."""
    points = round(100 * to["share_in_time"], 1) - round(100 * at["share_in_time"], 1)
    minutes = round(to["mean_with_fallback_min"], 1) - round(at["mean_with_fallback_min"], 1)
    calls = f"{abs(points):.1f} points {'more' if points > 0 else 'fewer'} calls in time"
    wait = f"{abs(minutes):.1f} min {'less' if minutes < 0 else 'more'} mean wait"
    # what is not told apart goes neither way
    return (
        f"{calls if round(points, 1) else 'as many calls in time'}, "
        f"{wait if round(minutes, 1) else 'the same mean wait'}"
    )
