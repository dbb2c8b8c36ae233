"""Coordinates as people write them: with letters, signs of degrees, semicolons and decimal commas."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coresponse.data.calls.coordinates import located_by
from coresponse.data.calls.location import parse_locations
from coresponse.data.calls.places import read_places
from coresponse.data.errors import InputError
from coresponse.data.tables.degrees import degrees_of_column, looks_like_degrees
from coresponse.data.tables.table import Table, no_bad_rows

BOULDER = (-105.02, 39.99)


def table(**columns: list[str]) -> Table:
    frame = pd.DataFrame(columns, dtype=str)
    return Table(frame, np.arange(2, len(frame) + 2), no_bad_rows())


@pytest.mark.parametrize(
    "text",
    [
        "39.99 N, 105.02 W",
        "39.99N,105.02W",
        "N 39.99 W 105.02",
        "N39.99, W105.02",
        "n39.99, w105.02",
        "105.02 W, 39.99 N",
        "(39.99° N, 105.02° W)",
        "39°59'24\" N, 105°1'12\" W",
        "39°59'24\"N 105°01'12\"W",
        "39° 59\u2032 24\u2033 N 105° 01\u2032 12\u2033 W",
        "39\u00ba59\u201924\u201d N; 105\u00ba01\u201912\u201d W",
        "39°59.4'N 105°1.2'W",
        "39 59 24 N 105 01 12 W",
        "39.99°, -105.02°",
        "39.99; -105.02",
        "39,99; -105,02",
        "39,99, -105,02",
        "39,99,-105,02",
        "39,99 N, 105,02 W",
        "39.99 -105.02",
        "39.99, \u2212105.02",
        "39.99 N, -105.02 W",
        "39.99, -105.02",
        "POINT (-105.02 39.99)",
    ],
)
def test_one_place_is_written_in_many_ways(text: str) -> None:
    x, y = parse_locations(pd.Series([text]))
    assert (x[0], y[0]) == pytest.approx(BOULDER)
    # and such a column is one of places, whatever it is called
    for name in ("location", "address"):
        rows = table(place=[text, text])
        assert located_by(rows, {name: "place"}) == {"location": "place"}


@pytest.mark.parametrize(
    "text",
    [
        "12 N MAIN ST",
        "12 N",
        "1200-1300 W",
        "100 E / 200 S",
        "1200 S 300 W",
        "39.99 N, 105.02 N",
        "39°61' N, 105°1' W",
        "39.5°59' N, 105°1' W",
        "39 105",
        "1.5 E; 3.2",
        "5TH; 6TH",
    ],
)
def test_what_is_no_place_is_not_made_one(text: str) -> None:
    x, y = parse_locations(pd.Series([text]))
    assert np.isnan(x[0])
    assert np.isnan(y[0])


def test_streets_stay_addresses() -> None:
    rows = table(place=["12 N MAIN ST", "100 E / 200 S", "1200 S 300 W", "5TH & O ST"])
    assert not looks_like_degrees(rows.frame["place"]).any()
    assert located_by(rows, {"location": "place"}) == {"address": "place"}


def test_a_letter_that_is_west_here_and_east_there_is_refused() -> None:
    rows = table(place=["39.99 N, 105.02 W", "39.99 N, 105.02 O"])
    columns = located_by(rows, {"location": "place"})
    with pytest.raises(InputError, match=r"calls.csv, column 'place', row 3: .*105.02 O.*write W"):
        read_places(rows, columns, crs=None, target_crs="EPSG:32613", where="calls.csv")


def test_a_column_that_nobody_understands_is_refused_with_row_and_cure() -> None:
    rows = table(place=["39.99 N, 105.02 N", "39.98 N, 105.01 N"])
    columns = located_by(rows, {"location": "place"})
    assert columns == {"location": "place"}
    with pytest.raises(
        InputError, match=r"calls.csv, column 'place', row 2: .* such as 39.99, -105.02"
    ):
        read_places(rows, columns, crs=None, target_crs="EPSG:32613", where="calls.csv")


def test_columns_of_degrees_may_have_letters_too(tmp_path: Path) -> None:
    rows = table(lat=["39.99 N", "39°59'24\"N"], lon=["105.02 W", "105°1'12\" W"])
    named = {"latitude": "lat", "longitude": "lon"}
    found = read_places(rows, named, crs=None, target_crs="EPSG:4326", where="calls.csv")
    assert found.x == pytest.approx(np.full(2, BOULDER[0]))
    assert found.y == pytest.approx(np.full(2, BOULDER[1]))
    assert not found.reason.any()
    with pytest.raises(InputError, match=r"calls.csv, column 'lat', row 2: .*exchange"):
        read_places(
            rows,
            {"latitude": "lon", "longitude": "lat"},
            crs=None,
            target_crs="EPSG:4326",
            where="calls.csv",
        )
    # plain numbers and gaps are read as ever
    mixed = degrees_of_column(pd.Series(["105.02 W", "", "x"]), "x", where="calls.csv")
    assert np.array_equal(mixed, [BOULDER[0], np.nan, np.nan], equal_nan=True)
