"""What `alternatives` prints."""

from __future__ import annotations

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from coresponse.data.figures.text import dollars, figure_text
from coresponse.publish.near_best import NearBestPublication
from coresponse.results.alternatives import difference
from coresponse.results.runs import Run, must_be

WORDS = {"min": "min", "points_late": "points late"}


def show_near_best(publication: NearBestPublication, run: Run, console: Console) -> None:
    """Print the plans side by side, and the posts by what they are worth."""
    must_be(publication, NearBestPublication)
    if publication.facts.notice:
        console.print(Text(publication.facts.notice, style="bold magenta"))
    console.print(_plans(publication))
    console.print(Text(publication.ended))
    if publication.worth:
        console.print(_posts(publication))
    console.print(Text(f"Results: {run.folder}"))


def _plans(publication: NearBestPublication) -> Table:
    unit = WORDS[publication.unit[0]]
    table = Table(
        title="Plans nearly as good in the model (figures by replay)", title_justify="left"
    )
    words = ("leaves", "takes up", "in the model")
    for name in ("plan", "in time", "mean wait", "cost a year", *words):
        table.add_column(name, justify="left" if name in words else "right")
    for k, one in enumerate(publication.plans):
        behind = difference(publication, one.worse_by)
        table.add_row(
            str(k + 1),
            figure_text(one.share_in_time, "share"),
            figure_text(one.mean_with_fallback_s / 60, "min"),
            dollars(one.cost_as_called_per_year),
            Text(", ".join(one.posts_left)),
            Text(", ".join(one.posts_taken_up)),
            Text(
                f"{behind:.2f} {unit} behind the best; {one.search.message}"
                if behind
                else one.search.message
            ),
        )
    return table


def _posts(publication: NearBestPublication) -> Table:
    unit = WORDS[publication.unit[0]]
    frame = publication.facts.posts.frame
    names = dict(zip(frame["post_id"], frame["name"], strict=True))
    table = Table(title="What each post is worth in the model", title_justify="left")
    table.add_column("post")
    table.add_column("forced")
    table.add_column("the best is worse by", justify="right")
    ranked = sorted(
        publication.worth,
        key=lambda one: (not one.chosen, -one.change if one.chosen else one.change),
    )
    for one in ranked:
        label = (
            one.post_id
            if names.get(one.post_id, one.post_id) == one.post_id
            else f"{one.post_id} {names[one.post_id]}"
        )
        rises = (
            f"{difference(publication, one.change):.2f} {unit}"
            if np.isfinite(one.change)
            else one.status
        )
        table.add_row(Text(label), "out" if one.chosen else "in", rises)
    return table
