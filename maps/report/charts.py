"""The report's charts: how the judges agree, the way of a call, who gains and who loses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from coresponse.data.figures.text import points
from coresponse.maps.charts import BLUE, INK, LINE, SOFT, VERMILION, bare, drawing, svg_text
from coresponse.maps.escape import clean_text

# what margins leave of a sheet, Letter or A4
WIDTH_IN = 7.6

# That a chart on one sheet has room for.
MOST_DISTRICTS = 32


@dataclass(frozen=True)
class JudgesRow:
    """A deployment's share of calls in time by each judge, in percent.

    None where a judge has none.
    """

    title: str
    nearest: float | None
    queueing: float | None
    replay: float | None


@dataclass(frozen=True)
class FunnelBar:
    """A step of a call's way.

    How many come this far, and how many were lost before it, by reason.
    """

    step: str
    calls: float
    lost: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Change:
    """A district's mean wait today and with the plan, in minutes; 1: shorter with the plan, -1.

    Longer, 0: neither counts.
    """

    name: str
    today: float
    plan: float
    verdict: int = 0


# Each judge's mark; the one that the figures are of stands out.
_RING = {"markersize": 8, "markeredgecolor": SOFT, "markeredgewidth": 1.5, "zorder": 3}
_MARKS: dict[str, dict[str, Any]] = {
    "nearest": {"label": "nearest always free", "marker": "o", "markerfacecolor": "none", **_RING},
    "queueing": {"label": "queueing", "marker": "D", "markerfacecolor": SOFT, **_RING},
    "replay": {
        "label": "replay: allowing for busy units",
        "marker": "o",
        "markersize": 10,
        "color": BLUE,
        "zorder": 4,
    },
}


def judges_chart(rows: Sequence[JudgesRow]) -> str:
    """Draw the three judges' figures on one line for each deployment."""
    with drawing():
        figure = Figure(figsize=(WIDTH_IN, 0.62 * len(rows) + 1.25), layout="constrained")
        axes = figure.add_subplot()
        y = np.arange(len(rows))[::-1]
        by_judge = {
            judge: [
                (x, at)
                for row, at in zip(rows, y, strict=True)
                if (x := getattr(row, judge)) is not None
            ]
            for judge in _MARKS
        }
        for at in y:
            known = [x for points in by_judge.values() for x, of in points if of == at]
            if known:
                span = [min(known), max(known)]
                axes.plot(span, [at, at], color=LINE, linewidth=5, zorder=1, solid_capstyle="round")
        for judge, mark in _MARKS.items():
            if by_judge[judge]:
                axes.plot(*zip(*by_judge[judge], strict=True), linestyle="none", **mark)
        for x, at in by_judge["replay"]:
            axes.annotate(
                f"{points(x)}%", (x, at), xytext=(0, 9), textcoords="offset points", ha="center",
                fontsize=10, fontweight="bold", color=BLUE,
            )  # fmt: skip
        axes.set_yticks(y, [_short(row.title) for row in rows])
        axes.set_ylim(-0.6, len(rows) - 0.3)
        axes.set_xlim(0, 100)
        axes.set_xlabel("Calls reached within the standard, %")
        bare(axes)
        figure.legend(
            loc="outside lower center",
            ncols=3,
            frameon=False,
            fontsize=8.5,
            handletextpad=0.3,
            columnspacing=1.4,
        )
        return svg_text(figure)


def funnel_chart(steps: Sequence[FunnelBar]) -> str:
    """Draw how many calls a week come how far.

    What was lost stands beside the step before which it was lost.
    """
    with drawing():
        figure = Figure(figsize=(WIDTH_IN, 0.56 * len(steps) + 0.35), layout="constrained")
        axes = figure.add_subplot()
        y = np.arange(len(steps))[::-1]
        most = max((step.calls for step in steps), default=1.0) or 1.0
        axes.barh(y, [step.calls for step in steps], color=BLUE, height=0.66)
        for at, step in zip(y, steps, strict=True):
            shown = _count(step.calls)
            axes.text(
                step.calls + most * 0.012,
                at,
                shown,
                va="center",
                ha="left",
                fontweight="bold",
                fontsize=10,
            )
            if step.lost:
                text = _wrapped(
                    "lost: "
                    + "; ".join(f"{_count(n)} {_short(reason, 60)}" for reason, n in step.lost)
                )
                room = most * (0.045 + 0.024 * len(shown))
                axes.text(
                    step.calls + room, at, text, va="center", ha="left", fontsize=8.5, color=SOFT
                )
        axes.set_yticks(y, [_short(step.step[:1].upper() + step.step[1:]) for step in steps])
        axes.set_xlim(0, most * 1.8)
        axes.set_xticks([])
        bare(axes, grid="")
        return svg_text(figure)


