"""What the commands print about how deployments do."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from rich.console import Console
from rich.text import Text

from coresponse.cli.tables import print_table
from coresponse.cli.terminal import print_paths
from coresponse.coverage.replay.bands import Interval
from coresponse.coverage.replay.officer_figures import OfficerFigures
from coresponse.data.figures.rows import RowUnit
from coresponse.data.figures.text import banded
from coresponse.data.programs.fleet import unit_words
from coresponse.data.programs.model import Program
from coresponse.data.words import at_start, counted, in_text, plural
from coresponse.optimize.optimum import End
from coresponse.publish.answers import ReplaysPublication
from coresponse.publish.facts import Facts
from coresponse.publish.measured import JUDGES, EvaluationPublication, Proven, ReplayPublication
from coresponse.publish.plan_publication import PlanPublication
from coresponse.publish.search import ROUNDS
from coresponse.results.runs import Run, must_be
from coresponse.results.tables import bands_in_words, title_of

# Figures that are set side by side on the terminal.
SHOWN: dict[str, tuple[str, RowUnit]] = {
    "share_in_time": ("within {target}", "share"),
    "mean_with_fallback_s": ("mean wait", "min"),
    "share_reached": ("reached at all", "share"),
}

JUDGE_TITLES = {
    "deterministic": "Nearest free",
    "queueing": "Queueing",
    "replay": "Replay (95% band)",
}


def show_evaluations(publication: PlanPublication, console: Console) -> None:
    """Print the three judges side by side, what busy units changed, the funnel, and the test on unseen calls."""
    found = publication.shown
    print_judges(found.evaluations, publication.facts, console)
    if said := bands_in_words(found.evaluations["plan"], "the plan's"):
        console.print(Text(said))
    search = publication.search
    if search.end is not None:
        style = "bold yellow" if search.end is End.NONE else ""
        console.print(Text(_rounds(publication, search.end), style=style))
    plan = found.evaluations["plan"]
    if plan.replay is not None:
        _funnel(plan.replay, "the plan", console)
        console.print(Text(_work(plan.replay, publication.facts.program)))
    for note in plan.notes:
        console.print(Text(f"Note: {note}", style="yellow"))
    for note in publication.model_notes:
        console.print(Text(f"  {note}", style="dim"))
    _holdout(publication, console)
    if found.bootstrapped is not None:
        console.print(Text(found.bootstrapped.verdict()))


def show_warnings(publication: PlanPublication, console: Console) -> None:
    """Print what nobody may miss: busy shares that agree with no plan, notes, and the test on unseen calls."""
    search = publication.search
    if search.end is End.NONE:
        console.print(Text(_rounds(publication, search.end), style="bold yellow"))
    for note in publication.shown.evaluations["plan"].notes:
        console.print(Text(f"Note: {note}", style="yellow"))
    _holdout(publication, console)


def _holdout(publication: PlanPublication, console: Console) -> None:
    found = publication.shown.holdout
    if found is not None:
        console.print(Text(found.verdict(), style=_verdict_style(found.proven)))
    elif publication.holdout_reason:
        said = f"Not tested on calls it had not seen: {publication.holdout_reason.rstrip('.')}."
        console.print(Text(said, style="yellow"))


def show_replays(publication: ReplaysPublication, run: Run, console: Console) -> None:
    """Print deployments side by side, the funnel of each, and what the figures rest on."""
    must_be(publication, ReplaysPublication)
    facts = publication.facts
    if facts.notice:
        console.print(Text(facts.notice, style="bold magenta"))
    print_judges(publication.evaluations, facts, console)
    for name, one in publication.evaluations.items():
        if said := bands_in_words(one, f"{title_of(name)}'s"):
            console.print(Text(said))
    days = counted(round(publication.history.days), "day")
    scaled = f", scaled from {days} of real calls" if publication.of_history else ""
    for name, one in publication.evaluations.items():
        if one.replay is None:
            said = f"{at_start(title_of(name))}: nobody is in place; every call is left to police."
            console.print(Text(said))
            continue
        _funnel(one.replay, title_of(name) + scaled, console)
        console.print(Text(_work(one.replay, facts.program)))
        for note in one.notes:
            console.print(Text(f"Note: {note}", style="yellow"))
    for note in publication.model_notes:
        console.print(Text(f"  {note}", style="dim"))
    print_paths(console, {"Results": run.folder})


def print_judges(
    evaluations: Mapping[str, EvaluationPublication], facts: Facts, console: Console
) -> None:
    """Print the figures of all deployments by all judges."""
    target = f"{facts.target_min:g} min" if facts.standards is None else "the area's standard"
    rows, sections = [], []
    for key, (label, unit) in SHOWN.items():
        for name, one in evaluations.items():
            cells = (_banded(one.figure(judge, key), unit) for judge in JUDGES)
            rows.append((f"{label.format(target=target)}: {title_of(name)}", *cells))
        sections.append(len(rows) - 1)
    heads = ("", *(JUDGE_TITLES[judge] for judge in JUDGES))
    print_table(console, "How sure are we: three judges", heads, rows, sections=sections)


def _banded(found: Interval | None, unit: RowUnit) -> str:
    if found is None:
        return "-"
    scale = 1 / 60 if unit == "min" else 1.0
    ends = None if np.isnan(found.low) else (found.low * scale, found.high * scale)
    return banded(found.mean * scale, unit, ends)


def _rounds(publication: PlanPublication, end: End) -> str:
    search, types = publication.search, publication.facts.program.responder_types
    many = len(search.rounds)
    told = f"Planned in {counted(many, 'round')}, {ROUNDS}: {end.value}."
    if end is End.NONE:
        return f"{told} The plan is the one for units that are less busy: it promises more than it can keep."
    if not search.chosen:
        return f"{told} The plan for units that are always free is also the best by queueing."
    chosen = search.rounds[search.chosen]
    # of the plan that is shown, which the replay may have chosen over the round's
    measured = publication.evaluations["plan"].busy_share or chosen.measured
    busy = ", ".join(
        f"{plural(in_text(types[name].title))} are busy {share:.0%} of the time (planned with "
        f"{chosen.planned_with[name]:.0%})"
        for name, share in measured.items()
    )
    return f"{told} By queueing, {busy}."


def _funnel(replay: ReplayPublication, name: str, console: Console) -> None:
    """Print the funnel from calls to calls handled without police."""
    title = f"From calls to calls handled without police, a week: {name} (replay)"
    rows = [
        (
            at_start(row.step),
            f"{row.calls:,.1f}",
            "; ".join(f"{reason} {lost:,.1f}" for reason, lost in row.lost),
        )
        for row in replay.told_funnel
    ]
    print_table(console, title, ("Step", "Calls", "Lost because"), rows, words=(0, 2))


def _work(replay: ReplayPublication, program: Program) -> str:
    parts = []
    unit, busy = replay.busiest
    if unit:
        parts.append(
            f"Busiest: {unit_words(program, unit)}, on calls {busy.mean:.0%} of its time on duty"
        )
    freed = replay.officer_hours_freed
    parts.append(
        f"officer hours saved: {freed.mean:,.0f} a week, with the stated substitution share"
        if freed.mean > 0
        else "no officer hours saved, since police attend every call"
    )
    if replay.officer_alone_hours.mean > 0.05:
        parts.append(f"officers waiting on scene: {replay.officer_alone_hours.mean:,.0f} h a week")
    if replay.officers is not None:
        parts.append(officer_words(replay.officers))
    text = "; ".join(parts) + "."
    return at_start(text)


def officer_words(told: OfficerFigures) -> str:
    """Say what a patrol's officers did."""
    waits = told.clinician_waits_min
    stood = f", a crew that needs one waits {waits:.1f} min for it" if waits >= 0 else ""
    return (
        f"patrol officers: busy {told.busy_share:.0%} of their time on duty{stood}, "
        f"{told.with_clinicians_h_per_week:,.0f} h a week with crews and "
        f"{told.alone_h_per_week:,.0f} h at calls left "
        "to police"
    )


def _verdict_style(proven: Proven | None) -> str:
    if proven is None:
        return ""
    return {"better": "green", "neither": "bold yellow", "worse": "bold red"}[proven]
