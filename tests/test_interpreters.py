"""The run on further Pythons says which there were, and fails for a test that fails only."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "scripts" / "test_interpreters.sh"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a shell script")


def run(at: Path, venv: str, most_s: str = "60") -> tuple[int, str]:
    """Run it with a Python 9.9 whose environment is ours to make."""
    made = at / "bin" / "python9.9"
    made.parent.mkdir()
    made.write_text(f'#!/bin/sh\n[ "$1" = -c ] && exit 0\n{venv}\n', encoding="utf-8")
    made.chmod(0o755)
    path = f"{made.parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "VERSIONS": "8.8 9.9", "MOST_S": most_s}
    done = subprocess.run(
        [str(SCRIPT)], check=False, capture_output=True, text=True, env=environment
    )
    return done.returncode, done.stdout


def test_a_python_that_is_not_here_is_told(tmp_path: Path) -> None:
    code, said = run(tmp_path, "exit 1")
    assert "Python 8.8: not on this machine, not tested" in said
    assert f"Python 9.9: {tmp_path}/bin/python9.9" in said
    assert "Python 9.9: FAILED" in said
    assert code == 1


def test_a_python_that_takes_too_long_fails_nothing(tmp_path: Path) -> None:
    code, said = run(tmp_path, f"exec {sys.executable} -c 'import time; time.sleep(3600)'", "1")
    assert "Python 9.9: not finished within 1 s" in said
    assert code == 0
