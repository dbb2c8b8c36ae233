"""What the commands print about how a deployment was judged."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from coresponse.consistent import Consistent, End
from coresponse.coverage.replay.bands import Interval
from coresponse.coverage.replay.measures import ReplayMeasures
from coresponse.judged import DEPLOYMENT_TITLES, JUDGES, judge_figure
from coresponse.judging import Judgment
from coresponse.planning import Planned
from coresponse.publish.disclosure import PUBLIC
from coresponse.publish.plan import published_judgment
from coresponse.replaying import Replayed
from coresponse.results import Run

SHOWN = {
    "share_in_time": ("within {target:g} min", "share"),
    "mean_with_fallback_s": ("mean wait", "min"),
    "share_reached": ("reached at all", "share"),
}
"""Figures that are set side by side on the terminal."""

JUDGE_TITLES = {
    "deterministic": "nearest free",
    "queueing": "queueing",
    "replay": "replay (95% band)",
}


def shown(value: float | None, unit: str) -> str:
    """Return a figure with its unit; a dash where there is none."""
    if value is None or np.isnan(value):
        return "-"
    return {
        "min": f"{value:.1f} min",
        "share": f"{value:.1%}",
        "count": f"{value:,.0f}",
        "per_week": f"{value:,.1f}",
        "dollars": f"${value:,.0f}",
    }[unit]


def show_judgments(planned: Planned, console: Console) -> None:
    """Print the three judges side by side, what busy units changed, the funnel, and the test on unseen calls."""
    target = planned.target_s / 60
    console.print(judges_table(planned.judgments, target))
    if planned.consistent is not None:
        style = "bold yellow" if planned.consistent.end is End.NONE else ""
        console.print(Text(_rounds(planned.consistent), style=style))
    plan = planned.judgments["plan"]
    if plan.replay is not None:
        console.print(funnel_table(plan.replay))
        console.print(Text(_work(plan.replay)))
    for note in plan.notes:
        console.print(Text(f"  note: {note}", style="yellow"))
    for note in planned.judge_notes:
        console.print(Text(f"  {PUBLIC.note(note)}", style="dim"))
    if planned.unseen is not None:
        console.print(Text(planned.unseen.verdict(), style=_verdict_style(planned)))
    elif planned.unseen_reason:
        console.print(Text(f"Not judged on unseen calls: {planned.unseen_reason}", style="yellow"))
    if planned.bootstrapped is not None:
        console.print(Text(planned.bootstrapped.verdict()))


def show_replay(replayed: Replayed, run: Run, console: Console) -> None:
    """Print deployments side by side, the funnel of the first, and what the figures rest on."""
    if replayed.inputs.study.notice:
        console.print(Text(replayed.inputs.study.notice, style="bold magenta"))
    judgments = {
        name: published_judgment(judgment) for name, judgment in replayed.judgments.items()
    }
    console.print(judges_table(judgments, replayed.judge.target_s / 60))
    for name, judgment in judgments.items():
        if judgment.replay is None:
            console.print(Text(f"{name}: nobody is in place; every call is left to police."))
            continue
        days = f"{replayed.inputs.calls.days:.0f}"
        scaled = (
            f", scaled from {days} day{'s' if days != '1' else ''} of real calls"
            if replayed.judge.real
            else ""
        )
        console.print(funnel_table(judgment.replay, DEPLOYMENT_TITLES.get(name, name) + scaled))
        console.print(Text(_work(judgment.replay)))
        for note in judgment.notes:
            console.print(Text(f"  note: {note}", style="yellow"))
    for note in replayed.judge.notes:
        console.print(Text(f"  {PUBLIC.note(note)}", style="dim"))
    console.print(Text(f"Results: {run.folder}"))


def judges_table(judgments: Mapping[str, Judgment], target_min: float) -> Table:
    """Return the figures of all deployments by all judges."""
    table = Table(title="Judged three ways", title_justify="left")
    table.add_column("")
    for judge in JUDGES:
        table.add_column(JUDGE_TITLES[judge], justify="right")
    for figure, (label, unit) in SHOWN.items():
        for name, judgment in judgments.items():
            title = DEPLOYMENT_TITLES.get(name, name)
            cells = [_banded(judge_figure(judgment, judge, figure), unit) for judge in JUDGES]
            table.add_row(Text(f"{label.format(target=target_min)}: {title}"), *cells)
        table.add_section()
    return table


def _banded(band: Interval | None, unit: str) -> str:
    if band is None:
        return "-"
    scale = 1 / 60 if unit == "min" else 1.0
    text = shown(band.mean * scale, unit)
    if np.isnan(band.low):
        return text
    low, high = (
        shown(end * scale, unit).removesuffix(" min").removesuffix("%")
        for end in (band.low, band.high)
    )
    return f"{text} ({low} to {high})"


def _rounds(rounds: Consistent) -> str:
    many = len(rounds.rounds)
    told = f"Planned in {many} round{'s' if many > 1 else ''} with busy units: {rounds.end.value}."
    if rounds.end is End.NONE:
        return f"{told} The plan is the one for units that are less busy: it promises more than it can keep."
    if not rounds.chosen:
        return f"{told} The plan for units that are always free is also the best by queueing."
    chosen = rounds.rounds[rounds.chosen]
    busy = ", ".join(
        f"{name} {share:.0%} (taken to be {chosen.planned_with[name]:.0%})"
        for name, share in chosen.measured.items()
    )
    return f"{told} Found busy: {busy}."


def funnel_table(replayed: ReplayMeasures, name: str = "plan") -> Table:
    """Return the funnel from calls to calls handled without police."""
    table = Table(
        title=f"From calls to calls handled without police, a week: {name} (replay)",
        title_justify="left",
    )
    for column in ("step", "calls", "lost because"):
        table.add_column(column, justify="right" if column == "calls" else "left")
    for row in replayed.funnel:
        why = "; ".join(f"{reason} {lost.mean:,.1f}" for reason, lost in row.lost)
        table.add_row(Text(row.step), f"{row.calls.mean:,.1f}", Text(why))
    return table


def _work(replayed: ReplayMeasures) -> str:
    busy = replayed.units["utilization"]
    parts = []
    if len(busy) and busy.notna().any():
        most = str(busy.idxmax())
        parts.append(f"Busiest: {most}, on calls {busy.max():.0%} of its time on duty")
    freed = replayed.officer_hours_freed
    parts.append(
        f"officer hours freed: {freed.mean:,.0f} a week, with the stated substitution share"
        if freed.mean > 0
        else "no officer hours freed: police are at every call"
    )
    if replayed.officer_alone_hours.mean > 0.05:
        parts.append(
            f"officers waiting on scene: {replayed.officer_alone_hours.mean:,.0f} h a week"
        )
    text = "; ".join(parts) + "."
    return text[0].upper() + text[1:]


def _verdict_style(planned: Planned) -> str:
    less = planned.unseen.wait_less_s if planned.unseen is not None else None
    if less is None:
        return ""
    return "green" if less.low > 0 else "bold yellow" if less.high >= 0 else "bold red"
