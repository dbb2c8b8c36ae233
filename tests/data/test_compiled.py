"""Numba starts although a folder named `coverage` stands at the root of the repository."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

WITHOUT_COVERAGE_PY = """
import importlib.abc, importlib.machinery, sys

class Hide(importlib.abc.MetaPathFinder):
    '''Find `coverage` only in the repository, as on a machine without coverage.py.'''
    def find_spec(self, name, path=None, target=None):
        if name == "coverage":
            return importlib.machinery.PathFinder.find_spec(name, [ROOT])
        return None

ROOT = sys.argv[1]
sys.meta_path.insert(0, Hide())
from coresponse.data.compiled import compiled

@compiled
def double(x):
    return 2 * x

assert double(21) == 42
import coverage
assert coverage.__file__ is None, "our room is still found afterwards"
"""


def test_kernels_compile_with_our_room_in_place_of_coverage_py(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(WITHOUT_COVERAGE_PY)
    done = subprocess.run(
        [sys.executable, str(script), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr


KERNELS = """
import time
from coresponse.data.compiled import compiled, compiled_lean_part

@compiled_lean_part
def _part(x):
    return 2 * x

@compiled
def whole(x):
    return _part(x) + 1
"""

COMPILING = """
import sys, time
import kernels
from numba.core import event

class Seen(event.Listener):
    def on_start(self, _):
        print("compiles", flush=True)
        time.sleep(float(sys.argv[1]))
    def on_end(self, _):
        pass

event.register("numba:compile", Seen())
assert kernels.whole(20) == 41
"""


def _kernels(folder: Path) -> tuple[dict[str, str], list[str]]:
    """Write kernels and what calls them; return its environment and its command."""
    (folder / "kernels.py").write_text(KERNELS)
    script = folder / "script.py"
    script.write_text(COMPILING)
    environment = {
        **os.environ,
        "NUMBA_CACHE_DIR": str(folder / "kept"),
        "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]),
    }
    return environment, [sys.executable, str(script)]


def test_a_process_waits_for_another_that_compiles_the_same(tmp_path: Path) -> None:
    environment, command = _kernels(tmp_path)

    def begun(seconds: float) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*command, str(seconds)], stdout=subprocess.PIPE, text=True, env=environment
        )

    with begun(1.0) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "compiles\n"  # and is held up before it does
        with begun(0.0) as second:
            assert second.communicate()[0] == ""
            assert second.returncode == 0
        assert first.communicate()[0] == "compiles\n"  # the part
        assert first.returncode == 0


def test_a_process_that_ends_while_it_compiles_holds_nobody_up(tmp_path: Path) -> None:
    environment, command = _kernels(tmp_path)
    with subprocess.Popen(
        [*command, "600"], stdout=subprocess.PIPE, text=True, env=environment
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "compiles\n"
        first.kill()
    again = subprocess.run(
        [*command, "0"], capture_output=True, text=True, check=True, env=environment, timeout=100
    )
    assert again.stdout == "compiles\n" * 2
