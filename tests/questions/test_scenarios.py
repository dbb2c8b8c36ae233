"""Scenarios change what they say and nothing else; regret by hand; the command on the sample."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from coresponse.cli import main as cli
from coresponse.data.errors import InputError
from coresponse.data.hours import WeekHours
from coresponse.data.limits import Limits
from coresponse.data.options import Deployment, Option
from coresponse.data.sample_city import sample_folder
from coresponse.data.sourced import SourcedNumber
from coresponse.data.toml import check_model
from coresponse.optimize.case import Case
from coresponse.optimize.evaluate_case import evaluation_setup
from coresponse.optimize.factors import away_by_type
from coresponse.questions.scenarios.change import ScenarioCase, changed, largest_post
from coresponse.questions.scenarios.figures import busy_in, replayed_in, there
from coresponse.questions.scenarios.results import ScenarioResults
from coresponse.questions.scenarios.run import chosen_scenarios, scenarios
from coresponse.study.files import copy_study
from coresponse.study.read import read_study
from coresponse.study.scenarios import ScenarioInput, ready_scenarios

runner = CliRunner()


def scenario(**changes: object) -> ScenarioInput:
    return ScenarioInput.model_validate({"name": "made", **changes})


@pytest.fixture(scope="module")
def case() -> Case:
    return read_study(sample_folder()).case


def test_factors_multiply_and_channels_count_their_own_calls_only(case: Case) -> None:
    calls, table = case.city.calls, case.table
    frame = calls.frame[calls.frame["call_class"].isin(table.cells.class_names)]
    world = changed(case, scenario(demand=1.5, channels={"officer": 0.5})).case
    weeks = calls.days / 7
    officer = int((frame["channel"] == "officer").sum())
    by_hand = 1.5 * (len(frame) - officer + 0.5 * officer) / weeks
    assert world.table.cells.calls_per_week.sum() == pytest.approx(by_hand)
    assert world.table.response_s is table.response_s
    kind = table.cells.class_names[0]
    some = changed(case, scenario(classes={kind: 2.0}, periods={"night": 3.0})).case.table.cells
    is_kind = table.cells.call_class == 0
    night = np.array([p.name.startswith("night") for p in table.cells.periods])[table.cells.period]
    assert some.calls_per_week == pytest.approx(
        table.cells.calls_per_week * np.where(is_kind, 2, 1) * np.where(night, 3, 1)
    )


def test_speed_changes_the_hours_it_names(case: Case) -> None:
    night = WeekHours.parse("daily 19:00-07:00")
    periods = case.city.periods
    world = changed(case, scenario(speed=0.5, speed_hours="daily 19:00-07:00")).case
    for before, after in zip(periods, world.world.periods, strict=True):
        assert after.speed_factor == pytest.approx(
            before.speed_factor * (0.5 if night.contains(before.hours) else 1.0)
        )
    half = changed(case, scenario(speed=0.5, speed_hours="Mon-Wed 00:00-24:00; Thu 00:00-12:00"))
    # half of the hours take twice as long: on average 1.5 times
    whole = [
        (b, a) for b, a in zip(periods, half.case.world.periods, strict=True) if b.hours.count == 49
    ]
    assert whole
    for before, after in whole:
        touched = len(set(before.hours.hours) & set(range(84))) / 49
        assert before.speed_factor / after.speed_factor == pytest.approx(1 + touched)
    assert np.nanmin(world.table.response_s) >= np.nanmin(case.table.response_s)


def test_closed_posts_reach_nobody(case: Case) -> None:
    world, table, today = (
        changed(case, scenario(posts_closed=["P05"])).case,
        case.table,
        case.city.today,
    )
    at = np.array([option.post_id == "P05" for option in table.options])
    assert np.isinf(world.table.response_s[at]).all()
    assert np.array_equal(world.table.response_s[~at], table.response_s[~at])
    assert today is not None
    assert {option.post_id for option, _ in today.counts} == {"P05", "P13"}
    assert largest_post(today) == "P05"
    # the responders of a closed post are not there: only those of the other are busy
    left = Deployment("left", tuple(pair for pair in today.counts if pair[0].post_id == "P13"))
    assert busy_in(world, today, case.service) == busy_in(world, left, case.service)
    short = world.with_(evaluation=world.evaluation.model_copy(update={"weeks": 2}))
    setup = evaluation_setup(short).lean()
    assert replayed_in(short, today, setup) == replayed_in(short, left, setup)


@pytest.mark.parametrize(
    "changes",
    [
        {"periods": {"night": 3.0}},
        {"channels": {"officer": 0.25}},
        {"districts": {"1st Precinct": 5.0}},
        {"demand": 1.5, "channels": {"officer": 2.0}, "periods": {"night": 0.5}},
    ],
)
def test_the_replay_meets_the_calls_that_the_model_counts_with(
    case: Case, changes: dict[str, Any]
) -> None:
    if "districts" in changes:
        assert case.city.districts is not None
        busiest = case.city.districts.frame["district_id"].astype(str).iloc[0]
        changes = {"districts": {busiest: 5.0}}
    world = case.with_(**changes)
    setup = evaluation_setup(world)
    calls = [scene.calls for scene in setup.scenes]
    weeks = sum(one.weeks for one in calls)
    cells = world.table.cells
    drawn = sum(one.n for one in calls) / weeks
    assert drawn == pytest.approx(cells.calls_per_week.sum(), rel=0.02)
    # by class, and by the district that they come from, as in the model
    kind = np.concatenate([one.call_class for one in calls])
    by_class = np.bincount(kind, minlength=len(cells.class_names)) / weeks
    counted = np.bincount(cells.call_class, weights=cells.calls_per_week)
    assert by_class == pytest.approx(counted, rel=0.05, abs=1.0)
    where = np.concatenate([one.district for one in calls]) + 1
    by_district = np.bincount(where, minlength=cells.district.max() + 2) / weeks
    counted = np.bincount(cells.district + 1, weights=cells.calls_per_week)
    assert by_district == pytest.approx(counted, rel=0.1, abs=1.5)
    hour = np.concatenate([one.received_s for one in calls]) // 3600 % 168
    night = np.isin(
        hour, [h for p in cells.periods if p.name.startswith("night") for h in p.hours.hours]
    )
    is_night = np.array([p.name.startswith("night") for p in cells.periods])[cells.period]
    assert night.sum() / weeks == pytest.approx(cells.calls_per_week[is_night].sum(), rel=0.1)


def test_empty_seats_are_means_over_who_is_there(case: Case) -> None:
    short = case.with_(
        away={"clinician": 0.4}, evaluation=case.evaluation.model_copy(update={"weeks": 1})
    )
    today = case.city.today
    assert today is not None
    setup = evaluation_setup(short).lean()
    told = replayed_in(short, today, setup)
    samples = there(today, short.away)
    by_hand = [
        setup.evaluate(short.table, one, None).replay.overall.iloc[0]["share_in_time"]  # type: ignore[union-attr]
        for one in samples
    ]
    # each draw on a fifth of the replications here, on all of them by hand
    assert told["share_in_time"] == pytest.approx(np.mean(by_hand), abs=0.03)
    assert "p90_s" not in told
    left = told["calls_per_week"] * (1 - told["share_reached"])
    parts = ("closed_per_week", "busy_per_week", "out_of_reach_per_week")
    assert sum(told[name] for name in parts) == pytest.approx(left, rel=0.02)


def test_the_largest_post_is_closed_where_a_scenario_asks(case: Case) -> None:
    asked = scenario(close_largest_post=True)
    assert changed(case, asked, largest_post="P13").case.factors.closed == {"P13"}
    assert not changed(case, asked).case.factors.closed


def test_a_crew_is_there_if_every_seat_is_filled(case: Case) -> None:
    away = away_by_type(case.program, {"clinician": 0.2, "officer": 0.1})
    assert away["co_responder_unit"] == pytest.approx(1 - 0.8 * 0.9)
    assert away["on_call_clinician"] == pytest.approx(0.2)
    assert changed(case, scenario(away={"clinician": 0.2, "officer": 0.1})).case.away == away


@pytest.mark.parametrize("share", [0.2, 0.4, 0.6])
def test_draws_of_who_is_there_are_exact_for_each_responder(share: float) -> None:
    deployment = Deployment.of(
        "made", {Option("unit", f"P{k}", "always"): 1 + k % 2 for k in range(5)}
    )
    samples = there(deployment, {"unit": share}, draws=5)
    sizes = [one.size for one in samples]
    assert max(sizes) - min(sizes) <= 1
    for option, count in deployment.counts:
        assert np.mean([one.as_dict().get(option, 0) for one in samples]) == pytest.approx(
            count * (1 - share)
        )
    assert there(deployment, {"unit": 0.0}) == [deployment]


def test_what_the_study_does_not_have_is_refused_with_all_faults(case: Case) -> None:
    with pytest.raises(InputError) as refused:
        changed(case, scenario(posts_closed=["P99"], away={"pilot": 0.1}, periods={"noon": 2.0}))
    assert all(word in str(refused.value) for word in ("P99", "pilot", "noon"))
    for wrong in (
        {"demand": 0},
        {"away": {"clinician": 1.0}},
        {"speed": -1},
        {"ready": "demand-up", "demand": 2},
    ):
        with pytest.raises(InputError):
            check_model({"name": "made", **wrong}, ScenarioInput, subject="made")


def test_scenarios_that_ship_say_what_they_rest_on(case: Case) -> None:
    for one in ready_scenarios():
        assert one.mark in {"fact", "derived", "assumption"}
        assert one.source
        assert one.year
    chosen, dropped = chosen_scenarios(case, ())
    assert {one.name for one in chosen} == {one.name for one in ready_scenarios()}
    assert not dropped
    # the program has no medics: training keeps the roles that there are
    assert set(next(one for one in chosen if one.name == "training").away) == {
        "officer",
        "clinician",
    }
    with pytest.raises(InputError, match="no such scenario"):
        chosen_scenarios(case, (), ["flood"])


@pytest.fixture(scope="module")
def judged(case: Case) -> ScenarioResults:
    own = (
        scenario(name="up", demand=1.3),
        scenario(name="one-clinician", limits=Limits(units={"on_call_clinician": 1})),
    )
    free = case.with_(
        busy="free",
        solver=case.solver.model_copy(update={"gap": 0.01}),
        # regret is of the model's costs: a short replay tells beside them what calls meet
        evaluation=case.evaluation.model_copy(update={"replications": 2, "weeks": 2}),
    )
    found = scenarios(free, own, time_limit_s=4)
    assert isinstance(found, ScenarioResults)
    return found


def test_regret_is_cost_above_the_least_of_plans_that_keep_the_limits(
    judged: ScenarioResults,
) -> None:
    names = [one.name for one in judged.candidates]
    assert names == [
        "today",
        "plan",
        "least-regret",
        "mean-and-tail",
        "best-as-stated",
        "best-up",
        "best-one-clinician",
    ]
    assert [one.name for one in judged.scenarios] == ["as-stated", "up", "one-clinician"]
    regret = judged.regret
    # three clinicians break the limit of one
    assert np.isnan(regret[names.index("plan"), 2])
    for s, one in enumerate(judged.scenarios):
        assert regret[names.index(f"best-{one.name}"), s] == pytest.approx(
            0, abs=0.01 * judged.least[s]
        )
    assert np.nanmin(regret[1:]) == 0.0
    # a robust plan keeps the limits of all scenarios
    robust = judged.candidates[names.index("least-regret")]
    assert robust.deployment.by_type()["on_call_clinician"] <= 1
    assert judged.keeps[names.index("least-regret")].all()
    # with always-free units more calls alike cost nothing more a call
    assert judged.cost[:, 1] == pytest.approx(judged.cost[:, 0])
    of_all = [
        row
        for row, kept in zip(judged.cost - judged.least, judged.keeps, strict=True)
        if kept.all()
    ]
    worst = judged.cost[names.index("least-regret")] - judged.least
    assert worst.max() <= min(row.max() for row in of_all) + 0.01 * judged.least.max()


def test_the_study_as_stated_is_a_scenario_of_its_own(judged: ScenarioResults) -> None:
    stated = judged.scenarios[0]
    assert stated.case is judged.case
    assert stated.title == ScenarioCase(None, judged.case).title == "As the study states"
    assert not any(stated.case.away.values())


def test_the_command_writes_the_regret_table(tmp_path: Path) -> None:
    folder = tmp_path / "city"
    copy_study(sample_folder(), folder)
    text = (folder / "study.toml").read_text(encoding="utf-8")
    text = text.replace('goal = "mean_response"', 'busy_units = "free"\ngoal = "mean_response"')
    text += "\n[solver]\ngap = 0.01\n\n[judging]\nreplications = 2\nweeks = 2\n"
    text += '\n[[scenarios]]\nname = "more"\nready = "demand-up"\nweight = 2\n'
    text += '\n[[scenarios]]\nname = "snow"\ntitle = "=Snow"\nspeed = 0.6\n'
    (folder / "study.toml").write_text(text, encoding="utf-8")
    ran = runner.invoke(cli.app, ["scenarios", str(folder), "--json", "--time-limit", "4"])
    assert ran.exit_code == 0, ran.output
    told = json.loads(ran.stdout)
    assert told["schema"] == 1
    assert [one["name"] for one in told["scenarios"]] == ["as-stated", "more", "snow"]
    assert told["scenarios"][1]["weight"] == 2
    (run,) = (folder / "results").glob("scenarios-*")
    regret = pd.read_csv(run / "regret.csv")
    assert list(regret["plan"][:4]) == ["today", "plan", "least-regret", "mean-and-tail"]
    assert regret["worst_regret"].tolist() == pytest.approx(
        regret[["as-stated", "more", "snow"]].max(axis=1).tolist()
    )
    figures = pd.read_csv(run / "figures.csv")
    assert len(figures) == len(regret) * 3
    assert (
        runner.invoke(cli.app, ["scenarios", str(folder), "--only", "flood", "-q"]).exit_code != 0
    )


def test_a_figure_in_a_scenario_may_carry_its_evidence() -> None:
    one = scenario(demand={"value": 1.1, "mark": "fact", "source": "census", "year": 2025})
    assert one.demand == SourcedNumber(value=1.1, mark="fact", source="census", year=2025)
