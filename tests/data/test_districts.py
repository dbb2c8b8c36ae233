"""District polygons and where calls lie in them."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon, box

from coresponse.data.district_layers import read_districts
from coresponse.data.districts import Districts
from coresponse.data.errors import InputError, MissingInputError, UnsupportedInputError
from coresponse.data.roads.made import street_grid

NETWORK = street_grid(10, 10, seed=3, spacing_m=100.0, origin_xy=(583_000.0, 4_506_000.0))
MANHATTAN = street_grid(75, 160, seed=1, spacing_m=120.0, origin_xy=(582_500.0, 4_505_500.0))
X, Y = 583_000.0, 4_506_000.0


def _square(west: float, south: float, size: float = 400.0) -> Polygon:
    return box(X + west, Y + south, X + west + size, Y + south + size)


def _file(
    folder: Path, columns: dict[str, list[object]], shapes: list[object], name: str = "d.gpkg"
) -> Path:
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=NETWORK.crs)
    if name.endswith(".geojson"):
        frame = frame.to_crs(4326)
    frame.to_parquet(folder / name) if name.endswith("parquet") else frame.to_file(folder / name)
    return folder / name


def test_the_precincts_of_new_york(shared_data: Path) -> None:
    path = shared_data / "manhattan" / "nypd_precincts.geojson"
    districts = read_districts(path, network=MANHATTAN)
    raw = gpd.read_file(path).to_crs(MANHATTAN.crs)
    extent = box(
        MANHATTAN.node_x.min(),
        MANHATTAN.node_y.min(),
        MANHATTAN.node_x.max(),
        MANHATTAN.node_y.max(),
    )
    near = raw[raw.intersects(extent)]
    assert set(districts.frame["district_id"]) == set(near["Precinct"].astype(str))
    assert {
        str(p)
        for p in (1, 5, 6, 7, 9, 10, 13, 14, 17, 18, 19, 20, 22, 23, 24, 25, 26, 28, 30, 32, 33, 34)
    } <= set(districts.frame["district_id"])
    area = districts.frame.set_index("district_id").area
    np.testing.assert_allclose(
        area, near.assign(id=near["Precinct"].astype(str)).set_index("id").area[area.index]
    )
    assert districts.frame["name"].iloc[0].startswith("District ")
    assert districts.frame["population"].isna().all()
    assert str(districts.frame.crs) == MANHATTAN.crs


def test_the_block_groups_of_manhattan_with_their_residents(
    shared_data: Path, tmp_path: Path
) -> None:
    archive = shared_data / "manhattan" / "blockgroups_pop2000.zip"
    districts = read_districts(archive, network=MANHATTAN)
    # unpacked, for GDAL reads no archives in this process
    shutil.unpack_archive(archive, tmp_path)
    (shapes,) = tmp_path.rglob("*.shp")
    raw = gpd.read_file(shapes)
    assert len(raw) == 876
    near = raw.to_crs(MANHATTAN.crs).cx[
        MANHATTAN.node_x.min() : MANHATTAN.node_x.max(),
        MANHATTAN.node_y.min() : MANHATTAN.node_y.max(),
    ]
    assert len(near) > 850
    assert districts.frame["population"].sum() == near["POP2000"].sum()


def test_a_ring_that_crosses_itself_is_repaired(tmp_path: Path) -> None:
    bow_tie = Polygon([(X, Y), (X + 400, Y + 400), (X + 400, Y), (X, Y + 400)])
    spike = Polygon(
        [
            (X + 500, Y),
            (X + 600, Y),
            (X + 600, Y + 90),
            (X + 600, Y),
            (X + 900, Y),
            (X + 900, Y + 400),
            (X + 500, Y + 400),
        ]
    )
    assert not bow_tie.is_valid
    assert not spike.is_valid
    districts = read_districts(
        _file(tmp_path, {"beat": ["A", "B"]}, [bow_tie, spike]), network=NETWORK
    )
    assert districts.frame.is_valid.all()
    assert set(districts.frame.geom_type) <= {
        "Polygon",
        "MultiPolygon",
    }  # no line is left of the spike
    np.testing.assert_allclose(districts.frame.area, [400 * 400 / 2, 400 * 400])
    found = districts.locate(X + np.array([20.0, 200.0, 700.0]), Y + np.array([200.0, 20.0, 100.0]))
    assert found.tolist() == [0, -1, 1]  # the bow tie's wings, not its waist


@pytest.mark.parametrize("name", ["d.gpkg", "d.geojson", "d.parquet"])
def test_pieces_of_one_district_are_united(tmp_path: Path, name: str) -> None:
    columns: dict[str, list[object]] = {
        "beat": ["N", "N", "S", "S", None],
        "beat_name": ["North", None, None, None, "No id"],
        "population": [
            100,
            100,
            30,
            12,
            7,
        ],  # pieces that state one and the same number; parts that add up
    }
    shapes: list[object] = [
        _square(0, 0),
        _square(500, 0),
        _square(0, 500),
        _square(500, 500),
        _square(450, 450, 30),
    ]
    districts = read_districts(_file(tmp_path, columns, shapes, name), network=NETWORK)
    found = districts.frame[["district_id", "name", "population"]].to_numpy().tolist()
    assert found == [["N", "North", 100], ["S", "District S", 42], ["row-5", "No id", 7]]
    assert districts.frame.geom_type.tolist() == ["MultiPolygon", "MultiPolygon", "Polygon"]


def test_an_id_with_a_word_is_its_districts_name(tmp_path: Path) -> None:
    ids = ["Sector 3 Ñ", "12", "NW", "Hill", ""]
    shapes: list[object] = [_square(150 * k, 0) for k in range(len(ids))]
    districts = read_districts(_file(tmp_path, {"beat": ids}, shapes, "b.gpkg"), network=NETWORK)
    names = dict(districts.frame[["district_id", "name"]].to_numpy().tolist())
    assert names == {
        "Sector 3 Ñ": "Sector 3 Ñ",
        "12": "District 12",
        "NW": "District NW",
        "Hill": "Hill",
        "row-5": "District row-5",
    }


def test_columns_can_be_named(tmp_path: Path) -> None:
    path = _file(
        tmp_path, {"Sektor": [1.0, 2.0], "Wie": ["eins", "zwei"]}, [_square(0, 0), _square(500, 0)]
    )
    districts = read_districts(path, network=NETWORK, id_column="Sektor", name_column="Wie")
    assert districts.frame[["district_id", "name"]].to_numpy().tolist() == [
        ["1", "eins"],
        ["2", "zwei"],
    ]
    with pytest.raises(InputError, match=r"no such column -- did you mean 'Sektor'"):
        read_districts(path, network=NETWORK, id_column="Sector")


def test_districts_elsewhere_are_left_out(tmp_path: Path) -> None:
    path = _file(tmp_path, {"beat": ["far", "near"]}, [_square(50_000, 0), _square(800, 800)])
    found = read_districts(path, network=NETWORK)
    assert found.frame["district_id"].tolist() == ["near"]
    (said,) = (note for note in found.notes if "left out" in note)  # nothing vanishes unsaid
    assert said.startswith("1 of 2 districts lie outside the roads' extent, left out: ")
    path = _file(tmp_path, {"beat": ["far"]}, [_square(50_000, 0)])
    with pytest.raises(InputError, match="no district touches the roads"):
        read_districts(path, network=NETWORK)


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_files_that_hold_no_districts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="is not there"):
        read_districts(tmp_path / "no.gpkg", network=NETWORK)
    (tmp_path / "d.csv").write_text("beat\nA\n")
    with pytest.raises(UnsupportedInputError, match=r"supported are: \.gpkg"):
        read_districts(tmp_path / "d.csv", network=NETWORK)
    (tmp_path / "d.geojson").write_text("<html>")
    with pytest.raises(InputError, match="whatever its name says"):
        read_districts(tmp_path / "d.geojson", network=NETWORK)
    points: list[object] = [shapely.Point(X, Y), shapely.LineString([(X, Y), (X + 1, Y)])]
    with pytest.raises(InputError, match="holds no polygon"):
        read_districts(
            _file(tmp_path, {"beat": ["A", "B"]}, points, "points.gpkg"), network=NETWORK
        )
    gpd.GeoDataFrame({"beat": ["A"]}, geometry=[_square(0, 0)]).to_file(tmp_path / "bare.gpkg")
    with pytest.raises(InputError, match="has no CRS"):
        read_districts(tmp_path / "bare.gpkg", network=NETWORK)


def test_an_archive_of_two_layers_is_refused(tmp_path: Path) -> None:
    path = _file(tmp_path, {"beat": ["A"]}, [_square(0, 0)])
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.write(path, "a.gpkg")
        archive.write(path, "b.gpkg")
    with pytest.raises(InputError, match="expected one table in the archive"):
        read_districts(tmp_path / "two.zip", network=NETWORK)


coordinate = st.integers(-1, 9).map(lambda i: i * 100.0) | st.floats(-100, 1000)


@settings(max_examples=60, deadline=None)
@given(
    squares=st.lists(
        st.tuples(coordinate, coordinate, st.sampled_from([100.0, 250.0, 400.0])),
        min_size=1,
        max_size=6,
    ),
    points=st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=20),
)
def test_points_are_located_as_one_by_one(
    squares: list[tuple[float, float, float]], points: list[tuple[float, float]]
) -> None:
    shapes = [_square(*square) for square in squares]
    frame = gpd.GeoDataFrame(
        {"district_id": [str(i) for i in range(len(shapes))]}, geometry=shapes, crs=NETWORK.crs
    )
    x, y = np.array(points).T + np.array([[X], [Y]])
    expected = [
        next((i for i, shape in enumerate(shapes) if shape.covers(shapely.Point(px, py))), -1)
        for px, py in zip(x, y, strict=True)
    ]
    found = Districts(frame).locate(np.r_[x, np.nan], np.r_[y, Y])
    assert found.dtype == np.int32
    assert found.tolist() == [*expected, -1]
