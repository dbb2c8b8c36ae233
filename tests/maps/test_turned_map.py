"""A long city is turned to lie along the window, and everything on it stays where it is."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import affinity

from coresponse.maps.content import MapContent
from coresponse.maps.geometry import STEP, outline, to_degrees
from coresponse.maps.plan_map import write_plan_map
from coresponse.maps.scenes import Scene
from tests.maps.test_streets_in_browser import INK, SEEN, corners, mercator

Maker = Callable[..., MapContent]
FRAMES = ("posts", "roads", "cells", "districts", "cells_by_time")
CORNER = (500_000.0, 4_500_000.0)
CRS = "EPSG:32618"
BEARING = 30.0
METERS_A_DEGREE = 2 * math.pi * 6_371_000 / 360


def long_city(maker: Maker, bearing: float = BEARING) -> MapContent:
    """The made city, four times as long to the north, then turned clockwise."""
    content = maker()

    def moved(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        longer = frame.geometry.affine_transform([1, 0, 0, 4, 0, -3 * CORNER[1]])
        return frame.set_geometry(longer.rotate(-bearing, origin=CORNER))

    return replace(content, **{name: moved(getattr(content, name)) for name in FRAMES})


def placing(page: Any, content: dict[str, Any]) -> tuple[Callable[..., Any], complex, Any]:
    """Return from (lon, lat) to the map's layer by two signs, its turn and scale, what is seen."""
    seen = page.evaluate(SEEN)
    west, south = content["origin"]
    at = {
        p["name"]: (west + p["at"][0] * STEP, south + p["at"][1] * STEP) for p in content["posts"]
    }
    known = [
        (complex(*mercator(at[words.split(":")[0]])), complex(x, y))
        for words, x, y in seen["signs"]
    ]
    (from_a, to_a), (from_b, to_b) = known[0], known[-1]
    stretch = (to_b - to_a) / (from_b - from_a)
    return lambda place: to_a + (complex(*mercator(place)) - from_a) * stretch, stretch, seen


def content_of(page: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page.locator("#content").text_content())
    return found


def arrow_turn(page: Any) -> float | None:
    """The turn that the arrow tells, in degrees; None where there is no arrow."""
    arrow = page.locator("#map_plan .north")
    if arrow.is_hidden():
        return None
    told = arrow.locator("path").get_attribute("transform")
    return float(re.fullmatch(r"rotate\((.*)\)", told)[1])  # type: ignore[index]


@given(bearing=st.floats(0, 179), ratio=st.floats(1.8, 6))
def test_the_axis_is_the_way_a_long_city_runs(bearing: float, ratio: float) -> None:
    shape = affinity.rotate(shapely.box(0, 0, 1000, 1000 * ratio), -bearing, origin=(0, 0))
    # at the zone's middle meridian, where its north is north
    frame = gpd.GeoDataFrame(geometry=[affinity.translate(shape, *CORNER)], crs=CRS)
    axis = outline(frame, origin=(-75.2, 40.6))["axis"]
    assert isinstance(axis, float)
    assert 0 <= axis < 180
    assert abs((axis - bearing + 90) % 180 - 90) < 0.3


def test_a_round_city_has_no_axis_and_a_hull_holds_all() -> None:
    city = shapely.Point(CORNER).buffer(3000.0)
    frame = gpd.GeoDataFrame(geometry=[city], crs=CRS)
    found = outline(frame, origin=(-75.1, 40.6))
    assert found["axis"] is None
    steps = np.cumsum(np.reshape(found["hull"], (-1, 2)), axis=0)
    hull = shapely.Polygon(steps * STEP + (-75.1, 40.6)).buffer(2 * STEP)
    assert hull.contains(to_degrees(frame).geometry[0])
    assert outline(frame.iloc[:0], origin=(0.0, 0.0))["hull"]


