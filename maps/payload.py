"""What the page's script reads: the content as plain lists, rounded to what can be seen."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from coresponse.data.figures.rows import MapPeriod
from coresponse.data.figures.text import TOO_CLOSE, percent
from coresponse.data.hours import HOURS_A_WEEK, WeekHours
from coresponse.data.words import in_order, natural_order
from coresponse.maps.content import MapContent
from coresponse.maps.escape import clean_text
from coresponse.maps.film import film_payload
from coresponse.maps.geometry import (
    STEP,
    encode_area,
    encode_point,
    label_points,
    origin_of,
    outline,
    to_degrees,
    to_meters,
)
from coresponse.maps.glyphs import glyphs
from coresponse.maps.land import cut, dry, encode_ground, encode_landmarks, land
from coresponse.maps.packed_roads import pack_roads
from coresponse.maps.scales import band_order
from coresponse.maps.scenes import scenes_payload
from coresponse.maps.service_areas import service_areas
from coresponse.maps.travel import post_nodes, travel_payload
from coresponse.maps.views import views
from coresponse.maps.week import week_payload

WHOLE_WEEK = MapPeriod("", "Whole week")
Origin = tuple[float, float]


def payload(content: MapContent) -> dict[str, Any]:
    """Turn content into JSON-ready data; names are cleaned, and set as text by the script."""
    posts = to_degrees(content.posts).sort_values(
        "post_id", key=natural_order, kind="stable", ignore_index=True
    )
    metric = to_meters(content.roads)
    beside = content.beside
    ground = land(
        beside, None if content.districts is None else content.districts.to_crs(metric.crs)
    )
    beside = dry(beside, content.water, metric.crs)
    roads = to_degrees(content.roads)
    cells = to_degrees(cut(content.cells.to_crs(metric.crs), beside))
    districts = None if content.districts is None else to_degrees(content.districts, simplify_m=3.0)
    origin = origin_of(roads, cells, posts, districts)
    position = {str(post): i for i, post in enumerate(posts["post_id"])}
    timed = content.cells_by_time
    by_time = cells.iloc[:0] if timed is None else to_degrees(cut(timed.to_crs(metric.crs), beside))
    bands = _bands(content, cells, by_time)
    packed = pack_roads(roads, origin)
    return {
        "origin": origin,
        "step": STEP,
        "bounds": _bounds(roads, cells, posts),
        **_outline(content, roads, cells, posts, origin),
        "title": clean_text(content.title),
        "target": content.target_min,
        "names": list(content.names),
        "periods": [
            {"key": p.key, "title": clean_text(p.title), "hours": clean_text(p.hours)}
            for p in (WHOLE_WEEK, *content.periods)
        ],
        "views": views(content, bands),
        "glyphs": [
            {
                **asdict(g),
                "title": clean_text(g.title),
                "responder_type": clean_text(g.responder_type),
            }
            for g in glyphs(content.responder_titles)
        ],
        "posts": _posts(content, posts, origin),
        "land": encode_area(
            to_degrees(gpd.GeoDataFrame(geometry=[ground], crs=metric.crs)).geometry[0], origin
        ),
        "parks": encode_ground(content.parks, origin),
        "water": encode_ground(content.water, origin),
        **encode_landmarks(content.landmarks, origin),
        "graph": packed.text,
        "streetNames": [clean_text(name) for name in packed.names],
        "travel": _travel(content, packed.node_position),
        "scenes": scenes_payload(content.scenes, mark="INTERNAL" if content.internal else ""),
        "week": week_payload(content.week),
        "reached": _reached(content),
        "internal": content.internal,
        "film": _film(content, list(position), packed.node_position, origin),
        "cells": _cells(content, cells, origin, position, bands),
        "timeCells": _time_cells(content, by_time, origin, position, bands),
        "bands": [clean_text(band) for band in bands],
        "groups": _groups(content),
        "areas": _areas(content, cells, by_time, origin, position),
        "districts": [] if districts is None else _districts(content, districts, origin),
    }


def _outline(
    content: MapContent,
    roads: gpd.GeoDataFrame,
    cells: gpd.GeoDataFrame,
    posts: gpd.GeoDataFrame,
    origin: Origin,
) -> dict[str, list[int] | float | None]:
    """Return what a map shows whole: the areas and the posts with crews; an extract of roads may hold many a city more."""
    names = {
        option.post_id
        for d in (content.plan, content.today)
        if d is not None
        for option, _ in d.counts
    }
    used = posts[posts["post_id"].astype(str).isin(names)]
    return (
        outline(cells, used, origin=origin) if len(cells) else outline(roads, posts, origin=origin)
    )


def _travel(content: MapContent, node_position: Mapping[int, int]) -> dict[str, Any] | None:
    """Return what drives are worked out from; nothing where not all roads are drawn."""
    if content.travel is None:
        return None
    times = {"": WeekHours(tuple(range(HOURS_A_WEEK)))}
    times |= {period.key: WeekHours.parse(period.hours) for period in content.periods}
    return travel_payload(
        content.travel,
        {name: content.deployment(name) for name in content.names},
        tuple(content.responder_titles),
        tuple(in_order(content.posts["post_id"].astype(str))),
        post_nodes(content.posts, node_position),
        times,
    )


def _reached(content: MapContent) -> list[list[str]]:
    """Return key, share in time of the plan, and of today, of each time that can be chosen."""
    if content.by_time is None or content.week is None:
        return []
    shares = {
        name: content.by_time[f"share_in_time_{name}"].astype(float) for name in content.names
    }
    return [
        [p.key, *(percent(float(shares[name][p.key])) for name in content.names)]
        for p in content.periods
    ]


def _groups(content: MapContent) -> list[list[Any]]:
    """Return each group of residents with its percent of all residents."""
    found = content.living
    if found is None:
        return []
    return [
        [clean_text(title), round(100 * share)]
        for title, share in zip(found.titles, found.whole, strict=True)
    ]


def _percents(shares: NDArray[np.float64]) -> list[list[float | None]]:
    """Return by area each group's percent of its residents; None where not shown."""
    return [[_rounded(100 * share, 0) for share in row] for row in shares]


