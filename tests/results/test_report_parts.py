"""Each part of a plan's report, workbook and answer by itself, its figures counted again by hand."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from coresponse.data.errors import InputError
from coresponse.data.figures.text import percent
from coresponse.data.limits import Limits
from coresponse.data.options import Deployment, Option
from coresponse.data.programs.cost import annual_cost
from coresponse.data.programs.load import assumptions
from coresponse.optimize.case import Case
from coresponse.optimize.goals.goal import FewestUnits, ShareInTime
from coresponse.publish.changes import signs, words
from coresponse.publish.disclosure import INTERNAL, MARK, PUBLIC
from coresponse.publish.districts import publish_districts
from coresponse.publish.facts import Facts
from coresponse.publish.near_best import publish_near_best
from coresponse.publish.not_known import not_known_words, range_sentence
from coresponse.publish.plan import publish_plan
from coresponse.publish.plan_publication import PlanPublication
from coresponse.publish.replays import publish_replays
from coresponse.publish.rounding import WAIT
from coresponse.publish.rungs import LadderPublication, RungPublication
from coresponse.publish.week_of_calls import HoursPublication
from coresponse.questions.alternatives import alternatives
from coresponse.questions.answer import Plan
from coresponse.questions.near_best import NearBest
from coresponse.questions.plan import plan
from coresponse.questions.replay import replay
from coresponse.questions.same_fleet import same_fleet
from coresponse.questions.sweep.points_met import points_met
from coresponse.results.answer import posts_by_shift, who_where_when
from coresponse.results.assumptions_sheet import assumptions_sheet, titled
from coresponse.results.map_answer import headline, map_answer
from coresponse.results.plan import write_plan
from coresponse.results.plan_workbook import write_plan_workbook
from coresponse.results.published import publish
from coresponse.results.report.costs import cost_words, costs
from coresponse.results.report.decision import decision, moved
from coresponse.results.report.evidence import evidence
from coresponse.results.report.hours import hours
from coresponse.results.report.people import people
from coresponse.results.report.residents import who_waits
from coresponse.results.reported import read_answer
from tests.publish.test_film import SETTINGS, made_city

UNITS = 2


@pytest.fixture(scope="module")
def planned() -> Plan:
    """Two units where one stood at C by day; the search is the model's with busy units."""
    city = made_city()
    (kind, *_) = city.program.responder_types
    pattern = city.program.responder_types[kind].shift_patterns[0]
    city = replace(city, today=Deployment.of("today", {Option(kind, "C", pattern): 1}))
    return plan(Case(city, limits=Limits(units={kind: UNITS}), evaluation=SETTINGS))


@pytest.fixture(scope="module")
def published(planned: Plan) -> PlanPublication:
    return publish_plan(planned)


def dollars_of(text: str) -> float:
    return float(re.sub("[$,]", "", text.split(" ", maxsplit=1)[0].replace("\u2212", "-")))


def test_cost_lines_add_up_to_the_years_cost(published: PlanPublication) -> None:
    part = costs(published)
    (table,) = part.tables
    assert table.columns == ("Line", "Today", "Plan")
    lines = {row[0]: [dollars_of(cell) for cell in row[1:]] for row in table.rows}
    total = lines.pop("All, a year, as planned")
    start = lines.pop("Once, to start")
    assert np.sum(list(lines.values()), axis=0) == pytest.approx(total, abs=len(lines))
    program = published.facts.program
    for column, deployment in enumerate(
        (published.deployments["today"], published.deployments["plan"])
    ):
        each = [
            (count, annual_cost(program, option.responder_type, option.shift_pattern))
            for option, count in deployment.counts
        ]
        assert total[column] == pytest.approx(sum(n * one.total for n, one in each), abs=1)
        assert start[column] == sum(n * one.start_up for n, one in each)
    assert part.paragraphs == cost_words(published)
    assert re.match(r"The plan would cost about \$[\d.]+ million a year, \$", part.paragraphs[0])


