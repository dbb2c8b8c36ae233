"""A queueing system and what it does.

Stations of like units, rows of demand, and the answer of a model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.queueing.mixture import Mixture
from coresponse.data.errors import InputError
from coresponse.data.faults import Faults

# ``loss``: a call that finds no eligible unit free is left to police alone; ``queue``.
#
# It waits, first come first served.
Discipline = Literal["loss", "queue"]


class NoQueueError(InputError):
    """Calls wait, but the queueing model has no answer for this queue; the replay has.

    Parameters
    ----------
    message
        What is wrong, with figures.
    why
        The same in words alone, which may be shown to anyone.
    """

    def __init__(self, message: str, why: str = "") -> None:
        super().__init__(message)
        self.why = why or message


@dataclass(frozen=True, eq=False)
class QueueSystem:
    """Units and demand while nothing changes: one period.

    Arrivals are Poisson; a call goes to the free eligible unit that responds soonest, ties shared
    equally.

    Attributes
    ----------
    units
        (stations,) int >= 1: like units (same place, same type) at each station.
    rate_per_h
        (rows,) calls an hour, > 0.
    response_s
        (stations, rows) seconds from a call's start to arrival; inf where the station's units are
        not sent. The order of these is the dispatch order.
    service_h
        (stations, rows) mean hours that a call keeps a unit, > 0 where `response_s` is finite.
    discipline
        What a call does that finds no eligible unit free.
    later
        (stations, rows) stations that are asked only once no other is free, such as another
        agency's; None: none is.
    """

    units: NDArray[np.int64]
    rate_per_h: NDArray[np.float64]
    response_s: NDArray[np.float64]
    service_h: NDArray[np.float64]
    discipline: Discipline = "loss"
    later: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        faults = Faults("queueing system")
        shape = (len(self.units), len(self.rate_per_h))
        if self.response_s.shape != shape or self.service_h.shape != shape:
            faults.add("response_s, service_h", f"must both be (stations, rows) = {shape}")
            faults.raise_if_any()
        if (self.units < 1).any():
            faults.add("units", "must be 1 or more at each station")
        if not (np.isfinite(self.rate_per_h) & (self.rate_per_h > 0)).all():
            faults.add("rate_per_h", "must be above 0 and finite", "leave out rows without calls")
        if np.isnan(self.response_s).any():
            faults.add(
                "response_s",
                "holds values that are not numbers",
                "use inf where a unit is not sent",
            )
        if not (np.isfinite(self.service_h) & (self.service_h > 0))[
            np.isfinite(self.response_s)
        ].all():
            faults.add("service_h", "must be above 0 and finite wherever a unit may be sent")
        faults.raise_if_any()


@dataclass(frozen=True, eq=False)
class Patterns:
    """Rows of demand that see the stations in the same order, taken together.

    Attributes
    ----------
    of_row
        (rows,) int: each row's pattern.
    order
        (patterns, stations) int: stations, first choice first; only `length` of them count.
    tie_end
        (patterns, stations) int: where the tie that holds this position ends (exclusive).
    length
        (patterns,) int: stations that may be sent.
    """

    of_row: NDArray[np.int64]
    order: NDArray[np.int64]
    tie_end: NDArray[np.int64]
    length: NDArray[np.int64]

    @property
    def n(self) -> int:
        """Number of patterns."""
        return len(self.length)

    def total(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add up a figure of the rows by pattern."""
        return np.asarray(
            np.bincount(self.of_row, weights=values, minlength=self.n), dtype=np.float64
        )


# Added to the response of stations that are asked later, for their order alone: longer than any response.
AFTER_ALL_S = 1e9


