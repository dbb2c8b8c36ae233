"""Calls of replications drawn from rates and places, and the seeds of each."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.replay.record import Scenario, scenario
from coresponse.coverage.replay.unknown import Unknowns, hidden_at
from coresponse.coverage.service.arrival_model import ArrivalModel
from coresponse.coverage.service.planning_year import Growth
from coresponse.coverage.service.replay_calls import ReplayCalls
from coresponse.coverage.service.service_model import PoliceModel, ServiceModel
from coresponse.data.hours import HOURS_A_WEEK
from coresponse.data.known_city import KnownCity

# Calls worth of belief in the places of all hours against those of a period's own calls.
SHRINK = 10.0


@dataclass(frozen=True, eq=False)
class DrawnFrom:
    """What the calls of a replication are drawn from.

    Attributes
    ----------
    arrivals
        Rates and places of calls.
    weeks
        Of a replication.
    seed
        Of all replications.
    demand
        Factor on the rates, growth to a planning year included.
    growth
        To the planning year: replications step through its error; None: none is stated.
    """

    arrivals: ArrivalModel
    weeks: int
    seed: int
    demand: float
    growth: Growth | None = None

    @property
    def unknown(self) -> Unknowns:
        """What replications step through."""
        growth = self.growth is not None and self.growth.uncertain
        return Unknowns(self.arrivals.ranged, growth)

    def scene(self, replication: int, service: ServiceModel, police: PoliceModel) -> Scenario:
        """Draw one replication."""
        draw, chance = seeds(self.seed, replication)
        arrivals = self.arrivals.at(hidden_at(replication))
        demand = self.demand * (1.0 if self.growth is None else self.growth.at(replication))
        calls = draw_calls(arrivals, weeks=self.weeks, seed=draw, demand_factor=demand)
        return scenario(calls, service, police, seed=chance)

    def at(self, places: NDArray[np.int32]) -> DrawnFrom:
        """Return the same, for calls at some places only."""
        known = self.arrivals
        here = np.isin(known.node, places)
        if here.all():
            return self
        of_call = ["node", "district", "call_class", "period", "row"]
        of_call += [] if known.share_ends is None else ["share_ends"]
        return replace(
            self, arrivals=replace(known, **{name: getattr(known, name)[here] for name in of_call})
        )


def at_ends_of_rate(
    city: KnownCity, drawn: DrawnFrom, replications: int, models: tuple[ServiceModel, PoliceModel]
) -> tuple[tuple[Scenario, ...], ...]:
    """Return replications at both ends of an assumed rate's range; none where calls were recorded."""
    if city.calls.assumed is None:
        return ()
    rate = city.calls.assumed.rate
    at = (replace(drawn, demand=drawn.demand * end / rate.planned) for end in (rate.low, rate.high))
    return tuple(tuple(end.scene(k, *models) for k in range(replications)) for end in at)


def seeds(seed: int, replication: int) -> tuple[int, int]:
    """Return the seeds of a replication: for its calls, and for what chance decides about them."""
    first, second = np.random.SeedSequence((seed, replication)).generate_state(2)
    return int(first), int(second)


def draw_calls(
    model: ArrivalModel, *, weeks: int, seed: int, demand_factor: float = 1.0
) -> ReplayCalls:
    """Draw calls: a Poisson number each hour, at uniform times in it, at places of past calls.

    All rates of a day share that day's effect: days differ as they did in the history.

    Parameters
    ----------
    weeks
        Length of the drawn time.
    demand_factor
        Multiplies all rates.
    """
    rng = np.random.default_rng(seed)
    n_classes = len(model.class_names)
    effect = np.repeat(model.day.draw(weeks * 7, rng), 24).reshape(1, weeks, HOURS_A_WEEK)
    rate = model.rate_per_h[:, None, :] * demand_factor * effect
    counts = rng.poisson(rate, (n_classes, weeks, HOURS_A_WEEK))
    kind, week, hour = (
        np.repeat(axis.ravel(), counts.ravel()) for axis in np.indices(counts.shape)
    )
    received = (week * HOURS_A_WEEK + hour + rng.random(len(kind))) * 3600
    order = np.argsort(received, kind="stable")
    kind, hour, received = kind[order], hour[order], received[order]
    past = _draw_past(model, kind, model.period_of_hour[hour], rng)
    return ReplayCalls(
        class_names=model.class_names,
        received_s=received,
        node=model.node[past],
        district=model.district[past],
        call_class=kind.astype(np.int16),
        call_id=None,
        weeks=float(weeks),
        not_eligible=model.other_per_week * weeks * demand_factor,
        by_phone=model.by_phone_per_week * weeks * demand_factor,
    )


def _draw_past(
    model: ArrivalModel,
    kind: NDArray[np.int64],
    period: NDArray[np.int64],
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Draw a past call whose place is used, for each new call."""
    n_periods = int(model.period_of_hour.max()) + 1
    order = np.lexsort((model.period, model.call_class))
    key = model.call_class[order].astype(np.int64) * n_periods + model.period[order]
    start = np.searchsorted(key, np.arange(len(model.class_names) * n_periods + 1))
    share = None if model.share_ends is None else model.share_ends.mean(axis=1)[order]
    upto = np.arange(len(order) + 1.0) if share is None else np.r_[0.0, np.cumsum(share)]
    first = upto[start]  # calls, or shares of calls, before each cell's
    own = np.diff(first)
    cell = kind * n_periods + period
    same_period = rng.random(len(kind)) < own[cell] / (own[cell] + SHRINK)
    low = np.where(same_period, first[cell], first[kind * n_periods])
    high = np.where(same_period, first[cell + 1], first[(kind + 1) * n_periods])
    on = rng.random(len(kind)) * (high - low)
    if share is None:
        return np.asarray(order[low.astype(np.int64) + on.astype(np.int64)])
    found = np.searchsorted(upto, low + on, side="right")
    return np.asarray(order[found.clip(1, len(order)) - 1])
