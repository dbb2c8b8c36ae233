"""Calls per 1,000 residents beside response, by district: a district that has stopped calling is seen, not rewarded."""

from __future__ import annotations

import numpy as np

from coresponse.coverage.few_calls import MIN_CALLS
from coresponse.coverage.living import people_by_district
from coresponse.publish.disclosure import Disclosure
from coresponse.publish.places import DistrictNeed, DistrictsPublication, NeedPublication
from coresponse.publish.rounding import WAIT
from coresponse.publish.suppression import range_ends
from coresponse.questions.answer import Plan

DAYS_A_YEAR = 365.25

# Calling less than this part as often as the city stands out: a planning choice.
FAR_FEWER = 0.5


def publish_need(
    plan: Plan, districts: DistrictsPublication | None, disclosure: Disclosure
) -> NeedPublication | None:
    """Return calls per 1,000 residents beside response; None where residents or districts are not known, or calls are assumed.

    Counts of calls are ranges, and so are their rates: residents are known to all.
    """
    city, cells = plan.case.city, plan.table.cells
    people = people_by_district(city)
    if districts is None or people is None or city.districts is None or city.calls.assumed:
        return None
    years = cells.weeks * 7 / DAYS_A_YEAR
    per_call = 1000 / years
    ids = city.districts.frame["district_id"].astype(str).tolist()
    known = np.isfinite(people) & (people > 0)
    inside = cells.district >= 0
    calls = np.bincount(cells.district[inside], weights=cells.calls[inside], minlength=len(ids))
    everybody = float(people[known].sum())
    if not everybody > 0:
        return None
    rate = float(calls[known].sum()) * per_call / everybody
    out = {}
    for name, count, lived, some in zip(ids, calls, people, known, strict=True):
        if not some or lived < MIN_CALLS or name not in districts.waits.index:
            continue
        ends = (count, count) if disclosure.internal else range_ends(count)
        low, high = (np.inf if end is None else end * per_call / lived for end in ends)
        row = districts.waits.loc[name]
        out[name] = DistrictNeed(
            districts.names[name],
            float(round(lived)),
            float(low) if count else 0.0,
            float(high) if count else 0.0,
            float(row[WAIT]),
            float(row["share_in_time"]),
            bool(high < FAR_FEWER * rate),
        )
    return NeedPublication(out, float(f"{rate:.2g}")) if out else None
