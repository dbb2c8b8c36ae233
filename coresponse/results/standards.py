"""Standards by area: as a table, as plain data, and as cells for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from coresponse.data.figures.text import NONE, percent
from coresponse.data.tables.workbook import PERCENT, OutSheet
from coresponse.maps.report.content import Part, ReportTable
from coresponse.publish.places import StandardsPublication
from coresponse.publish.plan_publication import PlanPublication
from coresponse.results.assumptions_sheet import titled
from coresponse.results.runs import interval_columns, interval_json
from coresponse.results.tables import title_of


def standards_frame(found: StandardsPublication) -> pd.DataFrame:
    """Return one row an area and deployment; times in minutes. What is not shown is blank."""
    deployments = list(dict.fromkeys(name for row in found.areas for name in row.share))
    rows = []
    for row in found.areas:
        for name in deployments:
            line: dict[str, Any] = {
                "area": row.name,
                "standard": row.standard,
                "districts": row.districts,
                "calls_band": row.calls_band,
                "deployment": title_of(name),
            }
            line |= interval_columns("share_in_time", row.share.get(name))
            line |= interval_columns("mean_with_fallback_min", row.wait_s.get(name), per=60.0)
            line["asked_share"] = np.nan if found.asked is None else found.asked
            line["standard_is"] = row.reached if name == "plan" else ""
            rows.append(line)
    return pd.DataFrame(rows)


def standards_json(found: StandardsPublication | None) -> dict[str, Any] | None:
    """Return the same as plain data, seconds and shares; None where one standard holds for all."""
    if found is None:
        return None
    return {
        "title": found.title,
        "asked_share": found.asked,
        "areas": [
            {
                "area": row.name,
                "standard": row.standard,
                "districts": row.districts,
                "calls_band": row.calls_band,
                "share_in_time": {n: interval_json(one) for n, one in row.share.items()},
                "mean_with_fallback_s": {n: interval_json(one) for n, one in row.wait_s.items()},
                "standard_is": row.reached,
            }
            for row in found.areas
        ],
    }


def standards_heads(found: StandardsPublication) -> tuple[str, ...]:
    """Return the heads of :func:`standards_cells`."""
    now = any("today" in row.share for row in found.areas)
    return (
        "Area",
        "Standard",
        "Past calls",
        *(("In time today",) if now else ()),
        "In time plan",
        "Mean wait plan, min",
        *((f"{found.asked:.0%} in time",) if found.asked is not None else ()),
    )


def standards_cells(found: StandardsPublication) -> Iterator[tuple[str, ...]]:
    """Return the table as people read it."""
    now = any("today" in row.share for row in found.areas)
    for row in found.areas:
        plan, today, wait = row.share.get("plan"), row.share.get("today"), row.wait_s.get("plan")
        yield (
            row.name,
            row.standard,
            row.calls_band,
            *((NONE if today is None else percent(today.mean),) if now else ()),
            NONE
            if plan is None
            else f"{percent(plan.mean)} ({percent(plan.low)} to {percent(plan.high)})",
            NONE if wait is None else f"{wait.mean / 60:.1f}",
            *((row.reached or NONE,) if found.asked is not None else ()),
        )


def by_area(publication: PlanPublication) -> Part | None:
    """Return the report's section; None where one standard holds for all calls."""
    found = publication.shown.standards
    if found is None:
        return None
    heads = standards_heads(found)
    table = ReportTable(
        "Reached within the area's standard (replay)",
        heads,
        tuple(standards_cells(found)),
        tuple(k for k, head in enumerate(heads) if head.startswith(("In time", "Mean wait"))),
        "In brackets: where the long-run figure lies in 95 of 100 cases. Areas with few past "
        "calls are not shown.",
    )
    return Part("standards", "Standards by area", found.sentences, tables=(table,))


def standards_sheets(publication: PlanPublication) -> Iterator[OutSheet]:
    """Return the workbook's sheet; none where one standard holds for all calls."""
    found = publication.shown.standards
    if found is None:
        return
    formats = dict.fromkeys((6, 7, 8, 12), PERCENT) | dict.fromkeys((9, 10, 11), "0.0")
    sheet = titled(
        publication.facts,
        publication.disclosure,
        "Standards",
        18,
        26,
        10,
        16,
        12,
        *(10,) * 7,
        18,
        formats=formats,
    )
    for sentence in found.sentences:
        sheet.add(sentence)
    sheet.add()
    heads = ("Area", "Standard", "Districts", "Past calls", "Deployment", "In time", "low", "high")
    sheet.add(*heads, "Mean wait, min", "low", "high", "Asked", "It is", bold=True)
    for line in standards_frame(found).itertuples(index=False):
        sheet.add(*(None if isinstance(cell, float) and np.isnan(cell) else cell for cell in line))
    yield sheet
