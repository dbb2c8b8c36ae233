"""A plan of the page becomes a run of ``results``.

The very one of ``coresponse plan``, or one that says what it asked.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from coresponse.app.desk import Desk
from coresponse.app.prepared import PreparedStudy, fingerprint, prepare
from coresponse.app.program_figures import figures_shown
from coresponse.app.question import (
    Question,
    case_for,
    in_words,
    is_study_question,
    study_question,
)
from coresponse.app.report import make_report, plan_of
from coresponse.app.solving import find
from coresponse.coverage.service.model import fit_service, service_under
from coresponse.data.errors import InputError
from coresponse.data.programs.changed import program_with
from coresponse.data.programs.load import assumptions, load_program, preset_names
from coresponse.optimize.goals.goal import Lexicographic, ShareInTime, Tail
from coresponse.optimize.solution import Step
from coresponse.publish.plan import publish_plan
from coresponse.questions.plan import plan as plan_case
from coresponse.results.plan import write_plan
from coresponse.results.verify import verify_run
from coresponse.study.folder import StudyFolder, open_study
from coresponse.study.read import read_study
from tests.faults.commands import with_today
from tests.faults.conftest import small_town


def quiet(step: Step) -> None:
    del step


def saved(study: PreparedStudy, question: Question) -> dict[str, Any]:
    """Find a plan and take it through a file, as the page does."""
    found = find(Desk(study), question, watch=quiet)
    told: dict[str, Any] = json.loads(
        json.dumps({"fingerprint": study.fingerprint, **found}, allow_nan=False)
    )
    return told


def asked(study: PreparedStudy, **changes: Any) -> Question:
    return Question(**(study_question(study.case).model_dump() | changes))


def files(run: Path) -> dict[str, bytes]:
    found = {
        path.relative_to(run).as_posix(): path.read_bytes()
        for path in run.rglob("*")
        if path.is_file()
    }
    return {name: content for name, content in found.items() if name != "internal/timing.json"}


def test_the_studys_own_question_gives_the_very_run_of_coresponse_plan(tmp_path: Path) -> None:
    folder = open_study(with_today(small_town(tmp_path / "town")))
    study = prepare(folder)
    own = study_question(study.case)
    run = make_report(folder, own, saved(study, own))
    page = files(run.folder)
    shutil.rmtree(run.folder)
    loaded = read_study(folder)
    publication = publish_plan(plan_case(loaded.case))
    command = write_plan(publication, folder.results, loaded.hashes)
    assert command.name == run.name
    assert files(command.folder) == page
    assert {
        "plan.json",
        "plan.gpkg",
        "deployment.csv",
        "report.html",
        "map.html",
        "internal/report.json",
    } <= set(page)


def test_another_question_gives_a_run_that_says_so(
    folder: StudyFolder, study: PreparedStudy
) -> None:
    officer = "crew_roles.officer.cost_per_hour"
    question = asked(
        study,
        busy="free",
        demand=1.5,
        speed=0.8,
        posts_not=["P11"],
        moved={"P05": (-73.99, 40.72)},
        figures={officer: 95},
    )
    plan = saved(study, question)
    run = make_report(folder, question, plan)
    assert run.name.startswith("whatif-")
    told = json.loads((run.folder / "plan.json").read_text(encoding="utf-8"))
    assert told["what_if"]["demand"] == 1.5
    assert told["status"]["objective"] == pytest.approx(plan["objective"], abs=3.0)  # steps of 6 s
    rows = [
        [r["responder_type"], r["post_id"], r["shift_pattern"], r["count"]]
        for r in told["deployment"]
    ]
    assert rows == plan["bought"]
    assert "no records to judge by" in told["unseen"]["skipped"]
    # half as many calls again are what is replayed
    a_week = told["judgments"]["plan"]["replay"]["calls_per_week"]["mean"]
    assert a_week == pytest.approx(
        1.5 * float(study.case.table.cells.calls_per_week.sum()), rel=0.1
    )
    # and every page says what was assumed
    for page in ("report.html", "map.html"):
        text = (run.folder / page).read_text(encoding="utf-8")
        assert "What if: calls 150% of those recorded; travel at 80% of the study" in text
        assert "moved" in text
    assert "95.0,,,planner" in (run.folder / "assumptions.csv").read_text(encoding="utf-8")
    with pytest.raises(InputError, match=r"not that of study\.toml"):
        verify_run(folder, run.folder)


def test_stated_busy_shares_are_told_as_stated(study: PreparedStudy) -> None:
    shares = {"co_responder_unit": 0.6, "on_call_clinician": 0.1}
    question = asked(study, busy="stated", busy_shares=shares)
    plan = saved(study, question)
    planned = plan_of(read_study(study.folder).case, question, plan["search"])
    assert planned.solved.busy_share == shares
    assert planned.rounds is not None
    assert "stated" in planned.rounds.end.value
    free = saved(study, asked(study, busy="free"))
    assert plan["objective"] > free["objective"]


@pytest.mark.parametrize(
    "change",
    [
        lambda plan: plan["search"]["rounds"][-1].update(objective=1.0),
        lambda plan: plan["search"]["rounds"][-1].update(
            bought=[["co_responder_unit", "P01", "day_10h", 3]]
        ),
        lambda plan: plan["search"]["rounds"][-1].update(
            bought=[["co_responder_unit", "P99", "day_10h", 1]]
        ),
        lambda plan: plan["search"].update(chosen=7),
        lambda plan: plan.update(search={"rounds": []}),
        lambda plan: plan.update(search="x"),
        lambda plan: plan.update(fingerprint="0" * 16),
    ],
)
def test_a_changed_plan_has_no_report(
    folder: StudyFolder, study: PreparedStudy, free: dict[str, Any], change: Any
) -> None:
    plan = json.loads(json.dumps(free))
    change(plan)
    with pytest.raises(InputError, match=r"find .* again|find it anew"):
        make_report(folder, asked(study, busy="free"), plan)


@pytest.fixture(scope="module")
def free(study: PreparedStudy) -> dict[str, Any]:
    return saved(study, asked(study, busy="free"))


def test_changed_files_have_no_report_of_older_plans(
    tmp_path: Path, folder: StudyFolder, free: dict[str, Any], study: PreparedStudy
) -> None:
    shutil.copytree(
        folder.path, tmp_path / "city", ignore=shutil.ignore_patterns("results", "plans")
    )
    other = open_study(tmp_path / "city")
    assert fingerprint(other) == study.fingerprint
    with (other.path / "today.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    with pytest.raises(InputError, match="files have changed"):
        make_report(other, asked(study, busy="free"), free)
    assert not other.results.exists()


@pytest.mark.parametrize("name", preset_names())
def test_every_figure_can_be_changed_and_none_else_changes(name: str) -> None:
    program = load_program(name)
    before = assumptions(program)
    offered = figures_shown(program)
    assert {row["key"] for row in offered} == set(before["figure"]) - {"standards.target_min"}
    shares = [row["key"] for row in offered if row["key"].endswith("share")]
    for row in offered:
        if row["key"] in shares or "productive" in row["key"]:
            continue
        after = assumptions(program_with(program, {row["key"]: row["value"] * 1.01}))
        differ = before["figure"][
            (after["value"] != before["value"]) | (after["mark"] != before["mark"])
        ]
        assert differ.tolist() == ([row["key"]])
        assert after["mark"][before["figure"] == row["key"]].item() == "planner"


def test_figures_out_of_range_are_refused_and_shares_change_together() -> None:
    program = load_program("mixed")
    with pytest.raises(InputError, match="add up to"):
        program_with(program, {"service_outcomes.on_scene.share": 0.44})
    both = program_with(
        program, {"service_outcomes.on_scene.share": 0.44, "service_outcomes.transport.share": 0.33}
    )
    assert both.service_outcomes["on_scene"].share.value == 0.44
    for key in (
        "no.such",
        "crew_roles.officer",
        "crew_roles.officer.title",
        "crew_roles",
        "",
        "crew_roles.officer.cost_per_hour.value",
    ):
        with pytest.raises(InputError, match="no figure"):
            program_with(program, {key: 1.0})
    with pytest.raises(InputError, match=r"vacancy_share must be in \[0, 1\)"):
        program_with(program, {"crew_roles.officer.vacancy_share": 2.0})


def test_response_and_service_times_follow_the_figures(study: PreparedStudy) -> None:
    late = {"responder_types.co_responder_unit.delay_min": 7.0, "standards.call_taking_min": 4.0}
    question = asked(study, figures=late, speed=1.2)
    desk = Desk(study)
    table = desk.case(question).table
    loaded = read_study(study.folder).case
    assert (table.response_s == case_for(loaded, question).table.response_s).all()
    dear = asked(study, figures={"crew_roles.officer.cost_per_hour": 200.0})
    assert desk.case(dear).base_table is study.case.base_table
    # times on scene: as if the service model had been fitted under the changed program
    program = program_with(study.case.program, {"service_outcomes.on_scene.on_scene_min": 90.0})
    mine, fitted = (
        service_under(study.case.service, program),
        fit_service(loaded.city.calls, program),
    )
    assert (mine.mean_s == fitted.mean_s).all()
    assert (mine.recorded_s == fitted.recorded_s).all()
    assert mine.basis == fitted.basis


def test_dearer_staff_cost_more(study: PreparedStudy) -> None:
    today = [(*o, n) for o, n in study.case.city.today.counts] if study.case.city.today else []
    plain = Desk(study).evaluate(asked(study), today)
    dear = Desk(study).evaluate(
        asked(study, figures={"crew_roles.officer.cost_per_hour": 185.0}), today
    )
    assert dear["cost_per_year"] > plain["cost_per_year"]
    assert dear["figures"] == plain["figures"]


def test_the_cost_with_call_outs_as_found_hangs_on_no_price(study: PreparedStudy) -> None:
    today = [(*o, n) for o, n in study.case.city.today.counts] if study.case.city.today else []
    name = "responder_types.on_call_clinician.call_outs_per_day"
    one, eight = (
        Desk(study).evaluate(asked(study, figures={name: priced}), today) for priced in (1.0, 8.0)
    )
    assert eight["cost_per_year"] > 1.1 * one["cost_per_year"]
    assert eight["cost_as_called_per_year"] == pytest.approx(
        one["cost_as_called_per_year"], abs=1000
    )
    assert one["cost_as_called_per_year"] % 1000 == 0
    assert one["cost_as_called_per_year"] > one["cost_per_year"]


def test_a_search_says_the_unit_of_its_best_and_bound(study: PreparedStudy) -> None:
    for goal, unit in (
        ("mean_response", "seconds a call"),
        ("share_in_time", "share of calls late"),
    ):
        assert case_for(study.case, asked(study, goal=goal)).objective_unit == unit
    tail = Tail()
    for wanted, unit in (
        (tail, "seconds a call"),
        (Lexicographic(order=(ShareInTime(), tail)), ""),
    ):
        assert study.case.with_(goal=wanted).objective_unit == unit


def test_what_is_said_of_a_question(study: PreparedStudy) -> None:
    own = study_question(study.case)
    assert in_words(study.case, own) == ()
    assert is_study_question(study.case, own)
    assert is_study_question(
        study.case, own.model_copy(update={"time_limit_s": 7.0, "busy_share": 0.1})
    )
    for change in (
        {"demand": 1.1},
        {"units": {}},
        {"posts_not": ("P01",)},
        {"busy": "free"},
        {"figures": {"a": 1.0}},
    ):
        assert not is_study_question(study.case, own.model_copy(update=change))
    said = in_words(study.case, asked(study, busy="stated", busy_share=0.25, speed=0.9))
    assert said == (
        "travel at 90% of the study's speed",
        "Co-responder unit busy 25% of the time, On-call clinician busy 25% of the time",
    )
