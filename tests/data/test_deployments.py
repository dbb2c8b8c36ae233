"""Deployments as files."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coresponse.data.deployments import deployment_frame, read_deployment
from coresponse.data.errors import InputError
from coresponse.data.options import Deployment, Option
from coresponse.data.posts import Posts
from coresponse.data.programs.load import load_program
from coresponse.data.tables.write import write_csv

PROGRAM = load_program("mixed")
TYPES = sorted(PROGRAM.responder_types)
SEVERAL = next(name for name in TYPES if len(PROGRAM.responder_types[name].shift_patterns) > 1)
SINGLE = next(name for name in TYPES if len(PROGRAM.responder_types[name].shift_patterns) == 1)


def _posts(ids: list[str]) -> Posts:
    n = len(ids)
    frame = pd.DataFrame(
        {
            "post_id": ids,
            "name": [f"=Name of {i}" for i in ids],
            "kind": "station",
            "x": np.zeros(n),
            "y": np.zeros(n),
            "snap_m": np.zeros(n),
            "node": np.zeros(n, dtype=np.int32),
            "at_most": pd.array([pd.NA] * n, dtype="Int64"),
        }
    )
    return Posts(frame, "EPSG:32618", pd.DataFrame())


POSTS = _posts(["P1", "P2"])


def _read(
    folder: Path, *lines: str, header: str = "responder_type,post_id,shift_pattern,count"
) -> Deployment:
    (folder / "today.csv").write_text("\n".join([header, *lines]) + "\n")
    return read_deployment(folder / "today.csv", POSTS, PROGRAM)


def test_rows_become_counts(tmp_path: Path) -> None:
    first, second = PROGRAM.responder_types[SEVERAL].shift_patterns[:2]
    (only,) = PROGRAM.responder_types[SINGLE].shift_patterns
    today = _read(
        tmp_path,
        f"{SEVERAL},P2,{second},2",
        f"{SEVERAL},P1,{first},1.0",
        f"{SEVERAL},P2,{second},1",
        f"{SINGLE},P1,,3",
        f"{SINGLE},P2,{only},0",
    )
    assert today.name == "today"
    assert today.as_dict() == {
        Option(SEVERAL, "P1", first): 1,
        Option(SEVERAL, "P2", second): 3,
        Option(SINGLE, "P1", only): 3,
    }


def test_a_file_without_counts_and_patterns(tmp_path: Path) -> None:
    today = _read(tmp_path, f"{SINGLE},P1", f"{SINGLE},P1", header="unit_type,station")
    assert today.size == 2


def test_all_faults_come_in_one_message(tmp_path: Path) -> None:
    pattern = PROGRAM.responder_types[SEVERAL].shift_patterns[0]
    with pytest.raises(InputError) as caught:
        _read(
            tmp_path,
            f"{SEVERAL},P1,{pattern},1",
            f"teem,P9,{pattern},x",
            f"{SEVERAL},P8,weekends,x",
            f"{SEVERAL},P1,{pattern},-1",
            f"{SEVERAL},P1,{pattern},1.5",
            f"{SEVERAL},P1,{pattern},²",
            f"{SEVERAL},P1,{pattern},9999999",
            f"{SEVERAL},P1,{pattern},",
            f"{SEVERAL},P1,,1",
            f"{SEVERAL},P1,{pattern},1,more",
        )
    message = str(caught.value)
    assert message.startswith("today.csv: 13 faults")
    for words in (
        "row 3: responder type 'teem' is not in the program",
        "row 3: post 'P9' is not among the study's posts",
        "row 3: count 'x' is not a whole number of 0 or more",
        "row 4: post 'P8' is not among the study's posts",
        "row 4: count 'x' is not a whole number",
        "row 4: shift pattern 'weekends' is not one of the type's",
        "row 5: count '-1' is not a whole number",
        "row 6: count '1.5' is not a whole number",
        "row 7: count '²' is not a whole number",
        "row 8: count '9999999' is not a whole number",
        "row 9: count '' is not a whole number",
        "row 10: shift pattern '' is not one of the type's",
        "row 11: could not be split into columns",
    ):
        assert words in message
    for name in TYPES:
        assert name in message  # the cure lists what there is


def test_a_post_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    path = tmp_path / "today.csv"
    path.write_text(f"responder_type,post_id,shift_pattern\n{SINGLE},L-1,\n", encoding="utf-8")
    with pytest.raises(
        InputError, match=r"post 'L-1' is not among .* -- there are: P0, P1, .*P19 and 3 more"
    ):
        read_deployment(path, _posts([f"P{k}" for k in range(23)]), PROGRAM)


def test_missing_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"post_id: no column found .*did you mean 'pos id'"):
        _read(tmp_path, f"{SINGLE},P1", header="responder_type,pos id")


options = st.sampled_from(
    [(name, pattern) for name in TYPES for pattern in PROGRAM.responder_types[name].shift_patterns]
)
post_ids = st.text("=+-@'P1é;,\" ", min_size=1, max_size=6).map(str.strip).filter(bool)


@settings(max_examples=30, deadline=None)
@given(
    ids=st.lists(post_ids, min_size=1, max_size=4, unique=True),
    picks=st.lists(st.tuples(options, st.integers(0, 3), st.integers(0, 50)), max_size=8),
)
def test_what_is_written_is_read_back(
    ids: list[str], picks: list[tuple[tuple[str, str], int, int]]
) -> None:
    posts = _posts(ids)
    pairs = [
        (Option(name, ids[at % len(ids)], pattern), count) for (name, pattern), at, count in picks
    ]
    plan = Deployment.of("plan", pairs)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.csv"
        write_csv(deployment_frame(plan, posts), path)
        text = path.read_text()
        assert read_deployment(path, posts, PROGRAM, name="plan") == plan
    assert text.startswith("responder_type,post_id,shift_pattern,post_name,count\n")
    assert ",=Name" not in text  # names are no formulas
    assert ',"=Name' not in text


def test_the_frame_names_the_posts() -> None:
    option = Option(SINGLE, "P2", PROGRAM.responder_types[SINGLE].shift_patterns[0])
    frame = deployment_frame(Deployment.of("plan", [(option, 2)]), POSTS)
    assert frame.to_numpy().tolist() == [[*option, "=Name of P2", 2]]
