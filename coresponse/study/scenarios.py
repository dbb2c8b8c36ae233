"""A scenario as ``study.toml`` states it, and those that ship."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from coresponse.data.hours import WeekHours, speed_fault
from coresponse.data.limits import Limits
from coresponse.data.sourced import Mark, Sourced, SourcedNumber
from coresponse.data.toml import read_model

_READY = Path(__file__).with_name("ready_scenarios.toml")
_ONE = SourcedNumber(value=1.0)
_FACTORS = ("classes", "channels", "periods")


class ScenarioInput(BaseModel):
    """A named set of changes: what the city may look like when the plan is in place."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, allow_inf_nan=False
    )

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9-]*$", description="Short name, in tables and files."
    )
    ready: str | None = Field(
        default=None,
        description="A scenario that ships, by its name; then only name and weight may stand "
        "beside it.",
    )
    title: str = Field(default="", max_length=200, description="For people; absent: the name.")
    mark: Mark = Field(
        default="planner",
        description="What the scenario rests on: fact, derived, assumption or planner.",
    )
    source: str = Field(default="", description="Where it is stated, or what it is derived from.")
    year: int | None = Field(default=None, description="Year that it speaks of.")
    note: str = Field(default="", description="What a reader should know.")
    weight: float = Field(
        default=1.0, gt=0, description="How likely it is, relative to the others."
    )
    demand: Sourced = Field(default=_ONE, description="Factor on all calls.")
    classes: dict[str, Sourced] = Field(
        default_factory=dict, description="Factor on the calls of a class."
    )
    channels: dict[str, Sourced] = Field(
        default_factory=dict, description="Factor on the calls of a channel."
    )
    periods: dict[str, Sourced] = Field(
        default_factory=dict, description="Factor on the calls of a period."
    )
    speed: Sourced = Field(default=_ONE, description="Factor on travel speed.")
    speed_hours: Annotated[
        WeekHours | None, BeforeValidator(lambda v: WeekHours.parse(v) if isinstance(v, str) else v)
    ] = Field(default=None, description="Hours in which speed differs; absent: always.")
    posts_closed: tuple[str, ...] = Field(
        default=(), description="Posts whose responders cannot work."
    )
    close_largest_post: bool = Field(
        default=False, description="Close the post where the study's plan has the most responders."
    )
    away: dict[str, Sourced] = Field(
        default_factory=dict,
        description="Share of a crew role's seats that nobody fills: vacant, in training, ill.",
    )
    limits: Limits = Field(default=Limits(), description="Limits that differ from the study's.")

    @model_validator(mode="after")
    def _in_range(self) -> Self:
        faults = []
        if self.ready is not None and (own := self.model_fields_set - {"name", "ready", "weight"}):
            faults.append(
                f"ready = {self.ready!r} stands with name and weight only, not with "
                f"{', '.join(sorted(own))}"
            )
        figures = {"demand": self.demand, "speed": self.speed}
        for key in _FACTORS:
            figures |= {f"{key}.{name}": figure for name, figure in getattr(self, key).items()}
        faults += [
            f"{key} is a factor above 0, found {figure.value:g}"
            for key, figure in figures.items()
            if figure.value <= 0
        ]
        if self.speed.value > 0 and (wrong := speed_fault(self.speed.value)):
            faults.append(f"speed {wrong}")
        faults += [
            f"away.{role} is a share from 0 to below 1, found {figure.value:g}"
            for role, figure in self.away.items()
            if not 0 <= figure.value < 1
        ]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def shown(self) -> str:
        """The title, or the name."""
        return self.title or self.name

    @property
    def changes_travel(self) -> bool:
        """Whether response times must be worked out again."""
        return self.speed.value != 1.0


class _ReadyFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    scenarios: tuple[ScenarioInput, ...]


def ready_scenarios() -> tuple[ScenarioInput, ...]:
    """Return the scenarios that ship, each with its source or marked as an assumption."""
    return read_model(_READY, _ReadyFile).scenarios
