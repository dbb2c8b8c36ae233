"""What `plan` says of a promise: confirmed, too close to call, or nothing confirmed, with an exit code of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coresponse.cli import main as cli
from coresponse.cli.common import Exit
from coresponse.data.limits import Limits
from coresponse.data.progress import Progress, silent
from coresponse.data.sample_city import sample_folder
from coresponse.optimize.case import Case
from coresponse.optimize.goals.goal import FewestUnits
from coresponse.optimize.solved import Solved
from coresponse.optimize.trials import Trials
from coresponse.optimize.verdict import Confirmation, Verdict
from coresponse.questions import plan as planning
from coresponse.questions.plan import confirm, plan
from coresponse.questions.standing import Standing
from coresponse.study.files import copy_study
from coresponse.study.folder import open_study
from coresponse.study.read import read_study
from tests.faults.conftest import small_town

CONFIRM: Callable[..., Confirmation] = confirm


def never_confirmed(
    case: Case, solved: Solved, setup: object, *, trials: Trials, progress: Progress = silent
) -> Confirmation:
    """Confirm nothing, whatever is found."""
    found = CONFIRM(case, solved, setup, trials=trials, progress=progress)
    best = found.plan or found.closest
    assert best is not None
    reached = tuple(replace(one, verdict=Verdict.NO) for one in best.reached)
    no = replace(best, reached=reached)
    return replace(found, plan=None, closest=no, less=None, checked=(no,))


@pytest.fixture
def sized(tmp_path: Path) -> Path:
    """A small town, asked for the fewest units that reach a share that few reach."""
    folder = small_town(tmp_path / "sized")
    with (folder / "study.toml").open("a", encoding="utf-8") as stated:
        stated.write('[objective]\ngoal = "fewest_units"\nshare = 0.2\n')
    return folder


def test_nothing_confirmed_is_said_everywhere_and_has_its_exit_code(
    sized: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "confirm", never_confirmed)
    result = CliRunner().invoke(cli.app, ["plan", str(sized), "--quiet"])
    assert result.exit_code == Exit.NOTHING_FOUND, result.output
    assert "Not confirmed" in result.output
    (run,) = (sized / "results").iterdir()
    told = json.loads((run / "plan.json").read_text(encoding="utf-8"))
    assert told["plan"]["standing"] == "nothing confirmed"
    assert told["plan"]["held_against_promise"]["verdict"] == "not reached"
    shown = [
        {k: row[k] for k in ("responder_type", "post_id", "shift_pattern", "count")}
        for row in told["deployment"]
    ]
    kept = [
        {k: row[k] for k in shown[0]} for row in told["plan"]["held_against_promise"]["deployment"]
    ]
    assert shown == kept
    assert told["status"]["of"].startswith("the model's deployment")
    assert (
        sum(row["count"] for row in told["status"]["model_deployment"])
        == told["status"]["objective"]
    )
    for page in ("map.html", "report.html"):
        assert "Not confirmed" in (run / page).read_text(encoding="utf-8")


def test_a_sweep_and_a_comparison_say_where_nothing_is_confirmed(
    sized: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is nearest is shown; it is on no frontier, for it does not keep what is asked."""
    monkeypatch.setattr(planning, "confirm", never_confirmed)
    asked = ["sweep", str(sized), "--vary", "unit=6", "--jobs", "1", "--quiet"]
    result = CliRunner().invoke(cli.app, asked)
    assert result.exit_code == 0, result.output
    assert "At 1 of them no plan is confirmed to meet the target" in result.output
    (swept,) = (sized / "results").glob("sweep-*/sweep.json")
    told = json.loads(swept.read_text(encoding="utf-8"))
    (point,) = told["points"]
    assert point["standing"] == "nothing confirmed"
    assert point["score"] is None
    assert not point["efficient"]
    assert told["frontier"]["points"] == []
    programs = ["--programs", "ride-along,on-call", "--budget", "3M", "--time-limit", "1"]
    result = CliRunner().invoke(cli.app, ["compare", str(sized), *programs, "--quiet"])
    assert result.exit_code == 0, result.output
    assert "no plan is confirmed to meet the target" in " ".join(result.output.split())


@pytest.mark.slow
def test_half_of_the_samples_calls_need_more_units_than_the_model_says(tmp_path: Path) -> None:
    """The model says six and proves it; in the replay seven reach 49 %."""
    copy_study(sample_folder(), tmp_path / "sample")
    case = read_study(open_study(tmp_path / "sample")).case
    quiet = case.evaluation.model_copy(update={"holdout_share": 0})
    limits = Limits(max_per_post=2)
    found = plan(case.with_(goal=FewestUnits(share=0.5), evaluation=quiet, limits=limits))
    assert found.standing is Standing.CONFIRMED
    assert found.solution.objective == 6
    assert not found.is_models
    assert found.deployment.size == 8
    assert found.confirmation is not None
    less = found.confirmation.less
    assert less is not None
    assert less.verdict is Verdict.NO
    assert less.reached[0].mean == pytest.approx(0.492, abs=0.005)
