"""Charts of the model beside the records: recorded against modeled, by hour, and the error by district as a map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from coresponse.maps.charts import BLUE, INK, LINE, SOFT, VERMILION, bare, drawing, svg_text
from coresponse.maps.escape import clean_text

# what margins leave of a sheet, Letter or A4
WIDTH_IN = 7.6

# That a chart on one sheet has room for.
MOST_GROUPS = 40

LONGEST_NAME = 34

# Classes of recorded over modeled times: from, to, color, hatch, and what they are called.
ERRORS = (
    (-np.inf, -0.15, "#0072b2", "", "recorded 15% shorter, or more"),
    (-0.15, -0.05, "#8fc1e3", "", "5% to 15% shorter"),
    (-0.05, 0.05, "#f4f4f0", "", "within 5%"),
    (0.05, 0.15, "#f5b78a", "//", "5% to 15% longer"),
    (0.15, np.inf, "#d55e00", "xx", "recorded 15% longer, or more"),
)

NOT_SHOWN = ("#b9bfc5", "..", "too few records to show")


@dataclass(frozen=True)
class RecordPair:
    """A group's mean travel, recorded and modeled, in minutes."""

    name: str
    recorded: float
    modeled: float
    stands_out: bool = False


def pairs_chart(rows: Sequence[RecordPair], target: str) -> str:
    """Draw recorded and modeled means on one line a group, in the order given."""
    rows = rows[:MOST_GROUPS]
    with drawing():
        figure = Figure(figsize=(WIDTH_IN, 0.3 * len(rows) + 1.3), layout="constrained")
        axes = figure.add_subplot()
        y = np.arange(len(rows))[::-1]
        for at, row in zip(y, rows, strict=True):
            axes.plot(
                [row.modeled, row.recorded],
                [at, at],
                color=VERMILION if row.stands_out else LINE,
                linewidth=4,
                zorder=1,
                solid_capstyle="round",
            )
        axes.plot(
            [row.modeled for row in rows], y, linestyle="none", marker="o", markersize=8,
            markerfacecolor="white", markeredgecolor=SOFT, markeredgewidth=1.5, label="modeled", zorder=2,
        )  # fmt: skip
        axes.plot(
            [row.recorded for row in rows], y, linestyle="none", marker="D", markersize=7,
            color=BLUE, label="recorded", zorder=3,
        )  # fmt: skip
        if any(row.stands_out for row in rows):
            axes.plot([], [], color=VERMILION, linewidth=4, label="stands out")
        axes.set_yticks(y, [clean_text(row.name, limit=LONGEST_NAME) for row in rows])
        axes.set_ylim(-0.6, len(rows) - 0.4)
        axes.set_xlim(left=0)
        axes.set_xlabel(f"Minutes {target}, mean")
        bare(axes)
        figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=8.5)
        return svg_text(figure)


def scatter_chart(rows: Sequence[RecordPair], target: str) -> str:
    """Draw each group's recorded mean over its modeled one; a right model's lie along the line."""
    with drawing():
        figure = Figure(figsize=(WIDTH_IN * 0.66, WIDTH_IN * 0.66), layout="constrained")
        axes = figure.add_subplot()
        most = max((max(row.recorded, row.modeled) for row in rows), default=1.0) * 1.1 or 1.0
        axes.plot([0, most], [0, most], color=SOFT, linewidth=1, linestyle="--", zorder=1)
        axes.annotate(
            "as modeled", (most * 0.93, most * 0.93), xytext=(-4, -4), textcoords="offset points",
            ha="right", va="top", rotation=45, rotation_mode="anchor", color=SOFT, fontsize=8.5,
        )  # fmt: skip
        for out, marker, color in ((False, "o", BLUE), (True, "D", VERMILION)):
            some = [row for row in rows if row.stands_out == out]
            axes.plot(
                [row.modeled for row in some], [row.recorded for row in some], linestyle="none",
                marker=marker, markersize=7, color=color, markeredgecolor=INK, markeredgewidth=0.6,
                label="stands out" if out else "as far off as all are", zorder=2,
            )  # fmt: skip
        axes.set_xlim(0, most)
        axes.set_ylim(0, most)
        axes.set_aspect("equal")
        axes.set_xlabel(f"Modeled, minutes {target}")
        axes.set_ylabel("RecordPair, minutes")
        bare(axes, grid="x")
        figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=8.5)
        return svg_text(figure)


def error_map(districts: gpd.GeoDataFrame, error: Sequence[float]) -> str:
    """Draw districts by recorded over modeled times, less 1; NaN: not shown.

    Parameters
    ----------
    districts
        In a metric CRS.
    """
    with drawing():
        west, south, east, north = districts.total_bounds
        tall = (north - south) / max(east - west, 1.0)
        width = float(np.clip(6.5 / tall, 2.2, 5.2))
        figure = Figure(figsize=(width + 2.4, float(np.clip(width * tall, 3.0, 7.0))), layout="constrained")  # fmt: skip
        axes = figure.add_subplot()
        axes.set_aspect("equal")
        axes.set_axis_off()
        values = np.asarray(error, dtype=np.float64)
        legend = []
        classes = [
            (color, hatch, words, (values >= low) & (values < high))
            for low, high, color, hatch, words in ERRORS
        ]
        for color, hatch, words, mine in (*classes, (*NOT_SHOWN, np.isnan(values))):
            looks = {"facecolor": color, "hatch": hatch, "edgecolor": SOFT, "linewidth": 0.8}
            legend.append(Patch(**looks, label=words))  # type: ignore[arg-type]
            if mine.any():
                districts[mine].plot(ax=axes, aspect=None, **looks)
        figure.legend(handles=legend, loc="outside right upper", frameon=False, fontsize=8.5)
        return svg_text(figure)
