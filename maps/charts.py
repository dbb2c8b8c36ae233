"""The look of all charts.

Matplotlib's SVG, the same bytes for the same figures, colors that all eyes tell apart.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

# Okabe and Ito's colors, which people with any color vision tell apart; lines also differ in dash
# and marker
BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK = (
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000",
)  # fmt: skip
INK, SOFT, LINE = "#16202b", "#4a5763", "#d5dbe1"


@contextmanager
def drawing() -> Iterator[None]:
    """Draw with the project's settings, whatever a user's matplotlibrc says."""
    settings: Any = {
        # names come from data: "$" must not begin a formula; ids must not be drawn by chance
        "svg.hashsalt": "coresponse",
        # letters as shapes: a chart looks the same on every machine, and its text is given beside it
        "svg.fonttype": "path",
        "text.parse_math": False,
        "font.size": 10,
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": SOFT,
        "xtick.color": SOFT,
        "ytick.color": INK,
        "hatch.linewidth": 0.5,
    }
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(settings)
        yield


def bare(axes: Axes, *, grid: str = "x") -> None:
    """Leave out what does not carry a figure: frames, ticks; a light grid along one axis stays."""
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0)
    axes.set_axisbelow(True)
    if grid in {"x", "y"}:
        axes.grid(visible=True, axis=grid, color=LINE, linewidth=0.8)  # type: ignore[arg-type]


def svg_text(figure: Figure) -> str:
    """Return a figure as SVG."""
    out = io.StringIO()
    canvas: Any = FigureCanvasSVG(figure)
    with warnings.catch_warnings():
        # a name's letters may be in no font of this machine; its text is given beside the chart
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from", UserWarning)
        canvas.print_svg(out, metadata={"Date": None, "Creator": None})
    return out.getvalue()
