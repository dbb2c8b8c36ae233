"""What a plan costs year by year, who pays it, and what is left for the general fund."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from coresponse.data.hours import WEEKS_A_YEAR
from coresponse.data.options import Deployment
from coresponse.data.programs.cost import annual_cost, desk_cost
from coresponse.data.programs.model import Program
from coresponse.data.programs.people import ToHire, people_of, to_hire
from coresponse.data.sourced import Sourced, SourcedNumber
from coresponse.data.words import listed

# Dollars that one source, or the general fund, may have: more than any city's budget.
MOST = 1e12

# Dollars a year; less is a rounding, and no news.
LEAST = 0.5


def _assumed(value: float, low: float, high: float, source: str) -> SourcedNumber:
    return SourcedNumber(
        value=value, low=low, high=high, mark="assumption", source=source, year=2026
    )


def _is_month(value: str) -> str:
    if not re.fullmatch(r"(?:19|20|21)\d\d-(?:0[1-9]|1[0-2])", value, re.ASCII):
        raise ValueError("is not a month -- write one like 2027-07")
    return value


def _is_share(figure: SourcedNumber) -> SourcedNumber:
    if not 0 <= figure.value <= 1:
        raise ValueError(f"must be a share in [0, 1] -- {_of_percent(figure.value)}")
    return figure


def _is_growth(figure: SourcedNumber) -> SourcedNumber:
    if not -0.5 <= figure.value <= 1:
        raise ValueError(f"is a share, such as 0.03 -- {_of_percent(figure.value)}")
    return figure


def _of_percent(value: float) -> str:
    percent = 0 < value <= 100
    return f"for {value:g}% write {value / 100:g}" if percent else "write one such as 0.03"


def _is_amount(figure: SourcedNumber) -> SourcedNumber:
    if not 0 <= figure.value <= MOST:
        raise ValueError(f"must be from 0 to {MOST:,.0f} dollars -- write one such as 250_000")
    return figure


Month = Annotated[str, AfterValidator(_is_month)]
Share = Annotated[Sourced, AfterValidator(_is_share)]
Growth = Annotated[Sourced, AfterValidator(_is_growth)]
Dollars = Annotated[Sourced, AfterValidator(_is_amount)]


class _MoneyModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Funding(_MoneyModel):
    """A source of money other than the general fund; sources pay in the order in which they stand."""

    name: str = Field(min_length=1, max_length=100)
    share: Share | None = Field(
        default=None, description="Share of the year's cost that it pays, such as 0.85."
    )
    dollars_per_year: Dollars | None = Field(default=None, description="A fixed sum.")
    dollars_per_call: Dollars | None = Field(
        default=None, description="Billed for a call that is reached and may be billed."
    )
    share_of_calls: Share | None = Field(
        default=None, description="Share of calls reached that may be billed and are paid."
    )
    at_most_per_year: Dollars | None = Field(default=None, description="Dollars a year, at most.")
    first_month: Month | None = Field(default=None, description="From when; absent: the first.")
    last_month: Month | None = Field(default=None, description="Until when; absent: it goes on.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = (self.share, self.dollars_per_year, self.dollars_per_call)
        if sum(way is not None for way in ways) != 1:
            raise ValueError(f"{self.name}: state one of share, dollars_per_year, dollars_per_call")
        if (self.dollars_per_call is None) != (self.share_of_calls is None):
            raise ValueError(
                f"{self.name}: dollars_per_call and share_of_calls stand together -- add the other"
            )
        if self.first_month and self.last_month and self.last_month < self.first_month:
            raise ValueError(
                f"{self.name}: ends in {self.last_month}, before {self.first_month} -- correct "
                "first_month or last_month"
            )
        return self


class Money(_MoneyModel):
    """A plan's money over years, as ``money.toml`` states it."""

    first_month: Month = Field(
        default="2027-07", description="In which the first fiscal year, and the plan, begin."
    )
    years: int = Field(default=5, ge=1, le=30, description="Fiscal years that are looked at.")
    wage_growth: Growth = Field(
        default=_assumed(0.03, 0.02, 0.05, "planning default: no source; put your own agreement's"),
        description="Growth of pay a year, a share.",
    )
    price_growth: Growth = Field(
        default=_assumed(0.025, 0.015, 0.04, "planning default: no source"),
        description="Growth of prices a year, a share: vehicles, start-up.",
    )
    replaced_after_years: int = Field(
        default=6, ge=1, le=30, description="Vehicles and equipment are bought again after so many."
    )
    in_service: tuple[Annotated[float, Field(ge=0, le=1)], ...] = Field(
        default=(1.0,),
        min_length=1,
        description="Share of what the plan adds to today that is in service, by fiscal year; the "
        "last holds on.",
    )
    general_fund_per_year: Dollars | None = Field(
        default=None, description="Dollars a year that the general fund has for it, at most."
    )
    funding: tuple[Funding, ...] = Field(default=(), max_length=50)

    @model_validator(mode="after")
    def _in_range(self) -> Self:
        if any(b < a for a, b in zip(self.in_service[:-1], self.in_service[1:], strict=True)):
            raise ValueError("in_service rises from year to year -- write it so, as in [0.5, 1.0]")
        names = [one.name for one in self.funding]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"funding: two sources have the same name, {twice[0]} -- change one")
        return self


