"""Districts today beside the plan, as the replay has them, and what may be said of each."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.replay.replay_measures import ReplayMeasures
from coresponse.data.districts import Districts
from coresponse.publish.city import CityRounding
from coresponse.publish.disclosure import Disclosure
from coresponse.publish.evaluation import shown_in_replay
from coresponse.publish.paired import district_differences
from coresponse.publish.places import District, DistrictsPublication
from coresponse.publish.rounding import WAIT
from coresponse.questions.answer import Plan


def publish_districts(plan: Plan, disclosure: Disclosure) -> DistrictsPublication | None:
    """Compare districts; None without them or without a replay.

    What counts is said by the figures as they are shown.
    """
    districts, mine = plan.case.city.districts, plan.evaluations["plan"]
    if districts is None or mine.replay is None:
        return None
    shown, seen = shown_in_replay(mine.nearest, mine.replay, disclosure)
    shown = [name for name in shown if name]
    names = _names(districts)
    calls = seen.reindex(shown).to_numpy()
    rounding = disclosure.city(mine.nearest.overall)
    waits = _as_shown(mine.replay, shown, calls, rounding)
    inside = sum(bool(name) for name in seen.index)
    hidden = disclosure.hides(seen.to_numpy())
    left_out = inside - sum(
        bool(name) and not out for name, out in zip(seen.index, hidden, strict=True)
    )
    came = seen.reindex(list(names), fill_value=0)
    no_calls = tuple(str(name) for name, count in came.items() if not count)
    today = plan.evaluations.get("today")
    if today is None or today.replay is None:
        return DistrictsPublication(None, waits, names, left_out, no_calls)
    apart = district_differences(mine.replay, today.replay, WAIT, shown)
    now = _as_shown(today.replay, shown, calls, rounding)
    if not disclosure.internal:
        step, change = rounding.group_steps(WAIT, calls), waits[WAIT] - now[WAIT]
        apart["low"] = np.minimum(np.floor(apart["low"] / step) * step, change)
        apart["high"] = np.maximum(np.ceil(apart["high"] / step) * step, change)
    compared = {
        name: District(
            names[name],
            now[WAIT][name] / 60,
            waits[WAIT][name] / 60,
            apart["low"][name] / 60,
            apart["high"][name] / 60,
            now["share_in_time"][name],
            waits["share_in_time"][name],
        )
        for name in shown
    }
    return DistrictsPublication(compared, waits, names, left_out, no_calls)


def _names(districts: Districts) -> dict[str, str]:
    frame = districts.frame
    return dict(zip(frame["district_id"].astype(str), frame["name"].astype(str), strict=True))


def _as_shown(
    replay: ReplayMeasures, shown: list[str], calls: NDArray[np.integer], rounding: CityRounding
) -> pd.DataFrame:
    """Return districts' waits and shares with their intervals, rounded by their past calls."""
    table = replay.by_district.reindex(shown)
    columns: dict[str, NDArray[np.float64]] = {}
    for key in (WAIT, "share_in_time"):
        values = rounding.groups_with_ends(key, table, calls)
        columns |= {
            f"{key}{end}": one for end, one in zip(("", "_low", "_high"), values, strict=True)
        }
    return pd.DataFrame(columns, index=table.index)
