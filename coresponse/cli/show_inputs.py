"""What `check` prints: exact counts, on the agency's own terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from coresponse.coverage.demand import eligible_classes
from coresponse.data.calls.rate import HIGH, LOW, PER, PUBLISHED
from coresponse.data.city import City
from coresponse.publish.disclosure import INTERNAL
from coresponse.publish.facts import publish_history

MOST_ROWS = 12
MOST_POSTS = 50


def show_inputs(city: City, console: Console) -> None:
    """Print what `check` found."""
    if city.notice:
        console.print(Text(city.notice, style="bold magenta"))
    report = city.roads.report
    console.print(
        Text(
            f"Roads: {city.roads.n_nodes:,} crossings, {city.roads.n_edges:,} directed "
            "edges; "
            f"{report.nodes_dropped:,} crossings cannot be driven to and from and were left out; "
            f"{report.assumed_speed_share:.0%} of the length has an assumed speed."
        )
    )
    for note in report.notes:
        console.print(Text(f"  note: {note}", style="yellow"))
    show_funnel(city, console)
    for note in city.calls.notes:
        console.print(Text(f"  note: {note}", style="yellow"))
    if few_days := publish_history(city, INTERNAL).few_days:
        console.print(Text(f"  note: {few_days}", style="yellow"))
    _natures(city, console)
    _rate(city, console)
    _posts(city, console)
    _responder_types(city, console)
    if city.districts is not None:
        console.print(Text(f"Districts: {len(city.districts.frame):,}."))
        for said in city.districts.notes:
            console.print(Text(f"  note: {said}", style="yellow"))
    if city.today is not None:
        console.print(Text(f"Today: {city.today.size} responders."))
    listed = "; ".join(f"{p.name} ({p.hours.count} h)" for p in city.periods)
    console.print(Text(f"Periods, hours a week: {listed}."))


def show_funnel(city: City, console: Console) -> None:
    """Print what became of the rows of the calls."""
    table = Table(title="Calls", title_justify="left")
    for name, justify in (("step", "left"), ("count", "right"), ("lost", "right"), ("why", "left")):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    for step in city.calls.funnel.steps:
        why = "; ".join(f"{reason}: {count:,}" for reason, count in step.reasons)
        table.add_row(
            Text(step.name), f"{step.count:,}", f"{step.lost:,}" if step.lost else "", Text(why)
        )
    console.print(table)


def _posts(city: City, console: Console) -> None:
    frame, aside = city.posts.frame, city.posts.set_aside
    console.print(Text(f"Posts: {len(frame):,} used, {len(aside):,} set aside."))
    for note in city.posts.notes:
        console.print(Text(f"  note: {note}", style="yellow"))
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


def _rate(city: City, console: Console) -> None:
    """Print what the calls come to a year and head, beside the published rates."""
    residents = city.residents
    if residents is None and city.districts is not None:
        residents = float(city.districts.frame["population"].sum())
    if not residents or city.calls.assumed is not None:
        return
    taken = city.calls.frame["call_class"].isin(eligible_classes(city.program)).sum()
    rate = float(taken) / city.calls.days * 365.25 / residents * PER
    published = "; ".join(f"{figure:,.0f}: {source}" for figure, source in PUBLISHED)
    console.print(
        Text(
            f"Calls of classes that a responder type takes: {rate:,.0f} a year per {PER:,} residents "
            f"({residents:,.0f} of them). Published rates: {published}."
        )
    )
    if not LOW <= rate <= HIGH:
        side = "below" if rate < LOW else "above"
        why = (
            "calls about mental health are often coded as something else, or files are missing"
            if rate < LOW
            else "classes may take natures that are no crisis, or residents are of a part of the city"
        )
        console.print(
            Text(
                f"  note: that is {side} the published range of {LOW:,.0f} to {HIGH:,.0f}: {why}",
                style="yellow",
            )
        )


def _responder_types(city: City, console: Console) -> None:
    listed = "; ".join(
        f"{name} on {', '.join(kind.shift_patterns)}"
        for name, kind in city.program.responder_types.items()
    )
    console.print(Text(f"Responder types, and the shift patterns they can be bought on: {listed}."))


def _natures(city: City, console: Console) -> None:
    frame = city.calls.frame
    counts = frame["call_class"].value_counts()
    listed = ", ".join(
        f"{name} {counts[name]:,}" for name in city.program.call_classes if name in counts
    )
    console.print(Text(f"Call classes: {listed or 'no call is of any class'}."))
    unmapped = city.calls.unmapped
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
