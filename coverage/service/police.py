"""When police get there first: from the calls' own times."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.service.service_model import BLOCK_H, QUANTILES, PoliceModel
from coresponse.data.calls.history import CallHistory
from coresponse.data.notes import Count, Note
from coresponse.data.programs.model import Program

ENOUGH_CALLS = 30
# A group's own times count n / (n + this); the rest is the times of all.
SHRINK = 50.0

# a longer wait is a record that was left open
LONGEST_S = 6 * 3600.0


def fit_police_arrival(
    calls: CallHistory | None, program: Program, *, district: NDArray[np.integer] | None = None
) -> PoliceModel:
    """Model the first officer's arrival by district and time of day.

    Quantiles of the recorded times from received to arrived; those of a district and block of the
    day are drawn towards those of all calls as far as they are few.

    Parameters
    ----------
    district
        (calls,) position of each call's district, -1 outside; None: no districts.
    """
    n_districts = int(district.max(initial=-1)) + 1 if district is not None else 0
    shape = (n_districts + 1, 24 // BLOCK_H, len(QUANTILES))
    default = program.standards.police_arrival_min.value
    if calls is None:
        note = Note("Police arrival: the program's figure, {minutes:g} min.", minutes=default)
        return PoliceModel(np.full(shape, default * 60), 0, (note,))
    frame = calls.frame
    waited = (frame["arrived_at"] - frame["received_at"]).dt.total_seconds()
    seconds: NDArray[np.float64] = np.asarray(waited, dtype=np.float64)
    usable = (seconds >= 0) & (seconds <= LONGEST_S)
    n = int(usable.sum())
    if n < ENOUGH_CALLS:
        note = Note(
            "Police arrival: the program's figure, {minutes:g} min; {n} recorded arrivals are "
            "fewer than {enough}.",
            minutes=default,
            n=Count(n),
            enough=ENOUGH_CALLS,
        )
        return PoliceModel(np.full(shape, default * 60), n, (note,))
    overall = np.quantile(seconds[usable], QUANTILES)
    out = np.empty(shape)
    row = np.zeros(len(frame), dtype=np.int64)
    if district is not None:
        row += np.asarray(district, dtype=np.int64) + 1
    block = frame["received_at"].dt.hour.to_numpy() // BLOCK_H
    for d in range(shape[0]):
        in_district = _drawn_to(overall, seconds[usable & (row == d)])
        for b in range(shape[1]):
            out[d, b] = _drawn_to(in_district, seconds[usable & (row == d) & (block == b)])
    note = Note(
        "Police arrival: {n} recorded times from received to first arrival, by district and time "
        "of day.",
        n=Count(n),
    )
    return PoliceModel(out, n, (note,))


def _drawn_to(prior: NDArray[np.floating], seconds: NDArray[np.floating]) -> NDArray[np.float64]:
    if not len(seconds):
        return np.asarray(prior, dtype=np.float64)
    own = len(seconds) / (len(seconds) + SHRINK)
    return np.asarray(own * np.quantile(seconds, QUANTILES) + (1 - own) * prior, dtype=np.float64)
