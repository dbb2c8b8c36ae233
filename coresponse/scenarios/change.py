"""Apply a scenario: change what goes into a plan, and work out again only what changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.demand import demand_cells, eligible_classes
from coresponse.coverage.response import ResponseTable
from coresponse.data.errors import Faults
from coresponse.data.hours import Period
from coresponse.data.limits import Limits
from coresponse.data.options import Deployment
from coresponse.data.programs.model import Program
from coresponse.data.progress import Progress, silent
from coresponse.inputs import Inputs
from coresponse.planning import study_table
from coresponse.scenarios.settings import ScenarioInput


@dataclass(frozen=True, eq=False)
class World:
    """The study as a scenario changes it.

    Attributes
    ----------
    scenario
        None: as the study states it.
    inputs
        With the scenario's travel speeds.
    table
        Response times and demand; the study's own response times where travel is as it was.
    limits
        Of a plan made for this scenario.
    away
        By responder type: share of its time on duty that it is not there because a seat of its crew
        is empty.
    closed
        Posts whose responders cannot work.
    """

    scenario: ScenarioInput | None
    inputs: Inputs
    table: ResponseTable
    limits: Limits
    away: Mapping[str, float]
    closed: frozenset[str]

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


def as_stated(inputs: Inputs, table: ResponseTable) -> World:
    """Return the study unchanged."""
    away = dict.fromkeys(inputs.program.responder_types, 0.0)
    return World(None, inputs, table, inputs.study.limits, away, frozenset())


def changed(
    inputs: Inputs,
    table: ResponseTable,
    scenario: ScenarioInput,
    *,
    largest_post: str | None = None,
    progress: Progress = silent,
) -> World:
    """Apply a scenario.

    Parameters
    ----------
    table
        The study's; its response times are used again unless travel changes.
    largest_post
        Closed if the scenario asks for that.

    Raises
    ------
    InputError
        With everything in the scenario that the study does not have.
    """
    faults = Faults(f"scenario {scenario.name}")
    for where, name, known in unknown(inputs, scenario):
        faults.add(where, f"{name!r} is not in the study", f"there are: {', '.join(known[:20])}")
    faults.raise_if_any()
    if scenario.changes_travel:
        inputs = replace(
            inputs, periods=tuple(_slower(period, scenario) for period in inputs.periods)
        )
        table = study_table(inputs, progress=progress)
    cells = replace(
        table.cells, calls_per_week=table.cells.calls_per_week * _factor(inputs, table, scenario)
    )
    closed = frozenset(scenario.posts_closed) | (
        {largest_post} if scenario.close_largest_post and largest_post else set()
    )
    response = table.response_s
    if closed:
        response = response.copy()
        response[[option.post_id in closed for option in table.options]] = np.inf
    own = {key: getattr(scenario.limits, key) for key in scenario.limits.model_fields_set}
    return World(
        scenario=scenario,
        inputs=inputs,
        table=replace(table, cells=cells, response_s=response),
        limits=inputs.study.limits.model_copy(update=own),
        away=away_by_type(
            inputs.program, {role: figure.value for role, figure in scenario.away.items()}
        ),
        closed=closed,
    )


def unknown(inputs: Inputs, scenario: ScenarioInput) -> list[tuple[str, str, list[str]]]:
    """List what a scenario names and the study does not have: key, name, and what there is."""
    roles = sorted({role for kind in inputs.program.responder_types.values() for role in kind.crew})
    posts = inputs.posts.frame["post_id"].astype(str).tolist()
    periods = sorted(
        {name for period in inputs.periods for name in (period.name, period.name.split(", ")[0])}
    )
    channels = sorted(set(inputs.calls.frame["channel"].astype(str)))
    return [
        (key, name, known)
        for key, names, known in (
            ("classes", scenario.classes, list(eligible_classes(inputs.program))),
            ("channels", scenario.channels, channels),
            ("periods", scenario.periods, periods),
            ("posts_closed", scenario.posts_closed, posts),
            ("away", scenario.away, roles),
        )
        for name in names
        if name not in known
    ]


def away_by_type(program: Program, away: Mapping[str, float]) -> dict[str, float]:
    """Return the share of a responder's time that it is not there.

    A crew works only if each of its seats is filled.
    """
    return {
        name: 1.0
        - float(np.prod([(1 - away.get(role, 0.0)) ** count for role, count in kind.crew.items()]))
        for name, kind in program.responder_types.items()
    }


def largest_post(deployment: Deployment) -> str | None:
    """Return the post with the most responders; of several, the first by name."""
    at: dict[str, int] = {}
    for option, count in deployment.counts:
        at[option.post_id] = at.get(option.post_id, 0) + count
    return min(at, key=lambda post: (-at[post], post)) if at else None


def _slower(period: Period, scenario: ScenarioInput) -> Period:
    """Return the period with the mean travel time of its hours, some of which the scenario changes."""
    hours = set(period.hours.hours)
    touched = hours if scenario.speed_hours is None else hours & set(scenario.speed_hours.hours)
    share = len(touched) / len(hours)
    return replace(
        period, speed_factor=period.speed_factor / (share / scenario.speed.value + 1 - share)
    )


def _factor(inputs: Inputs, table: ResponseTable, scenario: ScenarioInput) -> NDArray[np.float64]:
    """Return (cells,) the factor on calls."""
    cells = table.cells
    by_class = np.array(
        [scenario.classes[n].value if n in scenario.classes else 1.0 for n in cells.class_names]
    )
    by_period = np.ones(len(cells.periods))
    for name, figure in scenario.periods.items():
        # a period that shift patterns split is called "night, day_10h + late_10h"
        named = [
            period.name == name or period.name.startswith(f"{name}, ") for period in cells.periods
        ]
        by_period[named] *= figure.value
    out = scenario.demand.value * by_class[cells.call_class] * by_period[cells.period]
    for channel, figure in scenario.channels.items():
        out = out * (1 + (figure.value - 1) * _share_of_channel(inputs, table, channel))
    return np.asarray(out, dtype=np.float64)


def _share_of_channel(inputs: Inputs, table: ResponseTable, channel: str) -> NDArray[np.float64]:
    """Return (cells,) the share of a cell's calls that came by a channel."""
    frame, cells = inputs.calls.frame, table.cells
    some = frame[(frame["channel"] == channel) & frame["call_class"].isin(cells.class_names)]
    if some.empty:
        return np.zeros(cells.n)
    part = demand_cells(
        replace(inputs.calls, frame=some), inputs.program, inputs.network, periods=cells.periods
    )

    def key(
        node: NDArray[np.int32], kind: NDArray[np.int16], period: NDArray[np.int16]
    ) -> NDArray[np.int64]:
        return (node.astype(np.int64) * len(cells.class_names) + kind) * len(cells.periods) + period

    every = key(cells.node, cells.call_class, cells.period)
    at = np.searchsorted(every, key(part.node, part.call_class, part.period))
    out = np.zeros(cells.n)
    out[at] = part.calls / cells.calls[at]
    return out
