"""Groups of residents in the replay as they may be shown: wait, share in time, gap to all residents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from coresponse.coverage.few_calls import MIN_CALLS, STANDS_FOR_SMALL
from coresponse.coverage.replay.bands import Interval
from coresponse.coverage.replay.group_measures import GAPS, GroupMeasures
from coresponse.data.resident_groups import Residents
from coresponse.publish.changes import WORDS, signs
from coresponse.publish.city import CityRounding
from coresponse.publish.disclosure import Disclosure
from coresponse.publish.places import GroupFigures, Ratio, ResidentsPublication, ResidentsRow
from coresponse.publish.rounding import LEFT_S, STEPS, WAIT, nearest
from coresponse.questions.answer import Plan

SHARE = "share_in_time"


def publish_residents(plan: Plan, disclosure: Disclosure) -> ResidentsPublication | None:
    """Return groups of residents as they may be shown; None where nobody said where they live, or nothing was replayed."""
    residents = plan.case.city.living
    found = {name: one.by_group for name, one in plan.replayed.items() if one.by_group is not None}
    if residents is None or "plan" not in found:
        return None
    mine = found["plan"]
    everybody, *groups = _rows(mine, found, disclosure)
    calls = mine.calls_behind[0]
    gini = {name: _gini_as_shown(one, calls, disclosure) for name, one in found.items()}
    ratios = tuple(_ratios(groups, tuple(found)))
    return ResidentsPublication(everybody, tuple(groups), gini, ratios, tuple(_notes(residents)))


def publish_point_groups(
    found: Mapping[str, GroupMeasures], disclosure: Disclosure
) -> tuple[ResidentsRow, ...]:
    """Return groups of residents under several plans as they may be shown, all residents first.

    The rules are those of one plan's groups: each plan's figures are rounded by the calls behind a
    group, and a group that is hidden is hidden under all.
    """
    first = next(iter(found.values()), None)
    return () if first is None else tuple(_rows(first, found, disclosure))


def _rows(
    mine: GroupMeasures, found: Mapping[str, GroupMeasures], disclosure: Disclosure
) -> Iterator[ResidentsRow]:
    living = mine.living
    people = living.residents.sum(axis=1)
    hidden = np.append(False, _hidden_groups(mine, people, disclosure))
    calls = mine.calls_behind
    kinds = [("", "All residents"), *((group.kind, group.name) for group in living.groups)]
    for k, (kind, name) in enumerate(kinds):
        if hidden[k]:
            yield ResidentsRow(kind, name, np.nan)
        elif not people[k] > 0:
            yield ResidentsRow(kind, name, 0.0)
        else:
            figures = {
                deployment: _figures(one, k, calls, disclosure) for deployment, one in found.items()
            }
            yield ResidentsRow(kind, name, float(round(people[k])), figures)


def _hidden_groups(mine: GroupMeasures, people: np.ndarray, disclosure: Disclosure) -> np.ndarray:
    """Say which groups are not shown: of 1 to 10 residents, and what would give those away.

    The groups of a kind, and who is in none of them, are parts of all residents: their figures,
    weighted, add up to that of all.
    """
    groups = mine.living.groups
    out = np.zeros(len(groups), dtype=bool)
    for kind in dict.fromkeys(group.kind for group in groups):
        own = [k for k, group in enumerate(groups) if group.kind == kind]
        counts = np.array([people[k + 1] for k in own])
        rest = max(float(people[0] - counts.sum()), 0.0)
        # part of a person is one: an area's people are shared out among its crossings
        parts = np.ceil(np.append(counts, rest) - 1e-6).astype(np.int64)
        out[own] = disclosure.hides(parts)[:-1]
    few = mine.calls_behind[1:] < MIN_CALLS
    return out | (few & (people[1:] > 0) & (not disclosure.internal))


def _figures(
    measures: GroupMeasures, k: int, calls: np.ndarray, disclosure: Disclosure
) -> GroupFigures:
    """Return a group's figures, rounded as those of a city with as many calls as are behind them."""
    own, every = (CityRounding(max(int(calls[at]), 1), 1.0, disclosure.internal) for at in (k, 0))
    shown: dict[str, Interval] = {}
    for key in (WAIT, SHARE):
        shown[key] = own.interval(key, _interval(measures, k, key))
        step = max(own.step(key), every.step(key))
        apart = _interval(measures, k, GAPS[key])
        if not disclosure.internal:
            whole = every.interval(key, _interval(measures, 0, key))
            apart = _outwards(apart, shown[key].mean - whole.mean, step)
        shown[GAPS[key]] = apart
    gap = shown[GAPS[WAIT]]
    sign = signs(WAIT, *(np.array([v]) for v in (gap.mean, gap.low, gap.high)))[0]
    words = WORDS[WAIT][int(sign)] if k else ""
    return GroupFigures(shown[WAIT], shown[SHARE], gap, shown[GAPS[SHARE]], words)


def _interval(measures: GroupMeasures, k: int, key: str) -> Interval:
    row = measures.table.iloc[k]
    mean, low, high = (float(row[f"{key}{end}"]) for end in ("", "_low", "_high"))
    return Interval(mean, low, high, 0)


def _outwards(exact: Interval, shown: float, step: float) -> Interval:
    """Return a difference of figures as they are shown, with the ends of its exact band rounded outwards."""
    low = np.floor(exact.low / step + 1e-9) * step
    high = np.ceil(exact.high / step - 1e-9) * step
    # + 0: no minus before a zero
    return Interval(shown + 0, float(np.fmin(low, shown)) + 0, float(np.fmax(high, shown)) + 0, 0)


def _gini_as_shown(measures: GroupMeasures, calls: float, disclosure: Disclosure) -> float:
    """Return the Gini coefficient in steps that some calls are needed for.

    One that is left to police moves it by its wait over the mean.
    """
    if disclosure.internal:
        return measures.gini
    mean = float(measures.table[WAIT].iloc[0])
    moved = STANDS_FOR_SMALL * LEFT_S / max(mean, 1.0) / max(calls, 1.0)
    step = min((one for one in STEPS if one >= max(moved, 0.01)), default=STEPS[0])
    return float(nearest(np.array([measures.gini]), step)[0])


def _ratios(groups: list[ResidentsRow], deployments: tuple[str, ...]) -> Iterator[Ratio]:
    for kind in dict.fromkeys(row.kind for row in groups):
        for name in deployments:
            waits = {
                row.name: row.figures[name].wait_s.mean
                for row in groups
                if row.kind == kind and name in row.figures
            }
            if len(waits) > 1 and min(waits.values()) > 0:
                longest, shortest = (pick(waits, key=waits.__getitem__) for pick in (max, min))
                yield Ratio(kind, name, waits[longest] / waits[shortest], longest, shortest)


def _notes(residents: Residents) -> Iterator[str]:
    if residents.file:
        yield f"Residents: column {residents.column} of {residents.file}."
    if residents.outside:
        everybody = residents.total + residents.residents_outside
        yield (
            f"{residents.residents_outside / everybody:.1%} of the file's residents live off the map and are not counted."
        )
    yield from (f"{note}." for note in residents.notes)
