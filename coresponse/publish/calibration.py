"""Speeds, delays and spreads that fit the records, as they may be shown."""

from __future__ import annotations

import numpy as np
import pandas as pd

from coresponse.coverage.few_calls import MIN_CALLS
from coresponse.coverage.validation.calibrate import LEAST_DAYS, LEAST_RECORDS, Calibration
from coresponse.publish.rounding import SHOWN_S
from coresponse.publish.validated import CalibrationPublication
from coresponse.questions.further import Validation

CREW_COLUMNS = [
    "applies_to",
    "better",
    "speed_of_stated",
    "delay_min",
    "delay_spread",
    "drive_spread",
]

ALL_HOURS = "all hours"

# Speeds are fitted to 200 records at least: a hundredth of them is worth two.
FAST_STEP = 0.01

# Drives are as modeled within 3%: less than half of what a model is called off by, with the error of 200 records.
SAME = 0.03

# Names of :data:`coresponse.coverage.validation.drives.ROAD_GROUPS`.
ROADS = ("motorways to primary roads", "secondary and tertiary roads", "other roads")

STARTS = {
    "stated": "from the posts that you named",
    "guessed": "from posts guessed by the units' own times",
    "replayed": "from where the replay sends units, on average",
}


def publish_calibration(
    found: Validation, fitted: Calibration | None
) -> CalibrationPublication | None:
    """Return what fits the records; None where fewer than 11 could tell."""
    if fitted is None or fitted.records < MIN_CALLS:
        return None
    enough = fitted.records >= LEAST_RECORDS and fitted.days >= LEAST_DAYS
    before, after = (
        round(float(value), 2) + 0.0 if enough and np.isfinite(value) else None
        for value in (fitted.before, fitted.after)
    )
    if not enough:
        said = (
            f"Speeds are left as stated: fewer than {LEAST_RECORDS} records over {LEAST_DAYS} days "
            "cannot tell them."
        )
    elif fitted.impossible:
        said = (
            f"Speeds stay as stated, for no crew drives as these records would have it: "
            f"{_fast(found, fitted)}. Are the units under [today] today's crews alone, and are their "
            "posts right?"
        )
    elif not fitted.used:
        said = "Speeds stay as stated: fitted speeds do no better on days held out from the fit."
    else:
        said = (
            f"{_fast(found, fitted)}. On days not fitted, recorded times are {before:+.0%} off the "
            f"model as stated and {after:+.0%} with speeds fitted, "
            f"{STARTS[found.start or 'replayed']}."
        )
    if _drives_fit(found, before):
        said += (
            " So it is not the speed: other units go, or from other posts, than the study says. Look at today's posts and "
            "shifts, at the rules under [judging.rules], and at sharing under [agencies]."
        )
    return CalibrationPublication(
        used=fitted.used,
        speeds=_speeds(found, fitted),
        delay_min=round(float(np.rint(fitted.delay_s / SHOWN_S) * SHOWN_S / 60), 2),
        before=before,
        after=after,
        sentence=said,
        steps=fitted.steps if enough else (),
        crews=_crews(found),
        call_taking=_call_taking(found),
    )


def _drives_fit(found: Validation, before: float | None) -> bool:
    """Whether units drive as modeled from where they were, and come sooner or later than the replay has them all the same."""
    if found.verdict != "off" or before is None or found.start not in {"stated", "guessed"}:
        return False
    return abs(before) <= SAME and abs(found.comparison.overall.bias) > 2 * abs(before)


def _crews(found: Validation) -> pd.DataFrame:
    """Return one row a type of which there are 11 records or more."""
    rows = []
    for fit in () if found.fit is None else found.fit.types:
        own, enough = fit.calibration, fit.enough
        if own.records < MIN_CALLS:
            continue
        lead = found.calibration
        over = lead.speed if lead is not None else own.speed
        speed = float(np.average(over, weights=_hours(found)))
        if fit is not found.lead:
            speed *= float(own.speed[0])
        kind = found.case.program.responder_types[fit.responder_type]
        delay = kind.delay_min.value if fit.delay_s is None else fit.delay_s / 60
        values = (speed, round(delay, 1), fit.delay_spread, fit.drive_spread)
        rows.append(
            (
                kind.title,
                "yes" if own.used else "no",
                *(round(value, 2) if enough else np.nan for value in values),
            )
        )
    return pd.DataFrame(rows, columns=CREW_COLUMNS)


def _call_taking(found: Validation) -> str:
    stage = None if found.fit is None else found.fit.call_taking
    if stage is None or stage.records < LEAST_RECORDS:
        return ""
    minutes = f"{stage.fitted_s / 60:.1f} min from receipt to dispatch"
    stated = f"{stage.stated_s / 60:.1f} min"
    if stage.used:
        return f"Call-taking: records have {minutes}, the program {stated}; days not fitted agree with the records."
    return (
        f"Call-taking: records have {minutes}, the program {stated}, which fits other days as well."
    )


def _fast(found: Validation, fitted: Calibration) -> str:
    mean = float(np.average(fitted.speed, weights=_hours(found)))
    if fitted.fit.terms.groups:
        roads = (f"{mean * v:.0%} on {w}" for v, w in zip(fitted.group_speed, ROADS, strict=True))
        return f"Of the stated speed, units drive at {', '.join(roads)}"
    model = f"the model is {1 - mean:.0%} fast" if mean < 1 else f"the model is {mean - 1:.0%} slow"
    return f"Units drive at {mean:.0%} of the stated speed: {model}"


def _speeds(found: Validation, fitted: Calibration) -> pd.DataFrame:
    periods = found.case.world.periods
    rows = [(p.name, v) for p, v in zip(periods, fitted.speed, strict=True)]
    if len(periods) > 1 and not fitted.fit.terms.periods:
        rows = [(ALL_HOURS, fitted.speed[0])]
    if fitted.fit.terms.groups:
        rows += list(zip(ROADS, fitted.group_speed, strict=True))
    names, values = zip(*rows, strict=True)
    speeds = (np.round(np.array(values) / FAST_STEP) * FAST_STEP).round(2)
    return pd.DataFrame({"applies_to": names, "speed_of_stated": speeds})


def _hours(found: Validation) -> list[int]:
    return [len(period.hours.hours) for period in found.case.world.periods]
