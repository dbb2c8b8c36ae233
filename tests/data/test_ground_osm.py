"""Water, parks, rail and their names from the extract itself, and shores that run out of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import osmium
import pytest
import shapely
from pyproj import Transformer

from coresponse.data.errors import InputError
from coresponse.data.ground import MOST_CORNERS
from coresponse.data.ground_osm import MOST_NAMED, ExtractGround, read_extract_ground
from coresponse.data.ground_shore import water_beside
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.street_names import LONGEST

X, Y, SIDE = 583_000.0, 4_506_000.0, 900.0
NETWORK = street_grid(10, 10, seed=3, spacing_m=100.0, origin_xy=(X, Y))
TO_DEGREES = Transformer.from_crs(NETWORK.crs, "EPSG:4326", always_xy=True)
Corners = list[tuple[float, float]]


def box(west: float, south: float, east: float, north: float) -> Corners:
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


class Extract:
    """An extract that is written thing by thing; corners are meters from the grid's south-west."""

    def __init__(self, path: Path) -> None:
        self.path, self.nodes, self.ways, self.relations = path, [], [], []

    def way(self, corners: Corners, *, lost: bool = False, **tags: str) -> int:
        """Add a way; of one that is lost the extract has the name only. Return its number."""
        number, first = len(self.ways) + 1, len(self.nodes) + 1
        for i, (x, y) in enumerate(corners):
            place = TO_DEGREES.transform(X + x, Y + y)
            self.nodes.append(osmium.osm.mutable.Node(id=first + i, location=place))
        refs = [*range(first, first + len(corners))]
        if corners[0] == corners[-1]:
            refs[-1] = first
        self.ways.append(None if lost else osmium.osm.mutable.Way(id=number, nodes=refs, tags=tags))
        return number

    def relation(self, ways: list[int], **tags: str) -> None:
        members = [("w", way, "outer") for way in ways]
        self.relations.append(
            osmium.osm.mutable.Relation(
                id=len(self.relations) + 1, members=members, tags={"type": "multipolygon", **tags}
            )
        )

    def read(self) -> ExtractGround:
        writer = osmium.SimpleWriter(str(self.path))
        for node in self.nodes:
            writer.add_node(node)
        for way in self.ways:
            if way is not None:
                writer.add_way(way)
        for relation in self.relations:
            writer.add_relation(relation)
        writer.close()
        return read_extract_ground(self.path, network=NETWORK)


def holds(frame: gpd.GeoDataFrame | None, x: float, y: float) -> bool:
    return frame is not None and bool(frame.geometry.iloc[0].contains(shapely.Point(X + x, Y + y)))


@pytest.mark.parametrize("name", ["town.osm", "town.osm.pbf"])
def test_lakes_parks_rivers_and_rail_are_found_with_their_names(name: str, tmp_path: Path) -> None:
    town = Extract(tmp_path / name)
    town.way(box(0, 0, 200, 100), natural="water", name="Mill Pond")
    halves = [[(400, 400), (700, 400), (700, 600)], [(700, 600), (400, 600), (400, 400)]]
    ring = [town.way(half) for half in halves]
    town.relation(ring, leisure="park", name="City Park")
    town.way(box(300, 0, 330, 30), leisure="park", name="Pocket Park")  # too small to be named
    town.way([(-50, 800), (900, 820)], waterway="river", name="Green River")
    town.way([(-50, 300), (900, 300)], waterway="stream", name="A Ditch")
    town.way([(0, 700), (900, 700)], railway="rail", name="Main Line")
    town.way([(0, 650), (900, 650)], railway="abandoned")
    town.way([(0, 640), (900, 640)], railway="rail", tunnel="yes")
    found = town.read()
    assert holds(found.water, 100, 50)
    assert holds(found.water, 400, 809.5)
    assert not holds(found.water, 400, 300)
    assert found.water is not None
    assert found.water.area.iloc[0] == pytest.approx(200 * 100 + 950 * 18, rel=0.03)
    assert holds(found.parks, 500, 500)
    assert found.landmarks is not None
    assert found.landmarks.crs == NETWORK.crs
    told = dict(zip(found.landmarks["name"], found.landmarks["kind"], strict=True))
    assert told == {"City Park": "park", "Mill Pond": "water", "Green River": "river", "": "rail"}
    assert list(found.landmarks["kind"]).count("rail") == 1
    park = found.landmarks.set_index("name").loc["City Park"]
    assert park["size_m"] == pytest.approx((300 * 200) ** 0.5, rel=0.01)
    assert shapely.box(X + 400, Y + 400, X + 700, Y + 600).contains(park.geometry)


