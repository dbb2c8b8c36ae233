"""Numba's compiler behind one typed decorator, so that kernels stay type-checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile `function` to machine code on its first call; the result is kept on disk between runs."""
    return cast("F", numba.njit(cache=True, nogil=True)(function))
