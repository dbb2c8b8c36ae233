"""What the terminal shows in a narrow window: whole figures, the answer first, the rest under --details."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from typer.testing import CliRunner

from coresponse.cli import main as cli
from coresponse.cli.tables import print_table

PATHS = ("Results:", "Map:", "Report:", "Page:", "Explorer:", "Ready.", "The rest can")
ONE_SCREEN = 40

QUESTIONS = (
    ["check"],
    ["plan"],
    ["sweep", "--vary", "unit=2:3", "--jobs", "1"],
    ["compare", "--programs", "ride-along,on-call", "--budget", "3M", "--time-limit", "1"],
    ["scenarios", "--only", "demand-up", "--time-limit", "1"],
    ["alternatives", "--count", "2", "--time-limit", "1"],
    ["validate"],
)


@pytest.fixture(scope="module")
def study(make_study: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_study(tmp_path_factory.mktemp("narrow") / "town")


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda words: words[0])
def test_the_answer_fits_a_screen_of_80_columns_and_details_have_the_rest(
    study: Path, question: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Costs were cut to ``$4....`` and names to ``Behavioral-…``."""
    monkeypatch.setenv("COLUMNS", "80")
    asked = [question[0], str(study), *question[1:], "--quiet"]
    short, long = (
        CliRunner().invoke(cli.app, [*asked, *more]).output for more in ([], ["--details"])
    )
    for said in (short, long):
        assert "…" not in said
        for line in said.splitlines():
            assert cell_len(line) <= 80 or line.startswith(PATHS), line
    assert len(short.splitlines()) <= ONE_SCREEN
    assert sum(line.startswith("┏") for line in short.splitlines()) <= 1
    assert short.splitlines()[-1].endswith("--details")
    assert len(long.splitlines()) > len(short.splitlines())
    names = {
        "co_responder_unit",
        "on_call_clinician",
        "crisis_low",
        "crisis_high",
        "day_10h",
        "late_10h",
    }
    assert set(re.findall(r"(?<!\.)\b[a-z]+_[a-z_\d]+\b", short)) & names == set()


WORDS = st.text(alphabet="ab -", min_size=1, max_size=40).filter(str.strip)
FIGURES = st.from_regex(r"\A-?\$?\d{1,9}\.\d{1,3}%?\Z")


@given(
    st.integers(60, 130),
    st.lists(st.tuples(WORDS, *[FIGURES] * 7), min_size=1, max_size=4),
    st.lists(WORDS, min_size=8, max_size=8),
)
def test_no_figure_is_cut_or_broken_at_any_width(
    width: int, rows: list[tuple[str, ...]], heads: list[str]
) -> None:
    console = Console(width=width, record=True, file=io.StringIO())
    print_table(console, "t", heads, rows)
    said = console.export_text()
    assert all(cell_len(line) <= width for line in said.splitlines())
    for row in rows:
        for figure in row[1:]:
            assert re.search(rf"[│ ]{re.escape(figure)}[ │]", said), figure