@pytest.mark.browser
@pytest.mark.parametrize("bearing", [BEARING, 150.0])
def test_a_long_city_lies_level_and_all_stays_where_it_is(
    visit: Callable[..., Any],
    still: Callable[..., None],
    content_maker: Maker,
    tmp_path: Path,
    bearing: float,
) -> None:
    write_plan_map(long_city(content_maker, bearing), tmp_path / "map.html")
    found = visit(tmp_path / "map.html")
    page = found.page
    still(page)
    content = content_of(page)
    place_of, stretch, _ = placing(page, content)
    turn = math.degrees(math.atan2(stretch.imag, stretch.real))
    # north stays in the upper half
    assert turn == pytest.approx(90 - bearing, abs=1)
    assert arrow_turn(page) == pytest.approx(turn, abs=1)
    side = "right" if turn > 0 else "left"
    assert page.locator(".north").first.get_attribute("aria-label") == (
        f"North is up and to the {side}"
    )
    # the city fills the window along its axis
    west, south = content["origin"]
    hull = np.cumsum(np.reshape(content["hull"], (-1, 2)), axis=0) * STEP + (west, south)
    spots = np.array([[(spot := place_of(one)).real, spot.imag] for one in hull])
    pane = page.locator("#map_plan").bounding_box()
    assert np.ptp(spots[:, 0]) > 0.85 * pane["width"]
    assert np.ptp(spots[:, 0]) > 3 * np.ptp(spots[:, 1])
    assert found.complaints == []


@pytest.mark.browser
def test_streets_scale_and_presses_are_right_on_a_turned_map(
    visit: Callable[..., Any], still: Callable[..., None], content_maker: Maker, tmp_path: Path
) -> None:
    made = long_city(content_maker)
    write_plan_map(made, tmp_path / "map.html")
    page = visit(tmp_path / "map.html").page
    still(page)
    content = content_of(page)
    place_of, stretch, seen = placing(page, content)
    zero = place_of((content["origin"][0], content["origin"][1]))
    start = complex(*mercator(tuple(content["origin"])))
    on_layer = zero + (corners(content) @ np.array([1, 1j]) - start) * stretch
    spots = np.rint(np.column_stack([on_layer.real, on_layer.imag]) - seen["corner"]).astype(int)
    inside = ((spots > 2) & (spots < np.array(seen["size"]) - 3)).all(axis=1)
    assert inside.mean() > 0.95
    near = page.evaluate(INK, spots[inside].tolist())["near"]
    assert np.mean(near) > 0.99
    # the scale
    bar = page.locator("#map_plan .leaflet-control-scale-line").first
    told, unit = bar.inner_text().split()
    meters = float(told) * {"m": 1, "km": 1000}[unit]
    latitude = math.radians(made.posts.to_crs("EPSG:4326").geometry.y.mean())
    px_a_meter = abs(stretch) / (METERS_A_DEGREE * math.cos(latitude))
    assert bar.evaluate("bar => bar.offsetWidth") == pytest.approx(meters * px_a_meter, rel=0.03)
    # a press opens the card of the area there: the ninth, far to the north, waits longest
    box = page.locator("#map_plan").bounding_box()
    middle = made.cells.to_crs("EPSG:4326").geometry.iloc[8].centroid
    spot = place_of((middle.x, middle.y))
    page.mouse.click(box["x"] + spot.real, box["y"] + spot.imag)
    card = page.locator(".leaflet-popup-content").inner_text()
    assert "60.0" in card
    assert "North End" in card


@pytest.mark.browser
def test_a_search_shows_a_district_whole_and_both_maps_are_turned_alike(
    visit: Callable[..., Any], still: Callable[..., None], content_maker: Maker, tmp_path: Path
) -> None:
    made = long_city(content_maker)
    write_plan_map(made, tmp_path / "map.html")
    page = visit(tmp_path / "map.html").page
    page.locator('input[name="mode"][value="both"]').check(force=True)
    still(page)
    turns = page.locator(".north path").evaluate_all(
        "all => all.map((one) => one.getAttribute('transform'))"
    )
    assert len(turns) == 2
    assert len(set(turns)) == 1
    page.locator('input[name="mode"][value="plan"]').check(force=True)
    page.locator("#search").fill("north end")
    page.keyboard.press("Enter")
    page.wait_for_selector(".leaflet-popup-content")
    still(page)
    assert arrow_turn(page) == pytest.approx(90 - BEARING, abs=1)


