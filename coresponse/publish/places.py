"""What may be shown of districts, areas and residents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

from coresponse.coverage.replay.bands import Interval
from coresponse.data.agencies import Sharing
from coresponse.data.figures.rows import MapPeriod
from coresponse.publish.changes import LEAST_MIN, WORDS
from coresponse.publish.rounding import WAIT

TOO_FEW_RESIDENTS = "too few residents to show"

# Who may be sent to an agency's calls, in words.
SHARING: Mapping[Sharing, str] = {
    "own": "each agency's units answer its own calls alone",
    "own_first": "an agency's own units go first, and those of others once none of its own is free",
    "shared": "the closest free unit goes, whoever's it is",
}

MEANING = (
    "These figures tell of service where people of a group live: each area's figure counts by how many of the group "
    "live there. They do not tell of service to callers of a group: records do not say who calls, and people who "
    "call less are not served better for it."
)


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
    no_calls
        Ids of those that no past call came from, in the order of the names.
    """

    compared: dict[str, District] | None
    waits: pd.DataFrame
    names: dict[str, str]
    left_out: int
    no_calls: tuple[str, ...] = ()


@dataclass(frozen=True)
class AreaRow:
    """An area's figures.

    Attributes
    ----------
    name, standard
        Of the area; its standard in words.
    districts
        How many are of it.
    calls_band
        Past calls.
    share, wait_s
        By deployment, with bands; empty where not shown.
    reached
        Whether the plan reaches the share that is asked for, in words; '' where none is.
    """

    name: str
    standard: str
    districts: int
    calls_band: str
    share: Mapping[str, Interval] = field(default_factory=dict)
    wait_s: Mapping[str, Interval] = field(default_factory=dict)
    reached: str = ""


@dataclass(frozen=True)
class StandardsPublication:
    """Areas with standards of their own; `title` and `asked` share of whose standard it is, if any's."""

    title: str
    asked: float | None
    areas: tuple[AreaRow, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """Say what is counted, and what is asked."""
        said = "Each call is counted against the standard of the area of its place"
        whose = f": {self.title}." if self.title else "."
        asked = f" The standard asks for {self.asked:.0%} of calls in time." if self.asked else ""
        return (f"{said}{whose}{asked}",)


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
            "responders of the program are sent to."
        )
        few = [one.name for one in self.districts.values() if one.far_fewer]
        if not few:
            return (f"{said} No district shown calls less than half as often.",)
        return (
            said,
            (
                f"People call less than half as often in {', '.join(few)}. A short wait there may "
                "say that they have stopped calling: ask before it is taken for good service."
            ),
        )


def two_digits(value: float) -> str:
    """Return a rate to two digits, such as ``2,600`` and ``0.43``."""
    return f"{float(f'{value:.2g}'):,.12g}"


@dataclass(frozen=True)
class GroupFigures:
    """A group under one deployment: seconds and shares, with 95% bands.

    `gap_s` and `gap_in_time` are above all residents'; `gap_is` is what the first comes to, in
    words, and '' for all residents.
    """

    wait_s: Interval
    share: Interval
    gap_s: Interval
    gap_in_time: Interval
    gap_is: str


