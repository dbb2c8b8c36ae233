"""Posts from an OpenStreetMap extract: the places that a table of them would give."""

from __future__ import annotations

import bz2
import gzip
import zipfile
from pathlib import Path

import osmium
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from coresponse.data.errors import InputError, UnsupportedInputError
from coresponse.data.posts_read import read_posts
from coresponse.data.roads.made import street_grid
from coresponse.data.tables.extract import is_extract, places_of_assembly
from coresponse.data.tables.read import read_table
from coresponse.data.tables.specs import CALLS, POSTS
from coresponse.study.new import NewStudy, new_study
from tests.coresponse.test_from_addresses import LAT, LON, write_calls, write_extract

ROADS = street_grid(12, 10, seed=3, spacing_m=150.0, origin_xy=(583_000.0, 4_506_000.0))
TO_DEGREES = Transformer.from_crs(ROADS.crs, "EPSG:4326", always_xy=True)
HALF_DEGREES = 0.0002
KINDS = {
    "fire_station": "station",
    "police": "station",
    "hospital": "hospital",
    "clinic": "clinic",
    "townhall": "townhall",
}

Place = tuple[str, str, int]
"""Shape (n, w or r), amenity, crossing."""


def write_osm(path: Path, places: list[Place], more: dict[str, str] | None = None) -> list[str]:
    """Write places as points, closed ways or multipolygons; return their post_ids, in the same order."""
    mutable = osmium.osm.mutable
    writer, ids = osmium.SimpleWriter(str(path)), []
    nodes, ways, relations = [], [], []
    for i, (shape, amenity, crossing) in enumerate(places, start=1):
        x, y = TO_DEGREES.transform(ROADS.node_x[crossing], ROADS.node_y[crossing])
        tags = {"amenity": amenity, "name": f"{amenity} {i}", **(more or {})}
        ids.append(f"osm-{shape}{i}")
        if shape == "n":
            nodes.append(mutable.Node(id=i, location=(x, y), tags=tags))
            continue
        corners = [(a, b) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
        ring = [1000 + 10 * i + k for k in range(4)]
        nodes += [
            mutable.Node(id=n, location=(x + a * HALF_DEGREES, y + b * HALF_DEGREES))
            for n, (a, b) in zip(ring, corners, strict=True)
        ]
        if shape == "w":
            ways.append(mutable.Way(id=i, nodes=[*ring, ring[0]], tags=tags))
            continue
        ways.append(mutable.Way(id=500 + i, nodes=[*ring, ring[0]]))
        tags["type"] = "multipolygon"
        relations.append(mutable.Relation(id=i, members=[("w", 500 + i, "outer")], tags=tags))
    try:
        for node in sorted(nodes, key=lambda n: int(n.id)):
            writer.add_node(node)
        for way in sorted(ways, key=lambda w: int(w.id)):
            writer.add_way(way)
        for relation in relations:
            writer.add_relation(relation)
    finally:
        writer.close()
    return ids


def pack(path: Path, how: str) -> Path:
    content, out = path.read_bytes(), path.with_name(path.name + how)
    if how == ".zip":
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("town.osm", content)
    elif how:
        out.write_bytes((gzip if how == ".gz" else bz2).compress(content))
    return out


@settings(deadline=None, max_examples=10)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("nwr"),
            st.sampled_from(sorted(KINDS)),
            st.integers(0, ROADS.n_nodes - 1),
        ),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from([".osm", ".osm.pbf", ".osm.gz", ".osm.bz2", ".osm.zip"]),
)
def test_an_extract_gives_the_posts_that_a_table_gives(
    tmp_path_factory: pytest.TempPathFactory, places: list[Place], kind: str
) -> None:
    folder = tmp_path_factory.mktemp("extract")
    inner = ".osm.pbf" if kind == ".osm.pbf" else ".osm"
    ids = write_osm(folder / f"town{inner}", places)
    extract = pack(folder / f"town{inner}", kind.removeprefix(inner))
    x, y = TO_DEGREES.transform(*(a[[at for _, _, at in places]] for a in (ROADS.node_x, ROADS.node_y)))  # fmt: skip
    table = pd.DataFrame({"post_id": ids, "longitude": x, "latitude": y})
    table["name"] = [f"{amenity} {i}" for i, (_, amenity, _) in enumerate(places, start=1)]
    table["kind"] = [KINDS[amenity] for _, amenity, _ in places]
    table.to_csv(folder / "posts.csv", index=False)
    found = read_posts(extract, network=ROADS)
    wanted = read_posts(folder / "posts.csv", network=ROADS)
    columns = ["post_id", "name", "kind", "node"]
    pd.testing.assert_frame_equal(found.frame[columns], wanted.frame[columns])
    assert (found.frame["snap_m"] < 0.1).all()
    assert is_extract(extract)
    assert not is_extract(folder / "posts.csv")


