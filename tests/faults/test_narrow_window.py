"""What the terminal shows in a narrow window: whole figures, the answer first, the rest under --details."""

from __future__ import annotations

import importlib
import io
import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from typer.testing import CliRunner

from coresponse.cli import main as cli
from coresponse.cli.tables import print_table

PATHS = ("Results:", "Map:", "Report:", "Page:", "Explorer:", "Ready.", "The rest can")
ONE_SCREEN = 40

QUESTIONS = {
    "show_plan.show_plan": ["plan"],
    "show_sweep.show_sweep": ["sweep", "--vary", "unit=2:3", "--jobs", "1"],
    "show_compared.show_comparison": ["compare", "--programs", "ride-along,on-call", "--budget", "3M", "--time-limit", "1"],
    "show_scenarios.show_scenarios": ["scenarios", "--only", "demand-up", "--time-limit", "1"],
    "show_alternatives.show_near_best": ["alternatives", "--count", "2", "--time-limit", "1"],
}  # fmt: skip
"""What prints an answer, and the question."""

MARK = "=== with details ==="


@pytest.fixture(scope="module")
def study(make_study: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_study(tmp_path_factory.mktemp("narrow") / "town")


@pytest.mark.parametrize("printer", QUESTIONS)
def test_the_answer_fits_a_screen_of_80_columns_and_details_have_the_rest(
    study: Path, printer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Costs were cut to ``$4....`` and names to ``Behavioral-…``."""
    module = importlib.import_module(f"coresponse.cli.{printer.split('.', maxsplit=1)[0]}")
    shown = getattr(module, printer.split(".")[1])

    def both(*given: Any, details: bool) -> None:  # one search, printed both ways
        shown(*given, details=details)
        typer.echo(MARK)
        shown(*given, details=True)

    monkeypatch.setattr(module, shown.__name__, both)
    monkeypatch.setenv("COLUMNS", "80")
    question, *flags = QUESTIONS[printer]
    said = CliRunner().invoke(cli.app, [question, str(study), *flags, "--quiet"]).output
    looked_at(*said.split(f"{MARK}\n"))


def test_check_fits_a_screen_of_80_columns(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    asked = ["check", str(study), "--quiet"]
    looked_at(
        *(CliRunner().invoke(cli.app, [*asked, *more]).output for more in ([], ["--details"]))
    )


def looked_at(short: str, long: str) -> None:
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


FLEET = "4 co-responder units + 2 on-call clinicians"
LADDER = [
    ("Today", "25.2%", "33.7 min", "90.3", FLEET, "$3.86 million"),
    ("Today's staff at the best posts and hours", "29.0%", "31.6 min", "82.4", FLEET, "$3.90 million"),
]  # fmt: skip
LADDER_HEADS = ("", "In time", "Mean wait", "Left to police a week", "Responders", "Cost a year")


def printed(width: int) -> list[str]:
    window = Console(width=width, file=io.StringIO())
    print_table(window, "", LADDER_HEADS, LADDER, words=(0, 4))
    lines: str = window.file.getvalue()  # type: ignore[attr-defined]
    return lines.splitlines()


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_words_beside_figures_are_readable(width: int) -> None:
    """At 80 columns a fleet stood in six lines of one word each, beside empty heads."""
    lines = printed(width)
    assert max(map(cell_len, lines)) <= width
    of_fleet = [line for line in lines if "units" in line or "clinicians" in line]
    assert len(of_fleet) <= (4 if width >= 80 else 8)
    text = " ".join(lines)
    assert all(row[k] in text for row in LADDER for k in (1, 2, 3, 5)), "no figure is broken"


def test_a_wider_window_never_makes_a_table_higher() -> None:
    heights = [len(printed(width)) for width in range(72, 160)]
    assert all(after <= before for before, after in itertools.pairwise(heights))
