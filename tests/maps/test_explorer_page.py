"""The budget explorer as people use it, in headless Chromium."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from PIL import Image

from coresponse.data.errors import InputError
from coresponse.data.options import Deployment, Option
from coresponse.maps.content import MapContent
from coresponse.maps.explorer.content import ExplorerContent, ExplorerPoint, Frontier, Slider
from coresponse.maps.explorer.page import explorer_page, write_explorer
from coresponse.maps.glyphs import glyphs
from coresponse.maps.scales import wait_scale

HOSTILE = (
    "<script>window.harm=1</script><img src=x onerror='window.harm=1'>\"><svg onload=window.harm=1>"
    "${window.harm=1}`${window.harm=1}`\\`{{7*7}}</script><!--\u202e\u2028=cmd|' /C calc'!A0"
)
Maker = Callable[..., MapContent]


def explorer(
    content: MapContent, name: Callable[[str], str] = lambda text: text, **changes: Any
) -> ExplorerContent:
    """Units 1 to 3 by budget of 1 or 2 million.

    Of three units there is no plan at the low budget.
    """
    sliders = (
        Slider("units.unit", name("Units"), (1.0, 2.0, 3.0), ("1", "2", "3")),
        Slider("budget", "Budget", (1e6, 2e6), ("$1,000,000", "$2,000,000")),
    )
    points: list[ExplorerPoint] = []
    columns: dict[str, np.ndarray] = {}
    for u in range(3):
        for b in range(2):
            if (u, b) == (2, 0):
                continue
            i = len(points)
            counts = {Option("unit", "A", "day"): u + 1} | (
                {Option("clinician", "C", "always"): 1} if b else {}
            )
            share, cost = 0.2 + 0.2 * u + 0.05 * b, (u + 1) * 5e5 + b * 2e5
            points.append(
                ExplorerPoint(
                    (u, b),
                    Deployment.of("p", counts),
                    name(f"Proven {i}"),
                    cost,
                    share,
                    40.0 - 5 * u,
                    50.0 - u,
                    9.0,
                    fleet=f"{u + 1} units",
                    efficient=not b,
                )
            )
            columns[f"mean_with_fallback_s_p{i}"] = np.r_[
                np.full(4, 300.0 + 600 * u), np.full(4, 2400.0), np.nan
            ]
    cells = content.cells[["cell_id", "calls_band", "geometry"]].assign(**columns)
    settings: dict[str, Any] = {
        "title": name("Made city"),
        "clock": name("from start to arrival"),
        "target_min": 15.0,
        "sliders": sliders,
        "points": tuple(points),
        "cells": cells,
        "roads": content.roads,
        "posts": content.posts,
        "responder_titles": content.responder_titles,
        "notices": (name("SYNTHETIC calls"),),
        "attribution": (name("made grid"),),
        "provenance": (name("made for a test"),),
    }
    return ExplorerContent(**(settings | changes))


@pytest.fixture
def page(visit: Callable[..., Any], content_maker: Maker, tmp_path: Path) -> Any:
    write_explorer(explorer(content_maker()), tmp_path / "explorer.html")
    return visit(tmp_path / "explorer.html")


def figures(page: Any) -> dict[str, str]:
    items = page.locator("#figures li").all()
    return {i.locator(".label").inner_text(): i.locator(".value").inner_text() for i in items}


def test_the_same_content_gives_the_same_bytes(content_maker: Maker) -> None:
    assert explorer_page(explorer(content_maker())) == explorer_page(explorer(content_maker()))


def test_the_table_shows_values_as_they_are_given(content_maker: Maker) -> None:
    page = explorer_page(explorer(content_maker()))
    rows = re.findall(r"<tr(?: class=.efficient.)?><td.*?</tr>", page)
    cells = [re.findall(r'<td class="number">(.*?)</td>', row)[:2] for row in rows]
    assert [unescape(text) for text in cells[1]] == ["1", "$2,000,000"]
    assert not any("e+" in text for row in cells for text in row)


def test_raw_counts_are_refused(content_maker: Maker) -> None:
    content = content_maker()
    cells = explorer(content).cells.assign(calls=5)
    with pytest.raises(InputError, match="raw counts"):
        explorer(content, cells=cells)
    assert explorer(content, cells=cells, internal=True).internal
    with pytest.raises(InputError, match="position"):
        explorer(content, points=(explorer(content).points[0],) * 2)


@pytest.mark.browser
def test_sliders_move_map_figures_and_address_by_keyboard(page: Any) -> None:
    seen, page = page, page.page
    assert "#units.unit=2&budget=2000000" in page.url
    assert figures(page)["Calls reached in time"] == "45%"
    assert figures(page)["Cost a year"] == "$1.20 million"
    assert page.locator(".leaflet-marker-icon").count() == 2
    page.locator("#slider_0").focus()
    page.keyboard.press("ArrowLeft")
    assert "units.unit=1" in page.url
    assert figures(page)["Calls reached in time"] == "25%"
    assert "\u221220 points, worse" in page.locator("#figures li").first.inner_text()
    assert page.locator("#figures li").last.locator(".change").inner_text() == "\u2212$500,000"
    assert page.locator("#slider_0").get_attribute("aria-valuetext") == "1"
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowLeft")
    assert page.locator("#value_1").inner_text() == "$1,000,000"
    assert page.locator(".leaflet-marker-icon").count() == 1
    page.locator("#slider_0").focus()
    page.keyboard.press("End")
    assert "No plan was made" in page.locator("#status").inner_text()
    assert page.locator(".leaflet-marker-icon").count() == 0
    assert seen.requests == []
    assert seen.complaints == []


@pytest.mark.browser
def test_the_map_is_painted_anew(page: Any) -> None:
    page = page.page
    color = """() => {
      const c = document.querySelector(".leaflet-cells-pane canvas");
      const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
      const n = new Map();
      for (let i = 0; i < d.length; i += 4) if (d[i + 3] > 200) {
        const k = [d[i] >> 4, d[i + 1] >> 4, d[i + 2] >> 4].join(); n.set(k, (n.get(k) || 0) + 1);
      }
      return [...n].sort((a, b) => b[1] - a[1]).slice(0, 4).map(([k]) => k).sort().join(" ");
    }"""
    page.wait_for_function("performance.getEntriesByName('drawn').length > 0")
    before = page.evaluate(color)
    page.locator("#slider_0").focus()
    page.keyboard.press("Home")
    page.wait_for_function(f"before => ({color})() !== before", arg=before)


@pytest.mark.browser
def test_an_address_opens_its_plan_and_the_frontier_chooses_one(
    visit: Callable[..., Any], still: Callable[..., None], content_maker: Maker, tmp_path: Path
) -> None:
    write_explorer(explorer(content_maker()), tmp_path / "explorer.html")
    page = visit(tmp_path / "explorer.html").page
    page.evaluate("location.hash = '#units.unit=3&budget=2000000'")
    still(page)
    assert figures(page)["Calls reached in time"] == "65%"
    page.evaluate("location.hash = '#units.unit=99&budget=no'")  # what is not there changes nothing
    still(page)
    assert figures(page)["Calls reached in time"] == "65%"
    page.locator("#frontier circle.best").first.click(force=True)
    assert figures(page)["Calls reached in time"] == "20%"


@pytest.mark.browser
def test_the_picture_is_saved(page: Any, tmp_path: Path) -> None:
    seen, page = page, page.page
    with page.expect_download() as waiting:
        page.locator("#save").click()
    waiting.value.save_as(tmp_path / "plan.png")
    data = (tmp_path / "plan.png").read_bytes()
    assert data.startswith(b"\x89PNG")
    assert len(data) > 20_000
    assert seen.complaints == []
    # it has its legend: every band's color and every sign's stands beside the map
    beside = Image.open(io.BytesIO(data)).convert("RGB").crop((0, 0, 2 * 340, 10_000))
    there = {f"#{r:02x}{g:02x}{b:02x}" for _, (r, g, b) in beside.getcolors(1 << 24)}
    wanted = [band.color for band in wait_scale(15.0).bands] + [
        g.color for g in glyphs({"a": "A", "b": "B"})
    ]
    assert set(wanted) <= there


@pytest.mark.browser
def test_the_frontier_shows_the_figure_that_is_chosen_with_today_and_plan(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    today = ExplorerPoint((), Deployment.of("today", {}), "today", 4e5, 0.1, 45.0, 55.0, 12.0)
    frontier = Frontier("wait", 2, 0, today, ("The next $500,000 a year buy <b>more</b>.",))
    write_explorer(explorer(content_maker(), frontier=frontier), tmp_path / "explorer.html")
    seen = visit(tmp_path / "explorer.html")
    page, marks = seen.page, seen.page.locator("#frontier text.mark")
    assert page.locator("#by").input_value() == "wait"
    assert marks.all_text_contents() == ["today", "plan", "gains level off"]
    assert page.locator("#frontier circle").count() == len(explorer(content_maker()).points)
    assert page.locator(".buys").inner_text() == "The next $500,000 a year buy <b>more</b>."

    # less waiting is lower down; more calls in time are higher up
    def heights() -> list[float]:
        return [float(mark.get_attribute("y")) for mark in marks.all()]

    by_wait = heights()
    assert by_wait[0] < by_wait[2]
    page.locator("#by").select_option("share")
    by_share = heights()
    assert by_share[0] > by_share[2]
    assert "calls reached in time" in page.locator("#frontier desc").text_content()
    assert seen.complaints == []


@pytest.mark.browser
def test_posts_in_one_building_share_a_sign(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    made = content_maker()
    posts = made.posts.copy()
    x, y = posts.geometry.x.copy(), posts.geometry.y.copy()
    x.iloc[2], y.iloc[2] = (
        x.iloc[0] + 10,
        y.iloc[0] + 10,
    )  # C, of the clinician, stands in the yard of A, of the units
    posts.geometry = gpd.points_from_xy(x, y, crs=posts.crs)
    write_explorer(explorer(made, posts=posts), tmp_path / "explorer.html")
    page = visit(tmp_path / "explorer.html").page
    assert page.locator(".leaflet-marker-icon .unseen").all_text_contents() == [
        "Post A; Post C: 2 Co-responder units, 1 On-call clinician"
    ]
    page.locator(".leaflet-marker-icon").focus()
    page.keyboard.press("Enter")
    assert page.locator(".leaflet-popup-content h3").all_inner_texts() == ["Post A", "Post C"]


@pytest.mark.browser
def test_hostile_names_are_text(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    def hostile(text: str) -> str:
        return f"{text} {HOSTILE}"

    write_explorer(explorer(content_maker(name=hostile), hostile), tmp_path / "explorer.html")
    seen = visit(tmp_path / "explorer.html")
    seen.page.locator(".leaflet-marker-icon").first.click()
    with seen.page.expect_download():
        seen.page.locator("#save").click()
    assert seen.page.evaluate("window.harm") is None
    assert [r for r in seen.requests if not r.startswith("blob:")] == []
    assert seen.complaints == []


@pytest.mark.browser
@pytest.mark.parametrize("phone", [False, True])
def test_axe_finds_no_serious_fault(
    visit: Callable[..., Any],
    serious_faults: Callable[..., Any],
    content_maker: Maker,
    tmp_path: Path,
    phone: bool,
) -> None:
    write_explorer(explorer(content_maker()), tmp_path / "explorer.html")
    page = visit(tmp_path / "explorer.html", phone=phone, bypass_csp=True).page
    assert page.evaluate("document.documentElement.scrollWidth") <= (390 if phone else 1280)
    assert serious_faults(page) == []
