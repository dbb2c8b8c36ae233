"""Programs from the presets that ship, or from a planner's own ``program.toml``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel

from coresponse.data.errors import InputError, MissingInputError
from coresponse.data.programs.model import Program
from coresponse.data.sourced import SourcedNumber
from coresponse.data.toml import check_model, read_toml

_PRESETS = Path(__file__).resolve().parents[1] / "presets"
_FIGURE_KEYS = {"value"}


def preset_names() -> tuple[str, ...]:
    """Return the presets that ship, sorted."""
    return tuple(
        sorted(path.stem for path in _PRESETS.glob("*.toml") if not path.stem.startswith("_"))
    )


def load_program(name_or_path: str | Path) -> Program:
    """Load a preset by name, or a program file.

    A file may say ``extends = "b-heard"`` (a preset) and state only what differs: tables are merged
    key by key, a figure or a list replaces the preset's.

    Raises
    ------
    MissingInputError
        If it is neither a preset nor a file.
    InputError
        With every fault of the file.
    """
    if isinstance(name_or_path, str) and name_or_path in preset_names():
        path = _PRESETS / f"{name_or_path}.toml"
        subject = f"preset {name_or_path}"
    else:
        path = Path(name_or_path)
        subject = str(path)
        if not path.is_file():
            raise MissingInputError(
                f"program {str(name_or_path)!r} is neither a file nor a preset; presets: "
                f"{', '.join(preset_names())}"
            )
    return check_model(_extended(read_toml(path), subject), Program, subject=subject)


def _extended(content: dict[str, Any], subject: str) -> dict[str, Any]:
    base = content.pop("extends", None)
    if base is None:
        return content
    if not isinstance(base, str) or base not in {*preset_names(), "_common"}:
        raise InputError(
            f"{subject}: extends = {base!r}, which is not a preset; there are: "
            f"{', '.join(preset_names())}"
        )
    parent = _extended(read_toml(_PRESETS / f"{base}.toml"), f"preset {base}")
    return _merged(parent, content)


def _merged(base: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    out = dict(base)
    for key, value in change.items():
        old = out.get(key)
        both = isinstance(old, dict) and isinstance(value, dict)
        out[key] = _merged(old, value) if both and not _FIGURE_KEYS & value.keys() else value  # type: ignore[arg-type]
    return out


def assumptions(program: Program) -> pd.DataFrame:
    """List every figure of a program with its evidence.

    Returns
    -------
    pandas.DataFrame
        `figure` (key path), `value`, `low`, `high`, `mark`, `source`, `year`, `note`; in the order
        of the file.
    """
    rows = [
        {
            "figure": key,
            **figure.model_dump(include={"value", "low", "high", "mark", "source", "year", "note"}),
        }
        for key, figure in _figures(program, "")
    ]
    columns = ["figure", "value", "low", "high", "mark", "source", "year", "note"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype({"low": "float64", "high": "float64", "year": "Int64"})


def _figures(item: object, key: str) -> Iterator[tuple[str, SourcedNumber]]:
    if isinstance(item, SourcedNumber):
        yield key, item
    elif isinstance(item, BaseModel):
        for name in type(item).model_fields:
            yield from _figures(getattr(item, name), f"{key}.{name}" if key else name)
    elif isinstance(item, dict):
        for name, value in item.items():
            yield from _figures(value, f"{key}.{name}")