def dispatch_patterns(
    response_s: NDArray[np.float64], later: NDArray[np.bool_] | None = None
) -> Patterns:
    """Group the rows of a (stations, rows) response table by the order in which they see the stations.

    Parameters
    ----------
    later
        (stations, rows) stations that come after all others; None: none does.
    """
    if later is not None:
        response_s = np.where(later, response_s + AFTER_ALL_S, response_s)
    stations, rows = response_s.shape
    if not stations:
        nothing = np.zeros((1, 0), dtype=np.int64)
        return Patterns(
            np.zeros(rows, dtype=np.int64), nothing, nothing, np.zeros(1, dtype=np.int64)
        )
    order = np.argsort(response_s, axis=0, kind="stable")
    ranked = np.take_along_axis(response_s, order, axis=0)
    new = np.ones((stations, rows), dtype=bool)
    new[1:] = ranked[1:] > ranked[:-1]
    rank = np.empty((stations, rows), dtype=np.int16)
    np.put_along_axis(rank, order, np.cumsum(new, axis=0, dtype=np.int16), axis=0)
    rank[np.isinf(response_s)] = 0
    key = np.ascontiguousarray(rank.T)
    _, first, of_row = np.unique(
        key.view(np.dtype((np.void, key.itemsize * stations))).ravel(),
        return_index=True,
        return_inverse=True,
    )
    chosen, starts = order[:, first].T, new[:, first].T
    length = np.isfinite(response_s[:, first]).sum(axis=0)
    tie_end = np.empty(chosen.shape, dtype=np.int64)
    end = length.copy()
    for k in range(stations - 1, -1, -1):
        tie_end[:, k] = np.minimum(end, length)
        end = np.where(starts[:, k], k, end)
    return Patterns(
        of_row=of_row.astype(np.int64),
        order=np.ascontiguousarray(chosen, dtype=np.int64),
        tie_end=tie_end,
        length=length.astype(np.int64),
    )


def components(patterns: Patterns, stations: int) -> NDArray[np.int64]:
    """Tell apart stations that share no demand: each such part is a system of its own.

    Returns
    -------
    numpy.ndarray
        (stations,) int number of the part.
    """
    parent = list(range(stations))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for p in np.flatnonzero(patterns.length > 1):
        members = patterns.order[p, : patterns.length[p]]
        for other in members[1:]:
            parent[root(int(other))] = root(int(members[0]))
    roots = [root(i) for i in range(stations)]
    return np.unique(roots, return_inverse=True)[1].astype(np.int64)


@dataclass(frozen=True, eq=False)
class QueueAnswer:
    """What a queueing model says of a system.

    Attributes
    ----------
    system
        That was solved.
    method
        ``exact`` or ``approximation``; mixed systems say ``approximation``.
    busy_share
        (stations,) share of time that each unit is busy.
    dispatch
        (stations, rows) share of the row's calls that the station answers, at once or after
        waiting.
    lost
        (rows,) share of the row's calls that nobody answers.
    delayed
        (rows,) share of the row's calls that wait for a unit.
    wait_rate_per_h
        (rows,) the wait of those is exponential with this rate; 0 where none waits.
    after_wait
        (stations, rows) the part of `dispatch` that is answered after waiting.
    states
        States of the exact model, over all its parts.
    """

    system: QueueSystem
    method: Literal["exact", "approximation"]
    busy_share: NDArray[np.float64]
    dispatch: NDArray[np.float64]
    lost: NDArray[np.float64]
    delayed: NDArray[np.float64]
    wait_rate_per_h: NDArray[np.float64]
    after_wait: NDArray[np.float64]
    states: int

    def response(self, rows: NDArray[np.integer] | slice = slice(None)) -> Mixture:
        """Return the distribution of the response time of answered calls, over these rows weighted by their calls."""
        rate = self.system.rate_per_h[rows]
        seconds = self.system.response_s[:, rows]
        sent = self.dispatch[:, rows] * rate
        waited = self.after_wait[:, rows] * rate
        some = sent > 0
        return Mixture(
            time_s=seconds[some],
            weight=sent[some],
            waited=np.divide(waited, sent, out=np.zeros_like(sent), where=some)[some],
            wait_rate_per_s=np.broadcast_to(self.wait_rate_per_h[rows] / 3600, sent.shape)[some],
        )

    @property
    def lost_share(self) -> float:
        """Share of all calls that nobody answers."""
        total = float(self.system.rate_per_h.sum())
        return float(self.system.rate_per_h @ self.lost) / total if total else 0.0
