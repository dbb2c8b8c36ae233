"""Agencies alone and together as they may be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.few_calls import MIN_CALLS
from coresponse.data.figures.sums import adding_up
from coresponse.data.figures.text import percent
from coresponse.data.options import Deployment
from coresponse.data.programs.cost import yearly_cost
from coresponse.optimize.goals.goal import Floor
from coresponse.publish.answers import ALL, AgenciesPublication, WayPublication
from coresponse.publish.call_outs import told_dollars
from coresponse.publish.changes import signs, words
from coresponse.publish.city import CityRounding
from coresponse.publish.disclosure import PUBLIC
from coresponse.publish.history import facts_of
from coresponse.publish.plan_agencies import hidden_agencies
from coresponse.publish.rounding import WAIT, step_of
from coresponse.questions.agencies.judge import Way
from coresponse.questions.agencies.split import no_more_than_alone
from coresponse.questions.agencies.together import MENDED, TogetherResults

# Ways, in the order in which they are shown.
TITLES = {
    "today": "Today",
    "alone": "Each alone",
    "lent": "The same units, lent",
    "together": "Planned together",
    "nobody-worse": "Together, nobody worse off",
    "for-less": "As good as alone, for less",
    "stated": "With the limits stated for all",
    "stated-nobody-worse": "Stated limits, nobody worse off",
}

# Ways with floors under agencies that are worse off in another, by that one's name.
MENDS = MENDED

# What a cost is split by, in words.
SPLITS = {"calls": "calls served", "population": "residents", "key": "the stated key"}

# Ways whose cost is one, and is split.
SHARED = ("together", "nobody-worse", "for-less", "stated", "stated-nobody-worse")

IN_TIME = "share_in_time"
THOUSAND = 1_000.0
# Least step of a share of a cost by calls served: finer it would tell of few calls, and councils sign whole percent.
SPLIT_STEP = 0.01


def publish_agencies(found: TogetherResults) -> AgenciesPublication:
    """Return agencies alone and together as they may be shown.

    Raises
    ------
    InputError
        If they rest on so few calls that every figure would tell of them.
    """
    cells = found.case.table.cells
    PUBLIC.refuse_few(int(cells.calls.sum()))
    rounding = PUBLIC.city(cells)
    names = found.agencies.names
    hide = hidden_agencies(found.agencies, cells, found.agency_of_cell)
    shown = [name for name in TITLES if name in found.ways]
    tables = {name: _table(found, found.ways[name], hide, rounding) for name in shown}
    dollars = {name: _dollars_of(found, found.ways[name], rounding) for name in shown}
    key = found.agencies.split
    return AgenciesPublication(
        facts=facts_of(found.case),
        names=names,
        sharing=found.agencies.sharing,
        split="key" if isinstance(key, Mapping) else key,
        ways=tuple(_way(found, found.ways[name], dollars[name], hide) for name in shown),
        not_found={
            **{f"{name} alone": why for name, why in found.why_not.items()},
            **{TITLES[name]: why for name, why in found.not_found.items()},
        },
        figures=pd.concat(
            [_against_alone(found, name, tables, dollars[name], hide) for name in shown],
            ignore_index=True,
        ),
        costs=_costs(
            found, {name: dollars[name] for name in shown if name in SHARED}, hide, rounding
        ),
        answered=_answered(found, shown, hide, rounding),
        measure=found.figure,
        hidden=tuple(name for name, out in zip(names, hide, strict=True) if out),
        budgets=(
            _dollars(found.pooled.budget_per_year),
            None if found.stated is None else _dollars(found.stated.budget_per_year),
        ),
    )


def _dollars(amount: float | None) -> float | None:
    return None if amount is None else _thousands(amount)


@dataclass(frozen=True, eq=False)
class _Dollars:
    """What a way costs a year, of all and by agency, as it may be shown."""

    whole: float
    each: tuple[float, ...]


def _dollars_of(found: TogetherResults, way: Way, rounding: CityRounding) -> _Dollars:
    """Return dollars with call-outs as they may be told of all responders, and of each agency's own.

    An agency's units may go to the few calls of one district: what its call-outs cost would count
    them.
    """
    case = found.case
    sent = way.calls.by_option.mean(axis=0)
    of = [found.agencies.of_post[o.post_id] for o in case.options]

    def told(whose: int | None) -> float:
        mine = [k for k in np.flatnonzero(way.counts).tolist() if whose is None or of[k] == whose]
        calls: dict[str, float] = {}
        for k in mine:
            name = case.options[k].responder_type
            calls[name] = calls.get(name, 0.0) + float(sent[k])
        bought = Deployment.of(way.name, [(case.options[k], int(way.counts[k])) for k in mine])
        planned = yearly_cost(case.program, bought)
        return told_dollars(case.program, bought, calls, rounding, planned=planned)

    whole = _thousands(told(None) + way.desk)
    return _Dollars(whole, tuple(_thousands(told(k)) for k in range(len(found.agencies.names))))


def _way(
    found: TogetherResults, way: Way, dollars: _Dollars, hide: NDArray[np.bool_]
) -> WayPublication:
    names = found.agencies.names
    shown = {
        name: calls
        for name, calls, out in zip(names, found.past_calls, hide, strict=True)
        if not out
    }
    floors = [f"{one.only[0]}: {_level(one, shown.get(one.only[0]))}" for one in way.floors]
    return WayPublication(
        way.name,
        TITLES[way.name],
        way.deployment,
        dollars.whole,
        _status(way),
        tuple(names[k] for k in way.worse),
        tuple(floors),
    )


def _level(floor: Floor, calls: int | None) -> str:
    """Say what an agency is to get, which it has alone: no finer than its figures; nothing of few calls."""
    if calls is None:
        return "no worse than alone (too few calls to show)"
    key = WAIT if floor.mean_at_most_min is not None else IN_TIME
    step = float(step_of(key, np.array([max(int(calls), MIN_CALLS)]))[0])
    if floor.mean_at_most_min is not None:
        at_most = np.ceil(floor.mean_at_most_min * 60 / step - 1e-6) * step / 60
        return f"mean wait of at most {at_most:.1f} min"
    return (
        f"at least {percent(np.floor((floor.share_in_time or 0.0) / step + 1e-6) * step)} in time"
    )


def _status(way: Way) -> str:
    """Say how a way was found; '' where nothing was searched."""
    if way.floors:
        return (
            "Searched in the replay, from what is planned together and what each has alone, and "
            "confirmed"
        )
    if way.plan is None:
        return ""
    if way.plan.deployment.counts == way.deployment.counts:
        return way.plan.standing.told(str(way.plan.solution.status))
    return "Chosen in the replay, from what each has alone"


def _table(
    found: TogetherResults, way: Way, hide: NDArray[np.bool_], rounding: CityRounding
) -> pd.DataFrame:
    """Return a way's figures, rounded; index: all, then the agencies."""
    table = way.calls.table(found.agencies.names)
    out = pd.DataFrame(index=table.index)
    for key in (IN_TIME, WAIT):
        own = rounding.groups(key, table.iloc[1:], np.maximum(found.past_calls, MIN_CALLS))
        whole = rounding.figure(key, float(table[key].iloc[0]))
        out[key] = np.append(whole, np.where(hide, np.nan, own))
    return out


