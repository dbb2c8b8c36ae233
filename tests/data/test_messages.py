"""What a planner reads when a file is wrong: what, where and the cure, in our words and never in a library's."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from pydantic import BaseModel, Field, ValidationError

from coresponse.data.errors import InputError, unreadable
from coresponse.data.from_memory import in_a_file, network_of
from coresponse.data.roads.lines import from_lines
from coresponse.data.tables.dictionary import match_columns
from coresponse.data.tables.read import read_table
from coresponse.data.tables.specs import CALLS, POSTS
from coresponse.data.toml import check_model, read_toml
from coresponse.study.settings import Study

NOT_TOML = {
    "name = Eugene": ("line 2", "the value is not understood in name = Eugene", "text in quotes"),
    'name "Eugene"': ("line 2", "no = after the name", "one setting a line"),
    'name = "Eugene': ("line 2", "a quote is opened and not closed", "text in quotes"),
    "name = '''a": ("line 2", "a quote is opened and not closed", "text in quotes"),
    "seed = 1 2": ("line 2", "more stands behind the value", "one setting a line"),
    "posts = [1, 2": ("line 2", "a [ is not closed", "with commas"),
    "posts = { a = 1": ("line 2", "a { is not closed", "in the same line"),
    "[calls": ("line 2", "section's name is not closed", "[calls]"),
    "seed = 1\nseed = 2": ("line 3", "set a second time in seed = 2", "keep one"),
    "[a]\n[a]": ("line 3", "section is there a second time", "the first one"),
    'file = "C:\\data\\c.csv"': ("line 2", "a \\ stands in double quotes", "single quotes"),
    'file = "C:\\Users\\c.csv"': ("line 2", "a \\ stands in double quotes", "single quotes"),
    "= 3": ("line 2", "this is not a setting in = 3", "one setting a line"),
    'name = "a\x01"': ("line 2", "a character stands here that no text has", "take it out"),
    f"seed = {'9' * 5000}": ("", "too many digits", "a shorter one"),
}
WORDS_OF_LIBRARIES = ("Expected", "Unclosed", "Input should", "Cannot ", "unable to", "ValueError")


@pytest.mark.parametrize("line", NOT_TOML)
def test_a_file_that_is_no_toml_is_told_by_its_line(line: str, tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text(f"schema = 1\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_toml(path)
    said = str(refused.value)
    assert "not valid TOML" in said
    for part in ("study.toml", *NOT_TOML[line]):
        assert part in said
    assert not any(words in said for words in WORDS_OF_LIBRARIES)
    path.write_bytes(b'a = 1\nb = "M\xfcnchen"\n')
    with pytest.raises(InputError, match="line 2: not UTF-8 text -- save it as UTF-8"):
        read_toml(path)


STUDY = {
    "schema": 1,
    "name": "x",
    "roads": {"file": "r"},
    "calls": {"files": ["c"]},
    "posts": {"propose": 3},
    "program": {"preset": "star"},
}


@pytest.mark.parametrize(
    ("change", "what", "cure"),
    [
        ({"seed": "one"}, "seed: is not a whole number (found 'one')", "write one like 3"),
        ({"seed": 1.5}, "seed: is not a whole number (found 1.5)", "write one like 3"),
        ({"name": 7}, "name: is not text (found 7)", "quotes"),
        ({"name": ""}, "name: must have at least 1 characters", ""),
        ({"roads": "r.osm"}, "roads: is not a section of settings", "[section]"),
        ({"calls": {"files": "c.csv"}}, "calls.files: is not a list", "brackets"),
        ({"calls": {"files": ["c"], "snap_max_m": -1}}, "calls.snap_max_m: must be", ""),
        ({"calls": {"files": ["c"], "day_first": "perhaps"}}, "neither true nor false", "without quotes"),
        ({"calls": {"files": ["c"], "first_day": "May"}}, "first_day: is not a date", "2024-05-13"),
        ({"speeds": "fast"}, "speeds: must be 'stated' or 'calibrated' (found 'fast')", ""),
        ({"judging": {"weeks": 0}}, "judging.weeks: must be", ""),
        ({"rods": {}}, "rods: is not a known key", "spelling"),
        ({"name": None}, "name: is not text", "quotes"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_told_in_plain_words(
    change: dict[str, object], what: str, cure: str
) -> None:
    with pytest.raises(InputError) as refused:
        check_model({**STUDY, **change}, Study, subject="study.toml")
    said = str(refused.value)
    assert what in said
    assert cure in said
    assert not any(words in said for words in WORDS_OF_LIBRARIES)


def test_a_kind_of_fault_that_is_new_is_told_without_the_librarys_words() -> None:
    class Odd(BaseModel):
        at: complex = Field(default=0)

    with pytest.raises(ValidationError):
        Odd.model_validate({"at": "x"})
    with pytest.raises(InputError, match="at: is not what is expected here \\(found 'x'\\)"):
        check_model({"at": "x"}, Odd, subject="odd.toml")


def test_of_a_library_only_the_line_is_told() -> None:
    error = ValueError("Row of JOHN SMITH in '/tmp/coresponse-1/input.csv', line 1234: bad")
    assert str(unreadable("c.csv", "table", error)) == (
        "c.csv: not a readable table, from line 1,234 on -- export it again"
    )
    assert str(unreadable("c.csv", "table", OSError("JOHN"), "save it")) == (
        "c.csv: not a readable table -- save it"
    )


def test_a_frame_that_no_file_holds_is_told_by_column_and_row() -> None:
    frames = {
        "column 'when', row 3: 7 is of another kind": pd.DataFrame({"a": 1, "when": ["x", "y", 7]}),
        "two columns are called 'a'": pd.DataFrame([[1, 2]], columns=["a", "a"]),
    }
    for said, frame in frames.items():
        with pytest.raises(InputError, match=said) as refused, in_a_file(frame, "calls"):
            pass
        assert " -- " in str(refused.value)
        assert str(refused.value).startswith("calls: ")


def test_a_shape_that_is_none_is_told_by_its_edge() -> None:
    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph(crs="EPSG:4326")
    graph.add_node("a", x=-76.9, y=40.2)
    graph.add_node("b", x=-76.8, y=40.2)
    graph.add_edge("a", "b", geometry="LINESTRING (0 0")
    with pytest.raises(InputError, match="the edge from 'a' to 'b' is not a line: 'LINESTRING"):
        network_of(graph)


def test_a_crs_of_nowhere_is_told_without_the_librarys_words() -> None:
    line = gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 1 1)"], crs=4326).set_crs(
        "+proj=ob_tran +o_proj=longlat +o_lon_p=0 +o_lat_p=90 +R=1737400", allow_override=True
    )
    with pytest.raises(InputError) as refused:
        from_lines(gpd.GeoDataFrame(geometry=line), source="moon.gpkg")
    assert "moon.gpkg" in str(refused.value)
    assert "rror" not in str(refused.value)


def test_a_workbook_with_a_password_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "cad.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4000))
    with pytest.raises(InputError, match=r"protected by a password.* -- .*without a password"):
        read_table(tmp_path / "cad.xlsx", CALLS)


def test_missing_columns_are_told_once_with_what_is_in_the_others() -> None:
    frame = pd.DataFrame(
        {
            "Incdent Type": ["JOHN SMITH", "B"],
            "Wann": ["2024-01-02 10:00", "2024-01-03 11:00"],
            "Tag": ["2024-01-02", "3.4.2024"],
            "Uhr": ["10:00", "3:05 PM"],
            "Wo": ["40.1, -76.2", "40.2, -76.1"],
            "Wert": [1.5, np.nan],
        }
    )
    with pytest.raises(InputError) as refused:
        match_columns(CALLS, list(frame.columns), where="c.csv", frame=frame)
    said = str(refused.value)
    assert (
        "did you mean 'Incdent Type'? say which column it is: --column nature=\"Incdent Type\""
    ) in said
    assert said.count("columns there:") == 1
    assert (
        "Incdent Type (words), Wann (dates with times), Tag (dates), Uhr (times of day), Wo "
        "(places), Wert (numbers)" in said
    )
    assert "SMITH" not in said
    with pytest.raises(
        InputError, match=r'posts\]: columns = { latitude = "...", longitude = "..." }'
    ):
        match_columns(POSTS, ["a"], where="p.csv", frame=pd.DataFrame({"a": [1]}))


@pytest.mark.parametrize(
    ("columns", "cure"),
    [
        (["Recieved at", "lat", "lon", "type"], '--column received_at="Recieved at"'),
        (["date", "time", "Norting", "Eastin", "type"], '--column x="Eastin"'),
        (["date", "time", "Norting", "Eastin", "type"], '--column y="Norting"'),
        (["date", "time", "lat", "Y wert", "type"], '--column longitude="..."'),
        (["when", "lat", "lon", "type"], '--column received_at="..."'),
        (['Recieved "$1"', "lat", "lon", "type"], '--column received_at="..."'),
    ],
)
def test_the_cure_for_a_missing_column_can_be_typed(columns: list[str], cure: str) -> None:
    with pytest.raises(InputError) as refused:
        match_columns(CALLS, columns, where="c.csv")
    said = str(refused.value)
    assert cure in said
    assert "NAME=" not in said
    typed = dict(re.findall(r'--column (\w+)="([^".]+)"', said))
    if typed:
        assert match_columns(CALLS, columns, typed, where="c.csv").items() >= typed.items()


def test_eastings_and_northings_in_spanish_are_found() -> None:
    columns = ["Fecha", "Hora", "Tipo", "Este", "Norte"]
    found = match_columns(CALLS, columns, {"nature": "Tipo"}, where="c.csv")
    assert (found["x"], found["y"]) == ("Este", "Norte")
