"""Commands whose solver hangs, crashes or lies, or whose workers are lost."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import PATIENCE_S, ROOT, until
from tests.faults.commands import (
    COMMANDS,
    SEARCHES,
    WORKERS,
    Forker,
    Right,
    RunningCommand,
    ctrl_c,
    files,
    forget,
    hidden,
    hung_up,
    left,
    terminated,
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="signals and mounts are tested on POSIX"),
]


@pytest.fixture
def study(right: Right, tmp_path: Path) -> Path:
    return Path(shutil.copytree(right.study, tmp_path / "town"))


@pytest.fixture
def fake(study: Path, tmp_path: Path) -> dict[str, str]:
    """A study whose solver is a program that does what the file `does` says.

    The environment in which it is found.
    """
    text = (study / "study.toml").read_text(encoding="utf-8")
    (study / "study.toml").write_text(
        text + '[solver]\nname = "CBC"\ntime_limit_s = 2\n', encoding="utf-8"
    )
    script = (
        f"#!{sys.executable}\nimport os, sys, time, signal\n"
        "answer = sys.argv[sys.argv.index('-solution') + 1] if '-solution' in sys.argv else ''\n"
        f"exec(open({str(tmp_path / 'does')!r}).read())\n"
    )
    (tmp_path / "cbc").write_text(script, encoding="utf-8")
    (tmp_path / "cbc").chmod(0o755)
    (tmp_path / "tmp").mkdir()
    return {"PATH": f"{tmp_path}:{os.environ['PATH']}", "TMPDIR": str(tmp_path / "tmp")}


DOES = {
    "hangs": "time.sleep(3600)",
    "crashes": "os.kill(os.getpid(), signal.SIGSEGV)",
    "answers with noise": "open(answer, 'wb').write(os.urandom(4000))",
}


@pytest.mark.parametrize(
    ("command", "does"),
    [*((command, "hangs") for command in SEARCHES), *(("sweep", does) for does in [*DOES][1:])],
)
def test_a_solver_that_fails_is_named_and_nothing_is_left(
    does: str, command: str, study: Path, tmp_path: Path, fake: dict[str, str], forker: Forker
) -> None:
    (tmp_path / "does").write_text(DOES[does], encoding="utf-8")
    before = files(study / "results")
    short = ("--time-limit", "2") if "--time-limit" in COMMANDS[command] else ()
    code, _, errors = forker.run(command, study, *short, env=fake, grace_s=0.5)
    assert code == 6, errors
    assert "CBC" in errors
    assert "Traceback" not in errors
    assert files(study / "results") == before
    assert hidden(study / "results") == []
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_solver_that_claims_too_much_is_recounted(
    study: Path, tmp_path: Path, fake: dict[str, str], forker: Forker
) -> None:
    """Nine of everything, at no cost: never what is reported."""
    (tmp_path / "does").write_text(
        "text = 'Optimal - objective value 0.0\\n'\n"
        "text += ''.join(f'{i} x{i:06d} 9 0\\n' for i in range(40))\n"
        "open(answer, 'w').write(text)\n",
        encoding="utf-8",
    )
    text = (study / "study.toml").read_text(encoding="utf-8")
    (study / "study.toml").write_text(text + '[objective]\nbusy_units = "free"\n', encoding="utf-8")
    codes, plans = [], []
    for more in (("--solver", "HiGHS"), ()):
        forget(study, "plan")
        code, _, errors = forker.run("plan", study, "--time-limit", "2", *more, env=fake)
        assert code in {0, 6}, errors
        codes.append(code)
        plans += [
            json.loads(text)
            for name, text in left(study, "plan").items()
            if name.endswith("plan.json")
        ]
    assert codes[0] == 0
    assert len(plans) == codes.count(0)
    for plan in plans:
        assert sum(row["count"] for row in plan["deployment"]) <= 3
        assert plan["status"]["objective"] >= plans[0]["status"]["bound"] * (1 - 1e-6)


@pytest.mark.parametrize("end", [ctrl_c, terminated, hung_up])
def test_a_solver_that_hangs_in_a_worker_ends_with_it_when_the_command_is_ended(
    end: Callable[[RunningCommand], None],
    study: Path,
    tmp_path: Path,
    fake: dict[str, str],
    forker: Forker,
) -> None:
    (tmp_path / "does").write_text(
        f"open({str(tmp_path / 'here')!r}, 'w').close(); time.sleep(3600)", encoding="utf-8"
    )
    forget(study, "sweep")
    started = forker.start("sweep", study, *WORKERS, env=fake)
    until((tmp_path / "here").exists, "a solver that hangs")
    end(started)
    code, _, errors = started.ended()
    assert code == 130, errors
    assert "Traceback" not in errors
    assert started.leaves_nobody()
    assert left(study, "sweep") == {}


def test_a_worker_lost_in_a_sweep_costs_nothing(right: Right, study: Path, forker: Forker) -> None:
    takes = right.seconds[" ".join(("sweep", *WORKERS))]
    killed = 0
    for share in (0.3, 0.7, None):
        if share is None and killed:
            break
        forget(study, "sweep")
        started = forker.start("sweep", study, *WORKERS)
        if share is None:  # it takes less than it did: one is lost as soon as it is there
            until(lambda started=started: started.workers() or started.over(), "a worker")
        else:
            started.ends_within(share * takes)
        for pid in started.workers()[:1]:
            os.kill(pid, signal.SIGKILL)
            killed += 1
        code, _, errors = started.ended()
        assert code == 0, errors
        assert started.leaves_nobody()
        assert left(study, "sweep") == right.of("sweep")
    assert killed


def test_points_cut_short_are_solved_again(right: Right, study: Path, forker: Forker) -> None:
    kept = sorted((study / "results" / "sweep-points").glob("*.json"))
    whole = {path: path.read_bytes() for path in kept}
    assert len(whole) == 3
    kept[0].write_bytes(whole[kept[0]][:200])
    kept[1].write_bytes(whole[kept[1]].replace(b"0.", b"1."))
    for path in (study / "results").glob("sweep-*/sweep.json"):
        shutil.rmtree(path.parent)
    code, _, errors = forker.run("sweep", study)
    assert code == 0, errors
    assert left(study, "sweep") == right.of("sweep")


IN_A_FINALIZER = """
import time
from coresponse import __main__
from coresponse.cli import main as cli

