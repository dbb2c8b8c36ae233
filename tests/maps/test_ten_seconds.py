"""The map's first view: the ask, the place, the gain and the price, without a scroll or a click."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from coresponse.maps.answer import Recommendation
from coresponse.maps.content import MapContent
from coresponse.maps.plan_map import plan_page, write_plan_map
from tests.maps.conftest import make_answer

Maker = Callable[..., MapContent]

# The lowest edge of a part, and whether each of its texts is what lies on top at its middle:
# nothing covers or cuts it
SEEN = """(part) => {
  const box = document.querySelector(part).getBoundingClientRect();
  const texts = [...document.querySelectorAll(`${part} :is(strong, li, td, th, h2)`)].filter((node) => node.innerText.trim());
  const isOnTop = (node) => {
    const [b] = node.getClientRects(), above = document.elementFromPoint(b.left + b.width / 2, b.top + b.height / 2);
    return node.scrollWidth <= node.clientWidth + 1 && node.contains(above);
  };
  return [box.bottom, texts.length > 0 && texts.every((node) => getComputedStyle(node).display === "inline" || isOnTop(node))];
}"""


@pytest.mark.browser
@pytest.mark.parametrize(
    ("width", "height"), [(1280, 720), (1920, 1080), (390, 844)], ids=["projector", "desk", "phone"]
)
def test_ask_place_gain_and_price_stand_in_the_first_view(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path, width: int, height: int
) -> None:
    write_plan_map(content_maker(), tmp_path / "map.html")
    page = visit(tmp_path / "map.html", phone=width < 400).page
    page.set_viewport_size({"width": width, "height": height})
    for part, words in (
        (".ask", ["What to do", "Put 2 units and 1 clinician on duty"]),
        (".place", ["Where", "Post A", "Post C"]),
        (".gain", ["What it brings", "Today", "55%", "17.5 min", "The plan", "71.2%", "14.2 min"]),
        (".price", ["What it costs", "$1.20 million a year", "3 people to hire", "3 officers"]),
    ):  # fmt: skip
        shown = page.locator(f".top {part}").inner_text()
        assert all(word.lower() in shown.lower() for word in words), shown
        bottom, is_seen = page.evaluate(SEEN, f".top {part}")
        assert bottom <= height, part
        assert is_seen, part
    assert page.evaluate("scrollY") == 0
    # the posts are told apart by the signs that stand on the map
    signs = page.locator(".where li").evaluate_all("all => all.map(n => n.textContent.trim())")
    assert signs == ["CCPost A", "OPost C"]
    map_box = page.locator("#map_plan").bounding_box()
    assert map_box["y"] < 0.85 * height, "the map begins in the first view"


def test_an_answer_without_a_plan_or_without_today_leaves_nothing_empty(
    content_maker: Maker,
) -> None:
    alone = Recommendation(
        "Nobody can be on duty within these limits: all calls are left to police."
    )
    page = plan_page(content_maker(answer=alone, today=False))
    assert "all calls are left to police" in page
    for part in ("place", "gain", "price"):
        assert f'<section class="{part}">' not in page
    told = replace(make_answer(), steps=make_answer().steps[1:], gain="", price_note="", staff="")
    page = plan_page(content_maker(answer=told, today=False))
    assert '<section class="gain">' in page
    assert 'class="change"' not in page
    assert 'class="staff"' not in page


def test_posts_beyond_those_named_are_counted(content_maker: Maker) -> None:
    page = plan_page(content_maker(answer=replace(make_answer(), more_posts=5)))
    assert "and 5 more, on the map" in page
