"""Goals and floors as a study file states them, from the file to the answer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from coresponse.best import plain_goal, waiting_cost
from coresponse.inputs import Inputs, read_inputs
from coresponse.new import copy_study
from coresponse.planning import plan_table, study_table

from coresponse.content import aim
from coresponse.data.errors import InputError
from coresponse.data.sample_city import sample_folder
from coresponse.optimize.goals.goal import PCenter, Tail
from coresponse.optimize.solution import Status
from coresponse.publish.disclosure import PUBLIC
from coresponse.results import goal_json
from coresponse.study import open_study


def study(folder: Path, objective: str) -> Inputs:
    copy_study(sample_folder(), folder)
    path = folder / "study.toml"
    text = path.read_text(encoding="utf-8")
    start = text.index("[objective]")
    stop = text.find("\n[", start + 1)
    text = text[:start] + "[objective]\n" + objective + (text[stop:] if stop > 0 else "\n")
    path.write_text(text, encoding="utf-8")
    return read_inputs(open_study(folder))


def test_a_goals_settings_stand_beside_its_name(tmp_path: Path) -> None:
    inputs = study(tmp_path / "a", 'goal = "tail"\nalpha = 0.95\ntarget_min = 12')
    objective = inputs.study.objective
    assert objective.goal == Tail(alpha=0.95)
    assert objective.target_min == 12
    assert not plain_goal(inputs)
    with pytest.raises(InputError, match="tail"):
        waiting_cost(inputs)
    assert "5% of calls that wait longest" in aim(inputs)


def test_the_farthest_call_of_a_study_is_reached_as_soon_as_can_be(tmp_path: Path) -> None:
    inputs = study(
        tmp_path / "a", 'goal = "p_center"\nshare = 0.8\nwithin = "class"\nbusy_units = "free"'
    )
    assert inputs.study.objective.goal == PCenter(share=0.8, within="class")
    assert "80% of each class's calls have a responder as near as possible" in aim(inputs)
    best, _ = plan_table(inputs, study_table(inputs))
    assert best.solution.status is Status.PROVEN
    assert best.solution.unit == "seconds"
    stated = goal_json(best.solution, whole_city(study_table(inputs).cells))["stages"][0]
    assert stated["goal"] == "p_center"


def test_a_misspelled_setting_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="alfa"):
        study(tmp_path / "a", 'goal = "tail"\nalfa = 0.95')
    with pytest.raises(InputError, match="goal"):
        study(tmp_path / "b", 'goal = "fastest"')


def test_fewest_units_are_fewer_than_the_limits_allow_and_fewer_still_do_not_do(
    tmp_path: Path,
) -> None:
    inputs = study(tmp_path / "a", 'goal = "fewest_units"\nshare = 0.6\nbusy_units = "free"')
    table = study_table(inputs)
    best, rounds = plan_table(inputs, table)
    assert rounds is None
    assert best.solution.status is Status.PROVEN
    needed = best.deployment.size
    assert 0 < needed <= 9
    assert goal_json(best.solution, PUBLIC.city(table.cells))["stages"][0]["value"] == needed
    few = inputs.study.limits.model_copy(
        update={"units": {"co_responder_unit": needed - 1, "on_call_clinician": 0}}
    )
    tighter = inputs.study.model_copy(update={"limits": few})
    short, _ = plan_table(replace(inputs, folder=replace(inputs.folder, study=tighter)), table)
    assert short.solution.status is Status.INFEASIBLE
    assert short.clash is not None
    assert any("at least 0.6 of calls within 15 min" in line for line in short.clash.lines())


def test_a_floor_lifts_the_district_that_is_served_worst(tmp_path: Path) -> None:
    plain = study(tmp_path / "a", 'goal = "mean_response"\nbusy_units = "free"')
    floor = study(
        tmp_path / "b",
        'goal = "mean_response"\nbusy_units = "free"\nfloors = [{ share_in_time = 0.6 }]',
    )
    table = study_table(plain)
    free, _ = plan_table(plain, table)
    held, _ = plan_table(floor, table)
    assert held.solution.status is Status.PROVEN
    assert held.solution.objective >= free.solution.objective - 1e-6
    assert "a floor under every district" in aim(floor)
