"""The phone desk against published tables, linear algebra and simulation; what comes of a week's calls."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coresponse.coverage.phone_stage import phone_answer
from coresponse.coverage.queueing.phone import PhoneDesk, clinicians_needed
from coresponse.data.errors import InputError
from coresponse.data.programs.load import load_program
from coresponse.data.programs.phone import PhoneStage
from coresponse.data.sourced import SourcedNumber


def test_erlang_a_and_c_as_published() -> None:
    # Garnett, Mandelbaum and Reiman (2002): 50 agents, 48 calls a minute of 1 min, patience 2 min
    patient, hanging_up = PhoneDesk(2_880, 1.0, 50), PhoneDesk(2_880, 1.0, 50, 2.0)
    assert hanging_up.share_hung_up == pytest.approx(0.031, abs=0.0005)
    assert patient.mean_wait_s == pytest.approx(20.8, abs=0.05)
    assert hanging_up.mean_wait_s == pytest.approx(3.7, abs=0.05)
    for desk, wait_s, near_s in ((patient, 58.1, 0.05), (hanging_up, 12.5, 0.1)):  # nine in ten
        assert desk.share_waiting_longer(wait_s + near_s) < 0.1
        assert desk.share_waiting_longer(wait_s - near_s) > 0.1
    assert patient.waiting == pytest.approx(17, abs=0.5)
    assert hanging_up.waiting == pytest.approx(3, abs=0.5)
    assert (patient.busy_share, hanging_up.busy_share) == pytest.approx((0.96, 0.93), abs=0.005)


@pytest.mark.parametrize(
    ("calls_per_h", "handle_min", "clinicians", "waiting", "within_20_s", "mean_wait_s"),
    [
        (60, 5.0, 7, 0.3241, 0.7163, 48.6),  # Koole, Call Center Optimization: C(7, 5)
        (200, 3.0, 14, 0.1741, 0.8884, 7.8),  # 10 erlangs, the usual example of 80% within 20 s
    ],
)
def test_erlang_c_as_published(
    calls_per_h: float,
    handle_min: float,
    clinicians: int,
    waiting: float,
    within_20_s: float,
    mean_wait_s: float,
) -> None:
    desk = PhoneDesk(calls_per_h, handle_min, clinicians)
    assert desk.share_waiting == pytest.approx(waiting, abs=5e-5)
    assert desk.share_within(20.0) == pytest.approx(within_20_s, abs=5e-5)
    assert desk.mean_wait_s == pytest.approx(mean_wait_s, abs=0.05)


def test_ten_erlangs_take_fourteen_clinicians() -> None:
    assert clinicians_needed(200, 3.0, within_s=20, share=0.8) == 14
    assert clinicians_needed(0.0, 3.0) == 0


@given(st.floats(0.2, 40), st.floats(2, 40), st.integers(1, 12), st.floats(0.5, 60))
@settings(deadline=None, max_examples=20)
def test_erlang_a_equals_the_balance_equations(
    calls_per_h: float, handle_min: float, clinicians: int, patience_min: float
) -> None:
    desk = PhoneDesk(calls_per_h, handle_min, clinicians, patience_min)
    size = clinicians + 400
    up = calls_per_h
    down = [
        min(n, clinicians) * 60 / handle_min + max(n - clinicians, 0) * 60 / patience_min
        for n in range(size)
    ]
    generator = np.diag(np.full(size - 1, up), 1) + np.diag(down[1:], -1)
    generator -= np.diag(generator.sum(axis=1))
    matrix = np.vstack([generator.T[:-1], np.ones(size)])
    p = np.linalg.solve(matrix, np.append(np.zeros(size - 1), 1.0))
    queue = np.maximum(np.arange(size) - clinicians, 0)
    assert desk.share_waiting == pytest.approx(p[clinicians:].sum(), abs=1e-9)
    assert desk.waiting == pytest.approx(p @ queue, abs=1e-8)
    assert desk.busy_share == pytest.approx(
        p @ np.minimum(np.arange(size), clinicians) / clinicians, abs=1e-9
    )
    # all who wait are answered or hang up in the end
    assert desk.share_within(1e5) + desk.share_hung_up == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("patience_min", [None, 3.0])
def test_waits_are_those_of_a_simulated_desk(patience_min: float | None) -> None:
    rng, n, clinicians = np.random.default_rng(8), 200_000, 4
    desk = PhoneDesk(9.0, 22.0, clinicians, patience_min)
    come = np.cumsum(rng.exponential(3600 / 9, n))
    talk = rng.exponential(22 * 60, n)
    patience = np.full(n, np.inf) if patience_min is None else rng.exponential(patience_min * 60, n)
    free, wait = np.zeros(clinicians), np.zeros(n)
    for k in range(n):
        first = int(free.argmin())
        wait[k] = max(free[first] - come[k], 0.0)
        if wait[k] <= patience[k]:
            free[first] = come[k] + wait[k] + talk[k]
    answered = wait <= patience
    assert desk.share_waiting == pytest.approx((wait > 0).mean(), abs=0.015)
    assert desk.share_hung_up == pytest.approx(1 - answered.mean(), abs=0.01)
    for limit in (30.0, 120.0, 600.0):
        assert desk.share_within(limit) == pytest.approx(
            (answered & (wait <= limit)).mean(), abs=0.015
        )
        assert desk.share_waiting_longer(limit) == pytest.approx(
            (np.minimum(wait, patience) > limit).mean(), abs=0.015
        )


def test_patience_without_end_is_erlang_c() -> None:
    plain, patient = PhoneDesk(20.0, 9.0, 5), PhoneDesk(20.0, 9.0, 5, 1e7)
    for figure in ("share_waiting", "mean_wait_s", "busy_share", "waiting"):
        assert getattr(patient, figure) == pytest.approx(getattr(plain, figure), rel=1e-4)
    assert patient.share_within(45.0) == pytest.approx(plain.share_within(45.0), rel=1e-5)
    for wait_s in (0.0, 20.0, 300.0):
        assert patient.share_waiting_longer(wait_s) == pytest.approx(
            plain.share_waiting_longer(wait_s), rel=1e-4
        )


@given(st.floats(0.5, 60), st.floats(2, 40), st.floats(0.5, 0.98), st.floats(0, 120))
@settings(deadline=None, max_examples=30)
def test_the_fewest_clinicians_are_just_enough(
    calls_per_h: float, handle_min: float, share: float, within_s: float
) -> None:
    n = clinicians_needed(calls_per_h, handle_min, within_s=within_s, share=share, patience_min=5.0)
    assert PhoneDesk(calls_per_h, handle_min, n, 5.0).share_within(within_s) >= share
    if n > 1:
        assert PhoneDesk(calls_per_h, handle_min, n - 1, 5.0).share_within(within_s) < share


def test_an_overloaded_desk_says_so() -> None:
    desk = PhoneDesk(20.0, 30.0, 10)
    assert desk.overloaded
    assert desk.mean_wait_s == np.inf
    assert (desk.share_within(60), desk.busy_share, desk.share_waiting) == (0, 1, 1)
    with pytest.raises(InputError, match="1 clinician or more"):
        PhoneDesk(20.0, 30.0, 0)
    with pytest.raises(InputError, match="below 1"):
        clinicians_needed(20.0, 30.0, share=1.0)


STAGE = PhoneStage(
    first={
        "crisis_low": {
            "988": SourcedNumber(value=0.9, low=0.8, high=1.0),
            "*": SourcedNumber(value=0.1, low=0.05, high=0.2),
        }
    },
    handle_min=SourcedNumber(value=20),
    patience_min=SourcedNumber(value=4),
    resolved_share=SourcedNumber(value=0.8, low=0.7, high=0.9),
    under_triage_share=SourcedNumber(value=0.05, low=0.0, high=0.1),
    over_triage_share=SourcedNumber(value=0.25),
)


def week(calls: dict[tuple[str, str], float]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            (name, channel, hour, amount / 168)
            for (name, channel), amount in calls.items()
            for hour in range(168)
        ],
        columns=["call_class", "channel", "hour", "calls_per_week"],
    )


CALLS = week({("crisis_low", "988"): 168.0, ("crisis_low", "911"): 336.0, ("welfare", "911"): 84.0})


def test_what_comes_of_a_weeks_calls_adds_up() -> None:
    found = phone_answer(CALLS, STAGE, np.full(168, 2))
    flows = found.flows
    parts = flows[["straight_to_field", "hung_up", "passed_on", "came_later", "ended"]].sum(axis=1)
    np.testing.assert_allclose(parts, flows["calls"])
    np.testing.assert_allclose(flows["field"] + flows["ended"], flows["calls"])
    assert (flows["field_low"] <= flows["field"]).all()
    assert (flows["field"] <= flows["field_high"]).all()
    assert flows.loc[("welfare", "911"), "field"] == 84
    desk = PhoneDesk((0.9 * 168 + 0.1 * 336) / 168, 20.0, 2, 4.0)
    answered = 0.9 * 168 * (1 - desk.share_hung_up)
    row = flows.loc[("crisis_low", "988")]
    assert row["ended"] == pytest.approx(answered * 0.8 * 0.95)
    assert row["passed_on_needlessly"] == pytest.approx(answered * 0.2 * 0.25)
    assert row["field_low"] == pytest.approx(168 - 168 * (1 - desk.share_hung_up) * 0.9)
    assert row["field_high"] == pytest.approx(
        168 - 0.8 * 168 * (1 - desk.share_hung_up) * 0.7 * 0.9
    )
    assert found.by_hour["mean_wait_s"].to_numpy() == pytest.approx(desk.mean_wait_s)
    assert found.clinician_hours_per_week == 336


def test_a_closed_desk_leaves_all_calls_to_the_field() -> None:
    flows = phone_answer(CALLS, STAGE, np.zeros(168, dtype=np.int64)).flows
    np.testing.assert_allclose(flows["field"], flows["calls"])
    assert (flows["ended"] == 0).all()


def test_a_desk_staffed_to_its_standard_meets_it_in_every_hour() -> None:
    found = phone_answer(CALLS, STAGE)
    assert (found.by_hour["share_in_time"] >= STAGE.within_share.value).all()
    assert found.clinician_hours_per_week == found.by_hour["clinicians_needed"].sum()
    fewer = found.by_hour["clinicians"].to_numpy() - 1
    short = phone_answer(CALLS, STAGE, fewer).by_hour
    assert (short["share_in_time"] < STAGE.within_share.value).all()


def test_a_program_file_may_have_a_phone_stage(tmp_path: Path) -> None:
    file = tmp_path / "program.toml"
    file.write_text(
        'extends = "star"\nname = "own"\n[phone]\nresolved_share = 0.7\n[phone.first.crisis_low]\n"988" = 0.95\n'
        '"*" = { value = 0.12, low = 0.05, high = 0.2, mark = "assumption", source = "own", year = 2026 }\n'
    )
    stage = load_program(file).phone
    assert stage is not None
    assert stage.share_first("crisis_low", "988").value == 0.95
    assert stage.share_first("crisis_low", "officer").high == 0.2
    assert stage.share_first("welfare", "988").value == 0.0
    file.write_text(
        'extends = "star"\nname = "own"\n[phone]\nresolved_share = 1.2\nhandle_min = 0\n[phone.first.flying]\n"*" = -1\n'
    )
    with pytest.raises(InputError) as caught:
        load_program(file)
    for words in ("flying", "resolved_share", "handle_min", "first.flying"):
        assert words in str(caught.value)
    with pytest.raises(InputError, match="hours of the week"):
        phone_answer(CALLS.assign(hour=168), STAGE)
