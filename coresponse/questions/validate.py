"""Hold the model against what happened: today's deployment, replayed at the real calls' times, beside their records."""

from __future__ import annotations

from coresponse.coverage.replay.drives import ReplayRoads
from coresponse.coverage.replay.record import ReplayRun
from coresponse.coverage.validation.calibrate import LEAST_RECORDS
from coresponse.coverage.validation.city import fit_city
from coresponse.coverage.validation.compare import TimesComparison
from coresponse.coverage.validation.findings import CityFit, Reason
from coresponse.coverage.validation.recorded import Recorded, why_not
from coresponse.coverage.validation.validate import validate as compare_with_records
from coresponse.data.progress import Progress, silent
from coresponse.optimize.case import Case
from coresponse.questions.further import Validation


def validate(
    case: Case, *, drives: ReplayRoads | None = None, progress: Progress = silent
) -> Validation:
    """Hold today's deployment, replayed at the real calls' times, against their recorded times.

    Speeds are fitted to the same records on some of the days and judged on the others
    (:func:`coresponse.coverage.validation.calibrate.calibrate`); nothing is changed in the case.

    Parameters
    ----------
    drives
        Of another replay, used again if it has all places.

    Raises
    ------
    InputError
        If the city does not have today's deployment.
    """
    case = case.with_(planning_year=None)  # records are of what happened
    known = Recorded.of(case.world)
    runs: list[ReplayRun] = []
    if known.records.n:
        runs += known.replayed(
            case.evaluation,
            target_s=case.standard,
            seed=case.seed,
            drives=drives,
            progress=progress,
        )
    fit = fit_city(known, runs, progress=progress) if runs and known.stated else None
    return Validation(
        case=case,
        records=known.records,
        comparison=_comparison(case, known, runs, fit),
        fit=fit,
        reasons=known.reasons(),
    )


def _comparison(
    case: Case, known: Recorded, runs: list[ReplayRun], fit: CityFit | None
) -> TimesComparison:
    districts, spread = case.city.districts, None
    varied = any(kind.drive_spread for kind in case.program.responder_types.values())
    enough = fit is not None and fit.types and fit.types[0].calibration.records >= LEAST_RECORDS
    if fit is not None and enough and not varied:  # else replayed drives have their spread already
        spread = fit.types[0].calibration.spread
    return compare_with_records(
        known.calls,
        known.records,
        runs,
        district_names=[] if districts is None else districts.frame["name"].astype(str).tolist(),
        target_s=case.target_s,
        spread=spread,
        type_of_unit=known.units.responder_type if known.stated else None,
    )


def cannot_tell(case: Case) -> tuple[Reason, ...]:
    """Return why the records cannot tell whether the model fits, without a replay; none: they may."""
    return why_not(case.world)
