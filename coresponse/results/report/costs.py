"""The report's section on money.

Line by line as the program prices it, and with call-outs as the replay finds them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from coresponse.coverage.replay.bands import Interval
from coresponse.data.figures.sums import adding_up
from coresponse.data.figures.text import dollars
from coresponse.data.hours import WEEKS_A_YEAR
from coresponse.data.options import Deployment
from coresponse.data.programs.cost import annual_cost, desk_lines
from coresponse.data.programs.model import Program
from coresponse.data.words import at_start
from coresponse.maps.report.content import Part, ReportTable
from coresponse.publish.plan_publication import PlanPublication
from coresponse.publish.rungs import CostPublication
from coresponse.results.tables import title_of

# What their lines of a cost begin with.
DESK = "Clinicians on the phone"

FURTHER = "Call-outs beyond those priced, as found in the replay"


def costs(publication: PlanPublication) -> Part:
    """Return the section."""
    program, told = publication.facts.program, publication.shown.costs
    # in the order of the other tables, and of the map's
    deployments = dict(reversed(publication.deployments.items()))
    rows = [
        *_lines(publication, deployments),
        ("All, a year, as planned", *(_dollars(told.planned[name]) for name in deployments)),
    ]
    if told.standby:
        # of what is shown, so that it adds up
        further = (told.found[name].mean - round(told.planned[name]) for name in deployments)
        rows.append((FURTHER, *map(_dollars, further)))
        rows.append(("All, a year, as found", *(_banded(told.found[name]) for name in deployments)))
    start_up = [
        sum(
            n * annual_cost(program, o.responder_type, o.shift_pattern).start_up
            for o, n in deployment.counts
        )
        for deployment in deployments.values()
    ]
    rows.append(("Once, to start", *map(_dollars, start_up)))
    heads = ("Line", *(at_start(title_of(name)) for name in deployments))
    note = (
        "Every rate behind these lines, with its source and year, is listed under what was assumed."
    )
    table = ReportTable(
        "Cost a year, line by line", heads, tuple(rows), tuple(range(1, len(heads))), note
    )
    return Part("costs", "What it costs", cost_words(publication), tables=(table,))


def _lines(
    publication: PlanPublication, deployments: dict[str, Deployment]
) -> Iterator[tuple[str, ...]]:
    """Return the lines in dollars that add up to what is planned."""
    planned = publication.shown.costs.planned
    lines = {
        **_of_crews(publication.facts.program, deployments),
        **_of_desk(publication, deployments),
    }
    told = {
        name: adding_up([by[name] for by in lines.values()], 1.0, whole=round(planned[name]))
        for name in deployments
    }
    for k, label in enumerate(lines):
        yield (label, *(_dollars(told[name][k]) for name in deployments))


def _of_crews(program: Program, deployments: dict[str, Deployment]) -> dict[str, dict[str, float]]:
    totals: dict[str, dict[str, float]] = {}
    for name, deployment in deployments.items():
        for option, count in deployment.counts:
            for line in annual_cost(program, option.responder_type, option.shift_pattern).lines:
                label = f"{program.responder_types[option.responder_type].title}: {line.what}"
                totals.setdefault(label, dict.fromkeys(deployments, 0.0))[name] += (
                    count * line.per_year
                )
    return totals


def cost_words(publication: PlanPublication) -> tuple[str, ...]:
    """Say what the plan costs, and what a call comes to."""
    return tuple(_words(publication, publication.shown.costs))


def _of_desk(
    publication: PlanPublication, deployments: dict[str, Deployment]
) -> dict[str, dict[str, float]]:
    """Return what clinicians on the phone cost, which is the same whoever is on the street."""
    hours = 0.0 if publication.phone is None else publication.phone.hours_per_week
    return {
        f"{DESK}: {line.what}": dict.fromkeys(deployments, line.per_year)
        for line in desk_lines(publication.facts.program, hours)
    }


def _words(publication: PlanPublication, told: CostPublication) -> Iterator[str]:
    plan = told.found["plan"].mean
    text = f"The plan would cost about {dollars(plan)} a year"
    more = plan - told.found["today"].mean if "today" in told.found else 0.0
    if "today" in told.found:
        text += (
            f", {dollars(round(abs(more), -3))} {'more' if more > 0 else 'less'} than today's "
            "deployment"
            if abs(more) >= 500
            else ", as much as today's deployment"
        )
    if told.standby:
        yield f"{text}, with as many call-outs from standby as the replay finds."
        yield from _call_outs(told)
    else:
        yield f"{text}."
    replayed = publication.evaluations["plan"].replay
    if replayed is None:
        return
    reached = publication.evaluations["plan"].figures["replay"]["reached_per_week"].mean
    if (calls := reached * WEEKS_A_YEAR) > 0:
        yield f"That is about {_dollars(plan / calls)} for each call reached."
    further = publication.shown.further_in_time
    if further is not None and more > 0:
        if further.low > 0:
            each = more / (further.mean * WEEKS_A_YEAR)
            yield f"Each further call reached in time would cost about {_dollars(each)}."
        else:
            yield "The replay shows no clear gain in calls reached in time for the further money."


def _call_outs(told: CostPublication) -> Iterator[str]:
    for one in told.call_outs:
        text = f"{one.words()} ({one.found.low:.1f} to {one.found.high:.1f})"
        if one.far:
            planned, found = told.planned["plan"], told.found["plan"].mean
            text += f": as planned it would be {dollars(planned)} a year, as found {dollars(found)}"
        yield f"{text}."


def _dollars(value: float) -> str:
    whole = round(value)
    return f"\u2212${-whole:,}" if whole < 0 else f"${whole:,}"


def _banded(found: Interval) -> str:
    ends = (
        f" ({_dollars(found.low)} to {_dollars(found.high)})"
        if np.isfinite(found.low) and found.high > found.low
        else ""
    )
    return f"{_dollars(found.mean)}{ends}"
