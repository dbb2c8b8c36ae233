"""What the commands print: short tables for people, or JSON."""

from __future__ import annotations

import json
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from coresponse.call_outs import call_out_notes
from coresponse.content import little_data, summary
from coresponse.inputs import Inputs
from coresponse.optimize.goals.solution import GoalSolution
from coresponse.optimize.solution import Solution, Status
from coresponse.planning import Planned
from coresponse.publish.disclosure import MARK, PUBLIC
from coresponse.publish.plan import published
from coresponse.results import Run, inputs_json, solution_json
from coresponse.show_judged import show_judgments, shown

MOST_ROWS = 12
MOST_POSTS = 50


def print_json(content: dict[str, Any]) -> None:
    """Print plain data as JSON on standard output."""
    typer.echo(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False, default=str))


def plan_summary(planned: Planned, run: Run | None) -> dict[str, Any]:
    """Return what `plan --json` prints."""
    disclosure = PUBLIC if run is None else run.disclosure
    planned = published(planned, disclosure)
    return {
        **disclosure.mark,
        "run": run.name if run else None,
        "folder": str(run.folder) if run else None,
        **solution_json(planned, disclosure=disclosure),
        "seconds": round(planned.solution.seconds, 3),
        "deployment": [
            {**option._asdict(), "count": count} for option, count in planned.plan.counts
        ],
        "figures": {
            row.label: {
                "unit": row.unit,
                "plan": row.plan,
                "today": row.today,
                "plan_band": row.plan_band,
                "today_band": row.today_band,
            }
            for row in (summary(planned) if planned.found else ())
        },
        "inputs": inputs_json(planned.inputs, disclosure=disclosure),
    }


def show_inputs(inputs: Inputs, console: Console) -> None:
    """Print what `check` found."""
    _notice(inputs, console)
    report = inputs.network.report
    console.print(
        Text(
            f"Roads: {inputs.network.n_nodes:,} crossings, {inputs.network.n_edges:,} directed "
            "edges; "
            f"{report.nodes_dropped:,} crossings cannot be driven to and from and were left out; "
            f"{report.assumed_speed_share:.0%} of the length has an assumed speed."
        )
    )
    for note in report.notes:
        console.print(Text(f"  note: {note}", style="yellow"))
    show_funnel(inputs, console)
    for note in inputs.calls.notes:
        console.print(Text(f"  note: {note}", style="yellow"))
    if little_data(inputs):
        console.print(Text(f"  note: {little_data(inputs)}", style="yellow"))
    _natures(inputs, console)
    _posts(inputs, console)
    _responder_types(inputs, console)
    if inputs.districts is not None:
        console.print(Text(f"Districts: {len(inputs.districts.frame):,}."))
    if inputs.today is not None:
        console.print(Text(f"Today: {inputs.today.size} responders."))
    listed = "; ".join(f"{p.name} ({p.hours.count} h)" for p in inputs.periods)
    console.print(Text(f"Periods, hours a week: {listed}."))


def show_funnel(inputs: Inputs, console: Console) -> None:
    """Print what became of the rows of the calls."""
    table = Table(title="Calls", title_justify="left")
    for name, justify in (("step", "left"), ("count", "right"), ("lost", "right"), ("why", "left")):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    for step in inputs.calls.funnel.steps:
        why = "; ".join(f"{reason}: {count:,}" for reason, count in step.reasons)
        table.add_row(
            Text(step.name), f"{step.count:,}", f"{step.lost:,}" if step.lost else "", Text(why)
        )
    console.print(table)


def _posts(inputs: Inputs, console: Console) -> None:
    frame, aside = inputs.posts.frame, inputs.posts.set_aside
    console.print(Text(f"Posts: {len(frame):,} used, {len(aside):,} set aside."))
    for post_id, name, reason, detail in (
        aside[["post_id", "name", "reason", "detail"]].head(MOST_ROWS).to_numpy()
    ):
        console.print(Text(f"  {post_id} ({name}): {reason} {detail}", style="yellow"))
    table = Table()
    for head in ("post_id", "name", "kind"):
        table.add_column(head)
    for row in frame[["post_id", "name", "kind"]].head(MOST_POSTS).itertuples(index=False):
        table.add_row(*(Text(str(cell)) for cell in row))
    if len(frame):
        console.print(table)
    if len(frame) > MOST_POSTS:
        console.print(
            Text(f"  and {len(frame) - MOST_POSTS:,} more posts; a plan lists all in posts.geojson")
        )


