"""What work on a study is said to need in memory before it starts, beside what all its processes took at their peak.

The sample city, and regions of several sizes (`benchmarks/region.py`);
``CORESPONSE_REGION=0.1,0.3,1`` says which.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks._process_tree import run
from benchmarks.region import make_region
from coresponse.data.sample_city import sample_folder
from coresponse.study.memory import PLANNING, Work, estimate
from coresponse.study.read import read_study

SCENARIOS = ("slow-nights", "post-closed", "demand-up")
WORKS = {
    "plan": (PLANNING, ("--time-limit", "20")),
    "replay": (Work("replaying", problems=0, replays=True), ()),
    "sweep of 4 points, 2 workers": (
        Work("sweeping", problems=0, workers=2),
        ("--vary", "unit=4:7", "--jobs", "2", "--time-limit", "10"),
    ),
    "3 scenarios": (
        Work("scenarios", tables=3, problems=8),
        ("--time-limit", "5", *(word for name in SCENARIOS for word in ("--only", name))),
    ),
}


def cases() -> Iterator[dict[str, object]]:
    """Run every command on every study; a replay needs the plan before it."""
    sizes = [float(text) for text in os.environ.get("CORESPONSE_REGION", "0.02,0.1,0.3").split(",")]
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        shutil.copytree(sample_folder(), home / "sample")
        studies = {"sample city": home / "sample"}
        for size in sizes:
            folder = home / f"region-{size:g}"
            folder.mkdir()
            made = make_region(folder, size, seed=11)
            studies[
                f"{made['nodes']:,} nodes, {made['calls']:,} calls, {made['posts']:,} posts"
            ] = folder
        environment = {"XDG_CACHE_HOME": name, "PATH": os.environ["PATH"], "HOME": name}
        for study, folder in studies.items():
            case = read_study(folder).case
            for work, (kind, flags) in WORKS.items():
                told_mb = estimate(case, kind).total / 1e6
                command = work.split()[-1] if work[0].isdigit() else work.split()[0]
                ran = run(
                    [sys.executable, "-m", "coresponse", command, str(folder), "--quiet", *flags],
                    env=environment,
                    every_s=0.1,
                )
                if ran.code:
                    raise RuntimeError(ran.stderr)
                yield {
                    "case": f"{work}: {study}",
                    "estimated_mb": round(told_mb),
                    "peak_mb": round(ran.peak_mb * 1.048576),
                    "estimated_over_measured": round(told_mb / (ran.peak_mb * 1.048576), 2),
                    "seconds": round(ran.seconds, 1),
                }
