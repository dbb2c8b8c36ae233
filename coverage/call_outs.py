"""Call-outs of responders paid as standby.

As the program prices them, and as a judge finds them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from coresponse.coverage.replay.bands import Interval
from coresponse.coverage.replay.replay_measures import ReplayMeasures
from coresponse.data.hours import WEEKS_A_YEAR
from coresponse.data.options import Deployment
from coresponse.data.programs.cost import call_out_cost
from coresponse.data.programs.model import Program

# Call-outs found are said to be far from the priced ones beyond this factor, either way.
FAR = 2.0


@dataclass(frozen=True)
class CallOuts:
    """Call-outs of one type in 24 hours on standby.

    Attributes
    ----------
    title
        Of the type.
    priced
        That the program's costs count with.
    found
        In the replay, with its band.
    """

    title: str
    priced: float
    found: Interval

    @property
    def far(self) -> bool:
        """Whether what was found is far from what is priced."""
        return self.found.mean > FAR * self.priced or self.found.mean < self.priced / FAR

    def words(self) -> str:
        """Say both figures."""
        return f"{self.title}: priced with {priced_call_outs(self.priced)}, found {self.found.mean:.1f}"


def priced_call_outs(a_day: float) -> str:
    """Say how many call-outs standby is priced with."""
    return f"{a_day:g} {'call-out' if a_day == 1 else 'call-outs'} in 24 hours on standby"


def standby_days(program: Program, deployment: Deployment) -> dict[str, float]:
    """Return by type paid as standby its responders' 24-hour stretches on duty a week."""
    out: dict[str, float] = {}
    for option, count in deployment.counts:
        if program.responder_types[option.responder_type].paid_as == "standby":
            days = count * program.shift_patterns[option.shift_pattern].hours.count / 24
            out[option.responder_type] = out.get(option.responder_type, 0.0) + days
    return out


def further_cost(
    program: Program, deployment: Deployment, calls_by_type: Mapping[str, float]
) -> float:
    """Return what call-outs cost a year beyond those that are priced; below 0 if there are fewer.

    Parameters
    ----------
    calls_by_type
        Calls a week that each type is sent to.
    """
    return sum(
        (
            calls_by_type.get(name, 0.0)
            - days * program.responder_types[name].call_outs_per_day.value
        )
        * WEEKS_A_YEAR
        * call_out_cost(program, name)
        for name, days in standby_days(program, deployment).items()
    )


def cost_as_found(cost: float, further: float) -> float:
    """Return a cost a year with call-outs as found, to $1,000.

    To the dollar, two plans' would tell of single calls.

    Parameters
    ----------
    cost
        As planned, dollars.
    further
        What :func:`further_cost` says; where it is nothing, the cost is the planned one.
    """
    return round(cost + further, -3) if further else cost


def further_costs(
    program: Program, deployment: Deployment, measures: ReplayMeasures
) -> list[float]:
    """Return :func:`further_cost` as the replay finds it, one a replication.

    Parameters
    ----------
    deployment
        What was replayed, or a part of it, such as one agency's: its own options' calls count.
    """
    return [
        further_cost(
            program, deployment, sample.calls_of(option for option, _ in deployment.counts)
        )
        for sample in measures.samples
    ]
