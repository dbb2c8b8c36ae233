"""The what-if page while a person tries things: a drag, a new post, two tabs, a placed plan's report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.app.conftest import Tab

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def figures(page: Any, kind: str) -> str:
    page.wait_for_selector(f"#answer[data-figures={kind}]")
    return str(page.inner_text("#answer .cards"))


def test_figures_follow_the_hand_and_a_placed_plan_has_a_report(
    tab: Callable[..., Any], server: Any
) -> None:
    found = tab()
    page = found.page
    page.set_viewport_size({"width": 1280, "height": 720})
    found.search("Live", busy="free")
    # the answer stands beside the map, both on the first screen
    page.evaluate("window.scrollTo(0, 0)")
    map_box, cards = (page.locator(s).bounding_box() for s in ("#map", "#answer .cards"))
    assert cards["x"] > map_box["x"] + map_box["width"]
    assert cards["y"] + cards["height"] < 720
    assert page.locator("#chart-fold").get_attribute("open") is None

    # an estimate while a post is held, the replay once it rests
    before = figures(page, "plan")
    page.evaluate("document.getElementById('map').scrollIntoView({ block: 'end' })")
    map_box = page.locator("#map").bounding_box()
    face = page.locator(".post .face:not(.empty)").first.bounding_box()
    x, y = face["x"] + face["width"] / 2, face["y"] + face["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    inward = map_box["x"] + map_box["width"] / 2 - x, map_box["y"] + map_box["height"] / 2 - y
    for k in range(1, 9):  # into the city, where roads are
        page.mouse.move(x + inward[0] * k / 40, y + inward[1] * k / 40)
    page.wait_for_selector("#answer[data-figures=estimate], #answer[data-figures=replay]")
    page.mouse.up()
    page.wait_for_selector(".face.moved", state="attached")
    assert "was" in figures(page, "replay")
    # what is put back has the plan's own figures again
    page.locator(".face.moved").click()
    page.click("#post-card button:has-text('Put back')")
    assert figures(page, "plan") == before

    # a new post by a click, a responder there, and its plan
    page.click("#post-card .close")
    page.click("#add-post")
    there = page.locator(".post .face:not(.empty)").nth(1).bounding_box()
    page.mouse.click(there["x"] + there["width"] / 2, there["y"] - 12)  # near it are roads
    page.wait_for_selector("#post-card:has-text('New post 1')")
    page.locator("#post-card .crews button[aria-label^='One more']").first.click()
    figures(page, "replay")
    page.fill("#plan-name", "Placed")
    page.evaluate("delete document.body.dataset.running")
    page.click("#judge")
    page.wait_for_selector("body[data-running=no]")
    assert "Placed" in found.text("#answer-body")
    assert "New post 1" in found.text("#tables")
    figures(page, "plan")

    # another tab of the same browser has it at once, and its post
    second = Tab(page.context.new_page(), server.address).open(server.entry)
    assert "Placed" in second.plans
    second.page.select_option("#shown", label="Placed")
    second.page.wait_for_selector("#post-choice option[value=new-1]", state="attached")
    page.fill("#plan-name", "Placed again")
    page.click("#judge")
    second.page.wait_for_selector("#plans-body :text-is('Placed again')")

    with page.expect_download() as got:
        page.click("#answer-body a:text-is('deployment.csv')")
    assert got.value.suggested_filename == "Placed-again-deployment.csv"
    page.wait_for_selector("body[data-running=no]")
    page.evaluate("delete document.body.dataset.running")
    page.click("#make-report")
    page.wait_for_selector("body[data-running=no]")
    assert "The report is ready" in found.text("#said")
    found.clean()
    second.clean()
