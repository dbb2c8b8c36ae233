"""Tables that are too wide, too long in a cell, or too far apart: refused before any work is done on them.

Cost is counted in processor time and memory of a process of its own, so that a slow machine passes.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from coresponse.data.errors import InputError
from coresponse.data.tables.bounds import MAX_CELL, MAX_COLUMNS
from coresponse.data.tables.header import column_names
from coresponse.data.tables.read import read_table
from coresponse.data.tables.specs import CALLS
from tests.data.conftest import Reads

Refused = Callable[[Path], str]
MOST_CPU_S, MOST_MB = 10, 500


@pytest.fixture
def refused(reads: Reads) -> Refused:
    """Read in a process of its own; return the words of the refusal, of which the cost was small."""

    def read(path: Path) -> str:
        cost = reads.read("table", path)
        assert cost.said, "it was read"
        assert cost.cpu_s < MOST_CPU_S
        assert cost.mb < MOST_MB
        return cost.said.replace("\n", " ")

    return read


def _geojson(path: Path, properties: dict[str, object]) -> None:
    point = {"type": "Point", "coordinates": [1, 2]}
    feature = {"type": "Feature", "properties": properties, "geometry": point}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))


@pytest.mark.parametrize("cells", [",", "call_id,"])
def test_a_header_of_sixty_thousand_cells(cells: str, refused: Refused, tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text(cells * 64_000 + "\n" + "1," * 64_000 + "\n", encoding="utf-8")
    assert ("columns, at most" in refused(path)) == (cells != ",")


@pytest.mark.slow
def test_a_layer_and_a_parquet_file_of_fifty_thousand_columns(
    refused: Refused, tmp_path: Path
) -> None:
    _geojson(tmp_path / "wide.geojson", {f"a{i}": 1 for i in range(50_000)})
    pd.DataFrame([range(50_000)]).rename(columns=str).to_parquet(tmp_path / "wide.parquet")
    for name in ("wide.geojson", "wide.parquet"):
        assert "columns, at most" in refused(tmp_path / name)


@pytest.mark.parametrize("kind", ["csv", "geojson", "parquet", "xlsx"])
def test_a_cell_of_ten_megabytes(kind: str, refused: Refused, tmp_path: Path) -> None:
    path, long = tmp_path / f"calls.{kind}", "x" * 10_000_000
    if kind == "csv":
        path.write_text(f"call_id,received_at\n1,{long}\n", encoding="utf-8")
    elif kind == "geojson":
        _geojson(path, {"call_id": long})
    elif kind == "parquet":
        pd.DataFrame({"call_id": [long]}).to_parquet(path)
    else:
        _sheet(path, f"<row><c t='inlineStr'><is><t>{long}</t></is></c></row>")
    assert path.name in refused(path)


def test_the_widest_table_that_is_read(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    names = ["call_id", *(f"a{i}" for i in range(MAX_COLUMNS - 1))]
    path.write_text(",".join(names) + "\n" + ",".join("1" * MAX_COLUMNS) + "\n", encoding="utf-8")
    assert read_table(path, CALLS).frame.shape == (1, MAX_COLUMNS)
    path.write_text(f"call_id,received_at\n1,{'x' * MAX_CELL}\n", encoding="utf-8")
    assert len(read_table(path, CALLS).frame) == 1


def test_names_of_columns_stay_their_own() -> None:
    assert column_names(["a", "", "a", "a (3)", " a "]) == [
        "a",
        "column 2",
        "a (3)",
        "a (3) (4)",
        "a (5)",
    ]


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def _sheet(path: Path, rows: str, **parts: str) -> None:
    """Write a workbook with one sheet, at a place of our choice in the package."""
    part = parts.pop("part", "xl/worksheets/sheet1.xml")
    strings = parts.pop("strings", "")
    kinds = f"<Relationship Id='r1' Type='{OFFICE}/worksheet' Target='/{part}'/>"
    if strings:
        kinds += f"<Relationship Id='r2' Type='{OFFICE}/sharedStrings' Target='sharedStrings.xml'/>"
    book = f"<Relationship Id='r0' Type='{OFFICE}/officeDocument' Target='xl/workbook.xml'/>"
    listed = "<sheets><sheet name='S' sheetId='1' r:id='r1'/></sheets>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", f"<Relationships xmlns='{PACKAGE}'>{book}</Relationships>")
        archive.writestr(
            "xl/workbook.xml", f"<workbook xmlns='{MAIN}' xmlns:r='{OFFICE}'>{listed}</workbook>"
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f"<Relationships xmlns='{PACKAGE}'>{kinds}</Relationships>",
        )
        archive.writestr(
            part, f"<worksheet xmlns='{MAIN}'><sheetData>{rows}</sheetData></worksheet>"
        )
        if strings:
            archive.writestr("xl/sharedStrings.xml", f"<sst xmlns='{MAIN}'>{strings}</sst>")


FAR = "<row r='1'><c r='A1'><v>1</v></c></row><row r='1048576'><c r='XFD1048576'><v>1</v></c></row>"


@pytest.mark.parametrize("part", ["XL/WorkSheets/SHEET1.XML", "a/b.bin"])
def test_a_far_cell_wherever_the_sheet_lies(part: str, refused: Refused, tmp_path: Path) -> None:
    path = tmp_path / "calls.xlsx"
    _sheet(path, FAR, part=part)
    assert "cells in column 16,384" in refused(path)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("".join(f"<row r='{i}'><c r='EZZ{i}'><v>1</v></c></row>" for i in range(1, 9000)), "cells"),
        (f"<row>{'<c><v>1</v></c>' * 4000}</row>" * 800, "unpacks"),
        (f"<row>{'<c><v>1</v></c>' * 5000}</row>" * 20, "column 4,097"),
        ("<row r='9999999'><c><v>1</v></c></row>", "row 9,999,999"),
        ("<row r='2'><c><v>1</v></c></row><row r='1'><c><v>1</v></c></row>", "row 1 after row 2"),
        ("<row><c t='s'><v>7</v></c></row>", "string"),
    ],
)  # fmt: skip
def test_sheets_that_would_fill_a_machine(
    rows: str, said: str, refused: Refused, tmp_path: Path
) -> None:
    path = tmp_path / "calls.xlsx"
    _sheet(path, rows)
    assert said in refused(path)


@pytest.mark.parametrize("string", ["<si><t>a</t></si>", "<si/>"])
def test_strings_that_would_fill_a_machine(string: str, refused: Refused, tmp_path: Path) -> None:
    path = tmp_path / "calls.xlsx"
    _sheet(path, "<row><c t='s'><v>0</v></c></row>", strings=string * 6_000_000)
    assert "calls.xlsx: " in refused(path)


def test_two_parts_of_one_name(tmp_path: Path) -> None:
    path = tmp_path / "calls.xlsx"
    _sheet(path, FAR)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("XL/worksheets/sheet1.xml", "<worksheet/>")
    with pytest.raises(InputError, match="twice"):
        read_table(path, CALLS)
