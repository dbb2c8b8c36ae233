"""What `plan` prints: short tables for people, or JSON."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from coresponse.cli.show_evaluations import show_evaluations, show_warnings
from coresponse.cli.tables import print_table
from coresponse.cli.terminal import more_in_details, print_notes, print_paths
from coresponse.data.figures.text import figure_text, plain_number
from coresponse.data.options import by_name
from coresponse.optimize.solution import Status
from coresponse.publish.disclosure import MARK
from coresponse.publish.plan_publication import PlanPublication
from coresponse.publish.rungs import HEADS
from coresponse.questions.standing import Standing
from coresponse.results.answer import who_where_when
from coresponse.results.need import HEADS as NEED_HEADS
from coresponse.results.need import need_cells, need_json
from coresponse.results.plan import inputs_json, model_json, standing_json
from coresponse.results.plan_agencies import (
    agencies_cells,
    agencies_heads,
    plan_agencies_json,
)
from coresponse.results.residents import residents_cells, residents_heads, residents_json
from coresponse.results.runs import Run, bought, must_be
from coresponse.results.staffing import STAFFING_HEADS, staffing_cells, staffing_json
from coresponse.results.standards import standards_cells, standards_heads, standards_json


def plan_summary(publication: PlanPublication, run: Run | None) -> dict[str, Any]:
    """Return what `plan --json` prints."""
    must_be(publication, PlanPublication)
    found = publication.found
    return {
        **publication.disclosure.mark,
        "run": run.name if run else None,
        "folder": str(run.folder) if run else None,
        **model_json(publication),
        "plan": standing_json(publication.standing),
        "seconds": round(publication.search.seconds, 3),
        "deployment": bought(publication.deployment),
        "staffing": staffing_json(publication.staffing),
        "figures": {
            row.label: {
                "unit": row.unit,
                "plan": row.plan,
                "today": row.today,
                "plan_band": row.plan_band,
                "today_band": row.today_band,
            }
            for row in (found.summary if found is not None else ())
        },
        "standards_by_area": standards_json(None if found is None else found.standards),
        "agencies": plan_agencies_json(None if found is None else found.agencies),
        "need": need_json(None if found is None else found.need),
        "residents": residents_json(None if found is None else found.residents),
        "inputs": inputs_json(publication.facts, publication.history),
    }


def show_plan(
    publication: PlanPublication, run: Run | None, console: Console, *, details: bool = False
) -> None:
    """Print what `plan` found: who, where and when, the ladder, whom to hire; with details, all tables."""
    must_be(publication, PlanPublication)
    if publication.facts.notice:
        console.print(Text(publication.facts.notice, style="bold magenta"))
    if publication.found is None:
        _search(publication, console)
        return
    failed = publication.standing.standing is Standing.NOT_CONFIRMED
    if failed:  # nobody may read a plan before that it does not keep what is asked
        _standing(publication, console)
    if details:
        _deployment(publication, console)
    else:
        for line in who_where_when(publication):
            console.print(Text(line))
    _ladder(publication, console)
    _staffing(publication, console, details=details)
    _search(publication, console)
    if not failed:
        _standing(publication, console)
    if details:
        _figures(publication, console)
        _agencies(publication, console)
        _standards(publication, console)
        _need(publication, console)
        _residents(publication, console)
        show_evaluations(publication, console)
    else:
        show_warnings(publication, console)
    console.print(Text(publication.records))
    if run is not None:
        _files(run, console)
    if not details:
        more_in_details(console, "All figures, the funnel and notes")


def _search(publication: PlanPublication, console: Console) -> None:
    """Print how the model's answer stands, goal by goal, or why there is none."""
    search = publication.search
    good = {Status.PROVEN: "green", Status.BEST_FOUND: "yellow"}
    style = good.get(search.status, "red")
    console.print(Text(f"{publication.in_model} ({search.seconds:.1f} s)", style=style))
    for stage in search.stages:
        proof = "proven" if stage.proven else f"bound {plain_number(stage.bound)}"
        console.print(
            Text(
                f"  in the model, {stage.goal.replace('_', ' ')}: {plain_number(stage.value)} "
                f"{stage.unit} ({proof})"
            )
        )
    if search.clash:
        console.print(
            Text("These limits cannot be kept together; relaxing any one of them is enough:")
        )
        for line in search.clash:
            console.print(Text(f"  - {line}"))


def _standing(publication: PlanPublication, console: Console) -> None:
    failed = publication.standing.standing is Standing.NOT_CONFIRMED
    for k, sentence in enumerate(publication.standing.sentences):
        console.print(Text(sentence, style="bold red" if failed and not k else ""))


