"""The council's report of a plan, from its publication."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from pydantic import TypeAdapter

from coresponse.coverage.replay.bands import Interval
from coresponse.data.figures.rows import SummaryRow
from coresponse.data.figures.text import banded, plain_number, points
from coresponse.data.programs.load import assumptions
from coresponse.data.programs.titles import figure_words
from coresponse.data.words import at_start, counted, in_text, listed, many, natural
from coresponse.maps.content import MapContent
from coresponse.maps.report.charts import FunnelBar, JudgesRow, funnel_chart, judges_chart
from coresponse.maps.report.content import Mark, Part, Picture, ReportContent, ReportTable
from coresponse.maps.report.picture import plan_picture
from coresponse.maps.words import change
from coresponse.publish.measured import JUDGES, ReplayPublication
from coresponse.publish.plan_publication import PlanPublication
from coresponse.publish.search import ROUNDS
from coresponse.results.map_page import notices, provenance_lines
from coresponse.results.plan_agencies import by_agency
from coresponse.results.report import words
from coresponse.results.report.codes import codes_table
from coresponse.results.report.costs import costs
from coresponse.results.report.decision import decision, moved
from coresponse.results.report.districts import fairness
from coresponse.results.report.evidence import evidence
from coresponse.results.report.frontier import no_frontier
from coresponse.results.report.hours import hours
from coresponse.results.report.people import people
from coresponse.results.report.residents import who_waits
from coresponse.results.standards import by_area
from coresponse.results.tables import JUDGE_HEADS, bands_in_words, judges_rows, title_of
from coresponse.study.provenance import versions

THREE_JUDGES = (
    "A plan is often judged as if the nearest responder were always free and each drive took its "
    "expected time: an upper bound, unless drives vary. Queueing asks how often units are busy in "
    "the long run. The replay plays calls through one by one, with drives, meetings with officers "
    "and shift ends. The figures of this report are the replay's."
)

MARKED = {"plan": "This report's plan", "today": "Today's deployment"}

# Reads and writes a report's content as JSON.
SAVED = TypeAdapter(ReportContent)


def report_content(
    publication: PlanPublication, content: MapContent, run: str, hashes: Mapping[str, str]
) -> ReportContent:
    """Gather what the report shows.

    Parameters
    ----------
    content
        Of the plan's map.
    run, hashes
        Name of the run, and of its inputs' bytes.
    """
    rows, facts = publication.shown.summary, publication.facts
    parts = (
        _plan(publication),
        _figures(publication, rows),
        _funnel(publication),
        evidence(publication),
        hours(publication.shown.hours),
        no_frontier(),
        by_agency(publication),
        by_area(publication),
        fairness(publication),
        who_waits(publication),
        people(publication),
        costs(publication),
        _assumptions(publication),
        _sure(publication),
        _data(publication),
        _provenance(publication, run, hashes),
    )
    return ReportContent(
        title=publication.facts.name,
        question=words.question(publication),
        answer=words.answer(publication),
        headlines=(*(row for row in rows if row.headline), _cost_headline(rows)),
        picture=Picture(
            plan_picture(content),
            "Map of the plan: mean wait by area in the replay, allowing for busy units; the "
            f"standard is {facts.standard}. Black circles are posts with the number of responders "
            "there; the same posts are listed in section 1.",
            "Colors: mean wait by the replay, as the page's figures; a call left to police counts "
            f"{publication.facts.program.standards.fallback_min.value:g} min. What is beyond the "
            "standard is hatched.",
        ),
        decision=decision(publication),
        parts=tuple(part for part in parts if part is not None),
        notices=notices(publication),
        internal=publication.disclosure.internal,
        attribution=content.attribution,
        run=run,
        marks=_marks(publication),
    )


def _cost_headline(rows: tuple[SummaryRow, ...]) -> SummaryRow:
    """Return the cost for the brief: with call-outs as found, where somebody is on standby."""
    last = next(row for row in reversed(rows) if row.unit == "dollars")
    return replace(
        last, label="Cost a year", note="call-outs from standby as found" if last.plan_band else ""
    )


def _marks(publication: PlanPublication) -> tuple[Mark, ...]:
    """Return the plan and today as points of the frontier, by replay as a sweep's points are."""
    out = []
    for name in ("plan", "today"):
        known = publication.evaluations.get(name)
        cost = publication.shown.costs.found.get(name)
        if known is None or cost is None:
            continue
        share = known.figure("replay", "share_in_time")
        wait = known.figure("replay", "mean_with_fallback_s")
        if share is not None and wait is not None:
            figures = {
                "share_in_time": float(share.mean),
                "mean_with_fallback_min": float(wait.mean) / 60,
            }
            out.append(Mark(MARKED[name], round(float(cost.mean), -3), figures))
    return tuple(out)


