"""The explorer's switch of residents: service where people of a group live, under each plan."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from coresponse.data.errors import InputError
from coresponse.maps.explorer.content import ExplorerContent, GroupShown
from coresponse.maps.explorer.page import explorer_page, write_explorer

made = importlib.import_module("tests.maps.test_explorer_page")
GROUPS = ("All residents", "under 18 (age)", made.HOSTILE)


def with_groups(content: Any) -> ExplorerContent:
    """Plan i has a wait of 20 - i minutes for all, 2 more for the second group."""
    plain = made.explorer(content)
    points = tuple(
        replace(
            point,
            by_group=tuple(
                GroupShown(20.0 - i + 2 * k, 0.5 + 0.01 * i - 0.1 * k) for k in range(3)
            ),
        )
        for i, point in enumerate(plain.points)
    )
    now = replace(
        plain.points[0], by_group=tuple(GroupShown(25.0 + 2 * k, 0.3 - 0.1 * k) for k in range(3))
    )
    frontier = replace(plain.frontier, today=now)
    return replace(plain, points=points, groups=GROUPS, frontier=frontier)


def test_points_have_figures_of_all_groups(content_maker: Callable[..., Any]) -> None:
    whole = with_groups(content_maker())
    one = replace(whole.points[0], by_group=whole.points[0].by_group[:2])
    with pytest.raises(InputError, match="2 groups of 3"):
        replace(whole, points=(one, *whole.points[1:]))
    assert 'id="group"' not in explorer_page(made.explorer(content_maker()))


@pytest.mark.browser
@pytest.mark.parametrize("phone", [False, True])
def test_a_group_is_chosen_and_its_service_follows_the_sliders(
    visit: Callable[..., Any], content_maker: Callable[..., Any], tmp_path: Path, phone: bool
) -> None:
    write_explorer(with_groups(content_maker()), tmp_path / "explorer.html")
    seen = visit(tmp_path / "explorer.html", phone=phone)
    page = seen.page

    def told() -> tuple[str, str]:
        found = made.figures(page)
        return found["Mean wait there"], found["In time there"]

    # the middle of the sliders is the fourth of the plans: two units with the larger budget
    assert "Mean wait there" not in made.figures(page)
    page.select_option("#group", "1")
    assert told() == ("19.0 min", "43%")
    # beside it what becomes of the group's wait since today, whose residents wait 27 minutes
    card = page.locator("#figures").inner_text()
    assert "vs today \u22128.0" in card, card
    assert "who=under+18" in page.evaluate("location.hash")
    page.locator("#slider_0").focus()
    page.keyboard.press("ArrowLeft")
    assert told() == ("21.0 min", "41%")
    page.select_option("#by", "groupWait")
    dots = page.locator("#frontier circle").count()
    assert dots == 5
    # an address keeps the choice
    page.goto(page.url)
    page.reload()
    page.wait_for_selector("body[data-ready=yes]")
    assert told() == ("21.0 min", "41%")
    page.select_option("#group", "2")
    assert page.evaluate("window.harm") is None
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert seen.complaints == []
    assert seen.requests == []
