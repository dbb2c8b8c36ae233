"""How long units are at a call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from coresponse.data.notes import Note

# percentiles: between two of them a time is drawn on a straight line
QUANTILES = np.linspace(0.0, 1.0, 101)
# Hours of the day are taken together in blocks.
BLOCK_H = 6

# Equally likely parts that recorded times are kept in.
PARTS = 1_000
# Recorded times; their spread with the program's mean; the program's figures.
Basis = Literal["calls", "scaled", "program"]


@dataclass(frozen=True, eq=False)
class DrawnService:
    """Service of single calls, all (n,).

    Attributes
    ----------
    outcome
        int8 position in the model's outcomes.
    on_scene_s, transport_s, paperwork_s
        float32 seconds; transport 0 where nobody is taken anywhere.
    """

    outcome: NDArray[np.int8]
    on_scene_s: NDArray[np.float32]
    transport_s: NDArray[np.float32]
    paperwork_s: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class ServiceModel:
    """Time on task from arrival until free, by call class.

    A call ends in one of the outcomes. Its times are the outcome's means times one lognormal
    factor. Where recorded times are used, the whole time follows their distribution instead: short
    times are taken for the outcome that is short in the program, long ones for the long, and split
    as the program splits them.

    Attributes
    ----------
    class_names, outcome_names
        Positions of the arrays below.
    contact
        (outcomes,) bool: the person was met.
    share
        (classes, outcomes), rows add up to 1.
    mean_s
        (outcomes, 3) mean seconds on scene, with transport, on paperwork.
    spread
        (outcomes,) standard deviation of the logarithm of the factor.
    recorded_s
        (classes, :data:`PARTS`) means of equally likely parts of the whole recorded time, from
        short to long; NaN where the program's figures are used.
    basis
        (classes,) which of them.
    observed
        (classes,) recorded times that can be used.
    notes
        Sentences for the report.
    """

    class_names: tuple[str, ...]
    outcome_names: tuple[str, ...]
    contact: NDArray[np.bool_]
    share: NDArray[np.float64]
    mean_s: NDArray[np.float64]
    spread: NDArray[np.float64]
    recorded_s: NDArray[np.float64]
    basis: tuple[Basis, ...]
    observed: NDArray[np.int64]
    notes: tuple[Note, ...]

    def mean_by_class_s(self) -> NDArray[np.float64]:
        """Return (classes,) mean seconds from arrival until free."""
        stated = self.share @ self.mean_s.sum(axis=1)
        recorded = self.recorded_s.mean(axis=1)
        return np.asarray(np.where(np.isnan(recorded), stated, recorded))

    def draw(self, call_class: NDArray[np.integer], u: NDArray[np.float64]) -> DrawnService:
        """Turn random numbers into service times.

        Parameters
        ----------
        call_class
            (n,) positions.
        u
            (n, 2) uniform numbers of the calls' own, so that a call is as long whoever answers it,
            and whenever.
        """
        by_length = np.argsort(self.mean_s.sum(axis=1), kind="stable")
        bounds = np.cumsum(self.share[:, by_length], axis=1)
        from_calls = np.array([b != "program" for b in self.basis])
        recorded = from_calls[call_class]
        position = np.where(recorded, u[:, 1], u[:, 0])[:, None] >= bounds[call_class][:, :-1]
        outcome = by_length[position.sum(axis=1)]
        spread = self.spread[outcome]
        factor = np.exp(spread * ndtri(np.clip(u[:, 1], 1e-12, 1 - 1e-12)) - spread**2 / 2)
        for c in np.flatnonzero(from_calls):
            of_class = call_class == c
            part = np.minimum((u[of_class, 1] * PARTS).astype(np.int64), PARTS - 1)
            whole = self.recorded_s[c][part]
            factor[of_class] = whole / self.mean_s[outcome[of_class]].sum(axis=1)
        parts = (self.mean_s[outcome] * factor[:, None]).astype(np.float32)
        return DrawnService(
            outcome.astype(np.int8),
            *(np.ascontiguousarray(parts[:, k]) for k in range(3)),
        )


@dataclass(frozen=True, eq=False)
class PoliceModel:
    """Time from a call's start until the first officer is there.

    Attributes
    ----------
    quantile_s
        (districts + 1, blocks of the day, 101) seconds; the first row is for calls outside all
        districts.
    observed
        Recorded arrivals behind it; 0: the program's figure.
    notes
        Sentences for the report.
    """

    quantile_s: NDArray[np.float64]
    observed: int
    notes: tuple[Note, ...]

    def draw(
        self,
        district: NDArray[np.integer],
        hour_of_day: NDArray[np.integer],
        u: NDArray[np.float64],
    ) -> NDArray[np.float32]:
        """Turn (n,) uniform numbers into (n,) seconds."""
        at = np.clip(u, 0.0, 1.0) * (len(QUANTILES) - 1)
        low = np.minimum(at.astype(np.int64), len(QUANTILES) - 2)
        row = np.minimum(np.asarray(district, dtype=np.int64) + 1, len(self.quantile_s) - 1)
        block = np.asarray(hour_of_day, dtype=np.int64) // BLOCK_H
        left, right = self.quantile_s[row, block, low], self.quantile_s[row, block, low + 1]
        return np.asarray(left + (at - low) * (right - left), dtype=np.float32)

    def mean_s(self) -> float:
        """Mean over all districts and blocks, unweighted."""
        return float(np.trapezoid(self.quantile_s, QUANTILES, axis=-1).mean())
