"""Standards by area in the replay as they may be shown: what share of an area's calls is reached within its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.cells import DemandCells
from coresponse.coverage.few_calls import MIN_CALLS, keeps_secret
from coresponse.coverage.replay.bands import Interval
from coresponse.data.standards import AreaTarget, Standard
from coresponse.publish.disclosure import Disclosure
from coresponse.publish.places import AreaRow, StandardsPublication
from coresponse.publish.rounding import WAIT
from coresponse.questions.answer import Plan

SHARE = "share_in_time"

OTHER = "in no area"

# Whether a share that is asked for is reached, by its band.
REACHED = {1: "reached", -1: "not reached", 0: "too close to call"}


def standard_words(area: AreaTarget) -> str:
    """Say an area's standard: ``30 min; welfare 60 min``."""
    own = [f"{name} {s / 60:g} min" for name, s in area.by_class]
    return "; ".join([f"{area.target_s / 60:g} min", *own])


def publish_standards(plan: Plan, disclosure: Disclosure) -> StandardsPublication | None:
    """Return areas' figures as they may be shown; None where one standard holds for all calls, or nothing was replayed."""
    standard = plan.case.standards
    found = {name: one.by_area for name, one in plan.replayed.items() if one.by_area is not None}
    if standard is None or "plan" not in found:
        return None
    calls, hide = _observed(standard, plan.table.cells, disclosure)
    bands = disclosure.ranges(calls, hide)
    names = [*(area.name for area in standard.areas), ""]
    rounding = disclosure.city(plan.table.cells)
    shown = {
        (name, key): rounding.groups_with_ends(key, table.reindex(names), calls)
        for name, table in found.items()
        for key in (SHARE, WAIT)
    }
    rows = []
    for k, name in enumerate(names):
        if not name and not calls[k]:
            continue
        own = {key: {of: _interval(shown[of, key], k) for of in found} for key in (SHARE, WAIT)}
        some = calls[k] > 0 and not hide[k]
        rows.append(
            AreaRow(
                name or OTHER,
                standard_words(standard.areas[k]) if name else f"{standard.other_s / 60:g} min",
                standard.area_of_district.count(k) if name else 0,
                bands[k],
                own[SHARE] if some else {},
                own[WAIT] if some else {},
                _reached(own[SHARE]["plan"], standard.share) if some else "",
            )
        )
    return StandardsPublication(standard.title, standard.share, tuple(rows))


def publish_point_areas(
    standard: Standard,
    cells: DemandCells,
    found: Mapping[str, pd.DataFrame],
    disclosure: Disclosure,
) -> dict[str, dict[str, tuple[float, float]]]:
    """Return mean wait in seconds and share in time under several plans of each area that may be shown, by its name.

    Parameters
    ----------
    found
        By plan, its figures by area (`ReplayMeasures.by_area`).
    """
    calls, hide = _observed(standard, cells, disclosure)
    names = [*(area.name for area in standard.areas), ""]
    rounding = disclosure.city(cells)
    shown = {
        (plan, key): rounding.groups(key, table.reindex(names), calls)
        for plan, table in found.items()
        for key in (WAIT, SHARE)
    }
    return {
        name: {plan: (float(shown[plan, WAIT][k]), float(shown[plan, SHARE][k])) for plan in found}
        for k, name in enumerate(names)
        if name and calls[k] and not hide[k]
    }


def _observed(
    standard: Standard, cells: DemandCells, disclosure: Disclosure
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return (areas and in none,) past calls, and whether they have no figures."""
    position, n = standard.area(cells.district), len(standard.areas)
    calls = np.bincount(position % (n + 1), weights=cells.calls, minlength=n + 1).astype(np.int64)
    return calls, _hidden(standard, cells.district, cells.calls, calls, disclosure)


def _reached(found: Interval, asked: float | None) -> str:
    if asked is None:
        return ""
    return REACHED[1 if found.low >= asked else -1 if found.high < asked else 0]


def _hidden(
    standard: Standard,
    district: NDArray[np.integer],
    observed: NDArray[np.int64],
    calls: NDArray[np.int64],
    disclosure: Disclosure,
) -> NDArray[np.bool_]:
    """Say which areas have no figures: those of few calls, and those whose districts shown would give a hidden one away.

    An area is the sum of its districts: what is hidden within it must stay unknown by itself.
    """
    if disclosure.internal:
        return np.zeros(len(calls), dtype=bool)
    n = len(standard.area_of_district)
    by_district = pd.Series(observed).groupby(np.asarray(district) % (n + 1)).sum()
    by_district = by_district.reindex(range(n + 1), fill_value=0)
    hidden = disclosure.hides(by_district.to_numpy(dtype=np.int64))
    area = np.append(np.array(standard.area_of_district, dtype=np.int64), -1)
    out = disclosure.hides(calls)
    for k in range(len(calls)):
        own = (area % len(calls) == k) & hidden
        few = by_district.to_numpy(dtype=np.int64)[own]
        few = few[few > 0]
        if len(few) and not keeps_secret(few, MIN_CALLS):
            out[k] = True
    # one alone would be the total less the others
    for k in np.argsort(calls, kind="stable"):
        if out.sum() != 1 or not out.any():
            break
        out[k] = out[k] or calls[k] > 0
    return np.asarray(out)


def _interval(ends: Sequence[NDArray[np.float64]], place: int) -> Interval:
    mean, low, high = (float(end[place]) for end in ends)
    return Interval(mean, low, high, 0)
