"""A deployment in words: how many responders of each type."""

from __future__ import annotations

import re
from collections.abc import Mapping

from coresponse.data.options import Deployment
from coresponse.data.programs.model import Program
from coresponse.data.words import counted, in_text


def fleet_words(program: Program, deployment: Deployment) -> str:
    """Name a deployment by its fleet: ``6 co-responder units + 3 on-call clinicians``."""
    titles = {name: kind.title for name, kind in program.responder_types.items()}
    return _words(deployment, titles)


def short_fleet_words(program: Program, deployment: Deployment) -> str:
    """Name a fleet as short as its types allow: ``6 units + 3 clinicians``."""
    titles = {name: kind.title for name, kind in program.responder_types.items()}
    last = {name: title.rsplit(" ", 1)[-1] for name, title in titles.items()}
    told_apart = len(set(last.values())) == len(last)
    return _words(deployment, last if told_apart else titles)


def limit_words(program: Program, limit: str) -> str:
    """Say a limit on a responder type within a sentence: ``at most 6 co-responder units``; others as they are called."""
    title, _, bound = limit.partition(": ")
    side, _, count = bound.rpartition(" ")
    titles = {kind.title for kind in program.responder_types.values()}
    if title in titles and count.isdigit():
        return f"{side} {counted(int(count), in_text(title))}"
    return limit.replace(": ", " ", 1)


def unit_words(program: Program, label: str) -> str:
    """Say a replay's unit: ``co-responder unit 2 at P05 (Day, 10 hours)`` for its label in tables."""
    found = re.fullmatch(r"(\w+) (\d+) at (.+) \((\w+)\)", label)
    if found is None or found[1] not in program.responder_types:
        return label
    title = in_text(program.responder_types[found[1]].title)
    shift = program.shift_patterns.get(found[4])
    return f"{title} {found[2]} at {found[3]} ({found[4] if shift is None else shift.title})"


def _words(deployment: Deployment, titles: Mapping[str, str]) -> str:
    parts = []
    for name, n in deployment.by_type().items():
        parts.append(counted(n, in_text(titles[name])))
    return " + ".join(parts) or "nobody"
