"""Dollars of clinicians on the phone: in every cost of a case and in its budget, from one source."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_cities import CLINICIAN, UNIT, Judged, case_of, city

from coresponse.coverage.queueing.phone import PhoneDesk
from coresponse.data.hours import WeekHours
from coresponse.data.limits import Limits
from coresponse.data.programs.cost import desk_lines, yearly_cost
from coresponse.data.programs.phone import PhoneStage
from coresponse.data.sourced import SourcedNumber
from coresponse.optimize.case import Case
from coresponse.optimize.choose import choose
from coresponse.optimize.evaluate_case import kept_calls
from coresponse.optimize.explain import explain
from coresponse.optimize.goals.goal import LeastCost
from coresponse.optimize.ladder import ladder
from coresponse.optimize.solve_case import solve, solve_as_spent
from coresponse.publish.disclosure import INTERNAL
from coresponse.publish.search import publish_search
from coresponse.questions.compare.run import compare
from coresponse.questions.sweep.axes import axes_of
from coresponse.questions.sweep.tables import costs


def exactly(value: float) -> SourcedNumber:
    return SourcedNumber(value=value)


STAGE = PhoneStage(
    first={"crisis_low": {"*": exactly(0.6)}}, handle_min=exactly(30.0), resolved_share=exactly(0.8)
)


def with_phone(stage: PhoneStage | None = STAGE, seed: int = 2, **asked: object) -> Case:
    made = city(seed, n_posts=5)
    return case_of(replace(made, program=made.program.model_copy(update={"phone": stage})), **asked)


def units(case: Case, count: int = 1) -> np.ndarray:
    counts = np.zeros(len(case.options), dtype=np.int64)
    counts[[o.responder_type == UNIT for o in case.options].index(True)] = count
    return counts


def test_lines_add_up_by_hand_and_empty_positions_are_worked_as_overtime() -> None:
    program = with_phone().with_(vacancy={"clinician": 0.2}, wages={"clinician": 1.5}).program
    rate = 1.5 * 58
    pay, overtime, led = desk_lines(program, 70.0)
    year = 70 * 365.25 / 7
    assert pay.per_year == pytest.approx(year * rate)
    extra = program.staffing.overtime_pay_factor.value - 1
    assert overtime.per_year == pytest.approx(0.2 * year * rate * extra)
    share = program.staffing.supervision_share
    assert led.per_year == pytest.approx((pay.per_year + overtime.per_year) * share)
    for line in (pay, overtime, led):
        assert np.prod(list(line.factors.values())) == pytest.approx(line.per_year)
    assert desk_lines(with_phone(None).program, 70.0) == ()
    assert desk_lines(program, 0.0) == ()


def test_a_desk_is_paid_by_its_shifts_as_stated_or_to_the_standard() -> None:
    two = with_phone(STAGE.model_copy(update={"clinicians": 2})).phone
    assert two is not None
    assert two.clinician_hours_per_week == 336
    found = with_phone().phone
    assert found is not None
    calls = found.by_hour["calls"].to_numpy()
    assert found.shifts
    for words, seats in found.shifts.items():
        inside = WeekHours.parse(words).mask()
        assert inside.sum() == 56
        assert (found.by_hour["clinicians"][inside] == seats).all()
        # one seat less would not do
        for there, enough in ((seats, True), (seats - 1, False)):
            in_time = sum(
                n * PhoneDesk(n, 30.0, there, STAGE.patience_min.value).share_within(60)
                for n in calls[inside]
                if n and there
            )
            assert (in_time >= 0.9 * calls[inside].sum()) == enough


@pytest.mark.parametrize(
    ("hours", "shifts"),
    [
        ("always", ["daily 07:00-15:00", "daily 15:00-23:00", "daily 23:00-07:00"]),
        ("daily 08:00-22:00", ["daily 08:00-15:00", "daily 15:00-22:00"]),
        ("Mon-Fri 20:00-02:00; Sat 10:00-14:00", ["Sat 10:00-14:00", "Mon-Fri 20:00-02:00"]),
    ],
)
def test_open_hours_of_a_desk_are_shifts_of_at_most_eight_hours(
    hours: str, shifts: list[str]
) -> None:
    stage = STAGE.model_copy(update={"hours": WeekHours.parse(hours)})
    assert [one.words() for one in stage.shifts] == shifts


def test_every_cost_of_a_case_has_the_desk_in_it() -> None:
    case, without = with_phone(), with_phone(None)
    assert case.desk_cost > 100_000
    assert without.desk_cost == 0
    counts = units(case, 2)
    bought = case.deployment(counts)
    plain = yearly_cost(case.program, bought)
    assert case.yearly_cost(bought) == pytest.approx(plain + case.desk_cost)
    # the replay's spending, the sweep's table, percent of today's, and the ladder
    idle = np.zeros(len(counts))
    assert Judged(case).trials.yardstick.dollars(counts, idle) == pytest.approx(
        plain + case.desk_cost
    )
    table = costs(case, bought)
    assert table["cost_per_year"] == pytest.approx(plain + case.desk_cost, rel=1e-6)
    today = replace(case, city=replace(case.city, today=bought))
    (axis,) = axes_of({"budget": "50%"}, today)
    assert axis.values[0] == pytest.approx((plain + case.desk_cost) / 2)
    judged = Judged(today)
    rungs = ladder(today, bought, judged.setup, trials=judged.trials)
    assert rungs["today"].dollars == pytest.approx(plain + case.desk_cost)
    assert rungs["plan"].dollars == rungs["today"].dollars


def test_a_budget_pays_the_desk_first() -> None:
    plain = with_phone(None)
    price = float(plain.option_cost[units(plain).argmax()])
    for asked, spared in ((plain, 0.0), (with_phone(), with_phone().desk_cost)):
        budget = 2.5 * price + spared
        case = asked.with_(limits=Limits(budget_per_year=budget, units={UNIT: 5, CLINICIAN: 0}))
        judged = Judged(case)
        found = choose(case, solve_as_spent(case, judged.trials), judged.setup)
        assert found.counts.sum() == 2
        assert found.dollars == pytest.approx(2 * price + spared)
    less = with_phone().with_(limits=Limits(budget_per_year=2.5 * price, units={CLINICIAN: 0}))
    assert solve(less).best.solution.counts.sum() <= 2.5 - less.desk_cost / price


def test_a_budget_below_the_desk_is_infeasible_and_says_why() -> None:
    case = with_phone().with_(limits=Limits(budget_per_year=50_000))
    best = solve(case).best
    assert not best.found
    (one,) = explain(case.problem()).limits
    assert "for clinicians on the phone" in one.limit
    assert one.by == pytest.approx(case.desk_cost - 50_000, rel=1e-6)


def test_least_cost_is_told_with_the_desk() -> None:
    case = with_phone(goal=LeastCost(share=0.3, target_min=20), busy="free")
    best = solve(case).best
    assert best.found
    told = publish_search(best.solution, INTERNAL.city(case.table.cells), desk_cost=case.desk_cost)
    spent = case.yearly_cost(best.deployment)
    assert told.objective == pytest.approx(spent)
    assert told.stages[0].value == pytest.approx(spent)
    assert {name: value for name, value, _ in told.figures or ()}["cost"] == pytest.approx(spent)
    assert case.all_dollars(case.value(case.problem(), best.solution.counts), told.unit) == (
        pytest.approx(spent)
    )
    assert told.gap <= 1e-3


def test_more_calls_take_more_at_the_desk_also_where_the_calls_are_left_out() -> None:
    case = with_phone(STAGE.model_copy(update={"handle_min": exactly(120.0)}))
    busier = case.with_(demand=2.0)
    assert busier.desk_cost > case.desk_cost
    assert case.lean().with_(demand=2.0).desk_cost == busier.desk_cost
    none_first = case.with_(classes={"crisis_low": 0.0})
    assert none_first.desk_cost == 0
    by_channel = case.with_(channels={"911": 2.0})
    assert by_channel.desk_cost == busier.desk_cost
    assert case.with_(periods={case.city.periods[0].name: 2.0}).desk_cost == busier.desk_cost


def test_the_desk_takes_its_classes_whoever_is_on_the_street() -> None:
    case = with_phone()
    kinds = {
        name: kind.model_copy(update={"eligible": ("crisis_high",)})
        for name, kind in case.city.program.responder_types.items()
    }
    program = case.city.program.model_copy(update={"responder_types": kinds})
    other = case_of(replace(case.city, program=program))
    assert other.desk_cost == case.desk_cost
    assert set(other.table.cells.class_names) == {"crisis_high"}


def test_bands_and_unseen_calls_rest_on_those_that_the_phone_leaves() -> None:
    case, plain = with_phone(), with_phone(None)
    setups = [Judged(one).setup for one in (case, plain)]
    runs = [setup.past[0].calls for setup in setups]
    low = runs[1].class_names.index("crisis_low")
    n = [[int((one.call_class == k).sum()) for k in (low, 1 - low)] for one in runs]
    assert n[0][1] == n[1][1]  # the phone takes no crisis_high
    ended = case.by_phone["crisis_low"]
    left, spread = n[1][0] * (1 - ended), np.sqrt(n[1][0] * ended * (1 - ended))
    assert abs(n[0][0] - left) < 4 * spread
    # the same calls in all replays, each of them one of the history
    assert {scene.calls.n for scene in setups[0].past} == {sum(n[0])}
    assert set(runs[0].received_s) < set(runs[1].received_s)
    kept = kept_calls(case, case.city.calls)
    assert kept is not None
    assert kept[0, low] == pytest.approx(1 - ended)
    assert kept[0, low + 1 :].tolist() == [1.0] * (kept.shape[1] - low - 1)
    assert kept_calls(plain, plain.city.calls) is None


def test_fewer_assumed_calls_leave_fewer_for_bands() -> None:
    plain = with_phone(None)
    half = Judged(plain.with_(classes={"crisis_low": 0.5})).setup.past[0].calls
    whole = Judged(plain).setup.past[0].calls
    low = whole.class_names.index("crisis_low")
    n = int((whole.call_class == low).sum())
    assert abs(int((half.call_class == low).sum()) - n / 2) < 2 * np.sqrt(n)
    many = Judged(plain.with_(classes={"crisis_low": 3.0})).setup.past[0].calls
    assert many.n == whole.n


def test_programs_side_by_side_meet_the_same_desk() -> None:
    short = {"replications": 2, "weeks": 1}
    case, programs, budget = with_phone(), ["ride-along", "on-call"], 1_800_000.0
    case = replace(case, evaluation=case.evaluation.model_copy(update=short))
    case = case.with_(posts_may=("P0", "P1"), max_per_post=1)
    found = compare(case, programs, budget_per_year=budget, time_limit_s=1)
    assert [one.entrant.case.desk_cost for one in found.programs] == [case.desk_cost] * 2
    cells = case.table.cells
    assert found.calls_per_week == pytest.approx(float(cells.calls_per_week.sum()))
    assert case.phone is not None
    assert found.by_phone_per_week == pytest.approx(float(case.phone.flows["ended"].sum()))
    for one in found.programs:
        assert one.plan is not None
        bought = one.plan.plan.deployment
        assert one.plan.cost >= case.desk_cost + 0.5 * yearly_cost(one.entrant.program, bought)
        assert one.plan.cost <= budget * 1.01
