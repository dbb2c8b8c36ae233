"""What solving returns: immutable, with a status that tells the truth."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.deployment_pool import Pooled


class Status(StrEnum):
    """How an answer stands."""

    PROVEN = "proven optimal"
    BEST_FOUND = "best found"
    INFEASIBLE = "infeasible"
    NOTHING_FOUND = "nothing found"


@dataclass(frozen=True)
class Stop:
    """When to stop.

    Attributes
    ----------
    seconds
        Of wall-clock time.
    gap
        Relative gap at which an answer counts as proven.
    boxes
        Most boxes of branch and bound, for a search that is part of another: unlike its time, they
        are the same on every machine. None: no limit.
    """

    seconds: float = 300.0
    gap: float = 1e-4
    boxes: int | None = None


# What a moment of a search is called: a run's file of them holds no other words.
STAGE = re.compile(
    "first deployment|start|start, improved|local search|rounding|rows|cuts|covers|covering"
    r"|branch and bound|boxes with chords(, \d{1,12})?|(tail|branch and bound), \d{1,12} boxes"
)


# The message of an answer that a planner placed by hand.
PLACED = "as placed, not searched for"


@dataclass(frozen=True)
class Step:
    """A moment of the search; its `stage` is one of :data:`STAGE`."""

    seconds: float
    incumbent: float
    bound: float
    stage: str


@dataclass(frozen=True, eq=False)
class Solution:
    """An answer.

    Attributes
    ----------
    status
        The truth about it.
    counts
        (options,) int64; empty if nothing was found.
    objective
        Mean cost of waiting, recounted; inf if nothing was found.
    bound
        No deployment within the limits has a lower objective.
    unit
        Of objective and bound.
    seconds
        Taken.
    message
        For people: what the status means here.
    steps
        How incumbent and bound came together.
    interrupted
        Whether Ctrl-C ended the search.
    pool
        Near-best, different deployments that the search came across, each with its objective as the
        search knew it: this one first, then by objective.
    """

    status: Status
    counts: NDArray[np.int64]
    objective: float
    bound: float
    unit: str
    seconds: float
    message: str
    steps: tuple[Step, ...] = ()
    interrupted: bool = False
    pool: Pooled = field(default=(), kw_only=True)

    @property
    def gap(self) -> float:
        """Relative gap between objective and bound; inf if nothing was found."""
        if not np.isfinite(self.objective):
            return float("inf")
        return max(0.0, (self.objective - self.bound) / max(abs(self.objective), 1e-12))


Watch = Callable[[Step], None]


def unwatched(step: Step) -> None:
    """Let a search go on unseen."""
    del step


"""Called with each step of a search."""
