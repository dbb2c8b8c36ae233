"""What the page draws and offers once, whatever is asked.

The city, its posts, its limits, and today.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np

from coresponse.app.desk import Desk
from coresponse.app.prepared import PreparedStudy
from coresponse.app.program_figures import figures_shown
from coresponse.app.question import Question, study_question
from coresponse.app.reach import reach_of_post
from coresponse.data.hours import HOURS_A_WEEK, WeekHours
from coresponse.data.known_city import KnownCity
from coresponse.data.roads.frames import drawn_edges
from coresponse.maps.escape import clean_text
from coresponse.maps.geometry import (
    STEP,
    encode_area,
    encode_point,
    label_points,
    origin_of,
    outline,
    to_degrees,
)
from coresponse.maps.glyphs import glyphs
from coresponse.maps.land import beside_roads, cut, dry, encode_ground, encode_landmarks, land
from coresponse.maps.packed_roads import pack_roads
from coresponse.maps.scales import (
    depth_change_scale,
    depth_scale,
    late_change_scale,
    late_scale,
    wait_change_scale,
    wait_scale,
)
from coresponse.maps.travel import post_nodes, travel_payload
from coresponse.optimize.case import Case
from coresponse.publish.areas import map_cells
from coresponse.publish.disclosure import PUBLIC
from coresponse.publish.facts import Facts
from coresponse.publish.ground import on_known_ground
from coresponse.publish.history import facts_of
from coresponse.results.aims import aim
from coresponse.results.map_page import posts_frame, travel


def base(study: PreparedStudy) -> dict[str, Any]:
    """Return the study as the page shows it."""
    case = study.case
    city, program = case.city, case.program
    facts = facts_of(case)
    used = {role for kind in program.responder_types.values() for role in kind.crew}
    return {
        "name": clean_text(city.name),
        "notice": clean_text(case.notice),
        "clock": clean_text(program.standards.clock),
        "aim": clean_text(aim(facts)),
        "fallback_min": program.standards.fallback_min.value,
        "history": clean_text(str(city.calls.assumed))
        if city.calls.assumed
        else f"{study.calls} calls, {study.first_day} to {study.last_day}",
        "attribution": clean_text(city.roads.attribution),
        "fingerprint": study.fingerprint,
        "types": [
            {
                "id": g.responder_type,
                "title": clean_text(g.title),
                "letter": g.letter,
                "shape": g.shape,
                "color": g.color,
                "patterns": list(program.responder_types[g.responder_type].shift_patterns),
            }
            for g in glyphs({name: kind.title for name, kind in program.responder_types.items()})
        ],
        "patterns": {
            name: clean_text(pattern.title) for name, pattern in program.shift_patterns.items()
        },
        "roles": [
            {"id": name, "title": clean_text(role.title)}
            for name, role in program.crew_roles.items()
            if name in used
        ],
        "figures": figures_shown(program),
        "target": case.target_s / 60,
        "asked": study_question(case).model_dump(),
        "has_today": city.today is not None,
        "scales": scales(case.target_s / 60, program.standards.fallback_min.value),
        **_drawn(case, facts),
    }


def scales(standard_min: float, fallback_min: float | None = None) -> dict[str, Any]:
    """Return the classes and colors of each view, for a standard: those of the map."""
    return {
        "wait_s": wait_scale(standard_min, fallback_min).as_dict(),
        "share_in_time": late_scale().as_dict(),
        "depth": depth_scale().as_dict(),
        "wait_s_change": wait_change_scale().as_dict(),
        "share_in_time_change": late_change_scale().as_dict(),
        "depth_change": depth_change_scale().as_dict(),
    }


def today_evaluated(study: PreparedStudy) -> dict[str, Any] | None:
    """Return today's deployment evaluated as a plan is; None where the study has none."""
    today = study.case.city.today
    if today is None:
        return None
    question = Question(
        **{**study_question(study.case).model_dump(), "posts_must": (), "posts_not": ()}
    )
    bought = [(*option, count) for option, count in today.counts]
    told = Desk(study).evaluate(question, bought)
    return {"name": "Today", "asked": question.model_dump(), **told}


