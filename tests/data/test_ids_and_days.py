"""Ids that are none, numbers that two events share, files given twice, and days that no call is of."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coresponse.data.calls.fold import REUSED_AFTER, SAME_PLACE_M, fold_events
from coresponse.data.calls.history import CallHistory
from coresponse.data.calls.read import read_calls
from coresponse.data.calls.rows import TEXT, TIMES
from coresponse.data.calls.span import FAR_OUTSIDE, NOT_STATED_DAY, StatedDays, span_of
from coresponse.data.district_layers import read_districts
from coresponse.data.errors import InputError
from coresponse.data.posts_read import read_posts
from coresponse.data.programs.load import load_program
from coresponse.data.roads.made import street_grid
from coresponse.data.tables.ids import none_ids

NETWORK = street_grid(30, 30, spacing_m=200.0, seed=3)
PROGRAM = load_program("mixed")


def _calls(path: Path, ids: list[str], days: list[str], **more: list[str]) -> Path:
    """Calls over the whole network, in meters."""
    rng = np.random.default_rng(4)
    node = rng.integers(0, NETWORK.n_nodes, len(ids))
    columns = {
        "call_id": ids,
        "nature": "WELFARE CHECK",
        "received_at": days,
        "x": NETWORK.node_x[node],
        "y": NETWORK.node_y[node],
    }
    pd.DataFrame(columns | more).to_csv(path, index=False)
    return path


def _read(*paths: Path, stated: StatedDays = StatedDays()) -> CallHistory:  # noqa: B008
    return read_calls(
        paths, network=NETWORK, program=PROGRAM, crs=NETWORK.crs, timezone="UTC", stated=stated
    )


def _days(count: int, start: str = "2024-01-01 09:30") -> list[str]:
    return list(pd.date_range(start, periods=count, freq="5h").strftime("%Y-%m-%d %H:%M:%S"))


@pytest.mark.parametrize(
    "word", ["NA", "N/A", "null", "nan", "None", "0", "-", "#N/A", "unknown", "000"]
)
def test_a_word_for_none_is_no_number(word: str, tmp_path: Path) -> None:
    ids = [word if i % 2 else f"C{i}" for i in range(200)]
    history = _read(_calls(tmp_path / "calls.csv", ids, _days(200)))
    assert history.funnel.steps[1].count == 200
    if word not in {"nan", "None"}:  # blank as pandas writes it, as it always was
        assert f"100 rows have a word for none as call_id ({word!r})" in " ".join(history.notes)


def test_words_for_none_are_told_from_numbers() -> None:
    none = [
        "NA",
        "n/a",
        "N.A.",
        "NULL",
        "(null)",
        "nil",
        "--",
        "?",
        "0",
        "0000",
        "0.0",
        "Unknown",
        "#REF!",
        "\uff2e\uff21",
        "none given",
    ]
    numbers = ["", "10", "A0", "NA-1", "NAN0", "O", "N", "x1", "Ж", "2024-0000", "ABC", "00A"]
    assert none_ids(pd.Series(none, dtype=str)).all()
    assert not none_ids(pd.Series(numbers, dtype=str)).any()
    assert not none_ids(pd.Series(["0", "000"], dtype=str), zeros=False).any()


def test_posts_and_districts_without_an_id_stay_apart(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    x, y = NETWORK.node_x[[0, 5, 99]], NETWORK.node_y[[0, 5, 99]]
    pd.DataFrame({"post_id": ["NA", "NA", "7"], "x": x, "y": y}).to_csv(path, index=False)
    posts = read_posts(path, network=NETWORK, crs=NETWORK.crs)
    assert posts.frame["post_id"].tolist() == ["posts-7", "posts-row-2", "posts-row-3"]
    import geopandas as gpd  # noqa: PLC0415
    import shapely  # noqa: PLC0415

    boxes = [shapely.box(a - 50, b - 50, a + 50, b + 50) for a, b in zip(x, y, strict=True)]
    layer = gpd.GeoDataFrame({"district_id": ["N/A", "N/A", "0"]}, geometry=boxes, crs=NETWORK.crs)
    layer.to_file(tmp_path / "d.gpkg")
    districts = read_districts(tmp_path / "d.gpkg", network=NETWORK)
    assert districts.frame["district_id"].tolist() == ["0", "row-1", "row-2"]


def test_a_constant_that_is_no_number_folds_nothing(tmp_path: Path) -> None:
    history = _read(_calls(tmp_path / "calls.csv", ["AGENCY 5"] * 1500, _days(1500)))
    assert history.funnel.steps[1].count == 1500
    few = _read(_calls(tmp_path / "few.csv", ["AGENCY 5"] * 90, _days(90)))
    assert few.funnel.steps[1].count == 90
    assert "so it is not an event number: each row is a call" in " ".join(few.notes)


def _plain_events(rows: list[tuple[float, float]]) -> int:
    """Events under one number: a row joins the first that began within a week and lies within 2 km."""
    events: list[tuple[float, float]] = []
    for day, km in sorted(rows):
        near = [e for e in events if day - e[0] <= 7]
        if not any(abs(km - e[1]) <= 2 for e in near):
            if len(near) == 2:
                return len(rows)
            events.append((day, km))
    return len(events)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 40).map(float), st.sampled_from([0.0, 1.5, 2.5, 9.0])),
        min_size=2,
        max_size=9,
        unique=True,
    ),
    st.randoms(),
)
def test_rows_far_apart_are_several_events(rows: list[tuple[float, float]], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    start = pd.Timestamp("2024-01-01")
    frame = pd.DataFrame(
        {
            "call_id": "A",
            "received_at": [start + pd.Timedelta(days=day) for day, _ in shuffled],
            "x": [km * 1000 for _, km in shuffled],
            "y": 0.0,
            "origin": range(len(shuffled)),
        }
    )
    for name in TIMES[1:]:
        frame[name] = pd.Series(np.full(len(frame), np.datetime64("NaT", "ns")))
    for name in (*TEXT, "place_reason", "place_detail", "time_detail"):
        frame[name] = ""
    events, notes = fold_events(frame)
    assert len(events) == _plain_events(rows)
    assert events["call_id"].is_unique
    assert bool(notes) == (len(events) > 1)
    assert (SAME_PLACE_M, REUSED_AFTER.days) == (2000, 7)


def test_a_made_number_meets_none_of_the_file(tmp_path: Path) -> None:
    days = [
        "2024-01-01 10:00:00",
        "2024-03-01 10:00:00",
        "2024-03-01 11:00:00",
        "2024-03-01 12:00:00",
    ]
    history = _read(_calls(tmp_path / "calls.csv", ["A", "A", "A#2", "B"], days))
    assert sorted(history.frame["call_id"]) == ["A", "A##2", "A#2", "B"]


@pytest.mark.parametrize(
    "typo", ["2052-05-01 10:00:00", "1994-01-01 00:00:00", "2024-12-30 10:00:00"]
)
def test_a_typo_in_a_date_does_not_scale_demand(typo: str, tmp_path: Path) -> None:
    days = _days(240)
    right = _read(_calls(tmp_path / "a.csv", [f"C{i}" for i in range(240)], days))
    days[17] = typo
    wrong = _read(_calls(tmp_path / "b.csv", [f"C{i}" for i in range(240)], days))
    assert wrong.days == pytest.approx(right.days)
    aside = wrong.set_aside.iloc[0]
    assert (aside["reason"], aside["detail"]) == (FAR_OUTSIDE, typo)
    assert dict(wrong.funnel.steps[2].reasons) == {FAR_OUTSIDE: 1}


def test_days_of_a_gap_are_not_counted_unless_they_are_stated(tmp_path: Path) -> None:
    days = _days(120) + _days(120, "2025-01-01 09:30")
    path = _calls(tmp_path / "calls.csv", [f"C{i}" for i in range(240)], days)
    counted = _read(path)
    assert counted.days == pytest.approx(2 * 119 * 5 / 24)
    assert "those days are not counted" in " ".join(counted.notes)
    stated = _read(path, stated=StatedDays(date(2024, 1, 1), date(2025, 2, 28)))
    assert stated.days == 366 + 59
    part = _read(path, stated=StatedDays(last=date(2024, 1, 20)))
    assert part.days == pytest.approx(20 - 9.5 / 24)
    assert part.set_aside["reason"].unique().tolist() == [NOT_STATED_DAY]
    with pytest.raises(InputError, match="first_day"):
        _read(path, stated=StatedDays(first=date(2031, 1, 1)))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 400), st.floats(0.01, 60), st.integers(0, 2**31))
def test_calls_that_come_at_random_are_never_far_outside(
    n: int, gap_days: float, seed: int
) -> None:
    steps = np.random.default_rng(seed).exponential(gap_days, n)
    times = pd.Series(pd.Timestamp("2001-01-01") + pd.to_timedelta(np.cumsum(steps), unit="D"))
    span = span_of(times)
    assert not span.outside.any()
    whole = (times.max() - times.min()) / pd.Timedelta(days=1)
    assert span.days == pytest.approx(max(1.0, whole)) or span.gaps


def test_a_file_twice_under_two_names(tmp_path: Path) -> None:
    first = _calls(tmp_path / "calls.csv", [f"C{i}" for i in range(20)], _days(20))
    again = tmp_path / "copy.csv"
    again.write_bytes(first.read_bytes())
    with pytest.raises(InputError, match="the same file twice"):
        _read(first, again)
    frame = pd.read_csv(first).drop(columns="call_id")
    frame.to_csv(first, index=False)
    frame.to_parquet(tmp_path / "calls.parquet")
    with pytest.raises(InputError, match="hold the same calls: 20 rows"):
        _read(first, tmp_path / "calls.parquet")


def test_days_on_which_midnight_comes_twice(tmp_path: Path) -> None:
    """In Newfoundland clocks went back at one minute past midnight until 2011."""
    days = ["2002-10-27 10:00:00", "2002-10-27 00:00:30", "2002-10-26 23:30:00"]
    path = _calls(tmp_path / "calls.csv", ["A", "B", "C"], days)
    history = read_calls(
        [path], network=NETWORK, program=PROGRAM, crs=NETWORK.crs, timezone="America/St_Johns"
    )
    assert len(history.frame) == 3
    assert not any("midnight" in note for note in history.notes)
