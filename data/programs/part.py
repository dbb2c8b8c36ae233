"""What the tables of a program have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class ProgramPart(BaseModel):
    """A table of ``program.toml``: it stays as it was read, and an unknown key is an error."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, allow_inf_nan=False
    )
