"""The report's chart of an average day: calls an hour above, responders on duty and busy beneath."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from coresponse.maps.charts import BLUE, SKY, SOFT, VERMILION, bare, drawing, svg_text

# the text width of both Letter and A4 within the margins of print
WIDTH_IN = 7.6


def hours_chart(
    calls: NDArray[np.float64], on_duty: NDArray[np.float64], busy: NDArray[np.float64]
) -> str:
    """Draw calls, responders on duty and busy ones by hour of the day.

    Parameters
    ----------
    calls, on_duty, busy
        (24,) an hour; NaN is left out.
    """
    hours = np.arange(24)
    with drawing():
        figure = Figure(figsize=(WIDTH_IN, 3.9), layout="constrained")
        above, beneath = figure.subplots(2, 1, sharex=True, height_ratios=(2, 3))
        above.bar(hours + 0.5, np.nan_to_num(calls), width=0.86, color=SKY)
        above.set_ylabel("Calls an hour")
        beneath.stairs(
            on_duty, np.arange(25), color=BLUE, linewidth=2.2, label="responders on duty"
        )
        if np.isfinite(busy).all():
            beneath.stairs(
                busy, np.arange(25), color=VERMILION, fill=True, alpha=0.75, hatch="//",
                edgecolor="white", label="of these on calls",
            )  # fmt: skip
        beneath.set_ylabel("Responders")
        beneath.set_ylim(0, max(1.0, float(on_duty.max())) * 1.25)
        beneath.set_xlim(0, 24)
        beneath.set_xticks(range(0, 25, 3), [f"{h:02d}:00" for h in range(0, 25, 3)])
        beneath.set_xlabel("Hour of the day", color=SOFT)
        for axes in (above, beneath):
            bare(axes, grid="y")
        beneath.legend(loc="upper left", ncols=2, frameon=False, fontsize=9)
        return svg_text(figure)