def _against_alone(
    found: TogetherResults,
    name: str,
    tables: Mapping[str, pd.DataFrame],
    dollars: _Dollars,
    hide: NDArray[np.bool_],
) -> pd.DataFrame:
    """Return a way's rows: who has what, and how its calls do against alone."""
    way, table = found.ways[name], tables[name]
    names = found.agencies.names
    of_option = np.array([found.agencies.of_post[o.post_id] for o in found.case.options])
    units = np.bincount(of_option, weights=way.counts, minlength=len(names))
    bands = PUBLIC.ranges(found.past_calls, hide)
    calls = int(found.past_calls.sum())
    out = pd.DataFrame(
        {
            "way": name,
            "agency": [ALL, *names],
            "calls_band": [PUBLIC.ranges(np.array([calls]), np.array([False]))[0], *bands],
            "units": [int(units.sum()), *units.astype(int)],
            "cost_as_called_per_year": [dollars.whole, *dollars.each],
            IN_TIME: table[IN_TIME].to_numpy(),
            "mean_with_fallback_min": table[WAIT].to_numpy() / 60,
        }
    )
    change = {key: (table[key] - tables["alone"][key]).to_numpy() for key in (WAIT, IN_TIME)}
    same = name in ("alone", "today")  # today is how it is, not a way to be better off than alone
    exact = way.calls.above(found.ways["alone"].calls, found.figure)
    low, high = exact["low"].to_numpy(), exact["high"].to_numpy()
    said = words(
        found.figure, signs(found.figure, change[found.figure], low, high), change[found.figure]
    )
    out["wait_above_alone_min"] = np.nan if same else np.round(change[WAIT] / 60, 4)
    out["in_time_above_alone"] = np.nan if same else np.round(change[IN_TIME], 4)
    out["against_alone"] = "" if same else said
    return out


