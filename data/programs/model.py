"""A crisis program: who may be sent to what, how fast they start, what they cost.

Read from ``program.toml``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Self

from pydantic import Field, model_validator

from coresponse.data.hours import Hours, speed_fault
from coresponse.data.programs.call_classes import CallClass
from coresponse.data.programs.calls_by_hour import CallsByHour
from coresponse.data.programs.part import ProgramPart
from coresponse.data.programs.patrol import PatrolStage
from coresponse.data.programs.phone import PhoneStage
from coresponse.data.programs.roles import (
    HOURS_OF_PEOPLE,
    MOST_OF_TYPE,
    MOST_RELIEF,
    CrewRole,
    amounts_out_of_range,
)
from coresponse.data.programs.staffing import Staffing
from coresponse.data.sourced import Sourced, SourcedNumber, Statement

Kind = Literal["ride_along", "on_call", "civilian", "tele"]

# Of the logarithm of a drive: one in six would take seven times the middle one. Records give 0.2 to 0.6.
MOST_SPREAD = 2.0


class ShiftPattern(ProgramPart):
    """The hours of the week that a responder is on duty."""

    title: str
    hours: Hours
    relief_factor: Sourced | None = Field(
        default=None,
        description="Paid staff hours per hour on duty where a pattern needs more than one, such "
        "as for overlap at hand-over.",
    )

    @property
    def clock_title(self) -> str:
        """Its title with clock hours, such as ``Day, 10 hours (daily 06:00-16:00)``."""
        hours = self.hours.words()
        return self.title if hours in {"", "always"} else f"{self.title} ({hours})"


class ServiceOutcome(ProgramPart):
    """One way that a call ends, with its share and its times.

    Together they are the long-tailed service time.
    """

    title: str
    share: Sourced = Field(
        description="Share of answered calls (0..1); the shares of a program add up to 1."
    )
    on_scene_min: Sourced
    transport_min: Sourced | None = Field(
        default=None,
        description="Minutes with the person to and at a facility; absent: no transport.",
    )
    paperwork_min: Sourced
    contact: bool = Field(default=True, description="Whether the person was met.")
    spread: Sourced = Field(
        default=SourcedNumber(
            value=0.5,
            low=0.35,
            high=0.7,
            mark="assumption",
            source="planning default: long-tailed; police mental-health calls have a median of 43 "
            "and a range of 2 to 642 min (UNB 2025)",
            year=2026,
        ),
        description="Standard deviation of the logarithm of the times.",
    )


class ResponderType(ProgramPart):
    """A crew and how it works."""

    title: str
    kind: Kind
    crew: dict[str, int] = Field(description="Staff by crew role.")
    eligible: tuple[str, ...] = Field(description="Call classes it may be sent to.")
    delay_min: Sourced = Field(
        description="Turn-out, or activation of an on-call clinician, in minutes."
    )
    speed_factor: Sourced = Field(description="Driving speed relative to the road network's own.")
    drive_spread: Sourced | None = Field(
        default=None,
        description="Standard deviation of the logarithm of a drive over what is expected, call by "
        "call (0.3 is usual); "
        'absent: 0. `speeds = "calibrated"` fits it.',
    )
    delay_spread: Sourced | None = Field(
        default=None,
        description="The same of the delay; absent: that of an on-call clinician from the delay's "
        "high figure (9 of 10 are below it), of others 0.",
    )
    needs_officer_first: bool = Field(
        default=False,
        description="The officer secures the scene: response is the later of the two arrivals.",
    )
    shift_patterns: tuple[str, ...]
    post_kinds: tuple[str, ...] = Field(
        default=(), description="Kinds of post it may wait at; empty: any."
    )
    busy_share: Sourced = Field(
        description="Planning value for the share of time busy (0..1) until it is measured."
    )
    sessions: int = Field(
        default=1, ge=1, description="Calls served at once by one responder (tele-clinician)."
    )
    police_backup_share: Sourced = Field(
        default=SourcedNumber(
            value=0.02,
            low=0.0,
            high=0.03,
            mark="assumption",
            source="planning default: Toronto's civilian teams asked for police on 2.5% "
            "(toronto.ca 2023), CAHOOTS reported 0.6% (azdailysun.com 2021), STAR's pilot "
            "none",
            year=2026,
        ),
        description="Share of contacts on which a crew without an officer asks for police.",
    )
    follow_ups: bool = Field(
        default=True, description="Makes follow-up visits when no call needs it."
    )
    calls_per_unit_hour: Sourced | None = Field(
        default=None,
        description="Calls that the program of this name handled in an hour of one unit on duty; "
        "times on a call must allow it.",
    )
    published_cost_per_hour: Sourced | None = Field(
        default=None,
        description="Dollars an hour of one unit on duty that programs of this kind published; "
        "its note explains the difference from the lines of cost here. It is "
        "compared, never computed with.",
    )
    paid_as: Literal["shift", "standby"] = "shift"
    call_outs_per_day: Sourced = Field(
        default=SourcedNumber(
            value=1.0,
            low=0.3,
            high=3.0,
            mark="assumption",
            source="planning default: replace it by what a plan's clinicians are called out for",
            year=2026,
        ),
        description="Call-outs per 24 hours on standby, which call-back pay is worked out with.",
    )
    vehicle_per_hour: Sourced = Field(description="Dollars per hour on duty for the vehicle.")
    start_up: Sourced = Field(description="Dollars once per responder: vehicle, upfit, training.")
    overhead_share: Sourced = Field(
        description="Medical direction, dispatch licenses, training as a share of staff cost; "
        "supervision is in staffing."
    )

    def travel_faults(self) -> Iterator[str]:
        """Say what is wrong with its delay, speed and spread of drives."""
        if self.delay_min.value < 0 or speed_fault(self.speed_factor.value):
            yield "delay_min must be 0 or more and speed_factor above 0, 0.02 to 10"
        for name in ("drive_spread", "delay_spread"):
            stated = getattr(self, name)
            if stated is not None and not 0 <= stated.value <= MOST_SPREAD:
                yield f"{name} must be in [0, {MOST_SPREAD:g}], found {stated.value:g}"


class Standards(ProgramPart):
    """Clocks and targets, the same wherever a response time is shown."""

    target_min: Sourced = Field(description="Response-time standard in minutes.")
    call_taking_min: Sourced = Field(description="From the call's start until a responder is told.")
    police_arrival_min: Sourced = Field(
        description="From the call's start until police are there, if calls do not tell."
    )
    fallback_min: Sourced = Field(
        description="What a call counts as waiting in the objective when no eligible responder can "
        "come."
    )
    clock: str = Field(
        default="from the call's start to the responder's arrival on scene",
        description="Start and stop of the clock.",
    )


class Workload(ProgramPart):
    """What answered calls bring with them: follow-up visits, and time that officers get back."""

    officer_min: Sourced = Field(
        default=SourcedNumber(
            value=63,
            low=43,
            high=118,
            mark="derived",
            source="mean of a lognormal with the published median of 43 min whose longest call, "
            "642 min, is one in a thousand (UNB 2025); low: that median; high: the middle "
            "of 113-123 min for an involuntary referral (Hoffman 2021)",
            year=2025,
            note="A median must not be multiplied by a number of calls: the long calls make most "
            "of the hours.",
        ),
        description="Mean minutes that an officer spends on a call that is left to police alone.",
    )
    substitution_share: Sourced = Field(
        default=SourcedNumber(
            value=0.3,
            low=0.05,
            high=0.6,
            mark="assumption",
            source="planning default: at the margin CAHOOTS units mostly took calls that would "
            "have gone unanswered (NBER w33761); police found 3-8% diversion where the "
            "program reported 17-20% (nlc.org)",
            year=2026,
        ),
        description="Share of calls handled without police that an officer would otherwise have "
        "answered; below 1.",
    )
    follow_ups_per_call: Sourced = Field(
        default=SourcedNumber(
            value=0.4,
            low=0.0,
            high=0.45,
            mark="derived",
            source="follow-ups per call: 0.37 at Indianapolis MCAT (2024), 0.43 at Toronto TCCS "
            "(toronto.ca 2023)",
            year=2023,
        ),
        description="Follow-up visits that an answered call brings, whether or not the person was "
        "met (0..1).",
    )
    follow_up_min: Sourced = Field(
        default=SourcedNumber(
            value=45,
            low=15,
            high=60,
            mark="assumption",
            source="planning default: a field visit",
            year=2026,
        ),
        description="Minutes of a follow-up visit with its travel.",
    )
    follow_up_after_h: Sourced = Field(
        default=SourcedNumber(
            value=24,
            low=0,
            high=72,
            mark="assumption",
            source="planning default: not before the next day; Oregon's rule is within 72 h "
            "(opb.org 2024)",
            year=2026,
        ),
        description="Hours after the contact from which the visit can be made.",
    )


class Program(ProgramPart):
    """The responder types, call classes, standards and costs of one agency's plan."""

    schema_version: Literal[1] = Field(default=1, alias="schema")
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str
    status: str = Field(default="", description="Such as 'active' or 'ended 2025-04-07'.")
    about: tuple[Statement, ...] = ()
    call_classes: dict[str, CallClass]
    crew_roles: dict[str, CrewRole]
    shift_patterns: dict[str, ShiftPattern]
    service_outcomes: dict[str, ServiceOutcome]
    responder_types: dict[str, ResponderType]
    standards: Standards
    workload: Workload = Field(default_factory=Workload)
    phone: PhoneStage | None = Field(
        default=None, description="Clinicians on the phone who take some calls first; absent: none."
    )
    calls_by_hour: CallsByHour | None = Field(
        default=None,
        description="Assumed calls by hour of day (24) or week (168); absent: a day of 911 calls.",
    )
    patrol: PatrolStage | None = Field(
        default=None,
        description="Patrol officers as a fleet of their own; absent: police come after the "
        "recorded times.",
    )
    productive_hours_per_year: Sourced = Field(
        description="Hours a year that one person is there to be on duty."
    )
    staffing: Staffing = Field(default_factory=Staffing)
    default_units: dict[str, int] = Field(
        description="Responders by type that `new` proposes as limit."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        faults = [*self._faults_of_types(), *self._faults_of_classes()]
        share = sum(outcome.share.value for outcome in self.service_outcomes.values())
        if self.service_outcomes and abs(share - 1) > 1e-6:
            faults.append(f"service_outcomes: shares add up to {share:g}, not 1")
        if not 0 <= self.workload.substitution_share.value < 1:
            faults.append(
                "workload: substitution_share must be in [0, 1): not every call handled frees an "
                "officer"
            )
        if not 0 <= self.workload.follow_ups_per_call.value <= 1:
            faults.append("workload: follow_ups_per_call must be in [0, 1]")
        faults += amounts_out_of_range(self, {"productive_hours_per_year": HOURS_OF_PEOPLE})
        if self.phone is not None:
            faults += self.phone.faults(self.call_classes)
            if self.phone.crew_role not in self.crew_roles:
                known = sorted(self.crew_roles)
                faults.append(
                    f"phone: crew role {self.phone.crew_role!r} is not defined; there are {known}"
                )
        faults += () if self.patrol is None else self.patrol.faults()
        faults += self.staffing.faults(self.productive_hours_per_year.value)
        faults += [
            f"crew_roles.{name}: {fault}"
            for name, role in self.crew_roles.items()
            for fault in role.faults()
        ]
        faults += [
            f"shift_patterns.{name}: relief_factor must be 1 or more, at most {MOST_RELIEF:g}, "
            f"found {pattern.relief_factor.value}"
            for name, pattern in self.shift_patterns.items()
            if pattern.relief_factor is not None
            and not 1 <= pattern.relief_factor.value <= MOST_RELIEF
        ]
        unknown = [name for name in self.default_units if name not in self.responder_types]
        faults += [f"default_units: responder type {name!r} is not defined" for name in unknown]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _faults_of_types(self) -> Iterator[str]:
        for name, kind in self.responder_types.items():
            where = f"responder_types.{name}"
            for what, used, known in (
                ("crew role", kind.crew, self.crew_roles),
                ("call class", kind.eligible, self.call_classes),
                ("shift pattern", kind.shift_patterns, self.shift_patterns),
            ):
                for u in used:
                    if u not in known:
                        yield f"{where}: {what} {u!r} is not defined; there are {sorted(known)}"
            if not kind.shift_patterns:
                yield f"{where}: needs at least one shift pattern"
            if any(count < 1 for count in kind.crew.values()):
                yield f"{where}: crew counts must be 1 or more"
            yield from (f"{where}: {fault}" for fault in kind.travel_faults())
            if kind.call_outs_per_day.value < 0:
                yield f"{where}: call_outs_per_day must be 0 or more"
            yield from (f"{where}: {fault}" for fault in amounts_out_of_range(kind, MOST_OF_TYPE))
            if not 0 <= kind.busy_share.value < 1:
                yield f"{where}: busy_share must be in [0, 1), found {kind.busy_share.value}"

    def _faults_of_classes(self) -> Iterator[str]:
        rules: dict[tuple[str, bool], str] = {}
        for name, call_class in self.call_classes.items():
            shares = call_class.outcome_shares
            if shares and (
                set(shares) - set(self.service_outcomes)
                or abs(sum(map(float, shares.values())) - 1) > 1e-6
            ):
                yield (
                    f"call_classes.{name}: outcome_shares must be of "
                    f"{sorted(self.service_outcomes)} and add up to 1"
                )
            for rule in call_class.natures:
                # a rule may stand twice: for a share of its calls, and for the others
                shared = rule in call_class.nature_shares
                other = rules.setdefault((rule.strip().casefold(), shared), name)
                if other != name:
                    how = " by a share" if shared else ""
                    yield f"call_classes: nature rule {rule!r} is in both {other} and {name}{how}"

    def __repr__(self) -> str:
        """Say it in a line."""
        return (
            f"<Program {self.name!r}: {', '.join(self.responder_types)}; takes "
            f"{', '.join(self.call_classes)}>"
        )

    def outcome_shares(self, call_class: str) -> dict[str, float]:
        """Return the share of each service outcome among a class's answered calls."""
        own = self.call_classes[call_class].outcome_shares
        if own:
            return {name: own[name].value if name in own else 0.0 for name in self.service_outcomes}
        return {name: outcome.share.value for name, outcome in self.service_outcomes.items()}

    def service_min(self) -> float:
        """Mean minutes from arrival until the responder is free: on scene, transport, paperwork."""
        return sum(
            o.share.value
            * (
                o.on_scene_min.value
                + (o.transport_min.value if o.transport_min else 0)
                + o.paperwork_min.value
            )
            for o in self.service_outcomes.values()
        )
