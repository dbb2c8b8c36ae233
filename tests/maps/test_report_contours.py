"""Lines of minutes in the report: seconds along streets as by NetworkX, and the picture's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
import shapely

from coresponse.data.options import Deployment
from coresponse.maps.content import MapContent
from coresponse.maps.report import picture
from coresponse.maps.report.contours import REACH_M, seconds_at, street_samples, travel_surface
from coresponse.maps.report.picture import plan_picture
from coresponse.maps.travel import Travel
from tests.maps.test_response_by_street import content_of

Maker = Callable[..., MapContent]


def expected_s(
    graph: nx.DiGraph, start: int, ahead_s: float, content: MapContent, node_of: dict[str, int]
) -> float:
    """Hour by hour and crew by crew: the mean over hours on duty at a place so far along a street."""
    travel = content.travel
    assert travel is not None
    reached = {}
    for option, _ in content.plan.counts:
        lengths = nx.single_source_dijkstra_path_length(graph, node_of[option.post_id], weight="s")
        reached[option] = lengths.get(start, np.inf) + ahead_s
    total, on_duty = 0.0, 0
    for hour, speed in enumerate(travel.speed):
        hours = [travel.pattern_hours[option.shift_pattern].hours for option in reached]
        if not any(hour in of_pattern for of_pattern in hours):
            continue
        on_duty += 1
        best = travel.fallback_s
        for option, drive_s in reached.items():
            kind = travel.kinds[option.responder_type]
            drive = drive_s / (kind.speed * speed)
            if hour in travel.pattern_hours[option.shift_pattern].hours and drive <= travel.reach_s:
                best = min(best, max(kind.least_s, kind.starts_s + drive))
        total += best
    return total / on_duty


def test_seconds_along_streets_are_those_of_networkx(content_maker: Maker) -> None:
    content, network = content_of(content_maker)
    assert isinstance(content.travel, Travel)
    roads = content.roads.to_crs(network.crs)
    samples = street_samples(roads, 40.0)
    found = seconds_at(samples, roads, content.posts, content.plan, content.travel)
    graph = nx.DiGraph()
    for a, b, s in roads[["edge_from", "edge_to", "travel_s"]].itertuples(index=False):
        if not graph.has_edge(a, b) or graph[a][b]["s"] > s:
            graph.add_edge(a, b, s=s)
    node_of = dict(zip(content.posts["post_id"], content.posts["node"], strict=True))
    for i in np.random.default_rng(5).choice(len(found), 60, replace=False):
        row = roads.iloc[samples.street[i]]
        ahead_s = samples.part[i] * row["travel_s"]
        expected = expected_s(graph, row["edge_from"], ahead_s, content, node_of)
        assert found[i] == pytest.approx(expected, rel=1e-9)


def test_both_ends_of_a_street_are_sampled_and_none_lies_far_from_the_next(
    content_maker: Maker,
) -> None:
    roads = content_of(content_maker)[0].roads
    samples = street_samples(roads, 25.0)
    for street in (0, len(roads) - 1):
        places = samples.xy[samples.street == street]
        line = roads.geometry.iloc[street]
        assert places[[0, -1]].tolist() == [list(line.coords[0]), list(line.coords[-1])]
        assert np.hypot(*np.diff(places, axis=0).T).max() <= 25.0 + 1e-6


def test_the_surface_is_between_the_streets_values_and_ends_where_streets_do(
    content_maker: Maker,
) -> None:
    content, network = content_of(content_maker)
    assert content.travel is not None
    roads = content.roads.to_crs(network.crs)
    surface = travel_surface(roads, content.posts, content.plan, content.travel)
    seconds = seconds_at(
        street_samples(roads, 30.0), roads, content.posts, content.plan, content.travel
    )
    known = surface.minutes[np.isfinite(surface.minutes)] * 60
    assert seconds.min() - 1e-6 <= known.min()
    assert known.max() <= seconds.max() + 1e-6
    streets = shapely.union_all(roads.geometry.array)
    x, y = (axis.ravel() for axis in np.meshgrid(surface.x, surface.y))
    away = shapely.distance(shapely.points(x, y), streets)
    assert (away[np.isfinite(surface.minutes.ravel())] <= REACH_M + 1e-6).all()
    assert (away[np.isnan(surface.minutes.ravel())] > REACH_M - 40.0).all()


def test_the_picture_has_lines_only_where_all_roads_are_known(content_maker: Maker) -> None:
    content, _ = content_of(content_maker)
    assert "min to arrive, if" in plan_picture(content)
    assert plan_picture(content) == plan_picture(content)
    assert "min to arrive, if" not in plan_picture(replace(content, travel=None))
    nobody = replace(content, plan=Deployment.of("plan", {}))
    assert "min to arrive, if" not in plan_picture(nobody)


def test_a_city_whose_lines_are_all_too_short_is_drawn_without(
    content_maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a line winds around single streets alone, none is left: the report is drawn all the same."""
    monkeypatch.setattr(picture, "SHORTEST_LINE_M", 1e9)
    assert "to arrive, if" not in plan_picture(content_of(content_maker)[0])
