"""The budget explorer as one HTML page; the same content gives the same bytes."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from coresponse.data.words import natural_order
from coresponse.maps.escape import clean_text, script_json
from coresponse.maps.explorer.content import ExplorerContent, ExplorerPoint, Frontier
from coresponse.maps.geometry import (
    STEP,
    encode_area,
    encode_point,
    encode_roads,
    label_points,
    origin_of,
    outline,
    to_degrees,
    to_meters,
)
from coresponse.maps.glyphs import glyphs
from coresponse.maps.land import beside_roads, cut, dry, encode_ground, encode_landmarks
from coresponse.maps.offline import (
    asset,
    map_script,
    page_text,
    policy,
    script_text,
    templates,
    write_whole,
)
from coresponse.maps.plan_map import LEAFLET
from coresponse.maps.scales import ColorClass, wait_scale

SCRIPTS = (
    "content.js",
    "shapes.js",
    "looks.js",
    "local.js",
    "turn.js",
    "ink.js",
    "explorer_streets.js",
    "hatch.js",
    "words.js",
    "signs.js",
    "ground.js",
    "label_places.js",
    "landmarks.js",
    "street_names.js",
    "explorer_words.js",
    "explorer_frontier.js",
    "explorer_map.js",
    "picture.js",
    "explorer_picture.js",
    "explorer.js",
)
# Of an area that no replayed call came from.
NO_TIME = -1

# How areas are drawn that have no wait.
NO_PLAN = ColorClass(None, "no plan, or no call", "#4a4a4a", "cross")


def write_explorer(content: ExplorerContent, path: Path) -> None:
    """Write the page whole."""
    write_whole(path, explorer_page(content))


def explorer_page(content: ExplorerContent) -> str:
    """Return the page as text."""
    styles = [asset(f"{LEAFLET}/leaflet.css"), page_text("looks.css"), page_text("explorer.css")]
    styles += [page_text("internal.css")] if content.internal else []
    own = "\n".join(script_text(name) for name in SCRIPTS)
    scripts = [
        asset(f"{LEAFLET}/leaflet.js"),
        f'(function () {{\n"use strict";\n{map_script("plan")}\n{own}\nstart(map_plan);\n}})();',
    ]
    return (
        templates()
        .get_template("explorer.html")
        .render(
            content=content,
            policy=policy(scripts, styles),
            styles=[Markup(style) for style in styles],  # noqa: S704 -- our own files
            scripts=[Markup(script) for script in scripts],  # noqa: S704 -- our own files and folium's options
            data=Markup(script_json(payload(content))),  # noqa: S704 -- cannot end its element
        )
    )


def payload(content: ExplorerContent) -> dict[str, Any]:
    """Turn content into JSON-ready data; names are cleaned, and set as text by the script."""
    posts = to_degrees(content.posts).sort_values(
        "post_id", key=natural_order, kind="stable", ignore_index=True
    )
    metric = to_meters(content.roads)
    beside = dry(beside_roads(metric, content.beside_roads_m), content.water, metric.crs)
    cells, roads = (
        to_degrees(cut(content.cells.to_crs(metric.crs), beside)),
        to_degrees(content.roads),
    )
    origin = origin_of(roads, cells, posts)
    west, south, east, north = (cells if len(cells) else posts).total_bounds
    position = {str(post): i for i, post in enumerate(posts["post_id"])}
    kinds = {name: i for i, name in enumerate(content.responder_titles)}
    return {
        "origin": origin,
        "step": STEP,
        "bounds": [
            [round(float(south), 5), round(float(west), 5)],
            [round(float(north), 5), round(float(east), 5)],
        ],
        **outline(roads, cells, posts, origin=origin),
        "title": clean_text(content.title),
        "internal": content.internal,
        "target": content.target_min,
        "never": NO_TIME,
        "scale": replace(wait_scale(content.target_min), missing=NO_PLAN).as_dict(),
        "glyphs": [
            {**asdict(g), "title": clean_text(g.title), "responder_type": ""}
            for g in glyphs(content.responder_titles)
        ],
        "sliders": [
            {
                "key": s.key,
                "title": clean_text(s.title),
                "values": list(s.values),
                "texts": [clean_text(text) for text in s.texts],
            }
            for s in content.sliders
        ],
        "frontier": _frontier(content.frontier),
        "posts": [
            {"name": clean_text(name) or clean_text(post_id), "at": encode_point(point, origin)}
            for post_id, name, point in zip(
                posts["post_id"], posts["name"], posts.geometry, strict=True
            )
        ],
        "groups": [clean_text(name) for name in content.groups],
        "cells": [encode_area(shape, origin) for shape in cells.geometry],
        "parks": encode_ground(content.parks, origin),
        "water": encode_ground(content.water, origin),
        **_names(content, origin),
        "roads": encode_roads(roads, origin, simplify_m=8.0),
        "points": [
            _point(content, i, point, position, kinds) for i, point in enumerate(content.points)
        ],
    }


def _names(content: ExplorerContent, origin: tuple[float, float]) -> dict[str, list[Any]]:
    """Return what the map names: districts first, then parks, waters, and rivers along their line."""
    out = encode_landmarks(content.landmarks, origin)
    if content.districts is not None:
        metric = to_meters(content.districts)
        sides = np.sqrt(metric.area.to_numpy())
        points = label_points(to_degrees(content.districts))
        rows = zip(content.districts["name"], points, sides, strict=True)
        named = [
            [clean_text(name), "district", encode_point(point, origin), round(float(side))]
            for name, point, side in rows
        ]
        largest_first = np.argsort(-sides, kind="stable")
        out["places"] = [named[i] for i in largest_first] + out["places"]
    return out


def _point(
    content: ExplorerContent,
    i: int,
    point: ExplorerPoint,
    position: dict[str, int],
    kinds: dict[str, int],
) -> dict[str, Any]:
    crews: dict[tuple[int, int], int] = {}
    for option, count in point.deployment.counts:
        key = position[option.post_id], kinds[option.responder_type]
        crews[key] = crews.get(key, 0) + count
    of_areas = content.cells.get(f"mean_with_fallback_s_p{i}", np.zeros(0))
    times = np.asarray(of_areas, dtype=float) / 60
    return {
        "at": list(point.at),
        "status": clean_text(point.status),
        **_figures(point),
        "best": point.efficient,
        "who": _who(point),
        "crew": [[post, kind, count] for (post, kind), count in sorted(crews.items())],
        # tenths of a minute: whole numbers are short
        "v": [NO_TIME if math.isnan(t) else round(t * 10) for t in times],
    }


def _who(point: ExplorerPoint) -> list[list[float | None]]:
    """Return mean wait, and percent in time, of each group of residents."""
    return [[_rounded(g.wait_min, 1), _percent(g.share_in_time)] for g in point.by_group]


def _figures(point: ExplorerPoint) -> dict[str, Any]:
    return {
        "fleet": clean_text(point.fleet),
        "cost": _rounded(point.cost_per_year, 0),
        "share": _percent(point.share_in_time),
        "wait": _rounded(point.mean_wait_min, 1),
        "p90": _rounded(point.p90_min, 1),
        "police": _rounded(point.left_to_police_per_week, 1),
        "noOfficer": _rounded(point.without_officer_per_week, 1),
        "noOfficerShare": _percent(point.share_without_officer),
        "worst": _rounded(point.worst_district_min, 1),
    }


def _frontier(frontier: Frontier) -> dict[str, Any]:
    return {
        "figure": frontier.figure,
        "knee": frontier.knee,
        "own": frontier.own,
        **{
            name: None if (one := getattr(frontier, name)) is None else _beside(one)
            for name in ("today", "rearranged", "plan")
        },
    }


def _beside(point: ExplorerPoint) -> dict[str, Any]:
    """Return a point that no position of the sliders has: it says what it is."""
    return {"status": clean_text(point.status), **_figures(point), "who": _who(point)}


def _percent(share: float | None) -> float | None:
    return _rounded(None if share is None else 100 * share, 1)


def _rounded(value: float | None, digits: int) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    out = round(float(value), digits) + 0.0
    return int(out) if out == int(out) else out
