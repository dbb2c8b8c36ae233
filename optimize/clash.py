"""Limits that cannot be kept together, and what would make way."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

# What a change of what calls get is rounded up to multiples of, as of 11 calls: finer, it would be a
# share of few calls, or one call's own time.
COARSE = {"percentage points": 10.0, "minutes": 6.0}


@dataclass(frozen=True)
class GiveWay:
    """One limit of a clash, and the least change of it alone that would end the clash.

    Attributes
    ----------
    limit
        Its name.
    by
        How much its bound has to move; None if no change of it alone helps.
    unit
        Of `by`.
    least
        Whether no smaller change is enough; False if time ran out on that.
    of_calls, may_be_shown
        Whether it follows from what calls get, and whether there are enough of these to tell.
    """

    limit: str
    by: float | None
    unit: str
    least: bool = True
    of_calls: bool = False
    may_be_shown: bool = True

    @property
    def words(self) -> str:
        """Say by how much it would have to give way.

        What calls get is told no finer than of the fewest calls that are shown at all: 24.27 points
        short of 97% were 8 of 11 calls.
        """
        if self.by is None:
            return "relaxing it alone is not enough"
        if not self.may_be_shown:
            return "would have to give way (too few calls to show by how much)"
        step = COARSE.get(self.unit) if self.of_calls else None
        if step is not None:
            by = ceil(self.by / step - 1e-6) * step
            return f"would have to give way by at most {by:,.0f} {self.unit}"
        most = "" if self.least else "at most "
        return f"would have to give way by {most}{self.by:,.2f} {self.unit}"


@dataclass(frozen=True)
class Clash:
    """A smallest set of limits that cannot be kept together.

    Any of them taken away, the others can.

    Attributes
    ----------
    limits
        Empty if all can be kept.
    smallest
        Whether it is proven that none can be left out; False if time ran out on that.
    """

    limits: tuple[GiveWay, ...]
    smallest: bool = True

    def lines(self) -> list[str]:
        """Say it for people."""
        return [f"{item.limit}: {item.words}" for item in self.limits]
