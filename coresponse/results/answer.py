"""The answer in a few lines: who stands where, and when."""

from __future__ import annotations

from coresponse.publish.plan_publication import PlanPublication


def who_where_when(publication: PlanPublication) -> tuple[str, ...]:
    """Say a plan in one line for each responder type and shift, with clock hours and posts."""
    if not publication.deployment.size:
        return ("Within these limits nobody can be on duty: all calls are left to police.",)
    return tuple(
        f"{kind}, {shift}: {posts}" for kind, shift, _, posts in posts_by_shift(publication)
    )


def posts_by_shift(publication: PlanPublication) -> tuple[tuple[str, str, str, str], ...]:
    """Return a row for each responder type and shift: titles with clock hours, how many, and their posts."""
    facts = publication.facts
    labels = facts.post_names
    at: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for option, count in publication.deployment.counts:
        places = at.setdefault((option.responder_type, option.shift_pattern), [])
        places.append((labels[option.post_id], count))
    program = facts.program
    return tuple(
        (
            program.responder_types[kind].title,
            program.shift_patterns[shift].clock_title,
            str(sum(count for _, count in places)),
            "; ".join(label if count == 1 else f"{count} at {label}" for label, count in places),
        )
        for (kind, shift), places in at.items()
    )
