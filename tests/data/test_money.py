"""Money over years, added up by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coresponse.data.errors import InputError
from coresponse.data.options import Deployment, Option
from coresponse.data.programs.cost import annual_cost, yearly_cost
from coresponse.data.programs.load import load_program
from coresponse.data.programs.money import (
    Money,
    Yearly,
    ends,
    first_short_year,
    money_over_years,
    new_people,
)
from coresponse.data.programs.phone import PhoneStage
from coresponse.data.toml import check_model
from coresponse.publish.money import publish_money
from coresponse.results.money import LINES, money_frame, money_json, write_money

MIXED = load_program("mixed")
DAY = Option("co_responder_unit", "P1", "day_10h")
PLAN, TODAY = Deployment.of("plan", {DAY: 3}), Deployment.of("today", {DAY: 1})
UNIT = annual_cost(MIXED, "co_responder_unit", "day_10h")


def stated(**content: Any) -> Money:
    flat = {"wage_growth": 0.0, "price_growth": 0.0, "years": 3}
    return check_model({**flat, **content}, Money, subject="money.toml")


def test_three_years_by_hand() -> None:
    money = stated(
        first_month="2026-07",
        wage_growth=0.1,
        price_growth=0.05,
        in_service=[0.5, 1.0],
        replaced_after_years=2,
    )
    one, two, three = money_over_years(MIXED, money, PLAN, TODAY, call_outs=(900.0, 300.0))
    vehicle = 70 * 365.25 / 7 * 8
    staff = UNIT.total - vehicle
    start_up = UNIT.start_up
    # a unit more than today's one, then two more
    assert one.staff == pytest.approx(2 * staff)
    assert two.staff == pytest.approx(3 * staff * 1.1)
    assert three.staff == pytest.approx(3 * staff * 1.21)
    assert [y.vehicles for y in (one, two, three)] == pytest.approx(
        [2 * vehicle, 3 * vehicle * 1.05, 3 * vehicle * 1.1025]
    )
    assert [y.call_outs for y in (one, two, three)] == pytest.approx([600, 900 * 1.1, 900 * 1.21])
    assert [y.start_up for y in (one, two, three)] == pytest.approx([start_up, start_up * 1.05, 0])
    # today's one wears out by halves; what was bought in the first year is bought again in the
    # third
    assert [y.replacement for y in (one, two, three)] == pytest.approx(
        [start_up / 2, start_up / 2 * 1.05, 1.5 * start_up * 1.1025]
    )
    # 3 units take 7 officers and 7 clinicians, 1 unit 3 and 3: four are hired of each, two months
    # each
    learning = 4 * 2 / 12 * 1698 * (85 + 58)
    assert [y.first_months for y in (one, two, three)] == pytest.approx(
        [learning / 2, learning / 2 * 1.1, 0]
    )
    assert [(y.first, y.last) for y in (one, two)] == [
        ("2026-07", "2027-06"),
        ("2027-07", "2028-06"),
    ]
    assert one.general_fund == one.cost
    assert two.cost == pytest.approx(
        two.staff + two.vehicles + two.call_outs + two.start_up + two.replacement + two.first_months
    )


def test_hiring_begins_before_a_year_by_the_longest_onboarding() -> None:
    money = stated(first_month="2026-07", in_service=[0.5, 1.0])
    years = money_over_years(MIXED, money, PLAN, TODAY)
    # four officers and four clinicians are new, two months each until they work alone
    assert [year.hired for year in years] == [4, 4, 0]
    assert [year.hiring_from for year in years] == ["2026-05", "2027-05", None]
    told = publish_money(years, money, name="City", notice="", run="plan-1").sentences
    assert any(
        s.startswith(
            "Hiring of 4 new people and 1 supervisor for the year from July 2027 begins by May 2027"
        )
        for s in told
    )
    assert new_people(MIXED, PLAN, TODAY) == {"officer": (4, 2.0), "clinician": (4, 2.0)}
    nobody = money_over_years(MIXED, money, TODAY, PLAN)
    assert {(year.hired, year.hiring_from) for year in nobody} == {(0, None)}


def test_clinicians_on_the_phone_are_paid_from_the_first_year_on_and_grow_with_pay() -> None:
    program = MIXED.model_copy(update={"phone": PhoneStage(first={})})
    money = stated(wage_growth=0.1, in_service=[0.5, 1.0])
    with_desk = money_over_years(program, money, PLAN, TODAY, desk_hours_per_week=100)
    without = money_over_years(program, money, PLAN, TODAY)
    desk = 100 * 365.25 / 7 * 58 * (1 + 1.15 / 9)
    assert [y.phone for y in with_desk] == pytest.approx([desk, desk * 1.1, desk * 1.21])
    for one, other in zip(with_desk, without, strict=True):
        assert one.cost == pytest.approx(other.cost + one.phone)


def test_a_grant_that_ends_within_a_year_pays_its_months() -> None:
    match = {"name": "match", "share": 0.85, "last_month": "2027-03"}
    money = stated(first_month="2026-07", funding=[match])
    one, two, _ = money_over_years(MIXED, money, PLAN, PLAN)
    assert dict(one.paid)["match"] == pytest.approx(0.85 * one.cost * 9 / 12)
    assert dict(two.paid)["match"] == 0
    years = (one, two)
    ((name, month, dollars),) = ends(money, years)
    assert (name, month) == ("match", "2027-04")
    assert dollars == pytest.approx(0.85 * one.cost)


def test_sources_pay_in_their_order_up_to_their_caps_and_never_more_than_is_left() -> None:
    sources = [
        {"name": "match", "share": 0.5, "at_most_per_year": 100_000},
        {"name": "billing", "dollars_per_call": 200, "share_of_calls": 0.25},
        {"name": "settlement", "dollars_per_year": 1e9},
        {"name": "late", "dollars_per_year": 5},
    ]
    money = stated(funding=sources)
    (one, *_) = money_over_years(MIXED, money, PLAN, TODAY, calls_reached_per_year=(1000, 0))
    paid = dict(one.paid)
    assert paid["match"] == pytest.approx(100_000)
    assert paid["billing"] == pytest.approx(50_000)
    assert paid["settlement"] == pytest.approx(one.cost - 150_000)
    assert paid["late"] == 0
    assert one.general_fund == pytest.approx(0, abs=1e-6)


def told_of(money: Money, years: tuple[Yearly, ...]) -> tuple[str, ...]:
    return publish_money(years, money, name="City", notice="", run="plan-1").sentences


def test_what_a_source_that_stays_takes_up_is_not_the_general_fund_s() -> None:
    sources = [
        {"name": "grant", "dollars_per_year": 300_000, "last_month": "2028-06"},
        {"name": "levy", "share": 1.0},
    ]
    money = stated(first_month="2027-07", funding=sources)
    years = money_over_years(MIXED, money, PLAN, PLAN)
    assert all(year.general_fund == pytest.approx(0, abs=1e-6) for year in years)
    assert list(ends(money, years)) == []
    assert not any("pays" in said and "more a year" in said for said in told_of(money, years))
    # the levy takes up 100,000 of the 300,000
    capped = [sources[0], {"name": "levy", "share": 1.0, "at_most_per_year": 0}]
    cost = years[0].cost
    capped[1]["at_most_per_year"] = cost - 200_000
    money = stated(first_month="2027-07", funding=capped)
    years = money_over_years(MIXED, money, PLAN, PLAN)
    ((name, month, more),) = ends(money, years)
    assert (name, month) == ("grant", "2028-07")
    assert more == pytest.approx(years[1].general_fund - years[0].general_fund) == 200_000


def test_sources_that_end_together_are_told_together() -> None:
    sources = [
        {"name": "grant", "share": 0.85, "last_month": "2028-06"},
        {"name": "gift", "dollars_per_year": 1e9, "last_month": "2028-06"},
    ]
    money = stated(first_month="2027-07", funding=sources)
    years = money_over_years(MIXED, money, PLAN, PLAN)
    ((name, _, more),) = ends(money, years)
    assert name == "grant and gift"
    assert more == pytest.approx(years[1].cost)


def test_a_source_that_is_there_in_none_of_the_years_is_said() -> None:
    sources = [
        {"name": "old grant", "share": 0.85, "last_month": "2027-06"},
        {"name": "late levy", "share": 0.85, "first_month": "2030-07"},
    ]
    money = stated(first_month="2027-07", funding=sources)
    said = told_of(money, money_over_years(MIXED, money, PLAN, PLAN))
    assert "old grant pays nothing in these years: it ends in June 2027, before the first." in said
    assert "late levy pays nothing in these years: it begins in July 2030." in said
    assert not any("more a year" in one for one in said)


def test_calls_are_billed_as_the_plan_comes_into_service() -> None:
    money = stated(
        in_service=[0.5, 1.0],
        funding=[{"name": "billing", "dollars_per_call": 100, "share_of_calls": 0.5}],
    )
    one, two, _ = money_over_years(MIXED, money, PLAN, TODAY, calls_reached_per_year=(1000, 400))
    assert dict(one.paid)["billing"] == pytest.approx(700 * 50)
    assert dict(two.paid)["billing"] == pytest.approx(1000 * 50)
    (first, *_) = money_over_years(MIXED, money, PLAN, None, calls_reached_per_year=(1000, 0))
    assert dict(first.paid)["billing"] == pytest.approx(500 * 50)


def test_the_first_year_in_which_it_no_longer_fits() -> None:
    cost = money_over_years(MIXED, stated(), PLAN, PLAN)[0].cost
    grant = {"name": "grant", "dollars_per_year": 300_000, "last_month": "2028-06"}
    money = stated(first_month="2027-07", funding=[grant], general_fund_per_year=cost - 100_000)
    years = money_over_years(MIXED, money, PLAN, PLAN)
    short = first_short_year(money, years)
    assert short is not None
    assert short.first == "2028-07"
    told = publish_money(years, money, name="City", notice="", run="plan-1").sentences
    assert "From July 2028 the general fund pays $300,000 more a year (end of grant)." in told
    assert any(s.startswith("In the year from July 2028 the plan no longer fits") for s in told)
    wide = stated(general_fund_per_year=cost + 1)
    assert first_short_year(wide, money_over_years(MIXED, wide, PLAN, PLAN)) is None
    fits = publish_money(years, wide, name="City", notice="", run="plan-1").sentences
    assert any("in all 3 years" in s for s in fits)


def test_a_plan_that_never_fits_is_not_said_to_fit_no_longer() -> None:
    years = money_over_years(MIXED, stated(), PLAN, PLAN)
    money = stated(general_fund_per_year=years[0].cost - 100_000)
    told = publish_money(years, money, name="City", notice="", run="plan-1").sentences
    assert any(s.startswith("In the year from July 2027 the plan does not fit") for s in told)


def test_dollars_are_rounded_once() -> None:
    """A grant of $1,234,567 was said to be $1.24 million: to the thousand first, and then to two decimals."""
    grant = {"name": "grant", "dollars_per_year": 1_234_567, "last_month": "2028-06"}
    money = stated(first_month="2027-07", funding=[grant])
    years = money_over_years(MIXED, money, PLAN, PLAN)
    told = publish_money(years, money, name="City", notice="", run="plan-1").sentences
    assert "From July 2028 the general fund pays $1,235,000 more a year (end of grant)." in told


def test_a_year_that_alone_is_short_is_not_said_to_be_the_first_of_many() -> None:
    """New units' start-up is paid once: the year after fits again."""
    years = money_over_years(MIXED, stated(in_service=[0, 1]), PLAN, TODAY)
    money = stated(general_fund_per_year=years[2].cost + 1)
    assert years[1].cost > years[2].cost + 1 > years[0].cost
    told = publish_money(years, money, name="City", notice="", run="plan-1").sentences
    assert any(s.startswith("In the year from July 2028 the plan does not fit") for s in told)


