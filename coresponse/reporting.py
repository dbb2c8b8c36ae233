"""The council's report of a plan.

Gathered when the plan is made, drawn again later with what a sweep found.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from pydantic import TypeAdapter

from coresponse import report_words as words
from coresponse.call_outs import cost_as_found, further_cost
from coresponse.content import LEFT, cost_per_year, little_data, provenance_lines, summary
from coresponse.data.options import Deployment
from coresponse.data.programs.load import assumptions
from coresponse.judged import DEPLOYMENT_TITLES, judge_figure
from coresponse.maps.content import MapContent, SummaryRow
from coresponse.maps.report.charts import FunnelStep, Judged, funnel_chart, judges_chart
from coresponse.maps.report.content import Mark, Part, Picture, ReportContent, ReportTable
from coresponse.maps.report.picture import plan_picture
from coresponse.maps.words import banded, change
from coresponse.paired import total
from coresponse.planning import Planned, target_min
from coresponse.provenance import versions
from coresponse.publish.city import shown_figure
from coresponse.publish.disclosure import PUBLIC, Disclosure
from coresponse.publish.funnel import shown_funnel
from coresponse.report_costs import costs
from coresponse.report_fair import fairness
from coresponse.report_frontier import no_frontier

THREE_JUDGES = (
    "A plan is often judged as if the nearest responder were always free: an upper bound. Queueing "
    "asks how often units are busy "
    "in the long run. The replay plays calls through one by one, with drives, meetings with "
    "officers and shift ends. The figures "
    "of this report are the replay's."
)

MARKED = {"plan": "This report's plan", "today": "Today's deployment"}

SAVED = TypeAdapter(ReportContent)
"""Reads and writes a report's content as JSON."""


def report_content(
    planned: Planned, content: MapContent, run: str, hashes: dict[str, str]
) -> ReportContent:
    """Gather what the report shows.

    Parameters
    ----------
    content
        Of the plan's map.
    run, hashes
        Name of the run, and of its inputs' bytes.
    """
    disclosure = Disclosure(content.internal)
    inputs, rows = planned.inputs, summary(planned)
    target = target_min(inputs)
    parts = (
        _plan(planned),
        _figures(planned, rows),
        _funnel(planned),
        no_frontier(),
        fairness(planned, disclosure=disclosure),
        costs(planned),
        _assumptions(planned),
        _sure(planned),
        _data(planned, disclosure=disclosure),
        _provenance(planned, run, hashes, disclosure=disclosure),
    )
    return ReportContent(
        title=planned.inputs.study.name,
        question=words.question(planned),
        answer=words.answer(planned),
        headlines=(*(row for row in rows if row.headline), _cost_headline(rows)),
        picture=Picture(
            plan_picture(content),
            "Map of the plan: mean response time by area, from the nearest responder if free; the "
            f"standard is {target:g} min. "
            "Black circles are posts with the number of responders there; the same posts are "
            "listed in section 1.",
            "Colors: response time from the nearest responder, if free. What is beyond the "
            "standard is hatched.",
        ),
        parts=tuple(part for part in parts if part is not None),
        notices=tuple(
            text for text in (planned.inputs.study.notice, little_data(planned.inputs)) if text
        ),
        internal=disclosure.internal,
        attribution=content.attribution,
        run=run,
        marks=_marks(planned),
    )


def _cost_headline(rows: tuple[SummaryRow, ...]) -> SummaryRow:
    """Return the cost for the brief: with call-outs as found, where somebody is on standby."""
    last = next(row for row in reversed(rows) if row.unit == "dollars")
    return replace(
        last, label="Cost a year", note="call-outs from standby as found" if last.plan_band else ""
    )


def _marks(planned: Planned) -> tuple[Mark, ...]:
    """Return the plan and today as points of the frontier.

    Queueing's figures, as a sweep has them.
    """
    program, out = planned.inputs.program, []
    for name in ("plan", "today"):
        judgment = planned.judgments.get(name)
        if judgment is not None and judgment.queueing is not None:
            by_type = judgment.queueing.units.groupby("responder_type")["calls_per_week"].sum()
            calls = {str(name): float(found) for name, found in by_type.items()}
            further = further_cost(program, judgment.deployment, calls)
            cost = cost_as_found(cost_per_year(program, judgment.deployment), further)
            share = shown_figure(judgment.queueing.overall, "share_in_time")
            out.append(Mark(MARKED[name], float(cost), float(share)))
    return tuple(out)


