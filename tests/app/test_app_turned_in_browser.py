"""On a map that is turned for a long city, drags, presses and new posts hit the place they point at."""

from __future__ import annotations

import cmath
import json
import math
import re
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import pytest
import shapely

from tests.maps.test_streets_in_browser import mercator

pytestmark = [pytest.mark.browser, pytest.mark.slow]

METERS_A_DEGREE = 111_320
# a corner of Manhattan's grid is nowhere farther
NEAREST_CROSSING_M = 160
SIGNS = """() => {
  const pane = document.getElementById("map").getBoundingClientRect();
  return [...document.querySelectorAll("#map .leaflet-marker-pane .post .face")].map((face) => {
    const box = face.getBoundingClientRect();
    return [box.x + box.width / 2 - pane.x, box.y + box.height / 2 - pane.y];
  });
}"""
INKED = """() => {
  const canvas = document.querySelector("#map .leaflet-lines-pane canvas");
  if (!canvas) return 0;
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let inked = 0;
  for (let i = 3; i < data.length; i += 4) inked += data[i] > 0;
  return inked;
}"""
DRAFT = "() => JSON.parse(sessionStorage.getItem('coresponse-draft')).asked"


class Spots:
    """From places to pixels of the map and back, by the posts' signs."""

    def __init__(self, page: Any, posts: list[dict[str, Any]]) -> None:
        # a study has as many signs as posts, in their order
        at = [complex(*spot) for spot in page.evaluate(SIGNS)]
        places = [complex(*mercator((p["lon"], p["lat"]))) for p in posts]
        far = max(range(len(places)), key=lambda k: abs(places[k] - places[0]))
        self.stretch = (at[far] - at[0]) / (places[far] - places[0])
        self.spot, self.place = at[0], places[0]
        self.box = page.locator("#map").bounding_box()

    def of(self, lon: float, lat: float) -> tuple[float, float]:
        at = self.spot + (complex(*mercator((lon, lat))) - self.place) * self.stretch
        return self.box["x"] + at.real, self.box["y"] + at.imag

    @property
    def turn(self) -> float:
        return math.degrees(cmath.phase(self.stretch))


def apart_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    wide = math.cos(math.radians(a[1]))
    return METERS_A_DEGREE * math.hypot((a[0] - b[0]) * wide, a[1] - b[1])


def test_drags_presses_and_new_posts_hit_their_place_on_a_turned_map(
    tab: Callable[..., Any], starter: Callable[..., Any], still: Callable[..., None]
) -> None:
    server = starter()  # of its own: a tab opens with the newest plan of its server, and its posts
    found = tab(of=server)
    page = found.page
    page.set_viewport_size({"width": 1920, "height": 1080})
    still(page)
    posts = server.json("GET", "/api/study")["posts"]
    spots = Spots(page, posts)
    assert spots.turn > 40, "a long city lies along the window"
    arrow = page.locator("#map .north")
    told = re.fullmatch(r"rotate\((.*)\)", arrow.locator("path").get_attribute("transform"))
    assert told is not None
    assert float(told[1]) == pytest.approx(spots.turn, abs=1)
    for post, at in zip(posts, page.evaluate(SIGNS), strict=True):
        x, y = spots.of(post["lon"], post["lat"])
        assert math.hypot(x - spots.box["x"] - at[0], y - spots.box["y"] - at[1]) < 3, post["id"]

    # a drag ends where it is let go
    held = next(k for k, p in enumerate(posts) if p["id"] == "P05")
    goal = (-73.9846, 40.7443)
    x, y = spots.of(posts[held]["lon"], posts[held]["lat"])
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 9, y + 3)
    page.mouse.move(*spots.of(*goal), steps=4)
    page.mouse.up()
    page.wait_for_selector(".face.moved")
    moved = page.evaluate(DRAFT)["moved"]
    assert list(moved) == ["P05"]
    assert apart_m(goal, tuple(moved["P05"])) < NEAREST_CROSSING_M

    # one that ends in the river goes back, and says so as a person would
    river = (-74.03, 40.76)
    x, y = spots.of(*moved["P05"])
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 9, y + 3)
    page.mouse.move(*spots.of(*river), steps=3)
    page.mouse.up()
    page.wait_for_selector("#said.error")
    assert found.text("#said") == (
        "No road within 500 m of that place. Put the post nearer to a street."
    )
    assert page.evaluate(DRAFT)["moved"] == moved

    # a press on an area tells of the district that lies there
    areas = gpd.read_file(server.folder / "districts.geojson")
    place = (-73.9440, 40.8116)
    page.mouse.click(*spots.of(*place))
    card = page.locator(".area-card strong").inner_text()
    (there,) = areas[areas.contains(shapely.Point(place))].index
    name = next(c for c in areas.columns if "name" in c.lower())
    assert card.split()[-1] == str(areas[name][there]).split()[-1]
    assert page.locator(".area-card tbody tr").count() == 3
    page.keyboard.press("Escape")

    # lines of minutes around a new post, put down by a press; north is where the arrow points
    page.click("#add-post")
    page.mouse.click(*spots.of(*place))
    page.wait_for_selector("#post-card:has-text('New post 1')")
    new = page.evaluate(DRAFT)["new_posts"]["new-1"]
    assert apart_m(place, (new["longitude"], new["latitude"])) < NEAREST_CROSSING_M
    assert "7.5 and 15 minutes" in found.text("#reach")
    before = page.evaluate(INKED)
    assert before > 500
    turned = page.locator("#post-card button[aria-label=North] .arrow")
    rotated = turned.evaluate("n => Number(n.style.transform.match(/[\\d.]+/)[0])")
    assert rotated == pytest.approx(float(told[1]), abs=0.1)
    page.click("#post-card button[aria-label=North]")
    page.wait_for_function(
        f"before => ({DRAFT})().new_posts['new-1'].latitude > before", arg=new["latitude"]
    )
    page.wait_for_function(f"before => ({INKED})() !== before", arg=before)
    near = page.evaluate(INKED)
    page.fill("#speed", "40")  # all drive slower: the lines draw together
    page.wait_for_function(f"near => ({INKED})() < near", arg=near)
    page.click("#post-card button:has-text('Remove this post')")
    page.wait_for_function(f"() => ({INKED})() === 0")
    # a window that is high again has north at its top
    page.set_viewport_size({"width": 1280, "height": 900})
    still(page)
    assert arrow.is_hidden()
    assert json.dumps(page.evaluate(DRAFT)["moved"]) == json.dumps(moved)
    # the browser's word on how this test looks at canvases
    found.complaints = [text for text in found.complaints if "willReadFrequently" not in text]
    found.clean()
