"""The map page of a large plan: bytes, seconds to write, seconds until it is painted in Chromium.

The peer is plain Folium as its documentation teaches it: a GeoJson of the edges, one of the cells, a Marker with a popup for each
post. Its Leaflet, jQuery, Bootstrap and fonts would come from the internet on top of its bytes, and it cannot paint without them.
"""

from __future__ import annotations

import math
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import shapely

from coresponse.data.options import Deployment, Option
from coresponse.data.roads.frames import edges_frame
from coresponse.data.roads.made import street_grid
from coresponse.maps.content import MapContent
from coresponse.maps.plan_map import write_plan_map

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


def city(columns: int, rows: int, posts: int, cells: int) -> MapContent:
    """Make content of a given size; figures are drawn from a seed."""
    rng = np.random.default_rng(7)
    network = street_grid(columns, rows, seed=7)
    west, south = network.node_x.min(), network.node_y.min()
    width, height = np.ptp(network.node_x), np.ptp(network.node_y)
    x, y = west + rng.uniform(0, width, posts), south + rng.uniform(0, height, posts)
    ids = [f"P{i:03d}" for i in range(posts)]
    side = math.sqrt(width * height / cells)
    across = math.ceil(width / side)
    at = [(west + side * (i % across), south + side * (i // across)) for i in range(cells)]
    frame = gpd.GeoDataFrame(
        {"cell_id": [f"A{i:05d}" for i in range(cells)], "calls_band": rng.choice(["11-25", "26-50", "51-100"], cells)},
        geometry=[shapely.box(w, s, w + side, s + side) for w, s in at],
        crs=network.crs,
    )
    middle = np.array(at) + side / 2
    deployments = {}
    for name, used in (("plan", ids[::2]), ("today", ids[1::2])):
        deployments[name] = Deployment.of(name, {Option("unit", post, "always"): 1 for post in used})
        place = np.column_stack([x, y])[[ids.index(post) for post in used]]
        away = np.linalg.norm(middle[:, None] - place[None], axis=2)
        frame[f"mean_s_{name}"] = 240 + away.min(axis=1) / 5
        frame[f"share_in_time_{name}"] = np.clip(1.2 - frame[f"mean_s_{name}"] / 900, 0, 1)
        frame[f"depth_{name}"] = (away < 3000).sum(axis=1).astype(float)
        frame[f"post_{name}"] = np.array(used)[away.argmin(axis=1)]
    points = gpd.GeoDataFrame(
        {"post_id": ids, "name": [f"Post {i}" for i in ids], "kind": "station"},
        geometry=gpd.points_from_xy(x, y),
        crs=network.crs,
    )
    return MapContent(
        title="Made city",
        clock="from the call's start to the responder's arrival on scene",
        target_min=15.0,
        plan=deployments["plan"],
        today=deployments["today"],
        posts=points,
        responder_titles={"unit": "Co-responder unit"},
        roads=edges_frame(network),
        cells=frame,
        attribution=("made street grid, no real place",),
    )


def plain_folium(content: MapContent, path: Path) -> None:
    """Draw the same plan the way Folium's documentation teaches it."""
    posts = content.posts.to_crs("EPSG:4326")
    middle = posts.geometry.union_all().centroid
    page = folium.Map(location=[middle.y, middle.x])
    folium.GeoJson(content.roads[["road_class", "geometry"]].to_crs("EPSG:4326")).add_to(page)
    folium.GeoJson(
        content.cells.to_crs("EPSG:4326"), tooltip=folium.GeoJsonTooltip(["cell_id", "calls_band", "mean_s_plan"])
    ).add_to(page)
    for name, point in zip(posts["name"], posts.geometry, strict=True):
        folium.Marker([point.y, point.x], popup=name).add_to(page)
    page.save(str(path))


def paint_seconds(path: Path) -> float | None:
    """Return the seconds from opening the page until everything is painted; None without Chromium."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        return None
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 -- only where it is installed

    with sync_playwright() as playwright:
        browser: Any = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        best = math.inf
        for _ in range(3):
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(path.resolve().as_uri())
            page.wait_for_selector("body[data-ready=yes]")
            # performance.now counts from the start of the navigation; the second frame comes after the paint
            done = page.evaluate(
                "() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => r(performance.now()))))"
            )
            best = min(best, done / 1000)
            page.close()
        browser.close()
    return best


def cases() -> Iterator[dict[str, Any]]:
    """Yield one case a size."""
    for columns, rows, posts, cells in ((72, 71, 200, 2000), (160, 158, 200, 4000)):
        content = city(columns, rows, posts, cells)
        with tempfile.TemporaryDirectory() as folder:
            ours, peer = Path(folder) / "ours.html", Path(folder) / "peer.html"
            start = time.perf_counter()
            write_plan_map(content, ours)
            seconds = time.perf_counter() - start
            start = time.perf_counter()
            plain_folium(content, peer)
            peer_seconds = time.perf_counter() - start
            yield {
                "case": f"{len(content.roads)} edges, {posts} posts, {cells} cells",
                "seconds": round(seconds, 2),
                "bytes": ours.stat().st_size,
                "paint_seconds": paint_seconds(ours),
                "peer": "plain folium",
                "peer_seconds": round(peer_seconds, 2),
                "peer_bytes": peer.stat().st_size,
                "bytes_ratio": round(ours.stat().st_size / peer.stat().st_size, 3),
                "seconds_ratio": round(seconds / peer_seconds, 3),
            }
