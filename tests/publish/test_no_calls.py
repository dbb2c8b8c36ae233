"""A district that no call came from says so: zero is shown, 1 to 10 are not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from coresponse.publish.disclosure import PUBLIC
from coresponse.publish.places import AgencyRow, District, DistrictsPublication
from coresponse.results.tables import changes_frame


def test_no_call_is_not_told_as_few() -> None:
    """It read ``not shown, for few calls`` where the table of districts had a 0."""
    counts = np.array([0, 4, 7, 300])
    bands = PUBLIC.ranges(counts, PUBLIC.hides(counts))
    names = {name: name for name in "abcd"}
    none = tuple(name for name, count in zip(names, counts, strict=True) if not count)
    shown = {"d": District("d", 12.0, 10.0, -3.0, -1.0, 0.5, 0.6)}
    frame = changes_frame(DistrictsPublication(shown, pd.DataFrame(), names, 2, none))
    assert frame is not None
    said = dict(zip(frame["district_id"], frame["wait_would_be"], strict=True))
    assert said == {"a": "no call", "b": bands[1], "c": bands[2], "d": "shorter"}
    assert bands[0] == "0"
    assert bands[1] == "not shown, for few calls"


def test_an_agency_without_calls_says_so() -> None:
    few = AgencyRow("Riverton", "not shown, for few calls", {}, {})
    assert few.line() == "Riverton: too few calls to show"
    assert AgencyRow("Hillside", "0", {}, {}).line() == "Hillside: no past call"
