"""What is said of the people that a plan takes, and its tables."""

from __future__ import annotations

import pytest

from coresponse.data.figures.dictionary import check_columns
from coresponse.data.options import Deployment, Option
from coresponse.data.programs.load import load_program
from coresponse.publish.staffing import StaffingPublication, publish_staffing, role_words
from coresponse.results.staffing import (
    shifts_frame,
    staffing_cells,
    staffing_frame,
    staffing_json,
)

MIXED = load_program("mixed")


def told(plan: dict[str, int], today: dict[str, int] | None) -> StaffingPublication:
    mine, theirs = (
        None
        if counts is None
        else Deployment.of(
            "plan",
            {
                Option(
                    "on_call_clinician" if shift == "always" else "co_responder_unit", "P1", shift
                ): n
                for shift, n in counts.items()
            },
        )
        for counts in (plan, today)
    )
    assert mine is not None
    return publish_staffing(MIXED, {"P1": "=Clinic"}, mine, theirs)


def test_whom_to_hire_is_said_by_crew_role() -> None:
    hire = told({"day_10h": 1}, None).sentences[0]
    assert (
        hire
        == "You need to hire 4 people (2 officers, 2 clinicians); 2 more for leave and turnover, and "
        "1 supervisor."
    )
    same = told({"day_10h": 1}, {"day_10h": 1}).sentences[0]
    assert same == "You need to hire nobody: today's people can staff the plan."
    # a budget of 0 dollars
    assert told({}, {"day_10h": 2}).sentences[0] == (
        "The plan has nobody in place: there is nobody to hire."
    )
    fewer = told({}, {"day_10h": 1}).sentences
    assert "The plan takes 6 people (3 officers, 3 clinicians) fewer than today." in fewer
    assert "168 are on call" in " ".join(told({"always": 1}, None).sentences)


def test_the_sentences_count_what_the_tables_have() -> None:
    one = told({"day_10h": 2, "always": 1}, {"late_10h": 1})
    table = staffing_frame(one)
    mine = table[table["deployment"] == "plan"].set_index("crew_role")
    data = staffing_json(one)
    assert data["plan"]["people"] == mine["people"].sum()
    on_duty, more = (
        sum(data["to_hire"][k].values()) for k in ("on_duty", "for_leave_and_turnover")
    )
    assert mine["to_hire"].sum() == on_duty + more
    assert f"hire {on_duty} people" in one.sentences[0]
    assert f"{more} more for leave" in one.sentences[0]
    # the sentence's people are the last column's, supervisors and all
    to_hire = sum(int(cells[9]) for cells in staffing_cells(one))
    assert to_hire == on_duty + more + data["to_hire"]["supervisors"]
    assert one.sentences[0].endswith("and 1 supervisor.")
    # today's people add up, too, those whom the plan has no place for among them
    gone = told({"always": 1}, {"late_10h": 3})
    assert gone.today is not None
    now = sum(int(cells[8]) for cells in staffing_cells(gone))
    assert now == gone.today.people + gone.today.supervisors
    assert f"takes {gone.today.people} and {gone.today.supervisors} supervisor" in gone.sentences[2]
    led = told({"day_10h": 5}, {"day_10h": 3, "always": 2}).hire
    assert led.supervisors >= 0
    shifts = shifts_frame(one)
    by_role = shifts[shifts["deployment"] == "plan"].groupby("crew_role")["hours_per_week"].sum()
    assert by_role.to_dict() == pytest.approx(mine["hours_per_week"].to_dict())
    assert [cells[7] for cells in staffing_cells(one)[:-1]] == mine["people"].astype(str).tolist()
    for frame in (table, shifts):
        check_columns(map(str, frame.columns))


def test_roles_are_called_as_people_say_them() -> None:
    assert role_words("emt", 2) == "2 EMTs"
    assert role_words("crisis_worker", 1) == "1 crisis worker"
