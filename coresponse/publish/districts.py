"""Districts today beside the plan, as the replay has them, and what may be said of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.replay.replay_measures import ReplayMeasures
from coresponse.data.districts import Districts
from coresponse.publish.changes import LEAST_MIN
from coresponse.publish.disclosure import Disclosure
from coresponse.publish.evaluation import figures_with_ends, shown_in_replay
from coresponse.publish.paired import district_differences
from coresponse.publish.rounding import WAIT, step_of
from coresponse.questions.answer import Plan


@dataclass(frozen=True)
class District:
    """One district that may be shown.

    Mean waits in minutes, the change with its band, and what it comes to.
    """

    name: str
    today: float
    plan: float
    low: float
    high: float
    share_today: float
    share_plan: float

    @property
    def change(self) -> float:
        """Minutes of mean wait, the plan less today."""
        return self.plan - self.today

    @property
    def verdict(self) -> int:
        """1: shorter, -1: longer, 0: chance could have made it, or it is less than counts."""
        if abs(self.change) < LEAST_MIN or not (self.low > 0 or self.high < 0):
            return 0
        return 1 if self.change < 0 else -1


@dataclass(frozen=True, eq=False)
class DistrictsPublication:
    """Districts in the replay.

    Attributes
    ----------
    compared
        By id, those that may be shown, today beside the plan; None without today.
    waits
        Of the plan: mean wait and share in time with their intervals, in seconds and shares.
    names
        By id.
    left_out
        How many are not shown.
    """

    compared: dict[str, District] | None
    waits: pd.DataFrame
    names: dict[str, str]
    left_out: int


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
    waits = _as_shown(mine.replay, shown, calls, disclosure)
    inside = sum(bool(name) for name in seen.index)
    hidden = disclosure.hides(seen.to_numpy())
    left_out = inside - sum(
        bool(name) and not out for name, out in zip(seen.index, hidden, strict=True)
    )
    today = plan.evaluations.get("today")
    if today is None or today.replay is None:
        return DistrictsPublication(None, waits, names, left_out)
    apart = district_differences(mine.replay, today.replay, WAIT, shown)
    now = _as_shown(today.replay, shown, calls, disclosure)
    if not disclosure.internal:
        step, change = step_of(WAIT, calls), waits[WAIT] - now[WAIT]
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
    return DistrictsPublication(compared, waits, names, left_out)


def _names(districts: Districts) -> dict[str, str]:
    frame = districts.frame
    return dict(zip(frame["district_id"].astype(str), frame["name"].astype(str), strict=True))


def _as_shown(
    replay: ReplayMeasures, shown: list[str], calls: NDArray[np.integer], disclosure: Disclosure
) -> pd.DataFrame:
    """Return districts' waits and shares with their intervals, rounded by their past calls."""
    table = replay.by_district.reindex(shown)
    columns: dict[str, NDArray[np.float64]] = {}
    for key in (WAIT, "share_in_time"):
        values = figures_with_ends(key, table, calls, disclosure)
        columns |= {
            f"{key}{end}": one for end, one in zip(("", "_low", "_high"), values, strict=True)
        }
    return pd.DataFrame(columns, index=table.index)