@dataclass(frozen=True)
class Yearly:
    """Dollars of one fiscal year.

    Attributes
    ----------
    first, last
        Its months.
    staff, vehicles, call_outs, phone
        What runs: staff with supervision and other overhead; vehicles; call-outs beyond those
        priced; clinicians on the phone.
    start_up, replacement
        What is bought: for new responders, and again.
    first_months
        Pay of new people who are not on the street yet.
    paid
        By source, in order.
    hired, supervisors
        People who are new that year, and who leads them, beside them.
    hiring_from
        Month in which hiring of those has to begin, so that they work alone in its first; None if
        nobody is new.
    calls
        Reached that year, a share of which may be billed.
    """

    first: str
    last: str
    staff: float
    vehicles: float
    call_outs: float
    phone: float
    start_up: float
    replacement: float
    first_months: float
    paid: tuple[tuple[str, float], ...]
    hired: int = 0
    supervisors: int = 0
    hiring_from: str | None = None
    calls: float = 0.0

    @property
    def cost(self) -> float:
        """All that is spent."""
        return (
            self.staff
            + self.vehicles
            + self.call_outs
            + self.phone
            + self.start_up
            + self.replacement
            + self.first_months
        )

    @property
    def general_fund(self) -> float:
        """What no source pays."""
        return self.cost - sum(dollars for _, dollars in self.paid)


@dataclass(frozen=True)
class Running:
    """Dollars a year of a deployment at the prices of the first year.

    Attributes
    ----------
    call_outs
        Beyond those priced.
    """

    staff: float = 0.0
    vehicles: float = 0.0
    call_outs: float = 0.0

    def toward(self, other: Running, share: float) -> Running:
        """Return what a share of the way to another costs."""
        return Running(
            self.staff + share * (other.staff - self.staff),
            self.vehicles + share * (other.vehicles - self.vehicles),
            self.call_outs + share * (other.call_outs - self.call_outs),
        )


def running(program: Program, deployment: Deployment, call_outs: float) -> Running:
    """Return what a deployment costs a year."""
    staff = vehicles = 0.0
    for option, count in deployment.counts:
        for line in annual_cost(program, option.responder_type, option.shift_pattern).lines:
            if line.what == "vehicle":
                vehicles += count * line.per_year
            else:
                staff += count * line.per_year
    return Running(staff, vehicles, call_outs)


