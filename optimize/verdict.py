"""What is found of chosen deployments in the replay: verdicts, confirmation and the next steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.evaluation import Evaluation
from coresponse.data.figures.text import percent
from coresponse.data.options import Deployment, Option

# Of each option, in their order.
Counts = NDArray[np.int64]
# How a figure is said, by its kind.
FORMATS: Mapping[str, Callable[[float], str]] = {
    "share": percent,
    "minutes": "{:.1f} min".format,
    "dollars": "${:,.0f}".format,
}


class Verdict(StrEnum):
    """Whether a promise is kept."""

    YES = "confirmed"
    CLOSE = "too close to call"
    NO = "not reached"


@dataclass(frozen=True)
class Reached:
    """What one promise comes to in the replay.

    Attributes
    ----------
    name
        Of the promise.
    kind
        What is promised: a share in time at least, a mean wait at most, dollars at most.
    promised, mean, standard_error
        In the figure's own unit: share, minutes, dollars a year.
    verdict
        Whether it is kept.
    calls
        Observed calls that it is of; absent: all.
    may_be_shown
        Whether these are enough.
    """

    name: str
    kind: Literal["share", "minutes", "dollars"]
    promised: float
    mean: float
    standard_error: float
    verdict: Verdict
    calls: int | None = None
    may_be_shown: bool = True

    @property
    def margin(self) -> float:
        """By how much the promise is kept, in its own unit."""
        less = self.promised - self.mean
        return -less if self.kind == "share" else less


@dataclass(frozen=True, eq=False)
class Checked:
    """A deployment held against what is promised.

    Attributes
    ----------
    counts, deployment
        That was replayed.
    dollars, goal
        Spent a year, call-outs as they come; what the goal comes to, in its unit.
    reached
        What each promise comes to, the budget last if there is one.
    replications
        Fresh ones.
    """

    counts: Counts
    deployment: Deployment
    dollars: float
    goal: float
    reached: tuple[Reached, ...]
    replications: int

    @property
    def verdict(self) -> Verdict:
        """Yes if all promises are confirmed, no if one is not reached."""
        verdicts = {one.verdict for one in self.reached}
        if Verdict.NO in verdicts:
            return Verdict.NO
        return Verdict.CLOSE if Verdict.CLOSE in verdicts else Verdict.YES

    @property
    def worst(self) -> Reached | None:
        """The promise that is farthest from being kept, in standard errors."""
        order = [Verdict.NO, Verdict.CLOSE, Verdict.YES]
        return min(
            self.reached,
            key=lambda one: (
                order.index(one.verdict),
                one.margin / max(one.standard_error, 1e-12),
            ),
            default=None,
        )


@dataclass(frozen=True, eq=False)
class Confirmation:
    """Whether anything keeps what is asked, and what less would reach.

    Attributes
    ----------
    plan
        The confirmed deployment; None: nothing was confirmed, which is an answer of its own.
    closest
        Without a plan: what comes nearest to it.
    less
        The best found of the next smaller fleet, or budget; None where there is none, or none was
        asked for.
    checked
        All that were held against the promise, in the order of the search.
    candidates
        Deployments that were tried out.
    by
        What the search went by: fleets of so many units, or dollars.
    in_time
        Whether the search came to its end; else the time limit ended it.
    binding
        Limits that leave no room for one more responder than the plan has, or else the closest.
    """

    plan: Checked | None
    closest: Checked | None
    less: Checked | None
    checked: tuple[Checked, ...]
    candidates: int
    by: Literal["units", "dollars", "goal"]
    in_time: bool = True
    binding: tuple[str, ...] = ()

    @property
    def confirmed(self) -> bool:
        """Whether something keeps what is asked."""
        return self.plan is not None

    @property
    def lesser(self) -> str:
        """What one with less is called."""
        return "cheaper" if self.by == "dollars" else "smaller"

    @property
    def words(self) -> str:
        """Say what may be said to a council."""
        parts = []
        if self.plan is not None:
            parts.append(f"confirmed in {self.plan.replications} replications: {_said(self.plan)}")
        elif self.closest is not None:
            parts.append(f"nothing is confirmed; the nearest we found: {_said(self.closest)}")
        if self.less is not None:
            parts.append(f"the best {self.lesser} one we found: {_said(self.less)}")
        parts.append(
            f"{self.candidates:,} candidates were replayed; nobody can prove that no better "
            "placement exists"
        )
        return "; ".join(parts)


@dataclass(frozen=True, eq=False)
class Rung:
    """One rung.

    Attributes
    ----------
    name
        ``today``, ``rearranged``, ``plan``.
    deployment, evaluation
        And what it does, on the same chances as the others.
    dollars
        Spent a year, call-outs as they come, clinicians on the phone with them.
    staff_hours_per_week
        Paid.
    """

    name: str
    deployment: Deployment
    evaluation: Evaluation
    dollars: float
    staff_hours_per_week: float


@dataclass(frozen=True, eq=False)
class Ladder:
    """The rungs, as far as there are: without a today the plan alone."""

    rungs: tuple[Rung, ...]

    def __getitem__(self, name: str) -> Rung:
        return next(rung for rung in self.rungs if rung.name == name)

    def __contains__(self, name: object) -> bool:
        return any(rung.name == name for rung in self.rungs)


@dataclass(frozen=True)
class UnitUse:
    """What the responders of one option do.

    Attributes
    ----------
    option, count
        Which, and how many.
    calls_per_week
        Of one of them.
    dollars_per_year
        Of one of them, its call-outs as they come.
    """

    option: Option
    count: int
    calls_per_week: float
    dollars_per_year: float


@dataclass(frozen=True, eq=False)
class StaffStep:
    """A fleet without the units that matter least.

    Attributes
    ----------
    counts
        Of it.
    served_per_week
        Calls served by all.
    fewer_per_week
        Calls that the plan's fleet before this one serves more.
    dollars_saved
        A year, that the unit left out costs the fleet.
    """

    counts: Counts
    served_per_week: float
    fewer_per_week: float
    dollars_saved: float


@dataclass(frozen=True, eq=False)
class MarginalUse:
    """Use of each unit of a plan.

    Attributes
    ----------
    units
        By option, the least used last.
    steps
        The plan, then without its least used unit (of a large fleet: units), and so on as long as
        units serve hardly anyone, and one further.
    turns_at
        The fleet from which on more units serve hardly anyone; None where all units of the plan
        serve some.
    """

    units: tuple[UnitUse, ...]
    steps: tuple[StaffStep, ...]
    turns_at: StaffStep | None


def _said(one: Checked) -> str:
    fleet = " + ".join(f"{n} {name}" for name, n in one.deployment.by_type().items()) or "nobody"
    worst = one.worst
    if worst is None:
        return fleet
    show = FORMATS[worst.kind]
    return (
        f"{fleet} reach {show(worst.mean)} where {show(worst.promised)} is asked of "
        f"{worst.name.rpartition(': ')[0]}, {worst.verdict}"
    )
