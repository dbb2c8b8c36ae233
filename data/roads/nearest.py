"""The road nearest to each place: line segments in a grid of squares, searched ring by ring."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coresponse.data.compiled import compiled_lean, compiled_lean_part

# Squares of the grid for each segment: few segments in a square, few empty squares between roads.
SQUARES_A_SEGMENT = 1.0

# finer squares than a house are more squares than roads can fill
FINEST_M = 25.0


@compiled_lean
def _bin(
    ends: NDArray[np.float64],
    corner: NDArray[np.float64],
    side: float,
    columns: int,
    rows: int,
    first: NDArray[np.int64],
    listed: NDArray[np.int64],
) -> None:
    """Count the segments in each square q into `first[q + 1]`, or list them from `first[q]` on where there is room."""
    filling = len(listed) > 0
    for s in range(len(ends)):
        ax, ay, bx, by = ends[s, 0], ends[s, 1], ends[s, 2], ends[s, 3]
        # long segments are listed stretch by stretch: their whole box is mostly empty
        count = int(np.hypot(bx - ax, by - ay) / side) + 1
        for k in range(count):
            x0, x1 = ax + (bx - ax) * k / count, ax + (bx - ax) * (k + 1) / count
            y0, y1 = ay + (by - ay) * k / count, ay + (by - ay) * (k + 1) / count
            west = max(int((min(x0, x1) - corner[0]) / side), 0)
            east = min(int((max(x0, x1) - corner[0]) / side), columns - 1)
            south = max(int((min(y0, y1) - corner[1]) / side), 0)
            north = min(int((max(y0, y1) - corner[1]) / side), rows - 1)
            for row in range(south, north + 1):
                for column in range(west, east + 1):
                    square = row * columns + column
                    if filling:
                        listed[first[square]] = s
                        first[square] += 1
                    else:
                        first[square + 1] += 1


def _binned(
    ends: NDArray[np.float64], corner: NDArray[np.float64], side: float, columns: int, rows: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """List the segments in each square: those of square q are `listed[first[q]:first[q + 1]]`."""
    first = np.zeros(columns * rows + 1, dtype=np.int64)
    _bin(ends, corner, side, columns, rows, first, np.zeros(0, dtype=np.int64))
    first = np.cumsum(first)
    listed = np.zeros(first[-1], dtype=np.int64)
    _bin(ends, corner, side, columns, rows, first, listed)
    first[1:] = first[:-1].copy()
    first[0] = 0
    return first, listed


@compiled_lean_part
def _nearer(
    px: float,
    py: float,
    end: NDArray[np.float64],
    aside_m: float,
    found: tuple[float, float, float],
) -> tuple[float, float, float]:
    """Return rank, distance and part of a segment if it ranks before what was found, else that."""
    dx, dy = end[2] - end[0], end[3] - end[1]
    whole = dx * dx + dy * dy
    part = ((px - end[0]) * dx + (py - end[1]) * dy) / whole if whole > 0 else 0.0
    part = min(max(part, 0.0), 1.0)
    away = np.hypot(end[0] + part * dx - px, end[1] + part * dy - py)
    return (away + aside_m, away, part) if away + aside_m < found[0] else found


@compiled_lean_part
def _beyond(
    x: float, y: float, block: tuple[int, int, int, int], size: tuple[int, int], side: float
) -> float:
    """Return how far what lies outside a block of squares is at least: it is behind a side that has squares behind it.

    `x` and `y` are meters from the grid's corner, the block is west, south, east, north.
    """
    out_x = max(-x, x - size[0] * side, 0.0)
    out_y = max(-y, y - size[1] * side, 0.0)
    least = np.inf
    if block[0] > 0:
        least = min(least, np.hypot(max(x - block[0] * side, 0.0), out_y))
    if block[2] < size[0] - 1:
        least = min(least, np.hypot(max((block[2] + 1) * side - x, 0.0), out_y))
    if block[1] > 0:
        least = min(least, np.hypot(max(y - block[1] * side, 0.0), out_x))
    if block[3] < size[1] - 1:
        least = min(least, np.hypot(max((block[3] + 1) * side - y, 0.0), out_x))
    return least


@compiled_lean
def _search(
    places: NDArray[np.float64],
    ends: NDArray[np.float64],
    aside_m: NDArray[np.float64],
    first: NDArray[np.int64],
    listed: NDArray[np.int64],
    corner: NDArray[np.float64],
    side: float,
    size: tuple[int, int],
    segment: NDArray[np.int64],
    distance: NDArray[np.float64],
    part: NDArray[np.float64],
) -> None:
    for i in range(len(places)):
        px, py = places[i, 0], places[i, 1]
        column = min(max(int((px - corner[0]) / side), 0), size[0] - 1)
        row = min(max(int((py - corner[1]) / side), 0), size[1] - 1)
        found = (np.inf, np.inf, 0.0)
        for ring in range(size[0] + size[1]):
            west, south, east, north = column - ring, row - ring, column + ring, row + ring
            for r in range(max(south, 0), min(north, size[1] - 1) + 1):
                # between a ring's first and last row only its two ends are new
                step = 1 if r in (south, north) else 2 * ring
                start = west if west >= 0 or step > 1 else 0
                for c in range(start, min(east, size[0] - 1) + 1, step):
                    if c < 0:
                        continue
                    square = r * size[0] + c
                    for place in range(first[square], first[square + 1]):
                        s = listed[place]
                        before = found[0]
                        found = _nearer(px, py, ends[s], aside_m[s], found)
                        if found[0] < before:
                            segment[i] = s
            block = (west, south, east, north)
            if found[0] <= _beyond(px - corner[0], py - corner[1], block, size, side):
                break
        distance[i], part[i] = found[1], found[2]


def nearest_segment(
    places: NDArray[np.float64], ends: NDArray[np.float64], aside_m: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Find the line segment nearest to each place.

    Parameters
    ----------
    places
        (n, 2) meters, finite.
    ends
        (s, 4) meters: x and y of where each segment begins, and ends; s > 0.
    aside_m
        (s,) meters, 0 or more, by which a segment counts as farther away than it is.

    Returns
    -------
    segment : numpy.ndarray
        (n,) int64.
    distance_m : numpy.ndarray
        (n,) float64: true meters to it.
    part : numpy.ndarray
        (n,) float64, 0 where the nearest place is the segment's beginning, 1 where it is its end.
    """
    low = np.minimum(ends[:, :2], ends[:, 2:]).min(axis=0)
    size = np.maximum(np.maximum(ends[:, :2], ends[:, 2:]).max(axis=0) - low, 1.0)
    most = max(1.0, SQUARES_A_SEGMENT * len(ends))
    side = max(FINEST_M, float(np.sqrt(size[0] * size[1] / most)), float(size.max() / most))
    columns, rows = (int(n) + 1 for n in size // side)
    squares = _binned(ends, low, side, columns, rows)
    segment = np.zeros(len(places), dtype=np.int64)
    distance, part = np.zeros(len(places)), np.zeros(len(places))
    _search(places, ends, aside_m, *squares, low, side, (columns, rows), segment, distance, part)
    return segment, distance, part
