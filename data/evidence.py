"""What is known of the outcomes of crisis programs, with source, year and mark.

Quoted, never computed with.

Shares that programs report of themselves are text here, not numbers: nothing can be multiplied by
them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from coresponse.data.sourced import Mark
from coresponse.data.toml import read_model

Topic = Literal["arrests", "force", "enrollment", "officer_hours", "cost"]

_FILE = Path(__file__).with_name("evidence.toml")


class Evidence(BaseModel):
    """One finding about an outcome."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    topic: Topic
    says: str = Field(description="What was found, as a sentence, with its figures.")
    program: str = Field(description="Whose.")
    known: str = Field(
        description="What is known of the figure: whom it counts, what it is compared with, who "
        "counted."
    )
    compared: bool = Field(
        description="Whether it comes from a comparison with what would have happened otherwise."
    )
    raw_share: str = Field(
        default="", description="The share that a program reports of itself, as text; empty: none."
    )
    mark: Mark
    source: str = Field(min_length=1)
    year: int


class _EvidenceFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    evidence: tuple[Evidence, ...]


def load_evidence() -> tuple[Evidence, ...]:
    """Return the evidence that ships, in the order of its file."""
    return read_model(_FILE, _EvidenceFile).evidence
