"""The eight questions of docs/questions.md: each command runs, and says the sentence that the page gives for its answer."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coresponse.cli import main as cli
from tests.questions.eight_questions import budget_study

PAGE = Path(__file__).resolve().parents[2] / "docs" / "questions.md"
QUESTION = re.compile(
    r"\*\*(?P<number>\d)\. (?P<asked>[^*]+)\*\*\s+```\n(?P<command>coresponse [^\n]+)\n```\s+> (?P<answer>.+?)\n\n",
    re.DOTALL,
)
NUMBER = re.compile(r"\d[\d,.]*\d|\d")
runner = CliRunner()


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return budget_study(tmp_path_factory.mktemp("eight") / "study")


def asked() -> list[re.Match[str]]:
    return list(QUESTION.finditer(PAGE.read_text(encoding="utf-8")))


def plain(text: str) -> str:
    """The text in one line, with one form for what was before, whether or not it is another figure now."""
    line = " ".join(text.replace("\n> ", " ").split())
    return re.sub(r"\((as before|before: \$?[\d.,]*\d( million)?%?)\)", "(BEFORE)", line)


def shape(sentence: str) -> re.Pattern[str]:
    """The sentence with any numbers; figures differ from city to city, words do not."""
    words = [re.escape(part) for part in NUMBER.split(sentence)]
    return re.compile(r"\d[\d,.]*".join(words))


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
            assert shape(sentence).search(said), (one["command"], sentence, done.output)


def test_a_plan_under_flags_is_a_run_of_its_own_that_says_so(study: Path) -> None:
    before = set((study / "results").glob("plan-*"))
    flags = ["--vary", "wage.clinician=108%", "--988", "33%"]
    done = runner.invoke(cli.app, ["plan", str(study), "--quiet", *flags])
    assert done.exit_code == 0, done.output
    assert "What if: Behavioral-health clinician: 108% of today's wage" in plain(done.output)
    (run,) = (study / "results").glob("whatif-*")
    told = json.loads((run / "plan.json").read_text(encoding="utf-8"))
    assert told["what_if"] == {"vary": {"wage.clinician": "108%", "988": "33%"}}
    assert "What if" in told["notice"]
    assert "assumed calls have no records to judge by" in told["unseen"]["skipped"]
    assert set((study / "results").glob("plan-*")) == before
    refused = runner.invoke(cli.app, ["plan", str(study), "--verify", str(run), "--quiet"])
    assert "question of the what-if page or of flags" in str(refused.exception)
