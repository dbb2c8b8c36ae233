"""A city in areas with enough calls that no one call can be picked out, and how each is served."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from coresponse.coverage.cells import ResponseTable
from coresponse.coverage.few_calls import MIN_CALLS
from coresponse.coverage.measures import Served, assign
from coresponse.data.options import Deployment
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.standards import Target, target_of

# Squares are not divided below this side.
SMALLEST_M = 250.0

# West edge, south edge, side.
Square = tuple[float, float, float]


@dataclass(frozen=True)
class Area:
    """Squares that are shown as one, and the positions of the places inside."""

    squares: tuple[Square, ...]
    members: tuple[int, ...]


def areas(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    calls: NDArray[np.int64],
    *,
    min_calls: int = MIN_CALLS,
    smallest_m: float = SMALLEST_M,
) -> list[Area]:
    """Divide a city into areas that hold at least `min_calls` calls each.

    Squares are divided in four while some quarter keeps enough calls; a quarter with too few joins
    the nearest area of its neighbors, so that no call is left out and none stands alone.

    Parameters
    ----------
    x, y
        (n,) places in meters.
    calls
        (n,) the observed calls at each; or (n, times), and an area holds enough of each column.

    Returns
    -------
    list of Area
        Empty if there are fewer than `min_calls` calls in all.
    """
    calls = calls.reshape(len(x), -1)
    if (calls.sum(axis=0) < min_calls).any():
        return []
    side = smallest_m
    span = max(float(np.ptp(x)), float(np.ptp(y)), smallest_m)
    while side < span:
        side *= 2
    west = np.floor(x.min() / smallest_m) * smallest_m
    south = np.floor(y.min() / smallest_m) * smallest_m
    if x.max() >= west + side or y.max() >= south + side:
        side *= 2
    grid = _Grid(x, y, calls, min_calls, smallest_m)
    return grid.divide((float(west), float(south), side), np.arange(len(x)))


@dataclass(frozen=True, eq=False)
class _Grid:
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    calls: NDArray[np.int64]
    min_calls: int
    smallest_m: float

    def divide(self, square: Square, members: NDArray[np.int64]) -> list[Area]:
        west, south, side = square
        half = side / 2
        if half < self.smallest_m:
            return [Area((square,), tuple(members.tolist()))]
        quarter = (self.x[members] >= west + half) + 2 * (self.y[members] >= south + half)
        counts = np.stack([self.calls[members[quarter == q]].sum(axis=0) for q in range(4)])
        quarters = [(west + half * (q % 2), south + half * (q // 2), half) for q in range(4)]
        large = [q for q in range(4) if (counts[q] >= self.min_calls).all()]
        if not large:
            return [Area((square,), tuple(members.tolist()))]
        parts = [part for q in large for part in self.divide(quarters[q], members[quarter == q])]
        for q in range(4):
            if q not in large and counts[q].any():
                near = _nearest(parts, quarters[q])
                joined = (*parts[near].members, *members[quarter == q].tolist())
                parts[near] = Area((*parts[near].squares, quarters[q]), joined)
        return parts


def _nearest(parts: list[Area], square: Square) -> int:
    """Find the area that shares the longest border with a square, else the nearest one."""
    box = shapely.box(square[0], square[1], square[0] + square[2], square[1] + square[2])
    shapes = [shape_of(part.squares) for part in parts]
    border = [shapely.length(shapely.intersection(box, shape)) for shape in shapes]
    away = [shapely.distance(box.centroid, shape) for shape in shapes]
    return min(range(len(parts)), key=lambda i: (-border[i], away[i], i))


def shape_of(squares: tuple[Square, ...]) -> shapely.Geometry:
    """Return squares as one shape."""
    return shapely.union_all([shapely.box(w, s, w + a, s + a) for w, s, a in squares])


def divided(
    table: ResponseTable, network: RoadNetwork, *, min_calls: int = MIN_CALLS
) -> tuple[list[Area], NDArray[np.int64]]:
    """Divide the city that a table is of into areas.

    Returns
    -------
    areas : list of Area
    group : numpy.ndarray
        (demand cells,) int64 position of each one's area; -1 if there are no areas.
    """
    cells = table.cells
    node, at = np.unique(cells.node, return_inverse=True)
    calls = np.bincount(at, weights=cells.calls).astype(np.int64)
    parts = areas(*network.place_xy(node), calls, min_calls=min_calls)
    area_of_node = np.full(len(node), -1)
    for i, part in enumerate(parts):
        area_of_node[list(part.members)] = i
    return parts, area_of_node[at]


def service(
    table: ResponseTable,
    deployment: Deployment,
    group: NDArray[np.int64],
    weight: NDArray[np.float64],
    target_s: Target,
    *,
    n: int,
) -> tuple[pd.DataFrame, list[str]]:
    """Sum up how `n` groups of demand cells are served.

    Parameters
    ----------
    group
        (demand cells,) position of each one's group.
    weight
        (demand cells,) calls a week; each group has some.

    Returns
    -------
    figures : pandas.DataFrame
        (n,) `mean_s` (of reached calls, NaN if none is), `share_in_time`, `share_reached`, `depth`
        (mean number of responders within the standard), `mean_with_fallback_s`.
    posts : list of str
        Post that serves most calls first, '' if none.
    """
    served = assign(table, deployment)
    response = served.response_s[table.column]
    reached = np.isfinite(response)
    total = np.bincount(group, weights=weight, minlength=n)
    there = np.bincount(group[reached], weights=weight[reached], minlength=n)
    spent = np.bincount(group[reached], weights=weight[reached] * response[reached], minlength=n)
    cells = table.cells
    within_s = target_of(target_s, cells.district, cells.call_class, cells.class_names)
    in_time = np.bincount(group, weights=weight * (response <= within_s), minlength=n)
    at_most_fallback = weight * np.minimum(response, table.fallback_s)
    waited = np.bincount(group, weights=at_most_fallback, minlength=n)
    depth = np.bincount(
        group,
        weights=weight * responders_within(table, deployment, within_s),
        minlength=n,
    )
    with np.errstate(invalid="ignore"):
        mean = np.where(there > 0, spent / there, np.nan)
    figures = pd.DataFrame(
        {
            "mean_s": mean,
            "share_in_time": in_time / total,
            "share_reached": there / total,
            "depth": depth / total,
            "mean_with_fallback_s": waited / total,
        }
    )
    return figures, _main_post(table, served, group, n, weight)


def responders_within(
    table: ResponseTable, deployment: Deployment, target_s: float | NDArray[np.float64]
) -> NDArray[np.float64]:
    """Count, for each demand cell, the responders in place that get there within the standard if free.

    Parameters
    ----------
    target_s
        The standard, one for all or (demand cells,).
    """
    out = np.zeros(table.cells.n)
    for row, (_, count) in zip(table.rows(deployment), deployment.counts, strict=True):
        out += count * (table.response_s[row][table.column] <= target_s)
    return out


def _main_post(
    table: ResponseTable,
    served: Served,
    group: NDArray[np.int64],
    n: int,
    weight: NDArray[np.float64],
) -> list[str]:
    option = served.option[table.column]
    posts = np.array(
        [table.options[i].post_id if i >= 0 else "" for i in range(-1, len(table.options))],
        dtype=object,
    )
    posts[0] = ""
    frame = pd.DataFrame({"group": group, "post": posts[option + 1], "weight": weight})
    sums = (
        frame[(frame["post"] != "") & (frame["weight"] > 0)]
        .groupby(["group", "post"], sort=True)["weight"]
        .sum()
        .reset_index()
    )
    best = (
        sums.sort_values("weight", ascending=False, kind="stable")
        .drop_duplicates("group")
        .set_index("group")["post"]
    )
    return [str(best.get(i, "")) for i in range(n)]
