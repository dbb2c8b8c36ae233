"""Draw a finished plan's report again, with what a sweep found about each budget."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import ValidationError

from coresponse.data.errors import InputError, MissingInputError, why_not
from coresponse.maps.report.content import ReportContent
from coresponse.maps.report.page import write_report
from coresponse.publish.disclosure import Disclosure
from coresponse.results.read_sweep import SWEEP_FILE, SweepResult, read_sweep
from coresponse.results.replay import newest_run
from coresponse.results.report.content import SAVED
from coresponse.results.report.frontier import with_frontier
from coresponse.results.runs import run_folder
from coresponse.study.folder import StudyFolder
from coresponse.study.read_back import MAX_BYTES, read_plan_file


def newest_sweep(folder: StudyFolder) -> Path | None:
    """Return the sweep written last under the study's results; None if there is none."""
    runs = [path.parent for path in folder.results.glob(f"sweep-*/{SWEEP_FILE}")]
    return max(
        runs, key=lambda run: ((run / SWEEP_FILE).stat().st_mtime_ns, run.name), default=None
    )


def report_again(
    folder: StudyFolder, *, run: Path | None = None, sweep: Path | None = None
) -> Path:
    """Write the report of a finished run, with the frontier of a sweep if there is one.

    Parameters
    ----------
    run, sweep
        Folders; default: the newest of the study, of runs never an internal one.

    Returns
    -------
    pathlib.Path
        The page; that of an internal run is internal.

    Raises
    ------
    InputError
        If there is no such run, or its files cannot be read.
    """
    run = run or newest_run(folder)
    if run is None:
        raise MissingInputError(
            f"{folder.results} holds no plan -- make one with: coresponse plan {folder.path}"
        )
    saved = run / "internal" / "report.json"
    content = _read_content(saved)
    sweep = sweep or newest_sweep(folder)
    digest = hashlib.sha256(saved.read_bytes())
    if sweep is not None:
        found = read_sweep(sweep)
        path = sweep / SWEEP_FILE
        digest.update(path.read_bytes())
        _same_inputs(run, found, path)
        content = with_frontier(content, found)
    disclosure = Disclosure(content.internal)
    target = folder.results / f"{disclosure.kind_of_run('report')}-{digest.hexdigest()[:10]}"
    page = disclosure.file_name("report.html")
    with run_folder(target) as building:
        write_report(content, building / page)
    return target / page


def _same_inputs(run: Path, sweep: SweepResult, path: Path) -> None:
    """Refuse a sweep of other inputs.

    Calls, roads or posts that have changed; what study.toml asks may differ.
    """
    told = (read_plan_file(run)["provenance"]["inputs_sha256"], sweep.provenance.inputs_sha256)
    names = (set(told[0]) | set(told[1])) - {"study.toml"}
    changed = sorted(name for name in names if told[0].get(name) != told[1].get(name))
    if changed:
        raise InputError(
            f"{path} was made from other inputs than {run.name} ({', '.join(changed[:5])}) -- run "
            "coresponse sweep again"
        )


def _read_content(path: Path) -> ReportContent:
    if not path.is_file():
        raise MissingInputError(f"{path} is not there -- plan again with this version")
    if path.stat().st_size > MAX_BYTES:
        raise InputError(f"{path}: more than {MAX_BYTES:,} bytes; refused -- plan again")
    try:
        return SAVED.validate_json(path.read_bytes())
    except ValidationError as error:
        raise InputError(f"{path} is of another version, or was changed -- plan again") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read{why_not(error)} -- plan again") from error
