"""The what-if page as people use it, in headless Chromium."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AXE = Path(__file__).parents[2] / "maps" / "assets" / "axe-core-4.14.1" / "axe.min.js"


class Tab:
    """A page of a browser of its own, and what it complained of and asked for elsewhere."""

    def __init__(self, page: Any, address: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        page.on("request", lambda r: None if r.url.startswith((address, "data:")) else self.foreign.append(r.url))
        page.on("console", lambda m: self.complaints.append(m.text) if m.type in {"error", "warning"} else None)
        page.on("pageerror", lambda e: self.complaints.append(e.message))

    def open(self, address: str) -> Tab:
        self.page.goto(address)
        self.page.wait_for_selector("body[data-ready=yes]", timeout=60_000)
        return self

    def text(self, selector: str) -> str:
        return str(self.page.inner_text(selector))

    def search(self, name: str, *, ends: bool = True, **fields: str) -> None:
        for selector, value in fields.items():
            name_there = selector if selector.startswith("units-") else selector.replace("_", "-")
            place = self.page.locator(f"#{name_there}")
            place.select_option(value) if place.evaluate("e => e.tagName") == "SELECT" else place.fill(value)
        self.page.fill("#plan-name", name)
        self.page.click("#find")
        self.page.wait_for_selector("body[data-running=yes]")
        if ends:
            self.page.wait_for_selector("body[data-running=no]", timeout=90_000)

    @property
    def plans(self) -> list[str]:
        return [str(t) for t in self.page.locator("#plans-body .plan-name").all_inner_texts()]


@pytest.fixture
def tab(chromium: Any, server: Any) -> Iterator[Callable[..., Tab]]:
    contexts = []

    def _tab(*, phone: bool = False, of: Any = None, **settings: Any) -> Tab:
        running = of or server
        size = {"width": 390, "height": 844} if phone else {"width": 1360, "height": 900}
        context = chromium.new_context(viewport=size, has_touch=phone, is_mobile=phone, **settings)
        contexts.append(context)
        return Tab(context.new_page(), running.address).open(running.entry)

    yield _tab
    for context in contexts:
        context.close()


def clean(found: Tab) -> None:
    assert found.complaints == []
    assert found.foreign == []
    assert found.page.evaluate("window.harm") is None


def test_the_main_path_with_a_stop_in_a_search_two_tabs_and_a_restart(
    starter: Callable[..., Any], tab: Callable[..., Tab]
) -> None:
    server = starter()
    ann, ben = tab(of=server), tab(of=server)
    assert "token" not in ann.page.url

    # Ann searches for long and watches; Ben asks something else meanwhile
    large = {"units-co_responder_unit": "18", "units-on_call_clinician": "8"}
    ann.search("Ann's", ends=False, busy="stated", busy_share="60", time_limit="300", **large)
    ben.search("Ben's", ends=False, busy="free", **{"units-co_responder_unit": "3"})
    shown = ann.page.locator("#search-figures", has_text=re.compile(r"Best so far\s*[\d,.]+ s[\s\S]*Gap\s*[\d.]+ %"))
    shown.wait_for(timeout=90_000)

    # the stop returns her best found, with its gap; Ben's search is not disturbed
    ann.page.click("#stop")
    ann.page.wait_for_selector("body[data-running=no]", timeout=30_000)
    assert ann.page.is_hidden("#said")
    assert re.search(r"Ann's — best found, gap [\d.]+ ?%.*stopped", ann.text("#answer-body"))
    ben.page.wait_for_selector("body[data-running=no]", timeout=90_000)
    assert "Ben's — proven optimal" in ben.text("#answer-body")
    ann.page.reload()
    ann.page.wait_for_selector("body[data-ready=yes]")
    assert set(ann.plans) == {"Today", "Ann's", "Ben's"}
    assert ann.page.locator("#units-co_responder_unit").input_value() == "18"
    assert ben.page.locator("#units-co_responder_unit").input_value() == "3"

    # a killed server loses no plan
    before = {
        p["name"]: server.json("GET", f"/api/plans/{p['id']}")["bought"] for p in server.json("GET", "/api/plans")
    }
    workers = psutil.Process(server.process.pid).children(recursive=True)
    server.end(kill=True)
    assert psutil.wait_procs(workers, timeout=20)[1] == []  # nor does it leave a worker behind
    again = starter(port=server.port)
    after = {p["name"]: again.json("GET", f"/api/plans/{p['id']}")["bought"] for p in again.json("GET", "/api/plans")}
    assert after == before
    assert set(after) == {"Ann's", "Ben's"}
    ben.page.goto(again.entry)
    ben.page.wait_for_selector("body[data-ready=yes]", timeout=60_000)
    assert ben.page.locator("#units-co_responder_unit").input_value() == "3"  # the tab's draft is still there
    assert set(ben.plans) == {"Today", "Ann's", "Ben's"}
    clean(ann)
    clean(ben)


def test_dragging_pinning_and_comparing(tab: Callable[..., Tab]) -> None:
    found = tab()
    page = found.page
    found.search("First", busy="free")
    used = {row[1] for row in plan(page, "First")["bought"]}

    # a dragged post is put on the roads again and its travel is worked out anew
    box = page.locator("#map").bounding_box()
    face = page.locator(".post .face:not(.empty)").first.bounding_box()
    x, y = face["x"] + face["width"] / 2, face["y"] + face["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 12, y + 4, steps=4)
    page.mouse.move(x + 16, y + 6, steps=3)
    page.mouse.up()
    page.wait_for_selector("#said.note", timeout=10_000)
    assert "crossing" in found.text("#said")
    assert "1 moved" in found.text("#changes")
    assert page.locator(".face.moved").count() == 1
    assert box is not None

    # pins, by keyboard-friendly lists
    other = page.evaluate(
        """used => [...document.querySelectorAll('#posts-body tr[data-post]')]
          .map(r => r.dataset.post).find(p => !used.includes(p))""",
        sorted(used),
    )
    page.locator(f"tr[data-post='{other}'] select").select_option("must")
    barred = min(used)
    page.locator(f"tr[data-post='{barred}'] select").select_option("not")
    assert page.locator(".sign.must").count() == page.locator(".sign.not").count() == 1
    found.search("Second", busy="free")
    second = plan(page, "Second")
    assert other in {row[1] for row in second["bought"]}
    assert barred not in {row[1] for row in second["bought"]}
    assert len(second["asked"]["moved"]) == 1

    # side by side, and as a difference on the map
    heads = page.locator("#plans-body thead th").all_inner_texts()
    assert {"Today", "First", "Second"} <= set(heads)
    assert page.locator("#plans-body tbody b").count() >= 3
    page.select_option("#against", label="First")
    assert "Second minus First" in found.text("#legend")
    for view, title in (("depth", "Change in responders"), ("share_in_time", "Change in calls not reached")):
        page.select_option("#view", view)
        assert title in found.text("#legend")
    with page.expect_download() as got:
        page.click("#answer-body a:has-text('deployment.csv')")
    text = Path(got.value.path()).read_text(encoding="utf-8")
    assert text.startswith("responder_type,post_id,shift_pattern,")
    assert text.count("\n") == 1 + len(second["bought"])
    clean(found)


def plan(page: Any, name: str) -> dict[str, Any]:
    script = """async n => {
      const plans = await (await fetch("/api/plans")).json();
      return (await fetch("/api/plans/" + plans.filter(p => p.name === n).pop().id)).text();
    }"""
    found = json.loads(page.evaluate(script, name))
    assert isinstance(found, dict)
    return found


def test_hostile_names_are_shown_as_text(tab: Callable[..., Tab], server: Any) -> None:
    found = tab()
    page = found.page
    found.search("<img src=x onerror=window.harm=1>`${window.harm=1}`", busy="free")
    assert "<img src=x" in found.text("#title")
    assert "<img src=x" in found.text("#posts-body")
    assert "<img src=x" in found.text("#plans-body")
    assert page.evaluate("document.querySelectorAll('img, iframe, object, main script').length") == 0
    page.locator(".post").first.dispatch_event("mouseover")
    page.wait_for_timeout(200)
    assert "onerror" not in page.evaluate(
        "[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames()).join()"
    )
    # the policy itself stops what would have come through
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=\"data:,\" onerror=\"window.harm=1\">')")
    page.wait_for_timeout(200)
    assert page.evaluate("window.harm") is None
    assert any("Content Security Policy" in c for c in found.complaints)
    assert found.foreign == []


@pytest.mark.parametrize("phone", [False, True])
def test_axe_finds_no_serious_fault(tab: Callable[..., Tab], phone: bool) -> None:
    found = tab(phone=phone)
    found.search("Checked", busy="free", time_limit="5")
    found.page.evaluate(AXE.read_text(encoding="utf-8"))
    said = found.page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
    serious = [
        (v["id"], [n["target"] for n in v["nodes"]][:3])
        for v in said["violations"]
        if v["impact"] in {"serious", "critical"}
    ]
    assert serious == []
    assert len(said["passes"]) > 20
    if phone:
        assert found.page.evaluate("document.documentElement.scrollWidth") <= 390
    clean(found)


def test_the_keyboard_reaches_everything(tab: Callable[..., Tab]) -> None:
    found = tab()
    page = found.page
    wanted = page.evaluate(
        """() => [...document.querySelectorAll('a[href], button, input, select, [tabindex="0"]')]
          .filter(e => e.offsetParent !== null && !e.disabled).map((e, i) => { e.dataset.n = i; return i; })"""
    )
    page.evaluate("document.activeElement.blur()")
    seen = set()
    for _ in range(len(wanted) + 20):
        page.keyboard.press("Tab")
        number = page.evaluate("document.activeElement.dataset.n")
        if number is not None:
            seen.add(int(number))
    assert sorted(set(wanted) - seen) == []
    # and the main path goes without a mouse
    page.select_option("#busy", "free")
    page.focus("#find")
    page.keyboard.press("Enter")
    page.wait_for_selector("body[data-running=yes]")
    page.focus("#stop")
    page.keyboard.press("Enter")
    page.wait_for_selector("body[data-running=no]", timeout=60_000)
    first = page.locator("tr[data-post] .place input").first
    place = first.input_value()
    first.fill(str(float(place) + 0.001))
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".face.moved", state="attached")
    clean(found)


def test_a_page_older_than_its_server_says_so(starter: Callable[..., Any], tab: Callable[..., Tab]) -> None:
    server = starter()
    found = tab(of=server)
    server.end()
    found.page.click("#find")
    found.page.wait_for_selector("#said:not([hidden])")
    assert "does not answer" in found.text("#said")
