"""The presenter's view: scene after scene by keys, full screen, and a picture of each."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from coresponse.maps.content import MapContent
from coresponse.maps.plan_map import write_plan_map
from coresponse.maps.scenes import Scene

pytestmark = pytest.mark.browser

Maker = Callable[..., MapContent]
SCENES = (
    Scene(
        "Today",
        "Today 55% of calls are reached within 15 min.",
        (("Mean wait", "17.5 min", ""),),
        mode="today",
    ),
    Scene(
        "The plan",
        "Three responders reach 71.2% of calls.",
        tuple((f"Figure {k}", "12.3 min", "today 17.5 min") for k in range(4)),
        ("A sentence that goes on for some while, as sentences of plans do when much is to be said.",) * 3,
    ),
    Scene("Who gains", "One district would wait less.", mode="change"),
)  # fmt: skip


@pytest.fixture
def opened(visit: Callable[..., Any], content_maker: Maker, tmp_path: Path) -> Callable[..., Any]:
    def _open(*, internal: bool = False, **settings: Any) -> Any:
        content = content_maker(scenes=SCENES, internal=internal)
        write_plan_map(content, tmp_path / "map.html")
        seen = visit(tmp_path / "map.html", **settings)
        seen.page.click("#scenes_open")
        return seen

    return _open


def test_keys_lead_through_the_scenes_and_the_map_follows(
    opened: Callable[..., Any], serious_faults: Callable[[Any], Any]
) -> None:
    seen = opened()
    page = seen.page
    title, caption = page.locator("#scene_title"), page.locator("#caption_plan")
    assert (title.inner_text(), caption.inner_text()) == ("Today", "Mean wait: Today")
    assert page.locator("#scene_back").is_disabled()
    page.keyboard.press("ArrowRight")
    assert (title.inner_text(), caption.inner_text()) == ("The plan", "Mean wait: Plan")
    assert SCENES[1].lines[0] in page.locator("#scene_lines").inner_text()
    page.locator("#map_plan").focus()  # a map that has the keys does not keep them
    page.keyboard.press("PageDown")
    assert (title.inner_text(), caption.inner_text()) == (
        "Who gains",
        "Mean wait: Plan against today",
    )
    page.keyboard.press("ArrowRight")
    assert title.inner_text() == "Who gains"
    page.keyboard.press("Home")
    assert title.inner_text() == "Today"
    assert serious_faults(page) == []
    page.keyboard.press("Escape")
    assert page.locator("#scene").is_hidden()
    assert page.locator(".top").is_visible()
    assert caption.inner_text() == "Mean wait: Plan"
    assert seen.complaints == []
    assert seen.requests == []


def test_full_screen_keeps_the_words(opened: Callable[..., Any]) -> None:
    page = opened().page
    page.click("#scene_full")
    page.wait_for_selector("#workbench:fullscreen")
    assert page.locator("#scene_says").is_visible()
    page.keyboard.press("ArrowRight")
    assert page.locator("#scene_says").inner_text() == SCENES[1].says
    page.click("#scene_close")
    page.wait_for_selector("#scene", state="hidden")


@pytest.mark.parametrize("internal", [False, True])
def test_a_scene_is_saved_as_a_picture(opened: Callable[..., Any], *, internal: bool) -> None:
    page = opened(internal=internal).page
    page.keyboard.press("ArrowRight")
    with page.expect_download() as wanted:
        page.click("#scene_save")
    mark = "INTERNAL-" if internal else ""
    assert wanted.value.suggested_filename == f"{mark}scene-2-the-plan.png"
    picture = Image.open(io.BytesIO(Path(wanted.value.path()).read_bytes()))
    assert picture.size == (1920, 1080)
    pixels = np.asarray(picture.convert("L"))
    assert (pixels[:, :860] < 128).mean() > 0.01, "words"
    assert pixels[:, 860:].std() > 10, "a map"
    assert (pixels[:, 860 - 40 : 860] == 255).all(), "no word runs into the map"


def test_scenes_fit_a_phone_and_a_projector(opened: Callable[..., Any]) -> None:
    page = opened(phone=True).page
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    sizes = page.locator("#scene").evaluate(
        "node => [...node.querySelectorAll('*')].map((one) => "
        "parseFloat(getComputedStyle(one).fontSize))"
    )
    assert min(sizes) >= 12
    page.set_viewport_size({"width": 1280, "height": 720})
    box = page.locator("#scene").evaluate("node => [node.scrollHeight, node.clientHeight]")
    assert box[0] <= box[1] + 1, "nothing has to be scrolled to"
    assert page.locator("#scene_close").bounding_box()["y"] < 720
