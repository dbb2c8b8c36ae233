"""How much a local search may do.

Counted, not timed, so that a question has one answer on any machine, however busy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class WorkLimit:
    """Work that is left to a local search.

    Attributes
    ----------
    left
        Entries of costs (options times demand columns) that may still be gone through.
    out_of_time
        Says that the whole search has no time left: only then does the clock decide.
    """

    left: float
    out_of_time: Callable[[], bool]

    def take(self, work: float) -> bool:
        """Count work that is about to be done; False if nothing is left for it.

        A first piece is always allowed.
        """
        if self.spent:
            return False
        self.left -= work
        return True

    @property
    def spent(self) -> bool:
        """Whether there is nothing left."""
        return self.left <= 0 or self.out_of_time()
