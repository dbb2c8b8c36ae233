"""The road graph packed for a page: some 13 bytes a street segment, from which streets, names and drives are all drawn.

Whole numbers as varints (seven bits a byte, the eighth says that more follow; signed ones zigzag),
in base64::

    nodes: how many, then x, y of each as differences in steps of STEP from the one before, along a
    Hilbert curve segments: how many, then of each
        from (difference), to - from (signed), 4 * class + 2 * link + one-way, name (difference,
        signed), tenths of a second, how many corners, then x, y of each corner as signed
        differences

Nodes lie along a curve, so that what is near in the city is near in the list and differences are
small.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from coresponse.maps.geometry import STEP, to_degrees

# OSM highway values by weight; all other streets follow, then those in `LEAST`.
CLASSES = ("motorway", "trunk", "primary", "secondary", "tertiary")

LEAST = frozenset({"service", "track", "living_street", "services", "rest_area"})

# Drives are kept in tenths of a second: a drive of a hundred segments is then right to about a third of one.
TENTHS = 10.0

# half a pixel at the closest zoom that pages offer, and a third of the bytes
SIMPLIFY_M = 4.0

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PackedRoads:
    """A road graph as a page reads it.

    Attributes
    ----------
    text
        Base64.
    names
        Names of streets by position; the first is '', and none where no street has a name.
    node_position
        Position in the page of each of the network's nodes that a street ends at.
    segments
        How many: the two directions of a street are one if they take as long.
    """

    text: str
    names: tuple[str, ...]
    node_position: dict[int, int]
    segments: int


def pack_roads(roads: gpd.GeoDataFrame, origin: tuple[float, float]) -> PackedRoads:
    """Pack directed edges.

    Parameters
    ----------
    roads
        `edge_from`, `edge_to`, `road_class`, `travel_s`, maybe `name`; lines in any CRS.
    origin
        Longitude and latitude that coordinates count from.
    """
    frame = to_degrees(roads)
    table = _segments(frame)
    lines = frame.geometry.array[table["row"].to_numpy()]
    drawn = shapely.simplify(lines, SIMPLIFY_M / 111_000)
    xy = np.rint((shapely.get_coordinates(drawn) - origin) / STEP).astype(np.int64)
    counts = shapely.get_num_coordinates(drawn).astype(np.int64)
    first = np.r_[0, np.cumsum(counts)[:-1]].astype(np.int64)
    node, places = _nodes(table, xy, first, counts)
    order, position = _along_a_curve(places)
    start, stop = (
        position[np.searchsorted(node, table[end].to_numpy())] for end in ("start", "stop")
    )
    names = ("", *sorted(set(table["name"]) - {""}))
    name = np.searchsorted(np.array(names, dtype=object), table["name"].to_numpy(dtype=object))
    by_place = np.lexsort((np.arange(len(table)), name, stop, start))
    places = places[order]
    numbers = np.concatenate(
        [
            [len(node)],
            _zigzag(np.diff(places, axis=0, prepend=0)).ravel(),
            [len(table)],
            _rows(
                start[by_place],
                stop[by_place],
                table["flags"].to_numpy()[by_place],
                name[by_place],
                table["tenths"].to_numpy()[by_place],
                *_corners(xy, first[by_place], counts[by_place], places[start[by_place]]),
            ),
        ]
    )
    return PackedRoads(
        text=base64.b64encode(_varints(numbers)).decode(),
        names=names if len(names) > 1 else (),
        node_position=dict(zip(node.tolist(), position.tolist(), strict=True)),
        segments=len(table),
    )


def _segments(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return a row a segment: row of the frame, start, stop, flags, name, tenths; both directions as one where they are alike."""
    kind = frame["road_class"].astype(str)
    main = kind.str.removesuffix("_link")
    weight = main.map({name: i for i, name in enumerate(CLASSES)}).fillna(len(CLASSES))
    weight = weight.where(~main.isin(LEAST), len(CLASSES) + 1).astype(np.int64)
    table = pd.DataFrame(
        {
            "row": np.arange(len(frame)),
            "start": frame["edge_from"].to_numpy(np.int64),
            "stop": frame["edge_to"].to_numpy(np.int64),
            "flags": (4 * weight + 2 * kind.str.endswith("_link")).to_numpy(np.int64),
            "name": frame["name"].astype(str).to_numpy() if "name" in frame else "",
            "tenths": np.maximum(1, np.rint(frame["travel_s"].to_numpy(float) * TENTHS)).astype(
                np.int64
            ),
            "length": np.rint(shapely.length(frame.geometry.array) / STEP).astype(np.int64),
        }
    )
    low, high = table[["start", "stop"]].min(axis=1), table[["start", "stop"]].max(axis=1)
    table["ahead"] = table["start"] <= table["stop"]
    # the n-th of several alike goes with the n-th of the other direction
    alike = [low.rename("low"), high.rename("high"), "flags", "name", "tenths", "length"]
    # the order of rows does not matter, not even for two ways between the same crossings
    keys = ["start", "stop", "flags", "name", "tenths", "length"]
    again = table.duplicated(keys, keep=False)
    table["line"] = ""
    table.loc[again, "line"] = shapely.to_wkb(frame.geometry.array[again.to_numpy()], hex=True)
    table = table.sort_values([*keys, "line"], kind="stable")
    table["nth"] = table.groupby([*alike, "ahead"], sort=False).cumcount()
    pair = table.groupby([*alike, "nth"], sort=False)["ahead"]
    table["two_way"] = pair.transform("nunique").to_numpy() == 2
    table = table[table["ahead"] | ~table["two_way"]]
    return table.assign(flags=table["flags"] + ~table["two_way"]).reset_index(drop=True)


