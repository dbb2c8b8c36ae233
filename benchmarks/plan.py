"""The whole of `plan` on the bundled sample, in a process of its own, as a planner runs it."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

COMMAND = "import sys; from coresponse.cli import main; sys.argv = ['coresponse', *sys.argv[1:]]; main()"


def cases() -> Iterator[dict[str, object]]:
    """Plan the sample twice: with an empty cache, then as on any later day."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "sample"
        environment = {"XDG_CACHE_HOME": folder, "PATH": "", "HOME": folder, "NUMBA_CACHE_DIR": f"{folder}/numba"}
        for case, command in (
            ("demo, first time (compiles kernels)", ["demo", "--out", str(out), "--json"]),
            ("plan, second time", ["plan", str(out), "--json"]),
        ):
            started = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-c", COMMAND, *command], capture_output=True, text=True, check=True, env=environment
            )
            seconds = time.perf_counter() - started
            answer = json.loads(done.stdout)
            yield {
                "case": case,
                "seconds": round(seconds, 2),
                "solve_seconds": answer["seconds"],
                "status": answer["status"],
                "objective": answer["objective"],
                "bound": answer["bound"],
                "peak_mb": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024),
            }
