"""What a map may show of times of day: areas that hold enough calls at each of them."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from coresponse.coverage.area import areas, divided, service, shape_of
from coresponse.coverage.response import ResponseTable
from coresponse.coverage.suppress import MIN_CALLS, band, least_total
from coresponse.data.options import Deployment
from coresponse.data.roads.network import RoadNetwork


def cells_by_time(
    table: ResponseTable,
    network: RoadNetwork,
    deployments: Mapping[str, Deployment],
    times: Mapping[str, NDArray[np.bool_]],
    *,
    target_s: float,
    min_calls: int = MIN_CALLS,
    internal: bool = False,
) -> gpd.GeoDataFrame:
    """Sum up demand and service by areas that hold at least `min_calls` observed calls at every time.

    The areas of :func:`coresponse.coverage.area.map_cells` are put together until each has enough,
    so that none of those is cut in two: whoever takes one page's areas from another's is left with
    whole areas.

    Parameters
    ----------
    times
        By key: (demand cells,) bool, which of them fall into it. Each demand cell is in one at
        most.
    deployments, target_s
        As for the map.
    internal
        No figure is rounded, which is not for publication.

    Returns
    -------
    geopandas.GeoDataFrame
        In the network's CRS: `cell_id`, and for each time t `calls_band@<t>` and for each
        deployment d ``mean_s_<d>@<t>`` and the other columns of the map's cells. Without rows if
        some time has too few calls in all.
    """
    parts, group = divided(table, network, min_calls=min_calls)
    cells = table.cells
    counts = np.zeros((len(parts), len(times)), dtype=np.int64)
    for k, inside in enumerate(times.values()):
        np.add.at(counts[:, k], group[inside], cells.calls[inside])
    # each area stands at the middle of its calls' places, inside its own squares or nearly so
    x, y = (
        np.bincount(group, weights=position[cells.node], minlength=len(parts))
        / np.bincount(group, minlength=len(parts))
        for position in (network.node_x, network.node_y)
    )
    enough = counts
    if min_calls == MIN_CALLS and len(times) > 1:
        # and so many in all that the band of the whole week does not tell how many there are at
        # each time
        enough = np.column_stack([counts, counts.sum(axis=1) * min_calls / least_total(len(times))])
    larger = areas(x, y, enough, min_calls=min_calls) if len(parts) else []
    part_of = np.full(len(parts), -1)
    for i, one in enumerate(larger):
        part_of[list(one.members)] = i
    shapes = [
        shapely.union_all([shape_of(parts[m].squares) for m in one.members]) for one in larger
    ]
    frame = gpd.GeoDataFrame(
        {"cell_id": [f"T{i:04d}" for i in range(1, len(larger) + 1)]},
        geometry=shapes,
        crs=network.crs,
    )
    if not larger:
        return frame
    columns: dict[str, NDArray[np.float64] | list[str]] = {}
    for k, (key, inside) in enumerate(times.items()):
        sums = np.bincount(part_of, weights=counts[:, k], minlength=len(larger)).astype(np.int64)
        seen = None if internal else sums
        columns[f"calls_band@{key}"] = [band(count) for count in sums]
        weight = np.where(inside, cells.calls_per_week, 0.0)
        for name, deployment in deployments.items():
            found = service(
                table, deployment, part_of[group], weight, target_s, seen, n=len(larger)
            )
            columns |= {f"{column}_{name}@{key}": values for column, values in found.items()}
    return gpd.GeoDataFrame(
        pd.concat([frame, pd.DataFrame(columns)], axis=1), geometry="geometry", crs=network.crs
    )
