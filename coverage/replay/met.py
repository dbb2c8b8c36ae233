"""Which calls were met in each replay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.measures import lower_quantiles
from coresponse.coverage.replay.record import ReplayRun
from coresponse.data.hours import HOURS_A_WEEK, Period, WeekHours
from coresponse.data.standards import Target, target_of


@dataclass(frozen=True, eq=False)
class CallsMet:
    """The calls of all replications of one deployment, one after the other.

    Attributes
    ----------
    node, district
        (n,) int32 crossing; position of the district, -1 outside all.
    hour
        (n,) uint8 hour of the week in which it came.
    replication
        (n,) int16, from 0.
    response_s
        (n,) float32 seconds to contact, NaN where nobody came.
    in_time
        (n,) bool: contact within the standard.
    post
        (n,) int32 position in `post_ids` of who was sent, -1 where nobody was.
    fallback_s
        What a call counts at most, and if nobody comes.
    replications
        Their number.
    """

    node: NDArray[np.int32]
    district: NDArray[np.int32]
    hour: NDArray[np.uint8]
    replication: NDArray[np.int16]
    response_s: NDArray[np.float32]
    in_time: NDArray[np.bool_]
    post: NDArray[np.int32]
    post_ids: tuple[str, ...]
    fallback_s: float
    replications: int

    @classmethod
    def of(cls, runs: Sequence[ReplayRun], *, target_s: Target, fallback_s: float) -> Self:
        """Keep what became of each call of some replications of one deployment."""
        post_ids = tuple(sorted({option.post_id for option in runs[0].fleet.options}))
        place = {post_id: i for i, post_id in enumerate(post_ids)}
        # the last: nobody was sent
        of_server = np.array([*(place[o.post_id] for o in runs[0].fleet.options), -1], np.int32)
        response = [run.response_s() for run in runs]
        calls = [run.scenario.calls for run in runs]
        hours = [c.received_s // 3600 % HOURS_A_WEEK for c in calls]
        return cls(
            node=np.concatenate([c.node for c in calls]),
            district=np.concatenate([c.district for c in calls]),
            hour=np.concatenate(hours).astype(np.uint8),
            replication=np.repeat(np.arange(len(runs), dtype=np.int16), [c.n for c in calls]),
            response_s=np.concatenate(response).astype(np.float32),
            in_time=np.concatenate(
                [
                    one <= target_of(target_s, c.district, c.call_class, c.class_names)
                    for one, c in zip(response, calls, strict=True)
                ]
            ),
            post=np.concatenate([of_server[run.record.server] for run in runs]),
            post_ids=post_ids,
            fallback_s=fallback_s,
            replications=len(runs),
        )

    @property
    def wait_s(self) -> NDArray[np.float64]:
        """(n,) seconds of waiting; a call that nobody comes to, or later than the fallback, counts as that."""
        capped = np.minimum(self.response_s, self.fallback_s)
        return np.nan_to_num(capped, nan=self.fallback_s).astype(np.float64)

    def unanswered(self) -> Self:
        """Return the same calls as they are where nobody is on duty."""
        nobody = np.full(len(self.node), -1, dtype=np.int32)
        never = np.full(len(self.node), np.nan, dtype=np.float32)
        return replace(self, response_s=never, in_time=np.zeros(len(never), bool), post=nobody)

    def during(self, hours: WeekHours) -> Self:
        """Return the calls of some hours of the week."""
        inside = hours.mask()[self.hour]
        return replace(
            self,
            node=self.node[inside],
            district=self.district[inside],
            hour=self.hour[inside],
            replication=self.replication[inside],
            response_s=self.response_s[inside],
            in_time=self.in_time[inside],
            post=self.post[inside],
        )

    def figures(
        self, group: NDArray[np.integer], n: int, *, quantiles: bool = False
    ) -> pd.DataFrame:
        """Return the figures of `n` groups of calls, all replications together.

        Parameters
        ----------
        group
            (calls,) position of each one's group, -1 for none.
        quantiles
            Whether median and 90% are worked out too.

        Returns
        -------
        pandas.DataFrame
            (n,) `calls` (replayed); `share_reached`, `share_in_time`, `mean_with_fallback_s`, NaN
            without calls; `mean_s`, and if asked for `median_s` and `p90_s`, of reached calls.
        """
        inside = group >= 0
        group, response = group[inside], self.response_s[inside].astype(np.float64)
        there = np.isfinite(response)
        calls, reached, in_time, spent, waited = (
            np.bincount(of, weights=weights, minlength=n)
            for of, weights in (
                (group, None),
                (group[there], None),
                (group[self.in_time[inside]], None),
                (group[there], response[there]),
                (group, self.wait_s[inside]),
            )
        )
        with np.errstate(invalid="ignore"):
            out = pd.DataFrame(
                {
                    "calls": calls,
                    "share_reached": reached / calls,
                    "share_in_time": in_time / calls,
                    "mean_s": spent / reached,
                    "mean_with_fallback_s": waited / calls,
                }
            )
        if quantiles:
            out[["median_s", "p90_s"]] = _quantiles(group[there], response[there], n)
        return out

    def by_period(self, periods: Sequence[Period]) -> pd.DataFrame:
        """Return the figures of periods that cover the week once; index: their names."""
        of_hour = np.empty(HOURS_A_WEEK, dtype=np.int64)
        for i, period in enumerate(periods):
            of_hour[list(period.hours.hours)] = i
        table = self.figures(of_hour[self.hour], len(periods), quantiles=True)
        return table.set_axis(pd.Index([period.name for period in periods]), axis="index")

    def main_posts(self, group: NDArray[np.integer], n: int) -> list[str]:
        """Return for each of `n` groups the post whose responders are sent to most of its calls; '' if none is."""
        sent = (group >= 0) & (self.post >= 0)
        many = len(self.post_ids)
        if not many:
            return [""] * n
        key = group[sent].astype(np.int64) * many + self.post[sent]
        counts = np.bincount(key, minlength=n * many).reshape(n, many)
        best = counts.argmax(axis=1)
        return [self.post_ids[b] if counts[i, b] else "" for i, b in enumerate(best.tolist())]


def _quantiles(
    group: NDArray[np.integer], response_s: NDArray[np.float64], n: int
) -> NDArray[np.float64]:
    order = np.argsort(group, kind="stable")
    bounds = np.searchsorted(group[order], np.arange(n + 1))
    out = np.full((n, 2), np.nan)
    for i in range(n):
        own = response_s[order[bounds[i] : bounds[i + 1]]]
        if len(own):
            out[i] = lower_quantiles(own, (0.5, 0.9))
    return out
