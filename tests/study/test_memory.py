"""The memory that work needs is said before the work starts, and work that the machine cannot hold is refused before it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from coresponse.cli.terminal import ProgressLine
from coresponse.coverage.service.arrivals import fit_arrivals
from coresponse.data.errors import InputError
from coresponse.data.sample_city import sample_folder
from coresponse.optimize.case import Case
from coresponse.optimize.evaluate_case import evaluation_setup
from coresponse.questions.plan import plan
from coresponse.questions.replay import replay
from coresponse.questions.scenarios.run import scenarios
from coresponse.questions.sweep import run as sweeping
from coresponse.questions.sweep.axes import axes_of
from coresponse.questions.sweep.task import make_grid
from coresponse.study import memory
from coresponse.study.memory import (
    PAGES,
    PLANNING,
    PROGRAM,
    TELL_FROM,
    WORKER,
    Estimate,
    Work,
    estimate,
    tell,
)
from coresponse.study.read import read_study


@pytest.fixture(scope="module")
def city() -> Case:
    return read_study(sample_folder()).case


def test_the_tables_and_drives_are_those_that_are_made(city: Case) -> None:
    told = estimate(city)
    table = city.table
    assert (told.options, told.columns) == table.response_s.shape
    assert told.tables == pytest.approx(3.2 * table.response_s.nbytes)
    setup = evaluation_setup(city)
    met = sum(scene.calls.n for scene in (*setup.scenes, *setup.past))
    assert told.replay == pytest.approx(setup.drives.arrays.between_s.nbytes + 400 * met, rel=0.02)
    assert len(setup.drives.nodes) == len(
        np.unique(fit_arrivals(city.city.calls, city.program, periods=city.city.periods).node)
    )
    assert told.total == PROGRAM + PAGES + told.roads + told.calls + told.tables + told.replay
    assert told.total < TELL_FROM  # a city needs no word about it


def test_drives_that_are_not_kept_do_not_count(city: Case) -> None:
    rules = city.evaluation.rules.model_copy(update={"driving_home": "from_post"})
    other = city.with_(evaluation=city.evaluation.model_copy(update={"rules": rules}))
    places = len(evaluation_setup(other).drives.nodes)
    assert estimate(city).replay - estimate(other).replay == 4 * places**2


def test_workers_tables_and_problems_add_up(city: Case) -> None:
    one = estimate(city, Work("sweeping"))
    table = 4.0 * one.options * one.columns
    assert estimate(city, Work("sweeping", tables=3)).tables == pytest.approx(
        one.tables + 2 * table
    )
    assert estimate(city, Work("sweeping", problems=4)).tables == pytest.approx(
        one.tables + 3.6 * table
    )
    for workers in (1, 2, 5):
        more = estimate(city, Work("sweeping", workers=workers))
        assert (
            more.workers
            == workers * estimate(city, Work("sweeping", workers=1)).workers
            > workers * WORKER
        )
        assert more.total - more.workers == pytest.approx(one.total)


def test_a_sweep_has_a_table_for_each_speed_and_no_more_workers_than_points(city: Case) -> None:
    def needs(*vary: str, jobs: int) -> Work:
        axes = axes_of(dict(text.split("=") for text in vary), city)
        grid = make_grid(axes, city.limits, nested=False)
        return sweeping._needs(grid, jobs=jobs)

    found = needs("unit=1:3", "speed=0.8, 0.9", jobs=2)
    assert (found.tables, found.problems, found.workers) == (2, 0, 2)
    assert needs("unit=1:3", jobs=8).workers == 3
    assert (needs("unit=1:3", jobs=1).workers, needs("unit=1:3", jobs=1).problems) == (0, 1)


def machine(monkeypatch: pytest.MonkeyPatch, *, whole: float | None, free: float | None) -> None:
    monkeypatch.setattr(memory, "machine_memory", lambda: whole)
    monkeypatch.setattr(memory, "available_memory", lambda: free)


def test_it_is_said_before_the_work_starts(city: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[str, float]] = []
    monkeypatch.setattr(memory, "TELL_FROM", 0.0)
    machine(monkeypatch, whole=8e9, free=6e9)

    def stop(*_: object, **__: object) -> None:
        raise InterruptedError

    monkeypatch.setattr(Case, "work_out_table", stop)
    with pytest.raises(InterruptedError):
        plan(city, progress=lambda stage, _, total: said.append((stage, total)))
    assert said == [("planning this needs about 0.9 GB of memory; 6.0 GB are free", 0)]


def test_less_than_that_is_said_where_less_is_free(
    city: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    machine(monkeypatch, whole=8e9, free=0.5e9)
    tell(city, PLANNING, lambda stage, *_: said.append(stage))
    assert len(said) == 1
    assert said[0].startswith(
        "planning this needs about 0.9 GB of memory; only 0.5 GB are free -- end other programs, "
        "or "
    )


def starts_plan(case: Case) -> None:
    plan(case)


def starts_scenarios(case: Case) -> None:
    scenarios(case)


def starts_replay(case: Case) -> None:
    replay(case, {})


def starts_sweep(case: Case) -> None:
    sweeping.sweep(case, {"unit": "1:3"}, jobs=2)


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (starts_plan, "planning this"),
        (starts_scenarios, "judging these scenarios"),
        (starts_replay, "replaying this"),
        (starts_sweep, "sweeping this"),
    ],
)
def test_what_the_machine_cannot_hold_is_refused_before_the_work(
    start: Callable[[Case], None], name: str, city: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Case, "work_out_table", None)  # whoever gets so far fails otherwise
    machine(monkeypatch, whole=0.3e9, free=0.2e9)
    with pytest.raises(
        InputError,
        match=rf"{name} needs about .* GB of memory, and this machine has 0\.3 GB: refused .* -- ",
    ):
        start(city)


def test_an_estimate_that_may_be_too_high_refuses_nothing(
    city: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = estimate(city).total
    machine(monkeypatch, whole=needed / 1.4, free=needed / 2)
    assert tell(city, PLANNING, lambda *_: None).total == needed
    machine(monkeypatch, whole=needed / 1.6, free=needed / 2)
    with pytest.raises(InputError, match="use a larger machine"):
        tell(city, PLANNING, lambda *_: None)


@pytest.mark.parametrize(
    ("part", "cure"),
    [
        ({"roads": 9e9}, "smaller part of the roads"),
        ({"calls": 9e9}, "fewer years of calls"),
        ({"tables": 9e9}, "fewer posts, responder types or shift patterns (now 70 options)"),
        ({"replay": 9e9}, "driving_home = 'from_post'"),
        ({"workers": 9e9}, "set --jobs below 4"),
    ],
)
def test_the_cure_is_for_the_largest_part(part: dict[str, float], cure: str) -> None:
    parts = dict.fromkeys(("roads", "calls", "tables", "replay", "workers"), 1e8) | part
    told = Estimate(work=Work("sweeping", workers=4), options=70, columns=9, **parts)
    assert cure in told.cure


def test_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Estimate(
        PLANNING, roads=1e9, calls=2e9, tables=2.34e9, replay=1e8, workers=0.0, options=1, columns=1
    )
    machine(monkeypatch, whole=None, free=None)
    assert str(told) == "planning this needs about 6.0 GB of memory"
    machine(monkeypatch, whole=None, free=7.1e9)
    assert str(told) == "planning this needs about 6.0 GB of memory; 7.1 GB are free"


def test_a_word_stays_on_the_screen_and_quiet_means_quiet(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with ProgressLine() as progress:
        progress("planning this needs much", 0, 0)
    assert capsys.readouterr().err == "planning this needs much\n"
    with ProgressLine(quiet=True) as progress:
        progress("planning this needs much", 0, 0)
    assert capsys.readouterr().err == ""
