"""What is known of a city, as plain data: no file behind it, and no question in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from coresponse.data.agencies import Agencies
from coresponse.data.calls.history import CallHistory
from coresponse.data.cards import EXACT, card
from coresponse.data.districts import Districts
from coresponse.data.hours import Period, WeekHours, split_week
from coresponse.data.options import Deployment
from coresponse.data.posts import Posts
from coresponse.data.programs.model import Program
from coresponse.data.resident_groups import Residents
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.sourced import SourcedNumber


@dataclass(frozen=True)
class RecordedFigures:
    """What a city's records tell of any program in it: they are of its streets and its desk.

    Attributes
    ----------
    drive_spread
        How much drives vary, for crews whose own is not stated.
    call_taking_min
        From receipt to dispatch; None: as stated.
    """

    drive_spread: SourcedNumber | None = None
    call_taking_min: SourcedNumber | None = None

    def of(self, program: Program) -> Program:
        """Return a program with these figures."""
        kinds = {
            name: kind
            if kind.kind == "tele" or kind.drive_spread is not None
            else kind.model_copy(update={"drive_spread": self.drive_spread})
            for name, kind in program.responder_types.items()
        }
        changes: dict[str, object] = {"responder_types": kinds}
        if self.call_taking_min is not None:
            standards = {"call_taking_min": self.call_taking_min}
            changes["standards"] = program.standards.model_copy(update=standards)
        return program.model_copy(update=changes)


@dataclass(frozen=True, eq=False, init=False, repr=False)
class KnownCity:
    """Roads, past calls, posts, districts, program and today's deployment.

    Attributes
    ----------
    roads
        Directed drivable network in a metric CRS.
    calls
        Past calls on the roads.
    posts
        Where responders may wait.
    program
        Responder types, call classes, standards and costs.
    periods
        They cover the week once; each shift pattern of the program is a union of them.
    districts, today
        None where they are not known.
    water, parks
        One row each, a multipolygon in the network's CRS, for maps to show; None if not known.
    landmarks
        Names of parks and waters, rivers and rail, as :class:`~coresponse.data.ground_osm.ExtractGround` has them.
    stated_periods
        The planner's periods, before shift patterns split them; none: the whole week.
    name, notice
        Shown on every page.
    attribution
        Whom to name for water and parks.
    post_snap_max_m
        Farthest that a post may be from a road, in meters; holds for posts that are moved, too.
    residents
        On the roads; None if not known.
    living
        Where residents live, and of which groups; None if not known.
    today_units
        Which `unit_id` of the calls are today's crews: a name, or a pattern with ``*``, to the post
        or responder type that it is of, or '' where that is not said. Empty: nobody said.
    recorded
        What the city's own records tell of any program here; None: nothing, or nobody asked.
    agencies
        That plan together, and how they share units; None: there is one.
    """

    roads: RoadNetwork
    calls: CallHistory
    posts: Posts
    program: Program
    periods: tuple[Period, ...]
    districts: Districts | None
    today: Deployment | None
    water: gpd.GeoDataFrame | None
    parks: gpd.GeoDataFrame | None
    landmarks: gpd.GeoDataFrame | None
    stated_periods: tuple[Period, ...]
    name: str
    notice: str
    attribution: str
    post_snap_max_m: float
    today_units: Mapping[str, str]
    recorded: RecordedFigures | None
    residents: float | None
    living: Residents | None
    agencies: Agencies | None

    def with_program(self, program: Program) -> Self:
        """Return the city under another program; calls keep their classes, its own records hold for any."""
        if self.recorded is not None:
            program = self.recorded.of(program)
        periods = program_periods(program, self.stated_periods)
        return replace(self, program=program, periods=periods)

    def without_calls(self) -> Self:
        """Return all but the calls themselves, for processes that work with their counts alone."""
        known = self.calls
        calls = replace(
            known,
            frame=known.frame.iloc[:0],
            set_aside=known.set_aside.iloc[:0],
            unmapped=known.unmapped.iloc[:0],
        )
        return replace(self, calls=calls)

    def district_of(self, calls: CallHistory) -> NDArray[np.int32] | None:
        """Return (calls,) position of each call's district by its place on the roads, -1 outside.

        None without districts.
        """
        if self.districts is None:
            return None
        return self.districts.of_places(calls.frame["node"].to_numpy(), self.roads.place_xy)

    def __repr__(self) -> str:
        """Say it in a line."""
        return (
            f"<City {self.name!r}: {self.roads.n_nodes:,} crossings, {len(self.calls.frame):,} "
            f"calls in {self.calls.days:,.0f} days, {len(self.posts.frame):,} posts, program "
            f"{self.program.name}>"
        )

    def _repr_html_(self) -> str:
        """Show it in a notebook."""
        kinds = self.posts.frame["kind"].value_counts(sort=False)
        rows = {
            "Roads": f"{self.roads.n_nodes:,} crossings",
            "Past calls": f"{len(self.calls.frame):,} in {self.calls.days:,.0f} days",
            "Posts": ", ".join(f"{count} {kind}" for kind, count in kinds.sort_index().items()),
            "Districts": None if self.districts is None else len(self.districts.frame),
            "Program": f"{self.program.title} ({self.program.name})",
            "Agencies": None if self.agencies is None else ", ".join(self.agencies.names),
            "Today": None if self.today is None else f"{self.today.size} responders",
            "Notice": self.notice,
        }
        return card(self.name, rows, note=EXACT)


def program_periods(program: Program, stated: Sequence[Period] = ()) -> tuple[Period, ...]:
    """Return the stated periods, split so that each shift pattern in use is a union of them."""
    used = {name for kind in program.responder_types.values() for name in kind.shift_patterns}
    patterns: dict[str, WeekHours] = {name: program.shift_patterns[name].hours for name in used}
    return split_week(stated, patterns)
