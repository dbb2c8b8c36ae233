"""The district that waits longest has one wait, in a sweep as in a table of districts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from coresponse.publish.city import CityRounding
from coresponse.publish.rounding import WAIT
from coresponse.publish.sweep import worst_min


@pytest.mark.parametrize("calls", [14, 40, 80, 180, 400, 900, 3_000, 6_000])
def test_a_sweep_tells_it_as_districts_are_told(calls: int) -> None:
    """29.8 minutes were 30.0: told by the steps of a city with as many calls, as no district is."""
    rounding = CityRounding(6_000, 115.0)
    for reached, mean_s in ((0.74, 1_152.0), (1.0, 731.0), (0.0, np.nan)):
        wait_s = reached * (mean_s if reached else 0.0) + (1 - reached) * 3_600.0
        table = pd.DataFrame({"share_reached": [reached], "mean_s": [mean_s], WAIT: [wait_s]})
        (told,) = rounding.groups(WAIT, table, np.array([calls])) / 60
        figures = {
            "worst_district_mean_s": wait_s,
            "worst_district_share_reached": reached,
            "worst_district_reached_mean_s": mean_s if reached else None,
            "worst_district_calls": float(calls),
        }
        assert worst_min(figures, rounding) == pytest.approx(told)
    assert np.isnan(worst_min({}, rounding))
