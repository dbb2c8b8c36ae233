"""How calls are dispatched in a replay: each option is a common practice."""

from __future__ import annotations

from enum import IntEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Rules(BaseModel):
    """Dispatch rules.

    The closest free eligible unit is sent: the one that can be expected on scene first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    when_busy: Literal["police", "queue"] = Field(
        default="police",
        description="What a call does when eligible units are on duty but none is free: left to "
        "police alone, or it waits.",
    )
    queue_order: Literal["first_come", "priority"] = Field(
        default="first_come",
        description="Waiting calls in order of time, or by their class's priority first.",
    )
    patience_min: float | None = Field(
        default=None,
        gt=0,
        le=1e6,
        description="Mean minutes (exponential) after which a waiting call is left to police; "
        "absent: never.",
    )
    driving_home: Literal["on_the_way", "true_position", "from_post"] = Field(
        default="on_the_way",
        description="A unit driving home may be sent from part of the way, its drive between that "
        "from the scene and that from its post; from the crossing that it comes to "
        "next on its fastest way home; or only once it is back at its post.",
    )
    return_speed_factor: float = Field(
        default=1.0,
        gt=0,
        le=10,
        description="Speed of the drive home relative to that of the drive to a call.",
    )
    type_order: tuple[str, ...] = Field(
        default=(),
        description="Responder types that go first if free, in this order, before closeness "
        "counts.",
    )
    reach_min: float = Field(default=60.0, gt=0, description="Units are not sent on longer drives.")
    last_call_min: float = Field(
        default=0.0,
        ge=0,
        description="No new call in the last minutes of a shift; a call begun is finished.",
    )


class Reason(IntEnum):
    """Why a call got no unit, or that it got one."""

    SENT = 0
    NOT_IN_DEPLOYMENT = 1
    CLOSED = 2
    BUSY = 3
    GAVE_UP = 4
    OUT_OF_REACH = 5


REASON_WORDS = {
    Reason.SENT: "sent",
    Reason.NOT_IN_DEPLOYMENT: "no unit of the deployment takes this class",
    Reason.CLOSED: "closed hours: no eligible unit on duty",
    Reason.BUSY: "all eligible units busy",
    Reason.GAVE_UP: "waited for a unit and gave up",
    Reason.OUT_OF_REACH: "on duty, but none within reach",
}
