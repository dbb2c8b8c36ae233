"""The eight questions of docs/questions.md: each command runs, and says the page's answer, figure by figure."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from coresponse.cli import main as cli
from coresponse.data.options import Deployment, Option
from coresponse.data.programs.changed import program_with
from coresponse.data.programs.load import load_program
from coresponse.data.programs.money import running
from tests.questions.eight_questions import budget_study

PAGE = Path(__file__).resolve().parents[2] / "docs" / "questions.md"
QUESTION = re.compile(
    r"\*\*(?P<number>\d)\. (?P<asked>[^*]+)\*\*\s+```\n(?P<command>coresponse [^\n]+)\n```\s+> (?P<answer>.+?)\n\n",
    re.DOTALL,
)
runner = CliRunner()


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return budget_study(tmp_path_factory.mktemp("eight") / "study", every=4, judged=10)


def asked() -> list[re.Match[str]]:
    return list(QUESTION.finditer(PAGE.read_text(encoding="utf-8")))


def plain(text: str) -> str:
    """The text in one line."""
    return " ".join(text.replace("\n> ", " ").split())


def test_there_are_eight() -> None:
    assert [int(one["number"]) for one in asked()] == list(range(1, 9))


def test_each_command_says_its_answer(study: Path) -> None:
    assert runner.invoke(cli.app, ["plan", str(study), "--quiet"]).exit_code == 0  # for the roster
    for one in asked():
        words = shlex.split(one["command"])[1:]
        assert words[1] == "STUDY"
        more = ["--jobs", "1"] if words[0] == "sweep" else []
        done = runner.invoke(cli.app, [words[0], str(study), *words[2:], "--quiet", *more])
        assert done.exit_code == 0, (one["command"], done.output, done.exception)
        said = plain(done.output)
        for sentence in re.split(r"(?<=\.) (?=[A-Z\d])", plain(one["answer"])):
            assert sentence in said, (
                f"docs/questions.md, {one['command']}: {sentence!r} is now: {done.output}"
            )


def its_people_and_money_are_the_run_s(study: Path, run: Path, told: dict[str, Any]) -> None:
    """Money and roster of a run under flags: at its wages and vacancies, not at the study's."""
    figures = {
        "crew_roles.clinician.cost_per_hour": 58 * 1.08,
        "crew_roles.clinician.vacancy_share": 0.4,
    }
    dear = program_with(load_program("mixed"), figures)
    plan = Deployment.of(
        "plan",
        [
            (Option(*(row[key] for key in Option._fields)), row["count"])
            for row in told["deployment"]
        ],
    )
    done = runner.invoke(cli.app, ["money", str(study), "--run", run.name, "--json"])
    assert done.exit_code == 0, (done.output, done.exception)
    money = json.loads(done.output)
    assert money["notice"] == told["notice"]
    first = money["years"][0]
    assert first["staff"] == pytest.approx(running(dear, plan, 0.0).staff, abs=0.01)
    cost = told["costs"]["plan"]["cost_as_called_per_year"]["mean"]
    runs = first["staff"] + first["vehicles"] + first["call_outs"]
    assert runs == pytest.approx(cost, abs=1)
    done = runner.invoke(cli.app, ["roster", str(study), "--run", run.name, "--quiet"])
    assert plain(done.output).startswith(told["staffing"]["words"][0])


def test_a_plan_under_flags_is_a_run_of_its_own_that_says_so(study: Path) -> None:
    before = set((study / "results").glob("plan-*"))
    flags = ["--vary", "wage.clinician=108%", "--vary", "vacancy.clinician=40%", "--988", "33%"]
    done = runner.invoke(cli.app, ["plan", str(study), "--quiet", *flags])
    assert done.exit_code == 0, done.output
    assert "What if: Behavioral-health clinician: 108% of today's wage" in plain(done.output)
    (run,) = (study / "results").glob("whatif-*")
    told = json.loads((run / "plan.json").read_text(encoding="utf-8"))
    assert told["what_if"] == {
        "vary": {"wage.clinician": "108%", "vacancy.clinician": "40%", "988": "33%"}
    }
    assert "What if" in told["notice"]
    assert "assumed calls have no records to judge by" in told["unseen"]["skipped"]
    assert set((study / "results").glob("plan-*")) == before
    its_people_and_money_are_the_run_s(study, run, told)
    refused = runner.invoke(cli.app, ["plan", str(study), "--verify", str(run), "--quiet"])
    assert "question of the what-if page or of flags" in str(refused.exception)
