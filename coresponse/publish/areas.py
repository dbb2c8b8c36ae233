"""Areas of the map as they may be shown: of at least 11 calls, at each time that can be chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from coresponse.coverage.area import Area, areas, divided, service, shape_of
from coresponse.coverage.cells import ResponseTable
from coresponse.coverage.few_calls import MIN_CALLS
from coresponse.coverage.replay.calls_met import paired_differences
from coresponse.coverage.replay.met import CallsMet
from coresponse.data.options import Deployment
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.standards import Target
from coresponse.publish.changes import COLUMNS, signs, words
from coresponse.publish.disclosure import PUBLIC, Disclosure
from coresponse.publish.suppression import count_range, least_total

Column = NDArray[np.float64] | list[str]

# Figures of areas that the replay gives.
REPLAYED = ("mean_with_fallback_s", "mean_s", "share_in_time", "share_reached")

NOT_REPLAYED: Mapping[str, Any] = {}


def map_cells(
    table: ResponseTable,
    network: RoadNetwork,
    deployments: Mapping[str, Deployment],
    *,
    target_s: Target,
    replayed: Mapping[str, CallsMet] = NOT_REPLAYED,
    disclosure: Disclosure = PUBLIC,
    min_calls: int | None = None,
) -> gpd.GeoDataFrame:
    """Sum up demand and service by areas of at least 11 observed calls.

    Parameters
    ----------
    deployments
        By the name that the columns carry, such as ``plan`` and ``today``.
    target_s
        The standard.
    replayed
        What became of the calls in the replays of some of them: figures are of these. Those of
        others suppose that the nearest responder is always free.
    disclosure
        An internal one has areas of any calls, the calls themselves (`calls`), and exact figures.
    min_calls
        Observed calls that each area has at least; default: as the disclosure says.

    Returns
    -------
    geopandas.GeoDataFrame
        In the network's CRS: `cell_id`, `calls_band`, and for each name d:
        `mean_with_fallback_s_<d>`, `mean_s_<d>` (of reached calls, NaN if none is),
        `share_in_time_<d>`, `share_reached_<d>`, `depth_<d>` (mean number of responders within the
        standard, busy or not), `post_<d>` (post whose responders are sent to most calls, '' if
        none). Of replayed ones also `mean_s_if_free_<d>`, and of ``plan`` and ``today``, if both
        are, `wait_would_be` and `in_time_would_be`.
    """
    least = disclosure.least_calls if min_calls is None else min_calls
    parts, group = divided(table, network, min_calls=least)
    inside = np.ones(table.cells.n, dtype=bool)
    counts = _calls(table, group, inside, len(parts))
    shapes = [shape_of(part.squares) for part in parts]
    frame = _frame("A", shapes, network, {"calls_band": [count_range(c) for c in counts]})
    if disclosure.internal:
        frame["calls"] = counts
    if not parts:
        return frame
    groups = _Groups(table, group, inside, counts, target_s, disclosure)
    return _joined(frame, groups.columns(deployments, replayed))


def map_cells_by_time(
    table: ResponseTable,
    network: RoadNetwork,
    deployments: Mapping[str, Deployment],
    times: Mapping[str, NDArray[np.bool_]],
    *,
    target_s: Target,
    replayed: Mapping[str, Mapping[str, CallsMet]] = NOT_REPLAYED,
    disclosure: Disclosure = PUBLIC,
    min_calls: int | None = None,
) -> gpd.GeoDataFrame:
    """Sum up demand and service by areas that hold at least 11 observed calls at every time.

    The areas of :func:`map_cells` are put together until each has enough, so that none of those is
    cut in two: whoever takes one page's areas from another's is left with whole areas.

    Parameters
    ----------
    times
        By key: (demand cells,) bool, which of them fall into it. Each demand cell is in one at
        most.
    replayed
        By key of a time: what became of its calls.
    deployments, target_s, disclosure, min_calls
        As for the map.

    Returns
    -------
    geopandas.GeoDataFrame
        In the network's CRS: `cell_id`, and for each time t `calls_band@<t>` and for each
        deployment d ``mean_s_<d>@<t>`` and the other columns of the map's cells. Without rows if
        some time has too few calls in all.
    """
    least = disclosure.least_calls if min_calls is None else min_calls
    parts, group = divided(table, network, min_calls=least)
    counts = np.column_stack(
        [_calls(table, group, inside, len(parts)) for inside in times.values()]
    )
    larger = _larger(table, network, parts, group, counts, least)
    part_of = np.full(len(parts), -1)
    for i, one in enumerate(larger):
        part_of[list(one.members)] = i
    shapes = [
        shapely.union_all([shape_of(parts[m].squares) for m in one.members]) for one in larger
    ]
    frame = _frame("T", shapes, network, {})
    if not larger:
        return frame
    columns: dict[str, Column] = {}
    for key, inside in times.items():
        calls = _calls(table, part_of[group], inside, len(larger))
        columns[f"calls_band@{key}"] = [count_range(count) for count in calls]
        groups = _Groups(table, part_of[group], inside, calls, target_s, disclosure)
        found = groups.columns(deployments, replayed.get(key, {}))
        columns |= {f"{name}@{key}": values for name, values in found.items()}
    return _joined(frame, columns)


def _larger(
    table: ResponseTable,
    network: RoadNetwork,
    parts: list[Area],
    group: NDArray[np.int64],
    counts: NDArray[np.int64],
    least: int,
) -> list[Area]:
    """Put areas together until each has enough calls at every time."""
    if not parts:
        return []
    # each area stands at the middle of its calls' places, inside its own squares or nearly so
    x, y = (
        np.bincount(group, weights=position, minlength=len(parts))
        / np.bincount(group, minlength=len(parts))
        for position in network.place_xy(table.cells.node)
    )
    enough, n_times = counts, counts.shape[1]
    if least == MIN_CALLS and n_times > 1:
        # and so many in all that the range of the whole week does not tell how many there are at
        # each time
        enough = np.column_stack([counts, counts.sum(axis=1) * least / least_total(n_times)])
    return areas(x, y, enough, min_calls=least)


def _calls(
    table: ResponseTable, group: NDArray[np.int64], inside: NDArray[np.bool_], n: int
) -> NDArray[np.int64]:
    counted = inside & (group >= 0)
    return np.bincount(group[counted], weights=table.cells.calls[counted], minlength=n).astype(
        np.int64
    )


@dataclass(frozen=True, eq=False)
class _Groups:
    """Groups of demand cells, by which figures of deployments are summed up and rounded.

    `group` and `inside` are by demand cell, `calls` by group: the observed ones.
    """

    table: ResponseTable
    group: NDArray[np.int64]
    inside: NDArray[np.bool_]
    calls: NDArray[np.int64]
    target_s: Target
    disclosure: Disclosure

    def columns(
        self, deployments: Mapping[str, Deployment], replayed: Mapping[str, CallsMet]
    ) -> dict[str, Column]:
        """Return the columns of all deployments."""
        weight = np.where(self.inside, self.table.cells.calls_per_week, 0.0)
        n = len(self.calls)
        out: dict[str, Column] = {}
        for name, deployment in deployments.items():
            free, posts = service(self.table, deployment, self.group, weight, self.target_s, n=n)
            met = replayed.get(name)
            if met is None:
                out |= {f"{key}_{name}": self._shown(str(key), free) for key in free.columns}
                out[f"post_{name}"] = posts
                continue
            of_call = self._of(met)
            figures = met.figures(of_call, n)
            out |= {f"{key}_{name}": self._shown(key, figures) for key in REPLAYED}
            out[f"mean_s_if_free_{name}"] = self._shown("mean_s", free)
            out[f"depth_{name}"] = self._shown("depth", free)
            out[f"post_{name}"] = met.main_posts(of_call, n)
        if {"plan", "today"} <= set(replayed):
            out |= self._changes(out, replayed["plan"], replayed["today"])
        return out

    def _changes(
        self, shown: Mapping[str, Column], plan: CallsMet, today: CallsMet
    ) -> dict[str, Column]:
        """Say of each group what becomes of its wait and share, by figures as shown and the exact band."""
        out: dict[str, Column] = {}
        apart = paired_differences(plan, today, self._of(plan), len(self.calls))
        for key, band in apart.items():
            change = np.subtract(shown[f"{key}_plan"], shown[f"{key}_today"])
            sign = signs(key, change, band["low"].to_numpy(), band["high"].to_numpy())
            out[COLUMNS[key]] = words(key, sign, change)
        return out

    def _of(self, met: CallsMet) -> NDArray[np.int64]:
        """Return (replayed calls,) the group of each, by its place."""
        node = self.table.cells.node
        last = max(int(node.max(initial=-1)), int(met.node.max(initial=-1)))
        of_node = np.full(last + 1, -1, dtype=np.int64)
        of_node[node[::-1]] = self.group[::-1]  # of several cells at a place the first
        return of_node[met.node]

    def _shown(self, key: str, figures: pd.DataFrame) -> NDArray[np.float64]:
        return self.disclosure.city(self.table.cells).groups(key, figures, self.calls)


def _frame(
    letter: str,
    shapes: list[shapely.Geometry],
    network: RoadNetwork,
    columns: Mapping[str, list[str]],
) -> gpd.GeoDataFrame:
    ids = [f"{letter}{i:04d}" for i in range(1, len(shapes) + 1)]
    return gpd.GeoDataFrame({"cell_id": ids, **columns}, geometry=shapes, crs=network.crs)


def _joined(frame: gpd.GeoDataFrame, columns: Mapping[str, Column]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        pd.concat([frame, pd.DataFrame(columns)], axis=1), geometry="geometry", crs=frame.crs
    )
