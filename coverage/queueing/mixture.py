"""The response time of calls that different units answer.

A mixture, never an average of averages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Mixture:
    """Response times of (station, row) pairs, some after an exponential wait.

    Attributes
    ----------
    time_s
        (n,) seconds from the call's start to arrival if it need not wait.
    weight
        (n,) calls an hour, > 0.
    waited
        (n,) share of these that waited first (0..1).
    wait_rate_per_s
        (n,) their wait is exponential with this rate.
    """

    time_s: NDArray[np.float64]
    weight: NDArray[np.float64]
    waited: NDArray[np.float64]
    wait_rate_per_s: NDArray[np.float64]

    @property
    def total(self) -> float:
        """Calls an hour that are answered."""
        return float(self.weight.sum())

    @cached_property
    def _waits(self) -> bool:
        return bool((self.waited > 0).any())

    def mean_s(self) -> float:
        """Mean response, NaN if nothing is answered."""
        return self.mean_of(self.means_s())

    def share_within(self, limit_s: float | NDArray[np.float64]) -> float:
        """Share of answered calls reached within this time, or each within its own."""
        return self.mean_of(self.shares_within(limit_s))

    def mean_of(self, of_pairs: NDArray[np.float64]) -> float:
        """Mean over answered calls of a figure of their pairs, NaN if nothing is answered."""
        return float(self.weight @ of_pairs) / self.total if len(self.weight) else float("nan")

    def means_s(self) -> NDArray[np.float64]:
        """(n,) mean response of each pair."""
        if not self._waits:
            return self.time_s
        wait = np.divide(
            self.waited, self.wait_rate_per_s, out=np.zeros_like(self.waited), where=self.waited > 0
        )
        return np.asarray(self.time_s + wait)

    def means_at_most_s(self, cap_s: float) -> NDArray[np.float64]:
        """(n,) mean of the lesser of each pair's response and a cap.

        With an exponential wait W of rate r, the mean of min(W, c) is (1 - exp(-r c)) / r.
        """
        if not self._waits:
            return np.minimum(self.time_s, cap_s)
        left = np.maximum(cap_s - self.time_s, 0.0)
        wait = np.zeros_like(left)
        some = self.waited > 0
        with np.errstate(under="ignore"):
            wait[some] = (
                -np.expm1(-self.wait_rate_per_s[some] * left[some]) / self.wait_rate_per_s[some]
            )
        return np.asarray(np.minimum(self.time_s, cap_s) + self.waited * wait)

    def shares_within(self, limit_s: float | NDArray[np.float64]) -> NDArray[np.float64]:
        """(n,) share of each pair's calls reached within this time, or each within its own."""
        if not self._waits:
            return (self.time_s <= limit_s).astype(np.float64)
        left = limit_s - self.time_s
        with np.errstate(under="ignore"):
            sooner = 1 - self.waited * np.exp(-self.wait_rate_per_s * np.maximum(left, 0))
        return np.where(left >= 0, sooner, 0.0)

    def quantile_s(self, share: float) -> float:
        """Return the least time within which this share of answered calls is reached.

        F(t) = share on the mixture.
        """
        order = np.argsort(self.time_s, kind="stable")
        return self.quantiles_s((share,), self.time_s[order], self.weight[order])[0]

    def quantiles_s(
        self, shares: Sequence[float], times: NDArray[np.float64], weight: NDArray[np.float64]
    ) -> list[float]:
        """Return the same for several shares, of pairs that were put in order of time before.

        Parameters
        ----------
        times, weight
            (n,) the mixture's own, from the soonest on.
        """
        if not len(times):
            return [float("nan")] * len(shares)
        if not self._waits:
            reached = np.cumsum(weight)
            # a hair less than the share: sums in another order must not move the quantile
            at = np.searchsorted(reached, np.array(shares) * reached[-1] * (1 - 1e-12))
            return [float(times[min(int(k), len(times) - 1)]) for k in at]
        return [self._waited_s(share, float(times[0]), float(times[-1]) + 1.0) for share in shares]

    def _waited_s(self, share: float, low: float, high: float) -> float:
        while self.share_within(high) < share:
            high *= 2
        if self.share_within(low) >= share:
            return low
        from scipy.optimize import brentq  # noqa: PLC0415 - takes 0.1 s, and few mixtures need it

        found = brentq(lambda t: self.share_within(t) - share, low, high, xtol=1e-6)
        return float(found)
