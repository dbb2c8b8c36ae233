"""Road networks from tables of lines: GeoPackage, GeoParquet, Shapefile, GeoJSON."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from coresponse.data.crs_text import refuse_leading_crs
from coresponse.data.errors import InputError
from coresponse.data.roads.assemble import assemble
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.raw import RawRoads
from coresponse.data.roads.speeds import main_class, parse_maxspeed
from coresponse.data.roads.street_names import street_name

# Line ends that agree to these decimals (0.1 m, about 0.1 m) are one node.
NODE_DECIMALS_M, NODE_DECIMALS_DEGREES = 1, 6

_FORWARD = {"yes", "true", "1", "ft", "f"}
_BACKWARD = {"-1", "reverse", "tf", "t"}
_ALWAYS_ONE_WAY = {"motorway", "motorway_link"}
_ROUND = {"roundabout", "circular"}
# Geofabrik's name of the class, and the columns of :func:`~coresponse.data.roads.frames.edges_frame`.
_ALIASES = {
    "fclass": "highway",
    "edge_from": "u", "edge_to": "v", "road_class": "highway", "length_m": "length", "travel_s": "travel_time",
}  # fmt: skip


def from_lines(lines: gpd.GeoDataFrame, *, source: str, attribution: str = "") -> RoadNetwork:
    """Build a network from road lines.

    Columns used where they are there (any case): `u`, `v`, `oneway`, `junction`, `highway` (or
    `fclass`, as Geofabrik has it), `maxspeed`, `length` (meters), `travel_time` (seconds),
    `speed_kph`, `name`, `ref`; also those of :func:`~coresponse.data.roads.frames.edges_frame`. Where `u` and `v`
    hold two-way streets twice, once a direction, each row is one directed edge; else nodes are
    rebuilt from line ends, and a line counts both ways unless `oneway` says otherwise (F along the
    line, T against it).

    Raises
    ------
    InputError
        If there is no CRS, no line, or lines are not simple lines.
    """
    if lines.crs is None:
        raise InputError(f"{source}: has no CRS -- save it with one, such as EPSG:4326")
    crs = CRS.from_user_input(lines.crs)
    refuse_leading_crs(crs.to_wkt(), source)
    if not (crs.is_geographic or crs.is_projected):
        raise InputError(f"{source}: CRS {crs.name} is neither geographic nor projected")
    lines = lines[~(lines.geometry.is_empty | lines.geometry.isna())]
    lines = (
        lines.explode(ignore_index=True) if (lines.geom_type == "MultiLineString").any() else lines
    )
    lines = gpd.GeoDataFrame(lines.loc[np.asarray(lines.geom_type == "LineString")])
    lines = lines.set_index(pd.RangeIndex(len(lines)))
    if lines.empty:
        raise InputError(f"{source}: no line in it -- give road lines, not points or areas")
    table = pd.DataFrame(lines.drop(columns=lines.geometry.name))
    table.columns = [str(name).lower() for name in table.columns]
    table = table.loc[:, ~table.columns.duplicated()]
    table = table.rename(columns={old: new for old, new in _ALIASES.items() if new not in table})
    table = table.loc[:, ~table.columns.duplicated()]
    geometry = np.asarray(lines.geometry.array)
    notes: tuple[str, ...] = ()
    if not _has_both_directions(table):
        notes = _one_way_notes(table)
        table, geometry = _both_ways(table.drop(columns=["u", "v"], errors="ignore"), geometry)
    return assemble(_raw(table, geometry, crs), source=source, attribution=attribution, notes=notes)


def _one_way_notes(table: pd.DataFrame) -> tuple[str, ...]:
    """Say so if nothing tells which lines are one-way, above all where highways are among them."""
    if "oneway" in table and (_text(table, "oneway") != "").any():
        return ()
    classes = [main_class(value) for value in table.get("highway", ())]
    fast = sum(name in _ALWAYS_ONE_WAY for name in classes)
    said = (
        f"; {fast:,} of them are motorways and their ramps, which are almost never two-way"
        if fast
        else ""
    )
    what = "the oneway column is blank" if "oneway" in table else "there is no oneway column"
    return (
        (f"{what}: all {len(table):,} lines are read as two-way{said} -- export the roads with it"),
    )


def _has_both_directions(table: pd.DataFrame) -> bool:
    if "u" not in table or "v" not in table or table[["u", "v"]].isna().any(axis=None):
        return False
    there = pd.MultiIndex.from_frame(table[["u", "v"]])
    back = pd.MultiIndex.from_frame(table[["v", "u"]])
    # even a one-way downtown has a quarter of its streets two-way
    return bool(there.isin(back).mean() > 0.25)


def _both_ways(table: pd.DataFrame, geometry: NDArray[Any]) -> tuple[pd.DataFrame, NDArray[Any]]:
    direction = _text(table, "oneway")
    junction = _text(table, "junction").isin(_ROUND)
    forward = ~direction.isin(_BACKWARD)
    backward = ~(direction.isin(_FORWARD) | (junction & ~direction.isin(_BACKWARD)))
    rows = np.r_[np.flatnonzero(forward), np.flatnonzero(backward)]
    turned = np.r_[geometry[forward], shapely.reverse(geometry[backward])]
    return table.take(rows).reset_index(drop=True), turned


def _text(table: pd.DataFrame, column: str) -> pd.Series[str]:
    if column not in table:
        return pd.Series([""] * len(table), dtype=str)
    values = table[column].astype(object)
    return (
        values.where(values.notna(), "").astype(str).str.strip().str.lower().str.removesuffix(".0")
    )


def _raw(table: pd.DataFrame, geometry: NDArray[Any], crs: CRS) -> RawRoads:
    counts = shapely.get_num_coordinates(geometry)
    shape_start = np.r_[0, np.cumsum(counts)].astype(np.int64)
    shape_xy = shapely.get_coordinates(geometry)
    ends = np.r_[shape_xy[shape_start[:-1]], shape_xy[shape_start[1:] - 1]]
    if "u" in table and "v" in table:
        code, names = pd.factorize(pd.concat([table["u"], table["v"]], ignore_index=True))
        _, first = np.unique(code, return_index=True)
        numbers = pd.to_numeric(pd.Series(names), errors="coerce")
        whole = pd.api.types.is_integer_dtype(numbers) and bool(numbers.notna().all())
        node_id = np.asarray(numbers, dtype=np.int64) if whole else np.arange(len(first))
    else:
        rounded = ends.round(NODE_DECIMALS_DEGREES if crs.is_geographic else NODE_DECIMALS_M)
        _, first, code = np.unique(rounded, axis=0, return_index=True, return_inverse=True)
        node_id = np.arange(len(first))
    half = len(geometry)
    own_kph = _numbers(table, "speed_kph")
    classes = table.get("highway", pd.Series([None] * half, dtype=object))
    limits = table.get("maxspeed", pd.Series([None] * half, dtype=object))
    limit_kph = np.array([parse_maxspeed(value) for value in limits], dtype=float)
    titles, refs = (table.get(key, [None] * half) for key in ("name", "ref"))
    return RawRoads(
        crs=crs,
        node_id=node_id.astype(np.int64),
        node_x=ends[first, 0],
        node_y=ends[first, 1],
        edge_from=code.ravel()[:half].astype(np.int64),
        edge_to=code.ravel()[half:].astype(np.int64),
        length_m=_numbers(table, "length"),
        maxspeed_kph=np.where(np.isfinite(own_kph) & (own_kph > 0), own_kph, limit_kph),
        source_travel_s=_numbers(table, "travel_time"),
        road_class=np.array([main_class(value) for value in classes], dtype=object),
        shape_start=shape_start,
        shape_xy=shape_xy,
        street_name=np.array(
            [street_name(*both) for both in zip(titles, refs, strict=True)], dtype=object
        ),
    )


def _numbers(table: pd.DataFrame, column: str) -> NDArray[np.float64]:
    if column not in table:
        return np.full(len(table), np.nan)
    return np.asarray(pd.to_numeric(table[column], errors="coerce"), dtype=float)
