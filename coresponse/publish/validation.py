"""The model beside the records, as it may be shown: groups of 1 to 10 records, and what would tell them, are not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.few_calls import MIN_CALLS
from coresponse.coverage.validation.calibrate import LEAST_DAYS, LEAST_RECORDS
from coresponse.coverage.validation.compare import Verdict
from coresponse.coverage.validation.findings import Reason
from coresponse.coverage.validation.records import CLOCKS
from coresponse.publish.calibration import publish_calibration
from coresponse.publish.city import CityRounding
from coresponse.publish.disclosure import PUBLIC, Disclosure
from coresponse.publish.history import facts_of
from coresponse.publish.rounding import step_of
from coresponse.publish.suppression import count_range
from coresponse.publish.validated import WORDS, ValidationPublication
from coresponse.questions.further import Validation

# What the row of all records is grouped by.
ALL = "all"


APART = "recorded_over_modeled"

COLUMNS = [
    "grouped_by",
    "group",
    "records_band",
    "recorded_s",
    "modeled_s",
    APART,
    f"{APART}_low",
    f"{APART}_high",
    "stands_out",
]


CURES: dict[Reason, str] = {
    "assumed": "demand is assumed, and there are none",
    "no deployment": "give today's deployment, whose units they record, under [today]",
    "no times": "the calls have no times of arrival: name the column with [calls.columns] arrived_at",
    "no units": "police arrive at most calls and no column says which unit answered: give the calls a unit_id, and list under "
    "[today] units which are today's crews",
    "units not named": "police arrive at most calls: say which units in the calls are today's crews, under "
    '[today], such as units = { "CRT-*" = "" }',
    "none of today's": "no arrival is by a unit named under [today] units",
    "one day": "all records are of one day, and days differ",
    "few": f"{LEAST_RECORDS} records over {LEAST_DAYS} days are needed",
}


def before_validation(reasons: Sequence[Reason]) -> str:
    """Say in a sentence whether the records can be held against the model, before that is done.

    Parameters
    ----------
    reasons
        Why not, see :func:`coresponse.questions.validate.cannot_tell`.
    """
    if reasons:
        return f"Cannot tell whether the model fits the records: {_why(reasons)}."
    return "The model has not yet been compared with your records."


def _why(reasons: Sequence[Reason]) -> str:
    return "; ".join(CURES[reason] for reason in reasons)


def publish_validation(found: Validation, disclosure: Disclosure = PUBLIC) -> ValidationPublication:
    """Return a validation as it may be shown; figures of 1 to 10 records are not."""
    counts = int(found.comparison.overall.records)
    few = 0 < counts < disclosure.least_calls
    overall = pd.DataFrame([vars(found.comparison.overall)], index=pd.Index([""]))
    parts, left_out = [], {}
    if counts and not few:
        parts.append(_rows(ALL, overall.assign(named=False), disclosure))
        for kind, table in found.comparison.groups.items():
            rows = table[table["records"] > 0]
            hide = disclosure.hides(rows["records"].to_numpy())
            shown = _rows(kind, rows[~hide], disclosure)
            if not found.of_whom_known:
                shown["stands_out"] = "unknown"
            parts.append(shown)
            left_out[kind] = int(hide.sum())
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)
    verdict: Verdict = "cannot tell" if few else found.verdict
    calibration = publish_calibration(found, found.calibration)
    sentences = [*_verdict(found, verdict, table), *_groups(table, verdict)]
    shares = found.comparison.share_in_time
    if shares is not None and found.comparison.share_off and verdict != "cannot tell":
        whole = CityRounding(counts, np.nan, exact=disclosure.internal)
        recorded, modeled = map(whole.share, shares)
        sentences.append(
            f"Of recorded responses {recorded:.0%} were in time; the model says {modeled:.0%}."
        )
    if calibration is not None:
        sentences.append(calibration.sentence)
    return ValidationPublication(
        disclosure=disclosure,
        facts=facts_of(found.case),
        days=max(1, round(found.case.city.calls.days)),
        verdict=verdict,
        sentences=tuple(sentences),
        clock=CLOCKS[found.records.clock],
        table=table,
        left_out=left_out,
        set_aside=_set_aside(found, disclosure),
        calibration=calibration,
    )


def _rows(kind: str, rows: pd.DataFrame, disclosure: Disclosure) -> pd.DataFrame:
    """Return rows of groups with their figures rounded by the range of their records, bands outwards."""
    n = rows["records"].to_numpy(dtype=np.int64)
    time, share = (step_of(key, n) for key in ("recorded_s", APART))
    if disclosure.internal:
        time, share = np.full(len(n), 1e-9), np.full(len(n), 1e-9)
    bias = _nearest(rows["bias"], share)
    return pd.DataFrame(
        {
            "grouped_by": kind,
            "group": rows.index.astype(str),
            "records_band": [f"{count:,}" for count in n]
            if disclosure.internal
            else disclosure.ranges(n, np.zeros(len(n), dtype=bool)),
            "recorded_s": _nearest(rows["recorded_s"], time),
            "modeled_s": _nearest(rows["modeled_s"], time),
            APART: bias,
            f"{APART}_low": np.minimum(np.floor(rows["low"] / share + 1e-9) * share, bias).round(
                10
            ),
            f"{APART}_high": np.maximum(np.ceil(rows["high"] / share - 1e-9) * share, bias).round(
                10
            ),
            "stands_out": np.where(rows["named"].to_numpy(dtype=bool), "yes", "no"),
        }
    )


def _nearest(values: pd.Series[float], step: NDArray[np.float64]) -> NDArray[np.float64]:
    found = (np.rint(values.to_numpy(dtype=np.float64) / step) * step).round(10)
    return np.asarray(found + 0.0)  # no minus in front of nothing


def _verdict(found: Validation, verdict: Verdict, table: pd.DataFrame) -> Iterator[str]:
    """Say the verdict by the figures as they are shown."""
    if not len(table):
        why = (
            CURES[found.reasons[0]] if found.reasons else f"fewer than {MIN_CALLS} records are left"
        )
        yield f"Cannot tell whether the model fits the records: {why}."
        return
    row = table.iloc[0]
    apart, low, high = row[APART], row[f"{APART}_low"], row[f"{APART}_high"]
    minutes = abs(row["recorded_s"] - row["modeled_s"]) / 60
    way = "longer" if apart > 0 else "shorter"
    ends = _ends(low, high)
    figures = f"recorded times are {minutes:.1f} min ({abs(apart):.0%}{ends}) {way} than modeled"
    if verdict == "off":
        yield f"The model is off: {figures}."
    elif verdict == "fits":
        yield f"The model fits the records: {figures}."
    else:
        why = (
            _why(found.reasons) or "the band is too wide: more records, over more days, would tell"
        )
        yield f"Cannot tell whether the model fits the records: {why}."
        whose = "" if found.of_whom_known else ", whichever unit arrived"
        yield f"The records there are, {CLOCKS[found.records.clock]}: {figures}{whose}."


def _ends(low: float, high: float) -> str:
    if not (np.isfinite(low) and np.isfinite(high)):
        return ""
    if low < 0 < high:
        return f", band {low:+.0%} to {high:+.0%}"
    small, large = sorted((abs(low), abs(high)))
    return f", band {small:.0%} to {large:.0%}"


def _groups(table: pd.DataFrame, verdict: Verdict) -> Iterator[str]:
    """Say how many groups stand out; not where records are of nobody knows whom."""
    if verdict == "cannot tell" or not len(table):
        return
    for kind, (_, many) in WORDS.items():
        mine = table[table["grouped_by"] == kind]
        if len(mine) < 2:
            continue
        out = mine[mine["stands_out"] == "yes"]
        said = f"All {len(mine)} {many} shown are about as far off as the city as a whole"
        if len(out):
            said = f"{len(mine) - len(out)} of {len(mine)} {many} are about as far off as the city as a whole"
            worst = out.reindex(out[APART].abs().sort_values(ascending=False, kind="stable").index)
            names = ", ".join(
                f"{row['group']} ({row[APART]:+.0%})" for _, row in worst.head(3).iterrows()
            )
            said += f"; {names} stand{'s' if len(out) == 1 else ''} out"
        yield f"{said}."


def _set_aside(found: Validation, disclosure: Disclosure) -> pd.DataFrame:
    rows = dict(found.records.set_aside)
    if found.comparison.set_aside:
        rows["more than four times off the model, or under a fourth of it"] = (
            found.comparison.set_aside
        )
    told = [str(n) if disclosure.internal else count_range(n) for n in rows.values()]
    return pd.DataFrame({"reason": list(rows), "reason_count": told})