def test_what_nobody_stated_is_marked_as_assumed(tmp_path: Path) -> None:
    """Years until vehicles are bought again were marked as the planner's own figure."""
    money = check_model({"years": 2, "wage_growth": 0.04}, Money, subject="money.toml")
    years = money_over_years(MIXED, money, PLAN, TODAY)
    run = write_money(publish_money(years, money, name="City", notice="", run="plan-1"), tmp_path)
    sheet = openpyxl.load_workbook(run.folder / "money.xlsx")["Assumptions"]
    marks = {row[0]: row[2:4] for row in sheet.iter_rows(values_only=True)}
    assert marks["years"] == ("planner", None)
    assert marks["wage growth"][0] == "planner"
    for name in ("first month", "in service", "price growth", "replaced after years"):
        mark, source = marks[name]
        assert mark == "assumption", name
        assert str(source).startswith("planning default")


def test_vehicles_of_units_that_a_plan_gives_up_are_not_bought_again() -> None:
    money = stated(in_service=[0.5, 1.0], price_growth=0.0, replaced_after_years=30)
    fewer = Deployment.of("plan", {DAY: 1})
    one, two, _ = money_over_years(MIXED, money, fewer, PLAN)
    before, after = (
        sum(n * MIXED.responder_types[name].start_up.value for name, n in of.by_type().items())
        for of in (PLAN, fewer)
    )
    assert one.replacement == pytest.approx((before + after) / 2 / 30)
    assert two.replacement == pytest.approx(after / 30)


