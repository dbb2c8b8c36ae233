"""Assumptions that a question varies beside limits: wages, vacancies, hours, growth, calls that go to 988."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from coresponse.coverage.demand import eligible_classes
from coresponse.data.errors import InputError
from coresponse.data.hours import HOURS_A_WEEK, WeekHours
from coresponse.data.programs.model import Program
from coresponse.data.programs.phone import PhoneStage
from coresponse.data.words import in_text
from coresponse.optimize.case import Case
from coresponse.optimize.problem import Limit
from coresponse.questions.sweep.grid import is_clock, window_names

GROWTH, TO_988, HOURS = "growth", "988", "open"
BY_ROLE = ("wage", "vacancy")

TITLES = {
    GROWTH: "growth of calls, a share",
    TO_988: "share of crisis calls that 988 takes first",
}

# The class whose calls 988 is asked to take where a program does not say so: crisis without weapon or violence.
FIRST_988 = "crisis_low"

# A wage below this share of today's is a rise that was meant, such as 8% for 108%.
LEAST_WAGE = 0.3

# Parts of names of shift patterns that people call the evening.
_EVENING = ("late", "swing", "evening")


def names_of(program: Program) -> list[str]:
    """Return what may be varied, for those who look for a name."""
    roles = crew_roles(program)
    return [GROWTH, TO_988, *(f"{head}.{role}" for head in BY_ROLE for role in roles)]


def crew_roles(program: Program) -> list[str]:
    """Return the roles that a crew has."""
    return sorted({role for kind in program.responder_types.values() for role in kind.crew})


def fault(head: str, numbers: Iterable[float], text: str) -> str:
    """Say what is wrong with values; '' if nothing is."""
    low, high = min(numbers), max(numbers)
    if head == "wage" and low < LEAST_WAGE:
        return f"wage: {text!r} is relative to today's -- for a rise of 8% write 108%"
    if head == "wage" and high > 10:
        return f"wage: {text!r} is relative to today's, at most 10 times -- write such as 108%"
    if head in {"vacancy", TO_988} and not (low >= 0 and high < 1):
        return f"{head}: {text!r} -- a share from 0 to below 1, such as 33%"
    if head == GROWTH and high > 10:
        return f"growth: {text!r} -- write a share, such as 3%"
    return ""


def title(head: str, tail: str, program: Program) -> str:
    """Return what people read of a varied assumption."""
    if not tail:
        return TITLES[head]
    role = program.crew_roles[tail].title
    return f"{role}, wage relative to today's" if head == "wage" else f"{role}, empty positions"


def windows(text: str, program: Program) -> tuple[tuple[str, WeekHours], ...]:
    """Read hours in which responders may be on duty, such as ``day, day+evening, always``.

    Each is a name of shift patterns, or of several with + between; ``always`` is the whole week.
    Or they are clock hours, such as ``daily 08:00-22:00``.

    Raises
    ------
    InputError
        If a name is not that of a shift pattern.
    """
    if is_clock(text):
        return ((text.strip(), WeekHours.parse(text)),)
    return tuple((name, _window(name, program)) for name in window_names(text))


def names_hours(text: str) -> bool:
    """Whether values of ``hours`` are names of shifts; numbers are staff hours a week."""
    return text.strip()[:1].isalpha()


def windows_title(names: Iterable[str]) -> str:
    """Return the title of an axis of hours, whose values count its windows from 1."""
    return "open (" + ", ".join(f"{k} {name}" for k, name in enumerate(names, start=1)) + ")"


def changes(case: Case, setting: Mapping[str, float]) -> dict[str, Any]:
    """Return what a setting's assumptions change of a case, for :meth:`Case.with_`."""
    factors = case.factors
    out: dict[str, Any] = {}
    for name, value in setting.items():
        head, _, tail = name.partition(".")
        if head == "wage":
            out["wages"] = {**factors.wages, **out.get("wages", {}), tail: value}
        elif head == "vacancy":
            out["vacancy"] = {**factors.vacancy, **out.get("vacancy", {}), tail: value}
        elif head == HOURS:
            name_of, window = windows(tail, case.program)[int(value) - 1]
            out["further"] = (*case.further, _only_within(case, name_of, window))
    if GROWTH in setting:
        out["demand"] = setting.get("demand", factors.demand) * (1 + setting[GROWTH])
    if TO_988 in setting:
        fewer = calls_less(case.program, setting[TO_988])
        before = factors.classes
        out["classes"] = {**before, **{k: before.get(k, 1.0) * v for k, v in fewer.items()}}
    return out