def _posts(case: Case, node_position: Mapping[int, int]) -> list[dict[str, Any]]:
    frame = to_degrees(posts_frame(case.city.posts))
    nodes = post_nodes(case.city.posts.frame, node_position)
    may: dict[str, list[str]] = {}
    for option in case.options:
        if option.responder_type not in may.setdefault(option.post_id, []):
            may[option.post_id].append(option.responder_type)
    return [
        {
            "id": str(post_id),
            "name": clean_text(name),
            "kind": clean_text(kind),
            "lon": round(float(point.x), 6),
            "lat": round(float(point.y), 6),
            "node": nodes.get(str(post_id)),
            "types": may.get(str(post_id), []),
            "reach": reach_of_post(case, str(post_id)),
        }
        for post_id, name, kind, point in zip(
            frame["post_id"], frame["name"], frame["kind"], frame.geometry, strict=True
        )
    ]


def _districts(city: KnownCity, origin: tuple[float, float]) -> list[dict[str, Any]]:
    if city.districts is None:
        return []
    frame = to_degrees(city.districts.frame, simplify_m=3.0)
    return [
        {
            "id": str(i),
            "name": clean_text(name) or clean_text(i),
            "g": encode_area(shape, origin),
            "l": encode_point(middle, origin),
        }
        for i, name, shape, middle in zip(
            frame["district_id"], frame["name"], frame.geometry, label_points(frame), strict=True
        )
    ]


def _travel(case: Case, facts: Facts) -> dict[str, Any]:
    """Return what the page works out a post's reach from, in all hours alike."""
    types = tuple(case.program.responder_types)
    week = {"": WeekHours(tuple(range(HOURS_A_WEEK)))}
    return travel_payload(travel(facts), {}, types, (), {}, week)


def _drawn(case: Case, facts: Facts) -> dict[str, Any]:
    city = case.city
    roads, all_roads = drawn_edges(city.roads)
    beside = beside_roads(roads, 150.0 if all_roads else 750.0)
    shape = land(beside, None if city.districts is None else city.districts.frame.to_crs(roads.crs))
    cells = map_cells(case.table, city.roads, {}, target_s=case.standard)
    cells = on_known_ground(cells, city, case.table.cells, PUBLIC)
    beside = dry(beside, city.water, roads.crs)
    areas = to_degrees(cut(cells, beside)) if len(cells) else cells.to_crs("EPSG:4326")
    posts = to_degrees(posts_frame(city.posts))
    degrees = to_degrees(roads)
    origin = origin_of(degrees, posts)
    west, south, east, north = np.array([degrees.total_bounds, posts.total_bounds]).T
    packed = pack_roads(degrees, origin)
    return {
        "origin": origin,
        "step": STEP,
        "bounds": [
            [float(south.min()), float(west.min())],
            [float(north.max()), float(east.max())],
        ],
        **outline(degrees, areas, posts, origin=origin),
        "land": encode_area(
            to_degrees(gpd.GeoDataFrame(geometry=[shape], crs=roads.crs)).geometry[0], origin
        ),
        "parks": encode_ground(city.parks, origin),
        "water": encode_ground(city.water, origin),
        **encode_landmarks(facts.landmarks, origin),
        "graph": packed.text,
        "streetNames": [clean_text(name) for name in packed.names],
        "travel": _travel(case, facts) if all_roads else None,
        "posts": _posts(case, packed.node_position),
        "districts": _districts(city, origin),
        "areas": [
            {"calls": band, "g": encode_area(part, origin), "l": encode_point(middle, origin)}
            for band, part, middle in zip(
                areas["calls_band"], areas.geometry, label_points(areas), strict=True
            )
        ],
    }
