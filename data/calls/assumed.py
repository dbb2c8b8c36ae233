"""Calls of a city that has no records of them: made from its residents and a published rate.

Nothing is drawn. Places, hours and classes run through sequences that fill them evenly
(van der Corput 1935; the multiples of irrational numbers, Weyl 1916), so that the made calls hold
the residents, the shape of the week and the shares of the classes as exactly as their number
allows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.data.calls.history import (
    ON_THE_NETWORK,
    AssumedDemand,
    CallHistory,
    Funnel,
    FunnelStep,
)
from coresponse.data.calls.rate import PER, Rate
from coresponse.data.calls.times import time_zone
from coresponse.data.errors import InputError
from coresponse.data.hours import HOURS_A_WEEK
from coresponse.data.notes import Note
from coresponse.data.population import Population
from coresponse.data.programs.model import Program
from coresponse.data.roads.network import RoadNetwork

# Calls that stand for the demand.
#
# Enough that a crossing of a city counts by its residents; a plan with ten times as many is no other.
MADE_CALLS = 10_000

# Weeks over which the made calls are spread; how often they come is told by the days they count for.
WEEKS = 50

# Calls an hour are most at 19 to 20 h and least at 4 to 5 h, 35% of the peak (911 calls to police).
PEAK_H, TROUGH_H, TROUGH_SHARE = 19.5, 4.5, 0.35

_MONDAY = pd.Timestamp("2024-01-01")
# Irrational steps, independent over the rationals: hour, week, class, minute.
_STEPS = ((5**0.5 - 1) / 2, 2**0.5 - 1, 3**0.5 - 1, 7**0.5 - 2)


def day_shape() -> NDArray[np.float64]:
    """Return (24,) shares of a day's calls by hour: half a cosine down to the trough, half a one up to the peak."""
    middle = np.arange(24) + 0.5
    since_trough = (middle - TROUGH_H) % 24
    up = (PEAK_H - TROUGH_H) % 24
    phase = np.where(since_trough <= up, since_trough / up, 1 - (since_trough - up) / (24 - up))
    rate = TROUGH_SHARE + (1 - TROUGH_SHARE) * (1 - np.cos(np.pi * phase)) / 2
    return np.asarray(rate / rate.sum())


