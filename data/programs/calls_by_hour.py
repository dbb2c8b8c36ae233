"""When calls are assumed to come, as a program states it: by hour of the day, or of the week."""

from __future__ import annotations

from math import isfinite
from typing import Annotated

from pydantic import AfterValidator

from coresponse.data.hours import HOURS_A_WEEK

HOURS_A_DAY = 24


def _whole(value: tuple[float, ...]) -> tuple[float, ...]:
    if len(value) not in {HOURS_A_DAY, HOURS_A_WEEK}:
        raise ValueError(
            f"{len(value)} numbers: give {HOURS_A_DAY}, from midnight on, or {HOURS_A_WEEK}, from "
            "Monday on"
        )
    if not all(isfinite(part) and part >= 0 for part in value) or not sum(value) > 0:
        raise ValueError("each number is 0 or more, and one at least is more")
    return value


# Relative numbers: only their shares count.
CallsByHour = Annotated[tuple[float, ...], AfterValidator(_whole)]
