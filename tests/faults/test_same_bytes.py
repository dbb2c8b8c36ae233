"""Same inputs, seed and versions: the same bytes of every file that every command writes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import PATIENCE_S, ROOT
from tests.faults.commands import COMMANDS, WRITES, Right, files, with_today

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("taskset") is None, reason="needs taskset"),
]

RUN = """
import json, sys
from coresponse.cli.main import app
for command, *words in json.loads(sys.argv[2]):
    app([command, sys.argv[1], *words], standalone_mode=False)
"""


def test_on_one_core_with_another_clock_language_hash_seed_and_place(
    tmp_path: Path, right: Right, make_study: Callable[[Path], Path]
) -> None:
    """The others ran on all cores, one after the other in copies of one process."""
    there = with_today(make_study(tmp_path / "there" / "another name"))
    other = {
        "PYTHONHASHSEED": "777", "TZ": "America/Caracas", "LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8",
        "NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "LOKY_MAX_CPU_COUNT": "1",
        "XDG_CACHE_HOME": str(tmp_path / "cache"), "PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    words = [[command, *more] for command, more in COMMANDS.items()]
    done = subprocess.run(
        ["taskset", "-c", "0", sys.executable, "-c", RUN, there.name, json.dumps(words)],
        capture_output=True,
        text=True,
        check=False,
        env=other,
        cwd=there.parent,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr
    found = files(there / "results")
    assert {name.split("-")[0] for name in found} == set(WRITES.values())
    assert found.keys() == right.files.keys()
    assert [name for name, text in right.files.items() if found[name] != text] == []
    for name, text in right.files.items():  # nor do they tell where they were made
        assert str(right.study).encode() not in text, name
        assert str(tmp_path).encode() not in found[name], name
