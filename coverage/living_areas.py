"""Areas in which residents live, by the post that serves them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from coresponse.data.resident_groups import ResidentGroup


@dataclass(frozen=True, eq=False)
class LivingAreas:
    """Residents of all groups by area.

    An area is one of the map's: of at least 11 past calls, whatever is published, so that a figure
    of a group has one definition. Who lives where no area is belongs to the nearest.

    Attributes
    ----------
    groups
        Of residents, beside all of them.
    area_of_node
        (network nodes,) int32 area of each crossing with past calls, -1 elsewhere.
    calls
        (areas,) int64 past calls.
    residents
        (1 + groups, areas) float64; first of all residents.
    """

    groups: tuple[ResidentGroup, ...]
    area_of_node: NDArray[np.int32]
    calls: NDArray[np.int64]
    residents: NDArray[np.float64]

    @property
    def keys(self) -> list[str]:
        """Names of the rows: ``all``, then the groups'."""
        return ["all", *(group.key for group in self.groups)]

    @property
    def share(self) -> NDArray[np.float64]:
        """(1 + groups, areas) part of each group that lives in each area; NaN where it has nobody."""
        total = self.residents.sum(axis=1, keepdims=True)
        with np.errstate(invalid="ignore"):
            return np.asarray(np.where(total > 0, self.residents / total, np.nan))

    @property
    def n(self) -> int:
        """Number of areas."""
        return len(self.calls)

    def per_call(self, calls_per_week: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (groups, areas) what one call of an area weighs in a group's mean.

        Parameters
        ----------
        calls_per_week
            (areas,) above 0.
        """
        return np.asarray(np.nan_to_num(self.share[1:]) / np.maximum(calls_per_week, 1e-12))

    def per_call_of_all(self, calls_per_week: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (areas,) what one call of an area weighs in the mean of all residents."""
        return np.asarray(np.nan_to_num(self.share[0]) / np.maximum(calls_per_week, 1e-12))

    def without_areas(self, none: NDArray[np.bool_]) -> Self:
        """Return the same as if nobody lived in some areas."""
        return replace(self, residents=np.where(none, 0.0, self.residents)) if none.any() else self

    @property
    def calls_behind(self) -> NDArray[np.float64]:
        """(1 + groups,) calls that a figure of the group is of, at least: as many as make one call weigh as the heaviest does.

        A call of area a moves a group's figure as one of so many calls moves their mean.
        """
        heaviest = (np.nan_to_num(self.share) / self.calls).max(axis=1, initial=0.0)
        with np.errstate(divide="ignore"):
            return np.asarray(np.where(heaviest > 0, 1 / heaviest, 0.0))
