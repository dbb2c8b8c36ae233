"""What no history can tell, and what it makes of a figure: calls that codes hide, growth to the planning year.

Replications step through both: even ones have few hidden calls and odd ones many; of each four the
first two have calls grow by a standard error less than is expected, the others by one more. The
mean over all replications is then that of the whole range, and how far the groups lie apart tells
what each makes of a figure, at no further cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Values = Sequence[float] | NDArray[np.float64]

# Half the distance of Gauss and Legendre's two nodes on a range of length 1: mean and variance are the range's.
HIDDEN_STEP = 12**-0.5

# Replications beyond the effects from which chance is told apart from them.
_ENOUGH = 2


def hidden_at(replication: int) -> float:
    """Return how many of the calls that may be hidden ones a replication has: 0 if few, 1 if many.

    Two values of the mean and variance of all between (Gauss and Legendre's nodes): the mean over
    replications is that of the range, and their difference tells what the range makes of a figure.
    """
    return 0.5 + (HIDDEN_STEP if replication % 2 else -HIDDEN_STEP)


def grows_more(replication: int) -> bool:
    """Whether calls grow by a standard error more than expected in a replication, or by one less."""
    return bool(replication // 2 % 2)


class Parts(NamedTuple):
    """What makes replications of a figure differ.

    Attributes
    ----------
    chance
        Variance of a replication.
    hidden
        Half of what hidden calls between few and many make of the figure.
    growth
        Variance of the figure that growth leaves open.
    """

    chance: float
    hidden: float
    growth: float


@dataclass(frozen=True)
class Unknowns:
    """What replications step through.

    Attributes
    ----------
    hidden
        Whether nobody knows how many calls are hidden ones (:func:`hidden_at`).
    growth
        Whether calls grow to a planning year by a factor with an error (:func:`grows_more`).
    """

    hidden: bool = False
    growth: bool = False

    def __bool__(self) -> bool:
        """Whether there is any."""
        return self.hidden or self.growth

    def parts(self, values: Values) -> Parts:
        """Take a figure's replications apart, by least squares on the steps.

        Parameters
        ----------
        values
            Of the first replications, in order; NaN where one does not have the figure.
        """
        found = np.asarray(values, dtype=np.float64)
        known = np.isfinite(found)
        kept = found[known]
        if len(kept) < 2:
            return Parts(0.0, 0.0, 0.0)
        plain = float(kept.var(ddof=1))
        if not self:
            return Parts(plain, 0.0, 0.0)
        k = np.flatnonzero(known)
        columns = [np.ones(len(k))]
        columns += [np.where(k % 2, 1.0, -1.0)] if self.hidden else []
        columns += [np.where(k // 2 % 2, 1.0, -1.0)] if self.growth else []
        design = np.column_stack(columns)
        effect, _, rank, _ = np.linalg.lstsq(design, kept, rcond=None)
        if rank < design.shape[1]:  # too few replications to tell them apart
            return Parts(plain, 0.0, 0.0)
        degrees = len(kept) - design.shape[1]
        rest = kept - design @ effect
        # too few to tell chance: all that differs is taken for chance as well
        chance = float(rest @ rest) / degrees if degrees >= _ENOUGH else plain
        hidden = abs(float(effect[1])) / (2 * HIDDEN_STEP) if self.hidden else 0.0
        return Parts(chance, hidden, float(effect[-1]) ** 2 if self.growth else 0.0)


NOTHING = Unknowns()
