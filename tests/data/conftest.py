"""One process that reads files for all tests of costs, each file in a fork of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT


@dataclass(frozen=True)
class Cost:
    """What became of a file: `said` is the refusal, '' if it was read after all."""

    said: str
    cpu_s: float
    mb: float


class Reads:
    """The process, asked file by file."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("forked_reads.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        )

    def read(self, reader: str, path: Path, **bounds: int) -> Cost:
        """Read a file; `bounds` are of ``resource``, such as ``RLIMIT_AS``.

        Raises
        ------
        AssertionError
            If reading ended in anything but a refusal in words.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        asked = {"reader": reader, "path": str(path), "bounds": bounds}
        print(json.dumps(asked), file=self.process.stdin, flush=True)
        said, cpu_s, mb = json.loads(self.process.stdout.readline())
        how, _, words = said.partition(": ")
        assert how in {"was read", "refused"}, said
        return Cost(words, cpu_s, mb)

    def end(self) -> None:
        """Let the process end."""
        self.process.communicate()
        assert self.process.returncode == 0


@pytest.fixture(scope="session")
def reads() -> Iterator[Reads]:
    made = Reads()
    yield made
    made.end()
