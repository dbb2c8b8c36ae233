"""A case: what follows from it, what the next one shares with it, and what it refuses."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from coresponse.coverage.demand import demand_cells
from coresponse.coverage.response import response_table
from coresponse.data.errors import InputError
from coresponse.data.hours import WeekHours
from coresponse.data.options import Deployment
from coresponse.data.sample_city import sample_folder
from coresponse.optimize.case import Case
from coresponse.optimize.goals.goal import Floor, ShareInTime, Tail
from coresponse.optimize.optimize_once import optimize_once
from coresponse.study.read import read_study


@pytest.fixture(scope="module")
def case() -> Case:
    return read_study(sample_folder()).case


def test_a_case_is_frozen_and_makes_the_next(case: Case) -> None:
    with pytest.raises(FrozenInstanceError):
        case.seed = 2  # type: ignore[misc]
    other = case.with_(seed=2, demand=1.5, budget_per_year=1e6, closed=frozenset({"P01"}))
    assert (other.seed, other.factors.demand, other.limits.budget_per_year) == (2, 1.5, 1e6)
    assert other.limits.units == case.limits.units
    assert (case.seed, case.factors.demand, case.limits.budget_per_year) == (1, 1.0, None)
    with pytest.raises(InputError, match=r"no colour -- it has: .*budget_per_year.*demand.*seed"):
        case.with_(colour="red")


def test_its_table_is_the_one_worked_out_by_hand(case: Case) -> None:
    city = case.city
    cells = demand_cells(
        city.calls, city.program, city.roads, periods=city.periods, districts=city.districts
    )
    table = response_table(city.roads, city.posts, city.program, case.options, cells)
    np.testing.assert_array_equal(case.table.response_s, table.response_s)
    assert case.table.fallback_s == table.fallback_s


def test_response_times_are_worked_out_once_for_all_that_share_them(case: Case) -> None:
    table = case.base_table
    for other in (
        case.with_(units={"co_responder_unit": 1}),
        case.with_(demand=2.0),
        case.with_(target_min=10.0),
        case.with_(wages={"clinician": 1.08}),
        case.with_(closed=frozenset({"P07"})),
    ):
        assert other.base_table is table
    assert case.with_(speed=0.8).base_table is not table
    assert case.with_(speed=0.8).base_table is case.with_(speed=0.8).base_table


def test_factors_change_what_they_name(case: Case) -> None:
    cells = case.table.cells
    more = case.with_(demand=1.2, classes={"crisis_high": 2.0}).table.cells.calls_per_week
    high = cells.call_class == cells.class_names.index("crisis_high")
    np.testing.assert_allclose(more, cells.calls_per_week * np.where(high, 2.4, 1.2))
    night = case.with_(periods={"night": 0.5}).table.cells
    named = np.array([period.name.startswith("night") for period in night.periods])
    np.testing.assert_allclose(
        night.calls_per_week, cells.calls_per_week * np.where(named[cells.period], 0.5, 1.0)
    )
    closed = case.with_(closed=frozenset({"P07"})).table
    at = np.array([option.post_id == "P07" for option in closed.options])
    assert np.isinf(closed.response_s[at]).all()
    np.testing.assert_array_equal(closed.response_s[~at], case.table.response_s[~at])


def test_channels_and_districts_scale_their_share_of_calls(case: Case) -> None:
    frame = case.city.calls.frame
    eligible = frame[frame["call_class"].isin(case.table.cells.class_names)]
    channel = eligible["channel"].iloc[0]
    share = (eligible["channel"] == channel).mean()
    total = case.table.cells.calls_per_week.sum()
    more = case.with_(channels={str(channel): 2.0}).table.cells.calls_per_week.sum()
    assert more == pytest.approx(total * (1 + share))
    assert case.city.districts is not None
    first = case.city.districts.frame["district_id"].iloc[0]
    inside = case.table.cells.calls_per_week[case.table.cells.district == 0].sum()
    less = case.with_(districts={str(first): 0.0}).table.cells.calls_per_week.sum()
    assert less == pytest.approx(total - inside)


def test_speed_in_some_hours_is_the_mean_travel_time_of_the_period(case: Case) -> None:
    hours = WeekHours.parse("daily 07:00-09:00")
    changed = case.with_(speed=0.5, speed_hours=hours).world.periods
    for old, new in zip(case.city.periods, changed, strict=True):
        share = len(set(old.hours.hours) & set(hours.hours)) / len(old.hours.hours)
        assert new.speed_factor == pytest.approx(old.speed_factor / (share / 0.5 + 1 - share))


def test_wages_change_costs_and_no_drive(case: Case) -> None:
    more = case.with_(wages={"clinician": 1.08, "officer": 1.0})
    clinicians = case.option_cost[[o.responder_type == "on_call_clinician" for o in case.options]]
    changed = more.option_cost[[o.responder_type == "on_call_clinician" for o in case.options]]
    assert (changed > clinicians).all()
    assert (changed <= clinicians * 1.08 + 1e-6).all()


def test_a_moved_post_is_as_if_it_had_always_stood_there(case: Case) -> None:
    posts = case.city.posts.frame
    place = (-73.9857, 40.7484)
    moved = case.with_(moved={"P07": place})
    rows = [i for i, option in enumerate(case.options) if option.post_id == "P07"]
    others = [i for i in range(len(case.options)) if i not in rows]
    np.testing.assert_array_equal(moved.table.response_s[others], case.table.response_s[others])
    frame = moved.world.posts.frame
    city = replace(case.city, posts=replace(case.city.posts, frame=frame))
    direct = Case(city).table.response_s
    np.testing.assert_array_equal(moved.table.response_s[rows], direct[rows])
    assert not frame.equals(posts)


def test_the_lean_case_answers_without_the_calls(case: Case) -> None:
    bare = pickle.loads(pickle.dumps(case.lean()))
    assert not len(bare.city.calls.frame)
    np.testing.assert_array_equal(bare.table.response_s, case.table.response_s)
    np.testing.assert_array_equal(bare.service.recorded_s, case.service.recorded_s)
    one, other = (optimize_once(each).solution for each in (bare, case))
    np.testing.assert_array_equal(one.counts, other.counts)
    assert one.objective == other.objective


def test_a_part_of_the_history_uses_the_response_times_again(case: Case) -> None:
    calls = case.city.calls
    few = replace(calls, frame=calls.frame.iloc[::7].reset_index(drop=True), days=calls.days / 2)
    part = case.with_calls(few)
    direct = Case(replace(case.city, calls=few))
    np.testing.assert_array_equal(
        part.table.response_s[:, part.table.column],
        direct.table.response_s[:, direct.table.column],
    )


def test_what_stays_stays_and_nothing_else_is_bought_where_that_is_asked(case: Case) -> None:
    some = Deployment.of("some", {case.options[0]: 1, case.options[-1]: 1})
    found = optimize_once(case.with_(stays=some)).deployment.as_dict()
    assert all(found.get(option, 0) >= count for option, count in some.counts)
    within = optimize_once(case.with_(within=some)).deployment.as_dict()
    assert set(within) <= {option for option, _ in some.counts}


def test_goals_are_counted_from_their_definition(case: Case) -> None:
    share = case.with_(goal=ShareInTime())
    tail = case.with_(goal=Tail(alpha=0.9), floors=(Floor(by="all", share_in_time=0.99),))
    assert share.waiting is not None
    assert tail.waiting is None
    found = optimize_once(share)
    problem = share.problem()
    late = share.value(problem, found.solution.counts)
    assert late == pytest.approx(found.solution.objective)
    assert share.broken(problem, found.solution.counts) == []
    assert tail.broken(problem, found.solution.counts) != []
    assert tail.value(problem, found.solution.counts) > late


def test_all_that_stands_in_the_way_is_said_at_once(case: Case) -> None:
    wrong = case.with_(target_min=61.0, units={"wizard": 1}, closed=frozenset({"nowhere"}))
    with pytest.raises(InputError, match="3 things must be fixed before planning") as caught:
        wrong.check()
    for said in ("61 min", "wizard", "nowhere"):
        assert said in str(caught.value)
    case.check()
