"""Agencies under a plan: as a table, as plain data, and as cells for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from coresponse.data.figures.text import NONE, dollars, percent
from coresponse.data.tables.workbook import MONEY, PERCENT, WHOLE, OutSheet
from coresponse.maps.report.content import Part, ReportTable
from coresponse.publish.places import PlanAgenciesPublication
from coresponse.publish.plan_publication import PlanPublication
from coresponse.results.assumptions_sheet import titled
from coresponse.results.runs import interval_columns, interval_json
from coresponse.results.tables import title_of


def agencies_frame(found: PlanAgenciesPublication) -> pd.DataFrame:
    """Return one row an agency and deployment; times in minutes. What is not shown is blank."""
    rows = []
    for row in found.rows:
        for name in row.units:
            line: dict[str, Any] = {
                "agency": row.name,
                "calls_band": row.calls_band,
                "deployment": title_of(name),
                "units": row.units[name],
                "cost_as_called_per_year": row.cost[name],
            }
            line |= interval_columns("share_in_time", row.share.get(name))
            line |= interval_columns("mean_with_fallback_min", row.wait_s.get(name), per=60.0)
            rows.append(line)
    return pd.DataFrame(rows)


def plan_agencies_json(found: PlanAgenciesPublication | None) -> dict[str, Any] | None:
    """Return the same as plain data, seconds and shares; None where there is one agency."""
    if found is None:
        return None
    return {
        "sharing": found.sharing,
        "words": list(found.sentences),
        "agencies": [
            {
                "agency": row.name,
                "calls_band": row.calls_band,
                "units": dict(row.units),
                "cost_as_called_per_year": dict(row.cost),
                "share_in_time": {n: interval_json(one) for n, one in row.share.items()},
                "mean_with_fallback_s": {n: interval_json(one) for n, one in row.wait_s.items()},
            }
            for row in found.rows
        ],
    }


def agencies_heads(found: PlanAgenciesPublication) -> tuple[str, ...]:
    """Return the heads of :func:`agencies_cells`."""
    now = any("today" in row.units for row in found.rows)
    return (
        "Agency",
        "Past calls",
        *(("Units today",) if now else ()),
        "Units plan",
        "Cost plan a year",
        *(("Wait today, min",) if now else ()),
        "Wait plan, min",
        *(("In time today",) if now else ()),
        "In time plan",
    )


def agencies_cells(found: PlanAgenciesPublication) -> Iterator[tuple[str, ...]]:
    """Return the table as people read it."""
    now = any("today" in row.units for row in found.rows)
    for row in found.rows:
        wait, share = row.wait_s.get("plan"), row.share.get("plan")
        was, had = row.wait_s.get("today"), row.share.get("today")
        yield (
            row.name,
            row.calls_band,
            *((f"{row.units.get('today', 0):,}",) if now else ()),
            f"{row.units['plan']:,}",
            dollars(row.cost["plan"]),
            *((NONE if was is None else f"{was.mean / 60:.1f}",) if now else ()),
            NONE
            if wait is None
            else f"{wait.mean / 60:.1f} ({wait.low / 60:.1f} to {wait.high / 60:.1f})",
            *((NONE if had is None else percent(had.mean),) if now else ()),
            NONE if share is None else percent(share.mean),
        )


def by_agency(publication: PlanPublication) -> Part | None:
    """Return the report's section; None where there is one agency."""
    found = publication.shown.agencies
    if found is None:
        return None
    heads = agencies_heads(found)
    table = ReportTable(
        "Agencies (replay)",
        heads,
        tuple(agencies_cells(found)),
        tuple(range(2, len(heads))),
        "In brackets: where the long-run figure lies in 95 of 100 cases. A unit is of the agency "
        "of its post, and costs are those of its units, call-outs as found. Agencies of few past "
        "calls have no figures.",
    )
    return Part("agencies", "Several agencies", found.sentences, tables=(table,))


def agencies_sheets(publication: PlanPublication) -> Iterator[OutSheet]:
    """Return the workbook's sheet; none where there is one agency."""
    found = publication.shown.agencies
    if found is None:
        return
    formats = {4: WHOLE, 5: MONEY} | dict.fromkeys((6, 7, 8), PERCENT)
    formats |= dict.fromkeys((9, 10, 11), "0.0")
    widths = (26, 16, 12, 10, 16, *(10,) * 6)
    facts, disclosure = publication.facts, publication.disclosure
    sheet = titled(facts, disclosure, "Agencies", *widths, formats=formats)
    for sentence in found.sentences:
        sheet.add(sentence)
    sheet.add()
    heads = ("Agency", "Past calls", "Deployment", "Units", "Cost a year")
    sheet.add(*heads, "In time", "low", "high", "Mean wait, min", "low", "high", bold=True)
    for line in agencies_frame(found).itertuples(index=False):
        sheet.add(*(None if isinstance(cell, float) and np.isnan(cell) else cell for cell in line))
    yield sheet
