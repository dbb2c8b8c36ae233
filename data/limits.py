"""What a plan may use: head-counts, budget, posts."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Limits(BaseModel):
    """Limits of a plan; what is absent is not limited."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    units: dict[str, int] = Field(default_factory=dict, description="At most this many responders by type.")
    at_least: dict[str, int] = Field(default_factory=dict, description="At least this many responders by type.")
    roles: dict[str, int] = Field(
        default_factory=dict, description="At most this many staff on the roster's posts by crew role."
    )
    staff_hours_per_week: float | None = Field(
        default=None, ge=0, description="At most so many hours of staff on duty."
    )
    budget_per_year: float | None = Field(default=None, ge=0, description="Dollars a year.")
    max_per_post: int | None = Field(default=None, ge=1, description="At most this many responders at one post.")
    posts_must: tuple[str, ...] = Field(default=(), description="Posts that get at least one responder.")
    posts_may: tuple[str, ...] = Field(
        default=(), description="If given, only these posts (and those that must) are used."
    )
    posts_not: tuple[str, ...] = Field(default=(), description="Posts that are not used.")
    keep_today: bool = Field(default=False, description="Today's responders stay; the plan only adds.")
    moves_at_most: int | None = Field(
        default=None, ge=0, description="At most this many of today's responders are moved or removed."
    )
