"""What the fuzz runs found, each as small as it could be made, so that it stays mended."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
import shapely

from coresponse.data.calls.times import parse_times, time_zone
from coresponse.data.districts import read_districts
from coresponse.data.errors import InputError
from coresponse.data.posts_read import read_posts
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.read import read_roads
from coresponse.data.tables.cells import as_text
from coresponse.data.tables.read import read_table
from coresponse.data.tables.specs import CALLS

ROADS = street_grid(4, 4, seed=1)


def test_times_with_broken_offsets_beside_sound_ones() -> None:
    texts = ["2024-03-10 05:15:00", "2024-03-10T05:15:00+5", "2024-03-10T05:15:00 -0500x", "2024-03-10 05:15:00-05:00"]
    found = parse_times(pd.Series(texts), time_zone("UTC"))
    assert found.bad.tolist() == [False, True, True, False]
    assert str(found.utc[3])[:19] == "2024-03-10T10:15:00"


@pytest.mark.parametrize("value", [1e19, 1e308, float("inf"), -1e300])
def test_whole_numbers_beyond_what_a_float_tells_apart(value: float) -> None:
    assert as_text(pd.Series([1.0, value, float("nan")])).tolist()[2] == ""
    assert as_text(pd.Series([1.0, 2.0**53, float("nan")])).tolist() == ["1", "9007199254740992", ""]


def test_text_in_parquet_that_is_no_utf8(tmp_path: Path) -> None:
    broken = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(np.array([0, 2], dtype=np.int32)), pa.py_buffer(b"\xff\xfe")]
    )
    pa.parquet.write_table(pa.table({"call_id": broken, "received_at": ["2024-01-01"]}), tmp_path / "calls.parquet")
    with pytest.raises(InputError, match="not a readable Parquet file"):
        read_table(tmp_path / "calls.parquet", CALLS)


@pytest.mark.parametrize("most", ["99999999999999999999", "1e308", "1000001"])
def test_more_at_a_post_than_any_number_holds(most: str, tmp_path: Path) -> None:
    x, y = ROADS.node_x[0], ROADS.node_y[0]
    (tmp_path / "posts.csv").write_text(f"post_id,x,y,at_most\nA,{x},{y},{most}\n", encoding="utf-8")
    with pytest.raises(InputError, match="row 2, column at_most"):
        read_posts(tmp_path / "posts.csv", network=ROADS, crs=ROADS.crs)


def test_a_district_with_a_corner_that_is_nowhere(tmp_path: Path) -> None:
    ring = "[[-75.0, 40.6], [-75.0, 4268], [-74.9, 40.7], [-75.0, 40.6]]"
    (tmp_path / "d.geojson").write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"id": "A"}, "geometry": '
        f'{{"type": "Polygon", "coordinates": [{ring}]}}}}]}}',
        encoding="utf-8",
    )
    with pytest.raises(InputError, match=r"no place on Earth|not a readable map layer|no district touches"):
        read_districts(tmp_path / "d.geojson", network=ROADS)


def test_a_ring_that_does_not_close(tmp_path: Path) -> None:
    ring = "[[-75.0, 40.6], [-75.0, 40.7], [-74.9, 40.7], [-74.9, 40.65]]"
    (tmp_path / "d.geojson").write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"id": "A"}, "geometry": '
        f'{{"type": "Polygon", "coordinates": [{ring}]}}}}]}}',
        encoding="utf-8",
    )
    with pytest.raises(InputError, match=r"d\.geojson"):
        read_districts(tmp_path / "d.geojson", network=ROADS)


def test_a_crs_of_heights(tmp_path: Path) -> None:
    lines = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (1, 1)])], crs="EPSG:5703")
    lines.to_parquet(tmp_path / "roads.parquet")
    with pytest.raises(InputError, match=r"roads\.parquet"):
        read_roads(tmp_path / "roads.parquet", cache_folder=tmp_path / "cache")
