"""Figures of the program that a person changes on the page.

Each becomes the planner's own, checked as in a program file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic import BaseModel, ValidationError

from coresponse.data.errors import InputError
from coresponse.data.programs.load import assumptions
from coresponse.data.programs.model import Program
from coresponse.data.sourced import SourcedNumber
from coresponse.maps.escape import clean_text

OWN_FIELD = "standards.target_min"
"""The standard has a field of its own among the assumptions."""


def program_with(program: Program, figures: Mapping[str, float]) -> Program:
    """Return the program with some figures changed; they are marked as the planner's.

    Parameters
    ----------
    figures
        Value by key path, as :func:`coresponse.data.programs.load.assumptions` names them.

    Raises
    ------
    InputError
        If there is no such figure, or a value is out of its range.
    """
    if not figures:
        return program
    tree: dict[str, Any] = {}
    for key, value in figures.items():
        *way, last = key.split(".")
        branch = tree
        for part in way:
            branch = branch.setdefault(part, {})
            if not isinstance(branch, dict):
                raise InputError(f"the program has no figure {key!r}")
        branch[last] = value
    try:
        # all at once: shares that add up to 1 can only be changed together
        changed: Program = _changed(program, tree)
    except (AttributeError, KeyError, TypeError) as error:
        raise InputError(f"the program has no figure {', '.join(figures)[:200]!r}") from error
    except ValidationError as error:
        said = "; ".join(
            str(fault["msg"]).removeprefix("Value error, ") for fault in error.errors()[:3]
        )
        raise InputError(f"the program's figures do not fit together: {said}") from error
    return changed


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


def _changed(item: Any, tree: Any) -> Any:
    """Return an item with figures changed; each model on the way to them checks itself again."""
    if isinstance(item, SourcedNumber):
        value = float(tree)
        return SourcedNumber(
            value=value,
            mark="planner",
            note=f"entered on the what-if page; the program's: {item.value:g}",
        )
    if not isinstance(tree, dict):
        raise TypeError
    if isinstance(item, dict):
        return {**item, **{name: _changed(item[name], part) for name, part in tree.items()}}
    if not isinstance(item, BaseModel):
        raise TypeError
    kind = type(item)
    given = {field.alias or name: getattr(item, name) for name, field in kind.model_fields.items()}
    for name, part in tree.items():
        given[kind.model_fields[name].alias or name] = _changed(getattr(item, name), part)
    return kind(**given)
