"""What records tell of a city: speeds and delays of its crews, or why they cannot tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from coresponse.coverage.validation.calibrate import (
    LEAST_DAYS,
    LEAST_RECORDS,
    Calibration,
)
from coresponse.coverage.validation.stages import DelayFit
from coresponse.coverage.validation.travels import (
    Start,
)

# Why records cannot tell whether the model fits.
Reason = Literal[
    "assumed",
    "no deployment",
    "no times",
    "no units",
    "units not named",
    "none of today's",
    "one day",
    "few",
]


@dataclass(frozen=True, eq=False)
class TypeFit:
    """What records tell of a responder type.

    Attributes
    ----------
    responder_type
        Which.
    calibration
        Of its travels; for all but the type with most records on top of what that one's tell of
        roads and periods.
    start
        How the posts that its units started from are known.
    delay_spread, drive_spread
        Standard deviations of the logarithms of turn-out and of drives.
    delay_s
        Turn-out, as it reproduces the records; None: as stated.
    """

    responder_type: str
    calibration: Calibration
    start: Start
    delay_spread: float
    drive_spread: float
    delay_s: float | None

    @property
    def enough(self) -> bool:
        """Whether the records could tell speeds."""
        return self.calibration.records >= LEAST_RECORDS and self.calibration.days >= LEAST_DAYS


@dataclass(frozen=True, eq=False)
class CityFit:
    """What records tell of a city.

    Attributes
    ----------
    types
        That with most records first: its periods and road classes are all types'.
    call_taking
        From receipt to dispatch; None where that is not recorded.
    """

    types: tuple[TypeFit, ...]
    call_taking: DelayFit | None

    @property
    def used(self) -> bool:
        """Whether any speed or delay is changed."""
        stage = self.call_taking is not None and self.call_taking.used
        return stage or any(fit.calibration.used for fit in self.types)
