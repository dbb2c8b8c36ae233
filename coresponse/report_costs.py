"""The report's section on money.

Line by line as the program prices it, and with call-outs as the replay finds them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from coresponse.call_outs import found_call_outs, further_costs
from coresponse.content import cost_per_year
from coresponse.coverage.replay.bands import Interval, interval
from coresponse.coverage.replay.measures import ReplayMeasures
from coresponse.data.hours import WEEKS_A_YEAR
from coresponse.data.options import Deployment
from coresponse.data.programs.cost import annual_cost
from coresponse.data.programs.model import Program
from coresponse.judged import DEPLOYMENT_TITLES
from coresponse.maps.report.content import Part, ReportTable
from coresponse.paired import difference
from coresponse.planning import Planned

FURTHER = "Call-outs beyond those priced, as found in the replay"


def costs(planned: Planned) -> Part:
    """Return the section."""
    program = planned.inputs.program
    # in the order of the other tables, and of the map's
    today = {"today": planned.inputs.today} if planned.inputs.today is not None else {}
    deployments = {**today, "plan": planned.plan}
    whole = {name: cost_per_year(program, deployment) for name, deployment in deployments.items()}
    found = _found(planned, deployments, whole)
    rows = [
        *_lines(program, deployments),
        ("All, a year, as planned", *(_dollars(cost) for cost in whole.values())),
    ]
    standby = any(found_call_outs_of(planned, name) for name in deployments)
    if standby:
        rows.append((FURTHER, *(_dollars(found[name].mean - whole[name]) for name in deployments)))
        rows.append(("All, a year, as found", *(_banded(found[name]) for name in deployments)))
    start_up = [
        sum(
            n * annual_cost(program, o.responder_type, o.shift_pattern).start_up
            for o, n in deployment.counts
        )
        for deployment in deployments.values()
    ]
    rows.append(("Once, to start", *map(_dollars, start_up)))
    heads = ("Line", *(DEPLOYMENT_TITLES[name].capitalize() for name in deployments))
    note = (
        "Every rate behind these lines, with its source and year, is listed under what was assumed."
    )
    table = ReportTable(
        "Cost a year, line by line", heads, tuple(rows), tuple(range(1, len(heads))), note
    )
    return Part(
        "costs",
        "What it costs",
        tuple(_words(planned, whole, found, standby=standby)),
        tables=(table,),
    )


def found_call_outs_of(planned: Planned, name: str) -> bool:
    """Whether a deployment has responders on standby whose call-outs were replayed."""
    judgment = planned.judgments.get(name)
    if judgment is None or judgment.replay is None:
        return False
    return bool(found_call_outs(planned.inputs.program, judgment.deployment, judgment.replay))


def _found(
    planned: Planned, deployments: dict[str, Deployment], whole: dict[str, float]
) -> dict[str, Interval]:
    return {
        name: interval(_samples(planned, name, deployment, whole[name]))
        for name, deployment in deployments.items()
    }


def _samples(planned: Planned, name: str, deployment: Deployment, cost: float) -> list[float]:
    replayed = _replay(planned, name)
    if replayed is None:
        return [cost]
    return [cost + more for more in further_costs(planned.inputs.program, deployment, replayed)]


def _replay(planned: Planned, name: str) -> ReplayMeasures | None:
    judgment = planned.judgments.get(name)
    return None if judgment is None else judgment.replay


def _lines(program: Program, deployments: dict[str, Deployment]) -> Iterator[tuple[str, ...]]:
    totals: dict[str, dict[str, float]] = {}
    for name, deployment in deployments.items():
        for option, count in deployment.counts:
            for line in annual_cost(program, option.responder_type, option.shift_pattern).lines:
                label = f"{program.responder_types[option.responder_type].title}: {line.what}"
                totals.setdefault(label, dict.fromkeys(deployments, 0.0))[name] += (
                    count * line.per_year
                )
    for label, by in totals.items():
        yield (label, *(_dollars(by[name]) for name in deployments))


def _words(
    planned: Planned, whole: dict[str, float], found: dict[str, Interval], *, standby: bool
) -> Iterator[str]:
    plan = found["plan"].mean
    text = f"The plan would cost about {_millions(plan)} a year"
    if "today" in whole:
        apart = plan - found["today"].mean
        text += (
            f", {_millions(abs(apart))} {'more' if apart >= 0 else 'less'} than today's deployment"
        )
    yield (
        f"{text}."
        if not standby
        else f"{text}, with as many call-outs from standby as the replay finds."
    )
    if standby:
        yield from _call_outs(planned, whole["plan"], plan)
    replayed, today = _replay(planned, "plan"), _replay(planned, "today")
    if (
        replayed is not None
        and (calls := replayed.figure("reached_per_week").mean * WEEKS_A_YEAR) > 0
    ):
        yield f"That is about {_dollars(plan / calls)} for each call reached."
    if replayed is not None and today is not None:
        further = difference(replayed, today, ("in_time_per_week",))
        more = plan - found["today"].mean
        if further.low > 0 and more > 0:
            yield f"Each further call reached in time would cost about {_dollars(more / (further.mean * WEEKS_A_YEAR))}."
        elif more > 0:
            yield "The replay could not tell that more calls would be reached in time for the further money."


def _call_outs(planned: Planned, priced: float, found: float) -> Iterator[str]:
    replayed = _replay(planned, "plan")
    if replayed is None:
        return
    for one in found_call_outs(planned.inputs.program, planned.plan, replayed):
        text = f"{one.words()} ({one.found.low:.1f} to {one.found.high:.1f})"
        if one.far:
            text += (
                f": as planned it would be {_millions(priced)} a year, as found {_millions(found)}"
            )
        yield f"{text}."


def _dollars(value: float) -> str:
    return f"\u2212${-value:,.0f}" if value <= -0.5 else f"${value:,.0f}"


def _banded(found: Interval) -> str:
    ends = (
        f" ({_dollars(found.low)} to {_dollars(found.high)})"
        if np.isfinite(found.low) and found.high > found.low
        else ""
    )
    return f"{_dollars(found.mean)}{ends}"


def _millions(value: float) -> str:
    return f"${value / 1e6:,.2f} million"
