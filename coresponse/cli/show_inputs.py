"""What `check` prints: exact counts, on the agency's own terminal."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import pandas as pd
from rich.console import Console
from rich.text import Text

from coresponse.cli.tables import print_table
from coresponse.cli.terminal import MOST_NOTES, print_notes
from coresponse.coverage.demand import eligible_classes
from coresponse.data.calls.history import FURTHER_ROWS, NOT_ELIGIBLE
from coresponse.data.calls.rate import HIGH, LOW, PER, PUBLISHED
from coresponse.data.known_city import KnownCity
from coresponse.data.resident_groups import Residents
from coresponse.data.words import at_start, counted
from coresponse.publish.disclosure import INTERNAL
from coresponse.publish.history import publish_history
from coresponse.results.report.codes import HEADS, TITLE, codes_rows

# a screen holds no more of each; files hold all
MOST_ROWS = 12
MOST_POSTS = 50
LONGEST_WORDS = 40

# Share of the calls that may be set aside at a step before it is told.
MUCH_LOST = 0.1

NOT_TAKEN = "nature is in no call class"
_CURES = {
    "more": "do the roads cover the whole city, and are the coordinates right? Also: snap_max_m under [calls]",
    "no": "check that the right columns are read",
    "place": "check that the right columns are read, and crs under [calls]",
    "time": "check the column of received_at",
    "address": "give the city's address points or street centerlines: file under [addresses]",
}


def show_inputs(city: KnownCity, notice: str, console: Console, *, details: bool = False) -> None:
    """Print what was read, and what is wrong with it; with details, column by column and post by post."""
    if notice:
        console.print(Text(notice, style="bold magenta"))
    if details:
        for reading in (*city.calls.readings, *city.posts.readings):
            console.print(Text(f"Read {reading}."))
    else:
        console.print(Text(_calls(city)))
    console.print(Text(_places(city)))
    show_funnel(city, console)
    if details:
        _natures(city, console)
        _codes(city, console)
        _posts(city, console)
        _responder_types(city, console)
        hours = "; ".join(f"{p.name} ({p.hours.count} h)" for p in city.periods)
        console.print(Text(f"Periods, hours a week: {hours}."))
    rate, odd = _rate(city)
    if rate and details:
        console.print(Text(rate))
    print_notes(console, [*_notes(city), *([odd] if odd else [])], details=details)


def _calls(city: KnownCity) -> str:
    """Say in a sentence how many calls can be used for planning."""
    if city.calls.assumed is not None:
        return "Calls: none recorded; demand is assumed."
    steps = city.calls.funnel.steps
    text = (
        f"Calls: {counted(steps[0].count, 'row')}, of which {counted(steps[-1].count, 'call')} can "
        f"be used for planning, over {counted(round(city.calls.days), 'day')}"
    )
    unmapped = city.calls.unmapped
    if not len(unmapped):
        return f"{text}."
    return f"{text}; no class takes {_listed(unmapped, {}, MOST_NOTES)}."


def _places(city: KnownCity) -> str:
    """Say in a sentence what roads, posts, districts and today's deployment there are."""
    roads, report = city.roads, city.roads.report
    said = [
        (
            f"Roads: {counted(roads.n_nodes, 'crossing')}, "
            f"{counted(roads.n_edges, 'directed edge')}, "
            f"{report.assumed_speed_share:.0%} of their length with an assumed speed"
        )
    ]
    if report.nodes_dropped:
        said.append(
            f"{counted(report.nodes_dropped, 'crossing')} left out: nobody can drive to or from "
            f"{'it' if report.nodes_dropped == 1 else 'them'}"
        )
    said.append(f"Posts: {len(city.posts.frame):,} used, {len(city.posts.set_aside):,} set aside")
    if city.districts is not None:
        said.append(f"Districts: {len(city.districts.frame):,}")
    if city.living is not None:
        said.append(_residents(city.living)[0])
    if city.today is not None:
        said.append(f"Today: {counted(city.today.size, 'responder')}")
    return f"{'. '.join(said)}."


def _notes(city: KnownCity) -> list[str]:
    """List what a planner should know of the inputs, what sets posts aside first."""
    aside = city.posts.set_aside[["post_id", "name", "reason", "detail"]]
    posts = [
        f"post {post_id} ({name}) is set aside: {reason}{f': {detail}' if detail else ''}"
        for post_id, name, reason, detail in aside.head(MOST_ROWS).to_numpy()
    ]
    few_days = publish_history(city, INTERNAL).few_days
    districts = () if city.districts is None else city.districts.notes
    listed = [
        *city.calls.notes,
        *([few_days] if few_days else []),
        *city.roads.report.notes,
        *city.posts.notes,
        *posts,
        *districts,
        *(() if city.living is None else _residents(city.living)[1]),
        *(
            note
            for drawn in (city.water, city.parks)
            if drawn is not None
            for note in drawn.attrs.get("notes", ())
        ),
    ]
    return list(dict.fromkeys(listed))


def _residents(living: Residents) -> tuple[str, list[str]]:
    """Say who lives near the roads, and what is worth a note."""
    named = ", ".join(group.key for group in living.groups) or "none"
    said = f"Residents: {living.total:,.0f} near the roads ({living.column}); groups: {named}"
    off = f"{living.outside:,} of {living.rows:,} rows, {living.residents_outside:,.0f} residents"
    aside = [f"off the map: {off}"] if living.outside else []
    return said, [*aside, *living.readings, *living.notes]


