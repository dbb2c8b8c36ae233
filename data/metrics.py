"""The metrics of the field: what each counts, who asks for it, and what of a replay gives it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from coresponse.data.toml import read_model

_FILE = Path(__file__).with_name("metrics.toml")


class Metric(BaseModel):
    """One metric; without `given_by` no plan can give it, and `definition` says why not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    group: str
    unit: str
    definition: str
    asked_by: str
    given_by: str = Field(default="", alias="from")


class _Metrics(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: tuple[Metric, ...]


@cache
def metrics() -> tuple[Metric, ...]:
    """Return the metrics in the order of their file."""
    return read_model(_FILE, _Metrics).metric
