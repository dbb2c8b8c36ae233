"""How often Python looks for rings of objects that nobody holds any more."""

from __future__ import annotations

import gc

# New objects after which it looks, and how many such looks go by before it looks at older ones.
#
# As Python comes (700, 10, 10) that is a tenth of a plan's time, for rings that hold next to nothing:
# large arrays are let go of by counting. Memory at its most stays the same (measured).
OBJECTS_BETWEEN_LOOKS = (100_000, 20, 20)


def look_seldom() -> None:
    """Look for rings seldom, in this process."""
    gc.set_threshold(*OBJECTS_BETWEEN_LOOKS)
