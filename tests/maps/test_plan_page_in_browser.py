"""What people see and do, in headless Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coresponse.maps.content import MapContent
from coresponse.maps.plan_map import write_plan_map

pytestmark = pytest.mark.browser

Maker = Callable[..., MapContent]
HOSTILE = (
    "<script>window.harm=1</script><img src=x onerror='window.harm=1'>\"><svg onload=window.harm=1>"
    "${window.harm=1}`${window.harm=1}`\\`{{7*7}}</script><!--\u202e\u2028=cmd|' /C calc'!A0"
)

# Share of the pane's pixels whose color is not that of empty ground or land: how much is painted
PAINTED = """name => {
  const canvas = document.querySelector(`#map_plan .leaflet-${name}-pane canvas`);
  if (!canvas || !canvas.width) return 0;
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let count = 0;
  for (let i = 3; i < data.length; i += 4) count += data[i] > 0;
  return count / (data.length / 4);
}"""
COLORS_SHOWN = """() => {
  const canvas = document.querySelector("#map_plan .leaflet-cells-pane canvas");
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  const seen = new Map();
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] < 200) continue;
    const key = [data[i], data[i + 1], data[i + 2]].map((v) => v >> 4).join(",");
    seen.set(key, (seen.get(key) || 0) + 1);
  }
  return [...seen].filter(([, n]) => n > 300).map(([key]) => key).sort();
}"""


def settle(page: Any) -> None:
    """Wait until what was asked for is painted."""
    page.evaluate(
        "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )
    page.wait_for_timeout(60)


def choose(page: Any, name: str, value: str) -> None:
    page.locator(f'input[name="{name}"][value="{value}"]').check(force=True)
    settle(page)


@pytest.fixture
def made(content_maker: Maker, tmp_path: Path) -> Path:
    write_plan_map(content_maker(), tmp_path / "map.html")
    return tmp_path / "map.html"


def test_opens_without_a_request_or_a_complaint(visit: Callable[..., Any], made: Path) -> None:
    seen = visit(made)
    for view in ("response", "late", "depth", "area", "demand", "district", "plain"):
        for mode in ("plan", "today", "change", "both"):
            radio = seen.page.locator(f'input[name="mode"][value="{mode}"]')
            choose(seen.page, "view", view)
            if radio.is_enabled():
                choose(seen.page, "mode", mode)
        choose(seen.page, "mode", "plan")
    assert seen.requests == []
    assert seen.complaints == []


def test_views_paint_different_things_and_say_so(visit: Callable[..., Any], made: Path) -> None:
    page = visit(made).page
    settle(page)
    shown = {}
    for view in ("response", "late", "depth", "area", "demand", "district"):
        choose(page, "view", view)
        shown[view] = (
            tuple(page.evaluate(COLORS_SHOWN)),
            page.locator("#legend_title").inner_text(),
        )
        assert page.evaluate(PAINTED, "cells") > 0.02, view
    assert len(set(shown.values())) == 6
    choose(page, "view", "plain")
    assert page.evaluate(PAINTED, "cells") == 0
    assert "minutes" in shown["response"][1]


def test_districts_are_labeled_with_their_figures(visit: Callable[..., Any], made: Path) -> None:
    page = visit(made).page
    choose(page, "view", "district")
    labels = page.locator("#map_plan .district-name")
    assert sorted(re.split(r"\s*\n\s*", text.strip()) for text in labels.all_inner_texts()) == [
        ["North End", "10.0 min"],
        ["South End"],
    ]
    choose(page, "mode", "change")
    assert "\u22121.0 min" in labels.first.inner_text()


def test_legend_states_clock_unit_and_standard(visit: Callable[..., Any], made: Path) -> None:
    page = visit(made).page
    legend = page.locator("#legend").inner_text()
    assert "By the replay, allowing for busy units, like the figures at the top." in legend
    assert "from the call's start to arrival on scene" in legend
    assert "Standard: 15 minutes" in legend
    assert "7.5 to 15 min" in legend
    assert "Co-responder unit" in legend
    choose(page, "view", "demand")  # which does not hang on responders
    assert "replay" not in page.locator("#legend").inner_text()


def test_change_shows_what_moves(visit: Callable[..., Any], made: Path) -> None:
    page = visit(made).page
    assert page.locator("#map_plan .post").count() == 2
    choose(page, "mode", "change")
    badges = [
        re.sub(r"\s", "", text) for text in page.locator("#map_plan .badge").all_inner_texts()
    ]
    assert badges == ["+1", "\u22121", "+1"]
    signs = page.locator("#map_plan .unseen").all_text_contents()
    assert signs == [
        "Post A: +1 Co-responder unit",
        "Post B: \u22121 Co-responder unit",
        "Post C: +1 On-call clinician",
    ]
    choose(page, "mode", "today")
    assert page.locator("#map_plan .unseen").all_text_contents() == [
        "Post A: 1 Co-responder unit",
        "Post B: 1 Co-responder unit",
    ]


def test_side_by_side_moves_as_one(visit: Callable[..., Any], made: Path) -> None:
    page = visit(made).page
    assert not page.locator("#pane_today").is_visible()
    choose(page, "mode", "both")
    assert page.locator("#pane_today").is_visible()
    assert page.locator("#caption_today").inner_text() == "Mean wait: Today"
    before = page.locator("#map_today .post").first.bounding_box()
    page.locator("#map_plan").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "x => x - document.querySelector('#map_today .post').getBoundingClientRect().x > 40",
        arg=before["x"],
    )
    choose(page, "mode", "plan")
    assert not page.locator("#pane_today").is_visible()


def test_overlays_come_and_go(visit: Callable[..., Any], made: Path) -> None:
    page = visit(made).page
    settle(page)
    roads = page.evaluate(PAINTED, "roads")
    assert roads > 0.005
    page.locator('input[name="roads"]').uncheck()
    settle(page)
    assert page.evaluate(PAINTED, "roads") == 0
    page.locator('input[name="posts"]').uncheck()
    assert page.locator(".post").count() == 0
    assert page.locator(".district-name").count() == 2
    page.locator('input[name="names"]').uncheck()
    assert page.locator(".district-name").count() == 0
    assert page.evaluate(PAINTED, "candidates") == 0
    page.locator('input[name="candidates"]').check()
    settle(page)
    assert page.evaluate(PAINTED, "candidates") > 0
    assert "candidate post" in page.locator("#legend").inner_text()


def test_search_finds_a_district_and_says_when_there_is_none(
    visit: Callable[..., Any], made: Path
) -> None:
    page = visit(made).page
    assert page.locator("#places option").count() == 6
    page.locator("#search").fill("north")
    page.keyboard.press("Enter")
    card = page.locator(".leaflet-popup-content").inner_text()
    assert "North End" in card
    assert "10.0" in card
    assert page.locator("#found").inner_text() == "Shown: North End"
    page.locator("#search").fill("Atlantis")
    page.keyboard.press("Enter")
    assert page.locator("#found").inner_text() == "No district or post has that name."


def test_periods_change_the_map(visit: Callable[..., Any], made: Path) -> None:
    seen = visit(made)
    page = seen.page
    settle(page)
    week = page.evaluate(COLORS_SHOWN)
    choose(page, "period", "night")
    assert page.evaluate(COLORS_SHOWN) != week
    assert (
        page.locator("#caption_plan").inner_text() == "Mean wait: Plan, Night (daily 19:00-07:00)"
    )
    assert "at=night" in page.url
    page.reload()  # the address keeps the time
    page.wait_for_selector("body[data-ready=yes]")
    assert page.locator('input[name="period"][value="night"]').is_checked()
    # an area of this time, with its own calls and figures
    box = page.locator("#map_plan").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    card = page.locator(".leaflet-popup-content").inner_text()
    assert "Calls in the history (Night): 11 to 25" in card
    assert re.search(r"Mean wait, min\s+41\.0\s+40\.0\s+\u22121\.0", card)
    # every view has its times
    for view in ("late", "depth", "area", "demand", "district", "free"):
        choose(page, "view", view)
        assert "Night (daily 19:00-07:00)" in page.locator("#caption_plan").inner_text()
        assert page.evaluate(PAINTED, "cells") > 0.05
    assert seen.requests == []


def test_whoever_is_off_duty_is_crossed_out(visit: Callable[..., Any], made: Path) -> None:
    page = visit(made).page
    words = page.locator("#map_plan .post .unseen")
    assert sorted(words.all_inner_texts()) == [
        "Post A: 2 Co-responder units",
        "Post C: 1 On-call clinician",
    ]
    assert page.locator("#map_plan .closed").count() == 0
    choose(page, "period", "night")
    assert sorted(words.all_inner_texts()) == [
        "Post A: nobody on duty at this time",
        "Post C: 1 On-call clinician",
    ]
    assert page.locator("#map_plan .closed .badge").inner_text() == "\u00d7"
    assert "off duty at this time" in page.locator("#legend").inner_text()
    choose(page, "period", "day")
    assert "Post A: 2 Co-responder units, part of this time" in words.all_inner_texts()
    assert "on duty for part of this time" in page.locator("#legend").inner_text()
    choose(page, "period", "night")
    choose(page, "mode", "change")  # today's day shifts at A and B are off, too
    assert page.locator("#map_plan .closed").count() == 2


def test_districts_have_figures_by_time(visit: Callable[..., Any], made: Path) -> None:
    page = visit(made).page
    choose(page, "view", "district")
    choose(page, "period", "day")
    assert "8.0 min" in page.locator("#map_plan .district-name").first.inner_text()
    page.locator("#search").fill("South End")
    page.keyboard.press("Enter")
    assert (
        "Too few calls at some time of day" in page.locator(".leaflet-popup-content").inner_text()
    )
    text = page.locator("#tables").inner_text()
    assert "Times of the week" in text
    assert "daily 19:00-07:00" in text
    assert "Mean wait by district and time, minutes" in text


def test_without_times_the_page_says_why(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    content = content_maker(
        periods=(),
        cells_by_time=None,
        by_time=None,
        no_periods="Times of the week cannot be chosen: because.",
    )
    write_plan_map(content, tmp_path / "map.html")
    page = visit(tmp_path / "map.html").page
    assert page.locator('input[name="period"]').count() == 0
    assert (
        page.locator("#no_periods").inner_text() == "Times of the week cannot be chosen: because."
    )


def test_address_keeps_the_view(visit: Callable[..., Any], made: Path) -> None:
    page = visit(made).page
    choose(page, "view", "depth")
    choose(page, "mode", "change")
    address = page.url
    assert address.endswith("#show=depth&of=change")
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector("body[data-ready=yes]")
    assert page.locator("#caption_plan").inner_text() == "Backup depth: Plan against today"


def test_an_address_of_the_whole_week_ends_the_time_that_was_shown(
    visit: Callable[..., Any], made: Path
) -> None:
    page = visit(made).page
    choose(page, "period", "night")
    page.evaluate("location.hash = '#tables'")  # a link within the page changes nothing
    settle(page)
    assert "Night" in page.locator("#caption_plan").inner_text()
    # a shared address, opened in the same tab
    page.evaluate("location.hash = '#show=response&of=today'")
    settle(page)
    assert page.locator("#caption_plan").inner_text() == "Mean wait: Today"
    assert page.locator('input[name="period"][value=""]').is_checked()


def test_a_click_on_an_area_tells_its_figures(visit: Callable[..., Any], made: Path) -> None:
    page = visit(made).page
    for name in ("posts", "names"):
        page.locator(f'input[name="{name}"]').uncheck()
    box = page.locator("#map_plan").bounding_box()
    # not on the legend's side
    page.mouse.click(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.5)
    card = page.locator(".leaflet-popup-content").inner_text()
    assert re.search(r"Area (in \w+|of the city)", card)
    assert "Sent most often from" in card
    assert re.search(r"Calls in the history: \d+ to \d+", card)


def test_keyboard_reaches_everything(visit: Callable[..., Any], made: Path) -> None:
    page = visit(made).page
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                "() => { const a = document.activeElement; return a.id || a.name || a.className || "
                "a.tagName; }"
            ).split(" ")[0]
        )
    wanted = {
        "skip",
        "view",
        "mode",
        "search",
        "posts",
        "roads",
        "map_plan",
        "leaflet-control-zoom-in",
        "fullscreen",
    }
    assert wanted <= reached, wanted - reached
    assert any(name.startswith("leaflet-marker-icon") for name in reached)
    page.locator(".post").first.focus()
    page.keyboard.press("Enter")
    assert "Post A" in page.locator(".leaflet-popup-content").inner_text()
    page.keyboard.press("Escape")
    page.locator('input[name="view"][value="response"]').focus()
    page.keyboard.press("ArrowDown")
    assert page.locator("#caption_plan").inner_text() == "Not reached in time: Plan"


VIEWS = (("response", "both"), ("district", "both"), ("late", "change"), ("area", "plan"))


@pytest.mark.parametrize("phone", [False, True])
def test_axe_finds_no_serious_fault(
    visit: Callable[..., Any], serious_faults: Callable[..., Any], made: Path, phone: bool
) -> None:
    page = visit(made, phone=phone, bypass_csp=True).page
    for view, mode in VIEWS:
        choose(page, "view", view)
        choose(page, "mode", mode)
        if mode != "both":  # with a place's figures open, and all that can be shown
            page.locator('input[name="candidates"]').check()
            page.locator("#search").fill("Post A")
            page.locator("#search").press("Enter")
            page.wait_for_selector(".leaflet-popup-content")
        assert serious_faults(page) == [], (view, mode)


def test_phone_page_is_not_wider_than_the_phone(visit: Callable[..., Any], made: Path) -> None:
    page = visit(made, phone=True).page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    legend, panes = (page.locator(s).bounding_box() for s in ("#legend", "#panes"))
    assert legend["y"] >= panes["y"] + panes["height"] - 1


def test_hostile_names_run_nothing_and_are_shown(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    names = iter(range(1000))
    write_plan_map(
        content_maker(name=lambda text: f"{text} {HOSTILE} {next(names)}"), tmp_path / "map.html"
    )
    # without the content security policy, so that escaping alone must hold
    seen = visit(tmp_path / "map.html", bypass_csp=True)
    page = seen.page
    for view in ("response", "area", "district", "plain"):
        choose(page, "view", view)
        for mode in ("plan", "today", "both"):
            choose(page, "mode", mode)
    choose(page, "mode", "plan")
    page.locator('input[name="candidates"]').check()
    page.locator("#search").fill("north")
    page.keyboard.press("Enter")
    assert "onerror=" in page.locator(".leaflet-popup-content").inner_text()
    page.locator(".post").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(400)
    assert page.evaluate("window.harm") is None
    assert (
        page.evaluate("document.querySelectorAll('img, iframe, object, svg[onload]').length") == 0
    )
    assert page.evaluate("document.querySelectorAll('script').length") == 3
    assert "<script>window.harm=1</script>" in page.locator("h1").inner_text()
    assert "49" not in page.locator("h1").inner_text()
    assert seen.requests == []
    assert seen.complaints == []


def test_a_script_that_came_in_would_be_stopped(visit: Callable[..., Any], made: Path) -> None:
    text = made.read_text(encoding="utf-8").replace("<h1>", "<script>window.harm=1</script><h1>")
    made.write_text(text, encoding="utf-8")
    seen = visit(made)
    assert seen.page.evaluate("window.harm") is None
    assert any("Content Security Policy" in words for words in seen.complaints)


def test_paper_holds_map_and_tables(visit: Callable[..., Any], made: Path) -> None:
    page = visit(made).page
    page.evaluate(
        """() => addEventListener("beforeprint", () => {
          const paper = document.querySelector("#map_plan canvas.paper");
          const data = paper.getContext("2d").getImageData(0, 0, paper.width, paper.height).data;
          window.inked = data.filter((v, i) => i % 4 === 3 && v > 0).length / (data.length / 4);
        })"""
    )
    for paper in ("A4", "Letter"):
        page.evaluate("window.inked = 0")
        pdf = page.pdf(format=paper, print_background=True)
        assert page.evaluate("window.inked") > 0.02
        assert 1 <= len(re.findall(rb"/Type /Page\b", pdf)) <= 3
        assert page.locator("canvas.paper").count() == 0
