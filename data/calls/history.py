"""Past calls as everything else uses them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from coresponse.data.calls.rate import Rate
from coresponse.data.errors import InputError, Proposal
from coresponse.data.notes import Note
from coresponse.data.tables.reading import Reading

FURTHER_ROWS = "further rows of the same event"
BROKEN_ROW = "row could not be split into columns"

# The step of the funnel that all calls of a history have come to.
ON_THE_NETWORK = "on the network"

# The class of calls whose nature is mapped to no class of the program.
NOT_ELIGIBLE = "not_eligible"


@dataclass(frozen=True)
class FunnelStep:
    """One step of a funnel: how many came this far."""

    name: str
    count: int
    lost: int = 0
    reasons: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Funnel:
    """Steps from rows to eligible calls; each step's count plus what it lost is the step before."""

    steps: tuple[FunnelStep, ...]


@dataclass(frozen=True)
class AssumedDemand:
    """What calls that nobody recorded rest on.

    Attributes
    ----------
    rate
        Calls a year per 100,000 residents, with its range.
    residents
        On the network.
    """

    rate: Rate
    residents: float

    def __str__(self) -> str:
        """Say it to people, on every page."""
        return f"ASSUMED DEMAND, no recorded calls: {self.rate}, {self.residents:,.0f} residents"


@dataclass(frozen=True, eq=False)
class CallHistory:
    """Calls that could be used, and what became of the rest.

    Attributes
    ----------
    frame
        One row a call that is on the network, sorted by received_at then call_id, RangeIndex.
        Columns: `call_id` str; `received_at`, `dispatched_at`, `en_route_at`, `arrived_at`,
        `left_scene_at`, `at_facility_at`, `cleared_at` datetime64 with time zone (NaT where
        unknown); `nature`, `channel`, `priority`, `unit_id` str ('' where unknown); `mental_health`
        str (``yes``, ``no``, '' where nobody noted it); `call_class` str (a class of the program or
        ``not_eligible``); `x`, `y` float64 meters in `crs`; `snap_m` float, to the nearest road;
        `node` int32 place on the road network.
    crs
        That of the road network.
    timezone
        IANA name of the local time zone of the frame's times.
    days
        Days of history, at least 1: as the planner states, else from first to last call without
        the gaps in which none came. Rates are counts over days / 7 weeks.
    funnel
        rows -> events -> located -> on the network -> eligible.
    set_aside
        Rows and events not used: `source` (file), `source_row` (1-based row of the file),
        `call_id`, `reason`, `detail`.
    unmapped
        Natures mapped to no class: `nature`, `calls`, most frequent first.
    notes
        Sentences for people: guessed encodings and zones, times that contradicted each other, long
        gaps.
    assumed
        What the calls rest on where nobody recorded them: they are made, and stand for the demand.
    readings
        What was made of each file, for the agency's own eyes.
    nature_words
        Words by the agency's code, where a column has them.
    proposals
        Lines of a study that would tell more of the calls, by what is in their files.
    """

    frame: pd.DataFrame
    crs: str
    timezone: str
    days: float
    funnel: Funnel
    set_aside: pd.DataFrame
    unmapped: pd.DataFrame
    notes: tuple[Note, ...] = ()
    assumed: AssumedDemand | None = None
    readings: tuple[Reading, ...] = ()
    nature_words: Mapping[str, str] = field(default_factory=dict)
    proposals: tuple[Proposal, ...] = ()

    def __repr__(self) -> str:
        """Say it in a line."""
        eligible = int((self.frame["call_class"] != NOT_ELIGIBLE).sum())
        return (
            f"<CallHistory {len(self.frame):,} in {self.days:,.0f} days, {eligible:,} of them "
            f"eligible; {len(self.set_aside):,} rows set aside>"
        )


def refuse_if_none_on_roads(calls: CallHistory | None) -> None:
    """Refuse a history of which no call can be planned with, for all of them are somewhere else.

    Raises
    ------
    InputError
        If there is none on the roads.
    """
    if calls is None or len(calls.frame):
        return
    aside = calls.set_aside
    off = aside[aside["reason"].str.startswith("more than")]
    first = (off if len(off) else aside).iloc[0]
    raise InputError(
        f"{first['source']}: not one of {len(aside):,} calls is on the roads; the first with a "
        f"place (row {first['source_row']}) is {first['detail']} from the nearest, "
        f"{first['reason']} -- do the roads cover the city of the calls, and is crs under [calls] "
        "right? If calls are far from roads there, state snap_max_m"
    )
