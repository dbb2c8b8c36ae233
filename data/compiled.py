"""Numba's compiler behind one typed decorator, so that kernels stay type-checked.

Numba imports a module named ``coverage`` if it finds one and takes it for coverage.py. With the
repository's root on the path and coverage.py not installed it would find our room of that name: so
it is hidden while numba is imported.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])


def _import_numba() -> ModuleType:
    spec = importlib.util.find_spec("coverage") if "coverage" not in sys.modules else None
    is_our_room = (
        spec is not None and spec.origin is None
    )  # a folder without __init__.py; coverage.py has a file
    if not is_our_room:
        return importlib.import_module("numba")
    modules = cast("dict[str, ModuleType | None]", sys.modules)
    modules["coverage"] = None  # importing it now raises ImportError, which numba expects
    try:
        return importlib.import_module("numba")
    finally:
        del modules["coverage"]


_numba = _import_numba()


def compiled(function: F) -> F:
    """Compile `function` to machine code on its first call.

    The result is kept on disk between runs.
    """
    return cast("F", _numba.njit(cache=True, nogil=True)(function))


def compiled_lean(function: F) -> F:
    """Compile a function that makes no arrays and hands on many.

    Nobody counts references to them meanwhile.

    Counting is one locked step in memory for each array, each time that one is handed on: half of
    the time of a loop whose functions take tuples of small arrays. The caller holds the arrays
    until the outermost such function is back.
    """
    return cast("F", _numba.njit(cache=True, nogil=True, _nrt=False)(function))