class Last:
    def __del__(self):
        raise KeyboardInterrupt

def main():
    last = Last()
    del last
    {then}

cli.main = main
__main__.run()
"""


@pytest.mark.parametrize(
    "then", ["time.sleep(60)", "raise RuntimeError('no compiled object yet for <Library>')"]
)
def test_a_ctrl_c_that_falls_into_a_finalizer_is_not_lost(then: str) -> None:
    """Python drops what is raised there, and what was interrupted may fail before it comes again."""
    assert_stopped(IN_A_FINALIZER.replace("{then}", then))


IN_COMPILED_CODE = """
import os, signal
from coresponse import __main__
from coresponse.cli import main as cli

def main():
    try:
        os.kill(os.getpid(), signal.SIGINT)
    except BaseException:
        pass
    raise TypeError('incompatible function arguments')

cli.main = main
__main__.run()
"""


@pytest.mark.skipif(os.name != "posix", reason="signals are tested on POSIX")
def test_a_ctrl_c_that_compiled_code_makes_an_error_of_its_own() -> None:
    """As matplotlib's transforms do, where one falls into the reading of their points."""
    assert_stopped(IN_COMPILED_CODE)


def assert_stopped(code: str) -> None:
    """Run a program of its own, which ends as a command does that is interrupted."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 130
    assert done.stderr == "Stopped.\n"
