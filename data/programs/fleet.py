"""A deployment in words: how many responders of each type."""

from __future__ import annotations

from collections.abc import Mapping

from coresponse.data.options import Deployment
from coresponse.data.programs.model import Program


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


def _words(deployment: Deployment, titles: Mapping[str, str]) -> str:
    parts = []
    for name, n in deployment.by_type().items():
        title = titles[name]
        title = title[:1].lower() + title[1:] if title[1:2].islower() else title
        parts.append(f"{n} {title}{'' if n == 1 else 's'}")
    return " + ".join(parts) or "nobody"
