"""Figures of the program that a person may change on the page, see :mod:`coresponse.data.programs.changed`."""

from __future__ import annotations

from typing import Any

import numpy as np

from coresponse.data.programs.load import assumptions
from coresponse.data.programs.model import Program
from coresponse.maps.escape import clean_text

# The standard has a field of its own among the assumptions.
OWN_FIELD = "standards.target_min"


def figures_shown(program: Program) -> list[dict[str, Any]]:
    """List the program's figures as the page offers them."""
    frame = assumptions(program)
    rows = []
    for row in frame[frame["figure"] != OWN_FIELD].to_dict(orient="records"):
        ends = [float(row[end]) if np.isfinite(row[end]) else None for end in ("low", "high")]
        group, _, words = str(row["figure"]).partition(".")
        year = "" if str(row["year"]) == "<NA>" else f", {row['year']}"
        rows.append(
            {
                "key": str(row["figure"]),
                "group": clean_text(group.replace("_", " ")),
                "title": clean_text(_title(program, str(row["figure"]), words or group)),
                "value": float(row["value"]),
                "low": ends[0],
                "high": ends[1],
                "mark": str(row["mark"]),
                "source": clean_text(
                    f"{row['source']}{year}" if row["source"] else str(row["note"])
                ),
            }
        )
    return rows


def figure_titles(program: Program) -> dict[str, tuple[str, float]]:
    """Return the title and the value of each figure, by key path."""
    return {row["key"]: (row["title"], row["value"]) for row in figures_shown(program)}


def _title(program: Program, key: str, words: str) -> str:
    """Say a key path in words: ``Officer: cost per hour``."""
    parts = key.split(".")
    titles: dict[str, dict[str, str]] = {
        "crew_roles": {name: role.title for name, role in program.crew_roles.items()},
        "responder_types": {name: kind.title for name, kind in program.responder_types.items()},
    }
    titled = titles.get(parts[0], {})
    if len(parts) > 2 and parts[1] in titled:
        return f"{titled[parts[1]]}: {' '.join(parts[2:]).replace('_', ' ')}"
    return ": ".join(words.replace("_", " ").split("."))
