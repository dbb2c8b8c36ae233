"""The tables beneath the map: the same figures as text."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from coresponse.data.figures.text import NONE, banded, percent
from coresponse.data.words import natural_order
from coresponse.maps.content import SMALL_BAND, MapContent
from coresponse.maps.week import BLOCK_H, WEEKDAYS, WEEKEND, block_means
from coresponse.maps.words import change, minutes, signed, signed_points

# Said beneath tables of parts of the headline.
REPLAY = "By the replay, allowing for busy units, as the figures at the top and the map's colors."


WAIT = "mean_with_fallback_s"


@dataclass(frozen=True)
class PageColumn:
    """Head of a column; `group` spans several."""

    title: str
    group: str = ""
    number: bool = True


@dataclass(frozen=True)
class PageTable:
    """A table as text; the first cell of a row is its head."""

    key: str
    title: str
    columns: tuple[PageColumn, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    @property
    def groups(self) -> tuple[tuple[str, int], ...]:
        """Runs of columns under one group: (title, columns)."""
        runs: list[tuple[str, int]] = []
        for column in self.columns:
            if runs and runs[-1][0] == column.group and column.group:
                runs[-1] = (column.group, runs[-1][1] + 1)
            else:
                runs.append((column.group, 1))
        return tuple(runs)

    @property
    def grouped(self) -> bool:
        """Whether there is a row of group heads."""
        return any(column.group for column in self.columns)


def summary_table(content: MapContent) -> PageTable:
    """Return today, plan and difference for each figure."""
    two = content.today is not None
    columns = (
        PageColumn("Figure", number=False),
        *((PageColumn("Today"),) if two else ()),
        PageColumn("Plan"),
    )
    rows = []
    for row in content.summary:
        line = [
            row.label,
            *([banded(row.today, row.unit, row.today_band)] if two else []),
            banded(row.plan, row.unit, row.plan_band),
        ]
        if two:
            words, verdict = change(row)
            line.append(words + (f" ({verdict})" if verdict != "same" else "") or NONE)
        rows.append(tuple(line))
    note = "Differences are taken before figures are rounded." if two else ""
    return PageTable(
        "summary",
        "Figures",
        (*columns, *((PageColumn("Difference"),) if two else ())),
        tuple(rows),
        note,
    )


# Heads of the ladder's columns that hold words.
LADDER_WORDS = {"", "Responders"}


def ladder_table(content: MapContent) -> PageTable | None:
    """Return today, today's staff at the best posts and hours, and the plan."""
    if not content.ladder:
        return None
    heads, *rows = content.ladder
    columns = tuple(PageColumn(head, number=head not in LADDER_WORDS) for head in heads)
    return PageTable("ladder", "From today to the plan", columns, tuple(rows), content.ladder_note)


def people_table(content: MapContent) -> PageTable | None:
    """Return who has to be hired, by crew role."""
    if not content.people:
        return None
    heads, *rows = content.people
    columns = tuple(PageColumn(head, number=k > 0) for k, head in enumerate(heads))
    return PageTable("people", "Who to hire, by role", columns, tuple(rows), content.people_note)


def district_table(content: MapContent) -> PageTable | None:
    """Return the districts' figures."""
    frame = content.districts
    if frame is None or frame.empty:
        return None
    names = _names(content)
    heads = [PageColumn("District", number=False), PageColumn("Calls in the history")]
    for group in ("Mean wait, min", "90th percentile, min", "Within the standard, %"):
        heads += _heads(names, group)
    told = "wait_would_be" in frame and len(names) > 1
    heads += [PageColumn("Wait would be", number=False)] if told else []
    rows = []
    for _, row in frame.iterrows():
        exact = content.internal and "calls" in frame
        line = [str(row["name"]), f"{int(row['calls']):,}" if exact else _band(row["calls_band"])]
        for stem, write, scale in (
            (WAIT, minutes, 60),
            ("p90_s", minutes, 60),
            ("share_in_time", _percent, 0.01),
        ):
            line += _figures(
                [float(row.get(f"{stem}_{name}", math.nan)) for name in names], write, scale
            )
        line += [str(row["wait_would_be"]) or NONE] if told else []
        rows.append(tuple(line))
    note = (
        f"{REPLAY} {_counted(content)}90th percentiles are of calls that somebody comes to. {NONE} "
        "stands where there are too few calls to show a figure without pointing at single calls, or "
        "where it would give such a count away."
    )
    return PageTable("districts", "Districts", tuple(heads), tuple(rows), note)


def time_table(content: MapContent) -> PageTable | None:
    """Return the figures of each time of the week."""
    frame = content.by_time
    if frame is None or not content.periods:
        return None
    names = _names(content)
    heads = [
        PageColumn("Time", number=False),
        PageColumn("Hours", number=False),
        PageColumn("Calls in the history"),
    ]
    for group in ("Within the standard, %", "Mean wait, min", "90th percentile, min"):
        heads += _heads(names, group)
    rows = []
    for period in content.periods:
        row = frame.loc[period.key]
        line = [period.title, period.hours, _band(row["calls_band"])]
        for stem, write, scale in (
            ("share_in_time", _percent, 0.01),
            (WAIT, minutes, 60),
            ("p90_s", minutes, 60),
        ):
            line += _figures([float(str(row[f"{stem}_{name}"])) for name in names], write, scale)
        rows.append(tuple(line))
    return PageTable("times", "Times of the week", tuple(heads), tuple(rows), REPLAY)


