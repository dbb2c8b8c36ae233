"""The chart of who waits: groups of residents beside all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from coresponse.maps.charts import BLUE, INK, SOFT, VERMILION, bare, drawing, svg_text
from coresponse.maps.escape import clean_text

WIDTH_IN = 7.6


@dataclass(frozen=True)
class GroupWait:
    """A group's mean wait with the plan, in minutes.

    `low` and `high` are the band of its gap, set on the wait of all; `verdict` is 1 where it waits
    longer than all, -1 where shorter, 0 where neither counts; `today` is None where not known.
    """

    name: str
    plan: float
    low: float
    high: float
    verdict: int
    today: float | None = None


def group_chart(rows: Sequence[GroupWait], everybody: float) -> str:
    """Draw each group's mean wait with its band beside a line for all residents, in the order given."""
    kinds = (
        (1, VERMILION, "X", "waits longer than all residents"),
        (-1, BLUE, "o", "waits shorter"),
        (0, SOFT, "D", "no difference that counts"),
    )
    with drawing():
        figure = Figure(figsize=(WIDTH_IN, 0.3 * len(rows) + 1.3), layout="constrained")
        axes = figure.add_subplot()
        y = np.arange(len(rows))[::-1]
        axes.axvline(everybody, color=INK, linewidth=1.4, linestyle="--", label="all residents")
        now = [(row.today, at) for at, row in zip(y, rows, strict=True) if row.today is not None]
        if now:
            axes.plot(
                *zip(*now, strict=True), linestyle="none", marker="o", markersize=6, markerfacecolor="white",
                markeredgecolor=SOFT, markeredgewidth=1.4, label="today", zorder=3,
            )  # fmt: skip
        for verdict, color, marker, label in kinds:
            own = [(row, at) for at, row in zip(y, rows, strict=True) if row.verdict == verdict]
            for row, at in own:
                axes.plot([row.low, row.high], [at, at], color=color, linewidth=2.2, zorder=2)
            if own:
                axes.plot(
                    [row.plan for row, _ in own], [at for _, at in own], linestyle="none", marker=marker, markersize=8,
                    color=color, label=label, zorder=4,
                )  # fmt: skip
        axes.set_yticks(y, [clean_text(row.name, limit=40) for row in rows], fontsize=9)
        axes.set_ylim(-0.8, len(rows) - 0.2)
        axes.set_xlabel("Mean wait where they live, minutes; bars: band of the gap", color=INK)
        bare(axes)
        figure.legend(loc="outside upper center", ncols=3, frameon=False, fontsize=9)
        return svg_text(figure)
