"""Programs side by side.

Same calls and money, nothing guessed; outcomes rest on no share that a program reports of itself.
"""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from coresponse.cli import main as cli
from coresponse.cli.assumptions import stated_flags
from coresponse.coverage.call_outs import further_costs
from coresponse.coverage.officer_hours import evidence_rows, officer_hours
from coresponse.data.errors import InputError
from coresponse.data.evidence import Evidence, load_evidence
from coresponse.data.hours import WEEKS_A_YEAR, WeekHours
from coresponse.data.programs.cost import yearly_cost
from coresponse.data.programs.load import load_program
from coresponse.data.sample_city import sample_folder
from coresponse.optimize.case import Case
from coresponse.optimize.evaluate_case import evaluate
from coresponse.publish.answers import ComparisonPublication
from coresponse.publish.compare import publish_comparison
from coresponse.questions.assumed import assuming_each, saying
from coresponse.questions.compare.entrants import (
    closed_throughout,
    compared_programs,
    entrants,
    open_within,
)
from coresponse.questions.compare.run import budget_of, compare
from coresponse.questions.sweep.values import as_budget
from coresponse.study.files import copy_study
from coresponse.study.read import read_study

ROOT = Path(__file__).resolve().parents[2]
runner = CliRunner()


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample city with few posts and a short replay: what is compared holds of any."""
    folder = tmp_path_factory.mktemp("compare") / "city"
    copy_study(sample_folder(), folder)
    posts, today = (pd.read_csv(folder / name) for name in ("posts.csv", "today.csv"))
    keep = posts["post_id"].isin(set(today["post_id"]))
    keep.iloc[::12] = True
    posts[keep].to_csv(folder / "posts.csv", index=False)
    with (folder / "study.toml").open("a", encoding="utf-8") as stated:
        stated.write("\n[judging]\nreplications = 5\nweeks = 4\nholdout_share = 0\n")
    return folder


@pytest.fixture(scope="module")
def case(study: Path) -> Case:
    return read_study(study).case


@pytest.fixture(scope="module")
def compared(case: Case) -> ComparisonPublication:
    programs = ["ride-along", "b-heard", "on-call"]
    return publish_comparison(compare(case, programs, budget_per_year=3e6, time_limit_s=1))


def row(compared: ComparisonPublication, name: str) -> dict[str, float]:
    found = next(one for one in compared.programs if one.name == name)
    return {key: float("nan") if value is None else value for key, value in found.figures.items()}


def test_every_program_meets_the_same_calls_and_keeps_the_budget(
    compared: ComparisonPublication, case: Case
) -> None:
    eligible = case.city.calls.frame["call_class"] != "not_eligible"
    # as the replay drew them of the history's, for the program that takes most
    assert compared.calls_per_week == pytest.approx(
        eligible.sum() / case.city.calls.days * 7, rel=0.03
    )
    widest = max(row(compared, one.name)["eligible_per_week"] for one in compared.programs)
    assert compared.calls_per_week == pytest.approx(widest, rel=1e-3)
    for one in compared.programs:
        figures = row(compared, one.name)
        assert figures["cost_per_year"] <= 3e6
        # each is in steps of five calls and of four digits: together they may be one of each off
        assert figures["served_per_week"] + figures["left_to_police_per_week"] == pytest.approx(
            compared.calls_per_week, abs=0.1 + 5.01 / (case.city.calls.days / 7)
        )
        assert figures["share_eligible"] <= 1 + 1e-9
        assert figures["served_per_week"] <= figures["eligible_per_week"] + 1e-9
        assert figures["cost_per_call"] == pytest.approx(
            figures["cost_per_year"] / figures["served_per_week"] / WEEKS_A_YEAR
        )
        further = figures["cost_per_further_call"]
        assert np.isnan(further) or further > 0
    known = [row(compared, one.name)["cost_per_further_call"] for one in compared.programs]
    assert np.isfinite(known).any()  # more money may serve no more calls: they wait less


def test_calls_of_programs_side_by_side_are_told_in_steps_of_five(
    compared: ComparisonPublication, case: Case
) -> None:
    # one program takes a class that another does not: their difference would be that class's calls
    weeks = case.city.calls.days / 7
    for one in compared.programs:
        figures = row(compared, one.name)
        told = {key: value for key, value in figures.items() if key.endswith("_per_week")}
        # a difference of two of the others, and no count of calls
        del told["left_to_police_per_week"], told["hours_open_per_week"]
        busy = told.pop("busy_per_week")
        assert len(told) == 4
        for value in (compared.calls_per_week, *told.values()):
            five = 5 * round(value * weeks / 5)
            assert value == float(f"{five / weeks:.4g}")  # no more digits than calls
        # units are busy as calls come: a round step that five calls more make
        moved = busy * 5 / (compared.calls_per_week * weeks)
        step = min(n * 10.0**k for k in range(-5, 2) for n in (1, 2, 5) if n * 10.0**k >= moved)
        assert busy / step == pytest.approx(round(busy / step), abs=1e-6)


def test_reach_and_hours_are_those_of_the_program(
    compared: ComparisonPublication, case: Case
) -> None:
    frame = case.city.calls.frame
    low = (frame["call_class"] == "crisis_low").sum() / (
        frame["call_class"] != "not_eligible"
    ).sum()
    assert row(compared, "b-heard")["share_eligible"] == pytest.approx(low, abs=5e-4)
    assert row(compared, "b-heard")["hours_open_per_week"] == 7 * 16
    assert row(compared, "ride-along")["share_eligible"] == pytest.approx(1)
    heard = next(one for one in compared.programs if one.name == "b-heard")
    said = "; ".join(heard.notes)
    assert "an attempt under way or welfare" in said
    assert "56 of the week's 168 hours" in said
    assert "police officer" in said


def test_standby_is_paid_for_as_often_as_it_is_called(compared: ComparisonPublication) -> None:
    one = next(one for one in compared.programs if one.name == "on-call")
    priced = load_program("on-call").responder_types["clinician_by_day"].call_outs_per_day.value
    bought = load_program("on-call")
    # at the program's one call-out a day the same clinicians would look far cheaper
    assert yearly_cost(bought, one.deployment) < 0.7 * row(compared, "on-call")["cost_per_year"]
    assert any(f"priced with {priced:g} call-out in 24" in note for note in one.notes)


def test_standards_and_wages_are_the_studys(case: Case) -> None:
    standards = case.program.standards
    target = standards.target_min.model_copy(update={"value": 22.0})
    officer = case.program.crew_roles["clinician"]
    dear = officer.model_copy(
        update={"cost_per_hour": officer.cost_per_hour.model_copy(update={"value": 99.0})}
    )
    program = case.program.model_copy(
        update={
            "standards": standards.model_copy(update={"target_min": target}),
            "crew_roles": case.program.crew_roles | {"clinician": dear},
        }
    )
    changed = case.with_(city=case.city.with_program(program))
    (one,) = entrants(changed, ["star"], 1e6)
    assert one.program.standards.target_min.value == 22.0
    assert one.program.crew_roles["clinician"].cost_per_hour.value == 99.0
    assert one.case.limits.units == {}
    assert one.case.limits.max_per_post == case.limits.max_per_post
    assert one.case.limits.budget_per_year == 1e6
    assert one.case.city.today is None


def test_a_budget_for_nobody_is_said(case: Case) -> None:
    found = compare(case, ["star", "cahoots"], budget_per_year=1000.0, time_limit_s=2)
    compared = publish_comparison(found)
    assert all(not one.figures for one in compared.programs)
    assert {one.status for one in compared.programs} == {"the budget buys not one responder"}


def test_wrong_wishes_are_refused(case: Case) -> None:
    for wrong in ("star", "star,star", " , "):
        with pytest.raises(InputError, match="two or more"):
            compared_programs(wrong)
    with pytest.raises(InputError, match="--budget"):
        budget_of(case.with_(city=replace(case.city, today=None)))


def test_without_a_budget_it_is_what_today_spends(case: Case) -> None:
    today = case.city.today
    assert today is not None
    replay = evaluate(case, today).replay
    assert replay is not None
    spent = [
        yearly_cost(case.program, today) + more
        for more in further_costs(case.program, today, replay)
    ]
    assert 0 <= budget_of(case) - np.mean(spent) < 1_000
    assert budget_of(case) % 1_000 == 0
    # call-outs come far more often than the program prices them
    assert budget_of(case) > 1.2 * yearly_cost(case.program, today)


def test_officer_hours_are_a_range_worked_out_by_hand() -> None:
    program = load_program("star")
    met = 1 - program.service_outcomes["no_contact"].share.value
    backup = program.responder_types["star_van"].police_backup_share.value
    share, minutes = program.workload.substitution_share, program.workload.officer_min.value
    found = officer_hours(program, {"star_van": 100.0})
    assert found.planned == pytest.approx(100 * met * (1 - backup) * share.value * minutes / 60)
    assert share.low is not None
    assert share.high is not None
    assert found.low == pytest.approx(found.planned * share.low / share.value)
    assert found.high == pytest.approx(found.planned * share.high / share.value)
    assert found.high < 100 * minutes / 60
    # where an officer is in the crew, or must be there first, none is freed
    assert officer_hours(load_program("ride-along"), {"co_responder_unit": 100.0}).high == 0
    assert officer_hours(load_program("on-call"), {"clinician_by_day": 100.0}).high == 0


def test_raw_shares_are_quoted_as_text_with_what_is_known_of_them() -> None:
    evidence = load_evidence()
    assert {one.topic for one in evidence} >= {"arrests", "force", "enrollment", "officer_hours"}
    quoted = {one.raw_share: one for one in evidence if one.raw_share}
    assert {"98%", "95%", "68.8%"} <= set(quoted)
    assert "unverified" in quoted["68.8%"].known
    for one in evidence:
        assert one.known
        assert one.source
        assert not (one.raw_share and one.compared)
    # not a number among the fields but the year: there is nothing to multiply by
    kinds = {name: field.annotation for name, field in Evidence.model_fields.items()}
    assert [name for name, kind in kinds.items() if kind in {int, float}] == ["year"]


def test_no_module_computes_with_the_evidence() -> None:
    readers = []
    for room in ("data", "coverage", "optimize", "maps", "coresponse"):
        for path in (ROOT / room).rglob("*.py"):
            if path.is_relative_to(ROOT / "coresponse") and path.relative_to(
                ROOT / "coresponse"
            ).parts[0] in {
                "data",
                "coverage",
                "optimize",
                "maps",
            }:
                continue  # the rooms again, by their links
            tree = ast.parse(path.read_text(encoding="utf-8"))
            named = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
            if "coresponse.data.evidence" in named:
                readers.append(path.relative_to(ROOT).as_posix())
    assert readers == ["coverage/officer_hours.py"]


def test_forecasts_do_not_change_with_the_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    program = load_program("star")
    before = officer_hours(program, {"star_van": 80.0})
    monkeypatch.setattr("coresponse.coverage.officer_hours.load_evidence", lambda: ())
    assert officer_hours(program, {"star_van": 80.0}) == before
    assert evidence_rows() == []


def test_the_command_writes_a_row_a_program(study: Path, tmp_path: Path) -> None:
    folder = tmp_path / "city"
    copy_study(study, folder)
    asked = [
        "compare",
        str(folder),
        "--programs",
        "star,cahoots",
        "--budget",
        "2.5M",
        "--time-limit",
        "2",
        "--json",
    ]
    ran = runner.invoke(cli.app, asked)
    assert ran.exit_code == 0, ran.output
    told = json.loads(ran.stdout)
    assert told["schema"] == 1
    assert [one["program"] for one in told["programs"]] == ["star", "cahoots"]
    assert told["budget_per_year"] == 2.5e6
    assert len(told["evidence"]) == len(load_evidence())
    (run,) = (folder / "results").glob("compare-*")
    programs = pd.read_csv(run / "programs.csv")
    assert programs["served_per_week"].tolist() == [
        one["served_per_week"] for one in told["programs"]
    ]
    assert {path.name for path in run.iterdir()} == {
        "programs.csv", "deployments.csv", "assumptions.csv", "evidence.csv", "compare.json",
    }  # fmt: skip


def test_hours_hold_for_every_program(case: Case) -> None:
    day = WeekHours.parse("daily 08:00-19:00")
    for one in entrants(case, ["ride-along", "on-call", "b-heard"], 3e6):
        held = open_within(one, day)
        patterns = one.program.shift_patterns
        for row in held.case.problem().limits:
            if row.name == "open in the stated hours only":
                closed = {
                    option.shift_pattern
                    for option, taken in zip(held.case.options, row.coefficients, strict=True)
                    if taken
                }
                break
        within = {o.shift_pattern for o in held.case.options} - closed
        assert all(day.contains(patterns[name].hours) for name in within)
        assert not any(day.contains(patterns[name].hours) for name in closed)
        said = any("reach beyond the stated hours" in note for note in held.notes)
        assert said == bool(closed)
        # no budget would buy a responder then, and it is not the budget that is said to be short
        assert closed_throughout(held.case) == (not within)
    day_only = WeekHours.parse("daily 10:00-11:00")
    (one,) = entrants(case, ["ride-along"], 3e6)
    assert closed_throughout(open_within(one, day_only).case)
    assert not closed_throughout(one.case)


def test_hours_are_said_and_planned_with(case: Case) -> None:
    found = compare(
        saying(case, "What if: open daily 06:00-20:00 only."),
        ["ride-along", "b-heard"],
        budget_per_year=3e6,
        hours=WeekHours.parse("daily 06:00-20:00"),
        time_limit_s=1,
    )
    told = publish_comparison(found)
    assert "What if: open" in told.facts.notice
    figures = row(told, "ride-along")
    assert figures["hours_open_per_week"] <= 84
    assert figures["cost_per_year"] <= 3e6
    b_heard = next(one for one in told.programs if one.name == "b-heard")
    assert "buys not one responder" in b_heard.status or not b_heard.figures


def test_hours_that_nobody_understands_are_refused_at_once() -> None:
    result = runner.invoke(cli.app, ["compare", str(sample_folder()), "--hours", "by day"])
    assert isinstance(result.exception, InputError)
    assert "'by day' is not a shift" in str(result.exception)
    assert "daily 08:00-22:00" in str(result.exception)


def test_a_flag_reads_what_its_twin_in_vary_reads(case: Case) -> None:
    """``--budget 90%`` was refused where ``--vary budget=90%`` was understood."""
    (share,), (vary,) = (
        assuming_each(case, stated_flags(texts, None, None, None, budget=flag))
        for texts, flag in ((None, "90%"), (["budget=90%"], None))
    )
    assert share.case.limits.budget_per_year == vary.case.limits.budget_per_year
    assert "a budget of $" in share.said
    for text in ("2.5M", "2,500,000", "$2.5m", "2500k", "2.5e6"):
        (one,) = assuming_each(case, stated_flags(None, None, None, None, budget=as_budget(text)))
        assert one.case.limits.budget_per_year == 2.5e6, text
    several = stated_flags(None, None, None, None, budget=as_budget("1M:2M:500k"))
    assert len(assuming_each(case, several)) == 3
    with pytest.raises(InputError, match="more than"):
        as_budget("9e20")
    # and clock hours are read by both, with days in a list
    for text in ("daily 08:00-22:00", "Mon-Fri 08:00-22:00; Sat, Sun 10:00-18:00"):
        (one,) = assuming_each(case, stated_flags([f"hours={text}"], None, None, None))
        assert one.hours == WeekHours.parse(text)
        assert f"open {text}" in one.said
    (shifts,) = assuming_each(case, stated_flags(None, None, None, None, hours="day"))
    assert shifts.hours is not None
    assert shifts.hours.count < 168
