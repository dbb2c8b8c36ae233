"""Charts of a sweep as SVG.

The frontier of cost, curves along a limit, a grid of two, the years of an expansion.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

# Okabe and Ito's colors, which people with any color vision tell apart; lines also differ in dash
# and marker
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
DASHES = ("-", "--", "-.", ":")
MARKERS = "os^Dv<>"
MOST_LINES = 8


@dataclass(frozen=True)
class Quantity:
    """A column and how it is shown.

    Attributes
    ----------
    column
        Of the frame.
    title
        With its unit, for people.
    kind
        ``number``, ``share`` or ``dollars``.
    """

    column: str
    title: str
    kind: str = "number"


@dataclass(frozen=True)
class ChartLine:
    """Some rows of a frame, drawn as one line."""

    label: str
    rows: pd.DataFrame


def line_charts(
    path: Path,
    title: str,
    x: Quantity,
    ys: Sequence[Quantity],
    lines: Sequence[ChartLine],
    note: str,
) -> None:
    """Draw one panel a measure, all over the same x, and write an SVG file.

    The same input gives the same bytes.
    """
    with _drawing():
        figure, panels = _panels(title, len(ys), note)
        for panel, y in zip(panels, ys, strict=True):
            _lines(panel, x, y, lines, MARKERS)
            _dress(panel, x, y)
        if len(lines) > 1:
            panels[0].legend(frameon=False, fontsize=8)
        _write(figure, path)


def scatter_charts(
    path: Path,
    title: str,
    x: Quantity,
    ys: Sequence[Quantity],
    everything: pd.DataFrame,
    lines: Sequence[ChartLine],
    note: str,
) -> None:
    """Draw all points of a sweep in gray and some as lines, one panel a measure.

    Else as :func:`line_charts`.
    """
    with _drawing():
        figure, panels = _panels(title, len(ys), note)
        for panel, y in zip(panels, ys, strict=True):
            panel.plot(
                everything[x.column].astype(float),
                everything[y.column].astype(float),
                linestyle="none",
                marker="o",
                markersize=3,
                color="#9a9a9a",
                label="all points",
            )
            _lines(panel, x, y, lines, MARKERS[1:] + MARKERS[0])
            _dress(panel, x, y)
        panels[0].legend(frameon=False, fontsize=8)
        _write(figure, path)


def _lines(panel: Axes, x: Quantity, y: Quantity, lines: Sequence[ChartLine], markers: str) -> None:
    for i, line in enumerate(lines):
        rows = line.rows.dropna(subset=[x.column, y.column]).sort_values(x.column, kind="stable")
        panel.plot(
            rows[x.column].astype(float),
            rows[y.column].astype(float),
            linestyle=DASHES[i % len(DASHES)],
            marker=markers[i % len(markers)],
            color=COLORS[i % len(COLORS)],
            markersize=4,
            label=line.label,
        )


def grid_charts(
    path: Path,
    title: str,
    x: Quantity,
    y: Quantity,
    zs: Sequence[Quantity],
    frame: pd.DataFrame,
    note: str,
) -> None:
    """Draw a table of two limits as colored cells with their figure written in, one panel a measure."""
    with _drawing():
        figure, panels = _panels(title, len(zs), note)
        for panel, z in zip(panels, zs, strict=True):
            table = frame.set_index([y.column, x.column])[z.column].unstack().sort_index()  # noqa: PD010
            values = table.to_numpy(dtype=float)
            panel.imshow(values, origin="lower", aspect="auto", cmap="cividis")
            middle = (
                np.nanmin(values) + 0.5 * (np.nanmax(values) - np.nanmin(values))
                if values.size
                else 0.0
            )
            for (r, c), value in np.ndenumerate(values):
                if np.isfinite(value):
                    color = "black" if value > middle else "white"
                    panel.text(
                        c,
                        r,
                        _shown(value, z.kind),
                        ha="center",
                        va="center",
                        fontsize=7,
                        color=color,
                    )
            panel.set_xticks(
                range(len(table.columns)), [_shown(float(v), x.kind) for v in table.columns]
            )
            panel.set_yticks(
                range(len(table.index)), [_shown(float(v), y.kind) for v in table.index]
            )
            panel.set_xlabel(x.title)
            panel.set_ylabel(y.title)
            panel.set_title(z.title, fontsize=9, loc="left")
        _write(figure, path)


def phase_charts(
    path: Path,
    title: str,
    ys: Sequence[Quantity],
    lines: Sequence[ChartLine],
    label: str,
    note: str,
) -> None:
    """Draw measures over the years of an expansion, which `label` names, in the order of the rows."""
    with _drawing():
        figure, panels = _panels(title, len(ys), note)
        for panel, y in zip(panels, ys, strict=True):
            for i, line in enumerate(lines):
                panel.plot(
                    line.rows[label].astype(str),
                    line.rows[y.column].astype(float),
                    linestyle=DASHES[i % len(DASHES)],
                    marker=MARKERS[i % len(MARKERS)],
                    color=COLORS[i % len(COLORS)],
                    label=line.label,
                )
            _dress(panel, None, y)
        panels[0].legend(frameon=False, fontsize=8)
        _write(figure, path)


@contextmanager
def _drawing() -> Iterator[None]:
    # names come from data: "$" must not begin a formula; ids must not be drawn by chance
    settings: Any = {
        "svg.hashsalt": "coresponse",
        "svg.fonttype": "none",
        "text.parse_math": False,
        "font.size": 9,
    }
    with mpl.rc_context():
        # whatever a user's matplotlibrc says, charts look the same
        mpl.rcdefaults()
        mpl.rcParams.update(settings)
        yield


def _panels(title: str, count: int, note: str) -> tuple[Figure, list[Axes]]:
    columns = min(count, 3)
    rows = -(-count // columns)
    figure = Figure(figsize=(4.4 * columns, 3.3 * rows + 0.8), layout="constrained")
    figure.suptitle(title, x=0.01, ha="left", fontsize=11)
    figure.supxlabel(note, x=0.01, ha="left", fontsize=7)
    made = [figure.add_subplot(rows, columns, i + 1) for i in range(count)]
    return figure, made


def _dress(panel: Axes, x: Quantity | None, y: Quantity) -> None:
    panel.set_title(y.title, fontsize=9, loc="left")
    panel.grid(visible=True, color="#dddddd", linewidth=0.6)
    panel.set_axisbelow(True)
    for side in ("top", "right"):
        panel.spines[side].set_visible(False)
    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _shown(value, y.kind)))
    if x is not None:
        panel.set_xlabel(x.title)
        panel.xaxis.set_major_locator(MaxNLocator(nbins=6))
        panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _shown(value, x.kind)))


def _shown(value: float, kind: str) -> str:
    if kind == "share":
        return f"{value:.0%}" if abs(value * 100 - round(value * 100)) < 1e-6 else f"{value:.1%}"
    if kind == "dollars":
        return f"${value / 1e6:.3g}M" if abs(value) >= 1e6 else f"${value / 1e3:.3g}k"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def _write(figure: Figure, path: Path) -> None:
    canvas: Any = FigureCanvasSVG(figure)
    canvas.print_svg(path, metadata={"Date": None, "Creator": None})
