"""What is known of a city: no file behind it, and no question in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import geopandas as gpd

from coresponse.data.calls.history import CallHistory
from coresponse.data.districts import Districts
from coresponse.data.hours import Period, WeekHours, split_week
from coresponse.data.options import Deployment
from coresponse.data.posts import Posts
from coresponse.data.programs.model import Program
from coresponse.data.roads.network import RoadNetwork


@dataclass(frozen=True, eq=False)
class City:
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
    stated_periods
        The planner's periods, before shift patterns split them; none: the whole week.
    name, notice
        Shown on every page.
    attribution
        Whom to name for water and parks.
    post_snap_max_m
        Farthest that a post may be from a road, in meters; holds for posts that are moved, too.
    """

    roads: RoadNetwork
    calls: CallHistory
    posts: Posts
    program: Program
    periods: tuple[Period, ...]
    districts: Districts | None = None
    today: Deployment | None = None
    water: gpd.GeoDataFrame | None = None
    parks: gpd.GeoDataFrame | None = None
    stated_periods: tuple[Period, ...] = ()
    name: str = "city"
    notice: str = ""
    attribution: str = ""
    post_snap_max_m: float = 500.0

    def with_program(self, program: Program) -> City:
        """Return the city under another program; calls keep their classes."""
        periods = program_periods(program, self.stated_periods)
        return replace(self, program=program, periods=periods)

    def without_calls(self) -> City:
        """Return all but the calls themselves, for processes that work with their counts alone."""
        known = self.calls
        nothing = {
            name: getattr(known, name).iloc[:0] for name in ("frame", "set_aside", "unmapped")
        }
        return replace(self, calls=replace(known, **nothing))

    def __repr__(self) -> str:
        """Say it in a line."""
        return (
            f"<City {self.name!r}: {self.roads.n_nodes:,} crossings, {len(self.calls.frame):,} "
            f"calls in {self.calls.days:,.0f} days, {len(self.posts.frame):,} posts, program "
            f"{self.program.name}>"
        )


def program_periods(program: Program, stated: Sequence[Period] = ()) -> tuple[Period, ...]:
    """Return the stated periods, split so that each shift pattern in use is a union of them."""
    used = {name for kind in program.responder_types.values() for name in kind.shift_patterns}
    patterns: dict[str, WeekHours] = {name: program.shift_patterns[name].hours for name in used}
    return split_week(stated, patterns)