def _plan(planned: Planned) -> Part:
    inputs, program = planned.inputs, planned.inputs.program
    names = dict(zip(inputs.posts.frame["post_id"], inputs.posts.frame["name"], strict=True))
    plan = planned.plan.as_dict()
    today = inputs.today.as_dict() if inputs.today is not None else {}
    rows = []
    for option in sorted(
        {*plan, *today}, key=lambda o: (o.responder_type, o.shift_pattern, o.post_id)
    ):
        cells = [
            names.get(option.post_id, option.post_id),
            program.responder_types[option.responder_type].title,
            program.shift_patterns[option.shift_pattern].title,
        ]
        now = (str(today.get(option, 0)),) if inputs.today is not None else ()
        rows.append((*cells, *now, str(plan.get(option, 0))))
    heads = (
        "Post",
        "Responder",
        "On duty",
        *(("Today",) if inputs.today is not None else ()),
        "Plan",
    )
    limits = [
        f"{many} x {program.responder_types[name].title}"
        for name, many in inputs.study.limits.units.items()
    ]
    said = (
        f"The limits allow {' and '.join(limits)}."
        if limits
        else "The limits set no number of responders."
    )
    moved = _moved(planned.plan, inputs.today)
    table = ReportTable("Who waits where", heads, tuple(rows), tuple(range(3, len(heads))))
    return Part("plan", "The plan: who waits where, and when", (said, *moved), tables=(table,))


def _moved(plan: Deployment, today: Deployment | None) -> tuple[str, ...]:
    if today is None or not today.size:
        return ()
    mine = plan.as_dict()
    kept = sum(min(count, mine.get(option, 0)) for option, count in today.counts)
    stay = "none stays" if not kept else "one stays" if kept == 1 else f"{kept} stay"
    return (f"Of today's {today.size} responders {stay} at the same post and hours.",)


def _figures(planned: Planned, rows: tuple[SummaryRow, ...]) -> Part:
    two = planned.inputs.today is not None
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
    clock = planned.inputs.program.standards.clock
    note = f"Response runs {clock}. In brackets: where the figure lies in 95 of 100 cases, as far as chance in the replay goes."
    note += " Changes are taken before figures are rounded." if two else ""
    table = ReportTable("The figures", heads, tuple(lines), tuple(range(1, len(heads))), note)
    return Part("figures", "What the plan would do", tables=(table,))


def _funnel(planned: Planned) -> Part | None:
    replayed = planned.judgments["plan"].replay
    if replayed is None:
        return None
    steps = [
        FunnelStep(
            row.step, row.calls.mean, tuple((reason, lost.mean) for reason, lost in row.lost)
        )
        for row in replayed.funnel
    ]
    rows = [
        (
            step.step,
            f"{row.calls.mean:,.1f} ({row.calls.low:,.1f} to {row.calls.high:,.1f})",
            "; ".join(f"{reason} {n:,.1f}" for reason, n in step.lost),
        )
        for step, row in zip(steps, replayed.funnel, strict=True)
    ]
    calls, reached = steps[0].calls, next(step.calls for step in steps if step.step == "sent")
    left = total(replayed, LEFT)
    answered = (
        f"a responder would be sent to {reached:,.0f} of them, and about {left.mean:,.0f} "
        f"({left.low:,.0f} to {left.high:,.0f}) "
        "would be left to police alone"
    )
    said = [
        (
            f"Of {calls:,.0f} calls a week {steps[1].calls:,.0f} are of a kind that the program "
            f"answers; {answered}."
        )
    ]
    freed = replayed.officer_hours_freed
    if freed.mean > 0:
        said.append(
            f"Calls handled without police would free about {freed.mean:,.0f} officer hours a week "
            f"({freed.low:,.0f} to {freed.high:,.0f}), if the stated share of them would otherwise "
            "have had an officer."
        )
    if replayed.officer_alone_hours.mean >= 1:
        said.append(
            f"Officers would wait about {replayed.officer_alone_hours.mean:,.0f} hours a week on "
            "scene for a clinician."
        )
    text = "; ".join(f"{step.step} {step.calls:,.0f}" for step in steps)
    picture = Picture(
        funnel_chart(steps),
        f"Bars of calls a week at each step: {text}. The table beneath has the same figures.",
    )
    table = ReportTable(
        "Calls a week, plan (replay)", ("Step", "Calls a week", "Lost before it"), tuple(rows), (1,)
    )
    sources = replayed.sources if freed.mean > 0 else ()
    return Part(
        "way",
        "From a call to help: where calls are lost",
        tuple(said),
        sources,
        (picture,),
        (table,),
    )