def assume_calls(
    population: Population,
    rate: Rate,
    *,
    network: RoadNetwork,
    program: Program,
    class_shares: Mapping[str, float] | None = None,
    timezone: str | None = None,
    made: int = MADE_CALLS,
    gathering: NDArray[np.integer] | None = None,
    gathering_share: float = 0.0,
) -> CallHistory:
    """Make the calls of a city from its residents and a rate.

    Parameters
    ----------
    population
        Residents by crossing.
    rate
        Calls a year per 100,000 residents, of classes that a responder type takes.
    class_shares
        Share of each call class; default: equal parts of those that a responder type takes.
    gathering
        (k,) crossings at which people come together, one a place.
    gathering_share
        Of the calls, at these places, alike at each; the others come from where people live.
    made
        Calls that stand for the demand: they count for as many days as the rate says.

    Raises
    ------
    InputError
        If a class is not one that a responder type takes, or nobody lives there.
    """
    zone = time_zone(timezone)
    names, shares = _shares(program, class_shares or {})
    people = population.residents
    if not people.sum() > 0:
        raise InputError("population: nobody lives near the roads")
    people = people / people.sum()
    if gathering is not None and len(gathering):
        there = np.bincount(gathering, minlength=network.n_nodes) / len(gathering)
        people = (1 - gathering_share) * people + gathering_share * there
    a_year = rate.planned * population.total / PER
    i = np.arange(made)
    turn = [np.modf((i + 0.5) * step)[0] for step in _STEPS]
    # along a curve from strip to strip, so that neighbors follow each other
    order = _strips(network)
    node = order[_pick(people[order], (i + 0.5) / made)]
    stated = program.calls_by_hour
    shape = day_shape() if stated is None else np.array(stated, dtype=np.float64)
    hour = _pick(np.tile(shape, HOURS_A_WEEK // len(shape)), turn[0])
    week = np.minimum((turn[1] * WEEKS).astype(np.int64), WEEKS - 1)
    kind = _pick(shares, turn[2])
    second = (week * HOURS_A_WEEK + hour) * 3600 + (turn[3] * 3600).astype(np.int64)
    local = pd.Series(_MONDAY + pd.to_timedelta(second, unit="s"))
    received = local.dt.tz_localize(
        zone, ambiguous=np.ones(made, bool), nonexistent="shift_forward"
    )
    frame = _frame(network, node.astype(np.int32), received, np.array(names)[kind])
    steps = (FunnelStep(ON_THE_NETWORK, made), FunnelStep("eligible", made))
    return CallHistory(
        frame=frame,
        crs=network.crs,
        timezone=zone.key,
        days=made / a_year * 365.25,
        funnel=Funnel(steps),
        set_aside=pd.DataFrame(columns=["source", "source_row", "call_id", "reason", "detail"]),
        unmapped=pd.DataFrame({"nature": pd.Series(dtype=str), "calls": pd.Series(dtype="int64")}),
        notes=(
            *population.notes,
            Note(
                "no recorded calls: demand is assumed to be {rate}, {residents:,.0f} of them, that "
                "is {a_year:,.0f} calls a year ({low:,.0f} to {high:,.0f})",
                rate=str(rate),
                residents=population.total,
                a_year=a_year,
                low=a_year * rate.low / rate.planned,
                high=a_year * rate.high / rate.planned,
            ),
        ),
        assumed=AssumedDemand(rate, population.total),
    )


def _shares(
    program: Program, stated: Mapping[str, float]
) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    taken = {name for kind in program.responder_types.values() for name in kind.eligible}
    names = tuple(name for name in program.call_classes if name in taken)
    wrong = sorted(set(stated) - set(names))
    if wrong:
        raise InputError(
            f"[population] class_shares: {', '.join(wrong)} -- classes that a responder type of "
            f"{program.name} takes are: {', '.join(names)}"
        )
    weight = np.array([stated.get(name, 0.0) if stated else 1.0 for name in names])
    return names, weight / weight.sum()


def _pick(weight: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return which part of a whole each place between 0 and 1 is in; parts without weight are never picked."""
    upto = np.cumsum(weight)
    found = np.searchsorted(upto, at * upto[-1], side="right")
    return np.asarray(np.minimum(found, np.flatnonzero(weight > 0)[-1]), dtype=np.int64)


def _strips(network: RoadNetwork) -> NDArray[np.int64]:
    """Return the crossings from west to east along strips from south to north, every other one back."""
    strips = max(1, int(np.sqrt(network.n_nodes)))
    low, high = float(network.node_y.min()), float(network.node_y.max())
    strip = ((network.node_y - low) / max(high - low, 1.0) * strips).astype(np.int64)
    along = np.where(strip % 2, -network.node_x, network.node_x)
    return np.lexsort((along, strip))


def _frame(
    network: RoadNetwork,
    node: NDArray[np.int32],
    received: pd.Series,
    call_class: Sequence[str] | NDArray[np.str_],
) -> pd.DataFrame:
    unknown = pd.Series(pd.NaT, index=received.index, dtype=received.dtype)
    frame = pd.DataFrame(
        {
            "call_id": [f"assumed-{k}" for k in range(1, len(node) + 1)],
            "received_at": received,
            "dispatched_at": unknown,
            "en_route_at": unknown,
            "arrived_at": unknown,
            "left_scene_at": unknown,
            "at_facility_at": unknown,
            "cleared_at": unknown,
            "nature": "",
            "channel": "",
            "priority": "",
            "unit_id": "",
            "call_class": pd.Series(call_class, dtype=str),
            "x": network.node_x[node],
            "y": network.node_y[node],
            "snap_m": 0.0,
            "node": node,
        }
    )
    return frame.sort_values(["received_at", "call_id"], kind="stable", ignore_index=True)
