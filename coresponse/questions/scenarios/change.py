"""Scenarios as cases: what a scenario changes of a study's case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from coresponse.data.options import Deployment
from coresponse.data.progress import Progress, silent
from coresponse.data.sourced import SourcedNumber
from coresponse.optimize.case import Case
from coresponse.optimize.factors import Factors
from coresponse.study.scenarios import ScenarioInput


@dataclass(frozen=True, eq=False)
class ScenarioCase:
    """A case as a scenario changes it.

    Attributes
    ----------
    scenario
        None: as the study states it.
    case
        With the scenario's demand, speeds, posts, seats and limits.
    """

    scenario: ScenarioInput | None
    case: Case

    @property
    def name(self) -> str:
        """Short name."""
        return self.scenario.name if self.scenario else "as-stated"

    @property
    def title(self) -> str:
        """For people."""
        return self.scenario.shown if self.scenario else "As the study states"

    @property
    def weight(self) -> float:
        """How likely it is, relative to the others."""
        return self.scenario.weight if self.scenario else 1.0


def changed(
    case: Case,
    scenario: ScenarioInput,
    *,
    largest_post: str | None = None,
    progress: Progress = silent,
) -> ScenarioCase:
    """Apply a scenario; response times are worked out again only where travel changes.

    Parameters
    ----------
    largest_post
        Closed if the scenario asks for that.

    Raises
    ------
    InputError
        With everything in the scenario that the city does not have.
    """
    factors = replace(factors_of(scenario, largest_post), call_outs=case.factors.call_outs)
    factors.check(case.city, f"scenario {scenario.name}")
    own = {key: getattr(scenario.limits, key) for key in scenario.limits.model_fields_set}
    limits = case.limits.model_copy(update=own)
    out = case.with_(factors=factors, limits=limits)
    out.work_out_table(progress)
    return ScenarioCase(scenario, out)


def factors_of(scenario: ScenarioInput, largest_post: str | None = None) -> Factors:
    """Return what a scenario assumes otherwise."""
    largest = {largest_post} if scenario.close_largest_post and largest_post else set()
    return Factors(
        demand=scenario.demand.value,
        classes=_values(scenario.classes),
        channels=_values(scenario.channels),
        periods=_values(scenario.periods),
        speed=scenario.speed.value,
        speed_hours=scenario.speed_hours,
        closed=frozenset(scenario.posts_closed) | largest,
        away=_values(scenario.away),
    )


def _values(figures: Mapping[str, SourcedNumber]) -> dict[str, float]:
    return {name: figure.value for name, figure in figures.items()}


def largest_post(deployment: Deployment) -> str | None:
    """Return the post with the most responders; of several, the first by name."""
    at: dict[str, int] = {}
    for option, count in deployment.counts:
        at[option.post_id] = at.get(option.post_id, 0) + count
    return min(at, key=lambda post: (-at[post], post)) if at else None
