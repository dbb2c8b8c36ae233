"""Water and parks on the map, in the explorer and in the report's picture."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from coresponse.data.errors import InputError
from coresponse.data.options import Deployment, Option
from coresponse.maps.content import MapContent
from coresponse.maps.explorer.content import ExplorerContent, ExplorerPoint, Slider
from coresponse.maps.explorer.page import write_explorer
from coresponse.maps.plan_map import plan_page, write_plan_map
from coresponse.maps.report.picture import PARK, WATER, plan_picture
from tests.maps.test_street_names import LISTEN, shown

CRS, WEST, SOUTH = "EPSG:32618", 500_000.0, 4_500_000.0
Maker = Callable[..., MapContent]


def areas(*shapes: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[shapely.MultiPolygon(shapes)], crs=CRS)


def drawn() -> dict[str, gpd.GeoDataFrame]:
    """A river through the city from west to east, and a park beside it."""
    river = shapely.box(WEST - 2000, SOUTH + 600, WEST + 3000, SOUTH + 750)
    park = shapely.box(WEST + 200, SOUTH + 1500, WEST + 1200, SOUTH + 1900)
    return {"water": areas(river), "parks": areas(park)}


def explorer(content: MapContent, **changes: Any) -> ExplorerContent:
    return ExplorerContent(
        title=content.title,
        clock=content.clock,
        target_min=15.0,
        sliders=(Slider("units.unit", "Units", (1.0,), ("1",)),),
        points=(
            ExplorerPoint(
                (0,),
                Deployment.of("p", {Option("unit", "A", "day"): 1}),
                "Proven",
                5e5,
                0.5,
                10.0,
                20.0,
                3.0,
            ),
        ),
        cells=content.cells[["cell_id", "calls_band", "geometry"]].assign(
            mean_with_fallback_s_p0=np.full(9, 300.0)
        ),
        roads=content.roads,
        posts=content.posts,
        responder_titles=content.responder_titles,
        **changes,
    )


def colors(page: Any, pane: str) -> set[str]:
    """Return the colors that fill much of a pane."""
    script = """(pane) => {
      const n = new Map();
      for (const c of document.querySelectorAll(`#map_plan .leaflet-${pane}-pane canvas`)) {
        const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
        for (let i = 0; i < d.length; i += 4) if (d[i + 3] === 255) {
          const k = "#" + [d[i], d[i + 1], d[i + 2]].map((v) => v.toString(16).padStart(2, "0")).join("");
          n.set(k, (n.get(k) || 0) + 1);
        }
      }
      return [...n].filter(([, many]) => many > 500).map(([k]) => k);
    }"""
    return set(page.evaluate(script, pane))


@pytest.mark.browser
def test_the_map_shows_water_and_parks_on_screen_and_paper(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    write_plan_map(content_maker(**drawn()), tmp_path / "map.html")
    seen = visit(tmp_path / "map.html")
    assert {PARK, WATER} <= colors(seen.page, "land")
    legend = seen.page.locator("#legend_signs").inner_text()
    assert "Water" in legend
    assert "Park" in legend
    seen.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert seen.page.locator("canvas.paper").count() >= 1
    paper = seen.page.evaluate("""() => {
      const c = document.querySelector("#map_plan canvas.paper");
      const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
      let n = 0;
      for (let i = 0; i < d.length; i += 4) n += d[i] === 0xb9 && d[i + 1] === 0xc9 && d[i + 2] === 0xd6;
      return n;
    }""")
    assert paper > 500
    assert seen.requests == []
    assert seen.complaints == []
    write_plan_map(content_maker(), tmp_path / "plain.html")
    plain = visit(tmp_path / "plain.html").page
    assert not {PARK, WATER} & colors(plain, "land")
    assert "Water" not in plain.locator("#legend_signs").inner_text()


def landmarks() -> gpd.GeoDataFrame:
    """A river that is named along its line, a park at its place, one too small from afar, and rail."""
    river = shapely.LineString([(WEST - 300, SOUTH + 680), (WEST + 1500, SOUTH + 690)])
    rail = shapely.LineString([(WEST - 100, SOUTH + 350), (WEST + 1400, SOUTH + 360)])
    park, yard = (
        shapely.Point(WEST + 500, SOUTH + 950),
        shapely.Point(WEST + 900, SOUTH + 250),
    )
    return gpd.GeoDataFrame(
        {
            "name": ["Wide River", "<b>City Park", "Yard", ""],
            "kind": ["river", "park", "park", "rail"],
            "size_m": [1800.0, 600.0, 9.0, 1500.0],
        },
        geometry=[river, park, yard, rail],
        crs=CRS,
    )


@pytest.mark.browser
def test_rivers_and_parks_are_named_at_the_first_view_and_rail_is_drawn(
    visit: Callable[..., Any], still: Callable[[Any], None], content_maker: Maker, tmp_path: Path
) -> None:
    quiet = {"districts": False, **drawn(), "landmarks": landmarks()}
    write_plan_map(content_maker(**quiet), tmp_path / "map.html")
    seen = visit(tmp_path / "map.html")
    page = seen.page
    page.evaluate(LISTEN)
    written = {one["text"] for one in shown(page, still)}
    assert {"Wide River", "<b>City Park"} <= written
    assert "Yard" not in written
    assert "Rail" in page.locator("#legend_signs").inner_text()
    assert seen.requests == []
    assert seen.complaints == []


@pytest.mark.browser
def test_the_explorer_names_districts_rivers_and_parks_off_its_signs(
    visit: Callable[..., Any], still: Callable[[Any], None], content_maker: Maker, tmp_path: Path
) -> None:
    made = content_maker()
    more = {"landmarks": landmarks(), "districts": made.districts[["name", "geometry"]]}
    write_explorer(explorer(made, **drawn(), **more), tmp_path / "explorer.html")
    seen = visit(tmp_path / "explorer.html")
    page = seen.page
    page.evaluate(LISTEN)
    page.set_viewport_size({"width": 1280, "height": 720})
    still(page)
    page.evaluate("() => { window.written = []; }")
    page.locator("#map_plan").focus()
    page.keyboard.press("+")
    still(page)
    written = [one for one in page.evaluate("() => window.written") if one["pane"] == "words"]
    names = {one["text"] for one in written}
    assert {"Wide River", "<b>City Park", *made.districts["name"]} <= names
    assert "Yard" not in names
    assert "Rail" in page.locator("#signs").inner_text()
    for sign in page.locator("#map_plan .crew").all():
        box = sign.bounding_box()
        for one in written:
            apart = abs(one["x"] - box["x"] - box["width"] / 2) > box["width"] / 2
            assert apart or abs(one["y"] - box["y"] - box["height"] / 2) > box["height"] / 2, one
    assert seen.requests == []
    assert seen.complaints == []


@pytest.mark.browser
def test_the_explorer_shows_them_and_saves_them(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    pil = pytest.importorskip("PIL.Image")
    write_explorer(explorer(content_maker(), **drawn()), tmp_path / "explorer.html")
    seen = visit(tmp_path / "explorer.html")
    assert PARK in colors(seen.page, "parks")
    assert WATER in colors(seen.page, "water")
    assert "Water" in seen.page.locator("#signs").inner_text()
    with seen.page.expect_download() as saving:
        seen.page.locator("#save").click()
    picture = pil.open(io.BytesIO(Path(saving.value.path()).read_bytes())).convert("RGB")
    counted = {color: many for many, color in picture.getcolors(1 << 24)}
    assert counted.get((0xB9, 0xC9, 0xD6), 0) > 500
    assert seen.complaints == []


def test_areas_end_at_the_water(content_maker: Maker) -> None:
    def data(content: MapContent) -> dict[str, Any]:
        found = re.search(r'id="content">(.*?)</script>', plan_page(content))
        assert found
        return dict(json.loads(found[1]))

    plain, wet = data(content_maker()), data(content_maker(**drawn()))
    assert plain["water"] == plain["parks"] == []
    assert len(wet["water"]) == len(wet["parks"]) == 1
    assert [len(cell["g"]) for cell in wet["cells"]] != [len(cell["g"]) for cell in plain["cells"]]
    assert len(wet["cells"]) == len(plain["cells"])


def test_the_reports_picture_shows_them(content_maker: Maker) -> None:
    picture = plan_picture(content_maker(**drawn()))
    assert WATER in picture
    assert plan_picture(content_maker(**drawn())) == picture
    assert WATER not in plan_picture(content_maker())


def test_shapes_without_crs_are_refused(content_maker: Maker) -> None:
    bare = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)])
    with pytest.raises(InputError, match="water: has no CRS"):
        content_maker(water=bare)
