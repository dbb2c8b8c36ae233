"""Records held against a model: what is told of right models, slow ones, slow hours, thin records, records of others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coresponse.coverage.validation.compare import (
    compare,
    difference,
    false_discoveries,
    hour_blocks,
)
from coresponse.coverage.validation.records import travel_records
from coresponse.data.calls.history import CallHistory, Funnel


def made(n: int, days: int, *, slow: float = 1.0, seed: int = 1) -> tuple[np.ndarray, ...]:
    """Modeled seconds, recorded ones around them (a day is slow or fast as a whole), days."""
    rng = np.random.default_rng(seed)
    day = np.sort(rng.integers(0, days, n))
    modeled = rng.lognormal(6.3, 0.4, n)
    noise = rng.lognormal(-0.02, 0.2, n) * (1 + 0.05 * rng.standard_normal(days))[day]
    return modeled * noise * slow, modeled, day


def test_a_right_model_is_hardly_ever_called_off_and_a_slow_city_is_found() -> None:
    seeds = range(100)
    assert sum(compare(*made(400, 60, seed=s)).verdict == "off" for s in seeds) <= 2
    assert sum(compare(*made(400, 60, seed=s)).verdict == "fits" for s in seeds) >= 95
    assert all(compare(*made(200, 60, slow=1.25, seed=s)).verdict == "off" for s in seeds)
    words = compare(*made(400, 60, slow=1.43)).words()[0]
    assert words.startswith("Recorded responses are ")
    assert "longer than modeled" in words


def test_few_records_cannot_tell() -> None:
    recorded, modeled, day = made(25, 5, seed=3)
    found = compare(recorded * np.random.default_rng(1).lognormal(0, 0.5, 25), modeled, day)
    assert found.verdict == "cannot tell"
    assert "cannot tell" in found.words()[0]
    assert compare(np.zeros(0), np.zeros(0), np.zeros(0, dtype=int)).verdict == "cannot tell"


def test_the_band_over_days_holds_the_true_difference() -> None:
    held = 0
    for seed in range(200):
        recorded, modeled, day = made(500, 40, slow=1.1, seed=seed)
        found = difference(recorded, modeled, day)
        held += found.low <= 0.1 <= found.high
    assert held >= 184  # 95% of 200, less two standard errors


def test_a_slow_peak_is_named_though_all_hours_together_fit() -> None:
    recorded, modeled, day = made(3_000, 90)
    hour = np.random.default_rng(2).integers(0, 168, 3_000)
    peak = (hour % 24 >= 15) & (hour % 24 < 18)
    recorded = np.where(peak, recorded * 1.3, recorded * 0.97)
    found = compare(recorded, modeled, day, groups={"hour": hour_blocks(hour)})
    assert found.verdict == "fits"
    table = found.groups["hour"]
    assert table["named"]["15-18"]
    assert table["bias"]["15-18"] == pytest.approx(0.3, abs=0.06)
    assert table["named"].sum() <= 2
    assert "By hour: " in found.words()[1]


def test_one_far_district_is_named_once_all_are_slow() -> None:
    recorded, modeled, day = made(2_000, 90, slow=1.3)
    where = np.array([f"D{k}" for k in np.arange(2_000) % 10], dtype=object)
    recorded = np.where(where == "D3", recorded * 1.4, recorded)
    table = compare(recorded, modeled, day, groups={"district": where}).groups["district"]
    assert table.index[table["named"]].tolist() == ["D3"]
    thin = np.where(np.arange(2_000) < 14, "few", "all").astype(object)
    assert not compare(recorded, modeled, day, groups={"district": thin}).groups["district"][
        "named"
    ]["few"]


def test_stamps_of_other_calls_are_set_aside_with_a_count() -> None:
    recorded, modeled, day = made(500, 60)
    recorded[:25] *= 20
    found = compare(recorded, modeled, day)
    assert found.set_aside == 25
    assert found.verdict == "fits"
    assert any("25 records" in line for line in found.words())


def test_shares_in_time_are_flagged_beyond_chance_only() -> None:
    recorded, modeled, day = made(2_000, 90)
    in_time = recorded <= 600
    chance = np.full(2_000, in_time.mean())
    right = compare(recorded, modeled, day, in_time=(in_time, chance))
    assert not right.share_off
    wrong = compare(recorded, modeled, day, in_time=(in_time, chance + 0.1))
    assert wrong.share_off
    assert any(line.startswith("In time were ") for line in wrong.words())


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_false_discoveries_by_hand(p: list[float]) -> None:
    found = false_discoveries(np.array(p))
    order = sorted(p)
    ok = [k for k in range(len(p)) if order[k] <= 0.05 * (k + 1) / len(p)]
    limit = order[ok[-1]] if ok else -1.0
    assert found.tolist() == [each <= limit for each in p]


def history(rows: list[dict[str, object]]) -> CallHistory:
    frame = pd.DataFrame(rows)
    for name in ("received_at", "dispatched_at", "arrived_at", "cleared_at"):
        frame[name] = pd.to_datetime(frame[name]).dt.tz_localize("UTC")
    frame = frame.assign(call_class="low", node=np.arange(len(frame), dtype=np.int32))
    nothing = pd.DataFrame()
    return CallHistory(frame, "EPSG:32618", "UTC", 2.0, Funnel(()), nothing, nothing)


def row(unit: str, received: str, sent: str, there: str, free: str) -> dict[str, object]:
    day = "2024-03-04 "
    times = dict(
        zip(
            ("received_at", "dispatched_at", "arrived_at", "cleared_at"),
            (None if t is None else day + t for t in (received, sent, there, free)),
            strict=True,
        )
    )
    return {"unit_id": unit, **times}


def test_travels_are_those_of_the_planned_units_from_their_posts() -> None:
    calls = history(
        [
            row("C1", "08:00:00", "08:02:00", "08:12:30", "08:50:00"),
            row("POLICE", "08:05:00", "08:06:00", "08:09:00", "08:30:00"),
            row("C1", "08:54:00", "08:55:00", "09:01:10", "09:30:00"),  # on the way home
            row("C1", "10:00:00", "10:02:00", "10:02:00", "10:30:00"),  # no travel
            row("C2", "11:00:00", "11:02:00", "16:00:00", "16:30:00"),  # another call's stamp
            row("C2", "18:00:00", "18:02:00", "18:09:05", "18:30:00"),
        ]
    )
    found = travel_records(calls, units=["C1", "C2"])
    assert found.row.tolist() == [0, 5]
    assert found.clock == "dispatched_at"
    assert found.observed_s.tolist() == [630.0, 425.0]
    assert set(found.set_aside.values()) == {1}
    assert len(found.set_aside) == 4
    everyone = travel_records(calls, from_posts=False)
    assert everyone.n == 4
    assert "Whose arrivals these are is not stated" in everyone.notes[0]
    assert travel_records(calls, units=["C9"]).notes == (
        "No record names a unit of the deployment.",
    )


def test_one_clock_holds_for_the_whole_history() -> None:
    rows = [row("C1", "08:00:00", "08:02:00", "08:12:00", "08:50:00")] * 2
    unsent = [{**row("C1", "09:00:00", "09:02:00", "09:12:00", "09:50:00"), "dispatched_at": None}]
    found = travel_records(history(rows + unsent * 5), from_posts=False)
    assert found.clock == "received_at"
    assert found.n == 7
    assert any("whole minutes" in note for note in found.notes)
