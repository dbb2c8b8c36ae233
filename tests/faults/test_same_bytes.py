"""Same inputs, seed and versions: the same bytes of every file that every command writes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import PATIENCE_S
from tests.faults.commands import files, with_today

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("taskset") is None, reason="needs taskset"),
]

RUN = """
import sys
from coresponse.cli.main import app
study, jobs = sys.argv[1:]
long = "--time-limit 3600"  # what the clock ends is another answer on a slow machine
for words in (
    f"plan {long}", f"sweep --vary unit=1:3 --jobs {jobs} {long}",
    f"scenarios --only demand-up --only vacancy-20 {long}",
    f"compare --programs ride-along,cahoots --budget 1500000 {long}", "replay --record",
    f"agencies {long}", f"alternatives --count 2 {long}", "report", "explore", "roster --from 2027-07-05", "money",
):
    command, *more = words.split()
    app([command, study, *more, *(() if command in {"report", "money"} else ("--quiet",))], standalone_mode=False)
"""


def test_on_one_core_and_two_with_another_clock_language_hash_seed_and_place(
    tmp_path: Path, make_study: Callable[[Path], Path]
) -> None:
    here = with_today(make_study(tmp_path / "here" / "town"))
    there = tmp_path / "there" / "another name"
    shutil.copytree(here, there)
    common = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    common["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    one = {
        "PYTHONHASHSEED": "1", "TZ": "Pacific/Auckland", "LANG": "C", "LC_ALL": "C", "NUMBA_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "LOKY_MAX_CPU_COUNT": "1", "XDG_CACHE_HOME": str(tmp_path / "a"),
    }  # fmt: skip
    two = {
        "PYTHONHASHSEED": "777", "TZ": "America/Caracas", "LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8",
        "NUMBA_NUM_THREADS": "2", "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2", "XDG_CACHE_HOME": str(tmp_path / "b"),
    }  # fmt: skip
    started = [
        subprocess.Popen(
            [*before, sys.executable, "-c", RUN, study, jobs],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=common | env,
            cwd=folder,
        )
        for before, study, jobs, env, folder in (
            (("taskset", "-c", "0"), str(here), "1", one, Path("/")),
            ((), "another name", "2", two, there.parent),
        )
    ]
    for process in started:
        _, errors = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, errors
    first, second = files(here / "results"), files(there / "results")
    kinds = {name.split("-")[0] for name in first}
    assert kinds == {
        "plan",
        "sweep",
        "scenarios",
        "compare",
        "agencies",
        "replay",
        "alternatives",
        "report",
        "explorer",
        "roster",
        "money",
    }
    assert first.keys() == second.keys()
    assert [name for name, text in first.items() if second[name] != text] == []
    for name, text in first.items():  # nor do they tell where they were made
        assert str(tmp_path).encode() not in text, name
