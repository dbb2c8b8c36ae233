"""Where groups of residents live, by the areas whose calls tell how a place is served."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from coresponse.coverage.area import divided, shape_of
from coresponse.coverage.cells import ResponseTable
from coresponse.coverage.living_areas import LivingAreas
from coresponse.data.known_city import KnownCity
from coresponse.data.resident_groups import Residents
from coresponse.data.roads.network import RoadNetwork


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


def people_by_district(city: KnownCity) -> NDArray[np.float64] | None:
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
