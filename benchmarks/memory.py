"""What each command says that it will need in memory, beside what all its processes took at their peak.

The sample city, and regions of several sizes (`benchmarks/region.py`);
``CORESPONSE_REGION=0.1,0.3,1`` says which.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks._process_tree import run
from benchmarks.region import make_region
from coresponse.data.sample_city import sample_folder

SCENARIOS = ("slow-nights", "post-closed", "demand-up")

# A command that needs a plan comes after it.
COMMANDS: dict[str, tuple[str, ...]] = {
    "plan": ("plan", "--time-limit", "20"),
    "replay": ("replay",),
    "alternatives": ("alternatives", "--time-limit", "5"),
    "sweep of 4 points, 2 workers": (
        *("sweep", "--vary", "unit=4:7", "--jobs", "2", "--time-limit", "10"),
    ),
    "3 scenarios": (
        *("scenarios", "--time-limit", "5"),
        *(word for name in SCENARIOS for word in ("--only", name)),
    ),
}

# The command as people start it, which also tells each estimate that it makes, whatever is free.
TELLING = """
import sys
from coresponse.study import memory
made = memory.estimate
def estimate(case, work=memory.PLANNING):
    found = made(case, work)
    sys.stderr.write(f"estimated {found.total:.0f}\\n")
    return found
memory.estimate = estimate
from coresponse.__main__ import run
run()
"""


def cases() -> Iterator[dict[str, object]]:
    """Run every command on every study."""
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
            for case, (command, *flags) in COMMANDS.items():
                ran = run(
                    [sys.executable, "-c", TELLING, command, str(folder), "--quiet", *flags],
                    env=environment,
                    every_s=0.1,
                )
                told = [
                    int(one) for one in re.findall(r"^estimated (\d+)$", ran.stderr, re.MULTILINE)
                ]
                if ran.code not in {0, 4, 5} or not told:
                    raise RuntimeError(ran.stderr)
                told_mb, peak_mb = max(told) / 1e6, ran.peak_mb * 1.048576
                yield {
                    "case": f"{case}: {study}",
                    "estimated_mb": round(told_mb),
                    "peak_mb": round(peak_mb),
                    "estimated_over_measured": round(told_mb / peak_mb, 2),
                    "seconds": round(ran.seconds, 1),
                }
