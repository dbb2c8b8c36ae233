"""What writes files and pages, or prints, takes publications and refuses exact results."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from coresponse.cli.show_alternatives import show_near_best
from coresponse.cli.show_compared import show_comparison
from coresponse.cli.show_evaluations import show_replays
from coresponse.cli.show_plan import plan_summary, show_plan
from coresponse.cli.show_scenarios import show_scenarios
from coresponse.cli.show_sweep import show_sweep
from coresponse.cli.show_validation import show_validation
from coresponse.questions.answer import Plan
from coresponse.questions.compare.comparison import Comparison
from coresponse.questions.further import Validation
from coresponse.questions.near_best import NearBest
from coresponse.questions.replay import Replays
from coresponse.questions.scenarios.results import ScenarioResults
from coresponse.questions.sweep.tables import Sweep
from coresponse.results.alternatives import write_near_best
from coresponse.results.compare import write_comparison
from coresponse.results.map_page import map_content
from coresponse.results.plan import write_plan
from coresponse.results.replay import write_replays
from coresponse.results.runs import Run
from coresponse.results.scenarios import write_scenarios
from coresponse.results.sweep import write_sweep
from coresponse.results.validation import write_validation

RUN = Run("run", Path("run"))


def _console() -> Console:
    return Console(file=io.StringIO())


@pytest.mark.parametrize(
    ("kind", "shows"),
    [
        (Plan, lambda x, _: plan_summary(x, None)),
        (Plan, lambda x, _: show_plan(x, None, _console())),
        (Plan, lambda x, _: map_content(x)),
        (Plan, lambda x, at: write_plan(x, at, {})),
        (Replays, lambda x, at: write_replays(x, at, {})),
        (Replays, lambda x, _: show_replays(x, RUN, _console())),
        (NearBest, lambda x, at: write_near_best(x, at, {}, count=1, differ_in=1)),
        (NearBest, lambda x, _: show_near_best(x, RUN, _console())),
        (Sweep, lambda x, at: write_sweep(x, at, {}, {})),
        (Sweep, lambda x, at: show_sweep(x, RUN, at, _console())),
        (ScenarioResults, lambda x, at: write_scenarios(x, at, {})),
        (ScenarioResults, lambda x, _: show_scenarios(x, RUN, _console())),
        (Comparison, lambda x, at: write_comparison(x, at, {})),
        (Comparison, lambda x, _: show_comparison(x, RUN, _console())),
        (Validation, lambda x, at: write_validation(x, at, {})),
        (Validation, lambda x, _: show_validation(x, RUN, _console())),
    ],
)
def test_exact_results_are_refused(
    kind: type, shows: Callable[[Any, Path], object], tmp_path: Path
) -> None:
    exact = object.__new__(kind)  # whatever is in it
    with pytest.raises(TypeError, match=f"{kind.__name__} is no .*Publication: publish it first"):
        shows(exact, tmp_path)
    assert not list(tmp_path.iterdir())
