"""What may be shown of how sure a plan is, and of its search."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from coresponse.coverage.replay.bands import Interval
from coresponse.data.figures.text import plain_number
from coresponse.data.options import Deployment
from coresponse.data.words import counted
from coresponse.optimize.optimum import End
from coresponse.optimize.solution import Status
from coresponse.optimize.verdict import FORMATS, Verdict
from coresponse.questions.standing import Standing

_SECONDS = "seconds a call"


@dataclass(frozen=True)
class ReachedPublication:
    """What one promise comes to in the replay.

    Attributes
    ----------
    name, kind, promised
        Of the promise; share, minutes or dollars.
    found, verdict
        With its 95% band; None where it is of too few calls to show.
    """

    name: str
    kind: str
    promised: float
    found: Interval | None
    verdict: Verdict | None

    def words(self, *, headline: bool) -> str:
        """Say what is reached, and what is asked.

        Parameters
        ----------
        headline
            Whether the page tells the deployment's own figure: it is of fewer replications, and two
            means of one plan would differ in the last digit. Only the range is told then.
        """
        show = FORMATS[self.kind]
        if self.found is None:
            return f"{self.name}: too few calls to show"
        reached, low, high = map(self._text, (self.found.mean, self.found.low, self.found.high))
        # narrower than the figure's own band, which holds what one history cannot tell as well
        band = f" (by chance alone {low} to {high})" if low != high else ""
        if headline and band:
            reached, band = f"{low} to {high}", " by chance alone"
        # the name says whose it is and what is asked, the latter once more
        whose, _, what = self.name.rpartition(": ")
        of = {"share": " in time", "minutes": " of mean response", "dollars": " a year"}[self.kind]
        within = what[what.find(" within ") :] if " within " in what else of
        asked = "at least" if self.kind == "share" else "at most"
        return f"{whose} {reached}{band}{within} where {asked} {show(self.promised)} is asked"

    def _text(self, value: float) -> str:
        """Return a figure as text; one that misses what is asked by less than figures are rounded to says so."""
        show = FORMATS[self.kind]
        if self.verdict is Verdict.NO and show(value) == show(self.promised):
            return f"just {'under' if self.kind == 'share' else 'over'} {show(value)}"
        return show(value)


@dataclass(frozen=True, eq=False)
class CheckedPublication:
    """A deployment that was held against what is promised."""

    deployment: Deployment
    fleet: str
    verdict: Verdict
    dollars: float
    replications: int
    reached: tuple[ReachedPublication, ...]
    worst: int

    def words(self, *, headline: bool = False) -> str:
        """Say what the promise farthest from being kept comes to, and whether all are kept."""
        if not self.reached:
            return f"{self.fleet}: {self.verdict}"
        return f"{self.fleet}: {self.reached[self.worst].words(headline=headline)}, {self.verdict}"


@dataclass(frozen=True, eq=False)
class StandingPublication:
    """What the plan shown is.

    Attributes
    ----------
    standing
        The model's, chosen, confirmed, or nothing confirmed.
    is_models
        Whether it is the model's deployment.
    model
        The deployment that status, objective and bound of the search are of.
    candidates
        Deployments that were tried out in the replay; 0 where it did not choose.
    better_by, unit
        Of a chosen plan: by how much its goal is less than that of the model's plan in the replay,
        with its 95% band, in the goal's unit.
    later
        Whether that goal is not the first of those in order.
    binding
        Limits that leave no room for one more responder.
    plan, less
        What was held against the promise: the plan, and the best smaller or cheaper found.
    lesser
        Which of the two that is.
    checked
        All that were, in the order of the search.
    in_time
        Whether the search in the replay came to its end.
    over_budget
        What the model's plan would spend a year if that is more than the budget.
    not_tried
        Why a promise was not held against the replay.
    placed
        Whether a planner placed it by hand.
    """

    standing: Standing
    is_models: bool
    model: Deployment
    candidates: int = 0
    better_by: Interval | None = None
    unit: str = ""
    later: bool = False
    binding: tuple[str, ...] = ()
    plan: CheckedPublication | None = None
    less: CheckedPublication | None = None
    lesser: str = "smaller"
    checked: tuple[CheckedPublication, ...] = ()
    in_time: bool = True
    over_budget: float | None = None
    not_tried: str = ""
    placed: bool = False

    @property
    def whose(self) -> str:
        """Say whose the model's status is: this plan's, or another deployment's."""
        return "this plan" if self.is_models else "another deployment than the plan shown"

    @property
    def sentences(self) -> tuple[str, ...]:
        """Say what the plan is."""
        return tuple(self._said())

    def _said(self) -> Iterator[str]:
        many = counted(self.candidates, "deployment")
        if self.standing in {Standing.CONFIRMED, Standing.NOT_CONFIRMED}:
            yield from self._promised(many)
        elif self.standing is Standing.CHOSEN:
            yield f"The replay chose this plan, the best of {many}, over the model's own{self._better()}."
        elif self.candidates > 1:
            yield f"The replay confirms the model's plan: none of {many} tried was better beyond chance."
        elif self.placed:
            yield "The plan was placed by hand; it was chosen neither by the model nor by the replay."
        else:
            yield "The plan is the model's; no other was tried in the replay."
        if self.not_tried:
            yield self.not_tried
        if self.binding:
            yield f"These limits leave no room for one more responder: {'; '.join(self.binding)}."

    def _promised(self, many: str) -> Iterator[str]:
        if self.standing is Standing.NOT_CONFIRMED:
            yield "Not confirmed: no deployment tried meets the target in the replay."
            if self.plan is not None:
                yield f"The plan shown is the closest found: {self.plan.words(headline=True)}."
        elif self.plan is not None:
            yield f"Confirmed in {self.plan.replications} replications: {self.plan.words(headline=True)}."
        if self.less is not None:
            yield f"The best {self.lesser} one found: {self.less.words()}."
        yield f"{many} were replayed; a better placement may exist."
        if not self.in_time:
            yield "The time limit ended the search in the replay: more time may find a better plan."

    def _better(self) -> str:
        if self.over_budget is not None:
            return f"; that one would spend ${self.over_budget:,.0f} a year, more than the budget"
        if self.better_by is None:
            return ""
        if not self.better_by.mean:
            return ": better beyond chance, but by less than figures are rounded to"
        by = f": better by {_in(self.unit, self.better_by)}"
        return f"{by}, in what comes after the first goal" if self.later else by


