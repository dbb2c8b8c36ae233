"""What all points of a sweep share: the case that they vary, its response times and drawn calls, made once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from coresponse.coverage.evaluate import EvaluationSetup
from coresponse.data.progress import Progress, silent
from coresponse.optimize.case import Case
from coresponse.optimize.evaluate_case import evaluation_setup
from coresponse.optimize.trials import Trials
from coresponse.questions.sweep.axes import case_at
from coresponse.questions.sweep.grid import Setting
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
    setups
        The replay of each kind of point, by :func:`replayed_as`: calls drawn, and drives at its
        speeds. Recorded calls are not among them.
    """

    case: Case
    settings: SweepInput
    versions: Mapping[str, str]
    setups: Mapping[Replayed, EvaluationSetup]
    _trials: dict[tuple[Replayed, float], Trials] = field(default_factory=dict, repr=False)

    def trials(self, case: Case, *, until: float) -> Trials:
        """Return the replay of a point; points of one kind meet the same chances.

        Parameters
        ----------
        until
            When searches in it have to end, by :func:`time.monotonic`.
        """
        of = replayed_as(case)
        setup = replace(self.setups[of], city=case.world, target_s=case.standard)
        key = (of, case.program.standards.fallback_min.value)
        if key not in self._trials:
            self._trials.clear()  # the calls of one kind are enough to keep ready
            self._trials[key] = Trials.of(case, setup)
        return replace(self._trials[key].asking(case), setup=setup, until=until)


# What the calls of a replay and its drives depend on: factors on demand and speed, on speed by period, on classes.
Replayed = tuple[float, float, tuple[tuple[str, float], ...], tuple[tuple[str, float], ...]]


def replayed_as(case: Case) -> Replayed:
    """Say of which kind a point's replay is."""
    factors = case.factors
    periods, classes = (
        tuple(sorted(part.items())) for part in (factors.speed_periods, factors.classes)
    )
    return factors.demand, factors.speed, periods, classes


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
    setups: dict[Replayed, EvaluationSetup] = {}
    for point in points:
        point.standard  # noqa: B018 - refused here, not in a worker
    lean = case.lean()
    for point in points:
        point.work_out_table(progress)
        lean.keep_table(point)
        of = replayed_as(point)
        if of not in setups:
            like = next(iter(setups.values()), None)
            setups[of] = evaluation_setup(point, like=like, progress=progress).lean()
    return SweepBase(lean, sweep, versions(), setups)


def same_question(case: Case, other: Case) -> bool:
    """Whether two cases of a sweep ask the same."""
    parts = ("limits", "floors", "factors", "busy", "standard", "stays", "within", "further")
    same = all(getattr(case, name) == getattr(other, name) for name in parts)
    return same and case.program.standards == other.program.standards