def _plan(publication: PlanPublication) -> Part:
    facts, program = publication.facts, publication.facts.program
    names = dict(zip(facts.posts.frame["post_id"], facts.posts.frame["name"], strict=True))
    plan = publication.deployment.as_dict()
    today = facts.today.as_dict() if facts.today is not None else {}
    rows = []
    for option in sorted(
        {*plan, *today}, key=lambda o: (o.responder_type, o.shift_pattern, natural(o.post_id))
    ):
        cells = [
            names.get(option.post_id, option.post_id),
            program.responder_types[option.responder_type].title,
            program.shift_patterns[option.shift_pattern].clock_title,
        ]
        now = (str(today.get(option, 0)),) if facts.today is not None else ()
        rows.append((*cells, *now, str(plan.get(option, 0))))
    heads = (
        "Post",
        "Responder",
        "On duty",
        *(("Today",) if facts.today is not None else ()),
        "Plan",
    )
    limits = [
        counted(many, in_text(program.responder_types[name].title))
        for name, many in facts.limits.units.items()
    ]
    said = (
        f"The limits allow {listed(limits)}."
        if limits
        else "The limits do not say how many responders there may be."
    )
    table = ReportTable("Posts and shifts", heads, tuple(rows), tuple(range(3, len(heads))))
    return Part(
        "plan",
        "The plan: who is posted where, and when",
        (said, *moved(publication)),
        tables=(table,),
    )


def _figures(publication: PlanPublication, rows: tuple[SummaryRow, ...]) -> Part:
    two = publication.facts.today is not None
    lines = []
    for row in rows:
        line = [row.label, banded(row.plan, row.unit, row.plan_band)]
        if two:
            said, verdict = change(row)
            known = verdict != "same" and row.unit != "dollars"
            line.insert(1, banded(row.today, row.unit, row.today_band))
            line.append(said + (f", {verdict}" if known else ""))
        lines.append(tuple(line))
    heads = ("Figure", "Today", "Plan", "Change") if two else ("Figure", "Plan")
    clock = publication.facts.program.standards.clock
    note = (
        f"Response runs {clock}. In brackets: where the long-run figure lies in 95 of 100 cases, "
        "by chance and by what one history can tell; costs by chance alone."
    )
    note += " Changes are taken before figures are rounded." if two else ""
    table = ReportTable("The figures", heads, tuple(lines), tuple(range(1, len(heads))), note)
    year = bands_in_words(publication.evaluations["plan"], "the plan's")
    bands = (year,) if year else ()
    return Part("figures", "What the plan would do", bands, tables=(table,))


def _funnel(publication: PlanPublication) -> Part | None:
    replayed = publication.evaluations["plan"].replay
    left = publication.shown.left_to_police
    if replayed is None or left is None:
        return None
    steps = [FunnelBar(row.step, row.calls, row.lost) for row in replayed.told_funnel]
    rows = tuple(
        (
            step.step,
            f"{step.calls:,.1f} ({row.calls.low:,.1f} to {row.calls.high:,.1f})",
            "; ".join(f"{reason} {n:,.1f}" for reason, n in step.lost),
        )
        for step, row in zip(steps, replayed.funnel, strict=True)
    )
    text = "; ".join(f"{step.step} {step.calls:,.1f}" for step in steps)
    picture = Picture(
        funnel_chart(steps),
        f"Bars of calls a week at each step: {text}. The table beneath has the same figures.",
    )
    table = ReportTable(
        "Calls a week, plan (replay)", ("Step", "Calls a week", "Lost before it"), rows, (1,)
    )
    return Part(
        "way",
        "From a call to help: where calls are lost",
        (_answered(steps, left), *_officer_hours(replayed)),
        replayed.sources if replayed.officer_hours_freed.mean > 0 else (),
        (picture,),
        (table,),
    )


def _answered(steps: Sequence[FunnelBar], left: Interval) -> str:
    """Say how many calls the program answers, is sent to, and leaves to police."""
    reached = next(step.calls for step in steps if step.step == "sent")
    return (
        f"Of {steps[0].calls:,.1f} calls a week {steps[1].calls:,.1f} are of a kind that the "
        f"program answers; a responder would be sent to {reached:,.1f} of them, and about "
        f"{left.mean:,.1f} ({left.low:,.1f} to {left.high:,.1f}) would be left to police alone."
    )


def _officer_hours(replayed: ReplayPublication) -> Iterator[str]:
    """Say which hours of officers are freed, and which are spent waiting."""
    freed = replayed.officer_hours_freed
    if freed.mean > 0:
        yield (
            f"Calls handled without police would free about {freed.mean:,.0f} officer hours a week "
            f"({freed.low:,.0f} to {freed.high:,.0f}), if the stated share of them would otherwise "
            "have had an officer."
        )
    if replayed.officer_alone_hours.mean >= 1:
        yield (
            f"Officers would wait about {replayed.officer_alone_hours.mean:,.0f} hours a week on "
            "scene for a clinician."
        )