def money_over_years(
    program: Program,
    money: Money,
    plan: Deployment,
    today: Deployment | None,
    *,
    call_outs: tuple[float, float] = (0.0, 0.0),
    calls_reached_per_year: tuple[float, float] = (0.0, 0.0),
    desk_hours_per_week: float = 0.0,
) -> tuple[Yearly, ...]:
    """Return what each fiscal year costs and who pays.

    Pay grows by `wage_growth`, vehicles and what is bought by `price_growth`, from the second year
    on. Sources pay in their order, each at most what is left; in a year in which one is there for
    some months only, its share, sum and cap are those months' part.

    Parameters
    ----------
    call_outs
        Dollars a year beyond those priced, of the plan and of today; below 0 where fewer are called
        out.
    calls_reached_per_year
        By the plan and by today's, for what is billed by the call.
    desk_hours_per_week
        Of clinicians on the phone, who are there from the first year on: all deployments meet the
        calls that they leave.
    """
    before = Deployment("today") if today is None else today
    mine, theirs = running(program, plan, call_outs[0]), running(program, before, call_outs[1])
    added, kept = _start_up(program, before, plan), _start_up(program, Deployment("none"), before)
    given_up = _start_up(program, plan, before)
    learning = _first_months(program, plan, today)
    hired = new_people(program, plan, today)
    months_ahead = max((ceil(months) for _, months in hired.values()), default=0)
    people = sum(count for count, _ in hired.values())
    leads = new_supervisors(program, plan, today)
    desk = desk_cost(program, desk_hours_per_week)
    reached = calls_reached_per_year
    out: list[Yearly] = []
    bought: list[float] = []
    for year in range(money.years):
        share, was = _in_service(money, year), _in_service(money, year - 1) if year else 0.0
        pay, prices = (
            (1 + growth.value) ** year for growth in (money.wage_growth, money.price_growth)
        )
        now = theirs.toward(mine, share)
        bought.append((share - was) * added)
        again = sum(bought[k] for k in range(year) if (year - k) % money.replaced_after_years == 0)
        # nobody knows how old today's are: as many wear out each year, of those that are still there
        again += (kept - share * given_up) / money.replaced_after_years
        months = _months(money.first_month, year)
        new = round(share * people) - round(was * people)
        row = Yearly(
            first=months[0],
            last=months[-1],
            staff=now.staff * pay,
            vehicles=now.vehicles * prices,
            call_outs=now.call_outs * pay,
            phone=desk * pay,
            start_up=bought[-1] * prices,
            replacement=again * prices,
            first_months=(share - was) * learning * pay,
            paid=(),
            hired=new,
            supervisors=round(share * leads) - round(was * leads),
            hiring_from=_before(months[0], months_ahead) if new else None,
            calls=reached[1] + share * (reached[0] - reached[1]),
        )
        parts = [sum(_there(one, month) for month in months) / 12 for one in money.funding]
        out.append(replace(row, paid=_paid(row, money, parts)))
    return tuple(out)


def first_short_year(money: Money, years: tuple[Yearly, ...]) -> Yearly | None:
    """Return the first year that asks more of the general fund than it has; None if all fit."""
    if money.general_fund_per_year is None:
        return None
    most = money.general_fund_per_year.value
    return next((year for year in years if year.general_fund > most + LEAST), None)


def ends(money: Money, years: tuple[Yearly, ...]) -> Iterator[tuple[str, str, float]]:
    """Yield what ends within the years: names of sources, the month after, and dollars a year that the general fund pays more.

    These are what it pays in that month's year beyond what it would if they went on: sources that
    are there still pay what they can of it. Sources that end in one month are told together.
    """
    last_months = sorted({one.last_month for one in money.funding if one.last_month is not None})
    for last in last_months:
        after = _next(last)
        year = next((one for one in years if one.first <= after <= one.last), None)
        if year is None or last < years[0].first:
            continue
        gone = [one.last_month == last for one in money.funding]
        still = [float(_there(one, after)) for one in money.funding]
        on = [max(part, float(ended)) for part, ended in zip(still, gone, strict=True)]
        more = sum(dollars for _, dollars in _paid(year, money, on)) - sum(
            dollars for _, dollars in _paid(year, money, still)
        )
        if more > LEAST:
            names = [one.name for one, ended in zip(money.funding, gone, strict=True) if ended]
            yield listed(names), after, more


