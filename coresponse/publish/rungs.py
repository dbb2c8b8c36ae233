"""What may be shown of the steps from today to the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from coresponse.coverage.call_outs import CallOuts
from coresponse.coverage.replay.bands import Interval
from coresponse.data.figures.rows import RowUnit
from coresponse.data.figures.text import columns_alike, figure_text

# What left-to-police is the sum of.
LEFT = ("closed_per_week", "busy_per_week", "out_of_reach_per_week")

HEADS = ("", "In time", "Mean wait", "Left to police a week", "Responders", "Cost a year")

TITLES = {
    "today": "Today",
    "rearranged": "Today's staff at the best posts and hours",
    "plan": "The plan",
}


@dataclass(frozen=True)
class RungPublication:
    """One rung, by the replay; figures are None where nobody is in place.

    Attributes
    ----------
    name, fleet
        Which, and its responders.
    share_in_time, wait_s, left_to_police
        Share; seconds; calls a week.
    dollars
        A year, call-outs as found.
    """

    name: str
    fleet: str
    share_in_time: Interval | None
    wait_s: Interval | None
    left_to_police: Interval | None
    dollars: Interval

    @property
    def cells(self) -> tuple[str, ...]:
        """Its row of the table, beneath :data:`HEADS`."""
        return (
            TITLES[self.name],
            _cell(self.share_in_time, "share"),
            _cell(self.wait_s, "min", 1 / 60),
            _cell(self.left_to_police, "per_week").removesuffix(" a week"),
            self.fleet,
            _cell(self.dollars, "dollars").removesuffix(" a year"),
        )


@dataclass(frozen=True)
class LadderPublication:
    """The rungs, and in a sentence what the plan's last units are for; empty where all serve some."""

    rungs: tuple[RungPublication, ...]
    last_units: str = ""

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The table's rows, beneath :data:`HEADS`."""
        return columns_alike(rung.cells for rung in self.rungs)


def _cell(found: Interval | None, unit: RowUnit, scale: float = 1.0) -> str:
    """Return a figure without its band, which plan.json has: the table is read at a glance."""
    return figure_text(None if found is None else found.mean * scale, unit)


@dataclass(frozen=True, eq=False)
class CostPublication:
    """What deployments cost a year, and with as many call-outs from standby as the replay finds.

    Attributes
    ----------
    planned
        By deployment, in dollars: rates and hours, no calls; clinicians on the phone with them.
    found
        To $1,000 of calls as they are told, its interval outwards: to the dollar, two plans' would
        tell of single calls.
    call_outs
        Of the plan, by type paid as standby.
    standby
        Whether a deployment has somebody on standby.
    less_than_today
        Interval of the plan's cost as found less today's; None where there is no such pair.
    """

    planned: Mapping[str, float]
    found: Mapping[str, Interval]
    call_outs: tuple[CallOuts, ...]
    standby: bool
    less_than_today: Interval | None
