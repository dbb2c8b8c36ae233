"""A sweep's frontier: the study's goal against cost, and what more or less money comes to, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from coresponse.data.figures.text import dollars, points
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
        rows = [{str(k): v for k, v in row.items()} for row in best.to_dict("records")]
        sentences = tuple(_sentences(rows, at, against, asked=asked)) if at else ()
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


def _sentences(
    best: Sequence[Mapping[str, Any]], at: Mapping[str, Any], against: str, *, asked: bool
) -> Iterator[str]:
    """Say what more and less money come to against a deployment, and which: another is another answer.

    Along the frontier a dearer plan is a better one, by the goal before it was rounded: the last
    that money reaches is the best that it buys. Whether it is better than today's deployment, of
    which the goal is not known, calls in time say.
    """
    cost = float(at[COST])
    dearer = [
        row
        for row in best
        if row[COST] > cost and (asked or row["share_in_time"] > at["share_in_time"])
    ]
    affordable = [row for row in dearer if row[COST] <= cost + MORE]
    if affordable:
        yield (
            f"Against {against}, the next ${MORE:,.0f} a year buy {_change(at, affordable[-1])}: "
            f"{_priced(at, affordable[-1])}."
        )
    elif dearer:
        yield (
            f"Against {against}, none of these plans is better for ${MORE:,.0f} a year more; the "
            f"next better one brings {_change(at, dearer[0])}: {_priced(at, dearer[0])}."
        )
    cheaper = [row for row in best if row[COST] <= cost * (1 - LESS)]
    if cheaper:
        yield (
            f"Against {against}, a {LESS:.0%} cut, planned anew, brings {_change(at, cheaper[-1])}: "
            f"{_priced(at, cheaper[-1])}."
        )


def _priced(at: Mapping[str, Any], to: Mapping[str, Any]) -> str:
    """Return a plan's responders and what they cost beyond a deployment: whole ones seldom cost just what was asked."""
    more = to[COST] - at[COST]
    return f"{to['fleet']}, for {dollars(abs(more))} a year {'more' if more > 0 else 'less'}"


def _change(at: Mapping[str, Any], to: Mapping[str, Any]) -> str:
    """Say by how much two figures that councils know change, as what pages show of them differs."""
    more = round(100 * to["share_in_time"], 1) - round(100 * at["share_in_time"], 1)
    minutes = round(to["mean_with_fallback_min"], 1) - round(at["mean_with_fallback_min"], 1)
    calls = f"{points(abs(more))} points {'more' if more > 0 else 'fewer'} calls in time"
    wait = f"{abs(minutes):.1f} min {'less' if minutes < 0 else 'more'} mean wait"
    # what is not told apart goes neither way
    return (
        f"{calls if round(more, 1) else 'as many calls in time'}, "
        f"{wait if round(minutes, 1) else 'the same mean wait'}"
    )
