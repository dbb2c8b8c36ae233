"""What people read of a program's parts in place of their names."""

from __future__ import annotations

from coresponse.data.programs.model import Program


def part_titles(program: Program) -> dict[str, str]:
    """Return the title of each responder type, call class, crew role, shift pattern and outcome by its name."""
    parts = (
        program.service_outcomes,
        program.shift_patterns,
        program.crew_roles,
        program.call_classes,
        program.responder_types,
    )
    return {name: one.title for part in parts for name, one in part.items()}


def figure_words(program: Program, key: str) -> str:
    """Say a figure's key path: ``Responder types: On-call clinician: police backup share``."""
    titles = part_titles(program)
    words = [titles.get(part, part.replace("_", " ")) for part in key.split(".")]
    return ": ".join((words[0][:1].upper() + words[0][1:], *words[1:]))
