"""What the readers of further forms refuse, in words of our own and without a word of people's data."""

from __future__ import annotations

import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xlwt

from coresponse.data.addresses.match import Addresses
from coresponse.data.calls.read import read_calls
from coresponse.data.errors import CoresponseError, InputError, OptionalPackageError
from coresponse.data.posts_read import read_posts
from coresponse.data.programs.load import load_program
from coresponse.data.roads.read import read_roads
from coresponse.data.tables import xls
from coresponse.data.tables.read import read_table
from coresponse.data.tables.specs import CALLS, POSTS
from tests.data.test_addresses import NETWORK, town

KML = (
    '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{}</Document></kml>'
)
MARK = "<Placemark><name>A</name><Point><coordinates>{}</coordinates></Point></Placemark>"
HEAD = "call_id,received_at,nature,longitude,latitude\n"

BAD_KML = {
    '<!DOCTYPE kml [<!ENTITY a "aa">]><kml>&a;</kml>': "declares XML entities",
    '<!DOCTYPE kml SYSTEM "http://127.0.0.1:1/x"><kml/>': "declares XML entities",
    "<OGRVRTDataSource><OGRVRTLayer "
    "name='x'><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>"
    "</OGRVRTDataSource>": "not a .kml file",
    "<html><body>Log in</body></html>": "not a .kml file",
    KML.format("<NetworkLink><Link><href>http://127.0.0.1:1/x.kml</href></Link></NetworkLink>"): "links to data elsewhere",
    KML.format(""): "has no placemark",
    KML.format(MARK.format("north,east")): "'north,east' are not longitude,latitude",
    KML.format(MARK.format("nan,1")): "are nowhere",
    KML.format("<Folder>" * 300 + "</Folder>" * 300): "nested too deeply",
    KML.format(MARK.format("1,2"))[:-12]: "not a readable KML file, from line 1 on -- export it again",
    "<kml " + "a" * (2 << 20): "has a tag of more than",
    "": "the file is empty",
    "\x00\x01": "not a readable KML file",
}  # fmt: skip


@pytest.mark.parametrize("content", BAD_KML, ids=list(BAD_KML.values()))
def test_kml_that_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "posts.kml").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=BAD_KML[content]) as refused:
        read_table(tmp_path / "posts.kml", POSTS)
    assert "posts.kml" in str(refused.value)


def test_archives_of_kml_that_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "posts.kmz"

    def pack(*members: tuple[str, bytes]) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members:
                archive.writestr(name, content)

    pack(("doc.kml", b"<kml>" + b" " * (40 << 20)))
    with pytest.raises(InputError, match="unpacks to more than"):
        read_table(path, POSTS)
    pack(("files/icon.png", b"x"))
    with pytest.raises(InputError, match=r"has no \.kml file in it"):
        read_table(path, POSTS)
    pack(("doc.kml", b"<kml/>"), ("files/North.kml", b"<kml/>"))
    with pytest.raises(
        InputError, match=r"holds 2 \.kml files: doc\.kml, files/North\.kml -- unpack"
    ):
        read_table(path, POSTS)
    path.write_bytes(b"PK\x03\x04 no archive")
    with pytest.raises(InputError, match="not a readable archive"):
        read_table(path, POSTS)
    outside = KML.format(MARK.format("-73.9,40.7")).encode()
    for name in ("../../escape.kml", "/etc/escape.kml", "/vsicurl/http:/127.0.0.1/a.kml"):
        pack((name, outside), ("files/icon.png", b"x"))
        before = set(tmp_path.rglob("*"))
        assert read_table(path, POSTS).frame["name"].tolist() == ["A"]
        assert set(tmp_path.rglob("*")) == before


