"""The call classes of a program, and the natures and shares of calls that map to them."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from coresponse.data.programs.part import ProgramPart
from coresponse.data.sourced import Sourced


class NatureShare(ProgramPart):
    """The share of a nature's calls that belong to a class, as a range: codes hide what calls turn out to be."""

    low: float = Field(ge=0, le=1, description="Low end of the plausible share.")
    high: float = Field(ge=0, le=1, description="High end of the plausible share.")

    @model_validator(mode="before")
    @classmethod
    def _from_numbers(cls, value: Any) -> Any:
        """Read ``0.2``, ``[0.1, 0.3]``, and either under the key ``share``."""
        if isinstance(value, dict) and set(value) == {"share"}:
            value = value["share"]
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = [value, value]
        if isinstance(value, list | tuple) and len(value) == 2:
            value = {"low": value[0], "high": value[1]}
        return value

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if self.low > self.high:
            raise ValueError(
                f"the share's low end, {self.low:g}, is above its high end, {self.high:g}"
            )
        return self

    @property
    def middle(self) -> float:
        """What demand is planned with."""
        return (self.low + self.high) / 2


class CallClass(ProgramPart):
    """What the planner decides by; natures map to it."""

    title: str
    natures: tuple[Annotated[str, Field(max_length=200)], ...] = Field(
        default=(),
        description="Rules for the agency's codes: exact, prefix ('54E*') or with wildcards * and "
        "?; case is ignored. An exact rule beats a prefix, a longer prefix a shorter "
        "one, a prefix a rule with inner wildcards. A table gives a share with its "
        "range, such as { 'WELFARE*' = { share = [0.1, 0.3] } }.",
    )
    nature_shares: dict[str, NatureShare] = Field(
        default_factory=dict,
        description="Rules of `natures` whose calls belong to this class only by a share; the "
        "others stay with the class that takes them otherwise, if any.",
    )
    danger_words: tuple[Annotated[str, Field(min_length=2, max_length=200)], ...] = Field(
        default=(),
        description="Words, or their beginnings ('WEAPON*'), that move a nature here from another "
        "class about mental health, and out of any other class into none, unless NO or NOT stands "
        "before, or the rule that took it is exact, '*' or has the word itself.",
    )
    about_mental_health: bool = Field(
        default=False,
        description="Whether its codes are about mental health. A call that a flag, disposition "
        "or words say is about it (mental_health under [calls]) is of the first such "
        "class, unless its code is of another such class already.",
    )
    weight: float = Field(
        default=1.0, ge=0, description="How much a call of this class counts in the objective."
    )
    priority: int = Field(
        default=0, description="Calls that wait are answered from the highest number down."
    )
    outcome_shares: dict[str, Sourced] = Field(
        default_factory=dict,
        description="Share of each service outcome among this class's calls; empty: as the "
        "program's. They add up to 1.",
    )

    @model_validator(mode="before")
    @classmethod
    def _rules_with_shares(cls, value: Any) -> Any:
        """Take a table of natures apart into rules and their shares; ``{}`` is a rule for all calls."""
        if not isinstance(value, dict) or not isinstance(value.get("natures"), dict):
            return value
        natures = value["natures"]
        shares = {rule: share for rule, share in natures.items() if share != {}}
        return {**value, "natures": tuple(natures), "nature_shares": shares}

    @model_validator(mode="after")
    def _shares_have_rules(self) -> Self:
        unknown = sorted(set(self.nature_shares) - set(self.natures))
        if unknown:
            raise ValueError(f"nature_shares names rules that natures does not have: {unknown}")
        return self
