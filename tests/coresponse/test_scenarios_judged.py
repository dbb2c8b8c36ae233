"""Scenarios change what they say and nothing else; regret by hand; the command on the sample."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from coresponse.best import Best
from coresponse.inputs import Inputs, read_inputs
from coresponse.planning import study_table
from coresponse.scenarios.change import as_stated, away_by_type, changed, largest_post
from coresponse.scenarios.judge import in_scenario, there
from coresponse.scenarios.run import Judged, chosen_scenarios, judge_scenarios
from coresponse.scenarios.settings import ScenarioInput, ready_scenarios
from typer.testing import CliRunner

from coresponse.cli import main as cli
from coresponse.coverage.response import ResponseTable
from coresponse.data.errors import InputError
from coresponse.data.hours import WeekHours
from coresponse.data.limits import Limits
from coresponse.data.options import Deployment, Option
from coresponse.data.sample_city import sample_folder
from coresponse.data.sourced import SourcedNumber
from coresponse.data.toml import check_model
from coresponse.study.folder import open_study
from coresponse.study.new import copy_study

runner = CliRunner()


def scenario(**changes: object) -> ScenarioInput:
    return ScenarioInput.model_validate({"name": "made", **changes})


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    return read_inputs(open_study(sample_folder()))


@pytest.fixture(scope="module")
def table(inputs: Inputs) -> ResponseTable:
    return study_table(inputs)


def test_factors_multiply_and_channels_count_their_own_calls_only(
    inputs: Inputs, table: ResponseTable
) -> None:
    frame = inputs.calls.frame[inputs.calls.frame["call_class"].isin(table.cells.class_names)]
    world = changed(inputs, table, scenario(demand=1.5, channels={"officer": 0.5}))
    weeks = inputs.calls.days / 7
    officer = int((frame["channel"] == "officer").sum())
    by_hand = 1.5 * (len(frame) - officer + 0.5 * officer) / weeks
    assert world.table.cells.calls_per_week.sum() == pytest.approx(by_hand)
    assert world.table.response_s is table.response_s
    kind = table.cells.class_names[0]
    some = changed(inputs, table, scenario(classes={kind: 2.0}, periods={"night": 3.0})).table.cells
    is_kind = table.cells.call_class == 0
    night = np.array([p.name.startswith("night") for p in table.cells.periods])[table.cells.period]
    assert some.calls_per_week == pytest.approx(
        table.cells.calls_per_week * np.where(is_kind, 2, 1) * np.where(night, 3, 1)
    )


def test_speed_changes_the_hours_it_names(inputs: Inputs, table: ResponseTable) -> None:
    night = WeekHours.parse("daily 19:00-07:00")
    world = changed(inputs, table, scenario(speed=0.5, speed_hours="daily 19:00-07:00"))
    for before, after in zip(inputs.periods, world.inputs.periods, strict=True):
        assert after.speed_factor == pytest.approx(
            before.speed_factor * (0.5 if night.contains(before.hours) else 1.0)
        )
    half = changed(
        inputs, table, scenario(speed=0.5, speed_hours="Mon-Wed 00:00-24:00; Thu 00:00-12:00")
    )
    # half of the hours take twice as long: on average 1.5 times
    whole = [
        (b, a)
        for b, a in zip(inputs.periods, half.inputs.periods, strict=True)
        if b.hours.count == 49
    ]
    assert whole
    for before, after in whole:
        touched = len(set(before.hours.hours) & set(range(84))) / 49
        assert before.speed_factor / after.speed_factor == pytest.approx(1 + touched)
    assert np.nanmin(world.table.response_s) >= np.nanmin(table.response_s)


def test_closed_posts_reach_nobody(inputs: Inputs, table: ResponseTable) -> None:
    world = changed(inputs, table, scenario(posts_closed=["P05"]))
    at = np.array([option.post_id == "P05" for option in table.options])
    assert np.isinf(world.table.response_s[at]).all()
    assert np.array_equal(world.table.response_s[~at], table.response_s[~at])
    assert inputs.today is not None
    assert {option.post_id for option, _ in in_scenario(world, inputs.today).counts} == {"P13"}
    assert largest_post(inputs.today) == "P05"


def test_a_crew_is_there_if_every_seat_is_filled(inputs: Inputs) -> None:
    away = away_by_type(inputs.program, {"clinician": 0.2, "officer": 0.1})
    assert away["co_responder_unit"] == pytest.approx(1 - 0.8 * 0.9)
    assert away["on_call_clinician"] == pytest.approx(0.2)


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


def test_what_the_study_does_not_have_is_refused_with_all_faults(
    inputs: Inputs, table: ResponseTable
) -> None:
    with pytest.raises(InputError) as refused:
        changed(
            inputs,
            table,
            scenario(posts_closed=["P99"], away={"pilot": 0.1}, periods={"noon": 2.0}),
        )
    assert all(word in str(refused.value) for word in ("P99", "pilot", "noon"))
    for wrong in (
        {"demand": 0},
        {"away": {"clinician": 1.0}},
        {"speed": -1},
        {"ready": "demand-up", "demand": 2},
    ):
        with pytest.raises(InputError):
            check_model({"name": "made", **wrong}, ScenarioInput, subject="made")


def test_scenarios_that_ship_say_what_they_rest_on(inputs: Inputs) -> None:
    for one in ready_scenarios():
        assert one.mark in {"fact", "derived", "assumption"}
        assert one.source
        assert one.year
    chosen, dropped = chosen_scenarios(inputs)
    assert {one.name for one in chosen} == {one.name for one in ready_scenarios()}
    assert not dropped
    # the program has no medics: training keeps the roles that there are
    assert set(next(one for one in chosen if one.name == "training").away) == {
        "officer",
        "clinician",
    }
    with pytest.raises(InputError, match="no such scenario"):
        chosen_scenarios(inputs, ["flood"])


@pytest.fixture(scope="module")
def judged(inputs: Inputs) -> Judged:
    own = (
        scenario(name="up", demand=1.3),
        scenario(name="one-clinician", limits=Limits(units={"on_call_clinician": 1})),
    )
    objective = inputs.study.objective.model_copy(update={"busy_units": "free"})
    solver = inputs.study.solver.model_copy(update={"gap": 0.01})
    study = inputs.study.model_copy(
        update={"scenarios": own, "objective": objective, "solver": solver}
    )
    folder = type(inputs.folder)(inputs.folder.path, study)
    found = judge_scenarios(type(inputs)(**{**vars(inputs), "folder": folder}), time_limit_s=4)
    assert not isinstance(found, Best)
    return found


def test_regret_is_cost_above_the_least_of_plans_that_keep_the_limits(judged: Judged) -> None:
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
    assert [world.name for world in judged.worlds] == ["as-stated", "up", "one-clinician"]
    regret = judged.regret
    # three clinicians break the limit of one
    assert np.isnan(regret[names.index("plan"), 2])
    for s, world in enumerate(judged.worlds):
        assert regret[names.index(f"best-{world.name}"), s] == pytest.approx(
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


def test_the_study_as_stated_is_a_world_of_its_own(inputs: Inputs, table: ResponseTable) -> None:
    world = as_stated(inputs, table)
    assert world.table is table
    assert not any(world.away.values())


def test_the_command_writes_the_regret_table(tmp_path: Path) -> None:
    folder = tmp_path / "city"
    copy_study(sample_folder(), folder)
    text = (folder / "study.toml").read_text(encoding="utf-8")
    text = text.replace('goal = "mean_response"', 'busy_units = "free"\ngoal = "mean_response"')
    text += "\n[solver]\ngap = 0.01\n"
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
