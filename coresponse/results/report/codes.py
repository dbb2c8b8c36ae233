"""What an agency's codes say, and what they hide: a table of the report and of the terminal."""

from __future__ import annotations

import numpy as np

from coresponse.data.programs.model import Program
from coresponse.maps.report.content import ReportTable
from coresponse.publish.facts import HistoryPublication

TITLE = "What your codes say, what they hide"
HEADS = ("Code", "Calls", "Call class", "Says", "Share that is of the class")


def codes_rows(history: HistoryPublication, program: Program) -> tuple[tuple[str, ...], ...]:
    """Return a row a code and class that some of its calls are of."""
    titles = {name: kind.title for name, kind in program.call_classes.items()}
    return tuple(
        (
            str(row["nature"]) or "(blank)",
            str(row["calls_band"]),
            titles.get(str(row["call_class"]), "none"),
            str(row["says"]),
            _share(row["share_low"], row["share_high"]),
        )
        for _, row in history.codes.iterrows()
    )


def codes_table(history: HistoryPublication, program: Program) -> tuple[ReportTable, ...]:
    """Return the table; none where no code is said to hide calls."""
    rows = codes_rows(history, program)
    note = (
        "Shares are the planner's, as ranges, or those of calls that were noted so. Demand is "
        "planned with the middle of each; bands hold whatever the share is within its range."
    )
    return (ReportTable(TITLE, HEADS, rows, (1, 4), note),) if rows else ()


def _share(low: float, high: float) -> str:
    if np.isnan(low):  # nobody has said what a code hides that no class takes
        return "not known"
    ends = [f"{end:.0%}" for end in (low, high)]
    if ends[0] == ends[1]:
        return ends[0] if ends[0] != "0%" or high == 0 else "under 1%"
    return " to ".join(ends)