def _costs(
    found: TogetherResults,
    ways: Mapping[str, _Dollars],
    hide: NDArray[np.bool_],
    rounding: CityRounding,
) -> pd.DataFrame:
    """Return what each pays by each split, in dollars that add up to the way's cost as it is shown."""
    names = found.agencies.names
    own = found.ways["alone"]
    desks = found.alone_dollars - own.dollars
    alone = np.array(
        [
            _thousands(one + desk)
            for one, desk in zip(_dollars_of(found, own, rounding).each, desks, strict=True)
        ]
    )
    rows = []
    for name in ways:
        way = found.ways[name]
        for by, said in SPLITS.items():
            share = found.split(way, by)
            if share is None or (by == "calls" and hide.any()):
                continue
            if by == "calls":
                share = adding_up(share, max(rounding.share_step, SPLIT_STEP))
            pays = adding_up(share * ways[name].whole, THOUSAND)
            most = no_more_than_alone(pays, alone)
            for k, agency in enumerate(names):
                rows.append(
                    {
                        "way": name,
                        "split_by": said,
                        "agency": agency,
                        "split_share": round(float(share[k]), 6),
                        "pays_per_year": float(pays[k]),
                        "alone_per_year": float(alone[k]),
                        "saves_per_year": float(alone[k] - pays[k]),
                        "pays_no_more_per_year": np.nan
                        if most is None
                        else float(adding_up(most, THOUSAND)[k]),
                    }
                )
    columns = ["way", "split_by", "agency", "split_share", "pays_per_year", "alone_per_year"]
    return pd.DataFrame(rows, columns=[*columns, "saves_per_year", "pays_no_more_per_year"])


def _answered(
    found: TogetherResults, ways: Sequence[str], hide: NDArray[np.bool_], rounding: CityRounding
) -> pd.DataFrame:
    """Return whose units answer whose calls; nothing of an agency with too few."""
    rows, names = [], found.agencies.names
    shown = [name for name, out in zip(names, hide, strict=True) if not out]
    for name in ways:
        table = found.ways[name].calls.lent(names)
        rows += [
            {
                "way": name,
                "units_of": mine,
                "calls_of": theirs,
                "answered_per_week": rounding.per_week(
                    float(table.to_numpy()[names.index(mine), names.index(theirs)])
                ),
            }
            for mine in shown
            for theirs in shown
        ]
    return pd.DataFrame(rows, columns=["way", "units_of", "calls_of", "answered_per_week"])


def _thousands(dollars: float) -> float:
    return float(np.rint(dollars / THOUSAND) * THOUSAND)
