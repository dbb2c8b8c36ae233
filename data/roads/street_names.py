"""Names of streets, as maps write them along the line."""

from __future__ import annotations

import ast
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

# Characters: what is longer is a remark, and would not fit along a street.
LONGEST = 60


def street_name(name: object, ref: object = None) -> str:
    """Return a street's name; its number, such as ``I 83``, where it has none; else ''.

    Of several names, as OSMnx keeps them where it joined ways, the first counts: a list, or in
    GraphML a list's text.
    """
    for value in (name, ref):
        text = _first(value)
        if text and len(text) <= LONGEST:
            return text
    return ""


def _first(value: object) -> str:
    if isinstance(value, str) and value.startswith("[") and len(value) < 20 * LONGEST:
        try:
            value = ast.literal_eval(value)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return ""
    if isinstance(value, list | tuple):
        value = value[0] if value else ""
    if not isinstance(value, str):
        return ""
    return " ".join(value.partition(";")[0].split())


def numbered_names(
    names: NDArray[np.object_] | None, kept: NDArray[np.bool_]
) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """Return the kept edges' names as positions, and the names; both empty where none is named."""
    found: Iterable[str] = () if names is None else set(names[kept].tolist()) - {""}
    distinct = ("", *sorted(found))
    if names is None or len(distinct) == 1:
        return np.empty(0, dtype=np.int32), ()
    position = {name: i for i, name in enumerate(distinct)}
    return np.array([position[name] for name in names[kept]], dtype=np.int32), distinct