def _film(
    content: MapContent, posts: list[str], node_position: Mapping[int, int], origin: Origin
) -> dict[str, Any] | None:
    if content.film is None:
        return None
    nodes = None if content.travel is None else node_position
    return film_payload(content.film, posts, list(content.responder_titles), nodes, origin)


def _bands(content: MapContent, cells: gpd.GeoDataFrame, by_time: gpd.GeoDataFrame) -> list[str]:
    found = set(cells["calls_band"].map(str))
    for period in content.periods:
        found |= set(by_time[f"calls_band@{period.key}"].map(str))
    return sorted(found, key=band_order)


def _posts(content: MapContent, posts: gpd.GeoDataFrame, origin: Origin) -> list[dict[str, Any]]:
    crews = _crews(content)
    owners = posts["agency"] if "agency" in posts else [""] * len(posts)
    parts = [*content.names, *(suffix for suffix, _ in content.suffixes)]
    return [
        {
            "id": clean_text(post_id),
            "name": clean_text(name) or clean_text(post_id),
            "kind": clean_text(kind),
            "at": encode_point(point, origin),
            "crew": {d: [crew for _, crew in sorted(crews[post_id, d].items())] for d in parts},
            **_agency(content, agency, line=False),
        }
        for post_id, name, kind, point, agency in zip(
            posts["post_id"], posts["name"], posts["kind"], posts.geometry, owners, strict=True
        )
    ]


