"""Goals and floors as a study file states them, from the file to the answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from coresponse.data.errors import InputError
from coresponse.data.sample_city import sample_folder
from coresponse.optimize.case import Case
from coresponse.optimize.goals.goal import Mean, PCenter, Tail, WorstDistrict, study_name
from coresponse.optimize.solution import Status
from coresponse.optimize.solve_case import solve
from coresponse.publish.disclosure import PUBLIC
from coresponse.publish.history import facts_of
from coresponse.publish.search import publish_search
from coresponse.results.aims import aim
from coresponse.results.plan import search_json
from coresponse.study.files import copy_study
from coresponse.study.read import read_study


def study(folder: Path, objective: str) -> Case:
    copy_study(sample_folder(), folder)
    path = folder / "study.toml"
    text = path.read_text(encoding="utf-8")
    start = text.index("[objective]")
    stop = text.find("\n[", start + 1)
    text = text[:start] + "[objective]\n" + objective + (text[stop:] if stop > 0 else "\n")
    path.write_text(text, encoding="utf-8")
    return read_study(folder).case


def test_a_goals_settings_stand_beside_its_name(tmp_path: Path) -> None:
    case = study(tmp_path / "a", 'goal = "tail"\nalpha = 0.95\ntarget_min = 12')
    assert case.goal == Tail(alpha=0.95)
    assert case.target_min == 12
    assert not case.is_plain
    assert case.waiting is None
    assert "5% of calls that wait longest" in aim(facts_of(case))


def test_the_farthest_call_of_a_study_is_reached_as_soon_as_can_be(tmp_path: Path) -> None:
    case = study(
        tmp_path / "a", 'goal = "p_center"\nshare = 0.8\nwithin = "class"\nbusy_units = "free"'
    )
    assert case.goal == PCenter(share=0.8, within="class")
    assert "80% of each class's calls have a responder as near as possible" in aim(facts_of(case))
    best = solve(case).best
    assert best.solution.status is Status.PROVEN
    assert best.solution.unit == "seconds"
    stated = search_json(publish_search(best.solution, PUBLIC.city(case.table.cells)))["stages"][0]
    assert stated["goal"] == "p_center"


def test_a_misspelled_setting_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="alfa"):
        study(tmp_path / "a", 'goal = "tail"\nalfa = 0.95')
    with pytest.raises(InputError, match="goal"):
        study(tmp_path / "b", 'goal = "fastest"')


def test_fewest_units_are_fewer_than_the_limits_allow_and_fewer_still_do_not_do(
    tmp_path: Path,
) -> None:
    case = study(tmp_path / "a", 'goal = "fewest_units"\nshare = 0.6\nbusy_units = "free"')
    solved = solve(case)
    best = solved.best
    assert solved.rounds is None
    assert best.solution.status is Status.PROVEN
    needed = best.deployment.size
    assert 0 < needed <= 9
    assert (
        search_json(publish_search(best.solution, PUBLIC.city(case.table.cells)))["stages"][0][
            "value"
        ]
        == needed
    )
    few = {"co_responder_unit": needed - 1, "on_call_clinician": 0}
    short = solve(case.with_(units=few)).best
    assert short.solution.status is Status.INFEASIBLE
    assert short.clash is not None
    assert any("at least 60% of calls within 15 min" in line for line in short.clash.lines())


def test_a_floor_lifts_the_district_that_is_served_worst(tmp_path: Path) -> None:
    plain = study(tmp_path / "a", 'goal = "mean_response"\nbusy_units = "free"')
    floor = study(
        tmp_path / "b",
        'goal = "mean_response"\nbusy_units = "free"\nfloors = [{ share_in_time = 0.6 }]',
    )
    free, held = solve(plain).best, solve(floor).best
    assert held.solution.status is Status.PROVEN
    assert held.solution.objective >= free.solution.objective - 1e-6
    assert "a floor under every district" in aim(facts_of(floor))


def test_a_stage_is_named_as_the_study_names_its_goal() -> None:
    """A goal for groups of residents was told as "worst district: 792 seconds a call (proven)"."""
    assert study_name(WorstDistrict(by="group")) == "worst_group"
    assert study_name(WorstDistrict(by="group", of="gap")) == "largest_gap"
    assert study_name(WorstDistrict(by="district")) == "worst_district"
    assert study_name(Mean()) == "mean_response"
