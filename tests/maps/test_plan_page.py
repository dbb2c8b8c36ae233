from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from coresponse.data.errors import InputError
from coresponse.data.figures.rows import SummaryRow
from coresponse.data.options import Deployment, Option
from coresponse.maps.content import MapContent
from coresponse.maps.geometry import STEP, encode, encode_roads, to_degrees
from coresponse.maps.glyphs import COLORS, glyphs
from coresponse.maps.plan_map import plan_page, write_plan_map
from coresponse.maps.scales import (
    Scale,
    demand_scale,
    depth_change_scale,
    depth_scale,
    late_change_scale,
    late_scale,
    response_change_scale,
    response_scale,
    wait_change_scale,
    wait_scale,
)
from coresponse.maps.service_areas import service_areas
from coresponse.maps.tables import district_table, district_time_table, summary_table, time_table
from coresponse.maps.words import change, signed

Maker = Callable[..., MapContent]
ROOT = Path(__file__).resolve().parents[2]


def data_of(page: str) -> dict:
    return json.loads(
        re.search(r'<script type="application/json" id="content">(.*?)</script>', page, re.DOTALL)[
            1
        ]
    )


def body_of(page: str) -> str:
    """Everything but what stands in scripts and styles."""
    return re.sub(r"<(script|style)[^>]*>.*?</\1>", "", page, flags=re.DOTALL)


def test_same_content_same_bytes(content_maker: Maker, tmp_path: Path) -> None:
    write_plan_map(content_maker(), tmp_path / "a.html")
    write_plan_map(content_maker(), tmp_path / "b.html")
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.html", "b.html"]


def test_order_of_rows_does_not_matter_for_roads_and_posts(content_maker: Maker) -> None:
    one = content_maker()
    other = content_maker(posts=one.posts.iloc[::-1], roads=one.roads.iloc[::-1])
    assert data_of(plan_page(one))["posts"] == data_of(plan_page(other))["posts"]
    assert data_of(plan_page(one))["graph"] == data_of(plan_page(other))["graph"]


def test_nothing_is_loaded_from_elsewhere(content_maker: Maker) -> None:
    page = plan_page(content_maker())
    assert not re.search(r"(?:src|href|action|data|poster)\\s*=\\s*[^#>\"']*:", body_of(page))
    assert not re.search(r"<(?:link|iframe|img|object|embed|script src)", body_of(page))
    assert "<script src" not in page
    assert "@import" not in page
    assert not re.search(r"url\(\s*[\"']?https?:", page)
    assert "default-src &#39;none&#39;" in page
    assert "sourceMappingURL" not in page


def test_policy_names_each_script_and_style(content_maker: Maker) -> None:
    page = plan_page(content_maker())
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1].replace("&#39;", "'")
    for kind in ("script", "style"):
        for text in re.findall(rf"<{kind}>(.*?)</{kind}>", page, re.DOTALL):
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_small_city_is_a_small_page(content_maker: Maker) -> None:
    # Leaflet's 150 kB and the page's own scripts, of which film and scenes are 35 kB
    assert len(plan_page(content_maker())) < 350_000


@pytest.mark.parametrize("folder", ["maps/assets", "tests/maps/assets"])
def test_assets_are_what_their_list_says(folder: str) -> None:
    listed = re.findall(
        r"\| (\S+/\S+) \| ([0-9a-f]{64}) \|", (ROOT / folder / "README.md").read_text()
    )
    files = {
        str(p.relative_to(ROOT / folder)) for p in (ROOT / folder).rglob("*") if p.is_file()
    } - {"README.md"}
    assert {name for name, _ in listed} == files
    assert any("LICENSE" in name for name in files)
    for name, digest in listed:
        assert hashlib.sha256((ROOT / folder / name).read_bytes()).hexdigest() == digest, name


def test_without_today_nothing_speaks_of_it(content_maker: Maker) -> None:
    page = plan_page(content_maker(today=False))
    assert 'name="mode"' not in body_of(page)
    assert 'id="map_today"' not in body_of(page)
    assert 'id="modes"' in body_of(plan_page(content_maker()))
    assert data_of(page)["names"] == ["plan"]
    assert all(view["modes"] == ["plan"] for view in data_of(page)["views"])


def test_without_districts_and_cells(content_maker: Maker) -> None:
    content = content_maker(districts=False)
    empty = content.cells.iloc[:0][["cell_id", "calls_band", "geometry"]]
    page = plan_page(content_maker(districts=False, cells=empty))
    assert [view["key"] for view in data_of(page)["views"]] == ["plain"]
    assert 'name="borders"' not in body_of(page)


def test_raw_and_small_counts_are_refused_unless_internal(content_maker: Maker) -> None:
    content = content_maker()
    raw = content.cells.assign(calls=12)
    small = content.cells.assign(calls_band="1-10")
    with pytest.raises(InputError, match="raw counts"):
        content_maker(cells=raw)
    with pytest.raises(InputError, match="1 to 10 calls"):
        content_maker(cells=small)
    page = plan_page(content_maker(cells=raw, internal=True))
    assert "INTERNAL" in page
    assert "INTERNAL" not in plan_page(content)
    assert data_of(page)["cells"][0]["calls"] == 12