def _crews(content: MapContent) -> dict[tuple[str, str], dict[int, list[Any]]]:
    """By post and deployment, and again for each time.

    [responder type, how many, their shifts, how many all the time].
    """
    order = {name: i for i, name in enumerate(content.responder_titles)}
    crews: dict[tuple[str, str], dict[int, list[Any]]] = defaultdict(dict)
    for name in content.names:
        for option, count in content.deployment(name).counts:
            pattern = option.shift_pattern
            words = f"{count} \u00d7 {clean_text(content.pattern_titles.get(pattern, pattern))}"
            told = [(name, words, count)]
            for period in content.periods:
                if pattern in period.on_duty:
                    told.append((f"{name}@{period.key}", words, count))
                elif pattern in period.partly_on_duty:
                    told.append((f"{name}@{period.key}", f"{words}, part of this time", 0))
            kind = order[option.responder_type]
            for suffix, text, whole in told:
                entry = crews[option.post_id, suffix].setdefault(kind, [kind, 0, [], 0])
                entry[1] += count
                entry[2].append(text)
                entry[3] += whole
    return crews


def _cells(
    content: MapContent,
    cells: gpd.GeoDataFrame,
    origin: Origin,
    position: dict[str, int],
    bands: list[str],
) -> list[dict[str, Any]]:
    out = _shapes(cells, origin, {d: _cell_values(cells, d, position) for d in content.names})
    order = {band: i for i, band in enumerate(bands)}
    told = _told(content, cells, [""])
    people = None if content.living is None else _percents(content.living.shares)
    for i, band in enumerate(cells["calls_band"].map(str)):
        out[i] |= {"band": {"": order[band]}, "c": told[i]}
        if people is not None:
            out[i]["who"] = people[i]
        if content.internal and "calls" in cells:
            out[i]["calls"] = int(cells["calls"].iloc[i])
    return out


def _time_cells(
    content: MapContent,
    cells: gpd.GeoDataFrame,
    origin: Origin,
    position: dict[str, int],
    bands: list[str],
) -> list[dict[str, Any]]:
    """Return the areas of all times; `band` by time."""
    out = _shapes(
        cells,
        origin,
        {suffix: _cell_values(cells, suffix, position) for suffix, _ in content.suffixes},
    )
    order = {band: i for i, band in enumerate(bands)}
    told = _told(content, cells, [p.key for p in content.periods])
    for i, row in enumerate(out):
        row["band"] = {
            p.key: order[str(cells[f"calls_band@{p.key}"].iloc[i])] for p in content.periods
        }
        row["c"] = told[i]
        if content.living is not None and content.living.shares_by_time is not None:
            row["who"] = _percents(content.living.shares_by_time[i : i + 1])[0]
    return out


def _shapes(
    cells: gpd.GeoDataFrame, origin: Origin, columns: dict[str, list[Any]]
) -> list[dict[str, Any]]:
    return [
        {
            "id": clean_text(cell_id),
            "g": encode_area(shape, origin),
            "l": encode_point(point, origin),
            "v": {name: values[i] for name, values in columns.items()},
        }
        for i, (cell_id, shape, point) in enumerate(
            zip(cells["cell_id"], cells.geometry, label_points(cells), strict=True)
        )
    ]


def _cell_values(
    cells: gpd.GeoDataFrame, suffix: str, position: dict[str, int]
) -> list[list[float | int | None]]:
    """Rows of figures, in the order in which the page's script reads them.

    Mean wait in minutes; percent not in time; responders within the standard; position of the post
    that is sent most; mean response of reached calls in minutes, and the same if the nearest were
    always free.
    """
    if f"mean_with_fallback_s_{suffix}" not in cells:
        return [[None] * 6] * len(cells)
    if_free = re.sub(r"^(plan|today)", r"if_free_\1", suffix)
    wait, in_time, depth, mean, free = (
        cells[name] if name in cells else [math.nan] * len(cells)
        for name in (
            f"mean_with_fallback_s_{suffix}",
            f"share_in_time_{suffix}",
            f"depth_{suffix}",
            f"mean_s_{suffix}",
            f"mean_s_{if_free}",
        )
    )
    posts = cells[f"post_{suffix}"] if f"post_{suffix}" in cells else [""] * len(cells)
    return [
        [
            _rounded(w / 60, 1),
            _rounded(100 - 100 * share, 1),
            _rounded(near, 1),
            position.get(str(post)),
            _rounded(m / 60, 1),
            _rounded(f / 60, 1),
        ]
        for w, share, near, post, m, f in zip(wait, in_time, depth, posts, mean, free, strict=True)
    ]


