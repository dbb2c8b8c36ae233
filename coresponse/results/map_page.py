"""What a plan's map page shows, from its publication."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from coresponse.data.hours import HOURS_A_WEEK
from coresponse.data.posts import Posts
from coresponse.data.roads.frames import drawn_edges
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.version import __version__
from coresponse.maps.content import MapContent
from coresponse.maps.geometry import to_meters
from coresponse.maps.land import beside_roads
from coresponse.maps.travel import Travel, TravelKind
from coresponse.publish.facts import Facts
from coresponse.publish.film import film_of
from coresponse.publish.places import PlanAgenciesPublication
from coresponse.publish.plan_publication import PlanPublication
from coresponse.publish.rungs import HEADS, LadderPublication
from coresponse.results.aims import aim
from coresponse.results.film import film
from coresponse.results.map_answer import map_answer
from coresponse.results.runs import must_be
from coresponse.results.staffing import short_staffing
from coresponse.results.tables import JUDGE_HEADS, judges_rows
from coresponse.results.week import hours_of_week

# Ground this near to a drawn road is land: where all roads are drawn, and where only main ones are.
BESIDE_M, BESIDE_MAIN_M = 150.0, 750.0


def ground_beside(roads: RoadNetwork) -> Any:
    """Return the ground beside the roads that a city's map pages draw; it is the same for all plans."""
    drawn, all_roads = drawn_edges(roads)
    return beside_roads(to_meters(drawn), BESIDE_M if all_roads else BESIDE_MAIN_M)


def map_content(publication: PlanPublication, *, ground: Any = None) -> MapContent:
    """Gather what the map page of a plan draws.

    Parameters
    ----------
    ground
        What :func:`ground_beside` returns, if that was asked before.
    """
    must_be(publication, PlanPublication)
    facts, found = publication.facts, publication.shown
    roads, all_roads = drawn_edges(facts.roads)
    drawn = found.map
    return MapContent(
        title=facts.name,
        clock=facts.program.standards.clock,
        target_min=facts.target_min,
        fallback_min=facts.program.standards.fallback_min.value,
        plan=publication.deployment,
        today=facts.today,
        # the page drives between crossings: a post along a road starts at its road's nearer end
        posts=posts_frame(facts.posts).assign(
            node=facts.roads.crossing(facts.posts.frame["node"].to_numpy()),
            **({} if found.agencies is None else {"agency": _agency(facts, found.agencies)}),
        ),
        responder_titles=facts.responder_titles,
        pattern_titles={n: p.clock_title for n, p in facts.program.shift_patterns.items()},
        roads=roads,
        beside_roads_m=BESIDE_M if all_roads else BESIDE_MAIN_M,
        ground=ground,
        water=facts.water,
        parks=facts.parks,
        landmarks=facts.landmarks,
        travel=travel(facts) if all_roads else None,
        film=film(film_of(publication), facts.roads),
        week=hours_of_week(found.week),
        cells=drawn.cells,
        districts=drawn.districts,
        living=found.living,
        agency_lines={}
        if found.agencies is None
        else {row.name: row.line() for row in found.agencies.rows},
        periods=drawn.periods,
        cells_by_time=drawn.cells_by_time,
        by_time=drawn.by_time,
        no_periods=drawn.no_periods,
        summary=found.summary,
        sure=(JUDGE_HEADS, *judges_rows(publication.evaluations)),
        ladder=_ladder(found.ladder),
        ladder_note="" if found.ladder is None else found.ladder.last_units,
        people=short_staffing(publication.staffing),
        people_note=publication.staffing.sentences[0],
        answer=map_answer(publication, aim(facts)),
        basis=basis(publication),
        notices=notices(publication),
        internal=publication.disclosure.internal,
        attribution=facts.attributions,
        provenance=(
            *publication.standing.sentences[1:],
            f"{_model(publication)}.",
            *provenance_lines(publication),
            *(() if all_roads else ("Only the main roads are drawn.",)),
        ),
    )


def _agency(facts: Facts, agencies: PlanAgenciesPublication) -> pd.Series[str]:
    """Return whose each post is."""
    return facts.posts.frame["post_id"].astype(str).map(agencies.of_post).fillna("")


def _ladder(ladder: LadderPublication | None) -> tuple[tuple[str, ...], ...]:
    """Return heads and rows from today to the plan; nothing where there is no today."""
    if ladder is None or len(ladder.rungs) < 2:
        return ()
    return (HEADS, *ladder.rows)


def notices(publication: PlanPublication) -> tuple[str, ...]:
    """Return what stands at the top of every page."""
    said = (publication.facts.notice, publication.history.few_days)
    return tuple(text for text in said if text)


def posts_frame(posts: Posts) -> gpd.GeoDataFrame:
    """Return posts as points in the network's CRS."""
    frame = posts.frame
    points = gpd.points_from_xy(frame["x"], frame["y"])
    return gpd.GeoDataFrame(
        frame[["post_id", "name", "kind"]].copy(), geometry=points, crs=posts.crs
    )


def travel(facts: Facts) -> Travel:
    """Return what the page works out drives from, as :func:`coresponse.coverage.response.response_table` does."""
    standards = facts.program.standards
    kinds = {
        name: TravelKind(
            starts_s=60 * (standards.call_taking_min.value + kind.delay_min.value),
            least_s=60 * standards.police_arrival_min.value if kind.needs_officer_first else 0.0,
            speed=kind.speed_factor.value,
        )
        for name, kind in facts.program.responder_types.items()
        if kind.kind != "tele"
    }
    speed = np.ones(HOURS_A_WEEK)
    for period in facts.periods:
        speed[list(period.hours.hours)] = period.speed_factor
    return Travel(
        kinds=kinds,
        pattern_hours={n: p.hours for n, p in facts.program.shift_patterns.items()},
        speed=tuple(speed.tolist()),
        reach_s=60 * facts.reach_min,
        fallback_s=60 * standards.fallback_min.value,
    )


def basis(publication: PlanPublication) -> str:
    """Say in a line what the answer rests on: the judge of its figures, and what the plan is."""
    if not publication.deployment.size:
        return "Within these limits nobody can be on duty, and all calls are left to police."
    plan = publication.evaluations["plan"]
    judge = "Figures here and on the map allow for busy units, by replay. "
    told = judge if plan.replay is not None else ""
    # one line of a projector's screen: how the model's search ended stands among the lines of provenance
    return f"{told}{publication.standing.sentences[0]}"


def _model(publication: PlanPublication) -> str:
    """Say how the model's answer stands, of which deployment, and for which units."""
    search = publication.search
    units = "as busy as found" if search.busy_share else "that are always free"
    return f"In the model, {publication.standing.whose} is {search.message} for units {units}"


def provenance_lines(publication: PlanPublication) -> tuple[str, ...]:
    """Say what the page rests on."""
    facts, history = publication.facts, publication.history
    located, roads = history.located, facts.roads.report
    count = located if isinstance(located, str) else f"{located:,}"
    recorded = (
        f"Calls: {count} on the network from {history.first_day} to {history.last_day} "
        f"({history.timezone})."
    )
    return (
        f"Calls: {history.assumed}." if history.assumed else recorded,
        (
            f"Roads: {roads.source}; {roads.assumed_speed_share:.0%} of their length with assumed "
            "speeds, no delay at signals."
        ),
        f"Program: {facts.program.title}. Assumptions with their sources: assumptions.csv.",
        (
            f"Solver: {facts.solver.name}. {publication.in_model} "
            f"coresponse {__version__}, seed {facts.seed}."
        ),
    )
