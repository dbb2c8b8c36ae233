"""What follows from a responder type's calls as it may be shown: call-outs, dollars, busy shares, officer hours.

A type may be sent to calls of one rare class, an agency's units to those of a few districts: what
such responders do is a count of these calls. They are therefore told as calls are, in steps of
five past calls, 1 to 10 of them as 5, and whatever is worked out of them is worked out of the
calls as told.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from coresponse.coverage.call_outs import (
    CallOuts,
    further_cost,
    further_costs,
    standby_days,
)
from coresponse.coverage.few_calls import MIN_CALLS
from coresponse.coverage.replay.bands import Interval, interval
from coresponse.coverage.replay.replay_measures import ReplayMeasures
from coresponse.data.hours import WEEKS_A_YEAR
from coresponse.data.options import Deployment
from coresponse.data.programs.cost import call_out_cost
from coresponse.data.programs.model import Program
from coresponse.data.programs.throughput import time_on_a_call_min
from coresponse.optimize.case import Case
from coresponse.publish.city import CityRounding

# Dollars: a limit of money is stated in such, and rates and hours tell no less apart.
THOUSAND = 1_000.0

# Why a plan spends more than its budget.
NONE_KEEPS = "no plan was found that keeps it"


def told_calls(calls_by_type: Mapping[str, float], rounding: CityRounding) -> dict[str, float]:
    """Return calls a week by responder type as they may be shown."""
    # a replay may draw more calls than there were
    return {name: rounding.per_week(calls, at_most=np.inf) for name, calls in calls_by_type.items()}


def own_calls(deployment: Deployment, replay: ReplayMeasures | None) -> dict[str, float]:
    """Return by type the calls a week of a deployment's own responders, which may be a part of those replayed."""
    own = [option for option, _ in deployment.counts]
    samples = () if replay is None else replay.samples
    out: dict[str, float] = {}
    for sample in samples:
        for name, sent in sample.calls_of(own).items():
            out[name] = out.get(name, 0.0) + sent / len(samples)
    return out


def told_dollars(
    program: Program,
    deployment: Deployment,
    calls_by_type: Mapping[str, float],
    rounding: CityRounding,
    *,
    planned: float,
    budget: float | None = None,
) -> float:
    """Return a cost a year with call-outs as found: to $1,000, of calls as they are told.

    Parameters
    ----------
    calls_by_type
        Calls a week that each type is sent to, exact.
    planned
        Dollars a year with call-outs as the program prices them.
    budget
        A limit that the exact cost keeps: what is shown does so, too.
    """
    exact = further_cost(program, deployment, calls_by_type)
    if not exact or rounding.exact:
        return planned + exact
    more = further_cost(program, deployment, told_calls(calls_by_type, rounding))
    told = round((planned + more) / THOUSAND) * THOUSAND
    if budget is not None and planned + exact <= budget * (1 + 1e-9):
        told = min(told, budget)
    return float(told)


def told_cost(
    program: Program,
    deployment: Deployment,
    replay: ReplayMeasures | None,
    rounding: CityRounding,
    *,
    planned: float,
    budget: float | None = None,
) -> Interval:
    """Return the same with its band, whose ends are rounded outwards to :func:`dollar_step`."""
    if replay is None or not any(further_costs(program, deployment, replay)):
        return Interval(planned, planned, planned, 1)
    calls = own_calls(deployment, replay)
    mean = told_dollars(program, deployment, calls, rounding, planned=planned, budget=budget)
    further, slack = told_further(program, deployment, replay, rounding)
    one = interval([planned + more for more in further])
    wide = Interval(one.mean, one.low - slack, one.high + slack, one.replications)
    wide = rounding.stepped(wide, dollar_step(program, deployment, rounding), at_least=-np.inf)
    return Interval(mean, min(wide.low, mean), max(wide.high, mean), one.replications)


def told_further(
    program: Program, deployment: Deployment, replay: ReplayMeasures, rounding: CityRounding
) -> tuple[list[float], float]:
    """Return further dollars a replication, and by how much more they may differ.

    Types that are sent to 1 to 10 past calls count as told in all replications, and as 0 to 10 calls
    in the second figure.
    """
    own = own_calls(deployment, replay)
    told = told_calls(own, rounding)
    few = {name for name, calls in own.items() if 0 < rounding.past(calls) < MIN_CALLS - 0.5}
    rare = Deployment.of("few", [(o, n) for o, n in deployment.counts if o.responder_type in few])
    rest = Deployment.of(
        "rest", [(o, n) for o, n in deployment.counts if o not in dict(rare.counts)]
    )
    always = further_cost(program, rare, told)
    slack = sum(told[name] * WEEKS_A_YEAR * call_out_cost(program, name) for name in few)
    return [always + more for more in further_costs(program, rest, replay)], slack


def dollar_step(program: Program, deployment: Deployment, rounding: CityRounding) -> float:
    """Return what dollars that call-outs go into are rounded to multiples of: five past calls', and at least $1,000."""
    most = max(
        (call_out_cost(program, name) for name in standby_days(program, deployment)), default=0.0
    )
    return rounding.dollar_step(most)


def model_dollar_step(case: Case, rounding: CityRounding) -> float:
    """Return what a model's dollars are rounded to multiples of; 0 where its prices follow from no calls.

    Under a budget its call-outs are priced as the replay finds them.
    """
    if case.limits.budget_per_year is None:
        return 0.0
    most = max(call_out_cost(case.program, name) for name in case.program.responder_types)
    return rounding.dollar_step(most) if most else 0.0


def told_call_outs(
    program: Program, deployment: Deployment, replay: ReplayMeasures, rounding: CityRounding
) -> tuple[CallOuts, ...]:
    """Return the call-outs of each type paid as standby, as the replay finds them and as they may be shown."""
    out = []
    for name, days in standby_days(program, deployment).items():
        kind = program.responder_types[name]
        found = interval([sample.calls_by_type.get(name, 0.0) for sample in replay.samples])
        told, mean = rounding.interval("calls_per_week", found), found.mean
        ends = (found.low, found.high) if rounding.exact else (told.low, told.high)
        if 0 < rounding.past(mean) < MIN_CALLS - 0.5:
            ends = (0.0, 2 * rounding.per_week(mean, at_most=np.inf))
        mean = rounding.per_week(mean, at_most=np.inf)
        out.append(
            CallOuts(
                kind.title,
                kind.call_outs_per_day.value,
                Interval(
                    mean / days,
                    min(ends[0], mean) / days,
                    max(ends[1], mean) / days,
                    found.replications,
                ),
            )
        )
    return tuple(out)


def told_busy(
    shares: Mapping[str, float], program: Program, deployment: Deployment, rounding: CityRounding
) -> dict[str, float]:
    """Return busy shares by responder type as they may be shown: those of so many calls as are told.

    How long a call keeps a unit the program says, which everybody may know: a share of the hours on
    duty of a deployment is a number of calls. A share that is no deployment's follows from none.
    """
    hours = dict.fromkeys(shares, 0.0)
    for option, count in deployment.counts:
        kind = program.responder_types[option.responder_type]
        week = program.shift_patterns[option.shift_pattern].hours.count * kind.sessions
        hours[option.responder_type] = hours.get(option.responder_type, 0.0) + count * week
    out = {}
    for name, exact in shares.items():
        share = exact
        of_a_call = time_on_a_call_min(program, name) / 60
        if not rounding.exact and hours[name] and np.isfinite(share):
            calls = rounding.per_week(share * hours[name] / of_a_call, at_most=np.inf)
            share = min(calls * of_a_call / hours[name], 1.0)
        out[name] = rounding.busy(share)
    return out
