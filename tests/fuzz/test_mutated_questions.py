"""What people ask and what runs left, broken in thousands of ways.

Studies, sweeps, scenarios, the page's questions, results.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from coresponse.app.plans import PlanStore
from coresponse.app.question import Question, case_for
from coresponse.data.errors import InputError
from coresponse.data.sample_city import sample_folder
from coresponse.data.toml import read_model
from coresponse.questions.scenarios.run import chosen_scenarios
from coresponse.questions.sweep.answer import Answer, Kept
from coresponse.questions.sweep.ask import asked_for
from coresponse.questions.sweep.axes import axes_of
from coresponse.questions.sweep.task import make_grid
from coresponse.results.read_sweep import read_sweep
from coresponse.study.read import LoadedStudy, read_study, study_case
from coresponse.study.read_back import read_plan_file
from coresponse.study.settings import Study

# Few weeks and no drives between places: what today costs is replayed anew for each broken study that is taken.
QUESTIONS = """
[judging]
replications = 2
weeks = 1
rules = { driving_home = "from_post" }
[sweep]
vary = { unit = "1:6", budget = "80%:120%:10%", demand = "0.8, 1, 1.25" }
nested = true
phases = [{ name = "year 1", budget_per_year = 2.2e6 }, { name = "year 2", units = { co_responder_unit = 8 } }]
[[scenarios]]
name = "storm"
demand = { value = 1.3, source = "winter 2023", year = 2023, mark = "fact" }
channels = { "911" = 1.5 }
speed = 0.6
speed_hours = "Mon-Fri 06:00-20:00"
weight = 0.5
limits = { units = { co_responder_unit = 4 } }
[[scenarios]]
name = "hiring"
ready = "vacancy-20"
[[scenarios]]
name = "shut"
posts_closed = ["P01"]
close_largest_post = true
away = { clinician = 0.25 }
"""


@pytest.fixture(scope="module")
def city() -> LoadedStudy:
    return read_study(sample_folder())


def sound_questions(city: LoadedStudy, study: Study) -> None:
    """Read on from a study that was taken.

    What it varies, its points, its scenarios, its standard.
    """
    case = study_case(study, city.city)
    axes = axes_of(study.sweep.vary, case)
    for axis in axes:
        assert np.isfinite(axis.values).all()
        assert all(one < other for one, other in pairwise(axis.values))
    if axes or study.sweep.phases:
        grid = make_grid(axes, study.limits, nested=study.sweep.nested, phases=study.sweep.phases)
        points = int(np.prod([len(axis.values) for axis in axes])) if axes else 0
        assert sum(task.mode == "re-optimized" for task in grid.tasks) == points
        assert all(before < i for i, task in enumerate(grid.tasks) for before in task.after)
    scenarios, _ = chosen_scenarios(case, study.scenarios)
    assert all(min(one.weight, one.demand.value, one.speed.value) > 0 for one in scenarios)
    assert all(0 <= figure.value < 1 for one in scenarios for figure in one.away.values())
    assert 0 < case.target_s / 60 < case.program.standards.fallback_min.value


@pytest.mark.slow
def test_broken_studies_with_questions(city: LoadedStudy, hammer: Any) -> None:
    seed = (sample_folder() / "study.toml").read_bytes() + QUESTIONS.encode()

    def read(path: Path) -> None:
        study = read_model(path, Study)
        sound_questions(city, study)

    whole = hammer.kept / "study.toml"
    whole.parent.mkdir(parents=True, exist_ok=True)
    whole.write_bytes(seed)
    read(whole)
    hammer("study.toml, sweep and scenarios", seed, ".toml", read, 0.02)


@pytest.mark.slow
def test_broken_flags_of_a_sweep(city: LoadedStudy, hammer: Any) -> None:
    seed = b"unit=1:10\nbudget=1M:3M:250k\nspeed=0.7:1.1:0.1\nyear 1:budget=2.2M,clinician=3\nyear 2:unit=8"

    def read(path: Path) -> None:
        texts = path.read_bytes().decode("utf-8", "replace").split("\n")
        phases = [text for text in texts if text.startswith("year")]
        vary = [text for text in texts if not text.startswith("year")]
        changed = asked_for(city.case, city.settings.sweep, vary=vary, phases=phases)
        sound_questions(city, city.settings.model_copy(update={"sweep": changed}))

    hammer("sweep --vary, --phase", seed, ".txt", read, 0.01)


@pytest.mark.slow
def test_broken_questions_of_the_page(city: LoadedStudy, hammer: Any) -> None:
    question = Question(
        units={"co_responder_unit": 5},
        roles={"clinician": 9},
        budget_per_year=2.5e6,
        posts_must=("P01",),
        moved={"P02": (-76.9, 40.3)},
        target_min=12.0,
        demand=1.2,
        busy="stated",
        busy_shares={"co_responder_unit": 0.4},
    )

    def read(path: Path) -> None:
        try:
            taken = Question.model_validate_json(path.read_bytes())
        except ValidationError as error:  # the page answers 422 with its words
            raise InputError(str(error)) from error
        changed = case_for(city.case, taken)
        assert 0 < changed.target_s / 60 < changed.program.standards.fallback_min.value

    hammer("app question", question.model_dump_json().encode(), ".json", read, 0.05)


# ---- results ----

SWEPT = {
    "schema": 1, "study": "Town", "run": "sweep-0123456789", "reading": "Figures are by queueing.",
    "axes": [
        {"name": "units.unit", "title": "units", "values": [1.0, 2.0]}, {"name": "demand", "title": "calls", "values": [1, 1.5]},
    ],
    "points": [
        {
            "units.unit": unit, "demand": demand, "mode": "re-optimized", "message": "proven", "cost_per_year": 1e6 * unit,
            "share_in_time": 0.5, "mean_with_fallback_min": 14.5, "p90_min": None, "left_to_police_per_week": 3.5, "gap": 0.0,
            "deployment": [{"responder_type": "unit", "post_id": "P1", "shift_pattern": "always", "count": unit}],
        }
        for unit in (1, 2) for demand in (1.0, 1.5)
    ],
    "provenance": {"inputs_sha256": {"study.toml": "ab" * 32}},
}  # fmt: skip


@pytest.mark.slow
def test_broken_sweeps(hammer: Any) -> None:
    def read(path: Path) -> None:
        path.replace(path.with_name("sweep.json"))
        found = read_sweep(path.parent)
        for point in found.points:
            assert all(
                0 <= k < len(axis.values)
                for k, axis in zip(found.place(point), found.axes, strict=True)
            )
            assert point.bought.size == sum(option.count for option in point.deployment)
            assert point.cost is None or np.isfinite(point.cost)
        assert set(map(id, found.re_optimized)) <= set(map(id, found.points))

    hammer("sweep.json", json.dumps(SWEPT, indent=1).encode(), ".json", read, 0.05)


@pytest.mark.slow
def test_broken_plans(hammer: Any) -> None:
    seed = {
        "schema": 1, "run": "plan-0123456789", "status": {"status": "proven", "gap": 0.0},
        "deployment": [{"responder_type": "unit", "post_id": "P1", "shift_pattern": "always", "count": 2, "name": "Straße"}],
        "measures": {"plan": {"share_in_time": 0.5}},
        "provenance": {"inputs_sha256": {"calls.csv": "cd" * 32}, "versions": {"numpy": "2.0"}, "solver": {"name": "HiGHS"}},
    }  # fmt: skip

    def read(path: Path) -> None:
        path.replace(path.with_name("plan.json"))
        told = read_plan_file(path.parent)
        assert all(isinstance(row, dict) for row in told["deployment"])
        assert all(
            isinstance(digest, str) for digest in told["provenance"]["inputs_sha256"].values()
        )
        assert json.loads(json.dumps(told, allow_nan=False)) == told

    hammer(
        "plan.json", json.dumps(seed, indent=1, ensure_ascii=False).encode(), ".json", read, 0.04
    )


@pytest.mark.slow
def test_broken_points_of_a_sweep(hammer: Any, tmp_path: Path) -> None:
    """A kept point that differs in one byte from what was written is solved again.

    Its figures are never taken.
    """
    kept = Kept(tmp_path)
    right = Answer(
        "proven optimal", "", "chosen", 10.5, 10.5, 0.0, "min", 11.25, bought=(("unit", "P1", "always", 2),),
        busy_share={"unit": 0.25}, figures={"share_in_time": 0.5, "p90_s": None}, clash=("none",),
    )  # fmt: skip
    kept.write("point", right)

    def read(path: Path) -> None:
        found = Kept(path.parent).read(path.stem)
        if found is None:
            raise InputError("not kept")
        assert asdict(found) == asdict(replace(right, bought=found.bought)), (
            "a changed point was taken for a right one"
        )
        assert found.bought == right.bought

    content = (tmp_path / "point.json").read_bytes().replace(b'"key": "point"', b'"key": "input"')
    hammer("kept point of a sweep", content, ".json", read, 0.05)


@pytest.mark.slow
def test_broken_plans_of_the_page(hammer: Any, tmp_path: Path) -> None:
    store = PlanStore(tmp_path)
    bought = [["unit", "P1", "always", 2]]
    figures = {"share_in_time": 0.5, "mean_with_fallback_s": 900.5}
    made = store.add(
        {
            "status": "proven",
            "found": True,
            "asked": {"demand": 1.2},
            "bought": bought,
            "figures": figures,
        },
        "A",
    )
    content = (tmp_path / "plans" / f"{made}.json").read_bytes()
    name = "0" * 16

    def read(path: Path) -> None:
        folder = path.parent / "plans"
        folder.mkdir(exist_ok=True)
        path.replace(folder / f"{name}.json")
        again = PlanStore(path.parent)
        found = again.get(name)
        if found is None:
            assert again.summaries() == []
            raise InputError("no plan")
        (summary,) = again.summaries()
        assert summary["id"] == found["id"] == name
        assert all(len(row) == 4 and row[3] > 0 for row in found.get("bought", []))
        json.dumps(found, allow_nan=False)

    hammer("plan of the page", content.replace(made.encode(), name.encode()), ".json", read, 0.04)