def district_time_table(content: MapContent) -> PageTable | None:
    """Return the districts' mean wait at each time of the week; None if none may be shown."""
    frame = content.districts
    if frame is None or frame.empty or not content.periods:
        return None
    names = _names(content)
    heads = [PageColumn("District", number=False)]
    for period in content.periods:
        heads += _heads(names, period.title)
    rows = []
    for _, row in frame.iterrows():
        line = [str(row["name"])]
        for period in content.periods:
            values = [float(row.get(f"{WAIT}_{name}@{period.key}", math.nan)) for name in names]
            line += _figures(values, minutes, 60)
        rows.append(tuple(line))
    if all(cell == NONE for line in rows for cell in line[1:]):
        return None
    note = (
        f"{REPLAY} {_counted(content)}{NONE} stands where too few calls came at some time of the "
        "week to show times by themselves."
    )
    return PageTable(
        "district_times",
        "Mean wait by district and time, minutes",
        tuple(heads),
        tuple(rows),
        note,
    )


def week_table(content: MapContent) -> PageTable | None:
    """Return calls, responders on duty and on calls by three hours, on weekdays and at the weekend."""
    week = content.week
    if week is None:
        return None
    has_calls = not all(map(math.isnan, week.calls))
    parts = [("Calls an hour", week.calls, week.call_digits)] if has_calls else []
    parts += [("On duty", week.on_duty["plan"], 1)]
    parts += [("On calls", week.busy["plan"], 1)] if "plan" in week.busy else []
    groups = (("Monday to Friday", WEEKDAYS), ("Saturday and Sunday", WEEKEND))
    heads = [PageColumn("Hours", number=False)]
    heads += [PageColumn(title, group) for group, _ in groups for title, _, _ in parts]
    columns = [
        (block_means(values, days), digits) for _, days in groups for _, values, digits in parts
    ]
    rows = [
        (
            f"{BLOCK_H * k:02d}:00-{BLOCK_H * (k + 1):02d}:00",
            *(
                NONE if math.isnan(means[k]) else f"{means[k]:.{digits}f}"
                for means, digits in columns
            ),
        )
        for k in range(24 // BLOCK_H)
    ]
    has_gaps = has_calls and any(map(math.isnan, week.calls))
    gaps = f"; {NONE} stands where too few calls came" if has_gaps else ""
    title = "Calls and responders by hour" if has_calls else "Responders by hour"
    note = f"The plan's responders{gaps}. {week.note}"
    return PageTable("week", title, tuple(heads), tuple(rows), note)


def sure_table(content: MapContent) -> PageTable | None:
    """Return what other judges say beside the replay."""
    if not content.sure:
        return None
    heads, *rows = content.sure
    columns = tuple(PageColumn(head, number=bool(head)) for head in heads)
    note = (
        "The replay, which plays calls through one by one, is the figure on every page. The other "
        "two are held against it: travel alone, and the long run of busy units."
    )
    return PageTable("sure", "How sure are we", columns, tuple(rows), note)


def _counted(content: MapContent) -> str:
    if content.fallback_min is None:
        return ""
    return f"In the mean wait a call left to police counts {content.fallback_min:g} min. "


def _names(content: MapContent) -> tuple[str, ...]:
    return ("today", "plan") if content.today is not None else ("plan",)


def _heads(names: tuple[str, ...], group: str) -> list[PageColumn]:
    return [
        PageColumn(title, group)
        for title in (*map(str.capitalize, names), *(("Change",) if len(names) > 1 else ()))
    ]


def _percent(share: float) -> str:
    """Return a share without the sign, which the column's head has."""
    return percent(share, signs=False)


def _figures(values: list[float], write: Callable[[float], str], scale: float) -> list[str]:
    """Write today's and the plan's figure, and the difference in units of `scale`."""
    write_change = signed_points if write is _percent else signed
    return [
        *(write(value) for value in values),
        *([write_change((values[1] - values[0]) / scale)] if len(values) > 1 else []),
    ]


def post_table(content: MapContent) -> PageTable:
    """Return the posts in use and who waits there."""
    two = content.today is not None
    staffed = {o.post_id for name in content.names for o, _ in content.deployment(name).counts}
    posts: pd.DataFrame = content.posts[content.posts["post_id"].isin(staffed)].sort_values(
        "post_id", key=natural_order, kind="stable"
    )
    rows = []
    for post_id, name, kind in zip(posts["post_id"], posts["name"], posts["kind"], strict=True):
        crews = [
            _crews(content, deployment, post_id)
            for deployment in (("today", "plan") if two else ("plan",))
        ]
        rows.append((str(name), str(kind), *crews))
    columns = (
        PageColumn("Post", number=False),
        PageColumn("Kind", number=False),
        *((PageColumn("Today", number=False),) if two else ()),
    )
    unused = len(content.posts) - len(posts)
    note = f"Candidate posts that are not used: {unused:,}." if unused else ""
    return PageTable(
        "posts",
        "Posts and their crews",
        (*columns, PageColumn("Plan", number=False)),
        tuple(rows),
        note,
    )


def _crews(content: MapContent, name: str, post_id: str) -> str:
    found = [
        f"{count} \u00d7 {content.responder_titles.get(o.responder_type, o.responder_type)}, "
        f"{content.pattern_titles.get(o.shift_pattern, o.shift_pattern)}"
        for o, count in content.deployment(name).counts
        if o.post_id == post_id
    ]
    return "; ".join(found) or NONE


def _band(text: object) -> str:
    return "10 or fewer" if str(text) == SMALL_BAND else str(text).replace("-", " to ")
