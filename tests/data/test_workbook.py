"""Workbooks: sheets by what the workbook says, cells of every kind as text."""

from __future__ import annotations

import tempfile
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.chart import BarChart

from coresponse.data.tables.read import read_table
from coresponse.data.tables.specs import CALLS


def test_a_workbook_that_begins_with_a_chart(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    first: Any = book.active
    first.title = "Calls"
    for row in (["call_id", "received_at"], ["A", pd.Timestamp("2024-05-01 10:30")]):
        first.append(row)
    chart = book.create_chartsheet("Chart", index=0)
    chart.add_chart(BarChart())
    book.save(tmp_path / "calls.xlsx")
    table = read_table(tmp_path / "calls.xlsx", CALLS)
    assert table.frame.to_numpy().tolist() == [["A", "2024-05-01 10:30:00"]]


def test_cells_of_every_kind_in_a_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    values = [
        202100001234567, 1.5, True, "  two words ", pd.Timestamp("2024-02-29 23:59:58"), date(2024, 2, 29), time(7, 5),
        timedelta(hours=30), "=1+1", "#N/A", -3, "54E1", "é < & >",
    ]  # fmt: skip
    sheet.append([f"c{i}" for i in range(len(values))])
    sheet.append([])
    sheet.append(values)
    book.save(tmp_path / "calls.xlsx")
    table = read_table(tmp_path / "calls.xlsx", CALLS, may_be_empty=True)
    assert table.rows.tolist() == [3]
    assert table.frame.iloc[0].tolist() == [
        "202100001234567", "1.5", "True", "  two words ", "2024-02-29 23:59:58", "2024-02-29 00:00:00", "07:05:00",
        "1 day, 6:00:00", "", "", "-3", "54E1", "é < & >",
    ]  # fmt: skip


cells = st.one_of(
    st.none(),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8),
    st.integers(-(10**12), 10**12),
    st.floats(-1e9, 1e9),
    st.integers(86_400, 9_000_000_000).map(
        lambda second: pd.Timestamp(second, unit="s").to_pydatetime()
    ),
    st.booleans(),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(cells, min_size=1, max_size=5), min_size=1, max_size=6))
def test_what_openpyxl_writes_is_read_as_openpyxl_reads_it(rows: list[list[object]]) -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(["call_id", "b", "c", "d", "e"])
    for row in rows:
        # a text that begins with = would be a formula, whose result nobody has worked out
        sheet.append([f"'{v}" if isinstance(v, str) and v.startswith("=") else v for v in row])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "calls.xlsx"
        book.save(path)
        found = read_table(path, CALLS, may_be_empty=True)
        again: Any = openpyxl.load_workbook(path).active
    wanted = [
        ["" if v is None else str(_whole(v)) for v in line]
        for line in again.iter_rows(min_row=2, max_col=5, values_only=True)
    ]
    wanted = [(i, line) for i, line in enumerate(wanted, start=2) if any(line)]
    assert found.rows.tolist() == [i for i, _ in wanted]
    assert found.frame.to_numpy().tolist() == [line for _, line in wanted]


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value