def test_nothing_but_roads_and_no_extract_give_nothing(tmp_path: Path) -> None:
    bare = Extract(tmp_path / "bare.osm")
    bare.way([(0, 0), (900, 0)], highway="residential")
    for found in (bare.read(), read_extract_ground(tmp_path / "roads.json", network=NETWORK)):
        assert (found.water, found.parks, found.landmarks) == (None, None, None)


def test_a_damaged_extract_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.osm").write_text("<osm version='0.6'><way id='1'><nd ref=", encoding="utf-8")
    with pytest.raises(InputError, match=r"x\.osm"):
        read_extract_ground(tmp_path / "x.osm", network=NETWORK)


@pytest.mark.parametrize("is_turned", [False, True])
def test_the_sea_lies_on_the_right_of_a_coast(is_turned: bool, tmp_path: Path) -> None:
    town = Extract(tmp_path / "town.osm")
    coast = [(-100.0, 200.0), (450.0, 250.0), (1000.0, 200.0)]  # eastwards: the sea is in the south
    town.way(coast[::-1] if is_turned else coast, natural="coastline")
    water = town.read().water
    assert holds(water, 450, 100) != is_turned
    assert holds(water, 450, 600) == is_turned


def test_a_river_whose_outline_the_extract_cuts_is_closed_along_its_edge(tmp_path: Path) -> None:
    town = Extract(tmp_path / "town.osm")
    banks = [
        town.way([(-80, 130), (450, 132), (980, 130)]),
        town.way([(980, 182), (450, 180), (-10, 182)]),  # ends short of the edge
        town.way([(5000, 0), (6000, 0)], lost=True),
    ]
    town.relation(banks, waterway="riverbank", name="Broad River")
    town.way([(-80, 150), (980, 150)], waterway="river", name="Broad River")
    water = town.read().water
    assert holds(water, 450, 136)  # far from the line
    assert holds(water, 250, 176)
    assert not holds(water, 450, 100)
    assert not holds(water, 450, 500)


def test_of_two_sides_of_a_bank_the_one_with_streets_is_land() -> None:
    bank = shapely.linestrings([[(X - 50, Y - 1), (X + 950, Y - 1)]])
    through_town = shapely.linestrings([[(X, Y + 450), (X + 900, Y + 450)]])
    none = np.empty(0, dtype=object)
    assert not len(water_beside(none, bank, through_town, NETWORK))
    assert not len(water_beside(none, none, through_town, NETWORK))


def test_names_and_corners_are_bounded(tmp_path: Path) -> None:
    town = Extract(tmp_path / "town.osm.pbf")
    for i in range(MOST_NAMED + 30):
        west, south = 120.0 * (i % 14) - 400, 120.0 * (i // 14) - 400
        town.way(
            box(west, south, west + 95 + i / 100, south + 95), leisure="park", name=f"Park {i}"
        )
    angle = np.linspace(0, 2 * np.pi, 1900)
    for k in range(12):
        radius = 900 + 60 * k + 25 * np.sin(40 * angle)
        ring = np.column_stack([450 + radius * np.cos(angle), 450 + radius * np.sin(angle)])
        ring[-1] = ring[0]
        town.way([*map(tuple, ring.tolist())], natural="water", name="x" * (LONGEST + 1))
    found = town.read()
    assert found.landmarks is not None
    names = list(found.landmarks["name"])
    assert len(names) == MOST_NAMED
    assert f"Park {MOST_NAMED + 29}" in names  # the largest stay
    assert "Park 0" not in names
    for frame in (found.water, found.parks):
        assert frame is not None
        assert shapely.get_num_coordinates(frame.geometry.iloc[0]) <= MOST_CORNERS
    again: Any = read_extract_ground(town.path, network=NETWORK)
    assert again.landmarks.equals(found.landmarks)
