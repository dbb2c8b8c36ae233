"""The placement problem.

Options with counts, linear limits, and how long each demand column waits for each option.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from coresponse.data.errors import InputError


@dataclass(frozen=True, eq=False)
class Limit:
    """A linear limit: at_least <= coefficients . counts <= at_most.

    Attributes
    ----------
    name
        For people, such as ``co_responder_unit: at most 6``.
    coefficients
        (options,) float64.
    at_least, at_most
        Bounds; None where there is none.
    unit
        Of the bounds, for people.
    """

    name: str
    coefficients: NDArray[np.float64]
    at_least: float | None = None
    at_most: float | None = None
    unit: str = "responders"

    def holds(self, counts: NDArray[np.integer], tolerance: float = 1e-6) -> bool:
        """Whether a deployment keeps the limit."""
        used = float(self.coefficients @ counts)
        slack = tolerance * max(1.0, abs(used))
        return (self.at_most is None or used <= self.at_most + slack) and (
            self.at_least is None or used >= self.at_least - slack
        )


@dataclass(frozen=True, eq=False)
class Problem:
    """Choose counts of options within limits so that calls wait as little as possible.

    Attributes
    ----------
    response_s
        (options, columns) float32 seconds; inf where an option cannot serve a column.
    weight
        (columns,) float64 > 0: calls a week, times the weight of their class.
    fallback_s
        What a call counts as waiting if nobody comes; no response waits longer than this in the
        objective.
    option_type
        (options,) int, position in `type_names`.
    option_names
        (options,) for people.
    type_names
        Responder types.
    busy_share
        (types,) in [0, 1): 0 means that a responder of the type is always free; all NaN where
        `busy_by_period` says it.
    most
        (options,) int, most responders of an option.
    limits
        Over all options.
    today
        (options,) responders in place today, for `moves_at_most`.
    moves_at_most
        At most so many of today's responders are moved or removed.
    police_share
        (options,) in [0, 1]: share of the calls that a responder is sent to which are not handled
        without police; None where nobody asks for it.
    column_period, busy_by_period
        (columns,) a column's period and (periods, types) busy shares in [0, 1), where these differ
        from one period to another.
    """

    response_s: NDArray[np.float32]
    weight: NDArray[np.float64]
    fallback_s: float
    option_type: NDArray[np.int64]
    option_names: tuple[str, ...]
    type_names: tuple[str, ...]
    busy_share: NDArray[np.float64]
    most: NDArray[np.int64]
    limits: tuple[Limit, ...] = field(default=())
    today: NDArray[np.int64] | None = None
    moves_at_most: int | None = None
    column_period: NDArray[np.int64] | None = None
    busy_by_period: NDArray[np.float64] | None = None
    police_share: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        m, n = self.response_s.shape
        shapes = [
            ("weight", self.weight.shape == (n,)),
            ("option_type", self.option_type.shape == (m,)),
            ("option_names", len(self.option_names) == m),
            ("most", self.most.shape == (m,)),
            ("busy_share", self.busy_share.shape == (len(self.type_names),)),
            ("police_share", self.police_share is None or self.police_share.shape == (m,)),
            ("limits", all(limit.coefficients.shape == (m,) for limit in self.limits)),
        ]
        wrong = [name for name, right in shapes if not right]
        if wrong:
            raise InputError(
                f"placement problem of {m} options and {n} columns: wrong shape of "
                f"{', '.join(wrong)}"
            )
        if not (np.isfinite(self.weight).all() and (self.weight > 0).all()):
            raise InputError("placement problem: weights must be above 0")
        # the least of times with one that is no number is none either: nothing as large is made
        if not float(self.response_s.min(initial=0)) >= 0:
            raise InputError("placement problem: response times must be 0 or more, or inf")
        self._check_busy_shares()
        police = self.police_share
        if police is not None and not ((police >= 0) & (police <= 1)).all():
            raise InputError("placement problem: police shares must be in [0, 1]")
        if not (np.isfinite(self.fallback_s) and self.fallback_s > 0):
            raise InputError("placement problem: the fallback must be a time above 0")
        if self.moves_at_most is not None and (self.today is None or self.today.shape != (m,)):
            raise InputError("placement problem: moves_at_most needs today's counts")
        if (self.most < 0).any():
            raise InputError("placement problem: the most of an option must be 0 or more")

    def _check_busy_shares(self) -> None:
        shares = self.busy_share
        if self.column_period is not None or self.busy_by_period is not None:
            if self.column_period is None or self.busy_by_period is None:
                raise InputError(
                    "placement problem: column_period and busy_by_period are given together or not "
                    "at all"
                )
            shares, period = self.busy_by_period, self.column_period
            if (
                shares.ndim != 2
                or shares.shape[1] != len(self.type_names)
                or period.shape != (self.n_columns,)
            ):
                raise InputError(
                    "placement problem: busy_by_period is (periods, types), column_period "
                    "(columns,)"
                )
            if len(period) and not (period.min() >= 0 and period.max() < len(shares)):
                raise InputError("placement problem: a column's period is not in busy_by_period")
            if not np.isnan(self.busy_share).all():
                raise InputError(
                    "placement problem: busy_share must be NaN where busy_by_period says it"
                )
        if not ((shares >= 0) & (shares < 1)).all():
            raise InputError("placement problem: busy shares must be in [0, 1)")

    def option_busy(self, options: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return (options, columns) busy shares of some, or (options, 1) where they do not differ by period."""
        kind = self.option_type[options]
        if self.busy_by_period is None or self.column_period is None:
            return np.asarray(self.busy_share[kind][:, None])
        return np.asarray(self.busy_by_period.T[np.ix_(kind, self.column_period)])

    @property
    def all_free(self) -> bool:
        """Whether responders of all options are always free."""
        kinds = np.unique(self.option_type)
        if self.busy_by_period is None or self.column_period is None:
            return not self.busy_share[kinds].any()
        return not self.busy_by_period[np.ix_(np.unique(self.column_period), kinds)].any()

    def by_period(self) -> Iterator[tuple[NDArray[np.int64], Problem]]:
        """Cut the problem into one for each period's columns, each with busy shares by type only.

        Yields
        ------
        tuple
            (its columns,) positions, and the problem; the whole problem itself if busy shares do
            not differ by period.
        """
        if self.busy_by_period is None or self.column_period is None:
            yield np.arange(self.n_columns), self
            return
        for period, shares in enumerate(self.busy_by_period):
            here = np.flatnonzero(self.column_period == period)
            if len(here):
                yield (
                    here,
                    replace(
                        self,
                        response_s=self.response_s[:, here],
                        weight=self.weight[here],
                        busy_share=shares,
                        column_period=None,
                        busy_by_period=None,
                    ),
                )

    @property
    def n_options(self) -> int:
        """Number of options."""
        return len(self.option_names)

    @property
    def n_columns(self) -> int:
        """Number of demand columns."""
        return len(self.weight)

    def broken_limits(self, counts: NDArray[np.integer]) -> list[str]:
        """Name the limits that a deployment breaks."""
        broken = [limit.name for limit in self.limits if not limit.holds(counts)]
        if ((counts < 0) | (counts > self.most)).any():
            broken.append("most of an option")
        if not self.keeps_today(counts):
            broken.append(f"moves: at most {self.moves_at_most}")
        return broken

    def keeps_today(self, counts: NDArray[np.integer] | NDArray[np.float64]) -> bool:
        """Whether no more than `moves_at_most` of today's responders leave their option."""
        if self.moves_at_most is None or self.today is None:
            return True
        return bool(np.maximum(self.today - counts, 0).sum() <= self.moves_at_most + 1e-6)
