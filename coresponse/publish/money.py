"""A plan's money over years as it may be shown: from rates, hours, and figures of a plan that is published."""

from __future__ import annotations

import calendar
from dataclasses import dataclass

from coresponse.data.figures.sums import adding_up
from coresponse.data.programs.money import (
    LEAST,
    Money,
    Yearly,
    ends,
    first_short_year,
    never_there,
)
from coresponse.data.words import people_and_leads
from coresponse.publish.disclosure import PUBLIC, Disclosure

# Dollars: call-outs and calls that are billed follow from a forecast.
STEP = 1_000

# Lines of a year's cost, in the order of tables.
LINES = {
    "staff": "Staff, supervision, medical direction, training",
    "vehicles": "Vehicles",
    "call_outs": "Call-outs beyond those priced",
    "phone": "Clinicians on the phone",
    "start_up": "Start-up of new responders",
    "replacement": "Vehicles and equipment bought again",
    "first_months": "New people's first months, not yet on the street",
}


@dataclass(frozen=True)
class YearTold:
    """A year's dollars to the thousand: lines add up to the cost, and so do those who pay it.

    Attributes
    ----------
    lines
        Of the cost, by name.
    paid
        By each source in its order.
    """

    lines: dict[str, float]
    cost: float
    paid: tuple[float, ...]
    general_fund: float

    @classmethod
    def of(cls, year: Yearly) -> YearTold:
        """Round a year."""
        names = tuple(LINES)
        lines = adding_up([getattr(year, name) for name in names], STEP)
        cost = float(lines.sum())
        # what no source pays is what is left of the figures that are shown
        paid = tuple(round(dollars / STEP) * float(STEP) for _, dollars in year.paid)
        own = cost - sum(paid)
        return cls(dict(zip(names, lines.tolist(), strict=True)), cost, paid, own)


@dataclass(frozen=True, eq=False)
class MoneyPublication:
    """What each fiscal year costs, and who pays.

    Attributes
    ----------
    name, notice, run
        Of the study, and of the plan.
    money
        As it was stated.
    years
        To the dollar.
    """

    disclosure: Disclosure
    name: str
    notice: str
    run: str
    money: Money
    years: tuple[Yearly, ...]

    @property
    def told(self) -> tuple[YearTold, ...]:
        """The years in thousands of dollars, as sentences and the table show them."""
        return tuple(map(YearTold.of, self.years))

    @property
    def sentences(self) -> tuple[str, ...]:
        """Say what the first year costs, when sources end, and when the plan no longer fits."""
        first, last = self.years[0], self.years[-1]
        told = self.told
        out = [
            (
                f"The first year, from {month_words(first.first)}, costs "
                f"{_told(told[0].cost)}: the general fund pays "
                f"{_told(told[0].general_fund)}, other sources "
                f"{_told(told[0].cost - told[0].general_fund)}."
            )
        ]
        out += [
            f"Hiring of {people_and_leads(year.hired, year.supervisors, 'new person')} for the "
            f"year from {month_words(year.first)} begins by {month_words(year.hiring_from)}: until they "
            "work alone they are paid and not on the street."
            for year in self.years
            if year.hiring_from is not None
        ]
        for name, month, paid in ends(self.money, self.years):
            out.append(
                f"From {month_words(month)} the general fund pays {_told(paid)} more a "
                f"year (end of {name})."
            )
        for name, month, over in never_there(self.money, self.years):
            when = (
                f"it ends in {month_words(month)}, before the first"
                if over
                else f"it begins in {month_words(month)}"
            )
            out.append(f"{name} pays nothing in these years: {when}.")
        short = first_short_year(self.money, self.years)
        limit = self.money.general_fund_per_year
        if short is not None and limit is not None:
            # a year in which much is bought may be the only one
            lacks = [year.general_fund > limit.value + LEAST for year in self.years]
            for_good = short is not first and all(lacks[self.years.index(short) :])
            fits = "no longer fits" if for_good else "does not fit"
            out.append(
                f"In the year from {month_words(short.first)} the plan {fits}: it asks "
                f"{_told(told[self.years.index(short)].general_fund)} of the general fund, which "
                f"has {_told(limit.value)}."
            )
        elif limit is not None:
            out.append(
                f"It fits the general fund's {_told(limit.value)} in all {len(self.years)} years."
            )
        if len(self.years) > 1:
            out.append(
                f"In the last year, from {month_words(last.first)}, the general fund pays "
                f"{_told(told[-1].general_fund)}."
            )
        return tuple(out)


def publish_money(
    years: tuple[Yearly, ...],
    money: Money,
    *,
    name: str,
    notice: str,
    run: str,
    disclosure: Disclosure = PUBLIC,
) -> MoneyPublication:
    """Return money over years as it may be shown.

    Parameters
    ----------
    years
        Worked out with call-outs and calls of a plan's publication, not with exact ones.
    """
    return MoneyPublication(disclosure, name, notice, run, money, years)


def month_words(month: str) -> str:
    """Return ``July 2027`` for ``2027-07``."""
    year, number = month.split("-")
    return f"{calendar.month_name[int(number)]} {year}"


def _told(value: float) -> str:
    """Return dollars to the thousand, as the table has them: in hundredths of a million parts would not add up."""
    return f"${round(value / STEP) * STEP:,.0f}"
