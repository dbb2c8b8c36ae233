"""A sweep of 60 points on the bundled sample, as a planner runs it, beside planning each point on its own."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from coresponse.data.sample_city import sample_folder
from coresponse.questions.sweep.base import sweep_base
from coresponse.questions.sweep.point import solve_request
from coresponse.questions.sweep.request import Request
from coresponse.questions.sweep.run import sweep
from coresponse.study.read import read_study
from coresponse.study.sweep import SweepInput

VARY = {"unit": "1:10", "clinician": "0:5"}
JOBS = 2


def cases() -> Iterator[dict[str, object]]:
    """Sweep with busy units and with units always free, in two processes.

    Then share nothing between points.
    """
    with tempfile.TemporaryDirectory() as folder:
        for busy_units in ("consistent", "free"):
            study = Path(folder) / busy_units
            shutil.copytree(sample_folder(), study)
            yield _command(study, busy_units)
            yield _command(study, busy_units, again=True)
        yield _alone(Path(folder) / "alone")


def _command(study: Path, busy_units: str, *, again: bool = False) -> dict[str, object]:
    vary = [word for name, values in VARY.items() for word in ("--vary", f"{name}={values}")]
    line = [sys.executable, "-m", "coresponse", "sweep", str(study), *vary, "--jobs", str(JOBS)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run(
        [*line, "--busy-units", busy_units, "--json"], capture_output=True, text=True, check=True
    )
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    points = json.loads(done.stdout)["points"]
    return {
        "case": f"60 points, units {busy_units}" + (", all kept from before" if again else ""),
        "seconds": round(seconds, 1),
        "cpu_seconds": round(
            after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1
        ),
        "jobs": JOBS,
        "proven": sum(point["status"] == "proven optimal" for point in points),
        "worst_gap": max(point["gap"] for point in points),
    }


def _alone(study: Path) -> dict[str, object]:
    """Compare CPU time of twelve points, units always free, in one process.

    Together, and each as a plan of its own.
    """
    shutil.copytree(sample_folder(), study)
    settings = SweepInput(vary={"unit": "2:7", "clinician": "1:2"}, busy_units="free")
    case = read_study(study).case
    started = time.process_time()
    swept = sweep(case, settings=settings, jobs=1)
    together = time.process_time() - started
    started = time.process_time()
    for task in swept.grid.tasks:
        base = sweep_base(read_study(study).case, settings, [task.setting])
        solve_request(base, Request(replace(task, start=None)))
    apart = time.process_time() - started
    return {
        "case": "12 points, units free, one process",
        "seconds": round(together, 2),
        "peer": "each point with its own inputs and table",
        "peer_seconds": round(apart, 2),
        "ratio": round(apart / together, 2),
    }