def test_all_faults_are_told_at_once(content_maker: Maker) -> None:
    content = content_maker()
    plan = Deployment.of("plan", {Option("unit", "nowhere", "day"): 1})
    with pytest.raises(InputError) as error:
        content_maker(
            plan=plan,
            target_min=0.0,
            posts=content.posts.drop(columns="name"),
            roads=content.roads.set_crs(None, allow_override=True),
        )
    for words in ("no column name", "has no CRS", "nowhere", "target_min"):
        assert words in str(error.value)


def test_tables_hold_the_figures(content_maker: Maker) -> None:
    page = plan_page(content_maker())
    text = re.sub(r"<[^>]+>", " ", page)
    assert "14.2 min" in text
    assert "\u22123.3 min (better)" in text
    assert "+$200,000 a year (worse)" in unescape(text)
    row = re.search(r"<tr><th scope=\"row\"><bdi>North End.*?</tr>", page, re.DOTALL)[0]
    cells = re.findall(r"<bdi>(.*?)</bdi>", row)
    assert cells == [
        "North End", "101 to 250", "11.0", "10.0", "\u22121.0", "25.0", "20.0", "\u22125.0", "70", "90", "+20",
        "shorter",
    ]  # fmt: skip
    hidden = re.search(r"<tr><th scope=\"row\"><bdi>South End.*?</tr>", page, re.DOTALL)[0]
    assert re.findall(r"<bdi>(.*?)</bdi>", hidden)[2:] == ["\u2013"] * 10
    assert "not used: 1." in text


def test_roads_are_drawn_once_and_where_they_are(content_maker: Maker) -> None:
    roads = content_maker().roads.to_crs("EPSG:4326")
    origin = (-76.0, 40.0)
    encoded = encode_roads(roads, origin, simplify_m=0.0)
    drawn = [
        np.cumsum(np.array(line).reshape(-1, 2), axis=0) * STEP + origin
        for rank in encoded.values()
        for line in rank
    ]
    length = sum(shapely.LineString(line).length for line in drawn)
    assert length == pytest.approx(shapely.length(roads.geometry.array).sum() / 2, rel=1e-3)
    whole = shapely.union_all([shapely.LineString(line) for line in drawn]).buffer(3 * STEP)
    assert roads.geometry.within(whole).all()


def test_encoding_keeps_points_to_half_a_step() -> None:
    points = np.random.default_rng(1).uniform(-75, -74, (50, 2))
    back = np.cumsum(np.array(encode(points, (-75.0, -75.0))).reshape(-1, 2), axis=0) * STEP - 75.0
    assert np.abs(back - points).max() <= STEP / 2 + 1e-12


def _rgb(color: str) -> np.ndarray:
    return np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])


