"""How a deployment is evaluated: queueing, replay, and calls that a plan has not seen."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from coresponse.coverage.replay.rules import Rules


class EvaluationSettings(BaseModel):
    """How a deployment is tried out: queueing, replay, and calls that the plan has not seen."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    service_times: Literal["auto", "calls", "program"] = Field(
        default="auto",
        description=(
            "auto: recorded times where there are enough, brought to the program's mean for crews "
            "without an officer; calls: as recorded; program: the program's figures."
        ),
    )
    replications: int = Field(default=20, ge=2, le=1000, description="Replays behind each band.")
    weeks: int | None = Field(
        default=None,
        ge=1,
        le=520,
        description="Of each replay; absent: as many as give narrow bands.",
    )
    facility_kinds: tuple[str, ...] = Field(
        default=("hospital", "crisis_center"), description="Kinds of post that people are taken to."
    )
    holdout_share: float = Field(
        default=0.3,
        ge=0,
        lt=1,
        description="Of the days, kept from the plan to judge it on; 0: none.",
    )
    bootstrap: int = Field(
        default=0, ge=0, le=1000, description="Samples of days to plan on again; 0: none."
    )
    rules: Rules = Field(default=Rules(), description="Of dispatch.")
