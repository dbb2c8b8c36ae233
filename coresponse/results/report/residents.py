"""The report's section on residents: who waits, by where people of a group live."""

from __future__ import annotations

from coresponse.coverage.few_calls import MIN_CALLS
from coresponse.data.words import at_start, many
from coresponse.maps.report.content import Part, Picture, ReportTable
from coresponse.maps.report.group_chart import GroupWait, group_chart
from coresponse.publish.changes import LEAST_MIN, WORDS
from coresponse.publish.places import ResidentsPublication
from coresponse.publish.plan_publication import PlanPublication
from coresponse.publish.rounding import WAIT
from coresponse.results.residents import EXPLAINED, residents_cells, residents_heads

SIGN = {word: sign for sign, word in WORDS[WAIT].items()}


def who_waits(publication: PlanPublication) -> Part | None:
    """Return the section; None where nobody said where residents live."""
    found = publication.shown.residents
    if found is None:
        return None
    heads = residents_heads(found)
    note = EXPLAINED
    if found.hidden:
        note += (
            f" {at_start(many(found.hidden, 'group'))} not shown: fewer than {MIN_CALLS} "
            "residents, or would give such a count away."
        )
    note += f" A gap counts if its band leaves out 0 and it is at least {LEAST_MIN:g} min."
    words = heads.index("Wait is")
    numbers = tuple(k for k in range(1, len(heads)) if k != words)
    table = ReportTable(
        "Residents by group (replay)", heads, tuple(residents_cells(found)), numbers, note
    )
    picture = _picture(found)
    return Part(
        "waits",
        "Who waits",
        found.sentences,
        found.notes,
        () if picture is None else (picture,),
        (table,),
    )


def _picture(found: ResidentsPublication) -> Picture | None:
    everybody = found.everybody.figures["plan"].wait_s.mean / 60
    rows = [
        GroupWait(
            row.title,
            one.wait_s.mean / 60,
            everybody + one.gap_s.low / 60,
            everybody + one.gap_s.high / 60,
            SIGN[one.gap_is],
            None if (now := row.figures.get("today")) is None else now.wait_s.mean / 60,
        )
        for row in found.groups
        if (one := row.figures.get("plan")) is not None
    ]
    if not rows:
        return None
    longer = [row.name for row in rows if row.verdict > 0]
    said = ", ".join(longer) if longer else "none"
    return Picture(
        group_chart(rows, everybody),
        f"Mean wait where people of each group live, beside all residents' {everybody:.1f} "
        f"minutes. Groups that would wait longer: {said}. The table beneath has all figures.",
    )
