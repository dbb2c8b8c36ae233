"""The report's section on districts.

Who gains and who loses, beyond chance and beyond what counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from coresponse.coverage.few_calls import MIN_CALLS
from coresponse.coverage.replay.measures import ReplayMeasures
from coresponse.data.districts import Districts
from coresponse.maps.report.charts import MOST_DISTRICTS, Change, change_chart
from coresponse.maps.report.content import Part, Picture, ReportTable
from coresponse.maps.words import signed
from coresponse.paired import district_differences
from coresponse.planning import Planned
from coresponse.publish.disclosure import PUBLIC, Disclosure
from coresponse.publish.rounding import WAIT, rounded_ends, step_of
from coresponse.report_words import many

ENDS = ("", "_low", "_high")

LEAST_MIN = 0.5
"""Minutes of mean wait that a difference must have to count.

A planning choice, half of what dispatch clocks tell apart.
"""

HEADS = (
    "District",
    "Wait today, min",
    "Wait plan, min",
    "Change, min",
    "Band of the change",
    "Wait would be",
    "In time today",
    "In time plan",
)

VERDICTS = {1: "shorter", -1: "longer", 0: "no difference that counts"}


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


def fairness(planned: Planned, *, disclosure: Disclosure = PUBLIC) -> Part | None:
    """Return the section; None without districts or without a replay."""
    districts, today = planned.inputs.districts, planned.judgments.get("today")
    plan = planned.judgments["plan"]
    if districts is None or plan.replay is None:
        return None
    shown, left_out = _shown(
        plan.deterministic.by_district["calls"], plan.replay, disclosure=disclosure
    )
    note = f"{many(left_out, 'district')} not shown: fewer than {MIN_CALLS} past calls, or would give such a count away." if (
        left_out
    ) else ""  # fmt: skip
    if today is None or today.replay is None:
        calls = None if disclosure.internal else plan.deterministic.by_district["calls"]
        return _worst(plan.replay, shown, _names(districts), note, calls)
    rows = compared_districts(planned, disclosure=disclosure).values()
    return _gains(sorted(rows, key=lambda row: row.change), note)


def compared_districts(planned: Planned, *, disclosure: Disclosure = PUBLIC) -> dict[str, District]:
    """Return by id the districts that may be shown, today beside the plan in the replay.

    None where there is no such pair.
    """
    districts, today = planned.inputs.districts, planned.judgments.get("today")
    plan = planned.judgments["plan"]
    if districts is None or plan.replay is None or today is None or today.replay is None:
        return {}
    shown, _ = _shown(plan.deterministic.by_district["calls"], plan.replay, disclosure=disclosure)
    calls = None if disclosure.internal else plan.deterministic.by_district["calls"]
    return _districts(plan.replay, today.replay, shown, _names(districts), calls)


def _names(districts: Districts) -> dict[str, str]:
    return dict(
        zip(
            districts.frame["district_id"].astype(str),
            districts.frame["name"].astype(str),
            strict=True,
        )
    )


def _shown(
    counts: pd.Series[int], replayed: ReplayMeasures, *, disclosure: Disclosure
) -> tuple[list[str], int]:
    hide = disclosure.hides(counts.to_numpy())
    inside = [d for d in counts.index if d != ""]
    shown = [d for d, out in zip(counts.index, hide, strict=True) if d != "" and not out]
    return [d for d in shown if d in replayed.by_district.index], len(inside) - len(shown)


def _worst(
    replayed: ReplayMeasures,
    shown: list[str],
    names: dict[str, str],
    note: str,
    calls: pd.Series[int] | None,
) -> Part:
    table = _as_shown(replayed, shown, calls).sort_values(WAIT, ascending=False, kind="stable")
    rows = tuple(
        (
            names[str(d)],
            (
                f"{row[WAIT] / 60:.1f} ({row[WAIT + '_low'] / 60:.1f} to "
                f"{row[WAIT + '_high'] / 60:.1f})"
            ),
            f"{row['share_in_time']:.0%}",
        )
        for d, row in table.iterrows()
    )
    heads = ("District", "Mean wait, min (band)", "In time")
    shown_table = ReportTable("Districts, longest wait first (replay)", heads, rows, (1, 2), note)
    said = (
        f"The longest mean wait would be in {rows[0][0]}: {table.iloc[0][WAIT] / 60:.0f} minutes."
        if rows
        else ""
    )
    return Part("fairness", "Who is served worst", (said,) if said else (), tables=(shown_table,))


def _as_shown(
    replayed: ReplayMeasures, shown: list[str], calls: pd.Series[int] | None
) -> pd.DataFrame:
    """Return districts' waits and shares with their bands, rounded by their past calls; by none.

    As they are.
    """
    table = replayed.by_district.reindex(shown)
    if calls is None:
        return table
    of = calls.reindex(shown).to_numpy()
    figures = {name: rounded_ends(name, table, of) for name in (WAIT, "share_in_time")}
    columns = {
        f"{name}{end}": v
        for name, all_three in figures.items()
        for end, v in zip(ENDS, all_three, strict=True)
    }
    return pd.DataFrame(columns, index=table.index)


def _districts(
    plan: ReplayMeasures,
    today: ReplayMeasures,
    shown: list[str],
    names: dict[str, str],
    calls: pd.Series[int] | None,
) -> dict[str, District]:
    """Compare districts; what counts is said by the figures as they are shown."""
    apart = district_differences(plan, today, WAIT, shown)
    mine, now = (_as_shown(one, shown, calls) for one in (plan, today))
    if calls is not None:
        step, change = step_of(WAIT, calls.reindex(shown).to_numpy()), mine[WAIT] - now[WAIT]
        apart["low"] = np.minimum(np.floor(apart["low"] / step) * step, change)
        apart["high"] = np.maximum(np.ceil(apart["high"] / step) * step, change)
    return {
        d: District(
            names[d],
            now[WAIT][d] / 60,
            mine[WAIT][d] / 60,
            apart["low"][d] / 60,
            apart["high"][d] / 60,
            now["share_in_time"][d],
            mine["share_in_time"][d],
        )
        for d in shown
    }


def _gains(rows: list[District], note: str) -> Part:
    table = ReportTable(
        "Districts, largest gain first (replay)",
        HEADS,
        tuple(
            (
                row.name,
                f"{row.today:.1f}",
                f"{row.plan:.1f}",
                signed(row.change),
                f"{signed(row.low)} to {signed(row.high)}",
                VERDICTS[row.verdict],
                f"{row.share_today:.0%}",
                f"{row.share_plan:.0%}",
            )
            for row in rows
        ),
        (1, 2, 3, 4, 6, 7),
        f"{note} Bands are of the difference, both deployments meeting the same calls, and hold "
        "for all districts together "
        f"in 95 of 100 cases. A difference counts if its band leaves out 0 and it is at least {LEAST_MIN:g} min.".strip(),
    )  # fmt: skip
    few = len(rows) > MOST_DISTRICTS
    picture = Picture(
        change_chart([Change(row.name, row.today, row.plan, row.verdict) for row in rows]),
        f"Mean wait by district, today and with the plan: {gainers(rows)}. The table beneath has "
        "all figures.",
        f"Of {len(rows)} districts the {MOST_DISTRICTS // 2} with the largest gains and as many "
        "with the least are drawn."
        if few
        else "",
    )
    return Part(
        "fairness", "Who gains and who loses", tuple(_words(rows)), (), (picture,), (table,)
    )


def gainers(rows: list[District]) -> str:
    """Say how many districts gain, lose, and do neither."""
    shorter, longer, same = (sum(row.verdict == v for row in rows) for v in (1, -1, 0))
    said = f"{many(shorter, 'district')} would wait less, {many(longer, 'district')} longer"
    return (
        f"{said}; in {many(same, 'district')} there is no difference that counts" if same else said
    )


def _words(rows: list[District]) -> Iterator[str]:
    if not rows:
        yield "No district has enough past calls to be shown."
        return
    text = gainers(rows)
    yield (
        f"{text[:1].upper()}{text[1:]}. Only differences of at least {LEAST_MIN:g} minutes that "
        "chance would not make are "
        "counted."
    )
    last = rows[-1]
    if last.verdict < 0:
        yield (
            f"The largest loss would be in {last.name}: {last.change:.1f} minutes more on average "
            f"(band {signed(last.low)} to {signed(last.high)})."
        )
    worst = max(rows, key=lambda row: row.plan)
    yield f"The longest mean wait under the plan would be in {worst.name}: {worst.plan:.0f} minutes (today {worst.today:.0f})."