def test_a_workbook_of_far_corners_ends_its_own_process_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some kilobytes of which the library would make tens of gigabytes."""
    book = xlwt.Workbook()
    for number in range(40):
        sheet = book.add_sheet(f"S{number}")
        sheet.write(0, 0, "call_id")
        sheet.write(65_535, 255, "x")
    book.save(str(tmp_path / "calls.xls"))
    assert (tmp_path / "calls.xls").stat().st_size < 1 << 20
    monkeypatch.setattr(xls, "MEMORY", 700 << 20)
    with pytest.raises(InputError, match="not a readable Excel workbook -- save it as"):
        read_table(tmp_path / "calls.xls", CALLS)


def test_old_workbooks_that_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "calls.xls"
    path.write_bytes(xls.COMPOUND + b"\x00" * 5000)
    with pytest.raises(InputError, match=r"calls\.xls: not a readable Excel workbook -- save it"):
        read_table(path, CALLS)
    path.write_text("<html><table><tr><td>1</td></tr></table></html>", encoding="utf-8")
    with pytest.raises(InputError, match="this is a web page"):
        read_table(path, CALLS)
    path.write_bytes(xls.COMPOUND + b"\x00" * 5000)
    monkeypatch.setattr(xls, "find_spec", lambda _: None)
    with pytest.raises(OptionalPackageError, match=r"pip install 'coresponse\[xls\]' -- or save it as .xlsx"):  # fmt: skip
        read_table(path, CALLS)


ROW = "{i},2024-03-0{i} 10:00:00,JOHN SMITH 555-0100,12 MAIN ST,-73.99,40.7\n"


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".xls"])
@pytest.mark.parametrize("word", ["", "SIGNAL"])
def test_a_table_without_header_is_known_and_nobody_in_it_named(
    ending: str, word: str, tmp_path: Path
) -> None:
    text = "".join(ROW.format(i=i) for i in range(1, 6)).replace("12 MAIN ST", word or "12 MAIN ST")
    path = tmp_path / f"calls{ending}"
    rows = [line.split(",") for line in text.splitlines()]
    if ending == ".xls":
        book = xlwt.Workbook()
        sheet = book.add_sheet("A")
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                sheet.write(i, j, cell)
        book.save(str(path))
    elif ending == ".xlsx":
        pd.DataFrame(rows).to_excel(path, index=False, header=False)
    else:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_calls([path], network=NETWORK, program=load_program("mixed"))
    said = str(refused.value)
    assert "the file has no header row" in said
    assert "column 1 to column 6" in said
    for private in ("SMITH", "555", "MAIN", "2024", "73.99"):
        assert private not in said
    table = read_table(path, CALLS)
    assert len(table.frame) == 5
    assert table.rows.tolist() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "text",
    [
        "Fall,Wann,Was,Länge,Breite\n1,2024-01-01,MH,8.5,47.3\n2,2024-01-02,MH,8.5,47.3\n",
        "call_id,2010,2011\n1,2,3\n4,5,6\n",
        "Report of 2024\n\nincident,when,what\n1,2024-01-01,MH\n2,2024-01-01,MH\n",
        "a,b\n",
    ],
)
def test_a_header_of_unknown_words_stays_a_header(text: str, tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text(text, encoding="utf-8")
    table = read_table(tmp_path / "calls.csv", CALLS, may_be_empty=True)
    assert "column 1" not in table.frame.columns
    assert table.notes == ()


def test_an_archive_of_several_tables_is_read_only_if_one_fits(tmp_path: Path) -> None:
    path, month = tmp_path / "calls.zip", HEAD + "1,2024-01-01 10:00,MH,-73.99,40.7\n"
    for members, said in (
        ({"jan.csv": month, "feb.csv": month}, r"feb.csv, jan.csv have the columns of calls"),
        ({"a.csv": "x,y\n1,2\n", "b.csv": "p,q\n1,2\n"}, "none of them has the columns of calls"),
        ({f"{i}.csv": month for i in range(30)}, "expected one table in the archive"),
    ):
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        with pytest.raises(InputError, match=said):
            read_table(path, CALLS)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", month.replace("nature", "Was"))
        archive.writestr("b.csv", "x,y\n1,2\n")
    assert len(read_table(path, CALLS, columns={"nature": "Was"}).frame) == 1


JUNK = {
    ".csv": b'"open\n1,2\n',
    ".xlsx": b"PK\x03\x04 nothing",
    ".parquet": b"PAR1 nothing PAR1",
    ".geojson": b"{]",
    ".json": b"[{]",
    ".gpkg": b"SQLite format 3\x00 nothing",
    ".shp": b"\x00\x00\x27\x0a nothing",
    ".zip": b"PK\x03\x04 nothing",
    ".gz": b"\x1f\x8b nothing",
    ".kml": b"<kml><a></kml>",
    ".osm": b"<osm><way></osm>",
    ".pbf": b"\x00\x00\x00\x0d\x0a\x09OSMHeader",
    ".graphml": b"<graphml><node></graphml>",
}


@pytest.mark.parametrize("kind", JUNK)
def test_a_damaged_file_is_told_in_our_words_with_a_cure(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"city{kind}"
    path.write_bytes(JUNK[kind])
    told = []
    for read in (
        lambda: read_table(path, POSTS),
        lambda: read_roads(path, cache_folder=tmp_path / "cache"),
    ):
        try:
            read()
        except CoresponseError as error:
            told.append(str(error))
    assert len(told) == 2
    for said in told:
        assert "city" in said
        assert " -- " in said or "are: ." in said, said
        assert "reader says" not in said
        assert "/tmp/coresponse-" not in said
        assert len(said) < 300 + len(str(tmp_path))


def test_rows_without_coordinates_are_looked_up_by_their_addresses(tmp_path: Path) -> None:
    book = town()
    frame = pd.DataFrame({"event_id": range(6), "nature": "WELFARE CHECK"})
    frame["received"] = [f"2024-01-0{i + 1} 10:00:00" for i in range(6)]
    frame["address"] = [*(f"{n} Main St" for n in (100, 110, 120, 130)), "5 Nowhere Rd", ""]
    frame["x"], frame["y"] = NETWORK.node_x[:6], NETWORK.node_y[:6]
    frame.loc[[1, 4, 5], ["x", "y"]] = np.nan
    frame.loc[3, ["x", "y"]] = 0.0
    frame.to_csv(tmp_path / "calls.csv", index=False)

    def read(addresses: Addresses | None) -> pd.DataFrame:
        found = read_calls(
            [tmp_path / "calls.csv"],
            network=NETWORK,
            program=load_program("mixed"),
            crs=NETWORK.crs,
            addresses=addresses,
        )
        reasons.append(found.set_aside["reason"].tolist())
        notes.append(" ".join(found.notes))
        return found.frame.set_index("call_id")

    reasons: list[list[str]] = []
    notes: list[str] = []
    with_book, without = read(lambda: book), read(None)
    assert with_book.index.tolist() == ["0", "1", "2", "3"]
    assert without.index.tolist() == ["0", "2"]
    pd.testing.assert_frame_equal(with_book.loc[without.index], without)
    assert reasons == [["address is not found", "no place"], ["no place", "place at 0, 0", "no place", "no place"]]  # fmt: skip
    assert "3 rows have an address and no coordinates; 2 of them were found by it" in notes[0]
    by_address = frame.loc[[1, 3], ["event_id", "nature", "received", "address"]]
    by_address.to_csv(tmp_path / "calls.csv", index=False)
    pd.testing.assert_frame_equal(with_book.loc[["1", "3"]], read(lambda: book))

    def no_book() -> object:
        raise InputError("roads.npz: addresses are read from: .pbf")

    frame.to_csv(tmp_path / "calls.csv", index=False)
    assert read(no_book).index.tolist() == ["0", "2"]  # type: ignore[arg-type]
    posts = frame.rename(columns={"event_id": "post_id"}).drop(columns=["nature", "received"])
    posts.to_csv(tmp_path / "posts.csv", index=False)
    found = read_posts(
        tmp_path / "posts.csv", network=NETWORK, crs=NETWORK.crs, addresses=lambda: book
    )
    assert len(found.frame) == 4


def test_a_place_of_very_many_corners_takes_no_more_memory_than_its_numbers(tmp_path: Path) -> None:
    """3,000,000 pairs in a point of 42 MB took 640 MB and 8 s."""
    many = " ".join(f"-73.9{k:05d},40.7" for k in range(60_000))
    ring = f"<Polygon><outerBoundaryIs><LinearRing><coordinates>{many}</coordinates></LinearRing></outerBoundaryIs></Polygon>"
    point = f"<Point><coordinates>{many}, and whatever else</coordinates></Point>"
    for shape in (ring, point):
        path = tmp_path / "posts.kml"
        path.write_text(KML.format(f"<Placemark><name>A</name>{shape}</Placemark>"))
        tracemalloc.start()
        assert read_table(path, POSTS).frame["name"].tolist() == ["A"]
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 10 * len(many)
