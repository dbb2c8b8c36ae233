"""Averages ready to be evaluated: values, gains and cuts, each from the evaluators of the core."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.cuts import Cut
from coresponse.optimize.evaluate import Evaluator


@dataclass(frozen=True, eq=False)
class Piece:
    """The calls of an average that share busy shares: those of a period.

    Attributes
    ----------
    ready
        Their evaluator.
    factor
        By which its costs are multiplied in the average.
    entries
        Non-zeros if it is written out in full.
    """

    ready: Evaluator
    factor: float
    entries: float


@dataclass(frozen=True, eq=False)
class Ready:
    """One average over the fallback's cost."""

    pieces: tuple[Piece, ...]

    @property
    def entries(self) -> float:
        """Non-zeros if it is written out in full."""
        return sum(piece.entries for piece in self.pieces)

    @property
    def size(self) -> int:
        """Entries of costs that one evaluation goes through: options times columns."""
        return sum(piece.ready.size for piece in self.pieces)

    @property
    def n_clusters(self) -> int:
        """Number of clusters of its columns."""
        return sum(piece.ready.n_clusters for piece in self.pieces)

    def value(self, counts: NDArray[np.float64]) -> float:
        """Return the average for a deployment."""
        return sum(piece.factor * piece.ready.value(counts) for piece in self.pieces)

    def gains(self, counts: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Return the average for a whole deployment, and what one more of each option takes off it."""
        parts = [(piece.factor, *piece.ready.gains(counts)) for piece in self.pieces]
        return (
            sum(factor * value for factor, value, _ in parts),
            np.asarray(np.sum([factor * gain for factor, _, gain in parts], axis=0)),
        )

    def exchanges(self, counts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (placed, options) what each exchange of one responder in place changes."""
        parts = [piece.factor * piece.ready.exchanges(counts)[1] for piece in self.pieces]
        return np.asarray(np.sum(parts, axis=0))

    def cuts(self, counts: NDArray[np.float64]) -> tuple[float, list[Cut]]:
        """Return the average for a (fractional) deployment, and a cut for each cluster.

        See :class:`Cut`.
        """
        total, first = 0.0, 0
        out: list[Cut] = []
        for piece in self.pieces:
            value, cuts = piece.ready.cuts(counts)
            total += piece.factor * value
            out += [
                Cut(
                    first + cut.cluster,
                    piece.factor * cut.constant,
                    piece.factor * cut.coefficients,
                )
                for cut in cuts
            ]
            first += piece.ready.n_clusters
        return total, out
