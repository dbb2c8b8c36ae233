"""What the budget explorer is made from: everything is given, nothing is computed here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd

from coresponse.data.faults import Faults
from coresponse.data.options import Deployment


@dataclass(frozen=True)
class Slider:
    """One thing that was varied.

    Attributes
    ----------
    key
        Of the page's address; small letters, digits, dots, _ and -.
    title
        Shown to people.
    values
        Rising.
    texts
        The values as people write them, which the page shows.
    """

    key: str
    title: str
    values: tuple[float, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True)
class GroupShown:
    """Service in an area, or where a group of residents lives, under one plan: mean wait in minutes, share in time (0..1)."""

    wait_min: float
    share_in_time: float


@dataclass(frozen=True)
class ExplorerPoint:
    """The plan for one position of all sliders.

    Attributes
    ----------
    at
        Position on each slider.
    deployment
        Empty if there is none.
    status
        Of the search, for people.
    cost_per_year, share_in_time, mean_wait_min, p90_min, left_to_police_per_week, worst_district_min,
    without_officer_per_week, share_without_officer
        By replay, call-outs of standby as found; None where there is no plan.
    fleet
        Its responders in words.
    efficient
        No other plan costs as little and does as well by the study's goal.
    by_group
        In the order of the content's groups; empty where there is no plan.
    """

    at: tuple[int, ...]
    deployment: Deployment
    status: str
    cost_per_year: float | None
    share_in_time: float | None
    mean_wait_min: float | None
    p90_min: float | None
    left_to_police_per_week: float | None
    worst_district_min: float | None = None
    without_officer_per_week: float | None = None
    share_without_officer: float | None = None
    fleet: str = ""
    efficient: bool = False
    by_group: tuple[GroupShown, ...] = ()


@dataclass(frozen=True)
class Frontier:
    """What plans are drawn by against their cost, and what stands beside them.

    Attributes
    ----------
    figure
        ``share``, ``wait``, ``p90``, ``police``, ``noOfficerShare`` or ``worst``: the study's goal, or calls in time.
    knee, own
        Positions of points: beyond which money buys less than before; that asks what the study
        asks. None where there is none.
    today
        Today's deployment; None if it is not known.
    sentences
        What the next dollars buy, and what a cut costs.
    rearranged, plan
        Today's staff at the best posts and hours, and the plan, of the study's own run; None
        where there is none.
    """

    figure: str = "share"
    knee: int | None = None
    own: int | None = None
    today: ExplorerPoint | None = None
    sentences: tuple[str, ...] = ()
    rearranged: ExplorerPoint | None = None
    plan: ExplorerPoint | None = None


@dataclass(frozen=True, eq=False)
class ExplorerContent:
    """Content of the page.

    Attributes
    ----------
    title, clock, target_min
        Of the study.
    sliders, points
        Every combination of slider positions has at most one point.
    cells
        `cell_id`, `calls_band`, and for point i
        `mean_with_fallback_s_p<i>`: areas of enough calls, as
        :func:`coresponse.publish.areas.map_cells` makes them.
    frontier
        How plans are drawn against their cost.
    groups
        Of residents, and areas with standards of their own, to choose from, all first; empty where
        none are known.
    roads, posts, responder_titles
        As for the map page.
    notices, internal, attribution, provenance, water, parks, landmarks
        As for the map page.
    districts
        `name` and outline; None if there are none.
    """

    title: str
    clock: str
    target_min: float
    sliders: tuple[Slider, ...]
    points: tuple[ExplorerPoint, ...]
    cells: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    posts: gpd.GeoDataFrame
    responder_titles: Mapping[str, str]
    frontier: Frontier = Frontier()
    notices: tuple[str, ...] = ()
    internal: bool = False
    attribution: tuple[str, ...] = ()
    provenance: tuple[str, ...] = ()
    beside_roads_m: float = 150.0
    water: gpd.GeoDataFrame | None = None
    parks: gpd.GeoDataFrame | None = None
    landmarks: gpd.GeoDataFrame | None = None
    districts: gpd.GeoDataFrame | None = None
    groups: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn.

        Raises
        ------
        InputError
            With all faults at once.
        """
        faults = Faults(f"explorer of {self.title!r}")
        if not self.sliders:
            faults.add("sliders", "there are none", "sweep over at least one limit")
        if not self.points:
            faults.add("points", "there are none")
        places = [point.at for point in self.points]
        if len(set(places)) < len(places):
            faults.add("points", "two are at the same position")
        for i, point in enumerate(self.points):
            sizes = [len(slider.values) for slider in self.sliders]
            if len(point.at) != len(sizes) or any(
                not 0 <= p < n for p, n in zip(point.at, sizes, strict=False)
            ):
                faults.add("points", f"{point.at} is not a position of the sliders")
            if point.by_group and len(point.by_group) != len(self.groups):
                faults.add("points", f"{len(point.by_group)} groups of {len(self.groups)}")
            if len(self.cells) and f"mean_with_fallback_s_p{i}" not in self.cells:
                faults.add("cells", f"no column mean_with_fallback_s_p{i}")
        if "calls" in self.cells and not self.internal:
            faults.add(
                "cells", "holds raw counts (column calls)", "show bands, or make an internal page"
            )
        faults.raise_if_any()
