"""Which sheet, layer or file of an archive was read is told, for every table and map layer that a study takes."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from coresponse.data.addresses.read import read_addresses
from coresponse.data.calls.read import read_calls
from coresponse.data.district_layers import read_districts
from coresponse.data.errors import InputError
from coresponse.data.ground import read_ground
from coresponse.data.population import read_population
from coresponse.data.posts_read import read_posts
from coresponse.data.programs.load import load_program
from coresponse.data.residents import read_residents
from coresponse.data.roads.made import street_grid

ROADS = street_grid(8, 8, seed=3, spacing_m=200.0, origin_xy=(344_000.0, 4_458_000.0))
X, Y = float(ROADS.node_x.min()), float(ROADS.node_y.min())
SQUARES = [shapely.box(X + 700 * i, Y - 50, X + 700 * (i + 1), Y + 1500) for i in (0, 1)]
POINTS = [shapely.Point(x, y) for x, y in zip(ROADS.node_x[:3], ROADS.node_y[:3], strict=True)]
LINES = [shapely.LineString([(X, Y), (X + 1400, Y)])]
AREA = {"beat": ["A", "B"], "POP20": [900, 800]}
FRAMES = {
    "areas": gpd.GeoDataFrame(AREA, geometry=SQUARES, crs=ROADS.crs),
    "stations": gpd.GeoDataFrame(
        {"facility_name": list("ABC"), "facility_type": "x"}, geometry=POINTS, crs=ROADS.crs
    ),
    "calls": gpd.GeoDataFrame(
        {"received": [f"2024-01-0{i} 10:00:00" for i in (1, 2, 3)], "call_type": "MENTAL HEALTH"},
        geometry=POINTS,
        crs=ROADS.crs,
    ),
    "streets": gpd.GeoDataFrame({"FULLNAME": ["MAIN ST"]}, geometry=LINES, crs=ROADS.crs),
    "trees": gpd.GeoDataFrame({"height": [1, 2, 3]}, geometry=POINTS, crs=ROADS.crs),
}
Notes = Sequence[str]
READERS: dict[str, tuple[str, Callable[[Path], Notes]]] = {
    "calls": (
        "calls",
        lambda path: read_calls([path], network=ROADS, program=load_program("mixed")).notes,
    ),
    "posts": ("stations", lambda path: read_posts(path, network=ROADS).notes),
    "districts": ("areas", lambda path: read_districts(path, network=ROADS).notes),
    "population": ("areas", lambda path: read_population(path, network=ROADS).notes),
    "residents": ("areas", lambda path: read_residents(path, {}, network=ROADS).readings),
    "addresses": ("streets", lambda path: read_addresses(path, ROADS.crs).notes),
    "water": ("areas", lambda p: read_ground(p, network=ROADS, what="water").attrs["notes"]),
    "parks": ("areas", lambda p: read_ground(p, network=ROADS, what="parks").attrs["notes"]),
}


def geopackage(path: Path, *names: str) -> Path:
    for name in names:
        FRAMES[name].to_file(path, layer=name)
    return path


@pytest.mark.parametrize("table", READERS)
def test_of_several_layers_the_one_that_is_meant_is_read_and_told(
    table: str, tmp_path: Path
) -> None:
    meant, read = READERS[table]
    path = geopackage(tmp_path / "city.gpkg", "trees", meant)
    assert f"city.gpkg: read layer '{meant}', not 'trees'" in read(path)
    assert not any("read layer" in note for note in read(geopackage(tmp_path / "one.gpkg", meant)))


@pytest.mark.parametrize("table", READERS)
def test_of_several_files_in_an_archive_the_one_that_is_meant_is_read_and_told(
    table: str, tmp_path: Path
) -> None:
    meant, read = READERS[table]
    inner = {name: geopackage(tmp_path / f"{name}.gpkg", name) for name in ("trees", meant)}
    with zipfile.ZipFile(tmp_path / "city.zip", "w") as archive:
        for name, path in inner.items():
            archive.write(path, f"GIS/{name}.gpkg")
    said = f"city.zip: read 'GIS/{meant}.gpkg' of the archive, not GIS/trees.gpkg"
    assert said in read(tmp_path / "city.zip")


def test_residents_of_a_workbook_are_told_by_their_sheet(tmp_path: Path) -> None:
    path = tmp_path / "pop.xlsx"
    points = pd.DataFrame({"x": ROADS.node_x[:3], "y": ROADS.node_y[:3], "POP20": 50})
    with pd.ExcelWriter(path) as book:
        pd.DataFrame({"About": ["us"]}).to_excel(book, sheet_name="Cover", index=False)
        points.to_excel(book, sheet_name="Blocks", index=False)
    found = read_population(path, network=ROADS, crs=ROADS.crs)
    assert found.total == 150
    assert found.notes == ("pop.xlsx: read sheet 'Blocks', not 'Cover'",)


def test_two_files_of_areas_in_an_archive_are_not_chosen_between(tmp_path: Path) -> None:
    path = geopackage(tmp_path / "areas.gpkg", "areas")
    with zipfile.ZipFile(tmp_path / "city.zip", "w") as archive:
        archive.write(path, "north.gpkg")
        archive.write(path, "south.gpkg")
    for read in (READERS["districts"][1], READERS["population"][1], READERS["water"][1]):
        with pytest.raises(InputError, match=r"north\.gpkg, south\.gpkg have areas -- unpack it"):
            read(tmp_path / "city.zip")


def test_how_many_streets_have_house_numbers_is_told(tmp_path: Path) -> None:
    path = geopackage(tmp_path / "streets.gpkg", "streets")
    assert read_addresses(path, ROADS.crs).notes == (
        "addresses are looked up in streets.gpkg: 0 of 1 street names have house numbers",
    )