def show_funnel(city: KnownCity, console: Console) -> None:
    """Print what became of the rows of the calls."""
    rows = [
        (
            at_start(step.name),
            f"{step.count:,}",
            f"{step.lost:,}" if step.lost else "",
            "; ".join(f"{reason}: {count:,}" for reason, count in step.reasons),
        )
        for step in city.calls.funnel.steps
    ]
    print_table(console, "Calls", ("Step", "Count", "Lost", "Why"), rows, words=(0, 3))


def _posts(city: KnownCity, console: Console) -> None:
    frame = city.posts.frame
    rows = frame[["post_id", "name", "kind"]].head(MOST_POSTS).astype(str).to_numpy().tolist()
    if rows:
        print_table(console, "Posts", ("post_id", "Name", "Kind"), rows, words=range(3))
    if len(frame) > MOST_POSTS:
        console.print(
            Text(f"  and {len(frame) - MOST_POSTS:,} more posts; a plan lists all in posts.geojson")
        )


def _rate(city: KnownCity) -> tuple[str, str]:
    """Return what the calls come to a year and head beside the published rates, and a note where that is odd."""
    residents = city.residents
    if residents is None and city.districts is not None:
        residents = float(city.districts.frame["population"].sum())
    if not residents or city.calls.assumed is not None:
        return "", ""
    taken = city.calls.frame["call_class"].isin(eligible_classes(city.program)).sum()
    rate = float(taken) / city.calls.days * 365.25 / residents * PER
    published = "; ".join(f"{figure:,.0f}: {source}" for figure, source in PUBLISHED)
    told = (
        f"Calls of classes that a responder type takes: {rate:,.0f} a year per {PER:,} residents "
        f"({residents:,.0f} of them). Published rates: {published}."
    )
    if LOW <= rate <= HIGH:
        return told, ""
    side = "below" if rate < LOW else "above"
    why = (
        "calls about mental health are often coded as something else, or files are missing"
        if rate < LOW
        else "classes may take natures that are not crises, or residents are of a part of the city"
    )
    odd = f"{rate:,.0f} calls a year per {PER:,} residents are {side} the published {LOW:,.0f} to {HIGH:,.0f}: {why}"
    return told, odd


def _responder_types(city: KnownCity, console: Console) -> None:
    listed = "; ".join(
        f"{kind.title} [{name}] on {', '.join(kind.shift_patterns)}"
        for name, kind in city.program.responder_types.items()
    )
    console.print(Text(f"Responder types, and the shift patterns each can work: {listed}."))


def _codes(city: KnownCity, console: Console) -> None:
    rows = codes_rows(publish_history(city, INTERNAL), city.program)
    if not rows:
        return
    print_table(console, TITLE, HEADS, rows[:MOST_ROWS], words=(0, 2, 3, 4))


def _natures(city: KnownCity, console: Console) -> None:
    """Print which class takes which natures, and what no class takes."""
    if city.calls.assumed is not None:
        return
    frame, words = city.calls.frame, city.calls.nature_words
    counts = frame.groupby(["call_class", "nature"]).size().rename("calls").reset_index()
    counts = counts.sort_values(["calls", "nature"], ascending=[False, True], kind="stable")
    rows = []
    for name, kind in city.program.call_classes.items():
        mine = counts[counts["call_class"] == name]
        rows.append((f"{kind.title} [{name}]", f"{mine['calls'].sum():,}", _listed(mine, words)))
    heads = ("Call class", "Calls", "Natures")
    print_table(console, "Natures, and the call class that takes them", heads, rows, words=(0, 2))
    unmapped = city.calls.unmapped
    if len(unmapped):
        console.print(Text(f"Natures in no call class: {_listed(unmapped, words)}."))
        console.print(
            Text("  add those that matter to a call class of your program: docs/programs.md")
        )


def _listed(counts: pd.DataFrame, words: Mapping[str, str], most: int = MOST_ROWS) -> str:
    """List natures with their words and calls, most first."""
    listed = [
        f"{nature or '(blank)'}{_in_words(nature, words)} {calls:,}"
        for nature, calls in zip(
            counts["nature"].head(most), counts["calls"].head(most), strict=True
        )
    ]
    more = f" and {len(counts) - most} more" if len(counts) > most else ""
    return ", ".join(listed) + more if listed else "none"


def _in_words(nature: str, words: Mapping[str, str]) -> str:
    said = words.get(nature, "")
    return f" ({said[:LONGEST_WORDS]})" if said and said.casefold() != nature.casefold() else ""


def hindrances(city: KnownCity) -> list[str]:
    """Say what does not stop a plan and should be looked at first: steps at which many calls are lost."""
    out = []
    for before, step in pairwise(city.calls.funnel.steps):
        reasons = [(why, n) for why, n in step.reasons if why not in {FURTHER_ROWS, NOT_TAKEN}]
        lost = sum(count for _, count in reasons)
        if before.count and lost > MUCH_LOST * before.count:
            why = max(reasons, key=lambda item: item[1])[0]
            cure = _CURES.get(why.split(" ")[0], "see why in the table above")
            out.append(f"{lost / before.count:.0%} of the calls are set aside ({why}): {cure}")
    if city.calls.assumed is None and not city.calls.frame["call_class"].ne(NOT_ELIGIBLE).any():
        out.append("no call class takes any of the calls' natures: add them to your program")
    posts = len(city.posts.frame) + len(city.posts.set_aside)
    if len(city.posts.set_aside) > posts / 2:
        out.append(f"{len(city.posts.set_aside):,} of {posts:,} posts are set aside")
    return out
