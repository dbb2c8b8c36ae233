"""Calls per 1,000 residents beside response, by district: a district that has stopped calling is seen, not rewarded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coresponse.coverage.few_calls import MIN_CALLS
from coresponse.coverage.living import people_by_district
from coresponse.publish.disclosure import Disclosure
from coresponse.publish.districts import DistrictsPublication
from coresponse.publish.rounding import WAIT
from coresponse.publish.suppression import range_ends
from coresponse.questions.answer import Plan

DAYS_A_YEAR = 365.25

# Calling less than this part as often as the city stands out: a planning choice.
FAR_FEWER = 0.5


@dataclass(frozen=True)
class DistrictNeed:
    """A district's calls and response.

    Attributes
    ----------
    name, residents
        Of the district.
    low, high
        Ends of its calls a year per 1,000 residents, as its range of past calls tells them; `high`
        is inf for the highest range. Both are exact in an internal publication.
    wait_s, share
        Under the plan.
    far_fewer
        Whether even the high end is below half of the city's rate.
    """

    name: str
    residents: float
    low: float
    high: float
    wait_s: float
    share: float
    far_fewer: bool


@dataclass(frozen=True, eq=False)
class NeedPublication:
    """Districts by id, those that may be shown; `rate` is the whole city's, to two digits."""

    districts: dict[str, DistrictNeed]
    rate: float

    @property
    def sentences(self) -> tuple[str, ...]:
        """Say how often the city calls, and who calls far less."""
        said = (
            f"The city calls {two_digits(self.rate)} times a year per 1,000 residents, for what "
            "responders of the "
            "program are sent to."
        )
        few = [one.name for one in self.districts.values() if one.far_fewer]
        if not few:
            return (f"{said} No district shown calls less than half as often.",)
        return (
            said,
            (
                f"People call less than half as often in {', '.join(few)}. A short wait there may "
                "say that they have "
                "stopped calling: ask before it is taken for good service."
            ),
        )


def two_digits(value: float) -> str:
    """Return a rate to two digits, such as ``2,600`` and ``0.43``."""
    return f"{float(f'{value:.2g}'):,.12g}"


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
