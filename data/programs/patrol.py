"""The patrol officers whom crews that need one first share with all other police work."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from coresponse.data.hours import HOURS_A_WEEK, Hours
from coresponse.data.programs.part import ProgramPart
from coresponse.data.sourced import Sourced


class OfficersOn(ProgramPart):
    """Officers on duty at once in some hours of the week."""

    hours: Hours = Field(description="Hours of the week, such as daily 07:00-19:00.")
    count: int = Field(ge=1, le=2000, description="Officers on duty at once; stretches add up.")


class PatrolStage(ProgramPart):
    """Officers on duty and their own calls; absent: police come after the recorded times, however many are needed."""

    officers: tuple[OfficersOn, ...] = Field(
        min_length=1, description="Officers on duty, by hours of the week."
    )
    calls_per_h: Sourced | None = Field(
        default=None,
        description="Calls an hour that keep them busy besides; absent: those of the history that "
        "no responder type takes.",
    )
    job_min: Sourced | None = Field(
        default=None,
        description="Mean minutes that such a call keeps an officer; absent: as recorded, else "
        "workload.officer_min.",
    )

    def on_duty(self) -> NDArray[np.int64]:
        """Return (168,) officers on duty at once, from Monday 00:00."""
        out = np.zeros(HOURS_A_WEEK, dtype=np.int64)
        for part in self.officers:
            out[list(part.hours.hours)] += part.count
        return out

    def faults(self) -> Iterator[str]:
        """Say what contradicts itself."""
        if self.calls_per_h is not None and self.calls_per_h.value < 0:
            yield "patrol: calls_per_h must be 0 or more"
        if self.job_min is not None and self.job_min.value <= 0:
            yield "patrol: job_min must be above 0"
