"""What a sweep can vary: limits, and assumptions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from coresponse.data.errors import InputError
from coresponse.data.limits import MOST, Limits
from coresponse.data.programs.cost import weekly_staff_hours
from coresponse.data.programs.model import Program
from coresponse.optimize.case import Case
from coresponse.optimize.goals.goal import Floor
from coresponse.questions.spent import spent_today
from coresponse.questions.sweep import assumed
from coresponse.questions.sweep.grid import Axis, Setting
from coresponse.questions.sweep.values import Values, parse_values

_ALIASES = {
    "budget": "budget_per_year",
    "hours": "staff_hours_per_week",
    "staff_hours": "staff_hours_per_week",
    "standard": "target_min",
    "target": "target_min",
    "fallback": "fallback_min",
    "moves": "moves_at_most",
    "per_post": "max_per_post",
    "worst_group": "worst_group_min",
    "largest_gap": "largest_gap_min",
}
_SHORT = {name: short for short, name in reversed(_ALIASES.items())}
_PLAIN = {
    "budget_per_year": "budget, dollars a year",
    "staff_hours_per_week": "staff hours a week",
    "moves_at_most": "units moved",
    "max_per_post": "units at one post",
    "target_min": "standard, minutes",
    "fallback_min": "a call left to police counts, minutes",
    "worst_group_min": "mean wait where each group of residents lives, minutes at most",
    "largest_gap_min": "mean wait where a group of residents lives above all residents', minutes at most",
    "demand": "calls, relative to the history",
    "speed": "travel speed, relative to the study's",
    "busy": "busy share of all units",
}
# Floors under groups of residents, and what each bounds.
_FLOORS = {"worst_group_min": "mean_at_most_min", "largest_gap_min": "gap_at_most_min"}
_RELAXING = {
    "budget_per_year",
    "staff_hours_per_week",
    "moves_at_most",
    "max_per_post",
    "units",
    "roles",
    *_FLOORS,
}
_WHOLE = {"moves_at_most", "max_per_post", "units", "roles", "at_least"}
# One amount with commas, or several values: 2,750,000.
_THOUSANDS = re.compile(r"\$?[1-9]\d{0,2}(?:,\d{3})+", re.ASCII)
_OF_TODAY = {"budget_per_year", "staff_hours_per_week"}


def axes_of(vary: Mapping[str, str | Sequence[float]], case: Case) -> tuple[Axis, ...]:
    """Read what is varied, in the order given.

    Percent of a budget or of staff hours is percent of today's: of what it really costs, call-outs
    as the replay finds them.

    Parameters
    ----------
    vary
        Values by name, as people write them (``1:10``, ``80%:120%:10%``) or as numbers.

    Raises
    ------
    InputError
        If a name or a value is not understood, or a name is there twice.
    """
    axes: list[Axis] = []
    for given, stated in vary.items():
        text = stated if isinstance(stated, str) else ", ".join(f"{value:.12g}" for value in stated)
        if given.strip() == "hours" and assumed.names_hours(text):
            names = [name for name, _ in assumed.windows(text, case.program)]
            numbers = tuple(float(k) for k in range(1, len(names) + 1))
            axes.append(
                Axis(
                    f"{assumed.HOURS}.{', '.join(names)}",
                    assumed.windows_title(names),
                    numbers,
                    False,
                )
            )
            continue
        name = _name(given.strip(), case.program, _periods(case))
        head, _, tail = name.partition(".")
        values = _values(head, text)
        numbers = values.numbers
        if head in _OF_TODAY and values.percent:
            today = of_today(name, case)
            numbers = tuple(float(f"{share * today:.12g}") for share in numbers)
        _refuse_values(head, numbers, text)
        if any(axis.name == name for axis in axes):
            raise InputError(f"{given!r}: {name} is varied twice")
        axes.append(Axis(name, _title(head, tail, case.program), numbers, head in _RELAXING))
    return tuple(axes)


def check_names(vary: Mapping[str, str], program: Program, periods: Iterable[str]) -> None:
    """Refuse a name or values that cannot be varied, by what ``study.toml`` and the program alone say.

    Raises
    ------
    InputError
        With the names there are.
    """
    for given, text in vary.items():
        if given == "hours" and assumed.names_hours(text):
            assumed.windows(text, program)
            continue
        head = _name(given.strip(), program, set(periods)).partition(".")[0]
        _refuse_values(head, _values(head, text).numbers, text)


def _periods(case: Case) -> set[str]:
    # a period that shift patterns split is called "night, day_10h + late_10h"
    return {period.name.split(", ")[0] for period in case.city.periods}


def of_today(name: str, case: Case) -> float:
    """Return what today's deployment has of a budget, call-outs as the replay finds them, or of staff hours.

    Raises
    ------
    InputError
        If the city has no today's deployment.
    """
    today = case.city.today
    if today is None:
        raise InputError(
            f"{name}: percent is of today's, and the study has no [today] -- add it, or write the "
            "amount"
        )
    if name == "budget_per_year":
        # of one cost: a budget binds what will be spent
        return spent_today(case, today)
    return weekly_staff_hours(case.program, today)


def _values(head: str, text: str) -> Values:
    if head == "budget_per_year" and _THOUSANDS.fullmatch(text):
        raise InputError(
            f"budget: {text!r} may be one amount or several -- write one like 2750000 or 2.75M, "
            "several like 2M,3M"
        )
    try:
        return parse_values(text, whole=head in _WHOLE, like=_like(head))
    except InputError as error:
        raise InputError(f"{_SHORT.get(head, head)}: {error}") from None


def _like(head: str) -> str:
    """Say how a quantity is written."""
    return {
        "budget_per_year": "dollars a year, such as 2.5M or 1M:3M:250k, or 90% of today's",
        "staff_hours_per_week": "staff hours a week, such as 400 or 200:600:50, or 90% of today's",
        "demand": "calls relative to the history, such as 0.97 for 3% fewer, or 0.8:1.2:0.1",
        "speed": "travel speed relative to the study's, such as 0.9 for 10% slower",
        "wage": "a wage relative to today's, such as 97% for 3% less, or 100%:108%:4%",
        assumed.GROWTH: "a share, such as 3% -- for 3% fewer calls write --vary demand=0.97",
        **dict.fromkeys(("busy", "vacancy", assumed.TO_988), "a share, such as 30% or 0:40%:10%"),
        **dict.fromkeys(_WHOLE, "a count, such as 4 or 1:10"),
        **dict.fromkeys(("target_min", "fallback_min", *_FLOORS), "minutes, such as 20 or 10:30:5"),
    }[head]


def _refuse_values(head: str, numbers: Sequence[float], text: str) -> None:
    if (
        head in {"demand", "speed", "target_min", "fallback_min", "max_per_post", *_FLOORS}
        and min(numbers) <= 0
    ):
        raise InputError(f"{head}: {text!r} must be above 0")
    most = MOST if head in _WHOLE else 1e15
    if max(map(abs, numbers)) > most:
        raise InputError(f"{head}: {text!r} -- at most {most:,.0f}")
    if said := assumed.fault(head, numbers, text):
        raise InputError(said)
    if head == "busy" and max(numbers) >= 1:
        raise InputError(f"busy: {text!r} -- a busy share is below 1")


def _name(given: str, program: Program, periods: set[str]) -> str:
    name = _ALIASES.get(given, given)
    if name in _PLAIN or name in assumed.TITLES:
        return name
    roles = set(assumed.crew_roles(program))
    head, _, tail = given.partition(".")
    known: dict[str, set[str]] = {
        "units": set(program.responder_types),
        "at_least": set(program.responder_types),
        "busy": set(program.responder_types),
        "roles": roles,
        "speed": periods,
        **dict.fromkeys(assumed.BY_ROLE, roles),
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
    if not types and given in {"unit", "units"} and len(program.responder_types) == 1:
        types = list(program.responder_types)  # a team or van is the program's unit
    if len(types) == 1:
        return f"units.{types[0]}"
    if not types and given in roles:
        return f"roles.{given}"
    if given in known:
        whose = ", ".join(f"{given}.{name}" for name in sorted(known[given]))
        raise InputError(f"{given!r} does not say whose -- write one of: {whose}")
    listed = [
        *sorted(_ALIASES),
        "demand",
        "speed",
        "busy",
        *(f"units.{t}" for t in program.responder_types),
    ]
    listed += [*(f"roles.{role}" for role in sorted(roles)), *assumed.names_of(program)]
    what = f"may be any of {', '.join(types)}" if types else "cannot be varied"
    raise InputError(f"{given!r} {what} -- there are: {', '.join(listed)}")


def _title(head: str, tail: str, program: Program) -> str:
    if head in assumed.TITLES or head in assumed.BY_ROLE:
        return assumed.title(head, tail, program)
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
        elif head in _RELAXING - set(_FLOORS):
            update[head] = value
    return limits.model_copy(update=update)


def case_at(case: Case, setting: Setting) -> Case:
    """Return a case with a setting's limits and assumptions."""
    changes: dict[str, object] = {"limits": limits_at(case.limits, setting)}
    busy = busy_at(setting, case.program)
    if busy is not None:
        changes["busy"] = busy
    periods = {}
    for name, value in setting.items():
        head, _, tail = name.partition(".")
        if head == "speed" and tail:
            periods[tail] = value
        elif name in {"target_min", "demand", "speed"}:
            changes[name] = value
        elif name in _FLOORS:
            fair = Floor.model_validate({"by": "group", _FLOORS[name]: value})
            changes["floors"] = (*changes.get("floors", case.floors), fair)  # type: ignore[misc]
        elif name == "fallback_min":
            program = _with_fallback(case.city.program, value)
            changes["city"] = replace(case.city, program=program)
    changes |= assumed.changes(case, setting)
    return case.with_(**changes, **({"speed_periods": periods} if periods else {}))


def _with_fallback(program: Program, fallback_min: float) -> Program:
    stated = {"value": fallback_min, "mark": "planner", "source": "", "note": ""}
    figure = program.standards.fallback_min.model_copy(update=stated)
    standards = program.standards.model_copy(update={"fallback_min": figure})
    return program.model_copy(update={"standards": standards})


def busy_at(setting: Setting, program: Program) -> dict[str, float] | None:
    """Return busy shares that a setting states; None if it states none."""
    stated = {name: value for name, value in setting.items() if name.partition(".")[0] == "busy"}
    if not stated:
        return None
    return {
        name: stated.get(f"busy.{name}", stated.get("busy", kind.busy_share.value))
        for name, kind in program.responder_types.items()
    }
