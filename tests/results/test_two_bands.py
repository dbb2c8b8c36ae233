"""The long run's band and that of a single year stand side by side, and it is said which is which."""

from __future__ import annotations

import math

from coresponse.coverage.replay.bands import Interval
from coresponse.data.options import Deployment
from coresponse.publish.measured import EvaluationPublication
from coresponse.results.tables import bands_in_words, judges_frame

FIGURES = {
    "share_in_time": Interval(0.441, 0.431, 0.451, 20),
    "mean_with_fallback_s": Interval(1416.0, 1386.0, 1440.0, 20),
    "share_reached": Interval(0.908, 0.9, 0.915, 20),
}
YEAR = {
    "share_in_time": Interval(0.441, 0.427, 0.456, 20),
    "mean_with_fallback_s": Interval(1416.0, 1380.0, 1446.0, 20),
    "share_reached": Interval(0.908, 0.898, 0.918, 20),
}


def evaluation(*, year: bool = True) -> EvaluationPublication:
    return EvaluationPublication(
        deployment=Deployment.of("plan", {}),
        figures={"deterministic": {}, "replay": FIGURES},
        worst_district={},
        groups={},
        busy_share={},
        method="",
        replay=None,
        notes=(),
        single_year=YEAR if year else {},
    )


def test_words_say_which_band_is_which() -> None:
    said = bands_in_words(evaluation(), "the plan's")
    assert said == (
        "Bands hold the long-run figure in 95 of 100 cases. One single year varies more: of the "
        "plan's calls, 42.7% to 45.6% in time, a mean wait of 23.0 to 24.1 min, 89.8% to 91.8% "
        "reached."
    )
    assert bands_in_words(evaluation(year=False), "the plan's") == ""


def test_the_table_has_both() -> None:
    table = judges_frame({"plan": evaluation()})
    row = table[table["judge"] == "replay"]
    first = row.iloc[0]
    assert first["year_low"] < first["low"] < first["value"] < first["high"] < first["year_high"]
    without = judges_frame({"plan": evaluation(year=False)})
    assert all(math.isnan(value) for value in without["year_low"])
