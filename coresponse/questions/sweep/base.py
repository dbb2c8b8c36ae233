"""What all points of a sweep share: the case that they vary, with its response times, made once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from coresponse.data.progress import Progress, silent
from coresponse.optimize.case import Case
from coresponse.questions.sweep.axes import Setting, case_at
from coresponse.study.provenance import versions
from coresponse.study.sweep import SweepInput


@dataclass(frozen=True, eq=False)
class SweepBase:
    """What all points share; it is sent to each worker once.

    Attributes
    ----------
    case
        That the points vary, without its calls: they do not leave the machine.
    settings
        How closely each point is solved.
    versions
        Of the packages that can change a figure; a worker with others is refused.
    """

    case: Case
    settings: SweepInput
    versions: Mapping[str, str]


def sweep_base(
    case: Case,
    sweep: SweepInput,
    settings: Iterable[Setting],
    *,
    progress: Progress = silent,
) -> SweepBase:
    """Work out what all points share: a response table for each set of travel speeds.

    Raises
    ------
    InputError
        If a standard is not below what a call left to police counts.
    """
    if sweep.busy_units is not None:
        case = case.with_(busy=sweep.busy_units)
    points = [case_at(case, setting) for setting in settings]
    for point in points:
        point.target_s  # noqa: B018 - refused here, not in a worker
    lean = case.lean()
    for point in points:
        point.work_out_table(progress)
        lean.keep_table(point)
    return SweepBase(lean, sweep, versions())
