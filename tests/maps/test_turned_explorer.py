"""The explorer of a long city lies along its window, and shows what it shows upright."""

from __future__ import annotations

import importlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from coresponse.maps.explorer.page import write_explorer
from tests.maps.test_turned_map import BEARING, arrow_turn, content_of, long_city, placing

explorer = importlib.import_module("tests.maps.test_explorer_page").explorer
pytestmark = pytest.mark.browser

STREETS = """(spots) => {
  const canvas = document.querySelector("#map_plan .leaflet-roads-pane canvas");
  const place = canvas.getBoundingClientRect(), pane = document.getElementById("map_plan").getBoundingClientRect();
  const dots = canvas.width / place.width, { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return spots.map(([x, y]) => {
    for (let dx = -2; dx <= 2; dx += 1) for (let dy = -2; dy <= 2; dy += 1) {
      const i = Math.round((x + pane.left - place.left) * dots) + dx, j = Math.round((y + pane.top - place.top) * dots) + dy;
      if (data[4 * (j * canvas.width + i) + 3] > 0) return true;
    }
    return false;
  });
}"""


def test_areas_streets_legend_and_picture_of_a_turned_city(
    visit: Callable[..., Any], still: Callable[..., None], content_maker: Any, tmp_path: Path
) -> None:
    made = long_city(content_maker)
    cells = explorer(made).cells.copy()
    for column in [name for name in cells if str(name).startswith("mean_with_fallback_s_p")]:
        cells[column] = 60.0 * (1 + np.arange(len(cells)))
    write_explorer(explorer(made, cells=cells), tmp_path / "explorer.html")
    seen = visit(tmp_path / "explorer.html")
    page = seen.page
    page.set_viewport_size({"width": 1280, "height": 720})
    still(page)
    assert arrow_turn(page) == pytest.approx(90 - BEARING, abs=1)
    content = content_of(page)
    place_of, _, _ = placing(page, content)
    pane, legend = (page.locator(one).bounding_box() for one in ("#map_plan", ".legend"))
    west, south = content["origin"]
    hull = np.cumsum(np.reshape(content["hull"], (-1, 2)), axis=0) * content["step"]
    spots = np.array(
        [[(at := place_of((one[0] + west, one[1] + south))).real, at.imag] for one in hull]
    )
    assert np.ptp(spots[:, 0]) > 2.5 * np.ptp(spots[:, 1])
    # whole in the window, above the legend
    assert (spots > 0).all()
    assert (spots < (pane["width"], pane["height"])).all()
    assert legend["y"] >= pane["y"] + pane["height"] - 1
    # streets are painted where they are
    ends = [
        np.cumsum(np.reshape(line, (-1, 2)), axis=0)[0] * content["step"] + (west, south)
        for lines in content["roads"].values()
        for line in lines
    ]
    at = [[place_of(end).real, place_of(end).imag] for end in ends]
    assert np.mean(page.evaluate(STREETS, at)) > 0.98
    # the area beneath the pointer is the one that lies there
    middle = cells.to_crs("EPSG:4326").geometry.iloc[6].centroid
    spot = place_of((middle.x, middle.y))
    page.mouse.move(pane["x"] + spot.real, pane["y"] + spot.imag)
    page.wait_for_selector(".leaflet-tooltip strong")
    assert "7.0 min" in page.inner_text(".leaflet-tooltip")
    # a smaller window, and paper, still hold the city whole
    page.set_viewport_size({"width": 1000, "height": 720})
    still(page)
    with page.expect_download() as waiting:
        page.locator("#save").click()
    picture = Image.open(io.BytesIO(Path(waiting.value.path()).read_bytes())).convert("RGB")
    # the arrow's disk, at the top left of the map beside the column of words
    assert picture.getpixel((2 * (340 + 36), 2 * 36 + 40)) == pytest.approx((255, 255, 255), abs=30)
    assert seen.complaints == []
    assert [r for r in seen.requests if not r.startswith("blob:")] == []


def test_a_phone_holds_the_city_whole(
    visit: Callable[..., Any], still: Callable[..., None], content_maker: Any, tmp_path: Path
) -> None:
    write_explorer(explorer(long_city(content_maker, 10.0)), tmp_path / "explorer.html")
    page = visit(tmp_path / "explorer.html", phone=True).page
    still(page)
    assert arrow_turn(page) is None, "an upright city fits an upright window"
