"""Outcomes with their evidence.

Officer hours as a range, and what is known of arrests, force and enrollment.

Only officer hours are worked out, from calls, minutes and a substitution share that the program
states. Shares that programs report of themselves are quoted as text beside what is known of them;
none is an effect, and no forecast is made with any.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from coresponse.data.evidence import load_evidence
from coresponse.data.programs.model import Program
from coresponse.data.sourced import SourcedNumber


@dataclass(frozen=True)
class OfficerHours:
    """Officer hours a week that calls handled without police free.

    Attributes
    ----------
    low, planned, high
        At the low end, the stated value and the high end of the substitution share; minutes of an
        officer as stated.
    minutes
        Of an officer on a call, with mark and source.
    """

    low: float
    planned: float
    high: float
    minutes: SourcedNumber


def officer_hours(program: Program, calls_per_week: Mapping[str, float]) -> OfficerHours:
    """Work out officer hours freed a week.

    They are of calls of crews without an officer that need none first and ask for none, contacts
    only.

    Parameters
    ----------
    calls_per_week
        Answered, by responder type.
    """
    alone = sum(calls * (1 - police_share(program, name)) for name, calls in calls_per_week.items())
    share, minutes = program.workload.substitution_share, program.workload.officer_min
    hours = alone * minutes.value / 60
    low = share.value if share.low is None else share.low
    high = share.value if share.high is None else share.high
    return OfficerHours(hours * low, hours * share.value, hours * high, minutes)


def police_share(program: Program, responder_type: str) -> float:
    """Return the share of the calls that a type is sent to which are not handled without police.

    All of them where an officer is in the crew or goes first; else those on which nobody is met,
    and those on which the crew asks for police.
    """
    kind = program.responder_types[responder_type]
    if "officer" in kind.crew or kind.needs_officer_first:
        return 1.0
    met = 1.0 - sum(o.share.value for o in program.service_outcomes.values() if not o.contact)
    return float(1 - met * (1 - kind.police_backup_share.value))


def evidence_rows() -> list[dict[str, Any]]:
    """Return what is known of outcomes, one row a finding, for tables and reports.

    Figures are in sentences only.
    """
    return [one.model_dump() for one in load_evidence()]