def _files(run: Run, console: Console) -> None:
    if run.disclosure.internal:
        console.print(Text(MARK, style="bold red"))
    paths = {"Results": run.folder}
    paths |= {"Map": run.file("map.html"), "Report": run.file("report.html")}
    print_paths(console, paths)


def _deployment(publication: PlanPublication, console: Console) -> None:
    facts = publication.facts
    today = {} if facts.today is None else facts.today.as_dict()
    plan, labels = publication.deployment.as_dict(), facts.post_labels
    rows = [
        (
            facts.program.responder_types[option.responder_type].title,
            labels[option.post_id],
            facts.program.shift_patterns[option.shift_pattern].clock_title,
            str(plan.get(option, 0)),
            str(today.get(option, 0)),
        )
        for option in sorted({*plan, *today}, key=by_name)
    ]
    heads = ("Responder", "Post", "Hours", "Plan", "Today")
    print_table(console, "Plan", heads, rows, words=(0, 1, 2))


def _ladder(publication: PlanPublication, console: Console) -> None:
    """Print today, today's staff rearranged, and the plan, so that moving is not credited to buying."""
    ladder = publication.shown.ladder
    if ladder is None:
        return
    rows = ladder.rows
    words = (0, HEADS.index("Responders"))
    title = "From today to the plan (replay)" if len(rows) > 1 else "What the plan brings (replay)"
    print_table(console, title, HEADS, rows, words=words)
    if ladder.last_units:
        console.print(Text(ladder.last_units, style="yellow"))


def _staffing(publication: PlanPublication, console: Console, *, details: bool) -> None:
    """Print whom to hire; with details, the people that the plan needs by crew role."""
    told = publication.staffing
    console.print(Text("\n".join(told.sentences if details else told.sentences[:1])))
    if told.plan.roles and details:
        print_table(console, "People, by crew role", STAFFING_HEADS, list(staffing_cells(told)))


def _figures(publication: PlanPublication, console: Console) -> None:
    found = publication.shown
    clock, two = publication.facts.program.standards.clock, "today" in found.evaluations
    rows = []
    for row in found.summary:
        cells = [figure_text(value, row.unit) for value in (row.plan, row.today)]
        label = row.label + (f" ({row.note})" if row.note else "")
        rows.append((label, *(cells if two else cells[:1])))
    heads = ("", "Plan", *(("Today",) if two else ()))
    print_table(console, f"Figures ({clock})", heads, rows)
    for one in found.costs.call_outs:
        if one.far:
            said = f"Note: {one.words()} in the replay; the cost counts those."
            console.print(Text(said, style="yellow"))


def _agencies(publication: PlanPublication, console: Console) -> None:
    """Print whose calls wait how long, and who has how many units."""
    found = publication.shown.agencies
    if found is None:
        return
    rows = [list(cells) for cells in agencies_cells(found)]
    print_table(console, "Agencies (replay)", list(agencies_heads(found)), rows, words=(0, 1))
    for sentence in found.sentences:
        console.print(Text(sentence))


def _standards(publication: PlanPublication, console: Console) -> None:
    """Print what share of calls is reached within the standard of their area."""
    found = publication.shown.standards
    if found is None:
        return
    heads = list(standards_heads(found))
    figures = ("In time", "Mean")
    words = [k for k, head in enumerate(heads) if not head.startswith(figures)]
    rows = [list(cells) for cells in standards_cells(found)]
    print_table(console, "Standards by area (replay)", heads, rows, words=words)
    for sentence in found.sentences:
        console.print(Text(sentence))


def _need(publication: PlanPublication, console: Console) -> None:
    """Print calls per 1,000 residents beside response."""
    found = publication.shown.need
    if found is None:
        return
    rows = [list(cells) for cells in need_cells(found)]
    title = "Calls per 1,000 residents beside response (replay)"
    print_table(console, title, list(NEED_HEADS), rows, words=(0, 2))
    for sentence in found.sentences:
        console.print(Text(sentence))


def _residents(publication: PlanPublication, console: Console) -> None:
    """Print who waits, by where people of a group live."""
    found = publication.shown.residents
    if found is None:
        return
    heads = list(residents_heads(found))
    words = [k for k, head in enumerate(heads) if head in {"Group", "Wait is"}]
    rows = [list(cells) for cells in residents_cells(found)]
    print_table(console, "Who waits: residents by group (replay)", heads, rows, words=words)
    for sentence in found.sentences:
        console.print(Text(sentence))
    print_notes(console, found.notes, details=True)
