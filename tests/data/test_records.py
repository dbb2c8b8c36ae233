"""JSON lists of records give the same calls as the same rows in a CSV, or are refused in words."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coresponse.data.calls.read import read_calls
from coresponse.data.errors import InputError
from coresponse.data.programs.load import load_program
from coresponse.data.roads.made import street_grid
from coresponse.data.tables.read import read_table
from coresponse.data.tables.specs import CALLS

NETWORK = street_grid(6, 6, seed=2)
PROGRAM = load_program("mixed")


def written(path: Path, content: object) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_a_portals_answer_gives_the_calls_of_the_csv(tmp_path: Path) -> None:
    rows = [
        {"event_id": i, "received": f"2024-01-0{i} 10:00:00", "nature": "WELFARE CHECK", "priority": None}
        for i in range(1, 6)
    ]  # fmt: skip
    rows[2].pop("priority")
    lon, lat = -74.999, 40.6509
    pd.DataFrame(rows).assign(lat=lat, lon=lon).to_csv(tmp_path / "c.csv", index=False)
    places = [
        {"lat": lat, "lon": lon},
        {"location": {"latitude": str(lat), "longitude": str(lon), "human_address": "{}"}},
        {"location": {"type": "Point", "coordinates": [lon, lat]}},
    ]
    one = read_calls([tmp_path / "c.csv"], network=NETWORK, program=PROGRAM).frame
    assert len(one) == 5
    for k, place in enumerate(places):
        path = written(tmp_path / f"{k}.json", [row | place for row in rows])
        two = read_calls([path], network=NETWORK, program=PROGRAM).frame
        pd.testing.assert_frame_equal(one, two)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[1, 2]", "one object a row"),
        ("[]", "one object a row"),
        ('[{"a": 1}, 2]', "1 of 2 are not objects"),
        ('[{"a": 1}', "not a readable JSON file"),
        ("[" * 200_000, "not a readable JSON file"),
        ("[" + "9" * 6_000 + "]", "not a readable JSON file"),
        (json.dumps([{f"c{i}": 1 for i in range(5_000)}]), "5,000 columns"),
        ('[{"a": "' + "x" * 1_000_001 + '"}]', "a cell of 1,000,001 characters"),
    ],
)
def test_what_is_no_list_of_records_is_told(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_table(written(tmp_path / "c.json", content), CALLS)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.dictionaries(st.text(max_size=6), json_values, min_size=1, max_size=4), min_size=1, max_size=6))  # fmt: skip
def test_any_list_of_records_is_a_table_of_as_many_rows(
    tmp_path: Path, rows: list[dict[str, object]]
) -> None:
    table = read_table(written(tmp_path / "c.json", rows), CALLS)
    assert len(table.frame) == len(rows)
    assert set(table.frame.columns) == {name for row in rows for name in row}
    text = [row.get(n) for row in rows for n in row if isinstance(row.get(n), str)]
    assert set(filter(None, text)) <= set(table.frame.to_numpy().ravel().tolist())