def never_there(money: Money, years: tuple[Yearly, ...]) -> Iterator[tuple[str, str, bool]]:
    """Yield each source that is there in none of the years: its name, its month that says so, and whether it is over."""
    for one in money.funding:
        if one.last_month is not None and one.last_month < years[0].first:
            yield one.name, one.last_month, True
        elif one.first_month is not None and one.first_month > years[-1].last:
            yield one.name, one.first_month, False


def _paid(year: Yearly, money: Money, parts: Sequence[float]) -> tuple[tuple[str, float], ...]:
    """Return what each source pays of a year's cost: in their order, each at most what is left, for its part of the year."""
    left, paid = year.cost, []
    for one, part in zip(money.funding, parts, strict=True):
        if one.share is not None:
            dollars = one.share.value * year.cost
        elif one.dollars_per_year is not None:
            dollars = one.dollars_per_year.value
        else:
            dollars = float(one.dollars_per_call or 0) * float(one.share_of_calls or 0) * year.calls
        if one.at_most_per_year is not None:
            dollars = min(dollars, one.at_most_per_year.value)
        dollars = min(dollars * part, left)
        left -= dollars
        paid.append((one.name, dollars))
    return tuple(paid)


def _start_up(program: Program, before: Deployment, after: Deployment) -> float:
    there = before.by_type()
    return sum(
        max(0, count - there.get(name, 0)) * program.responder_types[name].start_up.value
        for name, count in after.by_type().items()
    )


def new_people(
    program: Program, plan: Deployment, today: Deployment | None
) -> dict[str, tuple[int, float]]:
    """Return new people, and the months until they work alone, by crew role that has any."""
    hire = _hire(program, plan, today)
    new = {name: hire.on_duty[name] + hire.for_leave[name] for name in hire.on_duty}
    return {
        name: (count, program.crew_roles[name].onboarding_months.value)
        for name, count in new.items()
        if count
    }


def new_supervisors(program: Program, plan: Deployment, today: Deployment | None) -> int:
    """Return how many more supervisors a plan has than today, counted beside those whom they lead."""
    return _hire(program, plan, today).supervisors


def _hire(program: Program, plan: Deployment, today: Deployment | None) -> ToHire:
    before = None if today is None else people_of(program, today)
    return to_hire(people_of(program, plan), before)


def _first_months(program: Program, plan: Deployment, today: Deployment | None) -> float:
    """Return the pay of new people until they work alone, at the cost of an hour of duty."""
    return sum(
        count
        * months
        / 12
        * program.productive_hours_per_year.value
        * program.crew_roles[name].cost_per_hour.value
        for name, (count, months) in new_people(program, plan, today).items()
    )


def _in_service(money: Money, year: int) -> float:
    return money.in_service[min(year, len(money.in_service) - 1)]


def _there(one: Funding, month: str) -> bool:
    return (one.first_month or month) <= month <= (one.last_month or month)


def _months(first: str, year: int) -> list[str]:
    start = dt.date.fromisoformat(f"{first}-01")
    begin = start.year * 12 + start.month - 1 + 12 * year
    return [f"{m // 12:04d}-{m % 12 + 1:02d}" for m in range(begin, begin + 12)]


def _before(month: str, months: int) -> str:
    at = dt.date.fromisoformat(f"{month}-01")
    count = at.year * 12 + at.month - 1 - months
    return f"{count // 12:04d}-{count % 12 + 1:02d}"


def _next(month: str) -> str:
    return _months(month, 0)[1]


def calls_a_year(per_week: float) -> float:
    """Return calls a year of calls a week."""
    return per_week * WEEKS_A_YEAR
