"""What `alternatives` prints."""

from __future__ import annotations

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from coresponse.choices import Choices, shown_cost, shown_in
from coresponse.publish.city import shown_figure
from coresponse.results import Run

WORDS = {"min": "min", "points_late": "points late"}


def show_choices(choices: Choices, run: Run, console: Console) -> None:
    """Print the plans side by side, and the posts by what they are worth."""
    if choices.inputs.study.notice:
        console.print(Text(choices.inputs.study.notice, style="bold magenta"))
    console.print(_plans(choices))
    console.print(Text(choices.found.ended))
    if choices.worth:
        console.print(_posts(choices))
    console.print(Text(f"Results: {run.folder}"))


def _plans(choices: Choices) -> Table:
    unit, scale = shown_in(choices.waiting)
    table = Table(title="Plans nearly as good (figures by queueing)", title_justify="left")
    for name in ("plan", "worse by", "in time", "mean wait", "leaves", "takes up", "status"):
        table.add_column(
            name, justify="left" if name in {"leaves", "takes up", "status"} else "right"
        )
    for k, (one, queueing) in enumerate(zip(choices.found.found, choices.queueing, strict=True)):
        table.add_row(
            str(k + 1),
            f"{shown_cost(choices, one.costs, scale):.2f} {WORDS[unit]}" if k else "",
            f"{shown_figure(queueing.overall, 'share_in_time'):.1%}",
            f"{shown_figure(queueing.overall, 'mean_with_fallback_s') / 60:.1f} min",
            Text(", ".join(one.left)),
            Text(", ".join(one.taken_up)),
            Text(one.solution.message),
        )
    return table


def _posts(choices: Choices) -> Table:
    unit, scale = shown_in(choices.waiting)
    frame = choices.inputs.posts.frame
    names = dict(zip(frame["post_id"], frame["name"], strict=True))
    table = Table(title="What each post is worth", title_justify="left")
    table.add_column("post")
    table.add_column("forced")
    table.add_column("the plan is worse by", justify="right")
    ranked = sorted(
        choices.worth, key=lambda one: (not one.chosen, -one.change if one.chosen else one.change)
    )
    for one in ranked:
        label = (
            one.post
            if names.get(one.post, one.post) == one.post
            else f"{one.post} {names[one.post]}"
        )
        rises = (
            f"{shown_cost(choices, one.change, scale):.2f} {WORDS[unit]}"
            if np.isfinite(one.change)
            else one.status.value
        )
        table.add_row(Text(label), "out" if one.chosen else "in", rises)
    return table
