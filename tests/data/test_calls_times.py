"""Times as dispatch systems write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coresponse.data.calls.fixed_times import parse_fixed
from coresponse.data.calls.received import received_values
from coresponse.data.calls.times import FORMATS, parse_times, time_zone
from coresponse.data.errors import InputError

NEW_YORK = ZoneInfo("America/New_York")
NONE = ZoneInfo("UTC")


def _utc(texts: list[str | None], zone: ZoneInfo = NONE) -> list[str]:
    times = parse_times(pd.Series(texts), zone)
    assert len(times.utc) == len(times.bad) == len(texts)
    assert np.isnat(times.utc[times.bad]).all()
    return np.datetime_as_string(times.utc, unit="ms").tolist()


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2021-07-04 13:05:09", "13:05:09.000"),
        ("2021-07-04T13:05:09", "13:05:09.000"),
        ("2021-07-04T13:05:09.250", "13:05:09.250"),
        ("2021-07-04 13:05", "13:05:00.000"),
        ("2021-07-04", "00:00:00.000"),
        ("07/04/2021 01:05:09 PM", "13:05:09.000"),
        ("7/4/2021 1:05:09 pm", "13:05:09.000"),
        ("07/04/2021 12:05:09 AM", "00:05:09.000"),
        ("07/04/2021 12:05:09 PM", "12:05:09.000"),
        ("07/04/2021 13:05:09", "13:05:09.000"),
        ("07/04/2021 13:05:09.250", "13:05:09.250"),
        ("07/04/2021 01:05 PM", "13:05:00.000"),
        ("07/04/2021 13:05", "13:05:00.000"),
        ("7/4/21 13:05", "13:05:00.000"),
        ("07/04/21 01:05:09 PM", "13:05:09.000"),
        ("07/04/2021", "00:00:00.000"),
        ("07-04-2021 13:05:09", "13:05:09.000"),
        ("2021/07/04 13:05:09", "13:05:09.000"),
        ("20210704130509", "13:05:09.000"),
        ("20210704 13:05:09", "13:05:09.000"),
        ("04.07.2021 13:05:09", "13:05:09.000"),
        ("04.07.2021 13:05", "13:05:00.000"),
        ("04-Jul-2021 13:05:09", "13:05:09.000"),
        ("Jul  4 2021  1:05PM", "13:05:00.000"),
        ("1625403909250", "13:05:09.250"),
        (" 2021-07-04 13:05:09 ", "13:05:09.000"),
    ],
)
def test_forms(text: str, iso: str) -> None:
    assert _utc([text]) == [f"2021-07-04T{iso}"]
    # in whatever company
    assert _utc([text, "2021-07-04 00:00:00", "", text])[3] == f"2021-07-04T{iso}"


@pytest.mark.parametrize(
    "text",
    [
        "2021-07-04T13:05:09Z",
        "2021-07-04 13:05:09+00",
        "2021-07-04T09:05:09-04:00",
        "2021-07-04 09:05:09-04",
        "2021-07-04T18:35:09.000+0530",
        "07/04/2021 09:05:09 AM -0400",
        "07/04/2021 13:05:09 UTC",
        "07/04/2021 13:05:09 GMT",
    ],
)
def test_an_offset_is_taken_at_its_word(text: str) -> None:
    assert _utc([text, "2021-07-04 13:05:09", text], NEW_YORK) == [
        "2021-07-04T13:05:09.000",
        "2021-07-04T17:05:09.000",
        "2021-07-04T13:05:09.000",
    ]


@pytest.mark.parametrize(
    "text",
    ["nonsense", "2021-02-30 10:00:00", "02/30/2021 10:00:00 AM", "2021-07-04 24:00:00", "2021-07-04 10:60:00", "1545",
     "2021", "1969-12-31 00:00:00", "1066-10-14 09:00:00", "2200-01-02 00:00:00", "00/00/0000 00:00:00", "10:00:00",
     "13/07/2021 10:00:00 AM", "2021-13-01T00:00:00Z", "9999-12-31T00:00:00Z"],
)  # fmt: skip
def test_what_is_no_time_is_bad_and_the_rest_stands(text: str) -> None:
    times = parse_times(
        pd.Series(["2021-07-04 10:00:00", text, "07/04/2021 10:00:00 AM", "", None]), NEW_YORK
    )
    assert times.bad.tolist() == [False, True, False, False, False]
    assert np.isnat(times.utc).tolist() == [False, True, False, True, True]


def test_blank_columns() -> None:
    times = parse_times(pd.Series(["", "NULL", None, "NaT"]), NEW_YORK)
    assert np.isnat(times.utc).all()
    assert not times.bad.any()


def test_clocks_go_forward() -> None:
    times = parse_times(
        pd.Series(["2021-03-14 01:59:59", "2021-03-14 02:30:00", "2021-03-14 03:00:00"]), NEW_YORK
    )
    assert np.datetime_as_string(times.utc, unit="s").tolist() == [
        "2021-03-14T06:59:59",
        "2021-03-14T07:00:00",  # 02:30 never was: moved past the skipped hour
        "2021-03-14T07:00:00",
    ]
    assert times.moved == 1


def test_clocks_go_back() -> None:
    texts = ["2021-11-07 00:59:59", "2021-11-07 01:30:00", "2021-11-07 02:00:00"]
    times = parse_times(pd.Series(texts), NEW_YORK)
    assert np.datetime_as_string(times.utc, unit="s").tolist() == [
        "2021-11-07T04:59:59",
        "2021-11-07T05:30:00",  # the first of the two
        "2021-11-07T07:00:00",
    ]
    assert times.moved == 0
    assert _utc(["2021-11-07 01:30:00-05:00"], NEW_YORK) == [
        "2021-11-07T06:30:00.000"
    ]  # the second, said so


naive_times = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)).map(
    lambda t: t.replace(microsecond=0)
)
around_changes = st.sampled_from(
    [datetime(2021, 3, 14), datetime(2021, 11, 7), datetime(1987, 4, 5)]
).flatmap(lambda day: st.integers(0, 86399).map(lambda s: day + timedelta(seconds=s)))


@settings(deadline=None)
@given(st.lists(naive_times | around_changes, min_size=1, max_size=20))
def test_local_times_agree_with_the_standard_library(moments: list[datetime]) -> None:
    times = parse_times(pd.Series([f"{t:%m/%d/%Y %I:%M:%S %p}" for t in moments]), NEW_YORK)
    for moment, utc in zip(moments, times.utc.astype("datetime64[s]").tolist(), strict=True):
        aware = moment.replace(tzinfo=NEW_YORK)  # fold=0: the first of two
        there_and_back = aware.astimezone(UTC).astimezone(NEW_YORK).replace(tzinfo=None)
        if there_and_back == moment:
            assert utc == aware.astimezone(UTC).replace(tzinfo=None)
        else:  # a skipped time: the moment at which the clocks changed
            before = (aware - timedelta(hours=3)).astimezone(UTC)
            change = next(
                t
                for t in (before + timedelta(minutes=m) for m in range(600))
                if t.astimezone(NEW_YORK).utcoffset() != before.astimezone(NEW_YORK).utcoffset()
            )
            assert utc.replace(second=0) == change.replace(tzinfo=None, second=0)
    assert not times.bad.any()


FIXED = [
    form
    for form in FORMATS
    if not np.isnat(parse_fixed(pd.Series([f"{datetime(2021, 7, 4):{form}}"]), form)[0])
]


def test_the_fast_way_takes_the_usual_forms() -> None:
    assert {
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%dT%H:%M:%S",
        "%m/%d/%Y %I:%M:%S %p",
        "%m/%d/%Y %H:%M:%S",
    } <= set(FIXED)


@settings(deadline=None)
@given(
    form=st.sampled_from(FIXED),
    moment=naive_times,
    noise=st.lists(st.tuples(st.integers(0, 30), st.characters())),
)
def test_the_fast_way_agrees_with_strptime(
    form: str, moment: datetime, noise: list[tuple[int, str]]
) -> None:
    right = f"{moment:{form}}"
    letters = list(right)
    for at, letter in noise[:2]:
        letters[at % len(letters)] = letter
    wrong = "".join(letters).encode("utf-8", "replace").decode()
    found = parse_fixed(pd.Series([right, wrong, "", right + " "]), form)
    assert found[0] == np.datetime64(datetime.strptime(right, form))  # noqa: DTZ007
    assert np.isnat(found[2:]).all()
    if not np.isnat(found[1]):
        assert found[1] == np.datetime64(datetime.strptime(wrong, form))  # noqa: DTZ007


@given(year=st.integers(1971, 2100), month=st.integers(0, 13), day=st.integers(0, 32))
def test_the_fast_way_knows_the_calendar(year: int, month: int, day: int) -> None:
    found = parse_fixed(pd.Series([f"{year}-{month:02}-{day:02} 10:00:00"]), "%Y-%m-%d %H:%M:%S")[0]
    try:
        expected = np.datetime64(datetime(year, month, day, 10), "s")
    except ValueError:
        assert np.isnat(found)
    else:
        assert found == expected


def test_columns_that_are_times_already() -> None:
    aware = (
        pd.Series(pd.to_datetime(["2021-07-04 14:00", None]))
        .dt.tz_localize("UTC")
        .dt.tz_convert("Asia/Tokyo")
    )
    naive = pd.Series(pd.to_datetime(["2021-07-04 10:00", None]).astype("datetime64[ms]"))
    for values in (aware, naive):
        times = parse_times(values, NEW_YORK)
        assert np.datetime_as_string(times.utc, unit="s").tolist() == ["2021-07-04T14:00:00", "NaT"]
        assert not times.bad.any()


def test_zones() -> None:
    assert time_zone(None).key == "UTC"
    for name in ("Mars/Base", "../etc/passwd", "EDT/New York"):
        with pytest.raises(InputError, match="write an IANA name"):
            time_zone(name)


def test_what_the_planner_maps_is_taken_at_its_word() -> None:
    frame = pd.DataFrame({"date": ["2021-07-04"], "time": ["10:00"], "sent": ["2021-07-04 11:00"]})
    found = {"received_at": "date", "received_time": "time"}
    assert received_values(frame, found, ())[0].tolist() == ["2021-07-04 10:00"]
    values, name = received_values(
        frame, {"received_at": "sent", "received_time": "time"}, {"received_at"}
    )
    assert (values.tolist(), name) == (["2021-07-04 11:00"], "sent")


@pytest.mark.parametrize("offset", ["+25:00", "-12:30", "+14:01", "+10:60", "-99", "+9999"])
def test_an_offset_that_no_clock_has_is_no_time(offset: str) -> None:
    times = parse_times(pd.Series([f"2021-07-04 10:00:00{offset}"]), NEW_YORK)
    assert times.bad.tolist() == [True]


@pytest.mark.parametrize("offset", ["+14:00", "-12:00", "+05:45", "Z", "-0330"])
def test_the_farthest_offsets(offset: str) -> None:
    assert not parse_times(pd.Series([f"2021-07-04 10:00:00{offset}"]), NEW_YORK).bad.any()


@pytest.mark.parametrize("name", ["localtime", "posixrules", "Factory", "right/UTC", "posix/UTC"])
def test_a_zone_of_the_machine_is_no_city_s(name: str) -> None:
    with pytest.raises(InputError, match="not known"):
        time_zone(name)


@pytest.mark.parametrize("unit", ["s", "ms", "us"])
@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York", "+14:00"])
def test_an_open_end_is_no_time_in_columns_of_any_unit(unit: str, zone: str | None) -> None:
    """Nanoseconds end in 2262: 9999-12-31 wraps round to a day of 1816, or of 1970 and later."""
    values = [
        "2021-07-04T10:00:00",
        "9999-12-31T23:59:59",
        "0001-01-01",
        "2554-07-21T23:34:33",
        "NaT",
    ]
    column = pd.Series(np.array(values, dtype=f"datetime64[{unit}]"))
    if zone:
        column = column.dt.tz_localize("UTC").dt.tz_convert(zone)
    times = parse_times(column, NEW_YORK)
    assert times.bad.tolist() == [False, True, True, True, False]
    wanted = "2021-07-04T10" if zone else "2021-07-04T14"
    assert np.datetime_as_string(times.utc, unit="h").tolist() == [wanted, *["NaT"] * 4]
