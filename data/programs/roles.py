"""Crew roles: what an hour costs, how many positions stand empty, who leaves, how long the new ones learn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel, ConfigDict, Field

from coresponse.data.sourced import Sourced, SourcedNumber

# Hours a year that one person is paid for, or there: some, and no more than a leap year has.
HOURS_OF_PEOPLE = (100.0, 8784.0)

# Dollars: no hour of work costs more, in any currency that a plan may be made in.
MOST_PER_HOUR = 100_000.0

# Times the hours of a shift that are paid for a seat: far more than handovers and breaks take.
MOST_RELIEF = 20.0

# Dollars, and a share of staff pay, of a responder type.
MOST_OF_TYPE = {
    "vehicle_per_hour": (0.0, MOST_PER_HOUR),
    "start_up": (0.0, 1e9),
    "overhead_share": (0.0, 100.0),
}

# Dollars and hours of a crew role.
MOST_OF_ROLE = {
    "cost_per_hour": (0.0, MOST_PER_HOUR),
    "standby_per_hour": (0.0, MOST_PER_HOUR),
    "training_h": (0.0, HOURS_OF_PEOPLE[1]),
}


def amounts_out_of_range(
    model: BaseModel, ranges: Mapping[str, tuple[float, float]]
) -> Iterator[str]:
    """Say which figures nobody can mean: below 0, or so large that sums of them have no end."""
    for name, (low, high) in ranges.items():
        figure: SourcedNumber | None = getattr(model, name)
        if figure is not None and not low <= figure.value <= high:
            yield f"{name} must be from {low:,.0f} to {high:,.0f}, found {figure.value:g}"


class CrewRole(BaseModel):
    """A kind of staff."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    title: str
    cost_per_hour: Sourced = Field(description="Dollars per productive hour, fully loaded.")
    standby_per_hour: Sourced | None = Field(
        default=None, description="Dollars per hour on call but not called."
    )
    vacancy_share: Sourced = Field(
        default=SourcedNumber(
            value=0.0,
            low=0.0,
            high=0.6,
            mark="assumption",
            source="planning default: all positions are filled; of 90 mobile crisis teams "
            "Virginia had staffed 40%, so that 60% stood empty (DBHDS deck)",
            year=2026,
        ),
        description="Share of funded positions that stand empty; others work their hours as "
        "overtime.",
    )
    turnover_share: Sourced = Field(
        default=SourcedNumber(
            value=0.2,
            low=0.08,
            high=0.4,
            mark="assumption",
            source="planning default: no published rate of crisis teams was found; put your own "
            "agency's here",
            year=2026,
        ),
        description="Share of people who leave in a year and are replaced.",
    )
    onboarding_months: Sourced = Field(
        default=SourcedNumber(
            value=2.0,
            low=1.0,
            high=6.0,
            mark="assumption",
            source="planning default: two months for a new crew, as Indianapolis MCAT had",
            year=2026,
        ),
        description="Months from the first day of a new person until the person works alone on "
        "the street.",
    )
    training_h: Sourced = Field(
        default=SourcedNumber(
            value=40.0,
            low=40.0,
            high=160.0,
            mark="fact",
            source="Crisis Intervention Team training takes 40 h (JMIR Mental Health 2023 e42610)",
            year=2023,
        ),
        description="Hours of crisis training that a new person is given before working alone.",
    )

    def faults(self) -> Iterator[str]:
        """Say what contradicts itself."""
        for name in ("vacancy_share", "turnover_share"):
            if not 0 <= getattr(self, name).value < 1:
                yield f"{name} must be in [0, 1), found {getattr(self, name).value}"
        if self.onboarding_months.value < 0:
            yield f"onboarding_months must be 0 or more, found {self.onboarding_months.value}"
        yield from amounts_out_of_range(self, MOST_OF_ROLE)
        if self.turnover_share.value * self.onboarding_months.value >= 12:
            yield "turnover_share times onboarding_months must be below a year: nobody would be on the street"
