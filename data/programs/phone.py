"""Clinicians on the phone who take some calls first: at a dispatch desk, or behind 988."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from math import ceil

from pydantic import BaseModel, ConfigDict, Field

from coresponse.data.hours import HOURS_A_WEEK, Hours, WeekHours
from coresponse.data.sourced import Sourced, SourcedNumber

ANY_CHANNEL = "*"

# Hours of a shift at a desk, at most: people sit there in shifts, not by the hour.
DESK_SHIFT_H = 8

# Where a desk is always open, shifts change at 07:00, 15:00 and 23:00.
DESK_CHANGES = 7


def _assumed(value: float, low: float, high: float, source: str) -> SourcedNumber:
    return SourcedNumber(
        value=value, low=low, high=high, mark="assumption", source=source, year=2026
    )


class PhoneStage(BaseModel):
    """What the phone takes first, how long it takes, and what comes of it."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, allow_inf_nan=False
    )

    first: dict[str, dict[str, Sourced]] = Field(
        description="Share of calls (0..1) that clinicians on the phone take first, by call class "
        "and channel; '*': every channel that is not named."
    )
    handle_min: Sourced = Field(
        default=_assumed(25, 15, 40, "planning default: a call and its notes"),
        description="Mean minutes that a call keeps a clinician on the phone.",
    )
    patience_min: Sourced = Field(
        default=_assumed(5, 2, 15, "planning default"),
        description="Mean minutes after which a caller who waits is given to the field instead.",
    )
    resolved_share: Sourced = Field(
        default=SourcedNumber(
            value=0.82,
            low=0.6,
            high=0.95,
            mark="fact",
            source="Austin's clinicians at 911: 82% of transferred calls were not sent to police "
            "(kxan.com; route-fifty.com); Washington State says about 95% of 988's own "
            "callers are helped by phone (crosscut.com 2023)",
            year=2022,
        ),
        description="Share of calls answered on the phone that end there.",
    )
    under_triage_share: Sourced = Field(
        default=_assumed(0.05, 0.0, 0.15, "planning default: no published rate was found"),
        description="Share of calls that ended on the phone that come to the field later after "
        "all.",
    )
    over_triage_share: Sourced = Field(
        default=_assumed(0.2, 0.05, 0.4, "planning default: no published rate was found"),
        description="Share of calls passed on to the field that the phone could have ended.",
    )
    within_s: Sourced = Field(
        default=_assumed(60, 20, 120, "planning default"),
        description="Seconds within which calls are to be answered.",
    )
    within_share: Sourced = Field(
        default=_assumed(0.9, 0.8, 0.95, "planning default"),
        description="Share of calls (0..1) to be answered within that time.",
    )

    clinicians: int | None = Field(
        default=None,
        ge=1,
        description="Clinicians at the desk at once while it is open; absent: as many as the "
        "standard takes, in shifts of at most 8 hours.",
    )
    hours: Hours = Field(
        default=WeekHours.of(range(HOURS_A_WEEK)),
        description="Hours of the week in which the desk is open; in all others calls go to the "
        "field.",
    )
    crew_role: str = Field(
        default="clinician",
        description="Crew role that sits at the desk: what an hour of it costs.",
    )

    def share_first(self, call_class: str, channel: str) -> SourcedNumber:
        """Return the share of a class's calls over a channel that the phone takes first; 0 if none is stated."""
        by_channel = self.first.get(call_class, {})
        return by_channel.get(channel, by_channel.get(ANY_CHANNEL, SourcedNumber(value=0.0)))

    @property
    def shifts(self) -> tuple[WeekHours, ...]:
        """Hours of the desk's shifts: runs of open hours split evenly, days alike together."""
        inside = self.hours.mask()
        if inside.all():
            return tuple(
                WeekHours.of(
                    24 * day + (DESK_CHANGES + first + k) % 24 for day in range(7) for k in range(8)
                )
                for first in (0, 8, 16)
            )
        alike: dict[tuple[int, int], set[int]] = {}
        for first in (h for h in range(HOURS_A_WEEK) if inside[h] and not inside[h - 1]):
            run = next(k for k in range(HOURS_A_WEEK) if not inside[(first + k) % HOURS_A_WEEK])
            pieces = ceil(run / DESK_SHIFT_H)
            for a, b in pairwise(run * k // pieces for k in range(pieces + 1)):
                hours = {(first + k) % HOURS_A_WEEK for k in range(a, b)}
                alike.setdefault(((first + a) % 24, b - a), set()).update(hours)
        return tuple(WeekHours.of(alike[key]) for key in sorted(alike))

    def faults(self, call_classes: Iterable[str]) -> Iterator[str]:
        """Say what contradicts itself."""
        known = set(call_classes)
        for name, by_channel in self.first.items():
            if name not in known:
                yield f"phone: call class {name!r} is not defined; there are {sorted(known)}"
            for channel, share in by_channel.items():
                if not _is_share(share):
                    yield f"phone: first.{name}.{channel} and its range must be in [0, 1]"
        for name in ("resolved_share", "under_triage_share", "over_triage_share", "within_share"):
            if not _is_share(getattr(self, name)):
                yield f"phone: {name} and its range must be in [0, 1]"
        for name in ("handle_min", "patience_min"):
            if getattr(self, name).value <= 0:
                yield f"phone: {name} must be above 0"
        if self.within_share.value in {0, 1} or self.within_s.value < 0:
            yield "phone: within_share must be above 0 and below 1, and within_s 0 or more"


def _is_share(figure: SourcedNumber) -> bool:
    ends = (figure.value, figure.low, figure.high)
    return all(0 <= end <= 1 for end in ends if end is not None)
