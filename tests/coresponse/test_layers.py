"""Layers for other tools.

They open in GDAL, carry their styles, hold names as they are, and are the same bytes each time.
"""

from __future__ import annotations

import json
import sqlite3
import xml.etree.ElementTree as ET
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from coresponse.data.options import Deployment, Option
from coresponse.maps.qgis.styles import Style, crew_name
from coresponse.results.layer_files import STAMP, write_files
from coresponse.results.layers import _crew_types, styles

TITLES = {"unit": "Co-responder unit", "clinician": "On-call <b>clinician</b> [% 1 + 1 %]"}
HOSTILE = [
    "<script>alert(1)</script>",
    "[% env('HOME') %]",
    "=cmd|' /C calc'!A0",
    "${x}`{{7*7}}` \u202e\u2028",
    "'; DROP TABLE posts; --",
]


@pytest.fixture
def made() -> tuple[dict[str, gpd.GeoDataFrame], list[Style]]:
    crs = "EPSG:32618"
    crews = [("unit",), ("unit", "clinician"), (), (), ()]
    posts = gpd.GeoDataFrame(
        {
            "post_id": list("ABCDE"),
            "name": HOSTILE,
            "kind": HOSTILE[::-1],
            "responders_plan": [1, 2, 0, 0, 0],
            "crew_plan": [crew_name(crew, TITLES) for crew in crews],
        },
        geometry=gpd.points_from_xy([583000, 584000, 585000, 586000, 587000], [4507000] * 5),
        crs=crs,
    )
    areas = gpd.GeoDataFrame(
        {
            "cell_id": ["A1", "A2"],
            "calls_band": ["11-25", "26-50"],
            "mean_s_plan": [300.0, float("nan")],
            "share_in_time_plan": [0.9, 0.0],
            "depth_plan": [2.0, 0.0],
        },
        geometry=[
            shapely.box(583000, 4507000, 584000, 4508000),
            shapely.box(584000, 4507000, 585000, 4508000),
        ],
        crs=crs,
    )
    districts = gpd.GeoDataFrame(
        {
            "district_id": ["D"],
            "name": [HOSTILE[0]],
            "calls_band": ["26-50"],
            "mean_s_plan": [300.0],
        },
        geometry=[shapely.box(583000, 4507000, 585000, 4508000)],
        crs=crs,
    )
    found = {"posts": posts, "areas": areas, "districts": districts}
    return found, styles(found, {"plan": crews}, TITLES, 15.0)


def rows(package: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(package)) as base:
        return base.execute(query).fetchall()


def test_gdal_lists_layers_and_styles(made: tuple, tmp_path: Path) -> None:
    write_files(
        *made,
        tmp_path,
        {"metrics": pd.DataFrame({"metric": HOSTILE, "value": [1.5, None, 0.0, 2.0, 3.0]})},
    )
    package = tmp_path / "plan.gpkg"
    assert dict(pyogrio.list_layers(package)) == {
        "posts": "Point",
        "areas": "Polygon",
        "districts": "Polygon",
        "metrics": None,
        "layer_styles": None,
    }
    assert list(pyogrio.read_dataframe(package, layer="metrics")["metric"]) == HOSTILE
    table = pyogrio.read_dataframe(package, layer="layer_styles")
    assert list(table.columns) == [
        "f_table_catalog", "f_table_schema", "f_table_name", "f_geometry_column", "styleName", "styleQML", "styleSLD",
        "useAsDefault", "description", "owner", "ui", "update_time",
    ]  # fmt: skip
    assert (
        pyogrio.read_info(package, layer="layer_styles")["features"] == len(table) == len(made[1])
    )
    assert table.groupby("f_table_name")["useAsDefault"].sum().to_dict() == {
        "posts": 1,
        "areas": 1,
        "districts": 1,
    }
    geometry = dict(rows(package, "SELECT table_name, column_name FROM gpkg_geometry_columns"))
    assert (table["f_table_name"].map(geometry) == table["f_geometry_column"]).all()
    assert set(table["update_time"]) == {pd.Timestamp(STAMP)}
    for text in table["styleQML"]:
        assert ET.fromstring(text).tag == "qgis"
    contents = dict(rows(package, "SELECT table_name, data_type FROM gpkg_contents"))
    assert contents["layer_styles"] == "attributes"
    assert rows(package, "PRAGMA integrity_check") == [("ok",)]
    assert rows(package, "PRAGMA foreign_key_check") == []


