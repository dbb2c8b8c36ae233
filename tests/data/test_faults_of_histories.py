"""All that is wrong with a history comes in one message, and months in an archive are one history."""

from __future__ import annotations

import itertools
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coresponse.data.calls.read import read_calls
from coresponse.data.errors import InputError
from coresponse.data.tables.dictionary import match_columns
from coresponse.data.tables.specs import CALLS, POSTS

from .call_files import HEADER, LAT, LON, NETWORK, PROGRAM, check_sums, line_of

ZONE = "America/New_York"
BARE = f"2021-07-04 10:00:00,{LAT},{LON}"


def _said(folder: Path, files: dict[str, str], **how: object) -> str:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_calls(
            [folder / name for name in files],
            network=NETWORK,
            program=PROGRAM,
            timezone=ZONE,
            **how,  # type: ignore[arg-type]
        )
    return str(caught.value)


def test_a_missing_column_hides_neither_times_nor_places_nor_other_files(tmp_path: Path) -> None:
    said = _said(
        tmp_path,
        {
            "a.csv": f"received,lat,lon\n??,{LAT},{LON}\nsoon,{LAT},{LON}\n",
            "b.csv": "received,x,y\n2021-07-04 10:00:00,999000,210000\n",
            "c.csv": f"when,nature,lat,lon\n2021-07-04,54E1,{LAT},{LON}\n",
        },
    )
    assert "a.csv: columns of calls: 2 faults" in said
    assert "column 'received': not one of its values is understood as a time, such as '??'" in said
    assert "b.csv: columns of calls: 1 fault" in said
    assert "b.csv: columns 'x' and 'y' are not degrees" in said
    assert "c.csv: columns of calls: 1 fault" in said
    assert said.count("nature: no column found") == 2


def test_orders_of_dates_that_clash_and_a_missing_column_are_told_together(tmp_path: Path) -> None:
    said = _said(
        tmp_path,
        {
            "a.csv": "\n".join(
                [HEADER, *(line_of(received=f"{d}/07/2021 10:00") for d in range(13, 29))]
            ),
            "b.csv": "\n".join(
                [HEADER, *(line_of(received=f"07/{d}/2021 10:00") for d in range(13, 29))]
            ),
            "c.csv": f"received,lat,lon\n{BARE}\n",
        },
    )
    assert "a.csv has the day before the month" in said
    assert "c.csv: columns of calls: 1 fault" in said


def test_midnight_everywhere_and_a_missing_column_are_told_together(tmp_path: Path) -> None:
    rows = "".join(f"2021-07-0{d},{LAT},{LON}\n" for d in range(1, 9))
    said = _said(tmp_path, {"a.csv": "received,lat,lon\n" + rows})
    assert "nature: no column found" in said
    assert "there is no time of day" in said


