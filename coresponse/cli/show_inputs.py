"""What `check` prints: exact counts, on the agency's own terminal."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from coresponse.coverage.demand import eligible_classes
from coresponse.data.calls.history import NOT_ELIGIBLE
from coresponse.data.calls.rate import HIGH, LOW, PER, PUBLISHED
from coresponse.data.calls.read import FURTHER_ROWS
from coresponse.data.city import City
from coresponse.data.residents import Residents
from coresponse.publish.disclosure import INTERNAL
from coresponse.publish.facts import publish_history
from coresponse.results.report.codes import HEADS, TITLE, codes_rows

# a screen holds no more of each; files hold all
MOST_ROWS = 12
MOST_POSTS = 50
LONGEST_WORDS = 40

MUCH_LOST = 0.1
"""Share of the calls that may be set aside at a step before it is told."""

NOT_TAKEN = "nature is in no call class"
_CURES = {
    "more": "are the roads of the whole city, and the coordinates right? Also: snap_max_m under [calls]",
    "no": "look whether the right columns are mapped",
    "place": "look whether the right columns are mapped, and at crs under [calls]",
    "time": "look at the column of received_at",
}


def show_inputs(city: City, console: Console) -> None:
    """Print what `check` found."""
    if city.notice:
        console.print(Text(city.notice, style="bold magenta"))
    for reading in (*city.calls.readings, *city.posts.readings):
        console.print(Text(f"Read {reading}."))
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
    _codes(city, console)
    _rate(city, console)
    _posts(city, console)
    _responder_types(city, console)
    if city.districts is not None:
        console.print(Text(f"Districts: {len(city.districts.frame):,}."))
        for said in city.districts.notes:
            console.print(Text(f"  note: {said}", style="yellow"))
    if city.living is not None:
        _residents(city.living, console)
    if city.today is not None:
        console.print(Text(f"Today: {city.today.size} responders."))
    listed = "; ".join(f"{p.name} ({p.hours.count} h)" for p in city.periods)
    console.print(Text(f"Periods, hours a week: {listed}."))


def _residents(living: Residents, console: Console) -> None:
    named = ", ".join(group.key for group in living.groups) or "none"
    console.print(
        Text(f"Residents: {living.total:,.0f} near the roads ({living.column}); groups: {named}.")
    )
    if living.outside:
        off = (
            f"{living.outside:,} of {living.rows:,} rows, {living.residents_outside:,.0f} residents"
        )
        console.print(Text(f"  note: off the map: {off}", style="yellow"))
    for said in living.notes:
        console.print(Text(f"  note: {said}", style="yellow"))


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


def _codes(city: City, console: Console) -> None:
    rows = codes_rows(publish_history(city, INTERNAL))
    if not rows:
        return
    table = Table(title=TITLE, title_justify="left")
    for head in HEADS:
        table.add_column(head, justify="right" if head == "Calls" else "left")
    for row in rows[:MOST_ROWS]:
        table.add_row(*map(Text, row))
    console.print(table)


def _natures(city: City, console: Console) -> None:
    """Print which class takes which natures, and what no class takes."""
    if city.calls.assumed is not None:
        return
    frame, words = city.calls.frame, city.calls.nature_words
    counts = frame.groupby(["call_class", "nature"]).size().rename("calls").reset_index()
    counts = counts.sort_values(["calls", "nature"], ascending=[False, True], kind="stable")
    table = Table(title="Natures, and the call class that takes them", title_justify="left")
    for name, justify in (("call class", "left"), ("calls", "right"), ("natures", "left")):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    for name in city.program.call_classes:
        mine = counts[counts["call_class"] == name]
        table.add_row(Text(name), f"{mine['calls'].sum():,}", Text(_listed(mine, words)))
    console.print(table)
    unmapped = city.calls.unmapped
    if len(unmapped):
        console.print(Text(f"Natures that no class takes: {_listed(unmapped, words)}."))
        console.print(
            Text("  one that matters goes into a call class of your program: docs/programs.md")
        )


def _listed(counts: pd.DataFrame, words: Mapping[str, str]) -> str:
    """List natures with their words and calls, most first."""
    listed = [
        f"{nature or '(blank)'}{_in_words(nature, words)} {calls:,}"
        for nature, calls in zip(
            counts["nature"].head(MOST_ROWS), counts["calls"].head(MOST_ROWS), strict=True
        )
    ]
    more = f" and {len(counts) - MOST_ROWS} more" if len(counts) > MOST_ROWS else ""
    return ", ".join(listed) + more if listed else "none"


def _in_words(nature: str, words: Mapping[str, str]) -> str:
    said = words.get(nature, "")
    return f" ({said[:LONGEST_WORDS]})" if said and said.casefold() != nature.casefold() else ""


def hindrances(city: City) -> list[str]:
    """Say what does not stop a plan and should be looked at first: steps at which many calls are lost."""
    out = []
    for before, step in pairwise(city.calls.funnel.steps):
        reasons = [(why, n) for why, n in step.reasons if why not in {FURTHER_ROWS, NOT_TAKEN}]
        lost = sum(count for _, count in reasons)
        if before.count and lost > MUCH_LOST * before.count:
            why = max(reasons, key=lambda item: item[1])[0]
            cure = _CURES.get(why.split(" ")[0], "look at why in the table above")
            out.append(f"{lost / before.count:.0%} of the calls are set aside ({why}): {cure}")
    if city.calls.assumed is None and not city.calls.frame["call_class"].ne(NOT_ELIGIBLE).any():
        out.append("no call class takes any of the calls' natures: add them to your program")
    posts = len(city.posts.frame) + len(city.posts.set_aside)
    if len(city.posts.set_aside) > posts / 2:
        out.append(f"{len(city.posts.set_aside):,} of {posts:,} posts are set aside")
    return out
