"""Response times by street: worked out on the page, from the road graph alone, exactly."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from scipy.sparse.csgraph import dijkstra

from coresponse.data.figures.rows import MapPeriod
from coresponse.data.hours import WeekHours
from coresponse.data.options import Deployment, Option
from coresponse.data.roads.frames import edges_frame
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.network import RoadNetwork
from coresponse.maps.content import MapContent
from coresponse.maps.offline import page_text
from coresponse.maps.plan_map import write_plan_map
from coresponse.maps.travel import Travel, TravelKind
from tests.maps.unpacked import unpacked

pytestmark = pytest.mark.browser

Maker = Callable[..., MapContent]
SIDE = 14
DAY, NIGHT = WeekHours.parse("daily 07:00-19:00"), WeekHours.parse("daily 19:00-07:00")
EVENING = WeekHours.parse("daily 15:00-23:00")
# posts A and B stand for teams of two kinds; the clinician needs an officer first
KINDS = {"unit": TravelKind(120.0, 0.0, 1.0), "clinician": TravelKind(60.0, 400.0, 0.8)}
POSTS = {"A": 0, "B": SIDE * SIDE - 1, "C": 7 * SIDE + 3, "D": 5}
PLAN = {("unit", "A", "day"): 2, ("unit", "B", "evening"): 1, ("clinician", "C", "always"): 1}
TODAY = {("unit", "D", "day"): 1}


def one_way_network() -> RoadNetwork:
    """A grid of which every fifth directed edge is left out, one-way streets then; one street in two kinds."""
    network = street_grid(SIDE, SIDE, seed=4)
    kept = np.arange(network.n_edges) % 5 != 0
    counts = np.diff(network.shape_start)
    return replace(
        network,
        **{
            name: getattr(network, name)[kept]
            for name in ("edge_from", "edge_to", "length_m", "travel_s", "road_class")
        },
        shape_start=np.r_[0, np.cumsum(counts[kept])].astype(np.int64),
        shape_xy=network.shape_xy[np.repeat(kept, counts)],
    )


def content_of(maker: Maker) -> tuple[MapContent, RoadNetwork]:
    network = one_way_network()
    node = list(POSTS.values())
    posts = gpd.GeoDataFrame(
        {
            "post_id": list(POSTS),
            "name": [f"Post {p}" for p in POSTS],
            "kind": "station",
            "node": node,
        },
        geometry=gpd.points_from_xy(network.node_x[node], network.node_y[node]),
        crs=network.crs,
    )
    travel = Travel(
        kinds=KINDS,
        pattern_hours={"day": DAY, "evening": EVENING, "always": WeekHours(tuple(range(168)))},
        speed=tuple(np.where(DAY.mask(), 0.85, 1.1).tolist()),
        reach_s=900.0,
        fallback_s=3600.0,
    )
    content = maker(
        posts=posts,
        plan=Deployment.of("plan", {Option(*o): n for o, n in PLAN.items()}),
        roads=edges_frame(network),
        travel=travel,
        periods=(MapPeriod("day", "Day", DAY.words()), MapPeriod("night", "Night", NIGHT.words())),
        target_min=6.0,
    )
    today = Deployment.of("today", {Option(*o): n for o, n in TODAY.items()})
    return replace(content, today=today), network


def expected_s(
    network: RoadNetwork, crews: dict[tuple[str, str, str], int], travel: Travel, hours: WeekHours
) -> np.ndarray:
    """Mean over hours with somebody on duty of the nearest's time, at every node: hour by hour, by scipy's search."""
    total, on_duty = np.zeros(network.n_nodes), 0
    drive = {post: dijkstra(network.travel_matrix(), indices=node) for post, node in POSTS.items()}
    for hour in hours.hours:
        if not any(hour in travel.pattern_hours[pattern].hours for _, _, pattern in crews):
            continue
        on_duty += 1
        best = np.full(network.n_nodes, travel.fallback_s)
        for name, post, pattern in crews:
            if hour in travel.pattern_hours[pattern].hours:
                kind = KINDS[name]
                way = drive[post] / (kind.speed * travel.speed[hour])
                whole = np.maximum(kind.least_s, kind.starts_s + way)
                best = np.minimum(best, np.where(way <= travel.reach_s, whole, np.inf))
        total += best
    return total / on_duty if on_duty else np.full(network.n_nodes, travel.fallback_s)


ON_THE_PAGE = """([files, content, asked]) => {
  const names = "{ readGraph, Response, Surface, chainsOf }";
  const made = new Function("content", "L", `${files.join("\\n")}; return ${names};`)(content, window.L);
  const graph = made.readGraph(content.graph), response = new made.Response(graph);
  const segment = Array.from(graph.from, (_, s) => s), ends = [0, 1];
  const seconds = asked.map(([name, period]) => ends.map((part) =>
    [...response.secondsAt({ segment, part: segment.map(() => part) }, response.statesOf(name, period))]));
  const surface = new made.Surface(graph);
  const squares = asked.map(([name, period]) => {
    const values = surface.spread(response.secondsAt(surface.samples, response.statesOf(name, period)));
    return Array.from(graph.x, (x, i) => values[Math.round((graph.y[i] - surface.north) / surface.square) * surface.width
      + Math.round((x - surface.west) / surface.square)]);
  });
  const covered = [...surface.inside].filter((v) => v > 0).length * surface.squareM ** 2;
  return { seconds, squares, covered, chains: made.chainsOf(graph).map(({ length, line }) => [length, line.length]) };
}"""
FILES = ("local.js", "label_places.js", "graph.js", "chains.js", "response.js", "surface.js")


def test_times_on_the_page_are_those_of_another_search(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    content, network = content_of(content_maker)
    write_plan_map(content, tmp_path / "map.html")
    seen = visit(tmp_path / "map.html")
    data = json.loads(seen.page.locator("#content").text_content())
    asked = [(name, period) for name in ("plan", "today") for period in ("", "day", "night")]
    found = seen.page.evaluate(ON_THE_PAGE, [[page_text(name) for name in FILES], data, asked])
    places, segments = unpacked(data["graph"])
    assert any(s.is_one_way for s in segments)
    assert any(not s.is_one_way for s in segments)
    # which of the network's nodes each of the page's is
    frame = gpd.GeoSeries.from_xy(network.node_x, network.node_y, crs=network.crs).to_crs(4326)
    at = np.rint((np.c_[frame.x, frame.y] - data["origin"]) / data["step"]).astype(int)
    node = np.array([int(np.flatnonzero((at == place).all(axis=1))[0]) for place in places])
    week = WeekHours(tuple(range(168)))
    for (name, period), ends, squares in zip(
        asked, found["seconds"], found["squares"], strict=True
    ):
        hours = {"": week, "day": DAY, "night": NIGHT}[period]
        crews = PLAN if name == "plan" else TODAY
        wanted = expected_s(network, crews, content.travel, hours)[node]
        for part, told in enumerate(ends):
            end = np.array([s.stop if part else s.start for s in segments])
            two_way = np.array([not s.is_one_way for s in segments])
            # at a two-way street's ends, and where a one-way street begins, the time is the
            # crossing's
            exact = two_way | (part == 0)
            assert np.abs(np.array(told) - wanted[end])[exact].max() < 1.0
            assert (np.array(told) >= wanted[end] - 1.0).all()
        # a square of 45 m has the time of the streets through it
        off = np.abs(np.array(squares) - wanted)
        assert np.median(off) < 15
        assert np.mean(off < 90) > 0.9
    x, y = network.node_x, network.node_y
    box_m2 = (np.ptp(x) + 480) * (np.ptp(y) + 480)
    assert 0.9 * box_m2 < found["covered"] < 1.1 * box_m2
    steps = sum(
        np.hypot(*(np.diff(s.corners, axis=0) * [1, 1 / np.cos(np.radians(40.65))]).T).sum()
        for s in segments
    )
    assert sum(length for length, _ in found["chains"]) == pytest.approx(steps, rel=0.01)


def inked(page: Any, pane: str) -> dict[str, float]:
    """Return the shares of a pane's canvas that have full colors, by color, those above a thousandth."""
    script = """(pane) => {
      const n = {};
      let all = 1;
      for (const c of document.querySelectorAll(`#map_plan .leaflet-${pane}-pane canvas`)) {
        const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
        all += d.length / 4;
        for (let i = 0; i < d.length; i += 4) if (d[i + 3] === 255) {
          const k = "#" + [d[i], d[i + 1], d[i + 2]].map((v) => v.toString(16).padStart(2, "0")).join("");
          n[k] = (n[k] || 0) + 1;
        }
      }
      return Object.fromEntries(Object.entries(n).map(([k, v]) => [k, v / all]).filter(([, v]) => v > 0.001));
    }"""
    return dict(page.evaluate(script, pane))


