"""Tables from every kind of file, and files that are no tables."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from coresponse.data import unpack
from coresponse.data.errors import InputError, MissingInputError, UnsupportedInputError
from coresponse.data.tables.cells import as_text
from coresponse.data.tables.dictionary import match_columns
from coresponse.data.tables.read import read_table
from coresponse.data.tables.specs import CALLS, DEPLOYMENT, POSTS

HEADER = ["event_id", "nature", "latitude", "longitude"]
ROWS = [
    ["1", "Café, José", "40.1", "-75.0"],
    ["2", "54E1; x", "40.2", "-75.1"],
    ["3", "", "40.3", "-75.2"],
]


def _text(rows: list[list[str]], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows([HEADER, *rows])
    return out.getvalue()


def _file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def _cells(path: Path) -> list[list[str]]:
    frame = read_table(path, CALLS).frame
    assert list(frame.columns) == HEADER
    return [list(row) for row in frame.itertuples(index=False)]


def test_a_title_row_above_the_header_is_skipped(shared_data: Path) -> None:
    stations = read_table(shared_data / "manhattan" / "ems_stations.csv", POSTS)
    assert list(stations.frame.columns)[:4] == ["index", "x", "y", "capacity"]
    assert stations.frame["index"].tolist() == list("12345678")
    assert stations.rows.tolist() == list(range(3, 11))  # as a spreadsheet numbers them
    assert stations.bad_rows.empty  # two rows end in a comma too many, with nothing behind it
    hospitals = read_table(shared_data / "manhattan" / "hospitals.csv", POSTS)
    assert len(hospitals.frame) == 10
    assert match_columns(POSTS, list(hospitals.frame.columns), where="h")["name"] == "Name"


def test_several_title_rows_with_line_breaks_and_unknown_names(tmp_path: Path) -> None:
    text = '"Report\nof calls",,,\n\nfor,2021,,\nEvent ID,Nature,Lat,Lon\n1,a,40,-75\n'
    table = read_table(_file(tmp_path, "a.csv", text), CALLS)
    assert list(table.frame.columns) == ["Event ID", "Nature", "Lat", "Lon"]
    assert table.rows.tolist() == [5]  # the title is one row of two lines, the blank line another
    text = "Bericht,,,\nNummer,Was,Nord,Ost,Zeit\n1,a,40,-75,x\n"
    table = read_table(_file(tmp_path, "b.csv", text), DEPLOYMENT)
    assert list(table.frame.columns) == ["Nummer", "Was", "Nord", "Ost", "Zeit"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = _file(tmp_path, "calls.csv", _text(ROWS).encode(encoding))
    assert _cells(path) == ROWS
    notes = " ".join(read_table(path, CALLS).notes)
    told = {"utf-16": "UTF-16", "cp1252": "Windows-1252"}.get(encoding, "")
    assert told in notes
    assert bool(notes) == bool(told)


def test_utf16_without_its_mark_and_cut_short_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"save it as CSV \(UTF-8\)"):
        read_table(_file(tmp_path, "a.csv", _text(ROWS).encode("utf-16-le")), CALLS)
    with pytest.raises(InputError, match="not whole UTF-16"):
        read_table(_file(tmp_path, "b.csv", _text(ROWS).encode("utf-16")[:-1]), CALLS)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(tmp_path: Path, delimiter: str) -> None:
    wordy = [
        ["1", "one, two, three, four, five, six", "40.1", "-75"],
        ["2", "a|b|c|d|e|f", "40", "-75"],
    ]
    assert _cells(_file(tmp_path, "calls.txt", _text(wordy, delimiter))) == wordy


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings(tmp_path: Path, ending: str) -> None:
    path = _file(tmp_path, "calls.csv", _text(ROWS).replace("\n", ending))
    assert _cells(path) == ROWS
    assert read_table(path, CALLS).rows.tolist() == [2, 3, 4]


def _zip(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("export/calls.csv", content)
        archive.writestr("export/readme.txt", "what the columns mean")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "pack"), [("c.csv.gz", gzip.compress), ("c.csv.bz2", bz2.compress), ("c.zip", _zip)]
)
def test_packed(tmp_path: Path, name: str, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(_text(ROWS).encode())
    assert _cells(_file(tmp_path, name, packed)) == ROWS
    with pytest.raises(InputError, match="damaged"):
        read_table(_file(tmp_path, "cut-" + name, packed[: len(packed) // 2]), CALLS)


def test_a_gzip_bomb_is_refused_before_it_fills_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpack, "SMALL", 1 << 17)
    bomb = _file(tmp_path, "calls.csv.gz", gzip.compress(b"\n" * 10_000_000))
    with pytest.raises(InputError, match="unpacks to more than"):
        read_table(bomb, CALLS)


def test_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    hidden = book.active
    assert hidden is not None
    hidden.title, hidden.sheet_state = "lists", "hidden"
    hidden.append(["a", "b"])
    sheet = book.create_sheet("Calls")
    sheet.append(["Calls of July"])
    sheet.append(["Event ID", "Received", "Nature", "Lat", "Lon"])
    sheet.append([78128403, pd.Timestamp("2021-07-04 00:00:45").to_pydatetime(), "NA", 40.5, -75])
    sheet.append([])
    sheet.append([78128404, None, None, 40.25, -75.5])
    book.create_sheet("Notes").append(["x", "y"])
    book.save(tmp_path / "calls.xlsx")
    table = read_table(tmp_path / "calls.xlsx", CALLS)
    assert table.frame["Event ID"].tolist() == ["78128403", "78128404"]
    assert table.frame["Received"].tolist() == ["2021-07-04 00:00:45", ""]
    assert table.frame["Nature"].tolist() == ["NA", ""]  # a code, not an absence
    assert table.frame["Lon"].tolist() == ["-75", "-75.5"]
    assert table.rows.tolist() == [3, 5]
    assert table.notes == ("calls.xlsx: read sheet 'Calls', not 'Notes'",)


def test_parquet_keeps_types_and_the_index(tmp_path: Path) -> None:
    times = pd.to_datetime(["2021-07-04 04:00:45", None]).tz_localize("UTC")
    frame = pd.DataFrame(
        {"received": times, "nature": ["a", None]}, index=pd.Index(["e1", "e2"], name="event_id")
    )
    frame.to_parquet(tmp_path / "calls.parquet")
    table = read_table(tmp_path / "calls.parquet", CALLS)
    assert table.frame["event_id"].tolist() == ["e1", "e2"]
    assert table.frame["received"].tolist()[0] == times[0]
    assert table.rows.tolist() == [1, 2]


def _shapes(crs: str | None) -> gpd.GeoDataFrame:
    square = shapely.box(-75.5, 40.0, -75.4, 40.1)
    return gpd.GeoDataFrame(
        {"name": ["a", "b"]}, geometry=[shapely.Point(-75.25, 40.5), square], crs=crs
    )


@pytest.mark.parametrize("name", ["posts.geojson", "posts.gpkg", "posts.parquet"])
def test_map_layers(tmp_path: Path, name: str) -> None:
    shapes = _shapes("EPSG:4326")
    shapes.to_parquet(tmp_path / name) if name.endswith("parquet") else shapes.to_file(
        tmp_path / name
    )
    table = read_table(tmp_path / name, POSTS)
    assert table.crs is not None
    assert table.crs.to_epsg() == 4326
    assert table.places is not None
    assert table.places[0].tolist() == [-75.25, 40.5]
    assert shapely.box(-75.5, 40.0, -75.4, 40.1).contains(shapely.Point(table.places[1]))
    assert table.frame["name"].tolist() == ["a", "b"]


def test_a_row_without_shape_has_no_place(tmp_path: Path) -> None:
    shapes = gpd.GeoDataFrame({"name": ["a", "b"]}, geometry=[shapely.Point(1, 2), None], crs=4326)
    shapes.to_file(tmp_path / "posts.gpkg")
    places = read_table(tmp_path / "posts.gpkg", POSTS).places
    assert places is not None
    np.testing.assert_array_equal(places, [[1, 2], [np.nan, np.nan]])


def test_a_column_of_check_marks_is_no_header(tmp_path: Path) -> None:
    rows = [
        "call_id,nature,x,y," + ",".join(f"flag {i}" for i in range(9)),
        *(f"{i},a,1,2" + ",X" * 9 for i in range(3)),
    ]
    assert list(
        read_table(_file(tmp_path, "calls.csv", "\n".join(rows)), CALLS).frame.columns[:4]
    ) == [
        "call_id",
        "nature",
        "x",
        "y",
    ]


def test_a_row_without_end_is_refused_for_what_it_is(tmp_path: Path) -> None:
    path = _file(tmp_path, "calls.csv", _text(ROWS) + "4," + "z" * (1 << 25) + ",1,2\n")
    with pytest.raises(InputError, match="a row has more than 16,777,216 bytes"):
        read_table(path, CALLS)


def test_a_column_of_bytes_is_text_or_stays_apart(tmp_path: Path) -> None:
    cells = pd.Series([b"WELFARE", b"caf\xc3\xa9", b"\xff", b"\xfe", None])
    assert as_text(cells).tolist() == ["WELFARE", "caf\u00e9", "\\xff", "\\xfe", ""]


def test_a_package_with_changes_beside_it_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "posts.gpkg"
    _shapes("EPSG:4326").to_file(path)
    # as left by a program that has it open and changed nothing
    (tmp_path / "posts.gpkg-wal").touch()
    before = path.read_bytes()
    read_table(path, POSTS)
    (tmp_path / "posts.gpkg-wal").write_bytes(b"\x37\x7f\x06\x82" + bytes(60))
    with pytest.raises(
        InputError, match=r"changes to it are still in posts.gpkg-wal beside it -- close it"
    ):
        read_table(path, POSTS)
    assert path.read_bytes() == before


def test_a_package_that_works_out_its_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "posts.gpkg"
    _shapes("EPSG:4326").to_file(path, layer="posts")
    with closing(sqlite3.connect(path)) as database:
        database.execute(
            "ALTER TABLE posts ADD COLUMN g TEXT GENERATED ALWAYS AS (hex(zeroblob(500000000))) "
            "VIRTUAL"
        )
        database.commit()
    with pytest.raises(InputError, match="column 'g' is worked out as it is read"):
        read_table(path, POSTS)


def test_the_first_of_several_layers_is_read_and_the_others_named(tmp_path: Path) -> None:
    _shapes("EPSG:4326").to_file(tmp_path / "posts.gpkg", layer="stations")
    _shapes("EPSG:4326").to_file(tmp_path / "posts.gpkg", layer="old")
    assert read_table(tmp_path / "posts.gpkg", POSTS).notes == (
        "posts.gpkg: read layer 'stations', not 'old'",
    )


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
@pytest.mark.parametrize("name", ["posts.gpkg", "posts.parquet"])
def test_a_layer_without_crs_is_refused(tmp_path: Path, name: str) -> None:
    shapes = _shapes(None)
    shapes.to_parquet(tmp_path / name) if name.endswith("parquet") else shapes.to_file(
        tmp_path / name
    )
    with pytest.raises(InputError, match=r"no CRS -- save it with one"):
        read_table(tmp_path / name, POSTS)


@pytest.mark.parametrize("name", ["posts.gpkg", "posts.geojson", "posts.shp"])
def test_a_file_that_points_to_another_is_not_followed(tmp_path: Path, name: str) -> None:
    _shapes("EPSG:4326").to_file(tmp_path / "secret.gpkg", layer="secret")
    source = f"<SrcDataSource>{tmp_path / 'secret.gpkg'}</SrcDataSource>"
    virtual = (
        f"<OGRVRTDataSource><OGRVRTLayer name='secret'>{source}</OGRVRTLayer></OGRVRTDataSource>"
    )
    assert len(gpd.read_file(_file(tmp_path, "known.vrt", virtual))) == 2  # GDAL itself would
    with pytest.raises(InputError, match="whatever its name says"):
        read_table(_file(tmp_path, name, virtual), POSTS)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "the file is empty"),
        ("a.csv", b" \n\n", "the file is empty"),
        ("a.csv.gz", gzip.compress(b"", mtime=0), "the file is empty"),
        ("a.csv", b"\n<!DOCTYPE html><html>log in", "this is a web page"),
        ("a.csv", b"event_id,nature,latitude,longitude\n", "has a header and no rows"),
        ("a.csv", b"event_id,nature,latitude,longitude", "has a header and no rows"),
        ("a.csv", b"event_id,nature,latitude,longitude\n\n,,,\n", "has a header and no rows"),
        ("a.csv", b"one\ntwo\n", "only one column -- is it"),
        ("a.xlsx", b"PK\x03\x04 not a workbook", "not a readable Excel workbook"),
        ("a.parquet", b"PAR1 cut", "not a readable Parquet file"),
        ("a.gpkg", b"SQLite format 3\0 cut", "not a readable map layer"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [', "not a readable map layer"),
        ("a.zip", _zip(b"")[:-30], "damaged"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_table(_file(tmp_path, name, content), CALLS)


def test_missing_and_unsupported_files(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="is not there"):
        read_table(tmp_path / "calls.csv", CALLS)
    with pytest.raises(UnsupportedInputError, match=r"supported are: \.csv"):
        read_table(_file(tmp_path, "calls.ods", "x"), CALLS)
    assert read_table(_file(tmp_path, "a.csv", _text([])), CALLS, may_be_empty=True).frame.empty


def test_rows_that_do_not_split_are_counted_with_their_numbers(tmp_path: Path) -> None:
    text = _text([]) + "1,a,40,-75\n2,b,40,-75,extra\n\n3,c,40,-75,,\n4,d\n   \n5\n6,e,40,-75\n"
    table = read_table(_file(tmp_path, "calls.csv", text), CALLS)
    assert table.bad_rows.to_dict("list") == {
        "source_row": [3, 8],
        "detail": ["5 columns in place of 4", "1 columns in place of 4"],
    }
    assert table.frame["event_id"].tolist() == [
        "1",
        "3",
        "4",
        "6",
    ]  # blank cells too many or too few do no harm
    assert table.frame["latitude"].tolist() == ["40", "40", "", "40"]
    assert table.rows.tolist() == [2, 5, 6, 9]


def test_a_cell_with_line_breaks_is_one_row(tmp_path: Path) -> None:
    rows = [["1", "one\ntwo\n\nthree, and", "40", "-75"], ["2", "x", "40", "-75"]]
    path = _file(tmp_path, "calls.csv", _text(rows))
    assert _cells(path) == rows
    assert read_table(path, CALLS).rows.tolist() == [2, 3]


@pytest.mark.parametrize(
    "lines",
    [
        [
            '1,"a,40,-75',
            "2,b,40,-75",
            "3,c,40,-75",
        ],  # to the end of the file, rows of the wrong width
        ["1,a,40,-75", "2,b,40,-75", '3,c,40,"-75', "", ""],  # to the end, a row of the right width
        ['1,"a,40,-75', "2,b,40,-75", "3,c,40,-75", '4,d",40,-75'],  # a pair of stray quotes
        ['1,"a', *["words"] * 300, '",40,-75'],
    ],
)
def test_a_quote_that_is_not_closed_is_refused(tmp_path: Path, lines: list[str]) -> None:
    path = _file(tmp_path, "calls.csv", _text([]) + "\n".join(lines) + "\n")
    with pytest.raises(InputError, match="opened and not closed"):
        read_table(path, CALLS)


def test_a_quote_inside_a_cell_is_a_quote(tmp_path: Path) -> None:
    path = _file(tmp_path, "calls.csv", _text([]) + '1,5" pipe,40,-75\n')
    assert _cells(path) == [["1", '5" pipe', "40", "-75"]]


def test_repeated_and_absent_column_names(tmp_path: Path) -> None:
    text = "nature,date,,date,date (4),date\na,b,c,d,e,f\n"
    table = read_table(_file(tmp_path, "calls.csv", text), CALLS)
    assert list(table.frame.columns) == [
        "nature",
        "date",
        "column 3",
        "date (4)",
        "date (4) (5)",
        "date (6)",
    ]
    assert table.frame.iloc[0].tolist() == list("abcdef")


cell_text = st.text("aé1=-,;|\t\"' ", max_size=5)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.lists(cell_text, min_size=4, max_size=4), min_size=1, max_size=8),
    delimiter=st.sampled_from(",;\t|"),
)
def test_what_the_csv_module_writes_is_read_back(rows: list[list[str]], delimiter: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = _file(Path(folder), "calls.csv", _text(rows, delimiter))
        table = read_table(path, CALLS, may_be_empty=True)
    filled = [i for i, row in enumerate(rows) if any(row)]
    assert [list(row) for row in table.frame.itertuples(index=False)] == [rows[i] for i in filled]
    assert table.rows.tolist() == [i + 2 for i in filled]
    assert table.bad_rows.empty
