"""The report's section on what is known of less police contact: findings beside the figure, none worked out with."""

from __future__ import annotations

from coresponse.coverage.officer_hours import evidence_rows
from coresponse.data.figures.text import percent
from coresponse.maps.report.content import Part, ReportTable
from coresponse.publish.plan_publication import PlanPublication

# Topics that police contact is thought to change.
TOPICS = {
    "arrests": "Arrests and holds",
    "force": "Force, police asked for",
    "officer_hours": "Officers freed",
}

COMPARED = {True: "Compared.", False: "Not compared."}

HEADS = ("Outcome", "Whose", "What was found", "What is known of it", "Source")


def evidence(publication: PlanPublication) -> Part | None:
    """Return the section; None where nobody knows how many calls meet no officer."""
    shares = [
        publication.evaluations[name].figure("replay", "share_without_officer")
        for name in ("plan", "today")
        if name in publication.evaluations
    ]
    if not shares or shares[0] is None:
        return None
    said = f"{percent(shares[0].mean)} of eligible calls would be answered without an officer"
    if len(shares) > 1 and shares[1] is not None:
        said += f" (today {percent(shares[1].mean)})"
    said += (
        ". That says who comes to a call. It is not an effect: arrests, force and officers freed "
        "are not forecast from it. What was found elsewhere is quoted here, and nothing is worked "
        "out with it."
    )
    rows = tuple(
        (
            TOPICS[one["topic"]],
            one["program"],
            one["says"],
            f"{COMPARED[one['compared']]} {one['known']}",
            f"{one['source']} ({one['mark']}, {one['year']})",
        )
        for one in evidence_rows()
        if one["topic"] in TOPICS
    )
    note = (
        "Compared: whether it was held against what would have happened otherwise. A share that a "
        "program reports of itself was not."
    )
    table = ReportTable("What is known", HEADS, rows, note=note)
    return Part("evidence", "What is known of less police contact", (said,), tables=(table,))
