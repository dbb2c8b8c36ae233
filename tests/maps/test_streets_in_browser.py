"""Streets are painted where they are, at every zoom.

Recounted from two posts whose places are known.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coresponse.maps.content import MapContent
from coresponse.maps.plan_map import write_plan_map
from tests.maps.unpacked import unpacked

pytestmark = pytest.mark.browser

SEEN = """() => {
  const { width, height, _leaflet_pos: { x, y } } = document.querySelector("#map_plan .leaflet-roads-pane canvas");
  const signs = [...document.querySelectorAll("#map_plan .leaflet-marker-icon")].filter((icon) => icon.querySelector(".unseen"))
    .map((icon) => [icon.querySelector(".unseen").textContent, icon._leaflet_pos.x, icon._leaflet_pos.y]);
  return { size: [width, height], corner: [x, y], signs };
}"""
# Which of these pixels have ink within two pixels, and what share of all pixels has any
INK = """(spots) => {
  const canvas = document.querySelector("#map_plan .leaflet-roads-pane canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const inked = (x, y) => data[(y * canvas.width + x) * 4 + 3] > 0;
  const near = ([x, y]) => [-2, -1, 0, 1, 2].some((dx) => [-2, -1, 0, 1, 2].some((dy) => inked(x + dx, y + dy)));
  let all = 0;
  for (let i = 3; i < data.length; i += 4) all += data[i] > 0;
  return { near: spots.map(near), all: all / (canvas.width * canvas.height) };
}"""


def mercator(place: tuple[float, float]) -> np.ndarray:
    lon, lat = place
    return np.array([lon, -math.degrees(math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)))])


def corners(content: dict[str, Any]) -> np.ndarray:
    """Every corner of every street, in Mercator degrees."""
    west, south = content["origin"]
    out = []
    for segment in unpacked(content["graph"])[1]:
        steps = np.array(segment.corners) * content["step"]
        out += [mercator((west + x, south + y)) for x, y in steps]
    return np.array(out)


def ink(page: Any, content: dict[str, Any]) -> tuple[list[bool], float]:
    """Tell of each street corner in view whether it has ink, and what share of the whole canvas has."""
    seen = page.evaluate(SEEN)
    west, south = content["origin"]
    step = content["step"]
    at = {
        p["name"]: (west + p["at"][0] * step, south + p["at"][1] * step) for p in content["posts"]
    }
    known = [(mercator(at[words.split(":")[0]]), np.array([x, y])) for words, x, y in seen["signs"]]
    (from_a, to_a), (from_b, to_b) = known[0], known[-1]
    scale = (to_b - to_a) / (from_b - from_a)
    assert scale[0] == pytest.approx(scale[1], rel=0.01)
    spots = np.rint(to_a + (corners(content) - from_a) * scale - seen["corner"]).astype(int)
    inside = ((spots > 2) & (spots < np.array(seen["size"]) - 3)).all(axis=1)
    found = page.evaluate(INK, spots[inside].tolist())
    return found["near"], found["all"]


def test_streets_are_painted_where_they_are(
    visit: Callable[..., Any],
    still: Callable[..., None],
    content_maker: Callable[..., MapContent],
    tmp_path: Path,
) -> None:
    write_plan_map(content_maker(), tmp_path / "map.html")
    page = visit(tmp_path / "map.html").page
    content = json.loads(page.locator("#content").text_content())
    page.wait_for_function("performance.getEntriesByName('drawn').length > 0")
    near, share = ink(page, content)
    whole = len(corners(content))
    assert all(near)
    assert len(near) == whole
    assert 0.001 < share < 0.3  # what is far from any street is left empty
    page.locator("#map_plan").focus()
    for key in ("+", "+", "+", "+", "ArrowLeft", "ArrowDown"):
        page.keyboard.press(key)
        still(page)
    near, share = ink(page, content)
    assert all(near)
    assert 5 < len(near) < whole
    assert 0.001 < share < 0.3
