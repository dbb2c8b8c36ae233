"""The report's second page: what stands where and when, what each step brings, what it takes, how sure it is."""

from __future__ import annotations

from collections.abc import Iterator

from coresponse.data.words import counted
from coresponse.maps.report.content import Part, ReportTable
from coresponse.publish.plan_publication import PlanPublication
from coresponse.publish.rungs import HEADS
from coresponse.results.answer import posts_by_shift
from coresponse.results.report.costs import cost_words


def decision(publication: PlanPublication) -> tuple[Part, ...]:
    """Return the sections of the page; fewer where nobody is in place."""
    return tuple(_parts(publication))


def _parts(publication: PlanPublication) -> Iterator[Part]:
    rows = posts_by_shift(publication)
    if rows:
        heads = ("Responder", "On duty", "How many", "Posts")
        table = ReportTable("Who is posted where, and when", heads, rows, (2,))
        yield Part("who", "What the plan does", moved(publication), tables=(table,))
    ladder = publication.shown.ladder
    if ladder is not None and len(ladder.rungs) > 1:
        table = ReportTable(
            "From today to the plan: what moving brings, and what buying brings (replay)",
            HEADS,
            tuple(ladder.rows),
            (1, 2, 3, 5),
        )
        last = (ladder.last_units,) if ladder.last_units else ()
        yield Part("ladder", "What each step brings", last, tables=(table,))
    staff = publication.staffing.sentences[:1] if publication.deployment.size else ()
    yield Part("takes", "What it takes", (*staff, *cost_words(publication)))
    yield Part("trust", "How sure we are", _sure(publication))


def _sure(publication: PlanPublication) -> tuple[str, ...]:
    unseen = publication.shown.holdout
    said = publication.standing.sentences[:1]
    return (*said, *(() if unseen is None else (unseen.verdict(),)), publication.records_in_short)


def moved(publication: PlanPublication) -> tuple[str, ...]:
    """Say how many of today's responders stay where they are."""
    today = publication.facts.today
    if today is None or not today.size:
        return ()
    mine = publication.deployment.as_dict()
    kept = sum(min(count, mine.get(option, 0)) for option, count in today.counts)
    if not kept:
        return ("Every responder of today moves to another post or other hours.",)
    stay = "One" if kept == 1 else str(kept)
    keeps = "keeps its post and hours" if kept == 1 else "keep their posts and hours"
    return (f"{stay} of today's {counted(today.size, 'responder')} {keeps}.",)