def _linear(color: str) -> np.ndarray:
    c = _rgb(color)
    return np.where(c <= 0.03928, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def _luminance(color: str) -> float:
    return float(_linear(color) @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("color", COLORS)
def test_white_letters_on_signs_can_be_read(color: str) -> None:
    assert 1.05 / (_luminance(color) + 0.05) >= 4.5


# Machado, Oliveira and Fernandes (2009), severity 1
DEUTAN = np.array(
    [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]
)
PROTAN = np.array(
    [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]
)
TRITAN = np.array(
    [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ]
)


def _lab(linear: np.ndarray) -> np.ndarray:
    xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    ) @ np.clip(linear, 0, 1)
    f = np.cbrt(xyz / [0.9505, 1.0, 1.089])
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize(
    "sight", [np.eye(3), DEUTAN, PROTAN, TRITAN], ids=["full", "deutan", "protan", "tritan"]
)
@pytest.mark.parametrize(
    "scale",
    [
        response_scale(15),
        response_scale(20),
        response_change_scale(),
        wait_scale(15, 60),
        wait_scale(8),
        wait_change_scale(),
        late_scale(),
        late_change_scale(),
        depth_scale(),
        depth_change_scale(),
        demand_scale(["11-25", "26-50", "51-100", "101-250"]),
    ],
    ids=lambda scale: scale.title,
)
def test_classes_are_told_apart_by_everybody(scale: Scale, sight: np.ndarray) -> None:
    further = [
        band for band in (scale.gained, scale.lost, scale.missing, scale.untold) if band is not None
    ]
    labs = [(_lab(sight @ _linear(band.color)), band) for band in (*scale.bands, *further)]
    for i, (one, a) in enumerate(labs):
        for other, b in labs[i + 1 :]:
            distance = float(np.linalg.norm(one - other))
            assert distance > 8 or (a.hatch != b.hatch and distance > 4), (
                a.label,
                b.label,
                distance,
            )


@pytest.mark.parametrize("target", [5, 7.5, 10, 15, 20, 30, 45, 60])
def test_response_classes_turn_at_the_standard(target: float) -> None:
    scale = response_scale(target)
    edges = [band.below for band in scale.bands[:-1]]
    assert edges == sorted(set(edges))
    assert target in edges
    assert scale.bands[-1].below is None
    assert not any(
        band.hatch for band in scale.bands if band.below is not None and band.below <= target
    )
    assert all(band.hatch for band in scale.bands if band.below is None or band.below > target)
    assert scale.band(target - 0.01).hatch == ""
    assert scale.band(target).hatch


def test_demand_bands_come_in_rising_order() -> None:
    scale = demand_scale(["1,001-2,500", "11-25", "0", "251-500", "10,001 and more"])
    assert [b.label for b in scale.bands] == [
        "0",
        "11 to 25",
        "251 to 500",
        "1,001 to 2,500",
        "10,001 and more",
    ]


def test_signs_have_letters_of_their_own() -> None:
    found = glyphs(
        {
            "a": "Clinician",
            "b": "Civilian team",
            "c": "Crew",
            "d": "C",
            "e": "\u05e6\u05d5\u05d5\u05ea",
            "f": "!!",
        }
    )
    assert [g.letter for g in found][:2] == ["C", "T"]
    assert len({g.letter for g in found}) == len(found)
    assert len({(g.shape, g.color) for g in found}) == len(found)


def test_neighboring_service_areas_differ() -> None:
    n = 6
    squares = [
        shapely.box(i * 0.01, j * 0.01, (i + 1) * 0.01, (j + 1) * 0.01)
        for i in range(n)
        for j in range(n)
    ]
    cells = gpd.GeoDataFrame(
        {"post": [f"P{i}" for i in range(n * n)]}, geometry=squares, crs="EPSG:4326"
    )
    cells.loc[0, "post"] = ""
    areas = service_areas(cells, "post")
    assert {a.post_id for a in areas} == {f"P{i}" for i in range(1, n * n)}
    for i, one in enumerate(areas):
        for other in areas[i + 1 :]:
            if one.shape.buffer(1e-4).intersection(other.shape).length > 0.005:
                assert one.color != other.color


def test_an_area_that_crosses_itself_is_still_drawn() -> None:
    """A sliver beside a district without calls did so in degrees, and ended the plan in the words of a library."""
    crossed = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    shapes = [crossed, shapely.box(100, 0, 200, 100), shapely.Point(0, 0)]
    frame = gpd.GeoDataFrame({"post": ["A", "A", ""]}, geometry=shapes, crs="EPSG:32613")
    frame = frame.set_geometry(frame.translate(500_000, 4_430_000))
    degrees = to_degrees(frame)
    assert degrees.geometry.is_valid.all()
    assert {*degrees.geom_type} == {"MultiPolygon", "Polygon", "Point"}
    (area,) = service_areas(degrees.iloc[:2], "post")
    assert area.shape.area > 0


@pytest.mark.parametrize(
    ("plan", "today", "better", "words"),
    [
        (10.0, 12.0, "lower", ("\u22122.0 min", "better")),
        (12.0, 10.0, "lower", ("+2.0 min", "worse")),
        (12.0, 10.0, "higher", ("+2.0 min", "better")),
        (12.0, 10.0, "neither", ("+2.0 min", "same")),
        (12.0, 12.01, "lower", ("no change", "same")),
        (12.0, None, "lower", ("", "same")),
    ],
)
def test_change_in_words(
    plan: float, today: float | None, better: str, words: tuple[str, str]
) -> None:
    assert change(SummaryRow("x", "min", plan, today, better)) == words  # type: ignore[arg-type]


def test_minus_nothing_is_nothing() -> None:
    assert signed(-0.04) == "0.0"
    assert signed(float("nan")) == "\u2013"


def test_tables_say_whose_figures_they_hold_and_differences_how_they_are_taken(
    content_maker: Maker,
) -> None:
    content = content_maker()
    for table in (district_table(content), time_table(content), district_time_table(content)):
        assert table is not None
        assert table.note.startswith("By the replay, allowing for busy units")
    assert summary_table(content).note == "Differences are taken before figures are rounded."


def test_a_district_of_many_calls_that_is_not_shown_is_not_said_to_have_few(
    content_maker: Maker,
) -> None:
    table = district_table(content_maker())
    assert table is not None
    assert table.note.endswith(", or where it would give such a count away.")


def test_whom_to_hire_stands_on_the_page_by_role(content_maker: Maker) -> None:
    page = body_of(plan_page(content_maker()))
    table = page.split('class="table people"')[1].split("</div>\n</div>")[0]
    assert "Who to hire, by role" in table
    assert re.findall(r"<bdi>([^<]*)</bdi>", table)[:6] == [
        "Police officer", "4", "3", "Supervisor", "", "",
    ]  # fmt: skip
    assert '<p class="note">You need to hire 3 officers.</p>' in page
    assert 'class="table people"' not in plan_page(content_maker(people=()))
