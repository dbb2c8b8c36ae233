"""Compiled functions that Python cannot call say so, and compiled ones can."""

from __future__ import annotations

import pytest

from coresponse.data.compiled import compiled, compiled_lean_part


@compiled_lean_part
def _tripled(value: float) -> float:
    return 3 * value


@compiled
def _four(value: float) -> float:
    return _tripled(value) + 1


def test_a_part_is_for_compiled_functions_alone() -> None:
    for _ in range(2):  # before it was compiled for such a number, and after
        with pytest.raises(TypeError, match="part of compiled functions"):
            _tripled(1.0)
        assert _four(1.0) == 4.0