def _nodes(table: pd.DataFrame, xy: Ints, first: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """Return the nodes that segments end at, ascending, and the place of each."""
    ends = np.concatenate([table["start"].to_numpy(), table["stop"].to_numpy()])
    node, at = np.unique(ends, return_index=True)
    return node, xy[np.concatenate([first, first + counts - 1])[at]]


def _along_a_curve(places: Ints) -> tuple[Ints, Ints]:
    """Return the order of places along a Hilbert curve, and each one's position in it."""
    points = gpd.GeoSeries(gpd.points_from_xy(*places.T))
    curve = points.hilbert_distance().to_numpy() if len(points) else np.empty(0)
    order = np.lexsort((places[:, 1], places[:, 0], curve))
    position = np.empty_like(order)
    position[order] = np.arange(len(order))
    return order, position


def _corners(xy: Ints, first: Ints, counts: Ints, begin: Ints) -> tuple[Ints, Ints]:
    """Return how many inner corners each segment has, and all their differences as unsigned numbers."""
    inner = counts - 2
    of = np.repeat(np.arange(len(inner)), inner)
    ahead = np.cumsum(inner) - inner
    corners = xy[first[of] + 1 + np.arange(inner.sum()) - ahead[of]]
    steps = np.diff(corners, axis=0, prepend=0)
    has = inner > 0
    steps[ahead[has]] = corners[ahead[has]] - begin[has]
    return inner, _zigzag(steps).ravel()


def _rows(
    start: Ints, stop: Ints, flags: Ints, name: Ints, tenths: Ints, inner: Ints, corners: Ints
) -> Ints:
    """Put six numbers and the corners of each segment one after the other."""
    heads = np.column_stack(
        [
            np.diff(start, prepend=0),
            _zigzag(stop - start),
            flags,
            _zigzag(np.diff(name, prepend=0)),
            tenths,
            inner,
        ]
    )
    six = heads.shape[1]
    begins = six * np.arange(len(heads)) + np.cumsum(2 * inner) - 2 * inner
    out = np.empty(heads.size + len(corners), dtype=np.int64)
    is_head = np.zeros(len(out), dtype=bool)
    at = (begins[:, None] + np.arange(six)).ravel()
    is_head[at] = True
    out[at] = heads.ravel()
    out[~is_head] = corners
    return out


def _zigzag(values: Ints) -> Ints:
    """Return 0, -1, 1, -2, ... as 0, 1, 2, 3, ..."""
    return np.where(values < 0, -2 * values - 1, 2 * values)


def _varints(values: Ints) -> bytes:
    """Return numbers of 0 and more, seven bits a byte, the low ones first; all but the last byte have the eighth bit."""
    out = [values & 127]
    has = [np.ones(len(values), dtype=bool)]
    rest = values >> 7
    while rest.any():
        out[-1] = out[-1] | np.where(rest > 0, 128, 0)
        out.append(rest & 127)
        has.append(rest > 0)
        rest = rest >> 7
    flat: NDArray[np.uint8] = np.column_stack(out).astype(np.uint8)[np.column_stack(has)]
    return flat.tobytes()
