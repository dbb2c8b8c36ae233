"""What `plan` prints: short tables for people, or JSON."""

from __future__ import annotations

import json
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from coresponse.cli.show_evaluations import show_evaluations, show_warnings
from coresponse.data.figures.text import figure_text
from coresponse.optimize.solution import Status
from coresponse.publish.disclosure import MARK
from coresponse.publish.ladder import HEADS
from coresponse.publish.plan import PlanPublication
from coresponse.questions.plan import Standing
from coresponse.results.answer import who_where_when
from coresponse.results.plan import inputs_json, model_json, standing_json
from coresponse.results.residents import residents_cells, residents_heads, residents_json
from coresponse.results.runs import Run, bought, must_be
from coresponse.results.staffing import STAFFING_HEADS, staffing_cells, staffing_json


def print_json(content: dict[str, Any]) -> None:
    """Print plain data as JSON on standard output."""
    typer.echo(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False, default=str))


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
        _residents(publication, console)
        show_evaluations(publication, console)
    else:
        show_warnings(publication, console)
    console.print(Text(publication.records))
    if run is not None:
        _files(run, console)
    if not details:
        console.print(Text("All figures, the funnel and notes: --details", style="dim"))


def _search(publication: PlanPublication, console: Console) -> None:
    """Print how the model's answer stands, goal by goal, or why there is none."""
    search = publication.search
    good = {Status.PROVEN: "green", Status.BEST_FOUND: "yellow"}
    style = good.get(search.status, "red")
    console.print(Text(f"{publication.in_model} ({search.seconds:.1f} s)", style=style))
    for stage in search.stages:
        proof = "proven" if stage.proven else f"bound {stage.bound:,.5g}"
        console.print(
            Text(
                f"  in the model, {stage.goal.replace('_', ' ')}: {stage.value:,.5g} {stage.unit} "
                f"({proof})"
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
    console.print(Text(f"Results: {run.folder}"))
    console.print(Text(f"Map:     {run.file('map.html')}"))
    console.print(Text(f"Report:  {run.file('report.html')}"))


def _deployment(publication: PlanPublication, console: Console) -> None:
    facts = publication.facts
    table = Table(title="Plan", title_justify="left")
    for name in ("responder", "post", "hours", "count", "today"):
        table.add_column(name, justify="right" if name in {"count", "today"} else "left")
    today = {} if facts.today is None else facts.today.as_dict()
    posts = dict(zip(facts.posts.frame["post_id"], facts.posts.frame["name"], strict=True))
    plan = publication.deployment.as_dict()
    for option in sorted({*plan, *today}):
        name = posts[option.post_id]
        label = option.post_id if name == option.post_id else f"{option.post_id} {name}"
        table.add_row(
            Text(facts.program.responder_types[option.responder_type].title),
            Text(label),
            Text(facts.program.shift_patterns[option.shift_pattern].clock_title),
            str(plan.get(option, 0)),
            str(today.get(option, 0)),
        )
    console.print(table)


def _ladder(publication: PlanPublication, console: Console) -> None:
    """Print today, today's staff rearranged, and the plan, so that moving is not credited to buying."""
    ladder = publication.shown.ladder
    if ladder is None:
        return
    if len(ladder.rungs) > 1:
        table = Table(title="From today to the plan (replay)", title_justify="left")
        for head in HEADS:
            words = head in {"", "Responders"}
            # at 80 columns words wrap, so that no figure is cut
            table.add_column(
                head, justify="left" if words else "right", min_width=0 if words else 9
            )
        for rung in ladder.rungs:
            table.add_row(*map(Text, rung.cells))
        console.print(table)
    if ladder.last_units:
        console.print(Text(ladder.last_units, style="yellow"))


def _staffing(publication: PlanPublication, console: Console, *, details: bool) -> None:
    """Print whom to hire; with details, the people that the plan needs by crew role."""
    told = publication.staffing
    console.print(Text("\n".join(told.sentences if details else told.sentences[:1])))
    if told.plan.roles and details:
        table = Table(title="People, by crew role", title_justify="left")
        for head in STAFFING_HEADS:
            table.add_column(head, justify="right" if head != STAFFING_HEADS[0] else "left")
        for cells in staffing_cells(told):
            table.add_row(*map(Text, cells))
        console.print(table)


def _figures(publication: PlanPublication, console: Console) -> None:
    found = publication.shown
    clock, two = publication.facts.program.standards.clock, "today" in found.evaluations
    table = Table(title=f"Figures ({clock})", title_justify="left")
    for name in ("", "plan", *(("today",) if two else ())):
        table.add_column(name, justify="right" if name else "left")
    for row in found.summary:
        cells = [figure_text(value, row.unit) for value in (row.plan, row.today)]
        label = row.label + (f" ({row.note})" if row.note else "")
        table.add_row(Text(label), *(cells if two else cells[:1]))
    console.print(table)
    for one in found.costs.call_outs:
        if one.far:
            said = f"{one.words()} in the replay; the cost counts those"
            console.print(Text(f"  note: {said}", style="yellow"))


def _residents(publication: PlanPublication, console: Console) -> None:
    """Print who waits, by where people of a group live."""
    found = publication.shown.residents
    if found is None:
        return
    table = Table(title="Who waits: residents by group (replay)", title_justify="left")
    heads = residents_heads(found)
    for head in heads:
        table.add_column(head, justify="left" if head in {"Group", "Wait is"} else "right")
    for cells in residents_cells(found):
        table.add_row(*map(Text, cells))
    console.print(table)
    for sentence in found.sentences:
        console.print(Text(sentence))
    for note in found.notes:
        console.print(Text(f"  note: {note}", style="yellow"))