def _in(unit: str, found: Interval) -> str:
    """Say a gain with its band, in the goal's unit as people say it."""
    scale, word, digits = {
        "share of calls late": (100.0, "points of calls in time", 1),
        "share of calls with police": (100.0, "points of calls without police", 1),
        "seconds a call": (1.0, "seconds a call", 0),
    }.get(unit, (1.0, unit, 2))
    mean, low, high = (f"{v * scale:,.{digits}f}" for v in (found.mean, found.low, found.high))
    band = f" (95% band {low} to {high})" if np.isfinite(found.low) else ""
    return f"{mean} {word}{band}"


@dataclass(frozen=True)
class StagePublication:
    """One goal of several in order."""

    goal: str
    value: float
    bound: float
    unit: str
    proven: bool


@dataclass(frozen=True)
class RoundPublication:
    """One turn with busy units."""

    planned_with: Mapping[str, float]
    measured: Mapping[str, float]
    queueing_cost: float
    objective: float
    bound: float
    status: str
    deployment: Deployment


@dataclass(frozen=True)
class SearchPublication:
    """How an answer was found.

    Attributes
    ----------
    status, message, gap, unit, seconds, interrupted
        As of the search; they tell nothing of calls.
    objective, bound
        Rounded by the goal's unit.
    stages, figures
        Of an answer to a goal: each goal in order; figures by name, value (None: of too few calls)
        and unit. None where the goal is one mean cost.
    clash
        Why the limits cannot be kept.
    rounds, chosen, end
        With busy units; none where they are always free.
    """

    status: Status
    message: str
    objective: float
    bound: float
    gap: float
    unit: str
    seconds: float = 0.0
    interrupted: bool = False
    stages: tuple[StagePublication, ...] = ()
    figures: tuple[tuple[str, float | None, str], ...] | None = None
    clash: tuple[str, ...] = ()
    rounds: tuple[RoundPublication, ...] = ()
    chosen: int = 0
    end: End | None = None
    busy_share: Mapping[str, float] = field(default_factory=dict)

    @property
    def objective_text(self) -> str:
        """The objective and its unit, the same on every page."""
        # people say how long a call waits in minutes, as all figures beside it
        if self.unit == _SECONDS:
            return f"{_minutes(self.objective)} minutes a call"
        return f"{plain_number(self.objective)} {self.unit}"

    @property
    def bound_text(self) -> str:
        """The bound, the same on every page."""
        return _minutes(self.bound) if self.unit == _SECONDS else plain_number(self.bound)

    @property
    def text(self) -> str:
        """Status and message as a sentence's beginning."""
        told = self._told
        return told[0].upper() + told[1:]

    @property
    def _told(self) -> str:
        known = self.message.startswith(self.status.value)
        return self.message if known else f"{self.status.value}: {self.message}"

    def in_model(self, whose: str) -> str:
        """Say status, objective and bound as what they are: the model's, of the model's deployment.

        Parameters
        ----------
        whose
            Which deployment that is: this plan, or another.
        """
        if self.status in {Status.INFEASIBLE, Status.NOTHING_FOUND}:
            return self.text
        at = "the busy shares found" if any(self.busy_share.values()) else "units always free"
        bounded = math.isfinite(self.bound)  # nothing is known of a deployment placed by hand
        least = f", and no deployment is below {self.bound_text}" if bounded else ""
        return (
            f"In the model, with {at}, {whose} is {self._told}; objective "
            f"{self.objective_text}{least}"
        )


def _minutes(seconds: float) -> str:
    return plain_number(seconds / 60)
