"""Each command by itself: it teaches its use, and names the study that is not there."""

from __future__ import annotations

import inspect
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest
import typer
from rich.console import Console
from typer.models import ArgumentInfo, OptionInfo
from typer.testing import CliRunner

from coresponse.cli import assumptions
from coresponse.cli.agencies import agencies
from coresponse.cli.alternatives import alternatives
from coresponse.cli.app import app as what_if
from coresponse.cli.check import check
from coresponse.cli.compare import compare
from coresponse.cli.explore import explore
from coresponse.cli.main import app
from coresponse.cli.money import money
from coresponse.cli.new import new
from coresponse.cli.plan import demo, plan
from coresponse.cli.replay import replay
from coresponse.cli.report import report
from coresponse.cli.roster import roster
from coresponse.cli.scenarios import scenarios
from coresponse.cli.show_inputs import show_funnel, show_inputs
from coresponse.cli.sweep import sweep
from coresponse.cli.validate import validate
from coresponse.data.errors import CoresponseError
from coresponse.data.sample_city import sample_folder
from tests.publish.test_film import made_city

OF_A_STUDY = (
    agencies, alternatives, what_if, check, compare, explore, money, plan, replay, report, roster, scenarios,
    sweep, validate,
)  # fmt: skip
ALL = (*OF_A_STUDY, demo, new)


def told(command: Callable[..., Any]) -> dict[str, ArgumentInfo | OptionInfo]:
    """What each argument and flag of a command says of itself."""
    out = {}
    for name, hint in get_type_hints(command, include_extras=True).items():
        if get_origin(hint) is Annotated:
            out[name] = next(
                one for one in get_args(hint)[1:] if isinstance(one, ArgumentInfo | OptionInfo)
            )
    return out


def test_these_are_all_commands() -> None:
    assert {one.callback for one in app.registered_commands} == set(ALL)


@pytest.mark.parametrize("command", ALL, ids=lambda one: one.__name__)
def test_every_argument_and_flag_has_a_sentence(command: Callable[..., Any]) -> None:
    parameters = set(inspect.signature(command).parameters)
    said = told(command)
    assert set(said) == parameters
    for name, one in said.items():
        assert one.help, name
        assert one.help.rstrip().endswith((".", ")")), name
    first = (command.__doc__ or "").strip().splitlines()[0]
    assert first.endswith(".")
    assert first[0].isupper()


@pytest.mark.parametrize("command", OF_A_STUDY, ids=lambda one: one.__name__)
def test_a_study_that_is_not_there_is_named(command: Callable[..., Any], tmp_path: Path) -> None:
    alone = typer.Typer()
    alone.command()(command)
    done = CliRunner().invoke(alone, [str(tmp_path / "nowhere")])
    assert isinstance(done.exception, CoresponseError), done.output
    assert "nowhere" in str(done.exception)
    assert not list(tmp_path.iterdir())


def loaded_by(*words: str) -> set[str]:
    """Name the modules that a command loads."""
    code = (
        "import atexit, sys; from coresponse.__main__ import run; "
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr)); "
        f"sys.argv = {['coresponse', *words]!r}; run()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["plan", "--help"]])
def test_help_waits_for_nothing_heavy(words: list[str]) -> None:
    loaded = {name.partition(".")[0] for name in loaded_by(*words)}
    assert "typer" in loaded
    assert not {"numpy", "pandas", "geopandas", "scipy", "numba", "highspy"} & loaded


def test_check_loads_nothing_that_solves_or_draws() -> None:
    loaded = loaded_by("check", str(sample_folder()), "--quiet")
    assert "coresponse.coverage.validation.fit" in loaded
    heavy = {
        "coverage", "highspy", "jinja2", "matplotlib",
        "openpyxl", "osmium", "osmnx", "pulp", "requests", "coresponse.maps.qgis",
        "coresponse.optimize.explicit", "coresponse.optimize.kernels",
    }  # fmt: skip
    assert heavy & loaded == set()


def test_flags_of_several_commands_are_one_and_the_same() -> None:
    """One question, one flag: what is assumed otherwise is asked alike wherever it is asked."""
    shared = {
        name: get_args(hint)[1]
        for name, hint in vars(assumptions).items()
        if name.endswith("Flag") and get_origin(hint) is Annotated
    }
    assert len(shared) > 3
    flags = {flag: one for one in shared.values() for flag in one.param_decls or ()}
    for command in OF_A_STUDY:
        for one in told(command).values():
            for flag in one.param_decls or ():
                assert flag not in flags or one is flags[flag], f"{command.__name__} {flag}"


def test_what_was_read_is_shown_with_its_funnel() -> None:
    city = made_city(n=600, days=60)
    console = Console(file=io.StringIO(), width=120)
    show_inputs(city, "SYNTHETIC calls", console, details=True)
    show_funnel(city, console)
    said = console.file.getvalue()  # type: ignore[attr-defined]
    assert "SYNTHETIC calls" in said
    assert "600" in said
    assert f"{city.roads.n_nodes:,}" in said
