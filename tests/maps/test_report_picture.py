"""The map's picture in the report.

Names, posts of one building, no white beside a tall city; and no chart's words cut off.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import geopandas as gpd
import matplotlib.figure
import pytest
import shapely

from coresponse.maps.charts import svg_text
from coresponse.maps.content import MapContent
from coresponse.maps.report import charts
from coresponse.maps.report.charts import FunnelBar, funnel_chart
from coresponse.maps.report.names import placed_names
from coresponse.maps.report.picture import plan_picture

Maker = Callable[..., MapContent]
CRS = "EPSG:32618"


def districts_of(*boxes: tuple[str, tuple[float, float, float, float]]) -> gpd.GeoDataFrame:
    frame = {"district_id": [name for name, _ in boxes], "name": [name for name, _ in boxes]}
    return gpd.GeoDataFrame(frame, geometry=[shapely.box(*box) for _, box in boxes], crs=CRS)


def test_a_name_steps_aside_within_its_district() -> None:
    districts = districts_of(("West", (0, 0, 1000, 1000)), ("East", (1000, 0, 2000, 1000)))
    post = (400.0, 400.0, 600.0, 600.0)
    names = placed_names(districts, [post], size_m=80.0, frame=(0, 0, 2000, 1000))
    found = {name.text: name for name in names}
    assert (found["East"].x, found["East"].y) == (1500, 500)
    west = found["West"]
    assert 0 < west.x < 1000
    assert not (post[0] - 96 < west.x < post[2] + 96 and post[1] - 54 < west.y < post[3] + 54)


def test_the_largest_district_chooses_first_and_what_has_no_room_is_left_out() -> None:
    districts = districts_of(("Small", (0, 0, 300, 300)), ("Large, around it", (0, 0, 300, 900)))
    names = placed_names(districts, [], size_m=60.0, frame=(-500, 0, 800, 900))
    assert [name.text for name in names] == ["Large, around it", "Small"]
    assert placed_names(districts, [(0, 0, 300, 900)], size_m=60.0, frame=(-500, 0, 800, 900)) == ()


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the texts that the next pictures hold."""
    found: list[str] = []

    def svg_text(figure: matplotlib.figure.Figure) -> str:
        found.extend(text.get_text() for axes in figure.axes for text in axes.texts)
        return "<svg/>"

    monkeypatch.setattr("coresponse.maps.report.picture.svg_text", svg_text)
    return found


def test_districts_are_named_and_posts_of_one_building_are_counted_together(
    content_maker: Maker, written: list[str]
) -> None:
    content = content_maker()
    plan_picture(content)
    assert {"North End", "South End", "2", "1"} <= set(written)
    written.clear()
    posts = content.posts.copy()
    x, y = posts.geometry.x.copy(), posts.geometry.y.copy()
    x.iloc[2], y.iloc[2] = x.iloc[0] + 10, y.iloc[0] + 10
    plan_picture(replace(content, posts=posts.set_geometry(gpd.points_from_xy(x, y, crs=CRS))))
    assert {"3"} == {text for text in written if text.isdigit()}


def test_a_tall_city_has_no_white_beside_it(content_maker: Maker) -> None:
    content = content_maker()
    posts = content.posts.copy()
    tall = gpd.points_from_xy(posts.geometry.x, posts.geometry.y * 1.0 + [0, 0, 0, 4000], crs=CRS)
    width, height = map(float, re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', plan_picture(
        replace(content, posts=posts.set_geometry(tall)))).groups())  # fmt: skip
    assert height == pytest.approx(8.2 * 72)
    assert width < 0.8 * 7.6 * 72


def test_no_words_of_the_funnel_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    cut: list[Any] = []

    def svg_text(figure: matplotlib.figure.Figure) -> str:
        figure.canvas.draw()
        cut.extend(
            text.get_text()
            for text in figure.axes[0].texts
            if text.get_window_extent().x1 > figure.bbox.x1
        )
        return "<svg/>"

    monkeypatch.setattr(charts, "svg_text", svg_text)
    reason = "no responder type takes the call"
    funnel_chart(
        [
            FunnelBar("calls", 365.6, ()),
            FunnelBar("eligible", 360.0, ((reason, 30.7), ("all units busy", 2.0))),
        ]
    )
    funnel_chart(
        [FunnelBar("calls", 36_560.0, ()), FunnelBar("eligible", 36_560.0, ((reason, 3_070.0),))]
    )
    assert cut == []


def test_a_name_in_letters_that_no_font_has_says_nothing_on_the_terminal() -> None:
    """Warnings are errors here: matplotlib's stood between a plan's progress and its answer."""
    figure = matplotlib.figure.Figure()
    figure.text(
        0.1,
        0.5,
        "\U0001f3e5\U0001f693 Zone \u05e9\u05db\u05d5\u05e0\u05d4 \u0627\u0644\u0632\u0647\u0631\u0627\u0621 \u4e2d\u6587",
    )
    assert "<svg" in svg_text(figure)
