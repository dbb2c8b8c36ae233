"""Split a cost between agencies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def shares_of(amounts: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return (agencies,) each one's part of what they have together; None where that is nothing, or not known."""
    total = float(amounts.sum())
    return amounts / total if np.isfinite(total) and total > 0 else None


def no_more_than_alone(
    charges: NDArray[np.float64], alone: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    """Change a split as little as can be so that no agency pays more than alone.

    Who pays more pays what it paid alone; what is left over then is borne by the others in
    proportion to what they still save, so that none of them comes to pay more than alone either.

    Parameters
    ----------
    charges, alone
        (agencies,) dollars by the split; dollars of each one alone.

    Returns
    -------
    numpy.ndarray or None
        (agencies,) dollars, adding up to the same; None where all together costs more than all
        alone, and no split can do it.
    """
    saved = alone - charges
    if float(saved.sum()) < -1e-6:
        return None
    over = np.maximum(-saved, 0.0)
    room = np.maximum(saved, 0.0)
    if not room.sum() > 0:
        return charges.copy()
    return np.asarray(charges - over + room * (over.sum() / room.sum()))