def _sure(publication: PlanPublication) -> Part:
    judged = [_judged(publication, name) for name in publication.evaluations]
    rows = judges_rows(publication.evaluations)
    table = ReportTable("How sure are we: three judges", JUDGE_HEADS, rows, (1, 2, 3))
    text = "; ".join(
        f"{one.title}: {_percent(one.nearest)} if the nearest were always free, "
        f"{_percent(one.queueing)} by queueing, {_percent(one.replay)} in the replay"
        for one in judged
    )
    picture = Picture(judges_chart(judged), f"Share of calls in time by three judges. {text}.")
    said = [
        THREE_JUDGES,
        *publication.evaluations["plan"].notes,
    ]
    found, search = publication.shown, publication.search
    if found.holdout is not None:
        said.append(found.holdout.verdict())
    elif publication.holdout_reason:
        said.append(
            f"The plan was not tested on calls that it had not seen: {publication.holdout_reason}."
        )
    if found.bootstrapped is not None:
        said.append(found.bootstrapped.verdict())
    said.append(publication.records_in_short)
    if search.end is not None and "naive" in publication.evaluations:
        said.append(
            f"The plan took {many(len(search.rounds), 'round')}, {ROUNDS}: "
            f"{search.end.value}. A plan made "
            "as if units were never busy looks better on paper and is shown for comparison."
        )
    said += [*publication.standing.sentences, publication.in_model]
    return Part("sure", "How sure we are", tuple(said), (), (picture,), (table,))


def _judged(publication: PlanPublication, name: str) -> JudgesRow:
    one = publication.evaluations[name]
    found = (one.figure(judge, "share_in_time") for judge in JUDGES)
    shares = (None if share is None else share.mean * 100 for share in found)
    return JudgesRow(at_start(title_of(name)), *shares)


def _percent(value: float | None) -> str:
    return "no figure" if value is None else f"{points(value)}%"


def _data(publication: PlanPublication) -> Part:
    history, roads = publication.history, publication.facts.roads.report
    steps = history.funnel
    lost = "; ".join(
        f"{reason} {_count(n)}" for step in steps for reason, n in step.reasons if n not in (0, "0")
    )
    bullets = [
        f"Calls: {_count(steps[0].count)} rows, {_count(steps[-1].count)} used for planning"
        + (f" (lost: {lost})." if lost else "."),
        f"The calls are of {counted(history.days, 'day')} ({history.timezone}).",
    ]
    if history.assumed:
        bullets = [f"Calls: {history.assumed}."]
    bullets += [
        (
            f"Roads: {roads.source}; {roads.assumed_speed_share:.0%} of their length has an "
            "assumed speed; signals cost no time."
        ),
        *history.notes,
        *publication.model_notes,
    ]
    said = (
        "Calls that were never made, or were coded as something else, are not in the data. A "
        "forecast from past calls holds as long as people call as they did."
    )
    return Part(
        "data",
        "Limits of the data",
        (said,),
        tuple(bullets),
        tables=codes_table(history, publication.facts.program),
    )


def _count(shown: int | str) -> str:
    return shown if isinstance(shown, str) else f"{shown:,}"


def _assumptions(publication: PlanPublication) -> Part:
    program = publication.facts.program
    frame = assumptions(program)
    marks = frame["mark"].value_counts()
    said = ", ".join(
        f"{marks[mark]} {mark}{'s' if mark != 'derived' else ''}" for mark in marks.index
    )
    columns = [
        c for c in ("figure", "value", "low", "high", "mark", "source", "year") if c in frame
    ]
    frame = frame.assign(figure=[figure_words(program, str(key)) for key in frame["figure"]])
    rows = tuple(
        tuple(_cell(value) for value in row) for row in frame[columns].itertuples(index=False)
    )
    numbers = tuple(i for i, c in enumerate(columns) if c in {"value", "low", "high", "year"})
    table = ReportTable(
        "Every figure of the program", tuple(at_start(c) for c in columns), rows, numbers
    )
    return Part(
        "assumed", "What was assumed", (f"The program's figures: {said}.",), tables=(table,)
    )


def _cell(value: object) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return ""
    return plain_number(value) if isinstance(value, float) else str(value)


def _provenance(publication: PlanPublication, run: str, hashes: Mapping[str, str]) -> Part:
    rows = tuple((name, digest[:16]) for name, digest in hashes.items())
    table = ReportTable("Input files (first 16 digits of SHA-256)", ("File", "Hash"), rows)
    bullets = (
        *provenance_lines(publication),
        "Versions: " + ", ".join(f"{name} {v}" for name, v in versions().items()) + ".",
    )
    said = f"Run {run}. The same inputs and settings give the same report; it can be verified against its inputs."
    return Part("provenance", "Where it comes from", (said,), bullets, tables=(table,))
