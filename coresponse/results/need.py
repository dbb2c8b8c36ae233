"""Calls per 1,000 residents beside response: as a table, as plain data, and as cells for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from coresponse.data.figures.text import number, percent
from coresponse.data.words import natural
from coresponse.maps.report.content import ReportTable
from coresponse.publish.places import NeedPublication, two_digits

HEADS = ("District", "Residents", "Calls a year per 1,000", "Mean wait plan, min", "In time plan")

NOTE = (
    "Calls of classes that a responder is sent to, over who lives there; from the range of past "
    "calls to be published. Residents of an area do not make all of its calls: a downtown has "
    "visitors."
)


def need_frame(found: NeedPublication) -> pd.DataFrame:
    """Return one row a district."""
    rows = [
        {
            "district_id": key,
            "name": one.name,
            "residents": one.residents,
            "calls_per_1000_low": round(one.low, 3),
            "calls_per_1000_high": round(one.high, 3) if np.isfinite(one.high) else np.nan,
            "mean_with_fallback_min": round(one.wait_s / 60, 2),
            "share_in_time": round(one.share, 4),
            "calls_far_less": "yes" if one.far_fewer else "no",
        }
        for key, one in found.districts.items()
    ]
    return pd.DataFrame(rows)


def need_json(found: NeedPublication | None) -> dict[str, Any] | None:
    """Return the same as plain data; None where residents or districts are not known."""
    if found is None:
        return None
    rows = need_frame(found).to_dict(orient="records")
    return {
        "calls_per_1000": number(found.rate),
        "districts": [
            {str(k): v if isinstance(v, str) else number(v) for k, v in row.items()} for row in rows
        ],
        "words": list(found.sentences),
    }


def need_cells(found: NeedPublication) -> Iterator[tuple[str, ...]]:
    """Return the table as people read it, who calls least first."""
    for one in sorted(found.districts.values(), key=lambda row: (row.low, natural(row.name))):
        most = two_digits(one.high) if np.isfinite(one.high) else "more"
        rate = most if one.low == one.high else f"{two_digits(one.low)} to {most}"
        yield (
            one.name,
            f"{one.residents:,.0f}",
            f"{rate}, far less than the city" if one.far_fewer else rate,
            f"{one.wait_s / 60:.1f}",
            percent(one.share),
        )


def need_table(found: NeedPublication) -> ReportTable:
    """Return the report's table."""
    return ReportTable(
        "Calls per 1,000 residents beside response, fewest calls first",
        HEADS,
        tuple(need_cells(found)),
        (1, 2, 3, 4),
        NOTE,
    )
