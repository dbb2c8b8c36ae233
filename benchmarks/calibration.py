"""Calibration on a made city whose true speeds are known: how far off later days are, as stated and after.

CALIBRATION_TRIALS sets the histories of each row (default 20).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import numpy as np

from benchmarks._recorded_city import DELAY_S, RecordedCity, Records, Truth
from coresponse.coverage.validation.calibrate import calibrate

SLOW = Truth(speed=(0.7, 0.7, 0.7))
RIGHT = Truth(delay_s=DELAY_S, on_the_road=0.0)
WORLDS = (
    ("right as stated", RIGHT, (200, 400, 1_000)),
    ("10% slow", Truth(speed=(0.9, 0.9, 0.9)), (390, 1_003)),
    ("30% slow", SLOW, (96, 212, 1_005)),
    ("30% slow, stamps in whole minutes", Truth(speed=(0.7, 0.7, 0.7), minutes=True), (1_005,)),
    ("by period 0.6, 0.75, 0.95", Truth(speed=(0.6, 0.75, 0.95)), (202, 1_016)),
    ("by road class 0.6, 0.75, 0.9", Truth(group_speed=(0.6, 0.75, 0.9)), (404, 1_001)),
)
DAYS = 60


def cases() -> Iterator[dict[str, object]]:
    """Calibrate many histories of each world; judge each on 4,000 records of other days."""
    trials = int(os.environ.get("CALIBRATION_TRIALS", "20"))
    city = RecordedCity.made()
    for name, truth, sizes in WORLDS:
        later = city.records(truth, n=4_000, days=DAYS, seed=90_001)
        for n in sizes:
            start = time.process_time()
            off = [_off(city, truth, later, n=n, seed=1_000 * n + k) for k in range(trials)]
            before, after, changed = np.array(off).T
            yield {
                "case": f"{name}, {n:,} records over {DAYS} days, {trials} histories",
                "seconds": time.process_time() - start,
                "as_stated": round(float(np.sqrt((before**2).mean())), 4),
                "after": round(float(np.sqrt((after**2).mean())), 4),
                "changed": float(changed.mean()),
            }


def _off(
    city: RecordedCity, truth: Truth, later: Records, *, n: int, seed: int
) -> tuple[float, float, bool]:
    """Return modeled over recorded mean minus 1 of later days, as stated and calibrated; whether it was changed."""
    records = city.records(truth, n=n, days=DAYS, seed=seed)
    found = calibrate(
        city.travels(records),
        delay_s=DELAY_S,
        periods=3,
        starts_known=True,
        reroute=lambda slower: city.rerouted(records, slower),
    )
    travels = city.travels(later)
    near = np.abs(np.log(later.observed_s / found.fit.median_s(travels))) < np.log(4)
    observed = later.observed_s[near].sum()
    stated = DELAY_S + travels.stated_s[near].sum(axis=1)
    return (
        float(stated.sum() / observed - 1),
        float(found.fit.mean_s(travels)[near].sum() / observed - 1),
        found.used,
    )
