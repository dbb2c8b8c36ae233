"""What `alternatives` prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from rich.console import Console
from rich.text import Text

from coresponse.cli.tables import print_table
from coresponse.cli.terminal import more_in_details, print_paths
from coresponse.data.figures.text import columns_alike, dollars, figure_text
from coresponse.data.options import Deployment
from coresponse.data.words import NUMBERS
from coresponse.publish.answers import NearBestPublication
from coresponse.results.alternatives import difference
from coresponse.results.runs import Run, must_be
from coresponse.results.sentences import near_best_sentences, worse_by


def show_near_best(
    publication: NearBestPublication, run: Run, console: Console, *, details: bool = False
) -> None:
    """Print the plans side by side, and the posts by what they are worth."""
    must_be(publication, NearBestPublication)
    if publication.facts.notice:
        console.print(Text(publication.facts.notice, style="bold magenta"))
    for sentence in near_best_sentences(publication):
        console.print(Text(sentence))
    _plans(publication, console)
    if details:
        for k, one in enumerate(publication.plans, start=1):
            behind = worse_by(publication, one.worse_by)
            far = f"{behind} behind the best; " if float(behind.split()[0]) else ""
            console.print(Text(f"Plan {k}, in the model: {far}{one.search.message}."))
        if publication.worth:
            _posts(publication, console)
    print_paths(console, {"Results": run.folder})
    if not details:
        more_in_details(console, "How each was proven, and what each post is worth")


def _plans(publication: NearBestPublication, console: Console) -> None:
    names, best = publication.facts.post_names, publication.plans[0].deployment
    rows = [
        [
            str(k + 1),
            figure_text(one.share_in_time, "share"),
            figure_text(one.mean_with_fallback_s / 60, "min"),
            dollars(one.cost_as_called_per_year),
            beyond(best, one.deployment, names, "fewer"),
            beyond(one.deployment, best, names, "more"),
        ]
        for k, one in enumerate(publication.plans)
    ]
    print_table(
        console,
        "Plans nearly as good in the model (figures by replay)",
        ("Plan", "In time", "Mean wait", "Cost a year", "Drops", "Adds"),
        columns_alike(rows),
        words=(4, 5),
    )


def beyond(
    one: Deployment, other: Deployment, names: Mapping[str, str], word: Literal["more", "fewer"]
) -> str:
    """Name the posts at which one deployment has responders beyond another's.

    Parameters
    ----------
    names
        Of posts, by id.
    word
        What is said of a post where both have some: a plan has more there than the best, or fewer.
    """
    there = _by_post(other)
    more = {post: n - there.get(post, 0) for post, n in _by_post(one).items()}
    said = [names[post] for post, n in more.items() if n > 0 and post not in there]
    said += [
        f"{NUMBERS[n] if n < len(NUMBERS) else n} {word} at {names[post]}"
        for post, n in more.items()
        if n > 0 and post in there
    ]
    return "; ".join(said)


def _by_post(deployment: Deployment) -> dict[str, int]:
    out: dict[str, int] = {}
    for option, count in deployment.counts:
        out[option.post_id] = out.get(option.post_id, 0) + count
    return out


def _posts(publication: NearBestPublication, console: Console) -> None:
    names = publication.facts.post_labels
    ranked = sorted(
        publication.worth,
        key=lambda one: (not one.chosen, -one.change if one.chosen else one.change),
    )
    rows = [
        [
            names[one.post_id],
            "without it" if one.chosen else "with it",
            f"{difference(publication, one.change):.2f}" if np.isfinite(one.change) else one.status,
        ]
        for one in ranked
    ]
    unit = "points late" if publication.in_points else "min"
    heads = ("Post", "Plan", f"Worse by, {unit}")
    print_table(console, "What each post is worth (model)", heads, rows, words=(0, 1))
