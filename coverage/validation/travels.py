"""Recorded travels beside their drives on the map: what speeds are fitted to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.replay.record import ReplayRun
from coresponse.coverage.validation.drives import seconds_by_group
from coresponse.coverage.validation.fit import Travels
from coresponse.coverage.validation.records import TravelRecords
from coresponse.coverage.validation.starts import (
    guess_posts,
    replayed_log_variance,
    replayed_seconds,
)
from coresponse.coverage.validation.units import TodaysUnits
from coresponse.coverage.validation.validate import positions
from coresponse.data.calls.history import CallHistory
from coresponse.data.hours import HOURS_A_WEEK
from coresponse.data.known_city import KnownCity

Start = Literal["stated", "guessed", "replayed"]

# Share of travels whose post must be known for the others to be left out: else all take the
# replay's.
KNOWN_SHARE = 0.5


@dataclass(frozen=True, eq=False)
class DrivenTravels:
    """Travels of one responder type beside their drives.

    Attributes
    ----------
    travels
        For the fit.
    responder_type
        Whose travels they are.
    delay_s
        As the program has it, from the clock's start to the first turn of the wheels.
    start
        How the posts that units started from are known.
    start_variance
        Of the logarithm of the modeled time over replays, where these stand for the posts: not
        knowing where a unit started is no spread of drives.
    reroute
        Makes the drives for factors on the times of road groups.
    """

    travels: Travels
    responder_type: str
    delay_s: float
    start: Start
    start_variance: float
    reroute: Callable[[NDArray[np.float64]], NDArray[np.float64]]


def types_of_records(records: TravelRecords, units: TodaysUnits) -> tuple[str, ...]:
    """Return the responder types that records are of, that with most first."""
    kinds = [units.responder_type[name] for name in records.unit]
    names, counts = np.unique(np.array(kinds, dtype=object), return_counts=True)
    return tuple(map(str, names[np.argsort(-counts, kind="stable")]))


def driven_travels(
    city: KnownCity,
    calls: CallHistory,
    records: TravelRecords,
    runs: Sequence[ReplayRun],
    units: TodaysUnits,
    kind: str,
) -> DrivenTravels:
    """Set a type's records beside the drives from where their units waited.

    From the post that the planner states, or that is guessed from the unit's own records; if fewer
    than half are known so, all take the mean drive over replays of today's deployment, never that
    from the nearest post.

    Parameters
    ----------
    calls
        The history that records and replays are of.
    records
        With ``from_posts``: units still on the road started nobody knows where.
    kind
        Responder type.
    """
    kinds = np.array([units.responder_type[name] for name in records.unit], dtype=object)
    mine = np.flatnonzero(kinds == kind)
    row, unit, observed = records.row[mine], records.unit[mine], records.observed_s[mine]
    period = _period_of_hour(city)[records.hour_of_week[mine]]
    speed = city.program.responder_types[kind].speed_factor.value
    slower = 1 / (speed * np.array([p.speed_factor for p in city.periods]))[period]

    # posts in their table's order, as the replay has those of its fleet
    replayed = {option.post_id for option in runs[0].fleet.options}
    frame = city.posts.frame
    ids = frame["post_id"].astype(str).to_numpy()
    used = np.isin(ids, [*replayed, *units.post.values()])
    of_post = {name: k for k, name in enumerate(ids[used].tolist())}
    nodes, place = np.unique(calls.frame["node"].to_numpy(), return_inverse=True)
    source = frame["node"].to_numpy()[used]

    def seconds(of_group: Sequence[float]) -> NDArray[np.float64]:
        return seconds_by_group(city.roads, source, nodes, slower=of_group)

    plain = seconds((1.0, 1.0, 1.0))
    from_post = plain.sum(axis=2)[:, place[row]] * slower
    start, how = _starts(observed, unit, from_post, units, of_post)
    known = start >= 0
    at_posts = bool(known.mean() >= KNOWN_SHARE) if len(known) else False
    fleet_rows = np.flatnonzero(np.isin(ids[used], list(replayed)))
    order = positions(calls, runs[0])

    def drives(of: NDArray[np.float64]) -> NDArray[np.float64]:
        if at_posts:
            return np.asarray(of[start.clip(min=0), place[row]] * slower[:, None])
        call_place = np.searchsorted(nodes, runs[0].scenario.calls.node)
        mean = replayed_seconds(runs, of[fleet_rows][:, call_place], kind)[order[row]]
        return np.asarray(np.where(order[row][:, None] >= 0, mean, np.nan) * slower[:, None])

    stated = drives(plain)
    good = np.isfinite(stated).all(axis=1) & (known if at_posts else True)
    delay = _delay_s(city, kind, records.clock)
    variance = 0.0
    if not at_posts:
        call_place = np.searchsorted(nodes, runs[0].scenario.calls.node)
        seconds_of = plain.sum(axis=2)[fleet_rows][:, call_place]
        variance = replayed_log_variance(runs, seconds_of, kind, delay)
    return DrivenTravels(
        Travels(observed[good], stated[good], period[good], records.day[mine][good]),
        kind,
        delay,
        how if at_posts else "replayed",
        variance,
        lambda of_group: drives(seconds(of_group.tolist()))[good],
    )


def _delay_s(city: KnownCity, kind: str, clock: str) -> float:
    """Return the program's time from a clock's start to the first turn of the wheels."""
    if clock == "en_route_at":
        return 0.0
    minutes = city.program.responder_types[kind].delay_min.value
    if clock == "received_at":
        minutes += city.program.standards.call_taking_min.value
    return minutes * 60


def _period_of_hour(city: KnownCity) -> NDArray[np.int64]:
    out = np.zeros(HOURS_A_WEEK, dtype=np.int64)
    for k, period in enumerate(city.periods):
        out[list(period.hours.hours)] = k
    return out


def _starts(
    observed_s: NDArray[np.float64],
    unit: NDArray[np.object_],
    from_post_s: NDArray[np.float64],
    units: TodaysUnits,
    of_post: dict[str, int],
) -> tuple[NDArray[np.int64], Start]:
    """Return (n,) positions of the posts that units started from, -1 where not known, and how they are known."""
    start = np.array([of_post.get(units.post[name], -1) for name in unit], dtype=np.int64)
    rest = start < 0
    how: Start = "stated"
    if rest.any() and (unit[rest] != "").any():
        guessed = guess_posts(observed_s[rest], unit[rest], from_post_s[:, rest])
        start[rest] = [guessed.get(str(name), -1) for name in unit[rest]]
        how = "guessed" if guessed else how
    return start, how
