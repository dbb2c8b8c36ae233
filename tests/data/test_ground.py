"""Water and parks as maps show them: where they are, bounded in size, and refused in words."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from coresponse.data import ground
from coresponse.data.errors import InputError, MissingInputError, UnsupportedInputError
from coresponse.data.ground import MOST_CORNERS, read_ground, surroundings
from coresponse.data.ground_osm import ExtractGround
from coresponse.data.roads.made import street_grid

NETWORK = street_grid(10, 10, seed=3, spacing_m=100.0, origin_xy=(583_000.0, 4_506_000.0))
X, Y = 583_000.0, 4_506_000.0


def box(west: float, south: float, size: float) -> shapely.Polygon:
    return shapely.box(X + west, Y + south, X + west + size, Y + south + size)


def file(
    folder: Path, shapes: list[object], name: str = "water.gpkg", crs: object = NETWORK.crs
) -> Path:
    frame = gpd.GeoDataFrame({"name": ["<script>"] * len(shapes)}, geometry=shapes, crs=crs)
    if name.endswith("json"):
        frame = frame.to_crs(4326)
    frame.to_parquet(folder / name) if name.endswith("parquet") else frame.to_file(folder / name)
    return folder / name


@pytest.mark.parametrize("name", ["w.gpkg", "w.geojson", "w.parquet", "w.shp"])
def test_shapes_are_united_in_the_roads_crs(name: str, tmp_path: Path) -> None:
    path = file(tmp_path, [box(0, 0, 300), box(200, 0, 300), box(600, 600, 100)], name)
    found = read_ground(path, network=NETWORK, what="water")
    assert found.crs == NETWORK.crs
    (shape,) = found.geometry
    assert shape.area == pytest.approx(300 * 300 + 200 * 300 + 100 * 100, rel=1e-3)
    assert len(shape.geoms) == 2


def test_only_what_may_be_seen_is_kept(tmp_path: Path) -> None:
    river = shapely.box(X - 1e6, Y + 400, X + 1e6, Y + 500)
    far = box(50_000, 50_000, 1000)
    (shape,) = read_ground(file(tmp_path, [river, far]), network=NETWORK, what="water").geometry
    west, south, east, north = surroundings(NETWORK)
    assert shape.bounds == pytest.approx((west, Y + 400, east, Y + 500), abs=0.01)
    assert west < NETWORK.node_x.min() - 500 < NETWORK.node_x.max() + 500 < east
    assert south < NETWORK.node_y.min() < NETWORK.node_y.max() < north


def test_islands_stay_dry_and_puddles_are_left_out(tmp_path: Path) -> None:
    lake = box(0, 0, 500).difference(box(200, 200, 50)).difference(box(20, 20, 2))
    (shape,) = read_ground(
        file(tmp_path, [lake, box(800, 800, 2)]), network=NETWORK, what="water"
    ).geometry
    assert shape.area == pytest.approx(500 * 500 - 50 * 50, rel=1e-6)
    assert not shape.contains(shapely.Point(X + 225, Y + 225))


def test_lines_points_and_nothing_are_left_out(tmp_path: Path) -> None:
    shapes = [shapely.LineString([(X, Y), (X + 9, Y)]), None, shapely.Polygon(), box(0, 0, 100)]
    parts = [
        *shapes,
        shapely.GeometryCollection([shapely.Point(X, Y), shapely.MultiPolygon([box(300, 0, 100)])]),
    ]
    (shape,) = read_ground(
        file(tmp_path, parts, "w.parquet"), network=NETWORK, what="water"
    ).geometry
    assert shape.area == pytest.approx(20_000)


@given(st.lists(st.tuples(*[st.floats(-3000, 3000)] * 2), min_size=4, max_size=40))
@settings(max_examples=60, deadline=None)
def test_any_ring_gives_valid_shapes_within_bounds(corners: list[tuple[float, float]]) -> None:
    ring = shapely.Polygon([(X + x, Y + y) for x, y in corners])
    shapes = ground._areas(np.array([ring], dtype=object))
    drawn = ground._simpler(shapes, 4.0)
    assert all(shapely.is_valid(drawn))
    assert shapely.area(drawn).sum() <= shapely.area(shapely.convex_hull(ring)) + 1e-6


@pytest.mark.slow
def test_a_huge_coast_is_drawn_coarser(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    turn = np.linspace(0, 2 * np.pi, 60_000, endpoint=False)
    far = 900 + rng.uniform(-60, 60, len(turn))
    coast = shapely.Polygon(
        np.column_stack([X + 450 + far * np.cos(turn), Y + 450 + far * np.sin(turn)])
    )
    ponds = [box(x, y, 12) for x in range(-900, 1800, 38) for y in range(-900, 1800, 38)]
    (shape,) = read_ground(
        file(tmp_path, [coast], "w.parquet"), network=NETWORK, what="water"
    ).geometry
    assert shapely.get_num_coordinates(shape) <= MOST_CORNERS
    assert shape.is_valid
    assert shape.area == pytest.approx(np.pi * 900**2, rel=0.1)
    (dust,) = read_ground(
        file(tmp_path, ponds, "p.parquet"), network=NETWORK, what="parks"
    ).geometry
    assert 0 < shapely.get_num_coordinates(dust) <= MOST_CORNERS


def test_files_are_refused_with_the_row_the_value_and_the_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: Path, kind: type[Exception] = InputError) -> str:
        with pytest.raises(kind) as caught:
            read_ground(path, network=NETWORK, what="water")
        assert str(path) in str(caught.value)
        return str(caught.value)

    assert "is not there" in refused(tmp_path / "none.gpkg", MissingInputError)
    (tmp_path / "w.txt").write_text("x")
    assert ".geojson" in refused(tmp_path / "w.txt", UnsupportedInputError)
    (tmp_path / "broken.geojson").write_text('{"type": "FeatureCollection", "features": [')
    assert "not a readable map layer" in refused(tmp_path / "broken.geojson")
    line = file(tmp_path, [shapely.LineString([(X, Y), (X + 900, Y)])], "line.gpkg")
    assert "holds no polygon" in refused(line)
    assert "EPSG:4326" in refused(file(tmp_path, [box(0, 0, 100)], "bare.parquet", crs=None))
    other = file(tmp_path, [shapely.box(2.2, 48.8, 2.4, 48.9)], "paris.gpkg", crs="EPSG:4326")
    said = refused(other)
    assert "x 2.2 to 2.4" in said
    assert "is the CRS right" in said
    # meters in a file that says degrees
    ring = [[X, Y], [X + 100, Y], [X, Y + 100], [X, Y]]
    fine = shapely.geometry.mapping(
        gpd.GeoSeries([box(0, 0, 90)], crs=NETWORK.crs).to_crs(4326).iloc[0]
    )
    features = [
        {"type": "Feature", "properties": {}, "geometry": shape}
        for shape in (fine, {"type": "Polygon", "coordinates": [ring]})
    ]
    (tmp_path / "meters.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": features})
    )
    said = refused(tmp_path / "meters.geojson")
    assert "row 2" in said
    assert "583000" in said
    assert "save it with the CRS that it is in" in said
    monkeypatch.setattr(ground, "MAX_BYTES", 100)
    assert "cut it to the city's surroundings" in refused(file(tmp_path, [box(0, 0, 100)]))


def test_names_of_a_file_are_told_of_what_is_wide_enough(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {
            "OBJECTID": [1, 2, 3, 4, 5],
            "LABEL": ["label"] * 5,
            "FullName": ["Mill Pond", "Long Lake", "Long Lake", "Puddle", None],
        },
        geometry=[box(0, 0, 100), box(200, 0, 300), box(600, 0, 100), box(0, 800, 50), box(0, 300, 200)],
        crs=NETWORK.crs,
    )  # fmt: skip
    frame.to_file(tmp_path / "water.gpkg")
    found = read_ground(tmp_path / "water.gpkg", network=NETWORK, what="water")
    long, mill = found.attrs["named"]  # the largest first
    assert long[:2] == ("water", "Long Lake")
    assert long[2] == pytest.approx(np.sqrt(300**2 + 100**2), rel=1e-6)
    assert box(200, 0, 300).contains(long[3])
    assert mill[:2] == ("water", "Mill Pond")
    plain = read_ground(file(tmp_path, [box(0, 0, 100)], "p.gpkg"), network=NETWORK, what="parks")
    assert [row[:2] for row in plain.attrs["named"]] == [("park", "<script>")]


def test_a_files_own_names_take_the_place_of_the_extracts(tmp_path: Path) -> None:
    names = gpd.GeoDataFrame(
        {
            "name": ["Old Park", "Old River", "Old Lake", ""],
            "kind": ["park", "river", "water", "rail"],
            "size_m": [9.0, 8.0, 7.0, 6.0],
        },
        geometry=[shapely.Point(X, Y)] * 4,
        crs=NETWORK.crs,
    )
    extract = ExtractGround(landmarks=names)
    lake = gpd.GeoDataFrame({"name": ["New Lake"]}, geometry=[box(0, 0, 300)], crs=NETWORK.crs)
    lake.to_file(tmp_path / "named.gpkg")
    lake[["geometry"]].to_file(tmp_path / "nameless.gpkg")
    named = read_ground(tmp_path / "named.gpkg", network=NETWORK, what="water")
    own = extract.with_own("water", named)
    assert own.water is named
    assert own.landmarks is not None
    assert set(own.landmarks["name"]) == {"New Lake", "Old Park", ""}
    nameless = read_ground(tmp_path / "nameless.gpkg", network=NETWORK, what="water")
    assert extract.with_own("water", nameless).landmarks is names
    alone = ExtractGround().with_own("water", named)
    assert alone.landmarks is not None
    assert list(alone.landmarks["kind"]) == ["water"]