def test_a_plan_like_today_costs_what_the_program_says_and_wears_out() -> None:
    (one, *_) = money_over_years(MIXED, stated(replaced_after_years=6), PLAN, PLAN)
    assert one.staff + one.vehicles == pytest.approx(yearly_cost(MIXED, PLAN))
    assert (one.start_up, one.first_months) == (0, 0)
    assert one.replacement == pytest.approx(3 * UNIT.start_up / 6)


@given(
    st.integers(0, 4),
    st.integers(0, 4),
    st.lists(st.floats(0, 1), min_size=1, max_size=3).map(sorted),
    st.floats(-0.1, 0.2),
    st.lists(st.floats(0, 1), max_size=3),
)
def test_every_dollar_is_paid_once(
    mine: int, theirs: int, in_service: list[float], growth: float, shares: list[float]
) -> None:
    sources = [{"name": f"s{k}", "share": share} for k, share in enumerate(shares)]
    money = stated(wage_growth=growth, in_service=in_service, funding=sources)
    plan, today = (Deployment.of("d", {DAY: n}) for n in (mine, theirs))
    for year in money_over_years(MIXED, money, plan, today):
        assert isinstance(year, Yearly)
        assert year.general_fund + sum(d for _, d in year.paid) == pytest.approx(year.cost)
        assert year.general_fund >= -1e-6
        assert all(dollars >= 0 for _, dollars in year.paid)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"funding": [{"name": "a"}]}, "state one of share"),
        ({"funding": [{"name": "a", "share": 0.5, "dollars_per_year": 1}]}, "state one of share"),
        ({"funding": [{"name": "a", "dollars_per_call": 5}]}, "stand together"),
        (
            {"funding": [{"name": "a", "share": 85}]},
            r"the first \[\[funding\]\] \('a'\): share: must be a share in \[0, 1\] -- for 85% write 0.85",
        ),
        (
            {"funding": [{"name": "a", "share": 0.1, "last_month": "2027-13"}]},
            "last_month: is not a month -- write one like 2027-07",
        ),
        ({"funding": [{"name": "a", "share": 0.1}, {"name": "a", "share": 0.1}]}, "same name"),
        ({"in_service": [1.0, 0.5]}, "rises from year to year"),
        ({"wage_growth": 3}, "wage_growth: is a share, such as 0.03 -- for 3% write 0.03"),
        ({"general_fund_per_year": "3.5M"}, "general_fund_per_year: is text -- write a number"),
        # each of its faults is told, whatever else is wrong
        ({"first_month": "2026-7", "wage_growth": 4, "years": 0}, "3 faults"),
        (
            {
                "funding": [
                    {
                        "name": "Late",
                        "share": 0.5,
                        "first_month": "2028-01",
                        "last_month": "2027-03",
                    }
                ]
            },
            "Late: ends in 2027-03, before 2028-01 -- correct",
        ),
        ({"years": 0}, "years"),
        ({"general_fund_per_year": -5}, "general_fund_per_year: must be from 0"),
        (
            {"funding": [{"name": "a", "dollars_per_call": 1e308, "share_of_calls": 1}]},
            "dollars_per_call: must be from 0 to",
        ),
    ],
)
def test_what_contradicts_itself_is_refused(content: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        stated(**content)


def test_lines_of_the_table_add_up_to_the_years_and_to_who_pays() -> None:
    grant = {"name": "grant", "dollars_per_year": 300_000, "last_month": "2028-06"}
    money = stated(first_month="2027-07", funding=[grant])
    years = money_over_years(MIXED, money, PLAN, TODAY)
    told = publish_money(years, money, name="City", notice="", run="plan-1")
    frame = money_frame(told)
    by = frame.groupby(["first_month", "kind"])["dollars"].sum().unstack(fill_value=0)
    for year in money_json(told)["years"]:
        first, cost = year["first_month"], year["cost"]
        assert by.loc[first, "cost"] == pytest.approx(cost, abs=0.05)
        assert by.loc[first, "source"] + by.loc[first, "general fund"] == pytest.approx(
            cost, abs=0.05
        )
        assert sum(year[key] for key in LINES) == pytest.approx(cost, abs=0.05)