def test_a_style_can_be_saved_beside_ours(made: tuple, tmp_path: Path) -> None:
    write_files(*made, tmp_path)
    with closing(sqlite3.connect(tmp_path / "plan.gpkg")) as base, base:
        base.execute(
            "INSERT INTO layer_styles (f_table_name, styleName, useAsDefault) VALUES ('posts', "
            "'mine', 0)"
        )
        (number, when) = base.execute(
            "SELECT id, update_time FROM layer_styles WHERE styleName = 'mine'"
        ).fetchone()
    assert number == len(made[1]) + 1
    assert when > STAMP


def test_names_are_in_every_format_as_they_are(made: tuple, tmp_path: Path) -> None:
    write_files(*made, tmp_path)
    package = gpd.read_file(tmp_path / "plan.gpkg", layer="posts")
    parquet = gpd.read_parquet(tmp_path / "posts.parquet")
    degrees = json.loads((tmp_path / "posts.geojson").read_text(encoding="utf-8"))
    assert list(package["name"]) == list(parquet["name"]) == HOSTILE
    assert [feature["properties"]["name"] for feature in degrees["features"]] == HOSTILE
    assert list(package["crew_plan"]) == list(parquet["crew_plan"])
    named = set(package["crew_plan"]) - {""}
    (style,) = (s for s in made[1] if s.name == "Crews, plan")
    assert {c.get("value") for c in ET.fromstring(style.qml).iter("category")} == named | {""}
    # an absent figure is absent, and not a number that looks like one
    assert rows(tmp_path / "plan.gpkg", "SELECT mean_s_plan FROM areas ORDER BY cell_id") == [
        (300.0,),
        (None,),
    ]


def test_geojson_is_as_its_standard_has_it(made: tuple, tmp_path: Path) -> None:
    write_files(*made, tmp_path)
    for name in made[0]:
        told = json.loads((tmp_path / f"{name}.geojson").read_text(encoding="utf-8"))
        # RFC 7946, section 4: longitude and latitude of WGS 84, and nothing else
        assert "crs" not in told
        for feature in told["features"]:
            shape = shapely.geometry.shape(feature["geometry"])
            west, south, east, north = shape.bounds
            assert -180 <= west <= east <= 180
            assert -90 <= south <= north <= 90
            for part in getattr(shape, "geoms", [shape]):
                if isinstance(part, shapely.Polygon):
                    assert part.exterior.is_ccw  # section 3.1.6
                    assert not any(ring.is_ccw for ring in part.interiors)


def test_no_style_says_a_name_of_the_data(made: tuple, tmp_path: Path) -> None:
    write_files(*made, tmp_path)
    for (text,) in rows(
        tmp_path / "plan.gpkg", "SELECT styleQML || description || styleName FROM layer_styles"
    ):
        for name in ("script", "env(", "cmd|", "DROP"):
            assert name not in text
        assert text.count("[%") == 1  # the map tip's, which is ours


def test_same_layers_same_bytes(made: tuple, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_files(*made, tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    layers = ("areas", "districts", "posts")
    assert files == sorted(
        ["plan.gpkg", *(f"{name}.{kind}" for name in layers for kind in ("geojson", "parquet"))]
    )
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_no_layers_no_files(tmp_path: Path) -> None:
    write_files({}, [], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_crews_are_counted_and_named_in_the_programs_order() -> None:
    plan = Deployment.of(
        "plan",
        {
            Option("clinician", "A", "day"): 1,
            Option("unit", "A", "day"): 2,
            Option("unit", "B", "night"): 1,
        },
    )
    assert _crew_types(plan, TITLES) == {"A": ("unit", "clinician"), "B": ("unit",)}
    assert crew_name((), TITLES) == ""
