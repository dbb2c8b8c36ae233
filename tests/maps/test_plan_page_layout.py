"""How a plan's map page is laid out.

Nothing lies on the city, everything is there on a projector and on paper.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from coresponse.data.options import Deployment, Option
from coresponse.maps.answer import NamedPost, StepToPlan
from coresponse.maps.content import MapContent
from coresponse.maps.plan_map import write_plan_map
from tests.maps.conftest import make_answer

pytestmark = pytest.mark.browser

Maker = Callable[..., MapContent]

TODAY, PLAN = make_answer().steps
LONG = {
    "answer": replace(
        make_answer(),
        ask="Put 6 co-responder units and 3 on-call clinicians on duty at 6 posts",
        posts=tuple(
            NamedPost(f"P{i}", f"Community clinic {i} (Gramercy and Murray Hill)") for i in range(6)
        ),
        steps=(TODAY, StepToPlan("rearranged", "Same staff, best posts", 0.6, ("60.0%", "16.0 min")), PLAN),
        staff_note="5 police officers, 10 clinicians and 2 EMTs; 4 of them for leave and turnover",
    ),
    "basis": "Figures here and on the map allow for busy units, by replay. The replay confirms the model's plan: none of "
    "133 deployments tried was better beyond chance.",
}  # fmt: skip


def settle(page: Any) -> None:
    """Wait until what was asked for is painted, and what changed its size has been noticed."""
    page.evaluate(
        "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => "
        "setTimeout(done))))"
    )


def choose(page: Any, name: str, value: str) -> None:
    page.locator(f'input[name="{name}"][value="{value}"]').check(force=True)
    settle(page)


# Of each map shown: whether the whole city lies in it, off its caption
WHOLE_CITY = """() => [...document.querySelectorAll(".pane:not([hidden])")].map((pane) => {
  const [box, caption] = [".map", ".caption"].map((part) => pane.querySelector(part).getBoundingClientRect());
  const signs = [...pane.querySelectorAll(".crew, .district-name span")].map((node) => node.getBoundingClientRect());
  const off = (s) => s.left > caption.right || s.right < caption.left || s.top > caption.bottom || s.bottom < caption.top;
  return signs.length > 0 && signs.every((s) => s.top > box.top && s.bottom < box.bottom && off(s));
})"""


def tall(content: MapContent) -> dict[str, Any]:
    """Return changes that make a city twelve times as tall as it is wide, with crews at both ends."""
    posts = content.posts.copy()
    west, south = posts.geometry.x.min(), posts.geometry.y.min()
    east, north = (
        [west, west + 300, west + 600, west + 900],
        [south, south + 4000, south + 12_000, south + 8000],
    )
    posts.geometry = gpd.points_from_xy(east, north)
    return {"posts": posts.set_crs(content.posts.crs)}


@pytest.mark.parametrize(("phone", "mode"), [(False, "change"), (False, "both"), (True, "both")])
def test_no_caption_and_no_legend_lies_on_the_city(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path, phone: bool, mode: str
) -> None:
    content = content_maker()
    write_plan_map(content_maker(**tall(content)), tmp_path / "map.html")
    page = visit(tmp_path / "map.html", phone=phone).page
    choose(page, "period", "night")
    choose(page, "mode", mode)
    assert page.evaluate(WHOLE_CITY) == [True] * (2 if mode == "both" else 1)
    legend = page.locator("#legend").bounding_box()
    for crew in page.locator(".pane:not([hidden]) .crew").all():
        box = crew.bounding_box()
        assert box["x"] + box["width"] < legend["x"] or box["y"] + box["height"] < legend["y"]


def test_paper_holds_both_maps_whole(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    write_plan_map(content_maker(**tall(content_maker())), tmp_path / "map.html")
    page = visit(tmp_path / "map.html").page
    choose(page, "mode", "both")
    page.evaluate("() => window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 700, "height": 1000})  # as narrow as paper
    assert page.evaluate(WHOLE_CITY) == [True, True]
    boxes = [page.locator(f"#pane_{name}").bounding_box() for name in ("today", "plan")]
    assert boxes[0]["y"] == boxes[1]["y"]
    assert boxes[0]["x"] < boxes[1]["x"]


def test_a_projector_of_720_lines_shows_head_map_and_legend_at_once(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    write_plan_map(content_maker(**LONG), tmp_path / "map.html")
    page = visit(tmp_path / "map.html").page
    page.set_viewport_size({"width": 1280, "height": 720})
    settle(page)
    workbench, legend = (page.locator(part).bounding_box() for part in ("#workbench", "#legend"))
    assert workbench["y"] < 260
    assert workbench["y"] + workbench["height"] <= 720
    assert page.evaluate(
        "() => { const n = document.getElementById('legend'); return n.scrollHeight <= "
        "n.clientHeight; }"
    )
    assert legend["y"] + legend["height"] <= 720


def test_in_full_screen_the_city_fills_the_screen(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    # a round city, which the height of the window bounds: a long one is turned along its width
    write_plan_map(content_maker(**LONG), tmp_path / "map.html")
    page = visit(tmp_path / "map.html", bypass_csp=True).page
    height = """() => { const y = [...document.querySelectorAll("#map_plan .crew")].map((n) => n.getBoundingClientRect().top);
      return Math.max(...y) - Math.min(...y); }"""
    before = page.evaluate(height)
    page.click("#map_plan .fullscreen")
    page.wait_for_function(f"({height})() > {1.1 * before}")
    assert page.evaluate(WHOLE_CITY) == [True]
    page.evaluate("document.exitFullscreen()")
    page.wait_for_function(f"Math.abs(({height})() - {before}) < 3")


def test_names_stand_in_their_district_and_a_figure_needs_less_room(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    districts = content_maker().districts.copy()
    west, south, east, north = districts.total_bounds
    cut = south + 0.93 * (north - south)
    districts.geometry = [shapely.box(west, cut, east, north), shapely.box(west, south, east, cut)]
    districts["name"] = [
        "A northern district of a very long name that cannot stand beside others" * 2,
        "South",
    ]
    for column in ("mean_with_fallback_s_plan", "p90_s_plan", "share_in_time_plan"):
        districts[column] = districts[column].fillna(0.5)
    posts = content_maker().posts.copy()
    posts.geometry = gpd.points_from_xy(
        [west, east, (west + east) / 2, west], [south, south, (cut + north) / 2, south]
    )
    content = replace(content_maker(), districts=districts, posts=posts.set_crs(districts.crs))
    write_plan_map(content, tmp_path / "map.html")
    page = visit(tmp_path / "map.html").page
    choose(page, "view", "district")
    names = page.locator("#map_plan .district-name span")
    shown = names.evaluate_all(
        "nodes => nodes.map((n) => [n.style.visibility, n.innerText.trim(), n.style.left, "
        "n.style.top, n.firstElementChild.className])"
    )
    # the larger district, which comes second, has its name and stays where it is; the other has its
    # figure beside the sign
    assert shown[1] == ["visible", "South\n0.0 min", "0px", "0px", ""]
    assert shown[0][0] == "visible"
    assert shown[0][1].endswith("10.0 min")
    assert shown[0][4] == "unseen"  # but read out
    assert shown[0][2] != "0px" or shown[0][3] != "0px"


def test_high_contrast_keeps_what_is_chosen_and_the_keys_of_the_colors(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    write_plan_map(content_maker(), tmp_path / "map.html")
    page = visit(tmp_path / "map.html", forced_colors="active").page
    color = "node => getComputedStyle(node).backgroundColor"
    chosen, other = (
        page.locator(f'input[name="mode"][value="{mode}"] + span') for mode in ("plan", "today")
    )
    assert chosen.evaluate(color) != other.evaluate(color)
    swatches = page.locator("#legend .swatch").evaluate_all(
        "nodes => nodes.map((n) => getComputedStyle(n).backgroundColor)"
    )
    assert len(set(swatches)) == len(swatches) > 5


def legend_of(page: Any) -> list[str]:
    return [text.strip() for text in page.locator("#legend_classes li").all_inner_texts()]


def test_a_change_says_where_only_one_of_the_two_gets_there(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    content = content_maker()
    cells, districts = content.cells.copy(), content.districts.copy()
    cells["mean_s_if_free_plan"] = [600.0] * 7 + [np.nan, np.nan]
    cells["mean_s_if_free_today"] = [600.0] * 6 + [np.nan, 900.0, np.nan]
    for name in ("plan", "today"):
        # the first district is told of, and nobody comes at night today: all calls count as left to
        # police; the second is not told of
        districts[f"share_in_time_{name}@night"] = [0.0, np.nan]
        wait_s = 1500.0 if name == "plan" else 3600.0
        districts[f"mean_with_fallback_s_{name}@night"] = [wait_s, np.nan]
    write_plan_map(replace(content, cells=cells, districts=districts), tmp_path / "map.html")
    page = visit(tmp_path / "map.html").page
    choose(page, "view", "free")
    assert legend_of(page)[-1] == "nobody gets there"
    choose(page, "mode", "change")
    assert legend_of(page)[-3:] == [
        "only the plan gets there",
        "only today gets there",
        "nobody gets there",
    ]
    choose(page, "view", "district")
    assert legend_of(page)[-1] == "not shown, for few calls"
    assert "only the plan gets there" not in legend_of(page)
    choose(page, "period", "night")
    assert legend_of(page)[-1] == "not shown, for few calls"
    assert "\u221235.0 min" in page.locator("#map_plan .district-name").first.inner_text()
    page.locator("#search").fill("North End")
    page.locator("#search").press("Enter")
    assert "Figures of this time: Night" in page.locator(".leaflet-popup-content").inner_text()


def test_what_supposes_free_units_is_one_view_that_is_off_at_first(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    write_plan_map(content_maker(), tmp_path / "map.html")
    page = visit(tmp_path / "map.html").page
    views = page.locator('input[name="view"]').evaluate_all("all => all.map((one) => one.value)")
    free = page.locator(".views label", has_text="If the nearest were always free")
    assert free.count() == 1
    assert not free.locator("input").is_checked()
    for view in views:
        choose(page, "view", view)
        legend = page.locator("#legend").inner_text()
        assert ("always free" in legend) == (view == "free")
    choose(page, "view", "free")
    assert page.locator("#caption_plan").inner_text() == "If the nearest were always free: Plan"
    assert "By the replay" not in page.locator("#legend").inner_text()


def test_a_change_that_chance_could_have_made_has_a_class_of_its_own(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    write_plan_map(content_maker(), tmp_path / "map.html")
    page = visit(tmp_path / "map.html").page
    choose(page, "mode", "change")
    # of nine areas the second has no change that counts, and is more than a minute apart
    assert "too close to call" in page.locator("#legend").inner_text()
    choose(page, "view", "district")  # whose only change that is shown counts
    assert "too close to call" not in page.locator("#legend").inner_text()
    choose(page, "view", "late")  # the last area's change, of 50 points
    assert "too close to call" in page.locator("#legend").inner_text()


def test_posts_in_one_building_share_a_sign(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    content = content_maker()
    posts = content.posts.copy()
    x, y = posts.geometry.x.copy(), posts.geometry.y.copy()
    x.iloc[2], y.iloc[2] = (
        x.iloc[0] + 10,
        y.iloc[0] + 10,
    )  # C, of the clinician, stands in the yard of A, of the units
    posts.geometry = gpd.points_from_xy(x, y)
    write_plan_map(replace(content, posts=posts.set_crs(content.posts.crs)), tmp_path / "map.html")
    page = visit(tmp_path / "map.html").page
    assert page.locator("#map_plan .post").count() == 1
    assert page.locator("#map_plan .post .unseen").text_content() == (
        "Post A; Post C: 2 Co-responder units, 1 On-call clinician"
    )
    page.locator("#map_plan .post").focus()
    page.keyboard.press("Enter")
    assert page.locator(".leaflet-popup-content h3").all_inner_texts() == ["Post A", "Post C"]
    choose(page, "mode", "change")
    assert page.locator("#map_plan .post").count() == 2  # A with C, and B, which is left


def test_a_long_name_ends_with_its_district_and_lies_on_nothing(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    """A district's name ran over three others and went on beneath the legend, where it was cut."""
    name = "Upper and Lower Unincorporated Townships of the Northern Reach by the Sea"
    one = content_maker().districts.iloc[[0]]
    west, south, east, north = content_maker().districts.total_bounds
    edges = np.linspace(west, east + 1_500, 9)
    strips = [shapely.box(edges[k], south, edges[k + 1], north) for k in range(8)]
    districts = pd.concat([one] * 8, ignore_index=True).set_geometry(strips, crs=one.crs)
    districts["district_id"] = [f"D{k}" for k in range(8)]
    districts["name"] = [f"{name} {k}" for k in range(8)]
    write_plan_map(replace(content_maker(), districts=districts), tmp_path / "map.html")
    page = visit(tmp_path / "map.html").page
    names = page.locator("#map_plan .district-name span").evaluate_all(
        """(nodes) => nodes.filter((node) => node.style.visibility !== "hidden").map((node) => {
          const { left, right, top, bottom } = node.firstElementChild.getBoundingClientRect();
          const em = parseFloat(getComputedStyle(node.firstElementChild).fontSize);
          return [node.firstElementChild.textContent, left, right, top, bottom, em];
        })"""
    )
    assert names
    over = page.locator(".caption, .legend, .attribution").evaluate_all(
        "nodes => nodes.map((n) => n.getBoundingClientRect()).map((b) => [b.left, b.right, b.top, b.bottom])"
    )
    for text, left, right, top, bottom, em in names:
        assert text.startswith(name)  # whole for whoever does not see it
        assert right - left <= 20 * em + 9  # letters are larger on a projector
        assert not any(
            left < b[1] and right > b[0] and top < b[3] and bottom > b[2] for b in over
        ), text


def test_where_names_more_than_three_of_a_kind_by_their_number(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    """Six units at a post had three signs beside its name, and a 6 on the map."""
    plan = Deployment.of(
        "plan", {Option("unit", "A", "day"): 6, Option("clinician", "C", "always"): 3}
    )
    write_plan_map(content_maker(plan=plan), tmp_path / "map.html")
    page = visit(tmp_path / "map.html").page
    there = page.locator(".where li")
    signs = there.evaluate_all("nodes => nodes.map((n) => n.querySelectorAll('.sign').length)")
    assert signs == [1, 3]
    assert there.first.inner_text().split() == ["C", "\u00d76", "Post", "A"]


def test_a_phone_breaks_a_name_of_one_long_word(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    """The page was as wide as the name of a post, and the map with it."""
    long = NamedPost("A", "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch")
    content = replace(content_maker(), answer=replace(make_answer(), posts=(long,)))
    write_plan_map(content, tmp_path / "map.html")
    page = visit(tmp_path / "map.html", phone=True).page
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    line = page.locator(".where li").evaluate("node => node.getBoundingClientRect().right")
    assert line <= 390
