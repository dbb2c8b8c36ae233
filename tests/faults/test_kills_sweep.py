"""Sweeps that are killed at any moment.

Finished points are kept, results whole or not there, and going on gives the same.

``CORESPONSE_KILLS`` is how often (default 2; the documented run has 50).
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.faults.commands import RunningCommand

KILLS = int(os.environ.get("CORESPONSE_KILLS", "2"))
SWEEP = ("--quiet", "--vary", "unit=1:3")
GO_ON_EVERY = 5
Start = Callable[..., RunningCommand]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="signals are tested on POSIX"),
]


def run(start: Start, study: Path) -> None:
    code, _, errors = start("sweep", study, *SWEEP).ended()
    assert code == 0, errors


def written(results: Path) -> dict[str, bytes]:
    """Files of finished sweeps; what each point took to solve is beside them."""
    return {
        path.relative_to(results).as_posix(): path.read_bytes()
        for folder in sorted(results.glob("sweep-*"))
        if folder.name != "sweep-points"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_killed_sweep_keeps_its_points_and_goes_on_to_the_same(ready: Any, start: Start) -> None:
    study, results = ready.study, ready.study / "results"
    began = time.monotonic()
    run(start, study)
    took, right = (
        min(time.monotonic() - began, 2.5 * ready.seconds),
        written(results),
    )  # the first compiles its kernels
    rng = np.random.default_rng(KILLS)
    landed = 0
    for k, share in enumerate(rng.uniform(0, 1, KILLS)):
        moment = float(share) * took
        for folder in results.glob("sweep-*"):
            shutil.rmtree(folder)
        process = start("sweep", study, *SWEEP)
        sooner = process.ends_within(moment)
        if sooner is None:
            landed += 1
            os.killpg(process.pid, signal.SIGKILL)
        else:  # the machine is quieter than it was: the next comes earlier
            took = sooner
        process.ended()
        now = written(results)
        assert now in ({}, right), f"half a sweep after {moment:.2f} s"
        points = {path: path.read_bytes() for path in (results / "sweep-points").glob("[!.]*.json")}
        for content in points.values():
            assert json.loads(content)
        if k % GO_ON_EVERY == 0:
            run(start, study)
            assert written(results) == right, f"another sweep after going on from {moment:.2f} s"
            assert all(path.read_bytes() == content for path, content in points.items()), (
                "a finished point was lost"
            )
    assert landed >= KILLS // 2
    if (KILLS - 1) % GO_ON_EVERY:
        run(start, study)
    assert written(results) == right
    assert {path.name for path in results.iterdir() if path.name.startswith("plan-")} == {
        next(iter(ready.right)).split("/")[0]
    }
