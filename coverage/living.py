"""Where groups of residents live, by the areas whose calls tell how a place is served."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray

from coresponse.coverage.area import divided, shape_of
from coresponse.coverage.response import ResponseTable
from coresponse.data.city import City
from coresponse.data.residents import ResidentGroup, Residents
from coresponse.data.roads.network import RoadNetwork


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


def living_areas(
    residents: Residents, table: ResponseTable, network: RoadNetwork
) -> LivingAreas | None:
    """Put residents into the areas of a demand; None where it has too few calls for an area."""
    parts, area = divided(table, network)
    if not parts:
        return None
    area_of_node = np.full(network.n_places, -1, dtype=np.int32)
    area_of_node[table.cells.node] = area
    shapes = shapely.STRtree([shape_of(part.squares) for part in parts])
    homes = shapely.points(network.node_x[residents.node], network.node_y[residents.node])
    at = shapes.nearest(homes)
    people = np.vstack([residents.everybody[None, :], residents.of_group])
    lived = np.stack(
        [np.bincount(at, weights=row, minlength=len(parts)).astype(np.float64) for row in people]
    )
    calls = np.bincount(area, weights=table.cells.calls, minlength=len(parts)).astype(np.int64)
    return LivingAreas(residents.groups, area_of_node, calls, lived)


def people_by_district(city: City) -> NDArray[np.float64] | None:
    """Return (districts,) residents of each district: of the file of residents, else as the districts say.

    None without districts; NaN where nobody says.
    """
    if city.districts is None:
        return None
    if city.living is None:
        return np.asarray(city.districts.frame["population"], dtype=np.float64)
    roads, homes = city.roads, city.living.node
    at = city.districts.locate(roads.node_x[homes], roads.node_y[homes])
    n = len(city.districts.frame)
    people = np.bincount(at[at >= 0], weights=city.living.everybody[at >= 0], minlength=n)
    return people.astype(np.float64)
