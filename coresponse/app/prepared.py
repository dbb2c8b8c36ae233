"""What every search of the what-if page starts from.

A study's inputs and response table, prepared once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from coresponse.coverage.evaluate import EvaluationSetup
from coresponse.data.calls.history import ON_THE_NETWORK
from coresponse.data.known_city import KnownCity
from coresponse.data.progress import Progress, silent
from coresponse.optimize.case import Case
from coresponse.optimize.evaluate_case import evaluation_setup
from coresponse.publish.disclosure import PUBLIC
from coresponse.publish.funnel import shown_funnel
from coresponse.study.folder import StudyFolder
from coresponse.study.memory import Work, tell
from coresponse.study.provenance import input_hashes
from coresponse.study.read import read_study


@dataclass(frozen=True, eq=False)
class PreparedStudy:
    """A prepared study; it is sent to each worker once.

    Attributes
    ----------
    folder
        Where it is.
    case
        The study's own question, without the calls themselves: the page needs none of them.
    setup
        The replay of the study's own question, without the recorded calls.
    hashes
        Of each file as it was read.
    fingerprint
        Of all input files: saved plans say which inputs they were made with.
    calls, first_day, last_day
        Of the history, for people.
    """

    folder: StudyFolder
    case: Case
    setup: EvaluationSetup
    hashes: Mapping[str, str]
    fingerprint: str
    calls: str
    first_day: str
    last_day: str


def fingerprint(folder: StudyFolder) -> str:
    """Return a short hash of all input files as they are now."""
    return _short(input_hashes(folder))


def _short(hashes: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(dict(hashes), sort_keys=True).encode()).hexdigest()[:16]


def prepare(folder: StudyFolder, *, workers: int = 0, progress: Progress = silent) -> PreparedStudy:
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
    study = read_study(folder, progress=progress)
    case = study.case
    tell(case, Work("the page", problems=0, workers=workers, flag="--workers"), progress)
    case.work_out_table(progress)
    progress("fitting service times", 0, 1)
    frame = study.city.calls.frame
    return PreparedStudy(
        folder=folder,
        case=case.lean(),
        setup=evaluation_setup(case, progress=progress).lean(),
        hashes=study.hashes,
        fingerprint=_short(study.hashes),
        calls=_calls(study.city),
        first_day=f"{frame['received_at'].min():%Y-%m-%d}",
        last_day=f"{frame['received_at'].max():%Y-%m-%d}",
    )


def _calls(city: KnownCity) -> str:
    """Say how many calls of the history are on the network, as it may be shown."""
    steps = {step.name: step for step in shown_funnel(city.calls.funnel.steps, PUBLIC)}
    count = steps[ON_THE_NETWORK].count
    return f"{count:,}" if isinstance(count, int) else count
