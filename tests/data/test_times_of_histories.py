"""A history gives the same calls however its times are written; what contradicts itself is a fault."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from coresponse.data.calls.history import CallHistory
from coresponse.data.calls.read import read_calls
from coresponse.data.errors import InputError
from coresponse.data.programs.load import load_program
from coresponse.data.roads.made import street_grid

NETWORK = street_grid(6, 6, seed=2)
PROGRAM = load_program("mixed")
ZONE = ZoneInfo("Europe/London")
LON, LAT = Transformer.from_crs(NETWORK.crs, "EPSG:4326", always_xy=True).transform(
    NETWORK.node_x[8], NETWORK.node_y[8]
)
START = datetime(2018, 9, 11, 22, 50, 7)  # noqa: DTZ001 -- as an agency writes it
CALLS = [START + timedelta(hours=17 * i, seconds=3 * i) for i in range(40)]


def write(path: Path, columns: dict[str, Sequence[object]]) -> Path:
    frame = pd.DataFrame({"call_id": [f"{path.stem}-{i}" for i in range(len(next(iter(columns.values()))))]})  # fmt: skip
    frame["nature"], frame["lon"], frame["lat"] = "WELFARE CHECK", LON, LAT
    frame.assign(**columns).to_csv(path, index=False)
    return path


def read(*paths: Path, **how: object) -> CallHistory:
    return read_calls(list(paths), network=NETWORK, program=PROGRAM, timezone=ZONE.key, **how)  # type: ignore[arg-type]


def local(history: CallHistory, column: str = "received_at") -> list[datetime]:
    return [t.to_pydatetime() for t in history.frame[column].dt.tz_localize(None)]


FORMS = [
    "%d/%m/%Y %H:%M:%S", "%d-%m-%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%d %B %Y %H:%M:%S", "%d-%b-%Y %H:%M:%S",
    "%B %d, %Y %I:%M:%S %p", "%d%b%Y:%H:%M:%S", "%a %b %d %H:%M:%S %Y", "%Y/%m/%d %H:%M:%S", "%m/%d/%Y %I:%M:%S %p",
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_calls(tmp_path: Path, form: str) -> None:
    found = read(write(tmp_path / "c.csv", {"received": [f"{t:{form}}" for t in CALLS]}))
    assert local(found) == CALLS


@pytest.mark.parametrize("parts", [1, 1_000, 1_000_000])
def test_seconds_since_1970_give_the_same_calls(tmp_path: Path, parts: int) -> None:
    since = [round(t.replace(tzinfo=ZONE).timestamp()) * parts for t in CALLS]
    path = write(tmp_path / "c.csv", {"ring_timestamp": since})
    assert local(read(path, columns={"received_at": "ring_timestamp"})) == CALLS


def test_a_date_with_times_of_day_gives_the_same_calls(tmp_path: Path) -> None:
    steps = {"dispatched": 4, "arrived": 15, "cleared": 95}
    later = {name: [t + timedelta(minutes=m) for t in CALLS] for name, m in steps.items()}
    whole = {"received": [f"{t:%Y-%m-%d %H:%M:%S}" for t in CALLS]}
    whole |= {name: [f"{t:%Y-%m-%d %H:%M:%S}" for t in times] for name, times in later.items()}
    apart = {
        "date": [f"{t:%m/%d/%Y}" for t in CALLS],
        "time received": [f"{t:%H:%M:%S}" for t in CALLS],
        **{f"time {name}": [f"{t:%I:%M:%S %p}" for t in times] for name, times in later.items()},
    }
    minutes = {"received": whole["received"], **{f"{n} min": [m] * 40 for n, m in steps.items()}}
    names = {f"{name}_at": f"{name} min" for name in steps}
    one = read(write(tmp_path / "one.csv", whole))
    two = read(write(tmp_path / "two.csv", apart))
    three = read(write(tmp_path / "three.csv", minutes), columns=names)
    for column in ("received_at", "dispatched_at", "arrived_at", "cleared_at"):
        assert local(one, column) == local(two, column) == local(three, column)
    assert any("holds times of day" in note for note in two.notes)
    assert any("holds minutes from the receipt" in note for note in three.notes)


def test_a_clock_that_is_a_little_behind_is_of_the_same_day(tmp_path: Path) -> None:
    received = [t.replace(hour=12) for t in CALLS]
    columns = {
        "received": [f"{t:%Y-%m-%d %H:%M:%S}" for t in received],
        "arrived": [f"{t - timedelta(minutes=2):%H:%M:%S}" for t in received],
    }
    found = read(write(tmp_path / "c.csv", columns))
    assert found.frame["arrived_at"].isna().all()
    assert any("time blanked" in note for note in found.notes)


def test_a_file_whose_dates_do_not_tell_is_read_as_the_others(tmp_path: Path) -> None:
    early = [datetime(2018, 10, 1, 10) + timedelta(days=i) for i in range(10)]  # noqa: DTZ001
    files = [
        write(tmp_path / f"w{k}.csv", {"received": [f"{t:%d/%m/%Y %H:%M:%S}" for t in times]})
        for k, times in enumerate((CALLS, early))
    ]
    found = read(*files)
    assert local(found) == sorted([*CALLS, *early])
    assert local(read(*files[::-1])) == sorted([*CALLS, *early])
    alone = read(files[1])
    assert any("no date tells whether the day or the month goes first" in n for n in alone.notes)
    assert local(read(files[1], day_first=True)) == early


def test_files_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    files = [
        write(tmp_path / f"w{k}.csv", {"received": [f"{t:{form}}" for t in CALLS]})
        for k, form in enumerate(("%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S"))
    ]
    with pytest.raises(InputError, match=r"w0\.csv has the day before the month.*w1\.csv"):
        read(*files)
    for file, said in zip(files, (False, True), strict=True):
        with pytest.raises(InputError, match="the dates say otherwise"):
            read(file, day_first=said)


def test_dates_alone_are_refused_only_if_the_whole_history_has_no_clock(tmp_path: Path) -> None:
    dates = write(tmp_path / "a.csv", {"date": [f"{t:%Y-%m-%d}" for t in CALLS]})
    with pytest.raises(InputError, match="no time of day"):
        read(dates)
    clocks = write(tmp_path / "b.csv", {"received": [f"{t:%Y-%m-%d %H:%M:%S}" for t in CALLS]})
    found = read(dates, clocks)
    assert any("has no time of day" in note for note in found.notes)


@pytest.mark.slow
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    times=st.lists(
        st.datetimes(datetime(2002, 1, 2), datetime(2032, 1, 1)).map(lambda t: t.replace(microsecond=0, second=7)),  # noqa: DTZ001
        min_size=3, max_size=30,
    ),
    form=st.sampled_from(["epoch", "%d %B %Y %H:%M:%S", "%B %d, %Y %I:%M:%S %p"]),
)  # fmt: skip
def test_forms_agree_with_iso(tmp_path: Path, times: list[datetime], form: str) -> None:
    written = [
        round(t.replace(tzinfo=ZONE).timestamp()) if form == "epoch" else f"{t:{form}}"
        for t in times
    ]
    pair = [
        read(write(tmp_path / "c.csv", {"received": values}))
        for values in (written, [f"{t:%Y-%m-%d %H:%M:%S}" for t in times])
    ]
    assert pair[0].funnel == pair[1].funnel
    there = np.array([t.replace(tzinfo=ZONE).timestamp() for t in times])
    if form != "epoch" or len(set(there)) == len(times):
        assert local(pair[0]) == local(pair[1])
