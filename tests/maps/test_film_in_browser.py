"""The film of a drawn day: what is told, where units are, what keys and buttons do."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from scipy.sparse.csgraph import dijkstra

from coresponse.maps.film import Film, FilmRun
from coresponse.maps.offline import page_text
from coresponse.maps.payload import payload
from coresponse.maps.plan_map import write_plan_map
from tests.conftest import until
from tests.maps.made_film import NOTE, Maker, city_with_film

pytestmark = pytest.mark.browser

INKED = """() => {
  let inked = 0;
  for (const canvas of document.querySelectorAll("#map_plan .leaflet-film-pane canvas")) {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    for (let i = 3; i < data.length; i += 4) inked += data[i] > 0;
  }
  return inked;
}"""
SETTLED = INKED.replace(
    'querySelectorAll("#map_plan .leaflet-film-pane canvas")',
    'querySelectorAll("#map_plan .leaflet-film-pane canvas:first-child")',
)
SEEK = """(minute) => {
  const time = document.getElementById("film_time");
  time.value = minute;
  time.dispatchEvent(new Event("input"));
}"""
AT_TIMES = """([files, content, asked]) => {
  const names = "{ readGraph, Ways, FilmDay, filmPlaces }", { film } = content;
  const made = new Function("content", "L", `${files.join("\\n")}; return ${names};`)(content, window.L);
  const ways = new made.Ways(made.readGraph(content.graph));
  const day = new made.FilmDay(film.runs.plan, film, made.filmPlaces(film), ways);
  return asked.map((now) => day.units.map((unit) => {
    const { doing, at } = day.unitAt(unit, now);
    return [doing, at.x, at.y];
  }));
}"""
FILES = ("local.js", "graph.js", "film_ways.js", "film_day.js")


@pytest.fixture
def opened(visit: Callable[..., Any], content_maker: Maker, tmp_path: Path) -> Callable[..., Any]:
    """Open the page with a film, which begins to play unless the reader wants less motion."""

    def _open(**settings: Any) -> Any:
        content, _ = city_with_film(content_maker)
        write_plan_map(content, tmp_path / "map.html")
        seen = visit(tmp_path / "map.html", **settings)
        seen.page.click("#film_open")
        return seen

    return _open


def counted(film: Film, run: FilmRun, now: float) -> str:
    """Recount a moment from the film, call by call."""
    told = [(at, job) for at, job in zip(film.received_s, run.jobs, strict=True) if 0 <= at <= now]
    waits = sum(now < (job.contact_s if job.unit >= 0 else job.told_s) for _, job in told)
    met = [job for _, job in told if job.unit >= 0 and job.contact_s <= now]
    good = sum(job.in_time for job in met)
    left = sum(job.unit < 0 and job.told_s <= now for _, job in told)
    return f"{len(told)} calls {waits} waiting {good} in time {len(met) - good} later {left} left to police"


def test_the_day_plays_ends_and_adds_up(opened: Callable[..., Any], content_maker: Maker) -> None:
    seen = opened()
    page = seen.page
    assert page.locator("#film_play").inner_text() == "Pause"
    until(lambda: page.locator("#film_clock").inner_text() > "00:20")
    assert NOTE in page.locator("#film").inner_text()
    page.click("#film_play")
    film = city_with_film(content_maker)[0].film
    assert film is not None
    for minute in (0, 411, 777, 1439):
        page.evaluate(SEEK, minute)
        told = " ".join(page.locator("#film_counts li").inner_text().split())
        assert told.startswith(f"Plan {counted(film, film.runs['plan'], 60 * minute)} "), minute
    assert page.evaluate(INKED) > 0
    page.select_option("#film_speed", "4")
    page.evaluate(SEEK, 1400)
    page.click("#film_play")
    page.wait_for_selector("body[data-film=rests]")
    assert page.locator("#film_clock").inner_text() == "23:59"
    assert seen.complaints == []
    assert seen.requests == []


def test_keys_play_step_and_close(opened: Callable[..., Any]) -> None:
    page = opened(reduced_motion="reduce").page
    clock = page.locator("#film_clock")
    assert page.evaluate("document.body.dataset.film ?? 'rests'") == "rests", (
        "nothing moves unasked"
    )
    page.locator("#film_time").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert clock.inner_text() == "00:10"
    page.keyboard.press("Space")
    assert page.evaluate("document.body.dataset.film") == "plays"
    until(lambda: clock.inner_text() >= "00:20")
    page.keyboard.press("Space")
    # where less motion is wanted it goes on in whole steps
    assert int(clock.inner_text()[-2:]) % 5 == 0
    page.keyboard.press("End")
    assert clock.inner_text() == "23:59"
    page.keyboard.press("Home")
    assert clock.inner_text() == "00:00"
    page.keyboard.press("Escape")
    assert page.locator("#film").is_hidden()
    assert page.locator("#film_open").evaluate("node => node === document.activeElement")
    assert page.locator('input[name="view"]:checked').get_attribute("value") == "response"


def test_both_deployments_meet_the_same_day_side_by_side(
    opened: Callable[..., Any], serious_faults: Callable[[Any], Any]
) -> None:
    page = opened(reduced_motion="reduce").page
    page.locator('input[name="mode"][value="both"]').check(force=True)
    page.evaluate(SEEK, 900)
    rows = [" ".join(text.split()) for text in page.locator("#film_counts li").all_inner_texts()]
    assert [row.split()[0] for row in rows] == ["Today", "Plan"]
    assert rows[0].split()[1] == rows[1].split()[1], "the same calls"
    assert rows[0].split()[5] < rows[1].split()[5], "fewer are in time"
    assert [page.locator(f"#caption_{name}").inner_text() for name in ("today", "plan")] == [
        "A drawn Friday: Today",
        "A drawn Friday: Plan",
    ]
    # of each map one canvas for what is over, and one for all that moves
    assert page.locator(".leaflet-film-pane canvas").count() == 4
    assert serious_faults(page) == []


def test_what_is_over_is_drawn_anew_only_when_a_call_ends(opened: Callable[..., Any]) -> None:
    page = opened(reduced_motion="reduce").page
    page.evaluate(
        """() => {
      const clear = CanvasRenderingContext2D.prototype.clearRect;
      const settled = document.querySelector("#map_plan .leaflet-film-pane canvas");
      window.cleared = 0;
      CanvasRenderingContext2D.prototype.clearRect = function (...box) {
        window.cleared += this.canvas === settled;
        clear.apply(this, box);
      };
    }"""
    )
    inked = []
    for minute in (400, 401, 402, 403, 900, 400):
        page.evaluate(SEEK, minute)
        inked.append(page.evaluate(SETTLED))
    assert inked[4] > inked[0] > 0
    assert inked[5] == inked[0], "back in time, what ended later is gone"
    assert 3 <= page.evaluate("window.cleared") < 6


def test_it_fits_a_phone_and_a_projector(opened: Callable[..., Any]) -> None:
    page = opened(phone=True, reduced_motion="reduce").page
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for size in ({"width": 390, "height": 844}, {"width": 1280, "height": 720}):
        page.set_viewport_size(size)
        page.locator("#film").evaluate("node => node.scrollIntoView({ block: 'end' })")
        map_box, film_box = (page.locator(one).bounding_box() for one in ("#panes", "#film"))
        assert map_box["height"] > 250
        assert map_box["y"] + map_box["height"] <= film_box["y"] + 1, "no control lies on the map"
        assert film_box["y"] + film_box["height"] <= size["height"] + 1


def test_units_drive_along_the_fastest_roads_at_the_times_told(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    content, roads = city_with_film(content_maker)
    write_plan_map(content, tmp_path / "map.html")
    page = visit(tmp_path / "map.html").page
    data = payload(content)
    film = content.film
    assert film is not None
    posts = content.posts.set_index("post_id")["node"]
    job_of = [job for job in film.runs["plan"].jobs if job.unit >= 0]
    first = {unit: next(job for job in job_of if job.unit == unit) for unit in range(3)}
    parts = np.linspace(0.05, 0.95, 7)
    asked = [
        float(job.leaves_s + part * (job.arrived_s - job.leaves_s))
        for job in first.values()
        for part in parts
    ]
    scripts = [page_text(name) for name in FILES]
    seen = page.evaluate(AT_TIMES, [scripts, json.loads(json.dumps(data)), asked])
    matrix = roads.travel_matrix()
    west, south = data["origin"]
    k = 0
    for unit, job in first.items():
        post = int(posts[film.runs["plan"].units[unit].post_id])
        call = film.place[film.runs["plan"].jobs.index(job)]
        node = int(film.places["node"].iloc[call])
        from_post = dijkstra(matrix, indices=post)
        to_call = dijkstra(matrix.T.tocsr(), indices=node)
        whole = from_post[node]
        for part in parts:
            doing, x, y = seen[k][unit]
            k += 1
            assert doing == "drives"
            # the two crossings that it is between: the drive there, and from there, add up to the
            # whole
            on_the_way = np.isclose(from_post + to_call, whole, atol=0.5)
            before = np.flatnonzero(on_the_way & (from_post <= part * whole + 0.5))
            after = np.flatnonzero(on_the_way & (from_post >= part * whole - 0.5))
            a, b = before[from_post[before].argmax()], after[from_post[after].argmin()]
            share = (part * whole - from_post[a]) / max(from_post[b] - from_post[a], 1e-9)
            expected = np.array(
                [getattr(roads, axis)[a] * (1 - share) + getattr(roads, axis)[b] * share for axis in ("node_x", "node_y")]
            )  # fmt: skip
            place = _meters(content, (west + x * data["step"], south, y, data["step"]))
            assert np.hypot(*(place - expected)) < 12, (unit, part)
    assert k == len(asked)


def _meters(content: Any, at: tuple[float, float, float, float]) -> np.ndarray:
    """Return a place of the page, whose y is stretched as Mercator's is, in meters of the roads' CRS."""
    lon, south, y, step = at
    stretched = np.degrees(np.log(np.tan(np.pi / 4 + np.radians(south) / 2))) - y * step
    lat = np.degrees(2 * np.arctan(np.exp(np.radians(stretched))) - np.pi / 2)
    point = gpd.GeoSeries([shapely.Point(lon, lat)], crs="EPSG:4326").to_crs(content.roads.crs)[0]
    return np.array([point.x, point.y])


def test_four_hundred_calls_under_two_deployments_are_under_60_kb(content_maker: Maker) -> None:
    content, _ = city_with_film(content_maker, calls=400, units=12)
    told = json.dumps(payload(content)["film"], separators=(",", ":"))
    assert len(told) < 60_000


def test_a_unit_is_drawn_straight_where_the_page_has_not_all_roads(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    content, _ = city_with_film(content_maker)
    write_plan_map(replace(content, travel=None), tmp_path / "map.html")
    seen = visit(tmp_path / "map.html", reduced_motion="reduce")
    seen.page.click("#film_open")
    seen.page.evaluate(SEEK, 600)
    assert seen.page.evaluate(INKED) > 0
    assert seen.complaints == []


def test_without_a_film_there_is_no_button(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    write_plan_map(content_maker(), tmp_path / "map.html")
    seen = visit(tmp_path / "map.html")
    assert seen.page.locator("#film_open, #film").count() == 0
    assert seen.complaints == []
