"""What a sweep can vary: limits, and assumptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from coresponse.coverage.response import ResponseTable
from coresponse.data.errors import InputError
from coresponse.data.hours import Period
from coresponse.data.limits import MOST, Limits
from coresponse.data.options import Deployment
from coresponse.data.programs.cost import annual_cost, staff_hours_per_week
from coresponse.data.programs.model import Program
from coresponse.inputs import Inputs
from coresponse.sweep.values import parse_values

Setting = Mapping[str, float]
"""Value by axis."""

_ALIASES = {
    "budget": "budget_per_year",
    "hours": "staff_hours_per_week",
    "staff_hours": "staff_hours_per_week",
    "standard": "target_min",
    "target": "target_min",
    "fallback": "fallback_min",
    "moves": "moves_at_most",
    "per_post": "max_per_post",
}
_PLAIN = {
    "budget_per_year": "budget, dollars a year",
    "staff_hours_per_week": "staff hours a week",
    "moves_at_most": "units moved",
    "max_per_post": "units at one post",
    "target_min": "standard, minutes",
    "fallback_min": "a call left to police counts, minutes",
    "demand": "calls, relative to the history",
    "speed": "travel speed, relative to the study's",
    "busy": "busy share of all units",
}
_RELAXING = {
    "budget_per_year",
    "staff_hours_per_week",
    "moves_at_most",
    "max_per_post",
    "units",
    "roles",
}
_WHOLE = {"moves_at_most", "max_per_post", "units", "roles", "at_least"}
_OF_TODAY = {"budget_per_year", "staff_hours_per_week"}


@dataclass(frozen=True)
class Axis:
    """One thing that is varied.

    Attributes
    ----------
    name
        Such as ``units.co_responder_unit``, ``budget_per_year``, ``demand``.
    title
        For people, with the unit.
    values
        Ascending.
    relaxing
        Whether a larger value allows all that a smaller one does.
    """

    name: str
    title: str
    values: tuple[float, ...]
    relaxing: bool


def axes_of(vary: Mapping[str, str], inputs: Inputs) -> tuple[Axis, ...]:
    """Read what is varied, in the order given.

    Percent of a budget or of staff hours is percent of today's.

    Raises
    ------
    InputError
        If a name or a value is not understood, or a name is there twice.
    """
    axes: list[Axis] = []
    for given, text in vary.items():
        name = _name(given.strip(), inputs)
        head, _, tail = name.partition(".")
        values = parse_values(text, whole=head in _WHOLE)
        numbers = values.numbers
        if head in _OF_TODAY and values.percent:
            today = of_today(name, inputs)
            numbers = tuple(float(f"{share * today:.12g}") for share in numbers)
        _refuse_values(head, numbers, text)
        if any(axis.name == name for axis in axes):
            raise InputError(f"{given!r}: {name} is varied twice")
        axes.append(Axis(name, _title(head, tail, inputs.program), numbers, head in _RELAXING))
    return tuple(axes)


def of_today(name: str, inputs: Inputs) -> float:
    """Return what today's deployment has of a budget or of staff hours.

    Raises
    ------
    InputError
        If the study has no today's deployment.
    """
    if inputs.today is None:
        raise InputError(
            f"{name}: percent is of today's, and the study has no [today] -- add it, or write the "
            "amount"
        )
    return (
        yearly_cost(inputs.program, inputs.today)
        if name == "budget_per_year"
        else weekly_hours(inputs)
    )


def yearly_cost(program: Program, deployment: Deployment) -> float:
    """Return dollars a year of a deployment, without start-up."""
    return sum(
        n * annual_cost(program, o.responder_type, o.shift_pattern).total
        for o, n in deployment.counts
    )


def weekly_hours(inputs: Inputs) -> float:
    """Return today's staff hours a week."""
    today = inputs.today.counts if inputs.today is not None else ()
    return sum(
        n * staff_hours_per_week(inputs.program, o.responder_type, o.shift_pattern)
        for o, n in today
    )


def _refuse_values(head: str, numbers: Sequence[float], text: str) -> None:
    if (
        head in {"demand", "speed", "target_min", "fallback_min", "max_per_post"}
        and min(numbers) <= 0
    ):
        raise InputError(f"{head}: {text!r} must be above 0")
    most = MOST if head in _WHOLE else 1e15
    if max(map(abs, numbers)) > most:
        raise InputError(f"{head}: {text!r} -- at most {most:,.0f}")
    if head == "busy" and max(numbers) >= 1:
        raise InputError(f"busy: {text!r} -- a busy share is below 1")


