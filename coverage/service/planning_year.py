"""Calls of a planning year: the trend within the history carried to it, with its uncertainty."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from scipy.special import stdtrit

from coresponse.coverage.replay.unknown import grows_more
from coresponse.coverage.service.days import A_YEAR, Trend, degrees_of_freedom
from coresponse.data.errors import InputError

# Years after the history to which a trend is carried: 5 years on, a third of agencies are off by more than half.
MOST_YEARS_ON = 5


@dataclass(frozen=True)
class Growth:
    """Calls of a planning year as a factor on the history's.

    Attributes
    ----------
    year
        That plans are for.
    middle, low, high
        The factor with its 95% band.
    less, more
        The factor over `middle` where calls grow by a standard error less, and by one more.
    why_not
        Why no trend is carried, the factor being 1; empty if it is.
    """

    year: int
    middle: float = 1.0
    low: float = 1.0
    high: float = 1.0
    less: float = 1.0
    more: float = 1.0
    why_not: str = ""

    @property
    def uncertain(self) -> bool:
        """Whether replications step through its error."""
        return self.less != self.more

    def at(self, replication: int) -> float:
        """Return the factor over `middle` that a replication has."""
        return self.more if grows_more(replication) else self.less

    def __str__(self) -> str:
        """Say it in a sentence, for every page."""
        if self.why_not:
            return f"Planned for {self.year} with as many calls as in the history: {self.why_not}"
        return (
            f"Planned for {self.year}: {self.middle - 1:+.0%} calls against the history's mean "
            "(95% band "
            f"{self.low - 1:+.0%} to {self.high - 1:+.0%}), if the history's trend goes on"
        )


def growth_to(
    year: int, trend: Trend | None, first_day: date, days: float, *, assumed: bool = False
) -> Growth:
    """Carry a trend to a planning year.

    The factor is the mean rate of that year over the mean rate of the history
    (:meth:`Trend.factor`): season is in both, so that a history of other than whole years is not
    taken for growth.

    Parameters
    ----------
    trend
        Of the history; None under a year.
    first_day, days
        Of the history.
    assumed
        Whether nobody recorded the calls.

    Raises
    ------
    InputError
        If the year is before the history or too far beyond it.
    """
    if assumed:
        return Growth(year, why_not="demand is assumed, and its range stands for growth, too")
    start = date(year, 1, 1)
    from_day = (start - first_day).days
    last_year = date.fromordinal(first_day.toordinal() + max(round(days) - 1, 0)).year
    if year < first_day.year:
        raise InputError(
            f"planning_year = {year} is before the calls, which begin in {first_day.year} -- state "
            "the year that the plan is for"
        )
    if year > last_year + MOST_YEARS_ON:
        raise InputError(
            f"planning_year = {year} is {year - last_year} years after the last call; a trend is "
            f"carried {MOST_YEARS_ON} years at most -- state {last_year + MOST_YEARS_ON} or earlier"
        )
    if trend is None:
        why = f"{days:.0f} day{'s' if days >= 1.5 else ''} of calls tell no trend ({A_YEAR} do)"
        return Growth(year, why_not=why)
    length = (date(year + 1, 1, 1) - start).days
    middle, low, high = trend.factor(from_day, length)
    spread = trend.reach / float(stdtrit(degrees_of_freedom(trend.days), 0.975))
    less, more = sorted(
        trend.factor_at(trend.slope + k * spread, from_day, length) for k in (-1, 1)
    )
    return Growth(year, middle, low, high, less / middle, more / middle)
