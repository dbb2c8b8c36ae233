"""Answers of the other questions, as they may be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from coresponse.coverage.officer_hours import OfficerHours
from coresponse.coverage.replay.rules import Rules
from coresponse.coverage.settings import EvaluationSettings
from coresponse.data.agencies import Sharing
from coresponse.data.options import Deployment
from coresponse.data.programs.model import Program
from coresponse.publish.certainty import SearchPublication
from coresponse.publish.facts import Facts, HistoryPublication
from coresponse.publish.measured import EvaluationPublication
from coresponse.questions.sweep.grid import Axis, Grid

ALL = "all"


@dataclass(frozen=True, eq=False)
class ProgramPublication:
    """What a program does in the city.

    Attributes
    ----------
    name
        As it was asked for.
    program
        Its crews and hours.
    status
        What the plan is, and how the model's search ended; or why there is no plan.
    figures
        By name; empty if there is no plan.
    notes
        What it does not have, and what was found of call-outs.
    """

    name: str
    program: Program
    status: str
    deployment: Deployment
    figures: dict[str, float | None]
    officer: OfficerHours | None
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class ComparisonPublication:
    """Programs side by side, as they may be shown.

    Attributes
    ----------
    calls_per_week
        Calls of any class that one of the programs takes and that come to the field: the same for
        all.
    phone
        What clinicians on the phone take and cost, beside each program; empty without a phone
        stage.
    """

    facts: Facts
    budget_per_year: float
    calls_per_week: float
    phone: str
    programs: tuple[ProgramPublication, ...]

    def frame(self) -> pd.DataFrame:
        """Return one row a program.

        `program`, `title`, `status`, `gap`, `units`, `cost_per_year` (call-outs as they come),
        `hours_open_per_week`, `eligible_per_week`, `share_eligible` (of all calls),
        `served_per_week`, `share_served` (of all), `left_to_police_per_week` (of all: not eligible,
        closed, busy, out of reach), `without_officer_per_week` and
        `share_without_officer` (of all), `closed_per_week`, `busy_per_week`, `mean_min`, `p90_min` (of
        calls reached), `share_eligible_in_time`, `share_all_in_time`, `officer_hours_low`,
        `_planned`, `_high` (freed a week), `cost_per_call`, `cost_per_further_call` (dollars),
        `notes`.
        """
        return pd.DataFrame(
            [
                {
                    "program": one.name,
                    "title": one.program.title,
                    "status": one.status,
                    **one.figures,
                    **{
                        f"officer_hours_{end}": None
                        if one.officer is None
                        else round(getattr(one.officer, end), 1)
                        for end in ("low", "planned", "high")
                    },
                    "notes": "; ".join(one.notes),
                }
                for one in self.programs
            ]
        )


@dataclass(frozen=True, eq=False)
class AlternativePublication:
    """One plan: its figures by replay, and how far it is from the best in the model."""

    deployment: Deployment
    search: SearchPublication
    worse_by: float
    posts: tuple[str, ...]
    posts_left: tuple[str, ...]
    posts_taken_up: tuple[str, ...]
    share_in_time: float
    mean_with_fallback_s: float
    cost_as_called_per_year: float


@dataclass(frozen=True, eq=False)
class WorthPublication:
    """By how much the objective would rise without a post, or with it."""

    post_id: str
    chosen: bool
    change: float
    change_at_least: float
    status: str


@dataclass(frozen=True, eq=False)
class NearBestPublication:
    """The plan, others nearly as good, and what posts are worth, as they may be shown.

    Attributes
    ----------
    in_points
        Whether differences of the objective are shown in points of calls late, not in minutes.
    ended
        Why there are no more.
    """

    facts: Facts
    search: SearchPublication
    plans: tuple[AlternativePublication, ...]
    worth: tuple[WorthPublication, ...]
    ended: str
    in_points: bool

    @property
    def unit(self) -> tuple[str, float]:
        """The unit that differences of the objective are shown in, and its scale."""
        return ("points_late", 100.0) if self.in_points else ("min", 1 / 60)


@dataclass(frozen=True, eq=False)
class ScenarioPublication:
    """One scenario: what it changes, and the least cost of any plan in it.

    Attributes
    ----------
    stated
        As it was asked for.
    least
        In the unit of costs.
    """

    name: str
    title: str
    weight: float
    calls_per_week: float
    least: float
    closed: tuple[str, ...]
    away: Mapping[str, float]
    cannot_come_share: Mapping[str, float]
    stated: Mapping[str, Any]
    asked: Mapping[str, Any] | None


@dataclass(frozen=True, eq=False)
class CandidatePublication:
    """A plan that was judged in every scenario."""

    name: str
    title: str
    message: str | None
    deployment: Deployment


@dataclass(frozen=True, eq=False)
class ScenariosPublication:
    """Plans in scenarios as they may be shown.

    Attributes
    ----------
    regret, figures
        One row a plan; one row a plan and scenario.
    unit
        Of costs and regrets.
    dropped
        What was not judged, and why.
    """

    facts: Facts
    scenarios: tuple[ScenarioPublication, ...]
    candidates: tuple[CandidatePublication, ...]
    regret: pd.DataFrame
    figures: pd.DataFrame
    unit: str
    dropped: tuple[str, ...]
    tail_weight: float
    alpha: float


@dataclass(frozen=True, eq=False)
class PointPublication:
    """What a point buys, and how it was found; its figures are a row of the table."""

    key: str
    message: str
    clash: tuple[str, ...]
    rounds: int
    planned_busy_share: Mapping[str, float]
    deployment: Deployment
    bought: tuple[tuple[str, str, str, int], ...]
    found: bool
    proven: bool
    unconfirmed: bool


@dataclass(frozen=True, eq=False)
class SweepPublication:
    """A sweep as it may be shown.

    Attributes
    ----------
    frame
        One row a point, rounded; which are efficient is said by what they were before.
    steps, phases
        Worked out from it.
    frontier
        Which plans no other beats, and what more or less money comes to.
    notes
        Where call-outs as found are far from those priced.
    busy
        How busy units are treated.
    solved
        Points solved in this run.
    not_known
        What nobody knows of demand, so that figures have ranges; empty if all is known.
    """

    facts: Facts
    grid: Grid
    points: tuple[PointPublication, ...]
    frame: pd.DataFrame
    steps: pd.DataFrame
    phases: pd.DataFrame
    frontier: FrontierPublication
    notes: tuple[str, ...]
    busy: Any
    versions: Mapping[str, str]
    solved: int
    not_known: str = ""

    @property
    def axes(self) -> tuple[Axis, ...]:
        """What was varied."""
        return self.grid.axes


@dataclass(frozen=True, eq=False)
class WayPublication:
    """A way to serve all agencies' calls.

    Attributes
    ----------
    name, title
        Of the way.
    deployment
        All units.
    cost_per_year
        Of all, to $1,000.
    status
        What the plan is; '' where nothing was searched.
    worse
        Agencies that are worse off than alone.
    floors
        What was asked for agencies, in words.
    """

    name: str
    title: str
    deployment: Deployment
    cost_per_year: float
    status: str
    worse: tuple[str, ...]
    floors: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class AgenciesPublication:
    """Agencies alone and together.

    Attributes
    ----------
    facts
        Of the study.
    names, sharing, split
        The agencies; who may be sent; what the study splits a cost by.
    ways
        That were found.
    not_found
        Ways, and agencies alone, without a plan, and why.
    figures
        One row a way and agency (`all` first): `way`, `agency`, `calls_band`, `units` at its
        posts, `cost_as_called_per_year` of these, `share_in_time`, `mean_with_fallback_min`,
        `wait_above_alone_min`, `in_time_above_alone`, `against_alone` in words.
    costs
        One row a shared way, split and agency: `way`, `split_by`, `agency`, `split_share`,
        `pays_per_year`, `alone_per_year`, `saves_per_year`, `pays_no_more_per_year`.
    answered
        One row a way and pair of agencies: `way`, `units_of`, `calls_of`, `answered_per_week`.
    measure
        What an agency is better or worse off by.
    hidden
        Agencies with too few past calls to be shown.
    budgets
        Dollars a year that all have alone, added up, and that the study states for all; None where
        none is counted, or just that.
    """

    facts: Facts
    names: tuple[str, ...]
    sharing: Sharing
    split: str
    ways: tuple[WayPublication, ...]
    not_found: Mapping[str, str]
    figures: pd.DataFrame
    costs: pd.DataFrame
    answered: pd.DataFrame
    measure: str
    hidden: tuple[str, ...]
    budgets: tuple[float | None, float | None] = (None, None)

    def way(self, name: str) -> WayPublication | None:
        """Return a way by its name."""
        return next((way for way in self.ways if way.name == name), None)

    def row(self, way: str, agency: str = ALL) -> pd.Series:
        """Return the figures of a way and an agency."""
        frame = self.figures
        return frame[(frame["way"] == way) & (frame["agency"] == agency)].iloc[0]


@dataclass(frozen=True, eq=False)
class ReplaysPublication:
    """A set of evaluations on the same calls and chances, as it may be shown."""

    facts: Facts
    history: HistoryPublication
    evaluations: Mapping[str, EvaluationPublication]
    settings: EvaluationSettings
    rules: Rules
    of_history: bool
    model_notes: tuple[str, ...]


@dataclass(frozen=True)
class FrontierPublication:
    """Which plans no other is as cheap as and as good by the goal, the same on every page.

    Attributes
    ----------
    figure
        Column that shows the goal: drawn against the cost.
    points
        Re-optimized points on it, the cheapest first.
    knee
        Beyond which money buys least for what it bought before; None of fewer than three points.
    own
        Point that asks what the study asks; None if it is not among them.
    today
        Figures of today's deployment by column; empty if it is not known.
    sentences
        What the next dollars buy, and what a cut costs.
    """

    figure: str
    points: tuple[int, ...]
    knee: int | None
    own: int | None
    today: dict[str, Any]
    sentences: tuple[str, ...]
