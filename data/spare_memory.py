"""Memory that nothing uses any more, given back to the system.

What reading tables took and freed is kept by the libraries for their next use: of a large history
that is as much as the history itself, and stays beside all that a plan needs later.
"""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress


def give_back() -> None:
    """Give back what is free; where a library or the system cannot, nothing happens."""
    arrow = sys.modules.get("pyarrow")
    if arrow is not None:
        arrow.default_memory_pool().release_unused()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # not every C library has it
            ctypes.CDLL(None).malloc_trim(0)
