"""A city across the date line: its roads have one CRS, its pages one range of longitudes."""

from __future__ import annotations

import itertools

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pydantic import TypeAdapter, ValidationError
from pyproj import Transformer

from coresponse.app.new_posts import Longitude
from coresponse.data.date_line import side_by_side
from coresponse.data.roads.lines import from_lines
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.propose_crs import propose_crs
from coresponse.maps.geometry import origin_of, to_degrees

# Of Taveuni, Fiji: a street of 11 pieces, six of them on the far side.
EAST = np.linspace(179.97, 180.03, 12)
LINES = [
    shapely.LineString([((a + 180) % 360 - 180, -16.8), ((b + 180) % 360 - 180, -16.8)])
    for a, b in itertools.pairwise(EAST)
]


@pytest.fixture(scope="module")
def roads() -> RoadNetwork:
    return from_lines(gpd.GeoDataFrame(geometry=LINES, crs=4326), source="taveuni.gpkg")


def test_roads_are_in_a_zone_of_their_own(roads: RoadNetwork) -> None:
    """They were in that of Greenwich, "spans 360 degrees of longitude"."""
    assert roads.crs in {"EPSG:32760", "EPSG:32701"}
    assert not any("UTM zone" in str(note) for note in roads.report.notes)
    assert np.ptp(roads.node_x) == pytest.approx(
        0.06 * 111_320 * np.cos(np.radians(16.8)), rel=0.01
    )


def test_the_crs_of_other_files_is_found_there(roads: RoadNetwork) -> None:
    x, y = Transformer.from_crs(roads.crs, "EPSG:32701", always_xy=True).transform(
        roads.node_x, roads.node_y
    )
    found = propose_crs(np.asarray(x), np.asarray(y), roads)
    assert found is not None
    assert found.code in {"EPSG:32701", "EPSG:32760"} or found.median_m < 2


def test_pages_count_longitudes_on_past_the_line(roads: RoadNetwork) -> None:
    """A page drew one half of a city at the left end of the world and the other at its right end."""
    west, east = roads.node_x.min(), roads.node_x.max()
    south = roads.node_y.min()
    whole = gpd.GeoDataFrame(
        geometry=[shapely.box(west, south, east, south + 3_000)], crs=roads.crs
    )
    post = gpd.GeoDataFrame(geometry=gpd.points_from_xy([east], [south]), crs=roads.crs)
    found, there = to_degrees(whole), to_degrees(post)
    assert found.geometry.is_valid.all()
    assert np.ptp(found.total_bounds[[0, 2]]) == pytest.approx(0.06, abs=0.005)
    # a layer that lies on the far side alone agrees with one that crosses
    assert there.total_bounds[0] == pytest.approx(180.03, abs=1e-3)
    assert origin_of(there)[0] == pytest.approx(180.02, abs=0.02)


def test_elsewhere_longitudes_stay() -> None:
    for lon in ([-122.4, -122.3], [2.3, 2.4], [-1.0, 1.0], [178.4, 178.5]):
        assert side_by_side(np.array(lon)).tolist() == lon
        frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, [10.0, 10.0]), crs=4326)
        assert to_degrees(frame).geometry.x.tolist() == lon


def test_what_a_page_sends_past_the_line_is_read() -> None:
    longitude = TypeAdapter(Longitude)
    assert longitude.validate_python(180.25) == pytest.approx(-179.75)
    assert longitude.validate_python(-179.75) == -179.75
    for far in (-180.5, 400.0, float("nan")):
        with pytest.raises(ValidationError):
            longitude.validate_python(far)
