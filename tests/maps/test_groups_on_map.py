"""The map's view of where a group of residents lives, and how long the wait is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coresponse.data.errors import InputError
from coresponse.data.figures.rows import GroupsOnMap
from coresponse.maps.plan_map import write_plan_map

HOSTILE_NAME = "<script>window.harm=1</script><img src=x onerror=window.harm=1>\u202e"

LIVING = GroupsOnMap(
    ("under 18 (age)", HOSTILE_NAME),
    (0.25, 0.4),
    np.column_stack([[0.1] * 3 + [0.3] * 5 + [np.nan], np.linspace(0, 0.8, 9)]),
    np.array([[0.1, 0.2], [0.3, 0.5], [np.nan, 0.4]]),
)


@pytest.mark.browser
@pytest.mark.parametrize("phone", [False, True])
def test_areas_where_a_group_is_rare_stay_pale(
    visit: Callable[..., Any], content_maker: Callable[..., Any], tmp_path: Path, phone: bool
) -> None:
    write_plan_map(content_maker(living=LIVING), tmp_path / "map.html")
    seen = visit(tmp_path / "map.html", phone=phone)
    page = seen.page
    assert page.is_hidden("#who")
    page.check('input[name="view"][value="group"]')
    assert page.is_visible("#who")
    assert "under 18 (age) lives: Plan" in page.inner_text("#caption_plan")
    legend = page.inner_text("#legend")
    assert "fewer of the group than in the city" in legend
    assert "too few residents to show" in legend
    page.select_option("#group", "1")
    assert "too few residents to show" not in page.inner_text("#legend")
    assert "who=" in page.evaluate("location.hash")
    page.reload()
    page.wait_for_selector("body[data-ready=yes]")
    assert page.input_value("#group") == "1"
    assert page.evaluate("window.harm") is None
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert seen.complaints == []
    assert seen.requests == []


def test_other_areas_than_the_maps_are_refused(content_maker: Callable[..., Any]) -> None:
    with pytest.raises(InputError, match="2 areas of 9"):
        content_maker(living=GroupsOnMap(LIVING.titles, LIVING.whole, LIVING.shares[:2]))
