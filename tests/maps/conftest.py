"""A small made city for the map page, and a browser that must not use the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from coresponse.data.figures.rows import MapPeriod, SummaryRow
from coresponse.data.figures.text import percent
from coresponse.data.options import Deployment, Option
from coresponse.data.roads.frames import edges_frame
from coresponse.data.roads.made import street_grid
from coresponse.maps.answer import NamedPost, Recommendation, StepToPlan
from coresponse.maps.content import MapContent

CRS = "EPSG:32618"
WEST, SOUTH = 500_000.0, 4_500_000.0


def _square(x: float, y: float, side: float) -> shapely.Polygon:
    return shapely.box(WEST + x, SOUTH + y, WEST + x + side, SOUTH + y + side)


def make_answer(name: Callable[[str], str] = lambda text: text) -> Recommendation:
    """What to do, where, what it brings and what it costs; `name` is put over every text from data."""
    rows = (("today", "Today", 0.55, "17.5"), ("plan", name("The plan"), 0.712, "14.2"))
    return Recommendation(
        ask=name("Put 2 units and 1 clinician on duty at 2 posts"),
        aim=name("so that calls wait as little as possible."),
        posts=tuple(NamedPost(post, name(f"Post {post}")) for post in "AC"),
        heads=(name("Within 15 min"), "Mean wait"),
        steps=tuple(
            StepToPlan(key, title, share, (percent(share), f"{wait} min"))
            for key, title, share, wait in rows
        ),
        gain=name("+16.2 points, -3.3 min against today"),
        price="$1.20 million a year",
        price_note="today $1.00 million",
        staff="3 people to hire",
        staff_note=name("3 officers"),
    )


def make_content(
    *,
    name: Callable[[str], str] = lambda text: text,
    today: bool = True,
    districts: bool = True,
    **changes: Any,
) -> MapContent:
    """A city of 12 x 12 crossings, 9 areas, 4 posts, 2 districts.

    `name` is put over every text from data.
    """
    posts = gpd.GeoDataFrame(
        {
            "post_id": ["A", "B", "C", "D"],
            "name": [name(f"Post {c}") for c in "ABCD"],
            "kind": [name("station"), "clinic", "clinic", "street"],
        },
        geometry=[
            shapely.Point(WEST + x, SOUTH + y)
            for x, y in ((200, 200), (1100, 300), (700, 1000), (300, 1200))
        ],
        crs=CRS,
    )
    plan = Deployment.of(
        "plan", {Option("unit", "A", "day"): 2, Option("clinician", "C", "always"): 1}
    )
    now = Deployment.of("today", {Option("unit", "A", "day"): 1, Option("unit", "B", "day"): 1})
    n = 9
    cells = gpd.GeoDataFrame(
        {
            "cell_id": [f"Q{i}" for i in range(n)],
            "calls_band": ["11-25", "26-50", "51-100"] * 3,
            "mean_with_fallback_s_plan": np.linspace(200, 3600, n),
            "mean_s_plan": np.r_[np.linspace(200, 1700, n - 1), np.nan],
            "mean_s_if_free_plan": np.r_[np.linspace(200, 1700, n - 1), np.nan],
            "share_in_time_plan": np.linspace(1, 0, n),
            "depth_plan": np.linspace(0, 4, n),
            "post_plan": ["A"] * 4 + ["C"] * 4 + [""],
        },
        geometry=[_square(450 * (i % 3), 450 * (i // 3), 450) for i in range(n)],
        crs=CRS,
    )
    if today:
        cells["mean_with_fallback_s_today"] = np.full(n, 900.0)
        cells["mean_s_today"] = np.full(n, 900.0)
        cells["mean_s_if_free_today"] = np.full(n, 900.0)
        cells["wait_would_be"] = ["shorter", "no difference that counts", *["longer"] * (n - 2)]
        cells["in_time_would_be"] = ["higher"] * (n - 1) + ["no difference that counts"]
        cells["share_in_time_today"] = np.full(n, 0.5)
        cells["depth_today"] = np.ones(n)
        cells["post_today"] = ["B"] * n
    larger = cells.dissolve(by=np.arange(n) // 3)
    timed = gpd.GeoDataFrame(
        {"cell_id": ["T1", "T2", "T3"]}, geometry=larger.geometry.to_numpy(), crs=CRS
    )
    for name_of in ("plan", "today") if today else ("plan",):
        for key, mean_s, post in (("day", 700.0, "A"), ("night", 2400.0, "C")):
            timed[f"calls_band@{key}"] = ["26-50", "11-25", "11-25"]
            for figure in ("mean_with_fallback_s", "mean_s", "mean_s_if_free"):
                seconds = np.full(3, mean_s + 60 * (name_of == "today"))
                timed[f"{figure}_{name_of}@{key}"] = seconds
            if today:
                timed[f"wait_would_be@{key}"] = ["shorter"] * 3
                timed[f"in_time_would_be@{key}"] = ["no difference that counts"] * 3
            timed[f"share_in_time_{name_of}@{key}"] = np.full(3, 0.75 if key == "day" else 0.0)
            timed[f"depth_{name_of}@{key}"] = np.full(3, 2.0 if key == "day" else 0.5)
            timed[f"post_{name_of}@{key}"] = [post] * 3
    areas = gpd.GeoDataFrame(
        {
            "district_id": ["D1", "D2"],
            "name": [name("North End"), name("South End")],
            "calls_band": ["101-250", "not shown"],
            "mean_with_fallback_s_plan": [600.0, np.nan],
            "mean_s_plan": [540.0, np.nan],
            "p90_s_plan": [1200.0, np.nan],
            "share_in_time_plan": [0.9, np.nan],
            "mean_with_fallback_s_today": [660.0, np.nan],
            "mean_s_today": [570.0, np.nan],
            "wait_would_be": ["shorter", ""],
            "in_time_would_be": ["higher", ""],
            "p90_s_today": [1500.0, np.nan],
            "share_in_time_today": [0.7, np.nan],
        },
        geometry=[
            shapely.box(WEST - 50, SOUTH + 700, WEST + 1400, SOUTH + 1400),
            shapely.box(WEST - 50, SOUTH - 50, WEST + 1400, SOUTH + 700),
        ],
        crs=CRS,
    )
    for key, mean_s in (("day", 480.0), ("night", 1500.0)):
        for name_of in ("plan", "today"):
            for figure in ("mean_with_fallback_s", "mean_s"):
                areas[f"{figure}_{name_of}@{key}"] = [mean_s + 60 * (name_of == "today"), np.nan]
            areas[f"wait_would_be@{key}"] = ["shorter", ""]
            areas[f"in_time_would_be@{key}"] = ["no difference that counts", ""]
            areas[f"p90_s_{name_of}@{key}"] = [2 * mean_s, np.nan]
            areas[f"share_in_time_{name_of}@{key}"] = [0.8, np.nan]
    figures = {
        f"{f}_{d}": v
        for d in ("plan", "today")
        for f, v in (
            ("mean_with_fallback_s", 1500.0),
            ("mean_s", 1200.0),
            ("p90_s", 2700.0),
            ("share_in_time", 0.42),
        )
    }
    by_time = pd.DataFrame([{"calls_band": "51-100"} | figures] * 2, index=["day", "night"])
    settings: dict[str, Any] = {
        "title": name("Made city"),
        "clock": name("from the call's start to arrival on scene"),
        "target_min": 15.0,
        "plan": plan,
        "today": now if today else None,
        "posts": posts,
        "responder_titles": {
            "unit": name("Co-responder unit"),
            "clinician": name("On-call clinician"),
        },
        "pattern_titles": {"day": name("Day shift"), "always": "Around the clock"},
        "roads": edges_frame(street_grid(12, 12, seed=3)),
        "cells": cells,
        "districts": areas if districts else None,
        "summary": (
            SummaryRow(name("Mean wait"), "min", 14.2, 17.5, headline=True, note=name("note")),
            SummaryRow("Within the standard", "share", 0.712, 0.55, better="higher", headline=True),
            SummaryRow("Cost", "dollars", 1_200_000.0, 1_000_000.0),
        ),
        "people": (
            ("Crew role", "Seats", "To hire"),
            (name("Police officer"), "4", "3"),
            ("Supervisor", "", ""),
        ),
        "people_note": name("You need to hire 3 officers."),
        "answer": make_answer(name),
        "periods": (
            MapPeriod(
                "day", name("Day"), "daily 07:00-19:00", frozenset({"always"}), frozenset({"day"})
            ),
            MapPeriod("night", name("Night"), "daily 19:00-07:00", frozenset({"always"})),
        ),
        "cells_by_time": timed,
        "by_time": by_time,
        "notices": (name("SYNTHETIC calls"),),
        "attribution": (name("made grid, no real place"),),
        "provenance": (name("made for a test"),),
    }
    return MapContent(**(settings | changes))


@pytest.fixture(scope="session")
def content_maker() -> Callable[..., MapContent]:
    return make_content


@dataclass
class Visit:
    """A page that was opened, and what it did."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture
def visit(chromium: Any) -> Iterator[Callable[..., Visit]]:
    """Open a file; notes every request but the file's own and every complaint of the console."""
    contexts = []

    def _visit(path: Path, *, phone: bool = False, **settings: Any) -> Visit:
        size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 900}
        context = chromium.new_context(viewport=size, has_touch=phone, is_mobile=phone, **settings)
        contexts.append(context)
        found = Visit(context.new_page())
        address = path.resolve().as_uri()
        found.page.on(
            "request",
            lambda r: None if r.url.split("#")[0] == address else found.requests.append(r.url),
        )
        found.page.on(
            "console",
            lambda m: found.complaints.append(m.text) if m.type in {"error", "warning"} else None,
        )
        found.page.on("pageerror", lambda e: found.complaints.append(e.message))
        found.page.on(
            "dialog", lambda d: (found.complaints.append(f"dialog {d.message}"), d.dismiss())
        )
        found.page.goto(address)
        found.page.wait_for_selector("body[data-ready=yes]")
        return found

    yield _visit
    for context in contexts:
        context.close()
