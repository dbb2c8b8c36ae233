"""Columns by their names, and cells as they are written: none runs in a spreadsheet."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coresponse.data.errors import InputError
from coresponse.data.tables.dictionary import dictionary_markdown, match_columns
from coresponse.data.tables.specs import ALL_SPECS, CALLS
from coresponse.data.tables.write import as_written, harmless, whole_file, write_csv


def test_columns_match_by_alias_and_mapping() -> None:
    present = ["CAD_EVNT_ID", "ADD_TS", "Radio Code", "Typ Desc", "Latitude", "Longitude"]
    found = match_columns(CALLS, present, where="calls.csv")
    assert (found["call_id"], found["received_at"], found["nature"]) == (
        "CAD_EVNT_ID",
        "ADD_TS",
        "Radio Code",
    )
    assert (
        match_columns(CALLS, present, {"nature": "typ_desc"}, where="calls.csv")["nature"]
        == "Typ Desc"
    )


def test_a_mapping_the_wrong_way_round_is_told_so() -> None:
    with pytest.raises(InputError, match='ours goes first: nature="CALL_CODE"'):
        match_columns(CALLS, ["CALL_CODE"], {"CALL_CODE": "nature"}, where="calls.csv")


def test_a_wrong_mapping_names_the_close_one_and_all_faults_at_once() -> None:
    with pytest.raises(InputError) as caught:
        match_columns(
            CALLS,
            ["Incident Kind", "when"],
            {"nature": "Incident Kynd", "natur": "when"},
            where="calls.csv",
        )
    message = str(caught.value)
    assert message.startswith("calls.csv: columns of calls: 5 faults")
    assert (
        "mapping nature = 'Incident Kynd': the file has no such column -- did you mean 'Incident "
        "Kind'?" in message
    )
    assert "mapping 'natur': is not a column of calls -- did you mean 'nature'" in message
    assert "a time: no columns found for received_at or received_date with received_time" in message
    assert "a place: no columns found" in message
    assert "nature: no column found" in message


def test_the_dictionary_has_a_row_for_every_column() -> None:
    markdown = dictionary_markdown(ALL_SPECS)
    for spec in ALL_SPECS:
        assert f"## {spec.name}" in markdown
        for column in spec.columns:
            assert f"| `{column.name}` | {column.kind} |" in markdown


def _runs(cell: str) -> bool:
    """Whether a spreadsheet takes a cell for a formula: it looks past blanks."""
    return cell.strip().startswith(
        ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
    ) or cell.startswith(("\t", "\r"))


risky_text = st.text(
    st.sampled_from(list("=+-@\uff1d'\"\t\r\n ,;a1\u00a0\u2003é")) | st.characters(codec="utf-8"),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(cells=st.lists(risky_text, min_size=1, max_size=5), name=risky_text)
def test_no_cell_runs_in_a_spreadsheet_and_bytes_are_the_same(cells: list[str], name: str) -> None:
    frame = pd.DataFrame({name: np.array(cells, dtype=object), "n": np.arange(len(cells)) - 1.5})
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder) / "a.csv", Path(folder) / "b" / "b.csv"
        write_csv(frame, first)
        write_csv(frame, second)
        assert first.read_bytes() == second.read_bytes()
        with first.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
    assert len(rows) == len(cells) + 1  # no text starts a row of its own
    assert [float(row[1]) for row in rows[1:]] == frame["n"].tolist()
    texts = [row[0] for row in rows]
    assert not [text for text in texts if _runs(text)]
    expected = [t.replace("\r\n", "\n").replace("\r", "\n") for t in (name, *cells)]
    assert [as_written(text) for text in texts] == expected


@given(risky_text)
def test_an_apostrophe_put_in_front_is_taken_away_again(text: str) -> None:
    assert as_written(harmless(text)) == text


def test_numbers_times_and_absent_values(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "n": [-1.1, np.nan],
            "t": pd.to_datetime(["2021-07-04 00:00:45", None]).tz_localize("America/New_York"),
            "text": ["-1", None],
            "count": pd.array([3, pd.NA], dtype="Int64"),
        }
    )
    write_csv(frame, tmp_path / "a.csv")
    assert (
        tmp_path / "a.csv"
    ).read_text() == "n,t,text,count\n-1.1,2021-07-04T00:00:45-04:00,'-1,3\n,,,\n"


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")

    def fail() -> None:
        with whole_file(path) as file:
            file.write(b"half of the new")
            raise RuntimeError("power")

    with pytest.raises(RuntimeError, match="power"):
        fail()
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]
