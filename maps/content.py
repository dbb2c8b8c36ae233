"""What a plan's map page is made from: everything is given, nothing is computed here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import geopandas as gpd
import pandas as pd

from coresponse.data.faults import Faults
from coresponse.data.figures.rows import GroupsOnMap, MapPeriod, SummaryRow
from coresponse.data.options import Deployment
from coresponse.maps.answer import Recommendation
from coresponse.maps.film import Film
from coresponse.maps.geometry import to_meters
from coresponse.maps.land import beside_roads
from coresponse.maps.scenes import Scene
from coresponse.maps.travel import Travel
from coresponse.maps.week import WeekHoursShown

# Names that the columns of cells and districts end in.
DEPLOYMENTS = ("plan", "today")

SMALL_BAND = "1-10"


@dataclass(frozen=True, eq=False)
class MapContent:
    """Content of a plan's map page.

    Frames may be in any CRS; they are converted where they come in.

    Parameters
    ----------
    title
        Of the study.
    clock
        Start and stop of the response clock, such as ``from the call's start to the responder's
        arrival on scene``.
    target_min
        The response-time standard in minutes.
    fallback_min
        What a call left to police counts in the mean wait; None: not said.
    plan, today
        Deployments; today's may be missing.
    posts
        `post_id`, `name`, `kind`, points; `node` too where there is `travel`.
    responder_titles
        Title by responder type, in the order they are shown.
    roads
        `edge_from`, `edge_to`, `road_class`, `travel_s`, maybe `name`, lines: directed; the two
        directions of a street are drawn once.
    cells
        As :func:`coresponse.publish.areas.map_cells` makes them for the deployments ``plan`` and
        ``today``.
    districts
        `district_id`, `name`, `calls_band`, and for each deployment d `mean_with_fallback_s_<d>`,
        `mean_s_<d>`, `p90_s_<d>`, `share_in_time_<d>` (NaN: not shown), polygons; `wait_would_be`
        and `in_time_would_be` as the areas have them; for each of `periods` all these also with
        ``@key`` at the end of the name.
    summary
        Rows of the table of figures.
    answer
        Shown at the top: what to do, where, what it brings and what it costs.
    basis
        What the answer rests on, in a sentence or two, set smaller.
    pattern_titles
        Title by shift pattern.
    periods
        Besides the whole week.
    cells_by_time
        As :func:`coresponse.publish.areas.map_cells_by_time` makes them for `periods`.
    by_time
        A row for each of `periods`, index key: `calls_band`, and for each deployment d the
        districts' figures.
    sure
        Heads, then rows of the table of what other judges say; empty if there is none.
    ladder
        Heads, then rows of the table from today to the plan; empty if there is none.
    ladder_note
        Beneath it.
    people
        Heads, then rows of the table of people to hire, by crew role; empty if there is none.
    people_note
        Beneath it.
    no_periods
        Why there are no periods to choose from.
    notices
        Shown as marks at the top and in print, such as ``SYNTHETIC calls``.
    internal
        Marks the page INTERNAL and allows raw counts (column `calls`).
    attribution
        Of the roads and other data, always visible on the map.
    provenance
        Lines for the foot of the page: inputs, versions, solver status.
    beside_roads_m
        Ground this near to a drawn road is land; more where only main roads are drawn.
    ground
        The ground beside the drawn roads, where it was worked out before; None: it is when needed.
    water, parks
        Polygons that are drawn beneath the roads; areas are cut off at water.
    landmarks
        `name`, `kind` (``park`` and ``water``: points; ``river`` and ``rail``: lines), `size_m`, the largest first.
    travel
        What the page works out drives from, exactly; None where not all roads are drawn.
    film
        A drawn day; None: there is none to show.
    scenes
        Of the presenter's view; none: the page has no such view.
    week
        Calls and responders by hour of the week; None: not shown.
    living
        Where groups of residents live, by `cells` and `cells_by_time`; None: not shown.
    agency_lines
        By agency, how long its calls wait, in words; posts and districts then have `agency`.
    """

    title: str
    clock: str
    target_min: float
    plan: Deployment
    posts: gpd.GeoDataFrame
    responder_titles: Mapping[str, str]
    roads: gpd.GeoDataFrame
    cells: gpd.GeoDataFrame
    today: Deployment | None = None
    fallback_min: float | None = None
    districts: gpd.GeoDataFrame | None = None
    summary: tuple[SummaryRow, ...] = ()
    answer: Recommendation | None = None
    basis: str = ""
    pattern_titles: Mapping[str, str] = field(default_factory=dict)
    periods: tuple[MapPeriod, ...] = ()
    cells_by_time: gpd.GeoDataFrame | None = None
    by_time: pd.DataFrame | None = None
    sure: tuple[tuple[str, ...], ...] = ()
    ladder: tuple[tuple[str, ...], ...] = ()
    ladder_note: str = ""
    people: tuple[tuple[str, ...], ...] = ()
    people_note: str = ""
    no_periods: str = ""
    notices: tuple[str, ...] = ()
    internal: bool = False
    attribution: tuple[str, ...] = ()
    provenance: tuple[str, ...] = ()
    beside_roads_m: float = 150.0
    ground: Any = None
    water: gpd.GeoDataFrame | None = None
    parks: gpd.GeoDataFrame | None = None
    landmarks: gpd.GeoDataFrame | None = None
    travel: Travel | None = None
    film: Film | None = None
    scenes: tuple[Scene, ...] = ()
    week: WeekHoursShown | None = None
    living: GroupsOnMap | None = None
    agency_lines: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def beside(self) -> Any:
        """The ground beside the drawn roads, in meters as :func:`to_meters` has them: map and report need it."""
        if self.ground is not None:
            return self.ground
        return beside_roads(to_meters(self.roads), self.beside_roads_m)

    def __post_init__(self) -> None:
        """Refuse content that cannot be drawn or may not be shown.

        Raises
        ------
        InputError
            With all faults at once.
        """
        faults = Faults(f"map of {self.title!r}")
        for name, frame, needed in (
            ("posts", self.posts, ("post_id", "name", "kind")),
            ("roads", self.roads, ("edge_from", "edge_to", "road_class", "travel_s")),
            ("cells", self.cells, ("cell_id", "calls_band")),
            (
                "cells_by_time",
                self.cells_by_time,
                ("cell_id", *(f"calls_band@{period.key}" for period in self.periods)),
            ),
            ("districts", self.districts, ("district_id", "name", "calls_band")),
            ("water", self.water, ()),
            ("parks", self.parks, ()),
            ("landmarks", self.landmarks, ("name", "kind", "size_m")),
        ):
            if frame is not None:
                _check_frame(faults, name, frame, needed)
        self._check_deployments(faults)
        if not self.internal:
            _check_privacy(faults, "cells", self.cells)
            if self.cells_by_time is not None:
                _check_privacy(faults, "cells_by_time", self.cells_by_time)
            if self.districts is not None:
                _check_privacy(faults, "districts", self.districts)
        missing = sorted(
            {o.responder_type for name in self.names for o, _ in self.deployment(name).counts}
            - set(self.responder_titles)
        )
        if missing:
            faults.add("responder_titles", f"no title for {', '.join(missing)}")
        if not self.target_min > 0:
            faults.add(
                "target_min", f"{self.target_min} is not above 0", "give the standard in minutes"
            )
        self._check_periods(faults)
        if self.living is not None and len(self.living.shares) != len(self.cells):
            faults.add("living", f"{len(self.living.shares)} areas of {len(self.cells)}")
        faults.raise_if_any()

    @property
    def suffixes(self) -> tuple[tuple[str, MapPeriod], ...]:
        """What columns of times end in: deployment and key, with the period; plan first."""
        return tuple(
            (f"{name}@{period.key}", period) for name in self.names for period in self.periods
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The deployments there are: plan first."""
        return DEPLOYMENTS if self.today is not None else DEPLOYMENTS[:1]

    def deployment(self, name: str) -> Deployment:
        """Return the plan, or today's deployment (empty if there is none)."""
        return self.plan if name == "plan" else self.today or Deployment("today")

    def _check_periods(self, faults: Faults) -> None:
        if self.periods and (self.cells_by_time is None or self.by_time is None):
            faults.add(
                "periods",
                "have no areas and figures of their own",
                "give cells_by_time and by_time",
            )
        for period in self.periods:
            if not re.fullmatch(r"[a-z0-9_-]+", period.key):
                faults.add("periods", f"key {period.key!r}", "use small letters, digits, _ and -")

    def _check_deployments(self, faults: Faults) -> None:
        known = set(self.posts["post_id"]) if "post_id" in self.posts else set()
        for name in self.names:
            missing = sorted({o.post_id for o, _ in self.deployment(name).counts} - known)
            if missing:
                faults.add(
                    name, f"posts that are not among the posts: {', '.join(map(str, missing[:5]))}"
                )
            column = f"mean_with_fallback_s_{name}"
            if "cell_id" in self.cells and len(self.cells) and column not in self.cells:
                faults.add("cells", f"no column {column}", "make the cells for this deployment too")


def _check_frame(
    faults: Faults, name: str, frame: gpd.GeoDataFrame, needed: tuple[str, ...]
) -> None:
    missing = [column for column in needed if column not in frame]
    if missing:
        faults.add(
            name, f"no column {', '.join(missing)}", f"has {', '.join(map(str, frame.columns))}"
        )
    if frame.crs is None:
        faults.add(name, "has no CRS", "set it, such as EPSG:4326")


def _check_privacy(faults: Faults, name: str, frame: gpd.GeoDataFrame) -> None:
    if "calls" in frame:
        faults.add(name, "holds raw counts (column calls)", "show bands, or make an internal page")
    bands = [column for column in frame if str(column).startswith("calls_band")]
    if name != "districts" and any((frame[column] == SMALL_BAND).any() for column in bands):
        faults.add(name, "some cell has 1 to 10 calls", "merge cells, or make an internal page")