def _sure(planned: Planned) -> Part:
    judged = [_judged(planned, name) for name in planned.judgments]
    rows = []
    for name, judgment in planned.judgments.items():
        for label, column, unit in (
            ("in time", "share_in_time", "share"),
            ("mean wait", "mean_with_fallback_s", "min"),
        ):
            cells = []
            for judge in ("deterministic", "queueing", "replay"):
                found = judge_figure(judgment, judge, column)
                scale = 1 / 60 if unit == "min" else 1.0
                ends = (
                    None
                    if found is None or np.isnan(found.low)
                    else (found.low * scale, found.high * scale)
                )
                cells.append(
                    banded(
                        None if found is None else found.mean * scale,
                        "min" if unit == "min" else "share",
                        ends,
                    )
                )
            rows.append((f"{DEPLOYMENT_TITLES.get(name, name).capitalize()}: {label}", *cells))
    heads = ("", "Nearest always free", "Queueing", "Replay")
    table = ReportTable("Judged three ways", heads, tuple(rows), (1, 2, 3))
    text = "; ".join(
        f"{one.title}: {_percent(one.nearest)} if the nearest were always free, "
        f"{_percent(one.queueing)} by queueing, "
        f"{_percent(one.replay)} in the replay"
        for one in judged
    )
    picture = Picture(judges_chart(judged), f"Share of calls in time by three judges. {text}.")
    said = [
        THREE_JUDGES,
        *planned.judgments["plan"].notes,
    ]
    if planned.unseen is not None:
        said.append(planned.unseen.verdict())
    elif planned.unseen_reason:
        said.append(
            f"The plan was not tried on calls that it has not seen: {planned.unseen_reason}."
        )
    if planned.bootstrapped is not None:
        said.append(planned.bootstrapped.verdict())
    if planned.consistent is not None and "naive" in planned.judgments:
        said.append(
            f"The plan took {words.many(len(planned.consistent.rounds), 'round')}: "
            f"{planned.consistent.end.value}. A plan made "
            "as if units were never busy looks better on paper and is shown for comparison."
        )
    solution, whole = planned.solution, PUBLIC.city(planned.table.cells)
    objective, bound = (
        whole.cost(value, solution.unit) for value in (solution.objective, solution.bound)
    )
    said.append(
        f"Search: {solution.message}; objective {objective:,.6g} {solution.unit}, and no "
        f"deployment is below {bound:,.6g}."
    )
    return Part("sure", "How sure we are", tuple(said), (), (picture,), (table,))


def _judged(planned: Planned, name: str) -> Judged:
    judgment = planned.judgments[name]
    found = [
        judge_figure(judgment, judge, "share_in_time")
        for judge in ("deterministic", "queueing", "replay")
    ]
    nearest, queueing, replayed = (None if one is None else one.mean * 100 for one in found)
    return Judged(DEPLOYMENT_TITLES.get(name, name).capitalize(), nearest, queueing, replayed)


def _percent(value: float | None) -> str:
    return "no figure" if value is None else f"{value:.0f}%"


def _data(planned: Planned, *, disclosure: Disclosure) -> Part:
    inputs = planned.inputs
    report = inputs.network.report
    steps = shown_funnel(inputs.calls.funnel.steps, disclosure)
    lost = "; ".join(
        f"{reason} {_count(n)}" for step in steps for reason, n in step.reasons if n not in (0, "0")
    )
    bullets = [
        f"Calls: {_count(steps[0].count)} rows, {_count(steps[-1].count)} planned with"
        + (f" (lost: {lost})." if lost else ".")
    ]
    bullets += [
        f"The calls are of {inputs.calls.days:,.0f} days ({inputs.calls.timezone}).",
        (
            f"Roads: {report.source}; {report.assumed_speed_share:.0%} of their length has an assumed "
            "speed; signals cost no time."
        ),
        *(disclosure.note(note) for note in inputs.calls.notes),
        *(disclosure.note(note) for note in planned.judge_notes),
    ]
    said = (
        "Calls that were never made, or were coded as something else, are not in the data. A "
        "forecast from past calls holds as "
        "long as people call as they did."
    )
    return Part("data", "Limits of the data", (said,), tuple(bullets))


def _count(shown: int | str) -> str:
    return shown if isinstance(shown, str) else f"{shown:,}"


def _assumptions(planned: Planned) -> Part:
    frame = assumptions(planned.inputs.program)
    marks = frame["mark"].value_counts()
    said = ", ".join(
        f"{marks[mark]} {mark}{'s' if mark != 'derived' else ''}" for mark in marks.index
    )
    columns = [
        c for c in ("figure", "value", "low", "high", "mark", "source", "year") if c in frame
    ]
    frame = frame.assign(
        figure=frame["figure"].str.replace("_", " ").str.replace(".", ": ", regex=False)
    )
    rows = tuple(
        tuple(_cell(value) for value in row) for row in frame[columns].itertuples(index=False)
    )
    numbers = tuple(i for i, c in enumerate(columns) if c in {"value", "low", "high", "year"})
    table = ReportTable(
        "Every figure of the program", tuple(c.capitalize() for c in columns), rows, numbers
    )
    return Part(
        "assumed", "What was assumed", (f"The program's figures: {said}.",), tables=(table,)
    )


def _cell(value: object) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return ""
    return f"{value:,.6g}" if isinstance(value, float) else str(value)


def _provenance(
    planned: Planned, run: str, hashes: dict[str, str], *, disclosure: Disclosure
) -> Part:
    rows = tuple((name, digest[:16]) for name, digest in hashes.items())
    table = ReportTable("Input files (first 16 digits of SHA-256)", ("File", "Hash"), rows)
    bullets = (
        *provenance_lines(planned, disclosure=disclosure),
        "Versions: " + ", ".join(f"{name} {v}" for name, v in versions().items()) + ".",
    )
    said = f"Run {run}. The same inputs and settings give the same report; coresponse plan --verify checks it against its inputs."
    return Part("provenance", "Where it comes from", (said,), bullets, tables=(table,))