def _count(calls: float) -> str:
    return f"{calls:,.1f}"


def _wrapped(text: str, width: int = 32) -> str:
    lines = [""]
    for word in text.split(" "):
        if len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)


def drawn_changes(rows: Sequence[Change]) -> list[Change]:
    """Return the rows that a chart on one sheet has room for.

    All, or the first and the last of many.
    """
    half = MOST_DISTRICTS // 2
    return list(rows) if len(rows) <= MOST_DISTRICTS else [*rows[:half], *rows[-half:]]


def change_chart(rows: Sequence[Change]) -> str:
    """Draw districts' mean wait today and with the plan, in the order given.

    Of many the first and the last.
    """
    rows = drawn_changes(rows)
    kinds = (
        (1, BLUE, "o", "plan: shorter wait"),
        (-1, VERMILION, "X", "plan: longer wait"),
        (0, SOFT, "|", "plan: no difference that counts"),
    )
    with drawing():
        figure = Figure(figsize=(WIDTH_IN, 0.27 * len(rows) + 1.15), layout="constrained")
        axes = figure.add_subplot()
        y = np.arange(len(rows))[::-1]
        for at, row in zip(y, rows, strict=True):
            color = next(color for verdict, color, _, _ in kinds if verdict == row.verdict)
            axes.plot([row.today, row.plan], [at, at], color=color, linewidth=2.2, zorder=2)
        axes.plot(
            [row.today for row in rows], y, linestyle="none", marker="o", markersize=6, markerfacecolor="white",
            markeredgecolor=SOFT, markeredgewidth=1.4, label="today", zorder=3,
        )  # fmt: skip
        for verdict, color, marker, label in kinds:
            chosen = [
                (row.plan, at) for at, row in zip(y, rows, strict=True) if row.verdict == verdict
            ]
            if chosen:
                axes.plot(
                    *zip(*chosen, strict=True), linestyle="none", marker=marker, markersize=8 if verdict < 1 else 7,
                    markeredgewidth=2 if verdict == 0 else 1, color=color, label=label, zorder=4,
                )  # fmt: skip
        axes.set_yticks(y, [_short(row.name) for row in rows], fontsize=9)
        axes.set_ylim(-0.8, len(rows) - 0.2)
        axes.set_xlim(left=0)
        axes.set_xlabel("Mean wait, minutes", color=INK)
        bare(axes)
        axes.legend(
            loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4, frameon=False, fontsize=9
        )
        return svg_text(figure)


@dataclass(frozen=True)
class Bought:
    """A point of a sweep.

    Dollars a year, the goal's figure as it is drawn; whether no other is both cheaper and better.
    """

    cost: float
    value: float
    efficient: bool


def frontier_chart(
    points: Sequence[Bought],
    marked: Sequence[tuple[str, float, float]] = (),
    *,
    figure: str = "Calls in time, %",
) -> str:
    """Draw what each budget buys.

    `marked` are deployments by name, dollars a year and value of the `figure`, which names the
    axis.
    """
    with drawing():
        sheet = Figure(figsize=(WIDTH_IN, 3.9), layout="constrained")
        axes = sheet.add_subplot()
        axes.plot(
            [p.cost / 1e6 for p in points], [p.value for p in points], linestyle="none", marker="o", markersize=4,
            color="#b3bcc4", label="all points of the sweep",
        )  # fmt: skip
        best = sorted((p for p in points if p.efficient), key=lambda p: p.cost)
        axes.plot(
            [p.cost / 1e6 for p in best], [p.value for p in best], color=BLUE, marker="o", markersize=5,
            label="efficient: no other plan is both cheaper and better",
        )  # fmt: skip
        for (name, cost, value), marker in zip(marked, "D^sv", strict=False):
            axes.plot(
                cost / 1e6,
                value,
                linestyle="none",
                marker=marker,
                markersize=9,
                color=VERMILION,
                label=_short(name),
            )
        axes.set_xlabel("Cost a year, million dollars")
        axes.set_ylabel(figure)
        axes.set_ylim(bottom=0)
        bare(axes, grid="y")
        axes.legend(loc="best", frameon=False, fontsize=9)
        return svg_text(sheet)


def _short(name: str, limit: int = 34) -> str:
    return clean_text(name, limit=limit)
