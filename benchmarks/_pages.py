"""Plan a study and make its pages once more in a process of its own.

Prints what each page took as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

from coresponse.content import map_content
from coresponse.exploring import explorer_content, write_study_explorer
from coresponse.inputs import read_inputs
from coresponse.planning import plan_inputs
from coresponse.provenance import input_hashes
from coresponse.report_again import newest_sweep, report_again
from coresponse.reporting import report_content
from coresponse.sweep.read import read_sweep

from coresponse.maps.explorer.page import explorer_page
from coresponse.maps.plan_map import plan_page
from coresponse.maps.report.page import report_page
from coresponse.results import write_run
from coresponse.study import open_study


def main(folder: Path) -> None:
    """Write the pages where the commands write them; time making each from what is in memory."""
    opened = open_study(folder)
    inputs = read_inputs(opened)
    planned = plan_inputs(inputs)
    before_mb = _peak_mb()
    sweep = newest_sweep(opened)
    if sweep is None:
        raise RuntimeError("there is no sweep")
    content = map_content(planned)
    hashes = input_hashes(opened)
    told = {
        "map": _cpu_s(lambda: plan_page(map_content(planned))),
        "report": _cpu_s(lambda: report_page(report_content(planned, content, "run", hashes))),
        "explorer": _cpu_s(lambda: explorer_page(explorer_content(inputs, read_sweep(sweep)))),
    }
    run = write_run(planned)
    report_again(opened, run=run.folder)
    write_study_explorer(inputs)
    print(json.dumps({"cpu_seconds": told, "peak_mb_planned": before_mb, "peak_mb": _peak_mb()}))


def _cpu_s(make: Callable[[], str]) -> float:
    started = time.process_time()
    make()
    return round(time.process_time() - started, 2)


def _peak_mb() -> int:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
