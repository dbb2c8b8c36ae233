"""Streets carry their names on the map: along the line, none on another, and few bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest

from coresponse.data.roads.frames import edges_frame
from coresponse.data.roads.made import street_grid
from coresponse.maps.content import MapContent
from coresponse.maps.offline import page_text
from coresponse.maps.plan_map import plan_page, write_plan_map

Maker = Callable[..., MapContent]


def named_roads() -> gpd.GeoDataFrame:
    """A grid whose 12 streets and 12 avenues have names; one street runs at an angle to the others."""
    frame = edges_frame(street_grid(12, 12, seed=3))
    (row, column), (to_row, to_column) = (
        np.divmod(frame[end].to_numpy(), 12) for end in ("edge_from", "edge_to")
    )
    names = np.where(
        row == to_row,
        np.char.add("Street ", row.astype(str)),
        np.char.add("Avenue ", column.astype(str)),
    )
    assert ((row == to_row) | (column == to_column)).all()
    frame["name"] = names.astype(object)
    return frame


def data_of(page: str) -> dict[str, Any]:
    found = re.search(
        r'<script type="application/json" id="content">(.*?)</script>', page, re.DOTALL
    )
    assert found
    return dict(json.loads(found[1]))


def test_without_names_there_is_nothing_to_switch(content_maker: Maker) -> None:
    page = plan_page(content_maker())
    assert data_of(page)["streetNames"] == []
    assert "Names of" not in page


def test_a_name_is_text_and_its_order_does_not_matter(content_maker: Maker) -> None:
    roads = named_roads()
    roads.loc[roads["name"] == "Street 3", "name"] = "</script><b>Elm\u202e"
    page = plan_page(content_maker(roads=roads))
    assert "</script><b>" not in page
    assert "\u202e" not in page
    other = data_of(plan_page(content_maker(roads=roads.iloc[::-1])))
    assert len(other["streetNames"]) == 25
    assert other["streetNames"] == data_of(page)["streetNames"]
    assert other["graph"] == data_of(page)["graph"]


# Keep what is written on a pane's canvas from now on: text and where on the window, letters of a
# bent name singly
LISTEN = """() => {
  const write = CanvasRenderingContext2D.prototype.fillText;
  window.written = [];
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
    const pane = this.canvas.parentElement, { left, top } = this.canvas.getBoundingClientRect(), m = this.getTransform();
    const wide = this.measureText(text).width, high = parseFloat(this.font.match(/([0-9.]+)px/)[1]);
    if (pane) window.written.push({ pane: pane.className.match(/leaflet-([a-z]+)-pane/)[1], text, wide, high,
      x: left + m.a * x + m.c * y + m.e, y: top + m.b * x + m.d * y + m.f, turn: Math.atan2(m.b, m.a) });
    return write.apply(this, arguments);
  };
}"""


def shown(page: Any, still: Callable[..., None], pane: str = "words") -> list[dict[str, Any]]:
    """Draw the map anew and return what was written on a pane."""
    page.evaluate("() => { window.written = []; }")
    roads = page.locator('input[name="roads"]')
    roads.click()
    roads.click()
    still(page)
    found = [one for one in page.evaluate("() => window.written") if one["pane"] == pane]
    return list({(one["text"], one["x"], one["y"]): one for one in found}.values())


def press(page: Any, still: Callable[..., None], key: str, times: int = 1) -> None:
    page.locator("#map_plan").focus()
    for _ in range(times):
        page.keyboard.press(key)
        still(page)


@pytest.fixture
def opened(
    visit: Callable[..., Any],
    still: Callable[..., None],
    content_maker: Maker,
    tmp_path: Path,
) -> Any:
    """A map of named streets, whose writing is listened to."""
    write_plan_map(content_maker(roads=named_roads()), tmp_path / "map.html")
    seen = visit(tmp_path / "map.html")
    assert (seen.requests, seen.complaints) == ([], [])
    seen.page.evaluate(LISTEN)
    still(seen.page)
    return seen.page


@pytest.mark.browser
def test_a_map_without_street_names_opens(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    write_plan_map(content_maker(), tmp_path / "map.html")
    seen = visit(tmp_path / "map.html")
    assert (seen.requests, seen.complaints) == ([], [])
    assert seen.page.locator('input[name="streets"]').count() == 0


@pytest.mark.browser
def test_names_lie_along_their_streets_and_off_all_else(
    opened: Any, still: Callable[..., None]
) -> None:
    letters = shown(opened, still)
    names = [one for one in letters if len(one["text"]) > 1]
    assert len(names) > 3
    assert len(letters) > len(names)  # of streets that bend
    for one in names:  # the grid's streets run east to west, its avenues north to south
        level = abs(one["turn"]) < 0.5
        assert level == one["text"].startswith("St")
    figures = [_box(one) for one in shown(opened, still, "cells")]
    assert figures
    others = opened.evaluate("""() => [".crew", ".district-name span", ".caption", ".legend", ".attribution"]
      .flatMap((kind) => [...document.querySelectorAll(kind)]).map((node) => node.getBoundingClientRect())
      .map((b) => [b.left, b.top, b.right, b.bottom])""")
    whole = [_box(one) for one in names]
    for i, box in enumerate(whole):
        assert not any(_overlap(box, other) for other in whole[:i])
    for one in letters:
        assert not any(_overlap(_box(one), other) for other in figures + others)
    opened.locator('input[name="streets"]').uncheck()
    still(opened)
    assert opened.locator("#map_plan .leaflet-words-pane canvas").count() == 0


@pytest.mark.browser
def test_names_come_when_near_and_stay_when_the_map_is_moved(
    opened: Any, still: Callable[..., None]
) -> None:
    far = shown(opened, still)
    press(opened, still, "-", 5)
    assert shown(opened, still) == []
    press(opened, still, "+", 6)
    near = shown(opened, still)
    assert near
    assert near != far
    press(opened, still, "ArrowLeft")
    moved = shown(opened, still)
    window = opened.locator("#map_plan").bounding_box()
    west, middle = window["x"] + 100, window["x"] + window["width"] / 2  # the legend lies east

    def seen(names: list[dict[str, Any]], by: float) -> set[tuple[str, int, int]]:
        return {
            (one["text"], round(one["x"] - by), round(one["y"]))
            for one in names
            if west < one["x"] - by < middle - 100
        }

    assert seen(near, 0) <= seen(moved, 80)  # Leaflet's step: none has jumped


@pytest.mark.browser
def test_paper_holds_names_and_what_lies_beneath(opened: Any, still: Callable[..., None]) -> None:
    opened.evaluate("() => { window.written = []; dispatchEvent(new Event('beforeprint')); }")
    assert any(one["pane"] == "words" for one in opened.evaluate("() => window.written"))
    assert opened.locator("#map_plan canvas.paper").count() == 1
    inked = opened.evaluate("""() => {
      const paper = document.querySelector("#map_plan canvas.paper");
      const { data } = paper.getContext("2d").getImageData(0, 0, paper.width, paper.height);
      let opaque = 0;
      for (let i = 3; i < data.length; i += 4) opaque += data[i] > 200;
      return opaque / (paper.width * paper.height);
    }""")
    assert inked > 0.05  # areas, not letters alone


def _box(one: dict[str, Any]) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what was written, less a pixel."""
    c, s = abs(np.cos(one["turn"])), abs(np.sin(one["turn"]))
    half_x, half_y = (
        (one["wide"] * c + one["high"] * s) / 2,
        (one["wide"] * s + one["high"] * c) / 2,
    )
    x, y = one["x"], one["y"]
    return (x - half_x + 1, y - half_y + 1, x + half_x - 1, y + half_y - 1)


