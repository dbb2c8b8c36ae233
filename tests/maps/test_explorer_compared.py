"""The explorer's plans held against today and a pinned plan; its chart, its type, its print."""

from __future__ import annotations

import importlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pypdf import PdfReader

from coresponse.data.options import Deployment
from coresponse.maps.explorer.content import ExplorerPoint, Frontier
from coresponse.maps.explorer.page import write_explorer
from coresponse.maps.scales import wait_scale

explorer = importlib.import_module("tests.maps.test_explorer_page").explorer
pytestmark = pytest.mark.browser

TODAY = ExplorerPoint(
    (), Deployment.of("today", {}), "Today", 4e5, 0.1, 45.0, 55.0, 12.0, fleet="1 unit, today's"
)

BANDS = wait_scale(15.0).bands
SMALLEST_TYPE = """() => Math.min(...[...document.querySelectorAll("body *")].filter((n) =>
  n.checkVisibility() && n.getBoundingClientRect().width > 1 && !n.closest(".unseen, .badge, .leaflet-marker-icon") &&
  [...n.childNodes].some((c) => c.nodeType === 3 && c.data.trim()))
  .map((n) => { const svg = n.closest("#frontier");
    const k = svg ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1;
    return k * parseFloat(getComputedStyle(n).fontSize); }))"""


@pytest.fixture
def seen(visit: Callable[..., Any], content_maker: Callable[..., Any], tmp_path: Path) -> Any:
    frontier = Frontier("wait", 2, 0, TODAY, ("The next $500,000 a year buy more.",))
    write_explorer(explorer(content_maker(), frontier=frontier), tmp_path / "explorer.html")
    return visit(tmp_path / "explorer.html")


def changes(page: Any, card: int) -> list[str]:
    found = page.locator("#figures li").nth(card).locator(".change").all_inner_texts()
    return [str(text) for text in found if text]


def test_a_plan_is_held_against_today_and_a_pinned_plan(seen: Any) -> None:
    page = seen.page
    assert changes(page, 0) == ["vs today +35 better"]  # 45 and 10 of 100
    page.click("#pin")
    assert "Pinned: 2 units, $1.20 million" in page.inner_text("#pinned")
    page.locator("#slider_0").focus()
    page.keyboard.press("ArrowLeft")
    assert changes(page, 0) == [
        "vs today +15 better",
        "vs pinned \u221220 worse",
    ]
    assert page.locator("#frontier text.mark").all_text_contents()[-1] == "pinned"
    page.click("#pin")
    assert changes(page, 0) == ["vs today +15 better"]
    assert seen.complaints == []


def test_the_ladder_stands_on_the_frontier_and_names_do_not_lie_on_each_other(
    visit: Callable[..., Any], content_maker: Callable[..., Any], tmp_path: Path
) -> None:
    def rung(name: str, cost: float, share: float) -> ExplorerPoint:
        return ExplorerPoint(
            (), Deployment.of(name, {}), name, cost, share, 30.0, None, 9.0, fleet="2 units"
        )

    frontier = Frontier(
        "share", 2, None, TODAY, (), rung("Rearranged", 4.1e5, 0.12), rung("The plan", 9e5, 0.3)
    )
    write_explorer(explorer(content_maker(), frontier=frontier), tmp_path / "explorer.html")
    page = visit(tmp_path / "explorer.html").page
    names = page.locator("#frontier text.mark")
    assert names.all_text_contents() == [
        "today",
        "today's staff, best posts",
        "plan",
        "gains level off",
    ]
    box = page.locator("#frontier").bounding_box()
    boxes = [name.bounding_box() for name in names.all()]
    for k, one in enumerate(boxes):
        assert box["x"] <= one["x"]
        assert one["x"] + one["width"] <= box["x"] + box["width"]
        for other in boxes[:k]:
            apart = (
                one["x"] > other["x"] + other["width"] - 1
                or other["x"] > one["x"] + one["width"] - 1
            )
            assert apart or abs(one["y"] - other["y"]) >= 11
    mark = page.locator("#frontier path.rearranged").bounding_box()
    page.mouse.move(mark["x"] + mark["width"] / 2, mark["y"] + mark["height"] / 2 - 2)
    said = page.inner_text("#tip")
    assert said.startswith(("Rearranged, 2 units: 12%", "Today, 1 unit")), said
    # a figure that the rungs do not have leaves them out
    page.select_option("#by", "p90")
    assert page.locator("#frontier path.rearranged").count() == 0


def test_points_and_areas_say_what_they_are(seen: Any) -> None:
    page = seen.page
    dot = page.locator("#frontier circle.best").first.bounding_box()
    page.mouse.move(dot["x"] + dot["width"] / 2 - 3, dot["y"] + dot["height"] / 2)
    assert "1 units: 40.0 min, $500,000 a year" in page.inner_text("#tip")
    page.mouse.move(5, 5)
    assert page.is_hidden("#tip")
    # today's level runs through every chart
    for key in ("share", "wait", "p90", "police"):
        page.select_option("#by", key)
        assert page.locator("#frontier .level").count() == 1
    area = page.locator("#map_plan").bounding_box()
    page.mouse.move(area["x"] + area["width"] / 2, area["y"] + area["height"] / 2 + 40)
    page.wait_for_selector(".leaflet-tooltip")
    assert "min" in page.inner_text(".leaflet-tooltip")
    assert seen.complaints == []


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (390, 844)])
def test_no_type_is_smaller_than_12_px_and_nothing_runs_over(
    seen: Any, size: tuple[int, int]
) -> None:
    page = seen.page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.wait_for_function(
        "() => { const s = document.getElementById('frontier'); return "
        "Math.abs(s.viewBox.baseVal.width - s.clientWidth) < 2; }"
    )
    assert page.evaluate(SMALLEST_TYPE) >= 11.99
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_paper_has_the_colors_of_the_areas_beneath_its_streets(seen: Any, tmp_path: Path) -> None:
    data = seen.page.pdf(format="Letter", print_background=True)
    pictures = [image for page in PdfReader(io.BytesIO(data)).pages for image in page.images]
    papers = [one.image.convert("RGB") for one in pictures if one.image.width > 600]
    colors = {color for paper in papers for _, color in paper.getcolors(1 << 24)}
    inks = [[int(band.color[k : k + 2], 16) for k in (1, 3, 5)] for band in BANDS]
    # areas let a little of the paper through
    colored = [color for color in colors if max(color) - min(color) > 40]
    near = [sum(map(abs, np.subtract(color, ink))) < 110 for color in colored for ink in inks]
    assert any(near)
    assert seen.page.locator(".paper").count() == 0, "the page on the screen is as it was"


def test_paper_holds_the_city_whole(seen: Any) -> None:
    page = seen.page
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 688, "height": 1000})  # A4 less its margins
    whole = """() => { const paper = document.getElementById("map_plan").getBoundingClientRect();
      const drawn = [...document.querySelectorAll(".leaflet-cells-pane canvas.paper")].map((c) => {
        const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
        const at = c.getBoundingClientRect();
        let [l, r] = [c.width, 0];
        for (let p = 0; p < d.length / 4; p += 1) {
          if (d[4 * p + 3] > 100) [l, r] = [Math.min(l, p % c.width), Math.max(r, p % c.width)];
        }
        return [at.left + (l * at.width) / c.width, at.left + (r * at.width) / c.width]; })[0];
      return [drawn[0] >= paper.left && drawn[1] <= paper.right, paper.right <= innerWidth + 1, drawn[1] > drawn[0]]; }"""
    assert page.evaluate(whole) == [True, True, True]
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("body.printing").count() == 0
