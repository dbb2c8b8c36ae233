"""A figure with its evidence: no default goes into a plan without saying where it comes from."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

# ``fact``: stated in a source that was read; ``derived``: our arithmetic on such; ``assumption``.
#
# For planning,
# no direct source; ``planner``: entered by the user.
Mark = Literal["fact", "derived", "assumption", "planner"]


class SourcedNumber(BaseModel):
    """A number with mark, source and year.

    A bare number in a TOML file is read as the planner's own figure.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    value: float
    mark: Mark = "planner"
    source: str = Field(
        default="", description="Where the number is stated, or what it is derived from."
    )
    year: int | None = Field(
        default=None, ge=1900, le=2200, description="Year that the number speaks of."
    )
    low: float | None = Field(default=None, description="Low end of the plausible range.")
    high: float | None = Field(default=None, description="High end of the plausible range.")
    note: str = ""

    def __float__(self) -> float:
        return self.value


def _from_number(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("expected a number, found true/false")  # noqa: TRY004 - pydantic wants ValueError
    if isinstance(value, str):
        raise ValueError("is text -- write a number without quotes, such as 0.03 or 2_500_000")  # noqa: TRY004
    return {"value": value} if isinstance(value, int | float) else value


# Field type: a table ``{value, mark, source, year}`` or a bare number.
Sourced = Annotated[SourcedNumber, BeforeValidator(_from_number)]


class Statement(BaseModel):
    """A sentence about a program, with its evidence."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    text: str
    mark: Mark = "planner"
    source: str = ""
    year: int | None = None
