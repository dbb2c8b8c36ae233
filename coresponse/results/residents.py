"""Who waits, by where people of a group live: as a table, as plain data, and as cells for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from coresponse.coverage.replay.bands import Interval
from coresponse.data.figures.text import NONE, number, percent
from coresponse.data.tables.workbook import PERCENT, WHOLE, OutSheet
from coresponse.maps.words import signed
from coresponse.publish.places import (
    TOO_FEW_RESIDENTS,
    GroupFigures,
    ResidentsPublication,
    ResidentsRow,
)
from coresponse.publish.plan_publication import PlanPublication
from coresponse.results.assumptions_sheet import titled
from coresponse.results.runs import interval_columns, interval_json
from coresponse.results.tables import title_of

EXPLAINED = (
    "Gap: the group's mean wait under the plan, less that of all residents. Its bands hold for all "
    "groups together in 95 of 100 cases, and hold what the replay's chance and one history leave "
    "open."
)


def residents_frame(found: ResidentsPublication) -> pd.DataFrame:
    """Return one row a group and deployment; times in minutes. What is not shown is blank."""
    rows = []
    for row in found.rows:
        for name in found.everybody.figures:
            one = row.figures.get(name)
            line: dict[str, Any] = {
                "grouped_by": row.kind,
                "group": row.name,
                "residents": row.residents,
                "deployment": title_of(name),
            }
            for key, scale in (
                ("mean_with_fallback_min", 60.0),
                ("share_in_time", 1.0),
                ("gap_min", 60.0),
                ("gap_in_time", 1.0),
            ):
                whole = not row.kind and key.startswith("gap_")
                of = None if one is None or whole else _figures(one)[key]
                line |= interval_columns(key, of, per=scale)
            line["gap_is"] = one.gap_is if one is not None else _why_not(row)
            rows.append(line)
    return pd.DataFrame(rows)


def _figures(one: GroupFigures) -> dict[str, Interval]:
    return {
        "mean_with_fallback_min": one.wait_s,
        "share_in_time": one.share,
        "gap_min": one.gap_s,
        "gap_in_time": one.gap_in_time,
    }


def _why_not(row: ResidentsRow) -> str:
    return "nobody lives on the map" if row.residents == 0 else TOO_FEW_RESIDENTS


def equity_frame(found: ResidentsPublication) -> pd.DataFrame:
    """Return the Gini coefficient of each deployment, and the longest over the shortest wait of each kind of groups."""
    rows: list[dict[str, Any]] = [
        {"deployment": title_of(name), "grouped_by": "", "gini": round(value, 4)}
        for name, value in found.gini.items()
    ]
    rows += [
        {
            "deployment": title_of(one.deployment),
            "grouped_by": one.kind,
            "worst_to_best": round(one.ratio, 4),
            "longest_wait": one.longest,
            "shortest_wait": one.shortest,
        }
        for one in found.ratios
    ]
    columns = ["deployment", "grouped_by", "gini", "worst_to_best", "longest_wait", "shortest_wait"]
    return pd.DataFrame(rows, columns=columns)


def residents_json(found: ResidentsPublication | None) -> dict[str, Any] | None:
    """Return the same as plain data, seconds and shares; None without residents."""
    if found is None:
        return None
    return {
        "groups": [
            {
                "grouped_by": row.kind,
                "group": row.name,
                "residents": number(row.residents),
                "figures": {
                    name: {
                        "mean_with_fallback_s": interval_json(one.wait_s),
                        "share_in_time": interval_json(one.share),
                        **(
                            {
                                "gap_s": interval_json(one.gap_s),
                                "gap_in_time": interval_json(one.gap_in_time),
                                "gap_is": one.gap_is,
                            }
                            if row.kind
                            else {}
                        ),
                    }
                    for name, one in row.figures.items()
                },
            }
            for row in found.rows
        ],
        "gini": {name: number(value) for name, value in found.gini.items()},
        "worst_to_best": [
            {
                "grouped_by": one.kind,
                "deployment": one.deployment,
                "ratio": number(one.ratio, 4),
                "longest_wait": one.longest,
                "shortest_wait": one.shortest,
            }
            for one in found.ratios
        ],
        "words": list(found.sentences),
        "notes": list(found.notes),
    }


def residents_heads(found: ResidentsPublication) -> tuple[str, ...]:
    """Return the heads of :func:`residents_cells`."""
    now = "today" in found.everybody.figures
    return (
        "Group",
        "Residents",
        *(("Wait today, min",) if now else ()),
        "Wait plan, min",
        "Gap, min",
        "Band of the gap",
        "Wait is",
        *(("In time today",) if now else ()),
        "In time plan",
    )


def residents_cells(found: ResidentsPublication) -> Iterator[tuple[str, ...]]:
    """Return the table as people read it, all residents first."""
    now = "today" in found.everybody.figures
    for row in found.rows:
        plan, today = row.figures.get("plan"), row.figures.get("today")
        if plan is None:
            many = 5 + 2 * now
            why = _why_not(row)
            cells = [NONE] * many
            cells[3 + now] = why
            yield (row.title, "0" if row.residents == 0 else NONE, *cells)
            continue
        gap = plan.gap_s
        apart = (
            (signed(gap.mean / 60), f"{signed(gap.low / 60)} to {signed(gap.high / 60)}")
            if row.kind
            else ("", "")
        )
        yield (
            row.title,
            f"{row.residents:,.0f}",
            *((f"{today.wait_s.mean / 60:.1f}",) if today is not None else ()),
            f"{plan.wait_s.mean / 60:.1f}",
            *apart,
            plan.gap_is,
            *((percent(today.share.mean),) if today is not None else ()),
            percent(plan.share.mean),
        )


def residents_sheets(publication: PlanPublication) -> Iterator[OutSheet]:
    """Return the workbook's sheet; none without residents."""
    found = publication.shown.residents
    if found is None:
        return
    formats = {3: WHOLE} | dict.fromkeys((5, 6, 7, 11, 12, 13), "0.0")
    formats |= dict.fromkeys((8, 9, 10, 14, 15, 16), PERCENT)
    sheet = titled(
        publication.facts,
        publication.disclosure,
        "Who waits",
        14,
        24,
        12,
        12,
        *(11,) * 12,
        26,
        formats=formats,
    )
    for sentence in (*found.sentences, *found.notes):
        sheet.add(sentence)
    sheet.add()
    heads = ("Mean wait, min", "In time", "Gap, min", "Gap in time")
    sheet.add(
        "Kind",
        "Group",
        "Residents",
        "Deployment",
        *(cell for head in heads for cell in (head, "low", "high")),
        "Wait is",
        bold=True,
    )
    frame = residents_frame(found)
    for line in frame.itertuples(index=False):
        sheet.add(*(None if isinstance(cell, float) and np.isnan(cell) else cell for cell in line))
    yield sheet
