"""What the planner states wins; ids of map programs come last; of two columns of districts the finer."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from coresponse.data.district_layers import read_districts
from coresponse.data.districts import Districts
from coresponse.data.errors import InputError
from coresponse.data.posts_read import read_posts
from coresponse.data.roads.made import street_grid
from coresponse.data.tables.dictionary import match_columns
from coresponse.data.tables.specs import CALLS, POSTS

NETWORK = street_grid(12, 10, seed=3, spacing_m=150.0, origin_xy=(583_000.0, 4_506_000.0))
X, Y = NETWORK.node_x, NETWORK.node_y


def stations(**columns: list[object]) -> gpd.GeoDataFrame:
    points = gpd.points_from_xy(X[[3, 40, 77]], Y[[3, 40, 77]], crs=NETWORK.crs)
    return gpd.GeoDataFrame(columns, geometry=points).to_crs(4326)


def test_a_stated_kind_wins_over_a_column_and_that_is_told(tmp_path: Path) -> None:
    path = tmp_path / "places.geojson"
    stations(name=["a", "b", "c"], type=["ACUTE", "ACUTE", "REHAB"]).to_file(path)
    found = read_posts(path, network=NETWORK, kind="hospital")
    assert set(found.frame["kind"]) == {"hospital"}
    (note,) = [n for n in found.notes if "kind" in n]
    assert "'type' ('ACUTE', 'REHAB') is not used" in note
    # another statement of the planner's: the column itself
    mapped = read_posts(path, network=NETWORK, kind="hospital", columns={"kind": "type"})
    assert set(mapped.frame["kind"]) == {"ACUTE", "REHAB"}
    assert not [n for n in mapped.notes if "not used" in n]
    assert set(read_posts(path, network=NETWORK).frame["kind"]) == {"ACUTE", "REHAB"}


@pytest.mark.parametrize("row_id", ["OBJECTID", "FID_1", "GlobalID", "osm_id", "OID"])
def test_numbers_of_rows_are_ids_only_where_there_is_nothing_else(
    tmp_path: Path, row_id: str
) -> None:
    path = tmp_path / "s.gpkg"
    own = stations(**{row_id: [1, 2, 3], "STATION_NUMBER": [9, 4, 7]})
    own.to_file(path)
    found = read_posts(path, network=NETWORK, kind="station")
    assert found.frame["post_id"].tolist() == ["station-4", "station-7", "station-9"]
    assert found.notes == ()
    other = tmp_path / "t.gpkg"
    own.drop(columns="STATION_NUMBER").to_file(other)
    found = read_posts(other, network=NETWORK, kind="station")
    assert found.frame["post_id"].tolist() == ["station-1", "station-2", "station-3"]
    assert f"made from {row_id!r}" in found.notes[0]


def test_names_that_a_shapefile_cuts_are_known(tmp_path: Path) -> None:
    path = tmp_path / "stations.shp"
    frame = stations(OBJECTID=[1, 2, 3], STATION_NU=[9, 4, 7], FACILITY_N=["A", "B", "C"])
    frame.to_file(path)
    found = read_posts(path, network=NETWORK, kind="station").frame
    assert found["post_id"].tolist() == ["station-4", "station-7", "station-9"]
    assert found["name"].tolist() == ["B", "C", "A"]


@pytest.mark.parametrize(
    ("cut", "ours"),
    [("INCIDENT_D", "received_at"), ("DISPATCH_T", "dispatched_at"), ("CALL_TYPE_", "nature")],
)
def test_calls_columns_that_are_cut_are_known(cut: str, ours: str) -> None:
    names = ["latitude", "longitude", "time", "nature", cut]
    names = [name for name in names if name not in {ours, "time" if ours == "received_at" else ""}]
    assert match_columns(CALLS, names, where="calls.shp")[ours] == cut


def test_a_whole_name_goes_before_a_cut_one() -> None:
    found = match_columns(POSTS, ["STATION_NU", "number", "x", "y"], where="s")
    assert found["number"] == "number"


def test_a_file_of_a_whole_state_keeps_the_posts_of_the_city(tmp_path: Path) -> None:
    frame = stations(name=["a", "b", "c"])
    far = gpd.GeoDataFrame(
        {"name": [f"far {i}" for i in range(6)]},
        geometry=gpd.points_from_xy([-80.0 + i for i in range(6)], [38.0] * 6),
        crs=4326,
    )
    path = tmp_path / "state.gpkg"
    gpd.GeoDataFrame(gpd.pd.concat([frame, far], ignore_index=True), crs=4326).to_file(path)
    found = read_posts(path, network=NETWORK, kind="hospital")
    assert found.frame["name"].tolist() == ["a", "b", "c"]
    assert len(found.set_aside) == 6
    far.to_file(tmp_path / "far.gpkg")
    with pytest.raises(InputError, match=r"the nearest place is .* km from the roads"):
        read_posts(tmp_path / "far.gpkg", network=NETWORK)


def beats(folder: Path, id_column: str | None = None, **columns: list[object]) -> Districts:
    west, south, east, north = X.min() - 9, Y.min() - 9, X.max() + 9, Y.max() + 9
    wide, high = (east - west) / 3, (north - south) / 2
    boxes = [
        shapely.box(
            west + i * wide, south + j * high, west + (i + 1) * wide, south + (j + 1) * high
        )
        for j in range(2)
        for i in range(3)
    ]
    path = folder / "beats.gpkg"
    gpd.GeoDataFrame(columns, geometry=boxes, crs=NETWORK.crs).to_file(path)
    return read_districts(path, network=NETWORK, id_column=id_column)


NUMBERS = [101, 102, 103, 201, 202, 203]
SIDES = ["North"] * 3 + ["South"] * 3


def test_of_two_columns_of_districts_the_finer_is_taken_and_told(tmp_path: Path) -> None:
    found = beats(tmp_path, BEAT=NUMBERS, DISTRICT=SIDES, OBJECTID=list(range(6)))
    assert found.frame["district_id"].tolist() == [str(n) for n in NUMBERS]
    (note,) = found.notes
    assert "by column 'BEAT' (6)" in note
    assert "'DISTRICT' (2)" in note
    assert "id_column" in note


def test_the_planners_column_wins(tmp_path: Path) -> None:
    found = beats(tmp_path, "DISTRICT", BEAT=NUMBERS, DISTRICT=SIDES)
    assert found.frame["district_id"].tolist() == ["North", "South"]
    assert found.notes == ()


def test_what_is_joined_is_told(tmp_path: Path) -> None:
    found = beats(tmp_path, DISTRICT=SIDES, OBJECTID=list(range(6)))
    assert found.frame["district_id"].tolist() == ["North", "South"]
    assert "6 polygons are joined into 2 districts, by 'DISTRICT'" in found.notes[0]


def test_a_column_that_says_the_same_everywhere_is_no_finer(tmp_path: Path) -> None:
    found = beats(tmp_path, precinct=NUMBERS, borough=["Kings"] * 6)
    assert len(found.frame) == 6
    assert found.notes == ()


def test_row_numbers_are_ids_of_districts_where_there_is_nothing_else(tmp_path: Path) -> None:
    found = beats(tmp_path, OBJECTID=list(range(1, 7)), label=list("abcdef"))
    assert found.frame["district_id"].tolist() == [str(i) for i in range(1, 7)]
    assert found.frame["name"].tolist() == list("abcdef")