@dataclass(frozen=True)
class ResidentsRow:
    """A group of residents, or all of them (kind ''); `figures` by deployment, empty where not shown."""

    kind: str
    name: str
    residents: float
    figures: Mapping[str, GroupFigures] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What people read."""
        return f"{self.name} ({self.kind})" if self.kind else self.name


@dataclass(frozen=True)
class Ratio:
    """Longest over shortest mean wait among the groups of a kind, as shown."""

    kind: str
    deployment: str
    ratio: float
    longest: str
    shortest: str


@dataclass(frozen=True, eq=False)
class ResidentsPublication:
    """Who waits, by where they live.

    Attributes
    ----------
    everybody, groups
        All residents, and groups in the study's order.
    gini
        By deployment: of the mean wait over residents, 0 if all wait alike.
    ratios
        By kind and deployment.
    notes
        Sentences about the file of residents.
    """

    everybody: ResidentsRow
    groups: tuple[ResidentsRow, ...]
    gini: Mapping[str, float]
    ratios: tuple[Ratio, ...]
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> tuple[ResidentsRow, ...]:
        """All residents first."""
        return (self.everybody, *self.groups)

    @property
    def hidden(self) -> int:
        """Groups that are not shown."""
        return sum(not row.figures and row.residents != 0 for row in self.groups)

    @property
    def sentences(self) -> tuple[str, ...]:
        """Say what it means, who waits longest, and how unequal it is."""
        return (MEANING, *self._by_kind(), self._gini())

    def _by_kind(self) -> Iterator[str]:
        kinds = dict.fromkeys(row.kind for row in self.groups)
        for kind in kinds:
            known = [row for row in self.groups if row.kind == kind and "plan" in row.figures]
            if not known:
                yield f"By {kind}, no group has enough residents to be shown."
                continue
            longer = WORDS[WAIT][1]
            far = [row for row in known if row.figures["plan"].gap_is == longer]
            if not far:
                yield (
                    f"By {kind}, no group shown would wait longer than all residents by {LEAST_MIN:g} minutes that "
                    "chance would not make."
                )
                continue
            worst = max(far, key=lambda row: row.figures["plan"].gap_s.mean)
            one = worst.figures["plan"]
            yield (
                f"By {kind}, the mean wait would be longest where the group {worst.name} lives: {one.wait_s.mean / 60:.1f} "
                f"minutes, {one.gap_s.mean / 60:.1f} more than where all residents live (band "
                f"{one.gap_s.low / 60:.1f} to {one.gap_s.high / 60:.1f}). {self._ratio(kind)}"
            ).strip()

    def _ratio(self, kind: str) -> str:
        found = {one.deployment: one for one in self.ratios if one.kind == kind}
        if "plan" not in found:
            return ""
        now = f", today {found['today'].ratio:.2f}" if "today" in found else ""
        return f"The longest wait of a group is {found['plan'].ratio:.2f} times the shortest{now}."

    def _gini(self) -> str:
        now = f", today {self.gini['today']:.2f}" if "today" in self.gini else ""
        return (
            f"The Gini coefficient of the mean wait over residents would be {self.gini['plan']:.2f}{now} (0: all wait "
            "alike; 1: one place waits and no other)."
        )


@dataclass(frozen=True, eq=False)
class MapPublication:
    """What a map shows, as :class:`coresponse.maps.content.MapContent` takes it."""

    cells: gpd.GeoDataFrame
    districts: gpd.GeoDataFrame | None
    periods: tuple[MapPeriod, ...] = ()
    cells_by_time: gpd.GeoDataFrame | None = None
    by_time: pd.DataFrame | None = None
    no_periods: str = ""


@dataclass(frozen=True)
class AgencyRow:
    """An agency under a plan.

    Attributes
    ----------
    name
        Of the agency.
    calls_band
        Past calls of its districts.
    units, cost
        By deployment: responders at its posts, and what these cost a year, call-outs as found.
    share, wait_s
        By deployment: of its calls, with bands; empty where not shown.
    """

    name: str
    calls_band: str
    units: Mapping[str, int]
    cost: Mapping[str, float]
    share: Mapping[str, Interval] = field(default_factory=dict)
    wait_s: Mapping[str, Interval] = field(default_factory=dict)

    def line(self) -> str:
        """Say how long its calls wait: ``Riverton PD: its calls wait 23.7 min on average, today 44.8``."""
        plan, today = self.wait_s.get("plan"), self.wait_s.get("today")
        if plan is None:
            none = self.calls_band == "0"
            return f"{self.name}: {'no past call' if none else 'too few calls to show'}"
        now = "" if today is None else f", today {today.mean / 60:.1f}"
        return f"{self.name}: its calls wait {plan.mean / 60:.1f} min on average{now}"


@dataclass(frozen=True)
class PlanAgenciesPublication:
    """Agencies under a plan.

    Attributes
    ----------
    rows
        In the order of their names.
    sharing
        Who may be sent to whose calls.
    of_post, of_district
        Agency of each post, by post_id, and of each district, by district_id.
    """

    rows: tuple[AgencyRow, ...]
    sharing: Sharing
    of_post: Mapping[str, str]
    of_district: Mapping[str, str]

    @property
    def sentences(self) -> tuple[str, ...]:
        """Say whose units go, and whose calls would wait longest."""
        out = [f"Each call is of the agency of its place; {SHARING[self.sharing]}."]
        known = {row.name: row.wait_s["plan"] for row in self.rows if "plan" in row.wait_s}
        if len(known) > 1:
            ranked = sorted(known, key=lambda name: known[name].mean)
            least, most = known[ranked[0]], known[ranked[-1]]
            out.append(
                f"Calls of {ranked[-1]} would wait longest: {most.mean / 60:.1f} minutes on "
                f"average, those of {ranked[0]} {least.mean / 60:.1f}."
                if most.low > least.high
                else "No agency's calls would wait longer than another's beyond chance."
            )
        return (*out, "What sharing saves whom is what coresponse agencies answers.")
