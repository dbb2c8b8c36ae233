"""Near-best deployments that a search came across, for a later choice by replay.

The model's best is best for the busy shares and prices it was given. Which of several that it can
hardly tell apart serves calls best is for the replay to say.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

# Most deployments handed over, and the share by which they may be worse than the best of them.
#
# The replay tells one percent apart; the model's costs are off by a few, so twice that is let in.
POOLED, NEAR_BEST = 24, 0.05

# Different deployments, (options,) counts, each with its objective; the answer first, then by
# objective.
Pooled = tuple[tuple[NDArray[np.int64], float], ...]


@dataclass
class DeploymentPool:
    """The best so far of all that was offered, each once."""

    found: dict[bytes, tuple[float, NDArray[np.int64]]] = field(default_factory=dict)

    def offer(self, counts: NDArray[np.float64] | NDArray[np.integer], value: float) -> None:
        """Take a deployment that keeps all limits."""
        if not np.isfinite(counts).all():
            return  # a solver's fault, which the search deals with
        whole = np.round(counts).astype(np.int64)
        key = whole.tobytes()
        known = self.found.get(key)
        if np.isfinite(value) and (known is None or value < known[0]):
            self.found[key] = value, whole
        if len(self.found) > 8 * POOLED:
            self.found = dict(sorted(self.found.items(), key=lambda item: item[1][0])[:POOLED])

    def best(self, answer: NDArray[np.int64]) -> Pooled:
        """Return the near-best, the search's own answer first."""
        own = answer.tobytes()
        ordered = sorted(
            self.found.items(), key=lambda item: (item[0] != own, item[1][0], item[0])
        )[:POOLED]
        if not ordered:
            return ()
        least = min(value for _, (value, _) in ordered)
        most = least + NEAR_BEST * abs(least) + 1e-12
        return tuple(
            (counts, value) for key, (value, counts) in ordered if value <= most or key == own
        )
