"""The map's search, cards and full screen as a reader meets them, in headless Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coresponse.maps.content import MapContent
from coresponse.maps.plan_map import write_plan_map

pytestmark = pytest.mark.browser

SETTLED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def settle(page: Any) -> None:
    """Wait until what was asked for is painted, and the map has moved to make room for a card."""
    page.evaluate(SETTLED)
    page.wait_for_timeout(350)


@pytest.fixture
def made(content_maker: Callable[..., MapContent], tmp_path: Path) -> Path:
    write_plan_map(content_maker(), tmp_path / "map.html")
    return tmp_path / "map.html"


def test_the_reader_chooses_among_several_places_of_a_name(
    visit: Callable[..., Any], made: Path
) -> None:
    """It showed the first of two, and opened the card of a post that was not drawn."""
    page = visit(made).page
    page.locator("#search").fill("end")
    page.keyboard.press("Enter")
    assert page.locator(".leaflet-popup-content").count() == 0
    assert page.locator("#found .choice").all_inner_texts() == ["North End", "South End"]
    page.locator("#found .choice").nth(1).click()
    assert "South End" in page.locator(".leaflet-popup-content").inner_text()
    box = page.locator('input[name="candidates"]')
    assert not box.is_checked()
    for post in ("Post A", "Post D"):  # one with crews; one that nobody waits at
        page.locator("#search").fill(post)
        page.keyboard.press("Enter")
        assert box.is_checked() is (post == "Post D")


@pytest.mark.parametrize("phone", [False, True])
def test_a_card_names_its_district_and_keeps_clear_of_the_buttons(
    visit: Callable[..., Any], made: Path, phone: bool
) -> None:
    page = visit(made, phone=phone).page
    box = page.locator("#map_plan").bounding_box()
    for x in (0.2, 0.5):
        page.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] / 2)
        settle(page)
        if not page.locator(".leaflet-popup-content").count():
            continue
        card = page.locator(".leaflet-popup").bounding_box()
        zoom = page.locator("#map_plan .leaflet-top.leaflet-left").bounding_box()
        beside = card["x"] >= zoom["x"] + zoom["width"] - 1
        assert beside or card["y"] >= zoom["y"] + zoom["height"] - 1
    title = page.locator(".leaflet-popup-content h3").inner_text()
    assert re.fullmatch(r"Area in (North|South) End|Area of the city|Post \w", title), title


def test_full_screen_keeps_the_answer(visit: Callable[..., Any], made: Path) -> None:
    page = visit(made).page
    page.click("#map_plan .fullscreen")
    page.wait_for_selector("#workbench > .carried")
    carried = page.locator("#workbench > .carried")
    for words in (
        "Put 2 units and 1 clinician on duty",
        "71.2%",
        "14.2 min",
        "$1.20 million a year",
        "3 people",
    ):
        assert words in carried.inner_text()
    assert carried.bounding_box()["height"] < 80  # the screen is the map's
    page.evaluate("document.exitFullscreen()")
    page.wait_for_selector("#workbench > .carried", state="detached")