def _responder_types(inputs: Inputs, console: Console) -> None:
    listed = "; ".join(
        f"{name} on {', '.join(kind.shift_patterns)}"
        for name, kind in inputs.program.responder_types.items()
    )
    console.print(Text(f"Responder types, and the shift patterns they can be bought on: {listed}."))


def _natures(inputs: Inputs, console: Console) -> None:
    frame = inputs.calls.frame
    counts = frame["call_class"].value_counts()
    listed = ", ".join(
        f"{name} {counts[name]:,}" for name in inputs.program.call_classes if name in counts
    )
    console.print(Text(f"Call classes: {listed or 'no call is of any class'}."))
    unmapped = inputs.calls.unmapped
    if len(unmapped):
        top = zip(
            unmapped["nature"].head(MOST_ROWS), unmapped["calls"].head(MOST_ROWS), strict=True
        )
        most = ", ".join(f"{nature or '(blank)'} {calls:,}" for nature, calls in top)
        more = f" and {len(unmapped) - MOST_ROWS} more" if len(unmapped) > MOST_ROWS else ""
        console.print(Text(f"Natures that no class takes: {most}{more}."))
        console.print(
            Text("  one that matters goes into a call class of your program: docs/programs.md")
        )


def show_plan(planned: Planned, run: Run | None, console: Console) -> None:
    """Print what `plan` found."""
    _notice(planned.inputs, console)
    solution = planned.solution
    good = {Status.PROVEN: "green", Status.BEST_FOUND: "yellow"}
    console.print(
        Text(
            f"{_status(solution)} ({solution.seconds:.1f} s)",
            style=good.get(solution.status, "red"),
        )
    )
    for stage in solution.stages if isinstance(solution, GoalSolution) else ():
        proof = "proven" if stage.proven else f"bound {stage.bound:,.5g}"
        console.print(
            Text(f"  {stage.goal.replace('_', ' ')}: {stage.value:,.5g} {stage.unit} ({proof})")
        )
    if planned.clash is not None:
        console.print(
            Text("These limits cannot be kept together; taking back any one of them would do:")
        )
        for line in planned.clash.lines():
            console.print(Text(f"  - {line}"))
    if not planned.found:
        return
    planned = published(planned, PUBLIC if run is None else run.disclosure)
    _deployment(planned, console)
    _figures(planned, console)
    show_judgments(planned, console)
    if run is not None:
        if run.disclosure.internal:
            console.print(Text(MARK, style="bold red"))
        console.print(Text(f"Results: {run.folder}"))
        console.print(Text(f"Map:     {run.file('map.html')}"))
        console.print(Text(f"Report:  {run.file('report.html')}"))


def _status(solution: Solution) -> str:
    status, message = solution.status.value, solution.message
    text = message if message.startswith(status) else f"{status}: {message}"
    return text[0].upper() + text[1:]


def _deployment(planned: Planned, console: Console) -> None:
    table = Table(title="Plan", title_justify="left")
    for name in ("responder", "post", "hours", "count", "today"):
        table.add_column(name, justify="right" if name in {"count", "today"} else "left")
    today = planned.inputs.today.as_dict() if planned.inputs.today is not None else {}
    posts = dict(
        zip(planned.inputs.posts.frame["post_id"], planned.inputs.posts.frame["name"], strict=True)
    )
    program = planned.inputs.program
    plan = planned.plan.as_dict()
    for option in sorted({*plan, *today}):
        name = posts[option.post_id]
        label = option.post_id if name == option.post_id else f"{option.post_id} {name}"
        table.add_row(
            Text(program.responder_types[option.responder_type].title),
            Text(label),
            Text(program.shift_patterns[option.shift_pattern].title),
            str(plan.get(option, 0)),
            str(today.get(option, 0)),
        )
    console.print(table)


def _figures(planned: Planned, console: Console) -> None:
    rows = summary(planned)
    table = Table(title=f"Figures ({planned.inputs.program.standards.clock})", title_justify="left")
    table.add_column("")
    table.add_column("plan", justify="right")
    if "today" in planned.measures:
        table.add_column("today", justify="right")
    for row in rows:
        cells = [shown(row.plan, row.unit)] + (
            [shown(row.today, row.unit)] if "today" in planned.measures else []
        )
        table.add_row(Text(row.label + (f" ({row.note})" if row.note else "")), *cells)
    console.print(table)
    replayed = planned.judgments["plan"].replay
    if replayed is not None:
        for note in call_out_notes(planned.inputs.program, planned.plan, replayed):
            console.print(Text(f"  note: {note}", style="yellow"))


def _notice(inputs: Inputs, console: Console) -> None:
    if inputs.study.notice:
        console.print(Text(inputs.study.notice, style="bold magenta"))