def calls_less(program: Program, share: float) -> dict[str, float]:
    """Return the factor on a class's calls where 988 takes a share of them first.

    Of what it takes, it ends `resolved_share` by phone; of these `under_triage_share` come to the
    field later after all (both of the program's phone stage, or its defaults).

    Raises
    ------
    InputError
        If the program names no class for the phone and has no ``crisis_low``.
    """
    known = eligible_classes(program)
    stage = program.phone or PhoneStage(first={})
    first = [name for name in stage.first if name in known] or [
        name for name in known if name == FIRST_988
    ]
    if not first:
        raise InputError(
            "988: no class of calls for it -- name one under [phone.first] of the program; there "
            f"are: {', '.join(known)}"
        )
    kept = share * stage.resolved_share.value * (1 - stage.under_triage_share.value)
    return dict.fromkeys(first, 1 - kept)


def words(case: Case, setting: Mapping[str, float]) -> list[str]:
    """Say what a setting assumes otherwise."""
    out = []
    program = case.program
    for name, value in setting.items():
        head, _, tail = name.partition(".")
        if head == "wage":
            out.append(f"{program.crew_roles[tail].title}: {value:.0%} of today's wage")
        elif head == "vacancy":
            text = f"{program.crew_roles[tail].title}: {value:.0%} of positions empty"
            out.append(f"{text}, their hours worked as overtime")
        elif head == HOURS:
            out.append(f"open {windows(tail, program)[int(value) - 1][0]}")
        elif name == GROWTH:
            out.append(f"calls grow by {value:.1%}")
        elif name == TO_988:
            less = calls_less(program, value)
            stage = program.phone or PhoneStage(first={})
            titles = "; ".join(in_text(program.call_classes[key].title) for key in less)
            out.append(
                f"988 takes {value:.0%} of calls first ({titles}) and ends "
                f"{stage.resolved_share.value:.0%} of "
                f"those; {1 - next(iter(less.values())):.0%} fewer come to the field"
            )
        elif name == "budget_per_year":
            out.append(f"a budget of ${value:,.0f} a year")
        elif name == "target_min":
            out.append(f"a standard of {value:g} min")
        else:
            out.append(f"{name.replace('_', ' ')} {value:,.12g}")
    return out


def _window(name: str, program: Program) -> WeekHours:
    hours: set[int] = set()
    for part in name.split("+"):
        word = part.strip().casefold()
        if word in {"always", "24/7", "around the clock"}:
            return WeekHours.of(range(HOURS_A_WEEK))
        parts = _EVENING if word == "evening" else (word,)
        found = [
            pattern
            for key, pattern in program.shift_patterns.items()
            if key in _used(program)
            and any(one == key.casefold() or one in key.casefold().split("_") for one in parts)
        ]
        if not found:
            raise InputError(
                f"hours: {part.strip()!r} is not a shift -- there are: {', '.join(sorted({'always'} | _used(program)))}; "
                "or write clock hours, such as 'daily 08:00-22:00'"
            )
        hours.update(hour for pattern in found for hour in pattern.hours.hours)
    return WeekHours.of(hours)


def _used(program: Program) -> set[str]:
    return {name for kind in program.responder_types.values() for name in kind.shift_patterns}


def _only_within(case: Case, name: str, window: WeekHours) -> Limit:
    """Return the limit that nobody is on duty outside a window."""
    patterns = case.program.shift_patterns
    outside = [not window.contains(patterns[option.shift_pattern].hours) for option in case.options]
    return Limit(f"open {name} only", np.array(outside, dtype=np.float64), at_most=0.0)