def test_a_file_that_is_not_there_hides_no_other(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text(f"received,lat,lon\n{BARE}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_calls([tmp_path / "a.csv", tmp_path / "b.csv"], network=NETWORK, program=PROGRAM)
    assert "a.csv is not there" in str(caught.value)
    assert "b.csv: columns of calls" in str(caught.value)


MONTHS = {
    "January.csv": "\n".join([HEADER, line_of("1"), line_of("2", "2021-07-04 11:00:00")]) + "\n",
    "2021/February.csv": "lon,lat,nature,event_id,received,dispatched,arrived,cleared\n"
    f"{LON},{LAT},54E1,3,2021-08-04 10:00:00,,,\n{LON},{LAT},54E1,2,2021-07-04 11:00:00,,,\n",
}


def _zipped(folder: Path, members: dict[str, str]) -> Path:
    with zipfile.ZipFile(folder / "calls.zip", "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return folder / "calls.zip"


def test_months_in_an_archive_are_one_history(tmp_path: Path) -> None:
    path = _zipped(tmp_path, {**MONTHS, "codes.csv": "code,words\n1,a\n"})
    history = read_calls([path], network=NETWORK, program=PROGRAM, timezone=ZONE)
    check_sums(history)
    assert history.frame["call_id"].tolist() == ["1", "2", "3"]  # a call in both months is one
    assert history.funnel.steps[0].count == 4
    told = [note for note in history.notes if "one history" in note]
    assert told == [
        (
            "calls.zip: its 2 tables have the same columns and are read as one history: "
            "2021/February.csv, January.csv; not codes.csv"
        )
    ]
    assert [(told.file, told.rows) for told in history.readings] == [("calls.zip", 4)]


def test_a_row_of_an_archived_month_that_cannot_be_used_is_found_again(tmp_path: Path) -> None:
    members = {**MONTHS, "March.csv": "\n".join([HEADER, line_of("9", "??")]) + "\n"}
    history = read_calls(
        [_zipped(tmp_path, members)], network=NETWORK, program=PROGRAM, timezone=ZONE
    )
    aside = history.set_aside[["source", "source_row"]].to_numpy().tolist()
    assert aside == [["calls.zip/March.csv", 2]]


def test_tables_of_an_archive_that_differ_in_a_column_are_not_guessed_to_be_one(
    tmp_path: Path,
) -> None:
    members = {**MONTHS, "March.csv": HEADER + ",beat\n" + line_of("9") + ",3\n"}
    with pytest.raises(InputError, match="have the columns of calls -- unpack it and give"):
        read_calls([_zipped(tmp_path, members)], network=NETWORK, program=PROGRAM)


def test_the_same_month_twice_in_an_archive_is_refused(tmp_path: Path) -> None:
    rows = [line_of(received=f"2021-07-04 10:{m:02}:00") for m in range(30)]
    month = "\n".join([HEADER, *rows]) + "\n"
    path = _zipped(tmp_path, {"a.csv": month, "b.csv": month})
    with pytest.raises(
        InputError, match=r"calls.zip/a.csv and calls.zip/b.csv hold the same calls"
    ):
        read_calls([path], network=NETWORK, program=PROGRAM, timezone=ZONE)


@settings(deadline=None, max_examples=12)
@given(cuts=st.lists(st.integers(0, 12), max_size=3), turned=st.booleans())
def test_a_history_in_parts_is_the_history(
    cuts: list[int], turned: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("parts")
    rows = [line_of(str(k), f"2021-07-{1 + k:02} 10:00:00") for k in range(12)]
    edges = sorted({0, 12, *cuts})
    header = HEADER.split(",")
    parts = {}
    for k, (low, high) in enumerate(itertools.pairwise(edges)):
        lines = [header, *(row.split(",") for row in rows[low:high])]
        lines = [line[::-1] for line in lines] if turned and k % 2 else lines
        parts[f"part{k}.csv"] = "\n".join(",".join(line) for line in lines) + "\n"
    whole = folder / "whole.csv"
    whole.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    one = read_calls([whole], network=NETWORK, program=PROGRAM, timezone=ZONE).frame
    two = read_calls([_zipped(folder, parts)], network=NETWORK, program=PROGRAM, timezone=ZONE)
    assert one.equals(two.frame)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("Recv'd", "received_at"),
        ("RCVD_DT_TM", "received_at"),
        ("Disp Tm", "dispatched_at"),
        ("Enr Tm", "en_route_at"),
        ("On Scn", "arrived_at"),
        ("ARR_DTTM", "arrived_at"),
        ("Clr Tm", "cleared_at"),
        ("Evt Typ", "nature"),
        ("Call Src", "channel"),
    ],
)
def test_names_that_exports_shorten_are_known(theirs: str, ours: str) -> None:
    names = {"nature": "code", "received_at": "received"} | {ours: theirs}
    found = match_columns(CALLS, [*names.values(), "lat", "lon"], where="calls.csv")
    assert found[ours] == theirs


def test_shortened_names_of_posts_are_known_and_those_in_another_clock_are_not() -> None:
    found = match_columns(POSTS, ["STATION_ID", "STATION_NM", "DEPT", "LAT", "LON"], where="s.csv")
    assert (found["name"], found["agency"]) == ("STATION_NM", "DEPT")
    with pytest.raises(InputError, match="a time: no columns found"):
        match_columns(CALLS, ["Recvd (UTC)", "nature", "lat", "lon"], where="calls.csv")


def test_a_word_of_the_data_does_not_make_its_row_the_header(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    row = f"54E1,{LON},{LAT},CLEARED"
    days = [f"{k},07/{k + 1:02}/21,17{k:02},{row}" for k in range(12)]
    path.write_text("\n".join(["NR,TAG,ZEIT,WAS,XX,YY,DISPO", *days]), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_calls([path], network=NETWORK, program=PROGRAM)
    assert "columns there: NR (numbers), TAG (dates), ZEIT (numbers)" in str(caught.value)
    assert LON not in str(caught.value)  # nor is anybody's call told
    header = "EVT_NO,EVT_DT,EVT_TM,EVT_TYP,LON,LAT,DISPO"
    path.write_text("\n".join([header, *days]), encoding="utf-8")
    history = read_calls([path], network=NETWORK, program=PROGRAM, timezone=ZONE)
    assert len(history.frame) == 12
    assert history.frame["received_at"].dt.strftime("%m/%d %H:%M").iloc[11] == "07/12 17:11"
