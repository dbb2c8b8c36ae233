"""The answer in a few lines: who stands where, and when."""

from __future__ import annotations

from coresponse.publish.plan import PlanPublication


def who_where_when(publication: PlanPublication) -> tuple[str, ...]:
    """Say a plan in one line for each responder type and shift, with clock hours and posts."""
    if not publication.deployment.size:
        return ("Within these limits nobody can be on duty: all calls are left to police.",)
    facts = publication.facts
    labels = facts.post_labels
    at: dict[tuple[str, str], list[str]] = {}
    for option, count in sorted(publication.deployment.as_dict().items()):
        label = labels[option.post_id]
        places = at.setdefault((option.responder_type, option.shift_pattern), [])
        places.append(label if count == 1 else f"{count} at {label}")
    program = facts.program
    return tuple(
        f"{program.responder_types[kind].title}, {program.shift_patterns[shift].clock_title}: "
        f"{'; '.join(places)}"
        for (kind, shift), places in at.items()
    )
