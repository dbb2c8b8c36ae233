"""How often Python looks for rings of objects that nobody holds any more."""

from __future__ import annotations

import gc
from collections.abc import Mapping

# New objects after which it looks, and how many such looks go by before it looks at older ones.
#
# As Python comes (700, 10, 10) that is a tenth of a plan's time, for rings that hold next to nothing:
# large arrays are let go of by counting (tests/optimize/test_no_rings.py).
OBJECTS_BETWEEN_LOOKS = (100_000, 20, 20)

# New objects before the first look: two thousand modules with their functions and classes make
# 1.8 million, which all stay. To look through them 18 times was a tenth of a second of each start.
OBJECTS_OF_A_START = 2_500_000


def look_seldom() -> None:
    """Look for rings seldom in this process, the first time when all modules are there."""
    gc.set_threshold(OBJECTS_OF_A_START, *OBJECTS_BETWEEN_LOOKS[1:])
    if _started not in gc.callbacks:
        gc.callbacks.append(_started)


def _started(phase: str, info: Mapping[str, int]) -> None:
    del info
    if phase == "stop":
        gc.set_threshold(*OBJECTS_BETWEEN_LOOKS)
        gc.callbacks.remove(_started)
