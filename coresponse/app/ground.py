"""What every search of the what-if page starts from.

A study's inputs and response table, prepared once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from coresponse.coverage.response import ResponseTable
from coresponse.coverage.service.model import ServiceModel
from coresponse.data.progress import Progress, silent
from coresponse.inputs import Inputs, read_inputs
from coresponse.judging import fit_models
from coresponse.memory import Work, tell
from coresponse.planning import study_table
from coresponse.provenance import input_hashes
from coresponse.study import StudyFolder


@dataclass(frozen=True, eq=False)
class Ground:
    """A prepared study; it is sent to each worker once.

    Attributes
    ----------
    inputs
        Without the calls themselves: the page needs none of them.
    table
        Response times with the study's own posts and speeds.
    service
        Service times, for judging with busy units.
    fingerprint
        Of all input files: saved plans say which inputs they were made with.
    n_calls, first_day, last_day
        Of the history, for people.
    """

    inputs: Inputs
    table: ResponseTable
    service: ServiceModel
    fingerprint: str
    n_calls: int
    first_day: str
    last_day: str


def fingerprint(folder: StudyFolder) -> str:
    """Return a short hash of all input files as they are now."""
    return _short(input_hashes(folder))


def _short(hashes: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(dict(hashes), sort_keys=True).encode()).hexdigest()[:16]


def prepare(folder: StudyFolder, *, workers: int = 0, progress: Progress = silent) -> Ground:
    """Read a study and work out its response times.

    Parameters
    ----------
    workers
        Processes that will search with it: what they need in memory is looked at first.

    Raises
    ------
    CoresponseError
        If an input is wrong, or the machine has too little memory for the workers.
    """
    inputs = read_inputs(folder, progress=progress)
    tell(inputs, Work("the page", problems=0, workers=workers, flag="--workers"), progress)
    table = study_table(inputs, progress=progress)
    progress("fitting service times", 0, 1)
    service, _ = fit_models(inputs, inputs.calls)
    frame = inputs.calls.frame
    return Ground(
        inputs=inputs.without_calls(),
        table=table,
        service=service,
        fingerprint=_short(inputs.hashes),
        n_calls=len(frame),
        first_day=f"{frame['received_at'].min():%Y-%m-%d}",
        last_day=f"{frame['received_at'].max():%Y-%m-%d}",
    )