def _overlap(a: Any, b: Any) -> bool:
    return bool(a[0] < b[2] and a[2] > b[0] and a[1] < b[3] and a[3] > b[1])


@pytest.mark.browser
def test_letters_lie_on_their_line_and_off_each_other(chromium: Any) -> None:
    """The placing alone, on random bent lines: no two names touch, and each piece lies on its line."""
    text = page_text("label_places.js")
    rng = np.random.default_rng(5)
    lines = [
        np.cumsum(np.r_[[rng.uniform(0, 900, 2)], turn + rng.normal(0, 4, (30, 2))], axis=0)
        for turn in rng.normal(0, 14, (80, 1, 2))
    ]
    page = chromium.new_page()
    found = page.evaluate(
        """([text, lines]) => {
          const names = "{ Taken, Track, waysToTry, squaresAlong, lay }";
          const { Taken, Track, waysToTry, squaresAlong, lay } = new Function(`${text}; return ${names};`)();
          const widthOf = (part) => 9 * part.length;
          const taken = new Taken(), out = [];
          lines.forEach((line, i) => {
            const track = new Track(line);
            if (track.length < 90) return;
            for (const way of waysToTry(track.length, 90)) {
              const boxes = squaresAlong(track, way, way + 90, 12);
              const isFree = !boxes.some((box) => taken.hits(box));
              const pieces = isFree ? lay(track, way, "Elm Street", 12, widthOf) : null;
              if (!pieces) continue;
              boxes.forEach((box) => taken.add(box));
              out.push([i, pieces]);
              return;
            }
          });
          return out;
        }""",
        [text, [line.tolist() for line in lines]],
    )
    page.close()
    assert len(found) > 30
    assert {len(pieces) for _, pieces in found} == {1, 10}
    spots = {}
    for i, pieces in found:
        assert "".join(piece[0] for piece in pieces) in {"Elm Street", "teertS mlE"}
        ends = [
            np.array([x, y])
            + np.outer([-1, -0.5, 0, 0.5, 1], [np.cos(t), np.sin(t)]) * 4.5 * len(p)
            for p, x, y, t in pieces
        ]
        spots[i] = np.concatenate(ends)
        assert max(_away(lines[i], spot) for spot in spots[i]) < 4
        assert all(np.cos(t) > -0.7 for *_, t in pieces)  # none stands on its head
    for i, points in spots.items():
        for other, others in spots.items():
            if other != i:
                gap = np.hypot(*(points[:, None] - others[None]).T).min()
                assert gap > 9  # letters of 12 px: neither touches the other


def _away(line: np.ndarray, point: np.ndarray) -> float:
    """Distance from a point to a line of corners."""
    start, step = line[:-1], np.diff(line, axis=0)
    part = ((point - start) * step).sum(axis=1) / (step**2).sum(axis=1)
    return float(np.hypot(*(start + np.clip(part, 0, 1)[:, None] * step - point).T).min())
