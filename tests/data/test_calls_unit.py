"""The unit that answered: read under its usual names, and of several the one that was there first."""

from __future__ import annotations

import pandas as pd
import pytest

from coresponse.data.calls.fold import fold_events
from coresponse.data.tables.dictionary import match_columns
from coresponse.data.tables.specs import CALLS


def rows(*units: tuple[str, str | None, str | None]) -> pd.DataFrame:
    """One event; a row a unit with its dispatch and arrival."""
    n = len(units)
    day = "2024-03-04 "
    return pd.DataFrame(
        {
            "call_id": ["E"] * n,
            "received_at": pd.to_datetime([day + "08:00"] * n),
            "dispatched_at": pd.to_datetime([d and day + d for _, d, _ in units]),
            "en_route_at": pd.to_datetime([d and day + d for _, d, _ in units])
            + pd.Timedelta("1min"),
            "arrived_at": pd.to_datetime([a and day + a for _, _, a in units]),
            "left_scene_at": pd.to_datetime([None] * n),
            "at_facility_at": pd.to_datetime([None] * n),
            "cleared_at": pd.to_datetime([day + "09:00"] * n),
            "nature": "X",
            "channel": "",
            "priority": "",
            "unit_id": [u for u, _, _ in units],
            "mental_health": "",
            "x": 0.0,
            "y": 0.0,
            "place_reason": "",
            "place_detail": "",
            "time_detail": "",
            "origin": range(n),
        }
    )


@pytest.mark.parametrize("turned", [False, True])
def test_the_unit_is_that_of_the_first_arrival(turned: bool) -> None:
    event = rows(("A", "08:01", "08:20"), ("B", "08:03", "08:10"), ("", "08:02", "08:05"))
    event = event.iloc[::-1] if turned else event
    folded = fold_events(event)[0].iloc[0]
    assert folded["unit_id"] == "B"  # the first that is named
    assert folded["arrived_at"] == pd.Timestamp("2024-03-04 08:05")
    # it drove off when the unit did that was there first, not when the first of all units did
    assert folded["en_route_at"] == pd.Timestamp("2024-03-04 08:03")
    sent = fold_events(rows(("A", "08:04", None), ("B", "08:03", None)))[0].iloc[0]
    assert sent["unit_id"] == "B"
    assert fold_events(rows(("", None, None), ("", None, None)))[0].iloc[0]["unit_id"] == ""


@pytest.mark.parametrize("turned", [False, True])
def test_who_took_somebody_away_and_what_anybody_noted_are_kept(turned: bool) -> None:
    event = rows(("A", "08:01", "08:20"), ("B", "08:03", "08:10"), ("C", "08:02", "08:05"))
    day = pd.Timestamp("2024-03-04 08:00")
    minutes = [pd.NaT, day + pd.Timedelta("40min"), pd.NaT]
    event = event.assign(left_scene_at=minutes, mental_health=["no", "", "yes"])
    event["at_facility_at"] = [day + pd.Timedelta("50min"), day + pd.Timedelta("55min"), pd.NaT]
    folded = fold_events(event.iloc[::-1] if turned else event)[0].iloc[0]
    # B's, who was there before A; not A's stamp beside B's
    assert folded["left_scene_at"] == day + pd.Timedelta("40min")
    assert folded["at_facility_at"] == day + pd.Timedelta("55min")
    assert folded["mental_health"] == "yes"


@pytest.mark.parametrize("name", ["Unit ID", "unit", "Primary_Unit", "CALL SIGN", "unit_id"])
def test_the_unit_is_found_under_its_usual_names(name: str) -> None:
    given = ["received_at", "nature", "latitude", "longitude", name]
    assert match_columns(CALLS, given, {}, where="calls.csv")["unit_id"] == name
