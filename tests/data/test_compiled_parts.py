"""Compiled functions that Python cannot call say so, and compiled ones can."""

from __future__ import annotations

import pytest

from coresponse.data.compiled import compiled, compiled_lean_part, compiled_part


@compiled_part
def _doubled(value: float) -> float:
    return 2 * value


@compiled_lean_part
def _tripled(value: float) -> float:
    return 3 * value


@compiled
def _both(value: float) -> float:
    return _doubled(value) + _tripled(value)


def test_a_part_is_for_compiled_functions_alone() -> None:
    for _ in range(2):  # before it was compiled for such a number, and after
        for part in (_doubled, _tripled):
            with pytest.raises(TypeError, match="part of compiled functions"):
                part(1.0)
        assert _both(1.0) == 5.0
