"""Calls that are not coded as what they are: shares of natures, into demand, with their range."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from coresponse.coverage.demand import demand_cells
from coresponse.coverage.drawn_calls import draw_calls
from coresponse.coverage.hidden import codes_and_hidden
from coresponse.coverage.measured_shares import measured_shares
from coresponse.coverage.replay.past import Past
from coresponse.coverage.replay.unknown import Unknowns, hidden_at
from coresponse.coverage.service.arrival_model import ArrivalModel
from coresponse.coverage.service.arrivals import fit_arrivals
from coresponse.coverage.service.days import DayEffect
from coresponse.coverage.service.real_calls import real_calls
from coresponse.data.calls.history import CallHistory, Funnel
from coresponse.data.errors import InputError
from coresponse.data.hours import WHOLE_WEEK
from coresponse.data.programs.load import load_program
from coresponse.data.programs.model import Program
from coresponse.data.programs.natures import class_shares, classify
from coresponse.data.roads.made import street_grid

STREETS = street_grid(3, 3, seed=2)


def own_program(tmp_path: Path, classes: str, *, extends: str = "ride-along") -> Program:
    file = tmp_path / "program.toml"
    file.write_text(f'extends = "{extends}"\nname = "own"\n{classes}')
    return load_program(file)


def history(natures: list[str], program: Program, *, days: float = 70.0) -> CallHistory:
    frame = pd.DataFrame(
        {
            "call_id": [f"c{k}" for k in range(len(natures))],
            "received_at": pd.date_range("2026-01-05", periods=len(natures), freq="h", tz="UTC"),
            "nature": natures,
            "node": np.arange(len(natures), dtype=np.int32) % 3,
        }
    )
    frame["call_class"] = classify(frame["nature"], program)
    nothing = pd.DataFrame()
    return CallHistory(frame, STREETS.crs, "UTC", days, Funnel(()), nothing, nothing)


WELFARE = (
    '[call_classes.crisis_low.natures]\n"WELFARE*" = { share = [0.1, 0.3] }\n"MENTAL*" = {}\n'
    '"SUSPICIOUS" = { share = 0.05 }\n'
)


def test_a_share_with_a_range_is_carried_into_demand(tmp_path: Path) -> None:
    program = own_program(tmp_path, WELFARE)
    natures = ["WELFARE CHECK"] * 600 + ["MENTAL"] * 90 + ["SUSPICIOUS"] * 300 + ["NOISE"] * 40
    cells = demand_cells(history(natures, program), program, STREETS, periods=[WHOLE_WEEK])
    by_class = (
        pd.Series(cells.calls_per_week).groupby(np.array(cells.class_names)[cells.call_class]).sum()
    )
    # ten weeks: 600 x 0.2 + 90 + 300 x 0.05 in crisis, the other 480 welfare checks stay what they
    # are
    assert by_class["crisis_low"] == pytest.approx((120 + 90 + 15) / 10)
    assert by_class["welfare"] == pytest.approx(480 / 10)
    few, many = cells.at(0.0), cells.at(1.0)
    crisis = cells.call_class == cells.class_names.index("crisis_low")
    assert few.calls_per_week[crisis].sum() == pytest.approx((60 + 90 + 15) / 10)
    assert many.calls_per_week[crisis].sum() == pytest.approx((180 + 90 + 15) / 10)
    assert few.calls_per_week[~crisis].sum() == pytest.approx(540 / 10)
    # whoever they belong to, welfare checks are 600
    for hidden in (0.0, 0.3, 0.5, 1.0):
        assert cells.at(hidden).calls_per_week.sum() == pytest.approx((600 + 90 + 15) / 10)
    np.testing.assert_allclose(cells.at(0.5).calls_per_week, cells.calls_per_week)
    # a factor on demand, as scenarios have it, keeps the range
    doubled = replace(cells, calls_per_week=cells.calls_per_week * 2)
    np.testing.assert_allclose(doubled.at(0.0).calls_per_week, 2 * few.calls_per_week)


def test_demand_without_shares_has_no_range(tmp_path: Path) -> None:
    program = own_program(tmp_path, "")
    cells = demand_cells(
        history(["WELFARE CHECK", "MENTAL HEALTH"] * 20, program),
        program,
        STREETS,
        periods=[WHOLE_WEEK],
    )
    assert cells.if_few is None
    assert cells.at(0.0) is cells
    certain = own_program(
        tmp_path, '[call_classes.crisis_low.natures]\n"WELFARE*" = { share = 0.2 }\n'
    )
    cells = demand_cells(
        history(["WELFARE CHECK"] * 20, certain), certain, STREETS, periods=[WHOLE_WEEK]
    )
    assert cells.if_few is None
    assert cells.calls_per_week.sum() == pytest.approx(2.0)


def test_where_no_class_takes_the_others_the_share_alone_is_demand(tmp_path: Path) -> None:
    program = own_program(tmp_path, WELFARE, extends="b-heard")
    calls = history(["SUSPICIOUS"] * 400, program)
    cells = demand_cells(calls, program, STREETS, periods=[WHOLE_WEEK])
    assert cells.calls_per_week.sum() == pytest.approx(400 * 0.05 / 10)
    assert cells.calls.sum() == 400
    assert classify(pd.Series(["SUSPICIOUS", "WELFARE CHECK", "OTHER"]), program).tolist() == [
        "crisis_low",
        "welfare",
        "not_eligible",
    ]


def test_the_most_specific_rule_decides_whether_a_nature_is_shared(tmp_path: Path) -> None:
    program = own_program(
        tmp_path,
        '[call_classes.crisis_low.natures]\n"AB*" = { share = [0.2, 0.4] }\n"ABCD" = {}\n'
        '[call_classes.welfare]\nnatures = ["ABC*", "AB*"]\n',
    )
    found = class_shares(pd.Series(["ABX", "ABCX", "abcd", "ZZ"]), program)
    rows = [tuple(row) for row in found.round(9).itertuples(index=False)]
    assert rows == [
        ("ABX", "crisis_low", 0.2, 0.3, 0.4),
        ("ABX", "welfare", 0.8, 0.7, 0.6),
        ("ABCX", "welfare", 1.0, 1.0, 1.0),
        ("abcd", "crisis_low", 1.0, 1.0, 1.0),
    ]


@given(
    st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=1, max_size=4),
    st.lists(st.integers(0, 5), min_size=1, max_size=60),
)
@settings(deadline=None, max_examples=40)
def test_no_call_is_counted_twice_or_lost(shares: list[tuple[int, int]], coded: list[int]) -> None:
    base = load_program("ride-along")
    classes = dict(base.call_classes)
    crisis, welfare = classes["crisis_low"], classes["welfare"]
    table = {f"N{k}": {"share": [min(s) / 100, max(s) / 100]} for k, s in enumerate(shares)}
    classes["crisis_low"] = type(crisis).model_validate({"title": "c", "natures": table})
    classes["welfare"] = type(welfare).model_validate({"title": "w", "natures": ["N*"]})
    program = base.model_copy(update={"call_classes": classes})
    calls = history([f"N{k}" for k in coded], program)
    cells = demand_cells(calls, program, STREETS, periods=[WHOLE_WEEK])
    assert cells.calls_per_week.sum() == pytest.approx(len(coded) / 10)
    for hidden in (0.0, 1.0):
        assert cells.at(hidden).calls_per_week.sum() == pytest.approx(len(coded) / 10, rel=1e-6)


def test_shares_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        own_program(
            tmp_path,
            '[call_classes.crisis_low.natures]\n"A*" = { share = [0.4, 0.1] }\n"B*" = { share = 1.5 }\n'
            '"C*" = { part = 0.1 }\n"D*" = { share = "some" }\n',
        )
    for words in ("A*", "above its high end", "B*", "C*", "D*"):
        assert words in str(caught.value)
    with pytest.raises(InputError, match="by a share"):
        own_program(
            tmp_path,
            '[call_classes.crisis_low.natures]\n"A*" = { share = 0.1 }\n'
            '[call_classes.welfare.natures]\n"a*" = { share = 0.2 }\n',
        )


def test_what_codes_say_and_what_they_hide(tmp_path: Path) -> None:
    program = own_program(tmp_path, WELFARE)
    natures = ["WELFARE CHECK"] * 600 + ["MENTAL"] * 90 + ["SUSPICIOUS"] * 300 + ["NOISE"] * 40
    table = codes_and_hidden(history(natures, program), program).set_index(["nature", "says"])
    assert table.index.tolist() == [
        ("WELFARE CHECK", "a share of its calls"),
        ("WELFARE CHECK", "the other calls"),
        ("SUSPICIOUS", "a share of its calls"),
        ("MENTAL", "all of its calls"),
        ("NOISE", "no class takes it"),
    ]
    row = table.loc[("WELFARE CHECK", "a share of its calls")]
    assert row[["hidden_low_per_week", "hidden_per_week", "hidden_high_per_week"]].tolist() == (
        pytest.approx([6, 12, 18])
    )
    assert table.loc[("MENTAL", "all of its calls"), "hidden_per_week"] == 0
    assert table.loc[("MENTAL", "all of its calls"), "expected_per_week"] == pytest.approx(9)
    assert np.isnan(table.loc[("NOISE", "no class takes it"), "hidden_per_week"])
    others = table.loc[("WELFARE CHECK", "the other calls")]
    assert others["expected_per_week"] == pytest.approx(48)
    assert others["share_low"] > others["share_high"]
    # by code alone 90 of 1,030 calls; with what codes hide 225
    crisis = table[table["call_class"] == "crisis_low"]
    assert crisis["expected_per_week"].sum() * 10 == pytest.approx(225)


def test_shares_measured_from_a_flag() -> None:
    rng = np.random.default_rng(4)
    nature = pd.Series(rng.choice(["WELFARE", "NOISE", "MENTAL"], 3_000, p=[0.5, 0.4, 0.1]))
    true = nature.map({"WELFARE": 0.2, "NOISE": 0.01, "MENTAL": 1.0})
    flag = pd.Series(rng.random(3_000) < true)
    table = measured_shares(nature, flag)
    assert table.index.tolist() == ["WELFARE", "NOISE", "MENTAL"]
    for name, row in table.iterrows():
        again = stats.binomtest(int(row["flagged"]), int(row["calls"])).proportion_ci(
            method="wilson"
        )
        assert (row["low"], row["high"]) == pytest.approx((again.low, again.high))
        assert row["low"] <= true[nature == name].iloc[0] <= row["high"] + 1e-12
    with pytest.raises(InputError, match="same calls"):
        measured_shares(nature, flag[:5])


def drawn_calls_a_week(model: ArrivalModel, hidden: float, seed: int) -> dict[str, float]:
    drawn = draw_calls(model.at(hidden), weeks=300, seed=seed)
    names, counts = np.unique(np.array(drawn.class_names)[drawn.call_class], return_counts=True)
    return dict(zip(names.tolist(), (counts / 300).tolist(), strict=True))


def test_a_share_with_a_range_is_carried_into_the_calls_that_are_drawn(tmp_path: Path) -> None:
    program = own_program(tmp_path, WELFARE)
    natures = ["WELFARE CHECK"] * 600 + ["MENTAL"] * 90 + ["SUSPICIOUS"] * 300 + ["NOISE"] * 40
    rng = np.random.default_rng(4)
    calls = history([natures[k] for k in rng.permutation(len(natures))], program)
    model = fit_arrivals(calls, program)
    cells = demand_cells(calls, program, STREETS, periods=[WHOLE_WEEK])
    assert model.ranged
    for hidden in (0.0, 0.5, 1.0):
        by_code = pd.Series(cells.at(hidden).calls_per_week)
        wanted = by_code.groupby(np.array(cells.class_names)[cells.call_class]).sum()
        rate = dict(zip(model.class_names, model.at(hidden).rate_per_h.sum(axis=1), strict=True))
        found = drawn_calls_a_week(model, hidden, 7)
        for name, a_week in wanted.items():
            assert rate[str(name)] == pytest.approx(a_week, rel=1e-6)
            assert found[str(name)] == pytest.approx(a_week, rel=0.05)
    # at the nodes that replications take, the middle and the spread of the range are those of all
    # between
    ends = [hidden_at(k) for k in range(2)]
    assert np.mean(ends) == pytest.approx(0.5)
    assert np.var(ends) == pytest.approx(1 / 12)


def test_places_of_hidden_calls_count_by_their_share(tmp_path: Path) -> None:
    """600 welfare checks at one crossing, a fifth of them hidden, and 120 coded ones at another: as many each."""
    program = own_program(tmp_path, WELFARE)
    calls = history(["WELFARE CHECK"] * 600 + ["MENTAL"] * 120, program)
    frame = calls.frame.assign(node=np.where(calls.frame["nature"] == "MENTAL", 1, 0))
    drawn = draw_calls(fit_arrivals(replace(calls, frame=frame), program), weeks=100, seed=2)
    low = drawn.call_class == drawn.class_names.index("crisis_low")
    assert drawn.node[low].mean() == pytest.approx(0.5, abs=0.03)


def test_recorded_calls_are_hidden_ones_by_their_share_and_the_same_each_time(
    tmp_path: Path,
) -> None:
    program = own_program(tmp_path, WELFARE)
    calls = history(["WELFARE CHECK"] * 6_000 + ["SUSPICIOUS"] * 4_000 + ["NOISE"] * 40, program)
    taken = real_calls(calls, program)
    names, counts = np.unique(taken.call_class, return_counts=True)
    by_class = dict(zip([taken.class_names[k] for k in names], counts.tolist(), strict=True))
    assert by_class["crisis_low"] == pytest.approx(6_000 * 0.2 + 4_000 * 0.05, rel=0.08)
    if "welfare" in taken.class_names:
        assert by_class["welfare"] == pytest.approx(6_000 * 0.8, rel=0.03)
    again = real_calls(calls, program)
    assert taken.call_id is not None
    assert again.call_id is not None
    assert (taken.call_id == again.call_id).all()
    assert taken.n + taken.not_eligible == len(calls.frame)


def test_bands_hold_at_both_ends_of_a_range() -> None:
    """A figure that is 10 with few hidden calls and 14 with many: its band holds both."""
    rng = np.random.default_rng(1)
    days = np.repeat(np.arange(300), 4)
    past = Past((), days, 300, DayEffect(0.0, 0.0, 0.0), unknown=Unknowns(hidden=True))
    values = [10 + 4 * hidden_at(k) + 0.1 * rng.standard_normal() for k in range(20)]
    daily = rng.standard_normal((300, 5)) * 0.5
    year = past.two_bands(values, daily, 52.0)
    assert year.truth.mean == pytest.approx(12, abs=0.1)
    assert year.truth.low < 10 < 14 < year.truth.high
    assert year.single.low <= year.truth.low
    # and no wider than it must be; where the range is none, nothing is added
    assert year.truth.high - year.truth.low < 4.6
    plain = replace(past, unknown=Unknowns())
    even = [12 + 0.1 * rng.standard_normal() for _ in range(20)]
    same = [year.truth.high - year.truth.low for year in (p.two_bands(even, daily, 52.0) for p in (plain, past))]  # fmt: skip
    assert same[1] == pytest.approx(same[0], abs=0.15)
