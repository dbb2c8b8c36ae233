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

from coresponse.data.sample_city import sample_folder
from coresponse.optimize.solve_case import solve
from coresponse.questions.plan import plan
from coresponse.study.read import read_study


def cases() -> Iterator[dict[str, object]]:
    """Plan the sample twice: with an empty cache, then as on any later day."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "sample"
        environment = {
            "XDG_CACHE_HOME": folder,
            "PATH": "",
            "HOME": folder,
            "NUMBA_CACHE_DIR": f"{folder}/numba",
        }
        for case, command in (
            ("demo, first time (compiles kernels)", ["demo", "--out", str(out), "--json"]),
            ("plan, second time", ["plan", str(out), "--json"]),
        ):
            started = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-m", "coresponse", *command],
                capture_output=True,
                text=True,
                check=True,
                env=environment,
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
    yield from _consistent()


def _consistent() -> Iterator[dict[str, object]]:
    """Plan the sample in one process with units always free, and with busy units.

    The second includes the first.
    """
    case = read_study(sample_folder()).case
    plan(case)  # kernels compiled, caches warm
    whole, search = {}, {}
    for name in ("free", "consistent"):
        mine = case.with_(busy=name)
        started = time.process_time()
        planned = plan(mine)
        whole[name] = time.process_time() - started
        started = time.process_time()
        solve(mine)
        search[name] = time.process_time() - started
    yield {
        "case": "plan with busy units against one with units always free, CPU seconds",
        "plan_s": round(whole["consistent"], 2),
        "plan_free_s": round(whole["free"], 2),
        "plan_ratio": round(whole["consistent"] / whole["free"], 2),
        "search_s": round(search["consistent"], 2),
        "search_free_s": round(search["free"], 2),
        "search_ratio": round(search["consistent"] / search["free"], 2),
        "rounds": len(planned.rounds.rounds) if planned.rounds else 1,
    }
