"""Where groups of residents live, by the areas of the map, as it may be shown."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from coresponse.coverage.few_calls import MIN_CALLS
from coresponse.data.figures.rows import GroupsOnMap
from coresponse.data.resident_groups import Residents
from coresponse.data.roads.network import RoadNetwork
from coresponse.publish.disclosure import Disclosure
from coresponse.publish.places import ResidentsPublication

# Shares are told in whole percent: of an area's residents, whose number is not told.
STEP = 0.01


def publish_living_map(
    residents: Residents | None,
    shown: ResidentsPublication | None,
    cells: gpd.GeoDataFrame,
    by_time: gpd.GeoDataFrame | None,
    roads: RoadNetwork,
    disclosure: Disclosure,
) -> GroupsOnMap | None:
    """Return which part of each area's residents is of each group that is shown; None without such a group.

    Who lives where no area is belongs to the nearest, as in the figures of groups. A part of 1 to
    10 people, or of an area of so few, is not told.

    Parameters
    ----------
    cells, by_time
        Areas of the map, and those of times of the week.
    """
    if residents is None or shown is None or cells.empty:
        return None
    told = [k for k, row in enumerate(shown.groups) if row.figures]
    if not told:
        return None
    return GroupsOnMap(
        tuple(shown.groups[k].title for k in told),
        tuple(
            float(np.round(residents.of_group[k].sum() / residents.everybody.sum() / STEP) * STEP)
            for k in told
        ),
        _shares(residents, told, cells, roads, disclosure),
        None
        if by_time is None or by_time.empty
        else _shares(residents, told, by_time, roads, disclosure),
    )


def _shares(
    residents: Residents,
    told: Sequence[int],
    areas: gpd.GeoDataFrame,
    roads: RoadNetwork,
    disclosure: Disclosure,
) -> NDArray[np.float64]:
    """Return (areas, groups told) shares of an area's residents, NaN where not shown."""
    homes = shapely.points(roads.node_x[residents.node], roads.node_y[residents.node])
    at = shapely.STRtree(areas.geometry.to_numpy()).nearest(homes)
    everybody, *groups = (
        np.bincount(at, weights=people, minlength=len(areas))
        for people in (residents.everybody, *residents.of_group[list(told)])
    )
    least = 1e-9 if disclosure.internal else MIN_CALLS
    out = np.full((len(areas), len(told)), np.nan)
    for k, people in enumerate(groups):
        known = (everybody >= least) & ((people >= least) | (people == 0))
        share = people[known] / everybody[known]
        out[known, k] = np.minimum(np.round(share / STEP) * STEP, 1.0)
    return out