def test_the_decision_names_every_responder_once(published: PlanPublication) -> None:
    parts = {part.key: part for part in decision(published)}
    assert list(parts) == ["who", "ladder", "takes", "trust"]
    rows = parts["who"].tables[0].rows
    assert rows == posts_by_shift(published)
    assert sum(int(row[2]) for row in rows) == published.deployment.size == UNITS
    assert [row[0] for row in parts["ladder"].tables[0].rows][-1] == "The plan"
    said = who_where_when(published)
    assert len(said) == len(rows)
    for line, row in zip(said, rows, strict=True):
        assert line.startswith(f"{row[0]}, {row[1]}: ")
        assert line.endswith(row[3])


def test_who_stays_is_counted_against_today(published: PlanPublication) -> None:
    def told(today: dict[Option, int] | None) -> tuple[str, ...]:
        facts = replace(
            published.facts, today=None if today is None else Deployment.of("today", today)
        )
        return moved(replace(published, facts=facts))

    mine = published.deployment.as_dict()
    option = next(iter(mine))
    elsewhere = option._replace(post_id="nowhere")
    assert told(None) == told({}) == ()
    assert told({elsewhere: 2}) == (
        "Every responder of today moves to another post or other hours.",
    )
    assert told({option: 1, elsewhere: 1}) == (
        "One of today's 2 responders keeps its post and hours.",
    )
    assert told({option: mine[option] + 3})[0].startswith(
        f"{mine[option]} of today's {mine[option] + 3} responders keep "
        if mine[option] > 1
        else f"One of today's {mine[option] + 3} responders keeps "
    )


def test_a_plan_of_nobody_is_said_in_words(published: PlanPublication) -> None:
    nobody = replace(published, deployment=Deployment.of("plan", {}))
    assert who_where_when(nobody) == (
        "Within these limits nobody can be on duty: all calls are left to police.",
    )
    answer = map_answer(nobody, "more calls are reached in time")
    assert answer.ask == "Nobody can be on duty within these limits: all calls are left to police."
    assert not answer.posts
    assert not answer.price


def test_what_a_plan_brings_names_what_no_figure_tells_apart(published: PlanPublication) -> None:
    """The map began with "no difference that the replay could tell, -1.8 min against today": of what was there none?"""
    found = published.found
    assert found is not None

    def brings(**bands: tuple[float, float]) -> str:
        summary = tuple(
            replace(row, plan=0.5, today=0.4, change_band=bands[row.unit])
            if row.headline and row.unit in bands
            else row
            for row in found.summary
        )
        return map_answer(replace(published, found=replace(found, summary=summary)), "x").gain

    apart, close = (0.05, 0.15), (-0.1, 0.3)
    assert brings(share=apart, min=apart) == "+10 points, +0.1 min against today"
    assert (
        brings(share=close, min=close) == "no difference that the replay could tell against today"
    )
    assert brings(share=close, min=apart) == (
        "calls in time: no difference that the replay could tell, mean wait: +0.1 min against today"
    )


def test_the_answer_on_the_map_is_the_publications(published: PlanPublication) -> None:
    answer = map_answer(published, "more calls are reached in time")
    at = Counter[str]()
    for option, count in published.deployment.counts:
        at[option.post_id] += count
    assert {post.post_id for post in answer.posts} == set(at)
    assert answer.ask.startswith(f"Put {UNITS} co-responder units on duty at ")
    assert answer.aim == "so that more calls are reached in time."
    found = published.shown.costs.found["plan"].mean / 1e6
    assert answer.price == f"${found:.2f} million a year"
    shown = published.evaluations["plan"].figure("replay", "share_in_time")
    assert shown is not None
    assert headline(published, "plan").share == shown.mean
    assert [step.key for step in answer.steps][-1] == "plan"


def test_people_are_counted_by_seat_and_role(published: PlanPublication) -> None:
    part = people(published)
    assert part is not None
    roles, shifts = part.tables
    hours_of: Counter[str] = Counter()
    for row in shifts.rows:
        hours_of[row[1]] += int(row[5].replace(",", ""))
    told = {row[0]: row for row in roles.rows}
    for role, weekly in hours_of.items():
        assert int(told[role][2].replace(",", "")) == weekly
    seats = sum(int(row[4]) for row in shifts.rows)
    crews = published.facts.program.responder_types
    assert seats == sum(
        count * sum(crews[option.responder_type].crew.values())
        for option, count in published.deployment.counts
    )


