"""The ``[sweep]`` section of a study."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from coresponse.data.limits import Count, Limits


class _SweepPart(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class PhaseInput(_SweepPart):
    """One year of an expansion: the limits that are then other than the study's."""

    name: str = Field(min_length=1, max_length=100, description="Such as a year.")
    units: dict[str, Count] = Field(
        default_factory=dict, description="At most this many responders by type."
    )
    roles: dict[str, Count] = Field(
        default_factory=dict, description="At most this many positions by crew role."
    )
    staff_hours_per_week: float | None = Field(
        default=None, ge=0, le=1e15, description="At most so many hours of staff on duty."
    )
    budget_per_year: float | None = Field(
        default=None, ge=0, le=1e15, description="Dollars a year."
    )

    def within(self, limits: Limits) -> Limits:
        """Return the study's limits with this year's in their place."""
        given = self.model_dump(exclude={"name", "units", "roles"}, exclude_none=True)
        counts = {"units": limits.units | self.units, "roles": limits.roles | self.roles}
        return limits.model_copy(update=given | counts)


class SweepInput(_SweepPart):
    """What is varied, and how closely each point is solved."""

    vary: dict[str, str] = Field(
        default_factory=dict,
        description="Limit or assumption = its values: '1:10', 'from:to:step' or 'a, b, c'; k, M "
        "and % may follow a number.",
    )
    nested: bool = Field(
        default=False,
        description="Also walk each row upwards so that what is bought with less stays bought.",
    )
    phases: tuple[PhaseInput, ...] = Field(
        default=(), description="The years of an expansion, in order."
    )
    busy_units: Literal["consistent", "free"] | None = Field(
        default=None, description="As objective.busy_units, for the sweep; absent: the study's."
    )
    busy_gap: float = Field(
        default=1e-2,
        ge=0,
        description="Relative gap at which a point with busy units counts as proven; neighbors "
        "differ by more.",
    )
    time_limit_s: float = Field(default=60.0, gt=0, description="For one point.")
    starts: int = Field(default=6, ge=1, description="Starts of the local search at each point.")

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        names = [phase.name for phase in self.phases]
        if len(set(names)) < len(names):
            raise ValueError("phases: two have the same name")
        return self
