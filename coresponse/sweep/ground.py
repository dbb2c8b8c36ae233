"""What all points of a sweep share: inputs and response tables, made once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from coresponse.best import target_min, waiting_cost
from coresponse.coverage.response import ResponseTable
from coresponse.coverage.service.model import ServiceModel
from coresponse.data.progress import Progress, silent
from coresponse.inputs import Inputs
from coresponse.provenance import versions
from coresponse.sweep.axes import Setting, inputs_at, speeds_at, with_speeds

Speeds = tuple[tuple[str, float], ...]


@dataclass(frozen=True, eq=False)
class Ground:
    """What all points share; it is sent to each worker once.

    Attributes
    ----------
    inputs
        Of the study, without its calls: they do not leave the machine.
    tables
        Response times by travel speeds; points that agree in them share one.
    service
        Service times.
    busy_units
        ``consistent`` or ``free``.
    versions
        Of the packages that can change a figure; a worker with others is refused.
    """

    inputs: Inputs
    tables: Mapping[Speeds, ResponseTable]
    service: ServiceModel
    busy_units: str
    versions: Mapping[str, str]


def make_ground(
    inputs: Inputs, settings: Iterable[Setting], *, progress: Progress = silent
) -> Ground:
    """Work out what all points share.

    Raises
    ------
    InputError
        If a standard is not below what a call left to police counts, or the study's goal is not one
        mean cost of waiting.
    """
    # judging and planning bring the replay with them, which workers do not need
    from coresponse.judging import fit_models  # noqa: PLC0415
    from coresponse.planning import study_table  # noqa: PLC0415

    listed = list(settings)
    for setting in listed:
        target_min(inputs_at(inputs, setting))
    waiting_cost(inputs)
    speeds = sorted({speeds_at(setting) for setting in listed})
    tables = {key: study_table(with_speeds(inputs, key), progress=progress) for key in speeds}
    service, _ = fit_models(inputs, inputs.calls)
    study = inputs.study
    return Ground(
        inputs=inputs.without_calls(),
        tables=tables,
        service=service,
        busy_units=study.sweep.busy_units or study.objective.busy_units,
        versions=versions(),
    )