def test_evidence_is_quoted_and_never_worked_with(published: PlanPublication) -> None:
    part = evidence(published)
    assert part is not None
    said = published.evaluations["plan"].figure("replay", "share_without_officer")
    assert said is not None
    assert part.paragraphs[0].startswith(
        f"{percent(said.mean)} of eligible calls would be answered"
    )
    for row in part.tables[0].rows:
        assert row[3].startswith(("Compared. ", "Not compared. "))
        assert re.search(r"\((fact|derived|assumption), \d{4}\)$", row[4])


def test_hours_of_the_report_are_means_of_its_blocks() -> None:
    calls = np.arange(24.0) / 10
    duty, busy = np.repeat([1.0, 3.0], 12), np.repeat([0.5, 2.9], 12)
    part = hours(HoursPublication(calls, duty, busy))
    assert part is not None
    (table,) = part.tables
    assert table.rows[0] == ("00:00-03:00", "0.10", "1.0", "0.5", "50%")
    assert table.rows[-1] == ("21:00-24:00", "2.20", "3.0", "2.9", "97%")
    most, least = part.paragraphs
    assert most.startswith("Most calls come from 23:00 to 24:00: 2.30 an hour, against 1.15 ")
    assert least.startswith("Fewest responders are free from 12:00 to 13:00: 0.1 of 3.0 on duty.")
    by_night = np.where((np.arange(24) >= 18) | (np.arange(24) < 8), 2.0, 0.0)
    part = hours(HoursPublication(calls, by_night, by_night / 4))
    assert part is not None
    # it said that fewest are free from 08:00 to 09:00, none of none on duty
    assert part.paragraphs[1:] == (
        "Nobody is on duty 08:00-18:00 on any day.",
        "Fewest responders are free from 00:00 to 01:00: 1.5 of 2.0 on duty.",
    )
    hidden = hours(HoursPublication(np.full(24, np.nan), duty, np.full(24, np.nan)))
    assert hidden is not None
    assert hidden.paragraphs == ()
    assert hours(None) is None


def test_nobody_waits_by_group_where_nobody_said_who_lives_where(
    published: PlanPublication,
) -> None:
    assert published.shown.residents is None
    assert who_waits(published) is None


@pytest.mark.parametrize("disclosure", [PUBLIC, INTERNAL], ids=["public", "internal"])
def test_every_assumption_is_in_the_workbook(published: PlanPublication, disclosure: Any) -> None:
    facts = replace(published.facts, notice="SYNTHETIC calls")
    head = [cells[0] for cells, *_ in titled(facts, disclosure, "Summary").rows if cells]
    assert head[:2] == [f"{facts.name}: summary", "SYNTHETIC calls"]
    assert (MARK in head) is disclosure.internal
    sheet = assumptions_sheet(facts, disclosure)
    frame = assumptions(facts.program)
    at = len(sheet.rows) - len(frame)
    assert list(sheet.rows[at - 1][0]) == [str(name).capitalize() for name in frame.columns]
    assert [cells[0] for cells, *_ in sheet.rows[at:]] == frame.iloc[:, 0].tolist()


def test_the_workbook_has_the_plan_and_nothing_that_is_worked_out_on_opening(
    published: PlanPublication, tmp_path: Path
) -> None:
    write_plan_workbook(published, "plan-0", tmp_path / "plan.xlsx")
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    said = [str(cell) for row in book["Deployment"].iter_rows(values_only=True) for cell in row]
    for option, _ in published.deployment.counts:
        assert option.post_id in said
    text = [
        str(cell)
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
        for cell in row
        if isinstance(cell, str) and cell.startswith("=")
    ]
    assert text
    assert not [formula for formula in text if re.search("HYPERLINK|WEBSERVICE|DDE", formula)]


