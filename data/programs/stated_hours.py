"""Hours of the week as a program file states them: ``Mon-Fri 08:00-18:00``."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator

from coresponse.data.hours import WeekHours


def _parse_hours(value: object) -> object:
    return WeekHours.parse(value) if isinstance(value, str) else value


Hours = Annotated[WeekHours, BeforeValidator(_parse_hours)]
