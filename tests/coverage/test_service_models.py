"""Service, arrival and police models.

What they take from calls, what they leave to the program, and what they say.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from coresponse.coverage.drawn_calls import draw_calls
from coresponse.coverage.service.arrival_model import WEEK_S
from coresponse.coverage.service.arrivals import fit_arrivals
from coresponse.coverage.service.model import ENOUGH_CALLS, fit_service
from coresponse.coverage.service.police import fit_police_arrival
from coresponse.coverage.service.real_calls import real_calls
from coresponse.coverage.service.week import week_shape
from coresponse.data.calls.history import CallHistory, Funnel
from coresponse.data.errors import InputError
from coresponse.data.hours import Period, WeekHours
from coresponse.data.programs.load import load_program
from coresponse.data.programs.model import Program
from coresponse.data.sourced import SourcedNumber

PROGRAM = load_program("mixed")
LOW = "crisis_low"


def history(received: pd.DatetimeIndex, *, days: float, **columns: object) -> CallHistory:
    n = len(received)
    frame = pd.DataFrame(
        {
            "call_id": [f"C{k}" for k in range(n)],
            "received_at": received,
            "arrived_at": pd.Series(
                pd.NaT, index=range(n), dtype="datetime64[ns, America/New_York]"
            ),
            "cleared_at": pd.Series(
                pd.NaT, index=range(n), dtype="datetime64[ns, America/New_York]"
            ),
            "call_class": LOW,
            "node": np.arange(n, dtype=np.int32) % 7,
        }
    ).assign(**columns)
    return CallHistory(
        frame, "EPSG:32618", "America/New_York", days, Funnel(()), pd.DataFrame(), pd.DataFrame()
    )


def times(n: int, *, weeks: int = 4, seed: int = 1) -> pd.DatetimeIndex:
    seconds = np.sort(np.random.default_rng(seed).uniform(0, weeks * WEEK_S, n))
    return pd.Timestamp("2024-01-01", tz="America/New_York") + pd.to_timedelta(seconds, unit="s")


def served(n: int, minutes: np.ndarray, *, waited_min: float = 8.0) -> CallHistory:
    received = times(n)
    arrived = received + pd.Timedelta(minutes=waited_min)
    return history(
        received,
        days=28.0,
        arrived_at=arrived,
        cleared_at=arrived + pd.to_timedelta(minutes, unit="min"),
    )


def test_the_programs_figures_are_drawn_as_they_stand() -> None:
    model = fit_service(None, PROGRAM)
    assert model.mean_by_class_s() == pytest.approx(PROGRAM.service_min() * 60)
    u = np.random.default_rng(1).random((200_000, 2))
    drawn = model.draw(np.zeros(len(u), dtype=np.int64), u)
    share = np.bincount(drawn.outcome, minlength=3) / len(u)
    assert share == pytest.approx(
        [o.share.value for o in PROGRAM.service_outcomes.values()], abs=0.004
    )
    total = (drawn.on_scene_s + drawn.transport_s + drawn.paperwork_s).astype(np.float64)
    assert total.mean() == pytest.approx(PROGRAM.service_min() * 60, rel=0.01)
    moved = drawn.outcome == list(PROGRAM.service_outcomes).index("transport")
    assert (drawn.transport_s[moved] > 0).all()
    assert drawn.transport_s[~moved].max() == 0
    assert np.quantile(total, 0.99) > 3 * total.mean()  # a long tail
    assert model.notes == ("Service times: the program's figures.",)


def test_recorded_times_are_used_where_there_are_enough() -> None:
    minutes = np.random.default_rng(2).lognormal(3.5, 0.6, 400)
    model = fit_service(served(400, minutes), PROGRAM)
    assert model.basis[model.class_names.index(LOW)] == "calls"
    assert model.basis[model.class_names.index("welfare")] == "program"
    assert model.observed[model.class_names.index(LOW)] == 400
    assert any("400 recorded times" in note for note in model.notes)
    low = model.class_names.index(LOW)
    assert model.mean_by_class_s()[low] == pytest.approx(minutes.mean() * 60, rel=0.02)
    u = np.random.default_rng(3).random((50_000, 2))
    drawn = model.draw(np.full(len(u), low), u)
    total = drawn.on_scene_s + drawn.transport_s + drawn.paperwork_s
    for q in (0.1, 0.5, 0.9):
        assert np.quantile(total, q) == pytest.approx(np.quantile(minutes, q) * 60, rel=0.04)
    # the shortest are taken for calls where nobody is found, the longest for transports
    order = [total[drawn.outcome == k].mean() for k in np.argsort(model.mean_s.sum(axis=1))]
    assert order == sorted(order)
    assert fit_service(served(400, minutes), PROGRAM, basis="program").basis == ("program",) * 3


def test_few_recorded_times_and_impossible_ones_are_not() -> None:
    few = fit_service(served(ENOUGH_CALLS - 1, np.full(ENOUGH_CALLS - 1, 30.0)), PROGRAM)
    assert set(few.basis) == {"program"}
    assert any(f"{ENOUGH_CALLS - 1} recorded times are fewer" in note for note in few.notes)
    minutes = np.full(100, 30.0)
    minutes[:3], minutes[3:5] = 60 * 20, -5.0
    model = fit_service(served(100, minutes), PROGRAM)
    assert model.observed[0] == 95
    assert any("3 recorded times above 12 h" in note for note in model.notes)
    assert np.nanmax(model.recorded_s) == pytest.approx(1800.0)


def test_a_class_may_have_shares_of_its_own() -> None:
    shares = {"no_contact": SourcedNumber(value=0.5), "on_scene": SourcedNumber(value=0.5)}
    welfare = PROGRAM.call_classes["welfare"].model_copy(update={"outcome_shares": shares})
    program = PROGRAM.model_copy(
        update={"call_classes": {**PROGRAM.call_classes, "welfare": welfare}}
    )
    model = fit_service(None, program)
    row = model.share[model.class_names.index("welfare")]
    assert dict(zip(model.outcome_names, row, strict=True)) == {
        "no_contact": 0.5,
        "on_scene": 0.5,
        "transport": 0.0,
    }
    bad = {**PROGRAM.model_dump(by_alias=True), "call_classes": {}}
    bad["call_classes"] = {
        name: kind.model_dump()
        | ({"outcome_shares": {"on_scene": 0.7}} if name == "welfare" else {})
        for name, kind in PROGRAM.call_classes.items()
    }
    with pytest.raises(ValueError, match="outcome_shares"):
        Program.model_validate(bad)


def test_police_arrive_as_they_did_by_district_and_hour() -> None:
    n = 4_000
    received = times(n)
    district = np.arange(n) % 2
    waited = np.where(district == 0, 5.0, 20.0) + np.random.default_rng(4).uniform(-1, 1, n)
    calls = history(received, days=28.0, arrived_at=received + pd.to_timedelta(waited, unit="min"))
    model = fit_police_arrival(calls, PROGRAM, district=district)
    u = np.random.default_rng(5).random(1000)
    near = model.draw(np.zeros(1000, dtype=np.int64), np.full(1000, 12), u)
    far = model.draw(np.ones(1000, dtype=np.int64), np.full(1000, 12), u)
    # 500 calls a district and block: nearly their own times, a little of everybody's
    assert near.mean() == pytest.approx(5 * 60, rel=0.15)
    assert far.mean() == pytest.approx(20 * 60, rel=0.15)
    outside = model.draw(np.full(1000, -1), np.full(1000, 12), u)
    assert outside.mean() == pytest.approx(12.5 * 60, rel=0.03)
    assert (np.diff(model.quantile_s, axis=-1) >= 0).all()
    little = fit_police_arrival(served(10, np.full(10, 30.0)), PROGRAM)
    assert little.quantile_s == pytest.approx(PROGRAM.standards.police_arrival_min.value * 60)
    assert "10 recorded arrivals are fewer" in little.notes[0]


def test_the_shape_of_the_week_is_found_again() -> None:
    hours = np.arange(168)
    true = 1 + 0.6 * np.sin((hours % 24 - 13) / 24 * 2 * np.pi)
    true *= np.where(hours // 24 >= 5, 1.4, 1.0)
    true /= true.sum()
    count = np.random.default_rng(6).poisson(true * 10_000).astype(np.float64)
    blocks = np.zeros(24, dtype=np.int64)
    shape = week_shape(count, np.full(168, 52.0), blocks=blocks)
    assert shape.sum() == pytest.approx(1.0)
    # better than raw counts
    assert np.abs(shape - true).sum() < 0.5 * np.abs(count / count.sum() - true).sum()
    nothing = week_shape(np.zeros(168), np.full(168, 1.0), blocks=blocks)
    assert nothing == pytest.approx(1 / 168)


def test_one_day_gives_no_week_and_no_season() -> None:
    received = pd.Timestamp("2021-07-04", tz="America/New_York") + pd.to_timedelta(
        np.arange(96) * 900.0, unit="s"
    )
    model = fit_arrivals(history(received, days=1.0), PROGRAM)
    assert model.rate_per_h.sum() == pytest.approx(7 * 96)
    by_day = model.rate_per_h.sum(axis=0).reshape(7, 24).sum(axis=1)
    assert by_day == pytest.approx(np.full(7, 96.0), rel=0.01)
    text = " ".join(model.notes)
    assert "1 of 7 days of the week" in text
    assert "no season" in text
    assert "96 calls are few" in text


def test_drawn_calls_follow_the_model() -> None:
    received = times(3_000, weeks=20)
    night = received.hour < 12
    calls = history(received, days=140.0, node=np.where(night, 1, 2).astype(np.int32))
    calls.frame.loc[::5, "call_class"] = "not_eligible"
    periods = [
        Period("am", WeekHours.parse("daily 00:00-12:00")),
        Period("pm", WeekHours.parse("daily 12:00-24:00")),
    ]
    model = fit_arrivals(calls, PROGRAM, periods=periods, district=np.where(night, 0, 1))
    assert model.other_per_week == pytest.approx(30.0)
    drawn = draw_calls(model, weeks=200, seed=1)
    assert drawn.n / 200 == pytest.approx(120.0, rel=0.03)
    assert (np.diff(drawn.received_s) >= 0).all()
    assert 0 <= drawn.received_s[0] < drawn.received_s[-1] < 200 * WEEK_S
    am = drawn.received_s // 3600 % 24 < 12
    assert (drawn.node[am] == 1).mean() > 0.99
    assert (drawn.node[~am] == 2).mean() > 0.99
    assert (drawn.district == drawn.node - 1).all()
    again = draw_calls(model, weeks=200, seed=1)
    np.testing.assert_array_equal(drawn.received_s, again.received_s)
    assert draw_calls(model, weeks=200, seed=1, demand_factor=2.0).n == pytest.approx(
        2 * drawn.n, rel=0.03
    )


def test_real_calls_keep_their_wall_clock() -> None:
    received = pd.DatetimeIndex(
        ["2024-03-09 23:30", "2024-03-10 03:30", "2024-03-11 00:15"]
    ).tz_localize("America/New_York")
    calls = history(received, days=2.0)
    calls.frame.loc[2, "call_class"] = "not_eligible"
    taken = real_calls(calls, PROGRAM)
    # a Saturday and the Sunday on which clocks went forward
    assert (taken.received_s / 3600).tolist() == [5 * 24 + 23.5, 6 * 24 + 3.5]
    assert taken.call_id is not None
    assert taken.call_id.tolist() == ["C0", "C1"]
    assert taken.not_eligible == 5  # 1 to 10 are not told
    assert taken.start_s == 5 * 86_400  # two days from Saturday
    assert np.flatnonzero(taken.hours_seen()).tolist() == list(range(5 * 24, 7 * 24))
    empty = history(received, days=2.0, call_class="not_eligible")
    with pytest.raises(InputError, match="no call is of a class"):
        fit_arrivals(empty, PROGRAM)
