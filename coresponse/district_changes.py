"""Who gains and who loses by district, as a table, plain data and columns of a layer.

The report's figures for other tools.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from coresponse.judged import number
from coresponse.planning import Planned
from coresponse.publish.disclosure import PUBLIC, Disclosure
from coresponse.report_fair import VERDICTS, compared_districts

TOO_FEW = "too few calls to show"

MINUTES = (
    "wait_today_min",
    "wait_plan_min",
    "wait_change_min",
    "wait_change_low_min",
    "wait_change_high_min",
)
SHARES = ("share_in_time_today", "share_in_time_plan")


def changes_frame(planned: Planned, *, disclosure: Disclosure = PUBLIC) -> pd.DataFrame | None:
    """Return each district today beside the plan, as the replay has it.

    None without districts or a deployment of today.

    Returns
    -------
    pandas.DataFrame
        `district_id`, `name`; mean wait in minutes today, under the plan, and the change with a
        band that holds for all districts together; shares in time; `wait_would_be`: ``shorter``,
        ``longer``, or ``no difference that counts``. Districts that may not be shown have blanks,
        unless internal.
    """
    districts, today = planned.inputs.districts, planned.judgments.get("today")
    if districts is None or today is None or today.replay is None:
        return None
    found = compared_districts(planned, disclosure=disclosure)
    rows = []
    for key, name in zip(
        districts.frame["district_id"].astype(str), districts.frame["name"].astype(str), strict=True
    ):
        one = found.get(key)
        if one is None:
            rows.append((key, name, *[np.nan] * (len(MINUTES) + len(SHARES)), TOO_FEW))
            continue
        minutes = [
            round(value, 2) for value in (one.today, one.plan, one.change, one.low, one.high)
        ]
        shares = [round(value, 4) for value in (one.share_today, one.share_plan)]
        rows.append((key, name, *minutes, *shares, VERDICTS[one.verdict]))
    return pd.DataFrame(rows, columns=["district_id", "name", *MINUTES, *SHARES, "wait_would_be"])


def changes_json(planned: Planned, *, disclosure: Disclosure = PUBLIC) -> list[dict[str, Any]]:
    """Return the same as plain data.

    A row a district, None where a figure is not shown; empty without the table.
    """
    frame = changes_frame(planned, disclosure=disclosure)
    if frame is None:
        return []
    return [
        {str(key): value if isinstance(value, str) else number(value) for key, value in row.items()}
        for row in frame.to_dict(orient="records")
    ]


def with_changes(
    layer: gpd.GeoDataFrame, planned: Planned, *, disclosure: Disclosure = PUBLIC
) -> gpd.GeoDataFrame:
    """Return the layer of districts with the change of the wait, its band and what it comes to, where there are such."""
    frame = changes_frame(planned, disclosure=disclosure)
    if frame is None:
        return layer
    by_id = frame.set_index("district_id").reindex(layer["district_id"].astype(str))
    columns = [*(name for name in MINUTES if "change" in name), "wait_would_be"]
    return layer.assign(**{name: by_id[name].to_numpy() for name in columns})
