"""Addresses: every way of writing one is found at the same place, and what is not sure is not guessed."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from coresponse.data.addresses.book import AddressBook, NumberRange
from coresponse.data.addresses.match import match_addresses
from coresponse.data.addresses.read import read_addresses
from coresponse.data.addresses.text import Address, parse_address
from coresponse.data.calls.read import read_calls
from coresponse.data.errors import InputError
from coresponse.data.posts_read import read_posts
from coresponse.data.programs.load import load_program
from coresponse.data.roads.made import street_grid

NETWORK = street_grid(6, 6, seed=2)
X, Y = float(NETWORK.node_x.min()), float(NETWORK.node_y.min())


def town() -> AddressBook:
    """Main St runs east; houses 100 to 198 at its start are known, and its two ends cross avenues."""
    book = AddressBook()
    main = shapely.LineString([(X, Y), (X + 400, Y)])
    book.add_line("Main Street", main)
    book.add_line("North 2nd Avenue", shapely.LineString([(X + 200, Y - 99), (X + 200, Y + 99)]))
    book.add_line("Oak Street", shapely.LineString([(X, Y + 90), (X + 400, Y + 90)]))
    book.add_line("Oak Lane", shapely.LineString([(X, Y + 70), (X + 400, Y + 70)]))
    book.add_number("Main St", 100, X + 10, Y + 12)
    book.add_number("MAIN ST.", 140, X + 90, Y + 12)
    book.add_range("Oak Street", NumberRange(101, 199, shapely.LineString([(X, Y + 90), (X + 98, Y + 90)])))  # fmt: skip
    return book


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("12 Main Street", Address("MAIN ST", 12, 12)),
        ("12-B main st., Apt 4, Springfield", Address("MAIN ST", 12, 12)),
        ("12 E St", Address("E ST", 12, 12)),
        ("12A N. First Ave Apt 4", Address("N 1ST AVE", 12, 12)),
        ("12, Main St", Address("MAIN ST", 12, 12)),
        ("1XX MAIN ST", Address("MAIN ST", 100, 199)),
        ("12X MAIN ST", Address("MAIN ST", 120, 129)),
        ("1** BLOCK OF MAIN ST", Address("MAIN ST", 100, 199)),
        ("100 BLOCK OF MAIN ST", Address("MAIN ST", 100, 199)),
        ("100-BLK Main St", Address("MAIN ST", 100, 199)),
        ("2ND AVE / MAIN ST", Address("2ND AVE", cross="MAIN ST")),
        ("Main St & North Second Ave", Address("MAIN ST", cross="N 2ND AVE")),
        ("Main St at Oak St", Address("MAIN ST", cross="OAK ST")),
        ("MAIN ST", None),
        ("12 1/2 Main St", Address("MAIN ST", 12, 12)),
        ("0 Main St", None),
        ("", None),
        ("1" * 500, None),
    ],
)
def test_ways_of_writing(written: str, meant: Address | None) -> None:
    assert parse_address(written) == meant


@pytest.mark.parametrize(
    ("written", "east", "north"),
    [
        ("100 Main St", 10, 12),  # the house itself
        ("120 MAIN STREET", 50, 0),  # half way between the known, on the street
        ("120 Main", 50, 0),  # one street has that name
        ("150 Oak St", None, None),  # the other side of the street has even numbers
        ("151 Oak St", 50, 90),
        ("1XX Oak St", 49, 90),
        ("Main St & N 2nd Ave", 200, 0),
        ("NORTH SECOND AVENUE / MAIN", 200, 0),
        ("Main & 2nd Ave", 200, 0),  # the direction left out, too
        ("Main St & 2nd St", None, None),
        ("Oak & 2nd", 200, 80),  # the lane and the street have one corner each, 20 m apart
        ("2nd Ave & N 2nd Ave", None, None),
        ("151 Oak", None, None),  # a street or a lane
        ("120 Main Ave", None, None),
        ("200 Main St", None, None),  # beyond what is known
        ("Main St & Oak St", None, None),  # they do not meet
    ],
)
def test_places(written: str, east: float | None, north: float | None) -> None:
    address = parse_address(written)
    assert address is not None
    found = town().find(address)
    if east is None or north is None:
        assert found is None
    else:
        assert found == pytest.approx((X + east, Y + north), abs=1e-6)


def test_two_towns_with_the_same_address_are_not_guessed_between() -> None:
    book = town()
    book.add_number("Main St", 100, X + 5_000, Y)
    assert book.find(Address("MAIN ST", 100, 100)) is None
    assert book.find(Address("MAIN ST", 120, 120)) is None
    assert book.find(Address("MAIN ST", 140, 140)) is not None


@given(
    number=st.integers(101, 139),
    kind=st.sampled_from(["St", "STREET", "st.", "Str"]),
    tail=st.sampled_from(["", ", Springfield PA", " Apt 3", " #5"]),
)
def test_every_form_is_at_the_place_worked_out_by_hand(number: int, kind: str, tail: str) -> None:
    address = parse_address(f"{number} main {kind}{tail}")
    assert address is not None
    assert town().find(address) == pytest.approx((X + 10 + (number - 100) * 2, Y), abs=1e-6)


def test_a_history_by_address_gives_the_calls_of_the_one_by_coordinates(tmp_path: Path) -> None:
    book, rows = town(), [100, 110, 120, 130, 140]
    frame = pd.DataFrame({"event_id": range(5), "nature": "WELFARE CHECK"})
    frame["received"] = [f"2024-01-0{i + 1} 10:00:00" for i in range(5)]
    written = frame.assign(address=[f"{n} Main Street" for n in rows])
    written.loc[5] = [9, "WELFARE CHECK", "2024-01-06 10:00:00", "77 Nowhere Rd"]
    written.to_csv(tmp_path / "a.csv", index=False)
    places = [book.find(Address("MAIN ST", n, n)) for n in rows]
    frame.assign(x=[p[0] for p in places if p], y=[p[1] for p in places if p]).to_csv(
        tmp_path / "b.csv", index=False
    )
    program = load_program("mixed")
    one = read_calls([tmp_path / "a.csv"], network=NETWORK, program=program, addresses=lambda: book)
    two = read_calls([tmp_path / "b.csv"], network=NETWORK, program=program, crs=NETWORK.crs)
    pd.testing.assert_frame_equal(one.frame, two.frame)
    why = ["address is not found", "77 Nowhere Rd (no street NOWHERE RD is known)"]
    assert one.set_aside[["reason", "detail"]].to_numpy().tolist() == [why]
    assert any("5 of 6 addresses were found" in note for note in one.notes)


def test_what_can_be_done_is_said_if_nothing_is_found(tmp_path: Path) -> None:
    path = tmp_path / "stations.csv"
    path.write_text("address\n5 Elm St\n", encoding="utf-8")
    for given_book in (None, town):
        with pytest.raises(InputError, match=r"stations.csv.*--addresses FILE.*--propose 40"):
            read_posts(path, network=NETWORK, addresses=given_book)
    path.write_text("address,kind\n100 Main St,fire\n", encoding="utf-8")
    post = read_posts(path, network=NETWORK, addresses=town).frame.iloc[0]
    assert (post["name"], post["kind"]) == ("100 Main St", "fire")


def test_layers_of_streets_and_of_houses(tmp_path: Path) -> None:
    line = shapely.LineString([(X, Y), (X + 100, Y)])
    ranges = {"L_F_ADD": [100], "L_T_ADD": [198], "R_F_ADD": [101], "R_T_ADD": [199]}
    lines = gpd.GeoDataFrame({"FULLNAME": ["Elm Street"], **ranges}, geometry=[line], crs=NETWORK.crs)  # fmt: skip
    lines.to_file(tmp_path / "streets.gpkg")
    houses = gpd.GeoDataFrame(
        {"HOUSENUM": ["149", None], "STREET": ["Elm St", None], "ADDRESS": [None, "150 ELM ST"]},
        geometry=[shapely.Point(X + 50, Y), shapely.Point(X + 51, Y)],
        crs=NETWORK.crs,
    )
    houses.to_crs(4326).to_file(tmp_path / "houses.geojson")
    text = pd.Series(["149 Elm St", "150 Elm St"])
    for name in ("streets.gpkg", "houses.geojson"):
        book = read_addresses(tmp_path / name, NETWORK.crs)
        x, y, _ = match_addresses(text, lambda book=book: book, "t.csv")  # type: ignore[misc]
        assert np.hypot(x - X - [49, 51], y - Y).max() < 2
    lines[["geometry"]].to_file(tmp_path / "bare.gpkg")
    with pytest.raises(InputError, match="no column with names of streets"):
        read_addresses(tmp_path / "bare.gpkg", NETWORK.crs)
    (tmp_path / "x.txt").write_text("a", encoding="utf-8")
    with pytest.raises(InputError, match="addresses are read from"):
        read_addresses(tmp_path / "x.txt", NETWORK.crs)


def test_harmful_and_damaged_extracts_are_refused_in_words(tmp_path: Path) -> None:
    entities = '<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY a "aa">]><osm version="0.6"/>'
    (tmp_path / "bomb.osm").write_text(entities, encoding="utf-8")
    (tmp_path / "cut.osm").write_text("<osm version='0.6'><node id='1'", encoding="utf-8")
    (tmp_path / "cut.osm.pbf").write_bytes(b"\x00\x00\x00\x0d\x0a\x09OSMHeader")
    for name, said in (
        ("bomb.osm", "entities"),
        ("cut.osm", "not a readable"),
        ("cut.osm.pbf", ""),
    ):
        with pytest.raises(InputError, match=f"{name}.*{said}"):
            read_addresses(tmp_path / name, NETWORK.crs)