def choose(page: Any, still: Callable[..., None], name: str, value: str) -> None:
    page.locator(f'input[name="{name}"][value="{value}"]').check(force=True)
    still(page)


def test_the_view_by_street_shows_classes_streets_and_the_standards_line(
    visit: Callable[..., Any],
    still: Callable[..., None],
    serious_faults: Callable[..., list[Any]],
    content_maker: Maker,
    tmp_path: Path,
) -> None:
    content, _ = content_of(content_maker)
    write_plan_map(content, tmp_path / "map.html")
    seen = visit(tmp_path / "map.html")
    page = seen.page
    views = page.locator('input[name="view"]').evaluate_all("all => all.map((one) => one.value)")
    assert "surface" in views
    assert "free" not in views  # the same by area
    choose(page, still, "view", "surface")
    classes = {"#3d85c0", "#86bade", "#cfe3f1", "#fbc88a", "#e5823a"}
    plan = inked(page, "cells")
    assert len(classes & plan.keys()) >= 2
    assert "#ffffff" in inked(page, "roads")
    assert "#1d2833" in inked(page, "lines")
    legend = page.locator("#legend").inner_text()
    assert "always free" in legend
    assert "Only hours" not in legend  # the plan has somebody on duty at all hours
    assert "replay" not in legend
    assert page.locator("#caption_plan").inner_text().endswith("Plan")
    choose(page, still, "period", "night")
    assert inked(page, "cells") != plan
    choose(page, still, "mode", "change")
    changed = inked(page, "cells")
    assert "#08458a" in changed  # at night nobody is on duty today
    assert "Change in minutes" in page.locator("#legend_title").inner_text()
    assert serious_faults(page) == []
    choose(page, still, "mode", "both")
    assert page.locator("#map_today .leaflet-cells-pane canvas").count() == 1
    choose(page, still, "view", "plain")
    assert inked(page, "cells") == {}
    assert inked(page, "lines") == {}
    assert "#ffffff" not in inked(page, "roads")
    assert seen.requests == []
    assert [text for text in seen.complaints if "readback" not in text] == []  # this test's own


