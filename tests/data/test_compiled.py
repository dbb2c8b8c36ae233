"""Numba starts although a folder named `coverage` stands at the root of the repository."""

from __future__ import annotations

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
