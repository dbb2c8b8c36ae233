"""What becomes of each agency's calls in a replay, and whose units answer them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from coresponse.coverage.replay.bands import CONFIDENCE
from coresponse.coverage.replay.quick import QuickReplay
from coresponse.coverage.replay.replication import Replication
from coresponse.data.standards import Target, target_of


@dataclass(frozen=True, eq=False)
class AgencyCalls:
    """Calls of agencies, replication by replication, in one deployment.

    Attributes
    ----------
    calls, reached, in_time, spent_s, wait_s
        (replications, 1 + agencies) of all calls and of each agency's: how many; how many are
        reached, and within the standard; seconds to contact of those reached, in all; seconds of
        waiting, a call that nobody comes to counting as the fallback.
    answered
        (replications, agencies, agencies) calls of the second that units of the first answer.
    by_option
        (replications, options) calls that responders of each option are sent to, a week.
    weeks
        (replications,) their length.
    """

    calls: NDArray[np.float64]
    reached: NDArray[np.float64]
    in_time: NDArray[np.float64]
    spent_s: NDArray[np.float64]
    wait_s: NDArray[np.float64]
    answered: NDArray[np.float64]
    by_option: NDArray[np.float64]
    weeks: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        quick: QuickReplay,
        scenes: Sequence[Replication],
        counts: NDArray[np.integer],
        *,
        whose: NDArray[np.integer],
        option_agency: NDArray[np.integer],
        target_s: Target,
        fallback_s: float,
        class_names: Sequence[str],
    ) -> Self:
        """Replay a deployment.

        Parameters
        ----------
        counts
            (options,) responders of each option.
        whose
            (network places,) position of the agency of each place that has calls.
        option_agency
            (options,) that of each option's post.
        """
        n = int(max(option_agency.max(initial=0), whose.max(initial=0))) + 1
        sums: dict[str, list[NDArray[np.float64]]] = {}
        for scene in scenes:
            done = quick.replay(scene, counts)
            agency = whose[scene.node]
            within = target_of(target_s, scene.district, scene.call_class, class_names)
            there = np.isfinite(done.wait_s)
            pair = option_agency[done.option[there]] * n + agency[there]
            found = {
                "calls": np.ones(len(agency)),
                "reached": there.astype(np.float64),
                "in_time": (done.wait_s <= within).astype(np.float64),
                "spent_s": np.where(there, done.wait_s, 0.0),
                "wait_s": np.minimum(done.wait_s, fallback_s),
            }
            for key, value in found.items():
                own = np.bincount(agency, weights=value, minlength=n)
                sums.setdefault(key, []).append(np.append(value.sum(), own))
            sums.setdefault("answered", []).append(
                np.bincount(pair, minlength=n * n).reshape(n, n).astype(np.float64)
            )
            sums.setdefault("by_option", []).append(done.calls / scene.weeks)
        weeks = np.array([scene.weeks for scene in scenes])
        return cls(**{key: np.stack(rows) for key, rows in sums.items()}, weeks=weeks)

    def table(self, names: Sequence[str]) -> pd.DataFrame:
        """Return figures as means over replications, as all figures of a replay are; index ``all`` and the agencies' names.

        `calls_per_week`, `reached_per_week`; `share_reached`, `share_in_time`,
        `mean_with_fallback_s`; `mean_s` of reached calls; NaN without calls.
        """
        weeks = self.weeks[:, None]
        return pd.DataFrame(
            {
                "calls_per_week": _mean(self.calls, weeks),
                "reached_per_week": _mean(self.reached, weeks),
                "share_reached": _mean(self.reached, self.calls),
                "share_in_time": _mean(self.in_time, self.calls),
                "mean_s": _mean(self.spent_s, self.reached),
                "mean_with_fallback_s": _mean(self.wait_s, self.calls),
            },
            index=pd.Index(["all", *names]),
        )

    def lent(self, names: Sequence[str]) -> pd.DataFrame:
        """Return calls a week that units of the agency of a row answer for that of a column."""
        a_week = self.answered.sum(axis=0) / self.weeks.sum()
        return pd.DataFrame(a_week, index=pd.Index(names), columns=pd.Index(names))

    def above(self, other: AgencyCalls, key: str) -> pd.DataFrame:
        """Return by how much a figure is higher than under another deployment that met the same calls.

        The mean over replications of the difference in each, as the figures are means over replications; its
        error is Student's, at 1 - 0.05 / n for n agencies, so that the bands of all hold together (Bonferroni).

        Parameters
        ----------
        key
            ``mean_with_fallback_s`` or ``share_in_time``.

        Returns
        -------
        pandas.DataFrame
            (1 + agencies,) `mean`, `low`, `high`; NaN without calls.

        Raises
        ------
        ValueError
            If the two did not meet the same calls.
        """
        if not np.array_equal(self.calls, other.calls):
            raise ValueError("the two deployments did not meet the same calls")
        mine, theirs = (
            (one.wait_s if key == "mean_with_fallback_s" else one.in_time) for one in (self, other)
        )
        known = self.calls > 0
        apart = np.divide(mine - theirs, self.calls, out=np.zeros_like(mine), where=known)
        mean, k = _mean(mine - theirs, self.calls), known.sum(axis=0)
        n = self.calls.shape[1]
        quantile = stdtrit(np.maximum(k - 1, 1), 1 - (1 - CONFIDENCE) / max(n - 1, 1) / 2)
        spread = (np.where(known, apart - mean, 0.0) ** 2).sum(axis=0)
        half = quantile * np.sqrt(spread / np.maximum(k - 1, 1) / np.maximum(k, 1))
        return pd.DataFrame({"mean": mean, "low": mean - half, "high": mean + half})


def _mean(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean over replications of a ratio, those without calls left out; NaN where all are."""
    known = below > 0
    ratio = np.divide(above, below, out=np.zeros_like(above), where=known)
    count = np.broadcast_to(known, above.shape).sum(axis=0)
    return np.where(count > 0, ratio.sum(axis=0) / np.maximum(count, 1), np.nan)
