"""A roster's workbook and calendar, read back by code of their own."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from coresponse.cli import main as cli
from coresponse.data.errors import InputError, MissingInputError
from coresponse.data.options import Deployment, Option
from coresponse.data.programs.load import load_program
from coresponse.publish.roster import RosterPublication, publish_roster
from coresponse.questions.roster import Roster, roster
from coresponse.results.calendar import Event, calendar
from coresponse.results.planned import planned_deployment
from coresponse.results.roster import write_roster
from coresponse.study.folder import open_study
from tests.questions.small_study import small_study

MONDAY = dt.date(2027, 1, 4)
EVIL = "=1+1\nEND:VEVENT, \U0001f600" * 5
COUNTS = {
    Option("co_responder_unit", "P1", "day_10h"): 2,
    Option("co_responder_unit", "P2", "late_10h"): 1,
    Option("on_call_clinician", "P2", "always"): 1,
}
runner = CliRunner()


def told() -> RosterPublication:
    found = roster(load_program("mixed"), Deployment.of("plan", COUNTS))
    return publish_roster(
        found, name="City", notice="MADE", run="plan-1", post_names={"P1": "Clinic", "P2": EVIL}
    )


def unfolded(text: str) -> list[str]:
    assert text.count("\n") == text.count("\r\n")
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def events(text: str) -> list[dict[str, str]]:
    out: list[dict[str, str]] = []
    for line in unfolded(text):
        name, _, value = line.partition(":")
        if (name, value) == ("BEGIN", "VEVENT"):
            out.append({})
        elif out:
            out[-1].setdefault(name, value)
    return out


def test_the_calendar_has_every_seat_in_every_hour(tmp_path: Path) -> None:
    run = write_roster(told(), tmp_path, MONDAY)
    text = run.file("roster.ics").read_bytes().decode("utf-8")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    worked: Counter[dt.datetime] = Counter()
    horizon = dt.datetime.combine(MONDAY, dt.time()) + dt.timedelta(weeks=20)
    for event in events(text):
        begin, end = (dt.datetime.strptime(event[k], "%Y%m%dT%H%M%S") for k in ("DTSTART", "DTEND"))  # noqa: DTZ007
        every = dt.timedelta(weeks=int(event["RRULE"].rpartition("=")[2]))
        while begin < horizon:
            for k in range(int((end - begin).total_seconds() // 3600)):
                worked[begin + dt.timedelta(hours=k)] += 1
            begin, end = begin + every, end + every
    patterns = load_program("mixed").shift_patterns
    # from the second week: nights of the week before the first are nobody's yet
    for week in range(1, 19):
        for hour in range(168):
            at = dt.datetime.combine(MONDAY, dt.time()) + dt.timedelta(weeks=week, hours=hour)
            seats = sum(
                count * (2 if option.responder_type == "co_responder_unit" else 1)
                for option, count in COUNTS.items()
                if patterns[option.shift_pattern].hours.mask()[hour]
            )
            assert worked[at] == seats, at
    assert len({event["UID"] for event in events(text)}) == len(events(text))


def test_the_workbook_says_who_works_when_and_names_stay_text(tmp_path: Path) -> None:
    publication = told()
    run = write_roster(publication, tmp_path, None)
    assert not run.file("roster.ics").exists()
    book = openpyxl.load_workbook(run.file("roster.xlsx"))
    assert book.sheetnames == ["Summary", "Line 1", "Line 2", "Line 3"]
    values = openpyxl.load_workbook(run.file("roster.xlsx"), data_only=True)["Line 1"]
    table = list(values.iter_rows(values_only=True))
    officers = publication.lines[0]
    assert [row[0] for row in table[2 : 2 + officers.people]] == list(range(1, officers.people + 1))
    assert table[-1][1:8] == (3,) * 7
    assert table[-1][8] == 210
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f" or str(cell.value).startswith(("=COUNTA", "=SUM"))
    assert write_roster(publication, tmp_path / "again", None).name == run.name
    one, other = (folder / run.name / "roster.xlsx" for folder in (tmp_path, tmp_path / "again"))
    assert one.read_bytes() == other.read_bytes()
    with pytest.raises(TypeError, match="publish it first"):
        write_roster(object.__new__(Roster), tmp_path, None)  # type: ignore[arg-type]


@given(st.text(max_size=200), st.text(max_size=200))
def test_a_calendar_is_lines_of_its_own_whatever_names_hold(title: str, place: str) -> None:
    text = calendar(title, [Event("u", title, place, dt.datetime(2027, 1, 4, 8), 8, 2)])  # noqa: DTZ001
    lines = unfolded(text)
    assert len(lines) == 14
    assert lines[-1] == "END:VCALENDAR"
    assert all(len(line.encode("utf-8", errors="replace")) <= 75 for line in text.split("\r\n"))


HALF_EMPTY = {"crew_roles.officer.vacancy_share": 0.5}


def plan_file(folder: Path, what_if: Any = None, **changes: Any) -> Path:
    run = folder / "results" / "plan-1"
    run.mkdir(parents=True, exist_ok=True)
    row = {
        "responder_type": "co_responder_unit", "post_id": "P01", "shift_pattern": "day_10h",
        "post_name": "A", "count": 1,
    }  # fmt: skip
    inside = {"inputs_sha256": {}, "versions": {}, "solver": {}}
    content: dict[str, Any] = {
        "schema": 1, "run": "plan-1", "deployment": [row | changes], "status": {}, "measures": {},
        "provenance": inside,
    }  # fmt: skip
    if what_if is not None:
        content["what_if"] = what_if
    (run / "plan.json").write_text(json.dumps(content), encoding="utf-8")
    (run / "deployment.csv").write_text("x\n", encoding="utf-8")
    return run


def test_the_command_rosters_the_newest_plan_and_reads_no_calls(tmp_path: Path) -> None:
    folder = small_study(tmp_path / "study")
    done = runner.invoke(cli.app, ["roster", str(folder), "--quiet"])
    assert isinstance(done.exception, MissingInputError)
    plan_file(folder)
    (folder / "calls.parquet").write_bytes(b"not read")
    done = runner.invoke(cli.app, ["roster", str(folder), "--quiet", "--from", "2027-01-04"])
    assert done.exit_code == 0, done.output
    assert "2 officers can work the plan's shifts in a cycle of 2 weeks" in " ".join(
        done.output.split()
    )
    (run,) = (folder / "results").glob("roster-*")
    assert {path.name for path in run.iterdir()} == {"roster.ics", "roster.json", "roster.xlsx"}
    done = runner.invoke(cli.app, ["roster", str(folder), "--from", "2027-01-05"])
    assert done.exit_code == 2
    # a question of the what-if page: half of the officers' positions stand empty
    for asked, said in (
        ({}, "plus 1 officer for relief"),
        ({"figures": HALF_EMPTY}, "plus 3 officers for relief"),
    ):
        plan_file(folder, what_if=asked)
        done = runner.invoke(cli.app, ["roster", str(folder), "--quiet"])
        assert said in " ".join(done.output.split()), done.output
    for damaged in (
        {"figures": 1},
        {"vary": []},
        {"figures": {"x": 1}},
        {"vary": {"wage.x": "1"}},
        5,
    ):
        plan_file(folder, what_if=damaged)
        for command in ("roster", "money"):
            done = runner.invoke(cli.app, [command, str(folder)])
            assert isinstance(done.exception, InputError), (damaged, command, done.output)
    for wrong in (
        {"shift_pattern": "dawn"},
        {"count": "x"},
        {"count": -1},
        {"post_id": None, "count": 0},
    ):
        plan_file(folder, **wrong)
        with pytest.raises(InputError, match="plan again"):
            planned_deployment(open_study(folder), None)
