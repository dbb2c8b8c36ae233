"""What the calls of replications are drawn from, and the seeds of each."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.replay.record import Scenario, scenario
from coresponse.coverage.replay.unknown import Unknowns, hidden_at
from coresponse.coverage.service.arrival_model import ArrivalModel
from coresponse.coverage.service.planning_year import Growth
from coresponse.coverage.service.replay_calls import draw_calls
from coresponse.coverage.service.service_model import PoliceModel, ServiceModel
from coresponse.data.known_city import KnownCity


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
