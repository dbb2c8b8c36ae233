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

from coresponse.maps.explorer.page import explorer_page
from coresponse.maps.plan_map import plan_page
from coresponse.maps.report.page import report_page
from coresponse.publish.plan import publish_plan
from coresponse.questions.plan import plan
from coresponse.results.explorer import explorer_content, write_study_explorer
from coresponse.results.map_page import map_content
from coresponse.results.plan import write_plan
from coresponse.results.read_sweep import read_sweep
from coresponse.results.report.again import newest_sweep, report_again
from coresponse.results.report.content import report_content
from coresponse.study.read import read_study


def main(folder: Path) -> None:
    """Write the pages where the commands write them; time making each from what is in memory."""
    study = read_study(folder)
    publication = publish_plan(plan(study.case))
    before_mb = _peak_mb()
    sweep = newest_sweep(study.folder)
    if sweep is None:
        raise RuntimeError("there is no sweep")
    content, hashes = map_content(publication), study.hashes
    told = {
        "map": _cpu_s(lambda: plan_page(map_content(publication))),
        "report": _cpu_s(lambda: report_page(report_content(publication, content, "run", hashes))),
        "explorer": _cpu_s(lambda: explorer_page(explorer_content(study, read_sweep(sweep)))),
    }
    run = write_plan(publication, study.folder.results, hashes)
    report_again(study.folder, run=run.folder)
    write_study_explorer(study)
    print(json.dumps({"cpu_seconds": told, "peak_mb_planned": before_mb, "peak_mb": _peak_mb()}))


def _cpu_s(make: Callable[[], str]) -> float:
    started = time.process_time()
    make()
    return round(time.process_time() - started, 2)


def _peak_mb() -> int:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