def test_the_face_writes_pages_and_refuses_what_is_no_plan(planned: Plan, tmp_path: Path) -> None:
    told = publish(planned)
    assert repr(told) == f"<Published plan of {planned.city.name!r}, rounded>"
    assert repr(publish(planned, internal=True)).endswith("internal>")
    assert told.report(tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!")
    with pytest.raises(InputError, match=r"publish takes a plan, not a dict: cr\.publish\(plan\)"):
        publish({})  # type: ignore[arg-type]


def test_a_runs_answer_is_read_back_as_it_was_told(
    planned: Plan, published: PlanPublication, tmp_path: Path
) -> None:
    run = write_plan(published, tmp_path, {})
    told = json.loads((run.folder / "plan.json").read_text(encoding="utf-8"))
    known = planned.table.options
    answer, faults = read_answer(told, known, interrupted=False)
    assert faults == []
    assert answer is not None
    deployment, search, _ = answer
    assert deployment.counts == published.deployment.counts
    assert search.objective == published.search.objective
    told["deployment"][0]["post_id"] = "Z"
    nothing, (fault,) = read_answer(told, known, interrupted=False)
    assert nothing is None
    assert fault.where.endswith("deployment[0]")


def test_differences_count_only_beyond_their_band_and_size() -> None:
    change = np.array([40.0, 40.0, 10.0, -40.0, np.nan])
    low = np.array([5.0, -5.0, 5.0, -60.0, np.nan])
    high = np.array([60.0, 60.0, 20.0, -5.0, np.nan])
    sign = signs(WAIT, change, low, high)
    assert sign.tolist() == [1, 0, 0, -1, 0]
    said = words(WAIT, sign, change)
    assert said[0] == "longer"
    assert said[3:] == ["shorter", ""]
    assert said[1] == said[2]


def test_what_nobody_knows_is_said_in_a_clause(planned: Plan) -> None:
    assert not not_known_words(())
    assert not_known_words(("the rate", "the speed")) == "nobody knows the rate and the speed"
    rounding = PUBLIC.city(planned.table.cells)
    assert not range_sentence(None, rounding)
    assert not range_sentence(planned.evaluations["plan"].replay, rounding)  # all is known


def test_the_same_fleet_elsewhere_is_asked_for_as_many(planned: Plan) -> None:
    case = planned.case
    asked = same_fleet(case, planned.deployment)
    assert asked.limits.units == planned.deployment.by_type()
    sized = case.with_(goal=FewestUnits(target_min=12, share=0.5))
    assert same_fleet(sized, planned.deployment).goal == ShareInTime(target_min=12)


def test_plans_beside_the_best_and_replays_say_what_the_plan_says(planned: Plan) -> None:
    case = planned.case.with_(busy="free")
    found = alternatives(case, count=1, differ_in=1)
    assert isinstance(found, NearBest)
    told = publish_near_best(found)
    assert all(one.worse_by >= 0 for one in told.plans)
    assert all(one.deployment.size == UNITS for one in told.plans)
    assert told.unit == ("min", 1 / 60)
    replayed = publish_replays(replay(planned.case, {"plan": planned.deployment}))
    again = replayed.evaluations["plan"].figure("replay", "share_in_time")
    shown = publish_plan(planned).evaluations["plan"].figure("replay", "share_in_time")
    assert again == shown


def test_a_points_areas_are_of_its_own_plan(planned: Plan) -> None:
    nobody = Deployment.of("nobody", {})
    met = points_met(planned.case, {"a": ({}, planned.deployment), "b": ({}, nobody)})
    assert list(met) == ["a"]
    assert met["a"].by_group is None


def test_facts_hold_no_call_and_the_ladder_says_its_own_figures(
    planned: Plan, published: PlanPublication
) -> None:
    facts: Facts = published.facts
    assert facts.today is planned.city.today
    assert not [name for name in vars(facts) if "call" in name or "history" in name]
    ladder = published.shown.ladder
    assert isinstance(ladder, LadderPublication)
    for rung in ladder.rungs:
        assert isinstance(rung, RungPublication)
        assert rung.share_in_time is not None
        assert rung.cells[1] == percent(rung.share_in_time.mean)
    assert ladder.rungs[-1].cells[4] == f"{UNITS} co-responder units"


def test_without_districts_nothing_is_said_of_them(planned: Plan) -> None:
    assert planned.city.districts is None
    assert publish_districts(planned, PUBLIC) is None