def _name(given: str, inputs: Inputs) -> str:
    name = _ALIASES.get(given, given)
    if name in _PLAIN:
        return name
    program = inputs.program
    roles = {role for kind in program.responder_types.values() for role in kind.crew}
    head, _, tail = given.partition(".")
    known: dict[str, set[str]] = {
        "units": set(program.responder_types),
        "at_least": set(program.responder_types),
        "busy": set(program.responder_types),
        "roles": roles,
        "speed": {part.name for part in inputs.study.periods},
    }
    if tail and head in known:
        if tail not in known[head]:
            raise InputError(
                f"{given!r}: no such name -- there are: {', '.join(sorted(known[head])) or 'none'}"
            )
        return given
    types = [name for name in program.responder_types if given == name or given in name.split("_")]
    if given in types:
        types = [given]
    if len(types) == 1:
        return f"units.{types[0]}"
    if not types and given in roles:
        return f"roles.{given}"
    listed = [
        *sorted(_ALIASES),
        "demand",
        "speed",
        "busy",
        *(f"units.{t}" for t in program.responder_types),
    ]
    listed += [f"roles.{role}" for role in sorted(roles)]
    what = f"may be any of {', '.join(types)}" if types else "cannot be varied"
    raise InputError(f"{given!r} {what} -- there are: {', '.join(listed)}")


def _title(head: str, tail: str, program: Program) -> str:
    if not tail:
        return _PLAIN[head]
    if head == "roles":
        return f"{program.crew_roles[tail].title}, positions"
    if head == "speed":
        return f"travel speed, {tail}, relative to the study's"
    title = program.responder_types[tail].title
    return {
        "units": f"{title}, at most",
        "at_least": f"{title}, at least",
        "busy": f"{title}, busy share",
    }[head]


def limits_at(limits: Limits, setting: Setting) -> Limits:
    """Return a study's limits with a setting's in their place."""
    update: dict[str, object] = {}
    for name, value in setting.items():
        head, _, tail = name.partition(".")
        if head in {"units", "roles", "at_least"}:
            counts = update.setdefault(head, dict(getattr(limits, head)))
            counts[tail] = int(value)  # type: ignore[index]
        elif head in {"moves_at_most", "max_per_post"}:
            update[head] = int(value)
        elif head in _RELAXING:
            update[head] = value
    return limits.model_copy(update=update)


def inputs_at(inputs: Inputs, setting: Setting) -> Inputs:
    """Return the inputs with a setting's standard and fallback."""
    study, program = inputs.study, inputs.program
    if "target_min" in setting:
        objective = study.objective.model_copy(update={"target_min": setting["target_min"]})
        folder = replace(inputs.folder, study=study.model_copy(update={"objective": objective}))
        inputs = replace(inputs, folder=folder)
    if "fallback_min" in setting:
        old = program.standards.fallback_min
        figure = old.model_copy(
            update={"value": setting["fallback_min"], "mark": "planner", "source": "", "note": ""}
        )
        standards = program.standards.model_copy(update={"fallback_min": figure})
        inputs = replace(inputs, program=program.model_copy(update={"standards": standards}))
    return inputs


def table_at(table: ResponseTable, setting: Setting) -> ResponseTable:
    """Return a response table with a setting's demand and fallback; response times are shared."""
    factor = setting.get("demand", 1.0)
    if factor != 1.0:
        cells = replace(table.cells, calls_per_week=table.cells.calls_per_week * factor)
        table = replace(table, cells=cells)
    if "fallback_min" in setting:
        table = replace(table, fallback_s=setting["fallback_min"] * 60)
    return table


def busy_at(setting: Setting, program: Program) -> dict[str, float] | None:
    """Return busy shares that a setting states; None if it states none."""
    stated = {name: value for name, value in setting.items() if name.partition(".")[0] == "busy"}
    if not stated:
        return None
    return {
        name: stated.get(f"busy.{name}", stated.get("busy", kind.busy_share.value))
        for name, kind in program.responder_types.items()
    }


def speeds_at(setting: Setting) -> tuple[tuple[str, float], ...]:
    """Return what of a setting changes travel times.

    Points that agree in it share a response table.
    """
    return tuple(
        sorted(
            (name, value) for name, value in setting.items() if name.partition(".")[0] == "speed"
        )
    )


def with_speeds(inputs: Inputs, speeds: tuple[tuple[str, float], ...]) -> Inputs:
    """Return the inputs with other travel speeds in their periods."""
    if not speeds:
        return inputs
    factor = _speed_of(dict(speeds))
    periods = tuple(replace(p, speed_factor=p.speed_factor * factor(p)) for p in inputs.periods)
    return replace(inputs, periods=periods)


def _speed_of(speeds: Mapping[str, float]) -> Callable[[Period], float]:
    named = {name.partition(".")[2]: value for name, value in speeds.items() if name != "speed"}

    def factor(period: Period) -> float:
        own = 1.0
        for name, value in named.items():
            # a period that shift patterns split is called "night, day_10h + late_10h"
            if period.name == name or period.name.startswith(f"{name}, "):
                own *= value
        return own * speeds.get("speed", 1.0)

    return factor
