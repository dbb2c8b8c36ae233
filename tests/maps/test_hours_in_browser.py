"""The hours of the week on the page: the chart, what is read off it, and the way to the map."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coresponse.data.figures.text import NONE
from coresponse.maps.content import MapContent
from coresponse.maps.plan_map import write_plan_map
from coresponse.maps.week import WeekHoursShown

pytestmark = pytest.mark.browser

Maker = Callable[..., MapContent]
HOUR = np.arange(168)
CALLS = np.where(HOUR % 24 == 4, np.nan, 2.0 + HOUR % 24 / 10)
WEEK = WeekHoursShown(
    calls=tuple(CALLS),
    on_duty={"plan": tuple(3.0 + (HOUR % 24 >= 13)), "today": (2.0,) * 168},
    busy={"plan": (1.5,) * 168},
    note="Past calls.",
)


@pytest.mark.parametrize("phone", [False, True])
def test_hours_are_read_off_and_lead_to_the_map(
    visit: Callable[..., Any],
    content_maker: Maker,
    serious_faults: Callable[[Any], Any],
    tmp_path: Path,
    *,
    phone: bool,
) -> None:
    write_plan_map(content_maker(week=WEEK), tmp_path / "map.html")
    seen = visit(tmp_path / "map.html", phone=phone)
    page = seen.page
    svg = page.locator("#hours_chart svg")
    assert svg.locator("rect").count() > 161
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    # letters are as large as they say: the chart is drawn as wide as it stands
    box = svg.bounding_box()
    assert box["width"] == pytest.approx(float(svg.get_attribute("viewBox").split()[2]), abs=2)
    time, said = page.locator("#hours_time"), page.locator("#hours_said")
    time.focus()
    page.keyboard.press("Home")
    assert said.inner_text() == (
        "Monday 00:00: 2.0 calls an hour; plan: 3 on duty, 1.5 on calls; today: 2 on duty."
    )
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    assert said.inner_text().startswith("Monday 04:00: calls not shown; ")
    page.keyboard.press("End")
    assert said.inner_text().startswith("Sunday 23:00: 4.3 calls an hour; plan: 4 on duty")
    rows = page.locator(".table.week tbody tr").all_inner_texts()
    assert rows[1].split("\t") == ["03:00-06:00", *(NONE, "3.0", "1.5") * 2]
    assert serious_faults(page) == []
    night = page.locator("#hours_reached button", has_text="Night")
    assert "42% in time, today 42%" in night.inner_text()
    night.click()
    assert page.locator('input[name="period"]:checked').get_attribute("value") == "night"
    assert page.locator("#legend_title").inner_text().startswith("Calls not reached")
    assert seen.complaints == []
    assert seen.requests == []
