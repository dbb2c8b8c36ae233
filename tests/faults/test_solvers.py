"""Solvers that hang, crash, or answer with nonsense.

Said in words, ended in time, and never reported as a plan.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from coresponse.data.errors import SolverError
from coresponse.optimize import own_clock, pulp_solvers
from coresponse.optimize.objective import MeanTime
from coresponse.optimize.problem import Limit, Problem
from coresponse.optimize.solution import Status, Stop
from coresponse.optimize.solve import solve

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the fake solver is a script")


@pytest.fixture(scope="module")
def problem() -> Problem:
    rng = np.random.default_rng(3)
    response = rng.uniform(100, 3000, (6, 20)).astype(np.float32)
    return Problem(
        response_s=response,
        weight=np.ones(20),
        fallback_s=3600.0,
        option_type=np.zeros(6, dtype=np.int64),
        option_names=tuple("abcdef"),
        type_names=("unit",),
        busy_share=np.zeros(1),
        most=np.full(6, 2, dtype=np.int64),
        limits=(Limit("unit: at most 2", np.ones(6), at_most=2),),
    )


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program called cbc that does what the file `does` beside it says in Python.

    `model` and `answer` are file names.
    """
    (tmp_path / "does").write_text("", encoding="utf-8")
    script = (
        f"#!{sys.executable}\nimport os, sys, time, signal\nmodel = sys.argv[1]\n"
        "answer = sys.argv[sys.argv.index('-solution') + 1] if '-solution' in sys.argv else ''\n"
        f"exec(open({str(tmp_path / 'does')!r}).read())\n"
    )
    program = tmp_path / "cbc"
    program.write_text(script, encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    found = pulp_solvers._cbc()
    assert found is not None
    assert shutil.which(str(found.path)) == str(program)
    return tmp_path


def ask(problem: Problem, fake: Path, does: str, *, seconds: float = 5.0) -> None:
    (fake / "does").write_text(does, encoding="utf-8")
    solve(problem, MeanTime(), stop=Stop(seconds, 1e-6), solver="CBC", starts=0)


def test_a_solver_that_hangs_is_ended(
    problem: Problem, fake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_clock, "GRACE_S", 0.5)
    with pytest.raises(
        SolverError,
        match=r"CBC did not stop at its time limit of . s and was ended .*HiGHS is always there",
    ):
        ask(
            problem,
            fake,
            "open(os.path.dirname(sys.argv[0]) + '/pid', 'w').write(str(os.getpid())); "
            "time.sleep(3600)",
            seconds=1,
        )
    pid = int((fake / "pid").read_text(encoding="utf-8"))
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert list((fake / "tmp").iterdir()) == [], "the model's files were left behind"


@pytest.mark.parametrize(
    "does",
    [
        "sys.exit(3)",
        "os.kill(os.getpid(), signal.SIGSEGV)",
        "os.kill(os.getpid(), signal.SIGKILL)",
        "pass",  # no answer at all
        "open(answer, 'w').write('')",
        "open(answer, 'wb').write(os.urandom(4000))",
    ],
)
def test_a_solver_that_crashes_or_answers_with_noise_is_named(
    does: str, problem: Problem, fake: Path
) -> None:
    with pytest.raises(SolverError, match="CBC"):
        ask(problem, fake, does)
    assert list((fake / "tmp").iterdir()) == []


@pytest.mark.parametrize("count", ["0", "1", "2", "-1", "1e30", "nan", "0.5", "what"])
def test_counts_that_break_limits_or_costs_that_are_too_good_are_never_reported(
    count: str, problem: Problem, fake: Path
) -> None:
    """The solver claims an optimum of cost 0 with as many of each option."""
    write = (
        f"names = ['x%06d' % i for i in range({problem.n_options})]\n"
        "text = 'Optimal - objective value 0.0\\n'\n"
        f"text += ''.join(f'{{i}} {{name}} {count} 0\\n' for i, name in enumerate(names))\n"
        "open(answer, 'w').write(text)\n"
    )
    (fake / "does").write_text(write, encoding="utf-8")
    right = solve(problem, MeanTime(), stop=Stop(30, 1e-6))
    assert right.status is Status.PROVEN
    try:
        found = solve(problem, MeanTime(), stop=Stop(1, 1e-6), solver="CBC", starts=0)
    except SolverError:
        return
    if found.status in {Status.PROVEN, Status.BEST_FOUND}:
        assert problem.broken_limits(found.counts) == []
        assert found.objective >= right.objective * (1 - 1e-6)
        assert found.status is not Status.PROVEN or found.objective <= right.objective * (1 + 1e-5)


def test_programs_that_were_started_by_others_are_left_alone() -> None:
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
    try:
        with own_clock.own_clock(1.0) as ended:
            mine = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
        assert mine.poll() is not None
        assert not ended.by_clock
        assert other.poll() is None
        assert subprocess.Popen.__name__ == "Popen"
    finally:
        other.kill()
        other.wait()
