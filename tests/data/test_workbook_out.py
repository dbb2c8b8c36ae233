"""Workbooks that are written: text stays text, formulas carry their values, the same sheets give the same bytes."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coresponse.data.tables.workbook import Formula, OutSheet, Points, at, write_workbook

EVIL = (
    '=HYPERLINK("http://x.invalid","click")', "=1+1", "+1", "-1", "@SUM(A1)", "#N/A", "\t=1", " =1",
    "'=1", "\uff1d1", "=cmd|' /C calc'!A0", "<script>", "]]>", "a\x00b\x08c", "x" * 40_000, "",
)  # fmt: skip


def read(path: Path, **how: bool) -> openpyxl.Workbook:
    return openpyxl.load_workbook(path, **how)


def test_text_is_never_a_formula(tmp_path: Path) -> None:
    sheet = OutSheet("Texts")
    for text in EVIL:
        sheet.add(text)
    write_workbook([sheet], tmp_path / "book.xlsx")
    cells = [row[0] for row in read(tmp_path / "book.xlsx")["Texts"].iter_rows()]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n"}  # n: an empty cell
    assert [cell.value for cell in cells[:6]] == list(EVIL[:6])
    assert all(cell.quotePrefix for cell in cells[:5])
    with zipfile.ZipFile(tmp_path / "book.xlsx") as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
        assert not [name for name in book.namelist() if "externalLink" in name or "vba" in name]


@given(st.lists(st.text(max_size=20), max_size=5), st.lists(st.floats(-1e9, 1e9), max_size=5))
def test_what_is_written_is_read_back_and_is_well_formed(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], numbers: list[float]
) -> None:
    path = tmp_path_factory.mktemp("book") / "book.xlsx"
    sheet = OutSheet("All", formats={2: "0.00"})
    for text in texts:
        sheet.add(text)
    rows = [sheet.add(None, number) for number in numbers]
    last = sheet.add("sum", sheet.total(2, 1, len(sheet.rows)))
    write_workbook([sheet], path)
    values = read(path, data_only=True)["All"]
    assert [values[at(2, row)].value for row in rows] == pytest.approx(numbers)
    assert values[at(2, last)].value == pytest.approx(sum(numbers), rel=1e-9, abs=1e-3)
    formula = read(path)["All"][at(2, last)].value
    assert formula == (f"=SUM(B1:B{last - 1})" if last > 1 else "=0")
    with zipfile.ZipFile(path) as book:
        for name in book.namelist():
            ET.fromstring(book.read(name))


def test_the_same_sheets_give_the_same_bytes_whenever_they_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sheets() -> list[OutSheet]:
        sheet = OutSheet("A", (20, 20))
        for k in range(3):
            sheet.add(k, k * k, bold=True)
        sheet.add("double", Formula("B3*2", 8))
        sheet.charts.append(Points("Points", "x", "y", 1, 2, 1, 3))
        return [sheet, OutSheet("B")]

    write_workbook(sheets(), tmp_path / "one.xlsx")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    time.sleep(2.1)  # an archive tells time in steps of 2 s
    write_workbook(sheets(), tmp_path / "other.xlsx")
    monkeypatch.undo()
    time.tzset()
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "other.xlsx").read_bytes()
    chart = read(tmp_path / "one.xlsx")["A"]._charts[0]
    assert chart.series[0].yVal.numRef.f == "'A'!$B$1:$B$3"
