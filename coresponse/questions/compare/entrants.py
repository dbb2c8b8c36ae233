"""Put a program into a study's city: its crews and hours, the city's calls, standards and wages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from coresponse.coverage.demand import eligible_classes
from coresponse.data.errors import InputError
from coresponse.data.hours import WeekHours
from coresponse.data.limits import Limits
from coresponse.data.programs.load import load_program, preset_names
from coresponse.data.programs.model import Program
from coresponse.data.words import in_text, listed
from coresponse.optimize.case import Case
from coresponse.optimize.problem import Limit

_OF_TYPES = (
    "units",
    "at_least",
    "roles",
    "keep_today",
    "moves_at_most",
    "staff_hours_per_week",
    "budget_per_year",
    "agencies",
)


@dataclass(frozen=True, eq=False)
class Entrant:
    """A program in the study's city.

    Attributes
    ----------
    name
        As it was asked for.
    program
        Its crews, hours and eligibility, with the study's call classes, standards, wages, staffing
        rules and workload.
    case
        Of the city under it, without a today and with the budget as the only limit that speaks of
        responders.
    notes
        What the program lacks or passes over, for people.
    """

    name: str
    program: Program
    case: Case
    notes: tuple[str, ...]


def compared_programs(names: str) -> tuple[str, ...]:
    """Read a list of presets or program files, separated by commas.

    Raises
    ------
    InputError
        If there are fewer than two, or one is there twice.
    """
    listed = tuple(_as_shipped(name.strip()) for name in names.split(",") if name.strip())
    if len(listed) < 2 or len(set(listed)) < len(listed):
        raise InputError(
            f"--programs {names!r}: name two or more programs, each once, such as ride-along,star; "
            f"presets: {', '.join(preset_names())}"
        )
    for name in listed:
        load_program(name if name in preset_names() else Path(name))
    return listed


def _as_shipped(name: str) -> str:
    """Return a preset's name for what people write, such as ``B-HEARD`` or ``Ride along``."""
    plain = "-".join(name.casefold().replace("_", " ").replace("-", " ").split())
    short = {preset.replace("-", ""): preset for preset in preset_names()}
    return short.get(plain.replace("-", ""), name)


def entrants(case: Case, names: Sequence[str], budget_per_year: float) -> tuple[Entrant, ...]:
    """Put each program into the city.

    Raises
    ------
    MissingInputError
        If a program is neither a preset nor a file.
    """
    loaded = [load_program(name if name in preset_names() else Path(name)) for name in names]
    had = set(case.city.calls.frame["call_class"])
    every = {name for program in loaded for name in eligible_classes(program)} & had
    return tuple(
        _entrant(case, name, program, every, budget_per_year)
        for name, program in zip(names, loaded, strict=True)
    )


def _entrant(
    case: Case, name: str, own: Program, every: set[str], budget_per_year: float
) -> Entrant:
    study_program = case.city.program
    program = own.model_copy(
        update={
            "call_classes": own.call_classes | study_program.call_classes,
            "standards": study_program.standards,
            "crew_roles": own.crew_roles | study_program.crew_roles,
            "staffing": study_program.staffing,
            "workload": study_program.workload,
            "productive_hours_per_year": study_program.productive_hours_per_year,
            "patrol": study_program.patrol,
            # a desk that ends calls is no crew: it stands beside all programs, which meet the same
            # calls
            "phone": study_program.phone,
        }
    )
    kept = {
        key: getattr(case.limits, key)
        for key in case.limits.model_fields_set
        if key not in _OF_TYPES
    }
    limits = Limits(**kept, budget_per_year=budget_per_year)
    city = replace(case.city.with_program(program), today=None)
    placed = case.with_(city=city, limits=limits)
    return Entrant(name, program, placed, tuple(_lacks(program, study_program, every)))


STATED_HOURS = "open in the stated hours only"


def closed_throughout(case: Case) -> bool:
    """Whether stated hours leave no option of a case: no budget would buy one."""
    return any(one.name == STATED_HOURS and bool(one.coefficients.all()) for one in case.further)


def open_within(entrant: Entrant, hours: WeekHours) -> Entrant:
    """Return the entrant with nobody on duty outside some hours of the week."""
    case, patterns = entrant.case, entrant.program.shift_patterns
    outside = [not hours.contains(patterns[o.shift_pattern].hours) for o in case.options]
    closed = Limit(STATED_HOURS, np.array(outside, dtype=np.float64), at_most=0)
    used = {
        name for kind in entrant.program.responder_types.values() for name in kind.shift_patterns
    }
    passed_over = sorted(name for name in used if not hours.contains(patterns[name].hours))
    notes = entrant.notes
    if passed_over:
        titles = ", ".join(patterns[name].title.lower() for name in passed_over)
        notes = (*notes, f"does not use shifts that reach beyond the stated hours ({titles})")
    return replace(entrant, case=case.with_(further=(*case.further, closed)), notes=notes)


def _lacks(program: Program, study_program: Program, every: set[str]) -> list[str]:
    """Say what a program does not have; nothing is put in its place."""
    out = []
    not_taken = sorted(every - set(eligible_classes(program)))
    if not_taken:
        classes = study_program.call_classes
        titles = listed(
            [in_text(classes[name].title) for name in not_taken if name in classes], "or"
        )
        out.append(f"takes no calls of this kind, which stay with police: {titles}")
    hours = program_hours(program)
    if hours < 168:
        out.append(f"has no shift for {168 - hours} of the week's 168 hours")
    roles = {role for kind in program.responder_types.values() for role in kind.crew}
    theirs = {role for kind in study_program.responder_types.values() for role in kind.crew}
    missing = sorted(theirs - roles)
    if missing:
        out.append(
            f"has no {', '.join(study_program.crew_roles[role].title.lower() for role in missing)} "
            "in its crews"
        )
    return out


def closed_hours(program: Program, patterns: set[str]) -> int:
    """Return the hours of the week in which none of some shift patterns is on duty."""
    return 168 - len(
        {hour for pattern in patterns for hour in program.shift_patterns[pattern].hours.hours}
    )


def program_hours(program: Program) -> int:
    """Return how many of the week's hours a program has a shift for."""
    used = {pattern for kind in program.responder_types.values() for pattern in kind.shift_patterns}
    return len({hour for name in used for hour in program.shift_patterns[name].hours.hours})