def test_a_hospital_that_is_point_and_outline_is_one_post(tmp_path: Path) -> None:
    places: list[Place] = [("n", "hospital", 5), ("w", "hospital", 5), ("n", "hospital", 90)]
    write_osm(tmp_path / "town.osm", places, {"name": "General"})
    assert read_posts(tmp_path / "town.osm", network=ROADS).frame["post_id"].tolist() == [
        "osm-n3",  # of the same name, elsewhere
        "osm-w2",
    ]


def test_a_place_without_a_name_goes_by_its_address(tmp_path: Path) -> None:
    tags = {"name": "", "addr:housenumber": "12", "addr:street": "Main St"}
    write_osm(tmp_path / "town.osm", [("n", "clinic", 5)], tags)
    assert read_posts(tmp_path / "town.osm", network=ROADS).frame["name"].tolist() == ["12 Main St"]


def test_an_extract_without_such_places_names_the_ways_out(tmp_path: Path) -> None:
    write_osm(tmp_path / "town.osm", [("n", "restaurant", 5)])
    with pytest.raises(InputError, match=r"no fire or police station.*--propose 40"):
        read_table(tmp_path / "town.osm", POSTS)
    with pytest.raises(UnsupportedInputError, match="holds roads and posts, no calls"):
        read_table(tmp_path / "town.osm", CALLS)
    (tmp_path / "town.pbf").write_bytes(b"\0\0\0\x09 no extract")
    with pytest.raises(InputError, match=r"town\.pbf: not a readable OpenStreetMap file"):
        read_table(tmp_path / "town.pbf", POSTS)


def test_new_takes_the_posts_of_the_extract_that_the_roads_come_from(tmp_path: Path) -> None:
    write_extract(tmp_path / "town.osm")
    text = (tmp_path / "town.osm").read_text(encoding="utf-8")
    stations = "".join(
        f"<node id='{70 + i}' lon='{LON + 0.004 * i}' lat='{LAT + 0.004}'><tag k='amenity' "
        f"v='{amenity}'/></node>"
        for i, amenity in enumerate(("police", "hospital"))
    )
    first = text.index("<way")
    (tmp_path / "town.osm").write_text(text[:first] + stations + text[first:], encoding="utf-8")
    write_calls(tmp_path / "cad.csv")
    start = NewStudy(
        program="ride-along",
        calls=(tmp_path / "cad.csv",),
        roads=tmp_path / "town.osm",
        osm_posts=True,
        propose=3,
    )
    city = new_study(tmp_path / "town", start).city
    assert city.posts.frame["kind"].tolist() == ["station", "hospital", *["proposed"] * 3]
    written = (tmp_path / "town" / "study.toml").read_text(encoding="utf-8")
    assert '{file = "inputs/town.osm"}' in written
    assert [path.name for path in sorted((tmp_path / "town" / "inputs").iterdir())] == [
        "cad.csv",
        "town.osm",
    ]


def test_places_of_assembly_are_the_extracts(tmp_path: Path) -> None:
    places: list[Place] = [
        ("n", "bar", 5),
        ("w", "library", 44),
        ("n", "police", 9),
        ("r", "theatre", 17),
    ]
    write_osm(tmp_path / "town.osm", places)
    there = Transformer.from_crs("EPSG:4326", ROADS.crs, always_xy=True)
    x, y = there.transform(*places_of_assembly(pack(tmp_path / "town.osm", ".gz")).T)
    wanted = {(round(ROADS.node_x[at]), round(ROADS.node_y[at])) for at in (5, 44, 17)}
    assert {(round(a), round(b)) for a, b in zip(x, y, strict=True)} == wanted
    write_osm(tmp_path / "none.osm", [("n", "police", 9)])
    for name, said in (
        ("none.osm", "no place of assembly"),
        ("roads.gpkg", "not an OpenStreetMap extract"),
    ):
        with pytest.raises(InputError, match=said):
            places_of_assembly(tmp_path / name)