def test_paper_holds_the_surface_with_its_line_and_streets(
    visit: Callable[..., Any], still: Callable[..., None], content_maker: Maker, tmp_path: Path
) -> None:
    content, _ = content_of(content_maker)
    write_plan_map(content, tmp_path / "map.html")
    page = visit(tmp_path / "map.html").page
    choose(page, still, "view", "surface")
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    page.evaluate(
        "() => document.querySelectorAll('#map_plan canvas:not(.paper)').forEach((c) => c.remove())"
    )
    colors = inked(page, "cells").keys()
    assert {"#cfe3f1", "#1d2833", "#ffffff"} <= colors


def test_where_not_all_roads_are_drawn_areas_tell_of_free_crews(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    content, _ = content_of(content_maker)
    write_plan_map(replace(content, travel=None), tmp_path / "map.html")
    seen = visit(tmp_path / "map.html")
    assert seen.page.locator('input[name="view"][value="surface"]').count() == 0
    assert seen.page.locator('input[name="view"][value="free"]').count() == 1
    assert seen.complaints == []


def test_a_posts_card_comes_with_lines_of_minutes_from_it(
    visit: Callable[..., Any], still: Callable[..., None], content_maker: Maker, tmp_path: Path
) -> None:
    content, _ = content_of(content_maker)
    write_plan_map(content, tmp_path / "map.html")
    seen = visit(tmp_path / "map.html")
    page = seen.page
    lines = "#map_plan .leaflet-lines-pane canvas"
    assert page.locator(lines).count() == 0
    page.locator("#map_plan .post").first.focus()
    page.keyboard.press("Enter")
    still(page)
    card = page.locator(".leaflet-popup-content")
    assert "2, 4 and 6 minutes from a call's start" in card.inner_text()
    assert "Co-responder unit" in card.locator(".reach").inner_text()
    one = inked(page, "lines")
    assert "#5b2a86" in one
    page.locator(".leaflet-popup-close-button").press("Enter")
    still(page)
    assert page.locator(lines).count() == 1  # the card hid them
    middle = page.locator("#map_plan").bounding_box()
    for count in (1, 0):  # the first press belongs to the card
        page.mouse.click(middle["x"] + 20, middle["y"] + middle["height"] / 2)
        still(page)
        assert page.locator(lines).count() == count
    # a candidate, by its name: whoever drives could start there
    page.locator("#search").fill("Post D")
    page.locator("#search").press("Enter")
    still(page)
    assert "Co-responder unit or On-call clinician" in card.locator(".reach").inner_text()
    other = inked(page, "lines")
    assert "#5b2a86" in other
    assert other != one
    choose(page, still, "mode", "today")
    assert page.locator(lines).count() == 0
    assert seen.requests == []
    assert [text for text in seen.complaints if "readback" not in text] == []  # this test's own
