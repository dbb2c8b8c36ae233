"""What a plan may use: head-counts, budget, posts."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

# More of anybody than any city has.
#
# A number above it is a slip of the pen, and solvers lose their accuracy with it.
MOST = 1_000_000

Count = Annotated[int, Field(le=MOST)]


class AgencyLimits(BaseModel):
    """What one of several agencies has; what is absent has no limit of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    units: dict[str, Count] = Field(
        default_factory=dict, description="At most this many responders by type."
    )
    at_least: dict[str, Count] = Field(
        default_factory=dict, description="At least this many responders by type."
    )
    roles: dict[str, Count] = Field(
        default_factory=dict,
        description="At most this many staff on the roster's posts by crew role.",
    )
    staff_hours_per_week: float | None = Field(
        default=None, ge=0, le=1e15, description="At most so many hours of staff on duty."
    )
    budget_per_year: float | None = Field(
        default=None, ge=0, le=1e15, description="Dollars a year."
    )


class Limits(AgencyLimits):
    """Limits of a plan; what is absent has no limit."""

    max_per_post: int | None = Field(
        default=None, ge=1, le=MOST, description="At most this many responders at one post."
    )
    posts_must: tuple[str, ...] = Field(
        default=(), description="Posts that get at least one responder."
    )
    posts_may: tuple[str, ...] = Field(
        default=(), description="If given, only these posts (and those that must) are used."
    )
    posts_not: tuple[str, ...] = Field(default=(), description="Posts that are not used.")
    keep_today: bool = Field(
        default=False, description="Today's responders stay; the plan only adds."
    )
    moves_at_most: int | None = Field(
        default=None,
        ge=0,
        le=MOST,
        description="At most this many of today's responders are moved or removed.",
    )
    agencies: dict[str, AgencyLimits] = Field(
        default_factory=dict,
        description="By agency, what its own posts may have: units, at_least, roles, "
        "staff_hours_per_week, budget_per_year.",
    )
