"""The what-if page for people who use keys, or have it read to them, in headless Chromium."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.parametrize("phone", [False, True])
def test_axe_finds_no_serious_fault(
    tab: Callable[..., Any], serious_faults: Callable[..., Any], phone: bool
) -> None:
    found = tab(phone=phone)
    found.search("Checked", busy="free")
    assert serious_faults(found.page) == []
    if phone:
        assert found.page.evaluate("document.documentElement.scrollWidth") <= 390
    found.clean()


def test_the_keyboard_reaches_everything(tab: Callable[..., Any]) -> None:
    found = tab()
    page = found.page
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    page.select_option("#post-choice", index=1)
    wanted = page.evaluate(
        """() => [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')]
          .filter(e => e.checkVisibility() && !e.disabled).map((e, i) => { e.dataset.n = i; return i; })"""
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
    # never on a button that is gone
    page.wait_for_function("['stop', 'find'].includes(document.activeElement.id)")
    page.keyboard.press("Enter")
    page.wait_for_selector("body[data-running=no]")
    page.wait_for_function("document.activeElement.id === 'find'")
    first = page.locator("tr[data-post] .place input").first
    place = first.input_value()
    first.fill(str(float(place) + 0.001))
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".face.moved", state="attached")
    found.clean()
