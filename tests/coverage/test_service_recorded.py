"""Service times from records with long ones, clicks and calls that nobody closed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coresponse.coverage.service.model import fit_service
from coresponse.coverage.service.recorded import equal_parts, usable_times
from coresponse.coverage.service.service_model import PARTS
from coresponse.data.calls.history import CallHistory, Funnel
from coresponse.data.programs.load import load_program

PROGRAM = load_program("mixed")
LOW = "crisis_low"
LOGNORMAL = np.random.default_rng(1).lognormal(3.5, 0.6, 9_412) * 60


def served(n: int, minutes: np.ndarray) -> CallHistory:
    arrived = pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(np.arange(n) * 0.5, unit="h")
    frame = pd.DataFrame(
        {
            "received_at": arrived,
            "arrived_at": arrived,
            "cleared_at": arrived + pd.to_timedelta(minutes, unit="min"),
            "call_class": LOW,
        }
    )
    nothing = pd.DataFrame()
    return CallHistory(frame, "EPSG:32618", "UTC", n / 48, Funnel(()), nothing, nothing)


def test_one_long_record_weighs_as_one_record() -> None:
    """One of 11.9 h among 9,412 moved the drawn mean by 3%: a line was drawn up to it."""
    with_it = np.append(LOGNORMAL[1:], 11.9 * 3600) / 60
    plain, long = (
        fit_service(served(len(LOGNORMAL), minutes), PROGRAM, basis="calls")
        for minutes in (LOGNORMAL / 60, with_it)
    )
    c = plain.class_names.index(LOW)
    moved = long.mean_by_class_s()[c] / plain.mean_by_class_s()[c] - 1
    assert 0 < moved < 0.003
    u = np.random.default_rng(2).random((400_000, 2))
    drawn = long.draw(np.full(len(u), c), u)
    whole = drawn.on_scene_s + drawn.transport_s + drawn.paperwork_s
    assert whole.mean() == pytest.approx(with_it.mean() * 60, rel=0.004)
    for q in (0.05, 0.25, 0.5, 0.75, 0.95, 0.99):
        assert np.quantile(whole, q) == pytest.approx(np.quantile(with_it, q) * 60, rel=0.03)


def test_calls_that_the_system_closed_and_clicks_are_counted_out() -> None:
    n = len(LOGNORMAL)
    rng = np.random.default_rng(3)
    closed = np.where(rng.random(n) < 0.05, 8 * 3600.0, LOGNORMAL)
    found = usable_times(closed)
    assert found.closed_late == (closed == 8 * 3600).sum()
    assert found.seconds.mean() == pytest.approx(LOGNORMAL.mean(), rel=0.01)
    swept = np.where(rng.random(n) < 0.05, rng.uniform(9, 12, n) * 3600, LOGNORMAL)
    assert usable_times(swept).seconds.mean() == pytest.approx(LOGNORMAL.mean(), rel=0.01)
    clicks = np.where(rng.random(n) < 0.30, 1.0, LOGNORMAL)
    found = usable_times(clicks)
    assert found.clicks == pytest.approx(0.30 * n, rel=0.05)
    assert found.seconds.mean() == pytest.approx(LOGNORMAL.mean(), rel=0.01)
    notes = " ".join(fit_service(served(n, clicks / 60), PROGRAM).notes)
    assert f"{found.clicks:,} recorded times under 30 s" in notes


@pytest.mark.parametrize("spread", [0.4, 0.6, 0.9])
@pytest.mark.parametrize("hours", [(2, 2), (4, 4.2), (8, 9)])
def test_heaps_at_a_long_time_are_found_though_others_are_as_long(
    spread: float, hours: tuple[float, float]
) -> None:
    """A system that closes calls within ten minutes after four hours moved the mean by 34%."""
    rng = np.random.default_rng(7)
    good = rng.lognormal(np.log(1_500), spread, 9_000)
    good = good[good <= 12 * 3600]
    heap = np.round(rng.uniform(hours[0], hours[1], 450) * 3600)
    found = usable_times(np.r_[good, heap])
    assert found.closed_late == pytest.approx(450, abs=45)
    assert found.seconds.mean() == pytest.approx(good.mean(), rel=0.025)


@pytest.mark.parametrize("minutes", [1, 5, 15, 30])
@pytest.mark.parametrize("n", [60, 600, 6_000])
def test_stamps_in_round_times_are_no_heaps(minutes: int, n: int) -> None:
    lost = 0
    for seed in range(20):
        times = np.random.default_rng(seed).lognormal(np.log(3_600), 0.7, n)
        stamps = np.maximum(np.round(times / 60 / minutes), 1) * minutes * 60
        lost += usable_times(stamps).closed_late
    assert lost <= 0.005 * 20 * n


def test_a_long_tail_and_round_stamps_are_kept() -> None:
    assert usable_times(LOGNORMAL).n == len(LOGNORMAL)
    stamps = np.maximum(np.round(LOGNORMAL / 300) * 300, 300.0)
    assert usable_times(stamps).n == len(stamps)
    modes = np.concatenate(
        [m * 60 * np.random.default_rng(4).lognormal(0, 0.5, 2_000) for m in (12, 45, 130)]
    )
    assert usable_times(modes).closed_late == 0


def test_crews_without_an_officer_do_not_inherit_police_times() -> None:
    program = load_program("cahoots")
    civil = [
        name
        for name, kind in program.call_classes.items()
        if any(name in t.eligible for t in program.responder_types.values())
        and not any(
            "officer" in t.crew and name in t.eligible for t in program.responder_types.values()
        )
    ]
    assert civil
    calls = served(400, np.random.default_rng(5).lognormal(2.5, 0.6, 400))
    calls.frame["call_class"] = civil[0]
    model = fit_service(calls, program)
    c = model.class_names.index(civil[0])
    assert model.basis[c] == "scaled"
    stated = fit_service(None, program).mean_by_class_s()[c]
    assert model.mean_by_class_s()[c] == pytest.approx(stated)
    assert any("crews without an officer" in note for note in model.notes)
    assert fit_service(calls, program, basis="calls").basis[c] == "calls"


@given(
    sample=st.lists(st.floats(30, 40_000), min_size=1, max_size=900),
    parts=st.sampled_from([1, 7, PARTS]),
)
def test_equal_parts_have_the_samples_mean_and_order(sample: list[float], parts: int) -> None:
    seconds = np.sort(np.array(sample))
    means = equal_parts(seconds, parts)
    assert means.mean() == pytest.approx(seconds.mean())
    assert (np.diff(means) >= -1e-6 * seconds.max()).all()
    assert seconds[0] * (1 - 1e-9) <= means.min()
    assert means.max() <= seconds[-1] * (1 + 1e-9)