def _told(content: MapContent, frame: gpd.GeoDataFrame, keys: list[str]) -> list[dict[str, Any]]:
    """Return by place and time whether wait and share in time differ by more than chance; nothing without today."""
    if content.today is None:
        return [{} for _ in range(len(frame))]
    out: list[dict[str, Any]] = [{} for _ in range(len(frame))]
    for key in keys:
        ends = f"@{key}" if key else ""
        names = (f"wait_would_be{ends}", f"in_time_would_be{ends}")
        if set(names) <= set(frame.columns):
            for place, *said in zip(out, *(frame[name] for name in names), strict=True):
                place[key] = [int(one not in {TOO_CLOSE, ""}) for one in said]
    return out


def _areas(
    content: MapContent,
    cells: gpd.GeoDataFrame,
    by_time: gpd.GeoDataFrame,
    origin: Origin,
    position: dict[str, int],
) -> dict[str, list[dict[str, Any]]]:
    out: dict[str, list[dict[str, Any]]] = {}
    parts = [
        *((name, cells) for name in content.names),
        *((suffix, by_time) for suffix, _ in content.suffixes),
    ]
    for suffix, frame in parts:
        if len(frame) and f"post_{suffix}" in frame:
            out[suffix] = [
                {
                    "post": position[area.post_id],
                    "color": area.color,
                    "g": encode_area(area.shape, origin),
                }
                for area in service_areas(frame, f"post_{suffix}")
                if area.post_id in position
            ]
    return out


def _districts(
    content: MapContent, districts: gpd.GeoDataFrame, origin: Origin
) -> list[dict[str, Any]]:
    out = []
    exact = content.internal and "calls" in districts
    parts = [*content.names, *(suffix for suffix, _ in content.suffixes)]
    told = _told(content, districts, ["", *(p.key for p in content.periods)])
    places = zip(districts.iterrows(), label_points(districts), told, strict=True)
    for (_, row), point, signs in places:
        values = {
            d: [
                _rounded(row.get(f"mean_with_fallback_s_{d}", math.nan) / 60, 1),
                _rounded(row.get(f"p90_s_{d}", math.nan) / 60, 1),
                _rounded(100 - 100 * row.get(f"share_in_time_{d}", math.nan), 1),
                _rounded(row.get(f"mean_s_{d}", math.nan) / 60, 1),
            ]
            for d in parts
        }
        out.append(
            {
                "id": clean_text(row["district_id"]),
                "name": clean_text(row["name"]) or clean_text(row["district_id"]),
                "band": f"{int(row['calls']):,} (internal)"
                if exact
                else clean_text(row["calls_band"]),
                "g": encode_area(row.geometry, origin),
                "l": encode_point(point, origin),
                "v": values,
                "c": signs,
                **_agency(content, row.get("agency", "")),
            }
        )
    return out


def _agency(content: MapContent, name: str, *, line: bool = True) -> dict[str, str]:
    """Return whose a district or post is, and how long that agency's calls wait; nothing where there is one agency."""
    if not name:
        return {}
    return {"agency": clean_text(content.agency_lines.get(name, name) if line else name)}


def _bounds(*frames: gpd.GeoDataFrame) -> list[list[float]]:
    """South-west and north-east corner (lat, lon) of what must be seen."""
    boxes = [frame.total_bounds for frame in frames if len(frame)]
    if not boxes:
        return [[-60.0, -170.0], [70.0, 170.0]]
    west, south = np.min([b[:2] for b in boxes], axis=0)
    east, north = np.max([b[2:] for b in boxes], axis=0)
    return [
        [round(float(south), 5), round(float(west), 5)],
        [round(float(north), 5), round(float(east), 5)],
    ]


def _rounded(value: float, digits: int) -> float | None:
    """Round; what is not a number becomes None; a whole number loses its point."""
    if not math.isfinite(value):
        return None
    out = round(float(value), digits) + 0.0
    return int(out) if out == int(out) else out