@pytest.mark.browser
def test_north_is_the_top_of_a_round_city_and_where_a_turn_wins_little(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    write_plan_map(content_maker(), tmp_path / "round.html")
    write_plan_map(long_city(content_maker, 10.0), tmp_path / "tall.html")
    assert arrow_turn(visit(tmp_path / "round.html").page) is None
    assert arrow_turn(visit(tmp_path / "tall.html", phone=True).page) is None
    assert arrow_turn(visit(tmp_path / "tall.html").page) == pytest.approx(80, abs=1)


@pytest.mark.browser
def test_a_map_shows_the_city_whole_not_the_extract(
    visit: Callable[..., Any], still: Callable[..., None], content_maker: Maker, tmp_path: Path
) -> None:
    """Roads of a whole county made the city a third of its map."""
    made = content_maker()
    far = made.roads.copy()
    far["geometry"] = far.geometry.translate(20_000.0, 0.0)
    far[["edge_from", "edge_to"]] += int(made.roads[["edge_from", "edge_to"]].to_numpy().max()) + 1
    roads = gpd.GeoDataFrame(pd.concat([made.roads, far], ignore_index=True), crs=made.roads.crs)
    write_plan_map(replace(made, roads=roads), tmp_path / "county.html")
    write_plan_map(made, tmp_path / "city.html")
    zoom = []
    for name in ("county", "city"):
        page = visit(tmp_path / f"{name}.html").page
        still(page)
        zoom.append(abs(placing(page, content_of(page))[1]))
    assert zoom[0] == pytest.approx(zoom[1], rel=0.15)


def hull_of(page: Any) -> shapely.Polygon:
    """The city's hull on the pane, in its pixels."""
    content = content_of(page)
    place_of, _, _ = placing(page, content)
    corners = np.cumsum(np.reshape(content["hull"], (-1, 2)), axis=0) * STEP + content["origin"]
    return shapely.Polygon([((spot := place_of(one)).real, spot.imag) for one in corners])


@pytest.mark.browser
@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1280, 720)])
def test_the_legend_does_not_lie_on_the_city_whoever_presents_it(
    visit: Callable[..., Any],
    still: Callable[..., None],
    content_maker: Maker,
    tmp_path: Path,
    width: int,
    height: int,
) -> None:
    """On half a screen it hid a quarter of a city as wide as high."""
    scene = Scene("The plan", "Said.")
    write_plan_map(content_maker(scenes=(scene,)), tmp_path / "map.html")
    page = visit(tmp_path / "map.html").page
    page.set_viewport_size({"width": width, "height": height})
    page.reload()  # as one who opens it in such a window
    page.wait_for_selector("body[data-ready=yes]")
    for _ in range(2):
        still(page)
        pane = page.locator("#map_plan").bounding_box()
        box = page.locator("#legend").bounding_box()
        left, top = box["x"] - pane["x"], box["y"] - pane["y"]
        legend = shapely.box(left, top, left + box["width"], top + box["height"])
        hull = hull_of(page)
        assert hull.intersection(legend).area < 0.01 * hull.area
        assert hull.difference(shapely.box(0, 0, pane["width"], pane["height"])).area < 1
        if page.locator("#scene").is_hidden():
            page.click("#scenes_open")


@pytest.mark.browser
def test_a_sheet_is_no_higher_than_a_level_city_needs(
    visit: Callable[..., Any], still: Callable[..., None], content_maker: Maker, tmp_path: Path
) -> None:
    write_plan_map(long_city(content_maker), tmp_path / "map.html")
    page = visit(tmp_path / "map.html").page
    still(page)
    before = page.locator("#panes").bounding_box()["height"]
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    sheet = page.locator("#panes").bounding_box()
    hull = hull_of(page)
    assert hull.bounds[2] - hull.bounds[0] > 0.8 * sheet["width"]
    assert sheet["height"] < hull.bounds[3] - hull.bounds[1] + 120
    page.evaluate("() => dispatchEvent(new Event('afterprint'))")
    still(page)
    assert page.locator("#panes").bounding_box()["height"] == pytest.approx(before, abs=2)


@pytest.mark.browser
def test_on_a_phone_few_districts_are_named_so_that_streets_are(
    visit: Callable[..., Any], still: Callable[..., None], content_maker: Maker, tmp_path: Path
) -> None:
    made = content_maker()
    one = made.districts.iloc[[0]]
    west, south = CORNER
    boxes = [
        shapely.box(west + 150 * i, south, west + 150 * (i + 1), south + 1400) for i in range(9)
    ]
    many = gpd.GeoDataFrame(pd.concat([one] * 9, ignore_index=True), crs=made.districts.crs)
    many = many.assign(district_id=[f"D{i}" for i in range(9)], name=[f"N{i}" for i in range(9)])
    write_plan_map(replace(made, districts=many.set_geometry(boxes)), tmp_path / "map.html")
    named = {}
    for phone in (True, False):
        page = visit(tmp_path / "map.html", phone=phone).page
        still(page)
        named[phone] = page.locator("#map_plan .district-name span").evaluate_all(
            "all => all.filter((one) => one.style.visibility === 'visible').length"
        )
    assert 1 <= named[True] <= 5
    assert named[False] > named[True]
