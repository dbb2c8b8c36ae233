"""The pages of a large city.

Bytes, how long until they are painted in Chromium, how long and how much memory to make them.

The city is made (:mod:`benchmarks._city`): 10,201 crossings, 20,200 street segments, 100,000 calls,
200 posts. Its pages are made by the commands ``plan``, ``sweep``, ``explore`` and ``report``, and
again by their functions in another process with another ``PYTHONHASHSEED``: both must have the same
bytes. The peers are plain Folium pages of the same streets and nothing else, as its documentation
teaches them; Leaflet is inlined so that they can paint without a network.

``CORESPONSE_PAGES=FOLDER`` keeps the study and pages, so that a later run only loads them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import folium

from benchmarks._city import CitySize, make_city
from benchmarks._loads import load, load_average
from benchmarks._process_tree import run
from coresponse.data.roads.cache import load_network
from coresponse.data.roads.frames import drawn_edges
from coresponse.maps.offline import asset
from coresponse.maps.plan_map import LEAFLET

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = {
    "plan": (),
    "sweep": (
        "--vary",
        "unit=5:8",
        "--vary",
        "clinician=0:2",
        "--busy-units",
        "free",
        "--jobs",
        "1",
    ),
    "explore": (),
    "report": (),
}
PAGES = {
    "map": "plan-*/map.html",
    "report": "report-*/report.html",
    "explorer": "explorer-*/explorer.html",
}
LIMIT_BYTES, LIMIT_S = 8_000_000, 2.0


def cases() -> Iterator[dict[str, Any]]:
    """Yield what making the pages takes, then each page, then the peers."""
    kept = os.environ.get("CORESPONSE_PAGES")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(kept or name)
        folder.mkdir(parents=True, exist_ok=True)
        told = folder / "made.json"
        if not told.is_file():
            told.write_text(json.dumps(_make(folder)), encoding="utf-8")
        made = json.loads(told.read_text(encoding="utf-8"))
        yield from made["commands"]
        for page, pattern in PAGES.items():
            (path,) = (folder / "city" / "results").glob(pattern)
            yield {"case": page, **_page(path), **made["pages"][page]}
        for title, path in _peers(folder):
            yield {"case": title, **_page(path, times=3)}


def _page(path: Path, *, times: int = 7) -> dict[str, Any]:
    """Return a page's size and medians of its loads."""
    loads = load(path, times=times)
    told: dict[str, Any] = {"bytes": path.stat().st_size, "load_average": load_average()}
    if loads is not None:
        told |= {
            key: round(v, 2) if isinstance(v, float) else v for key, v in asdict(loads).items()
        }
        told["within_limits"] = (
            told["bytes"] < LIMIT_BYTES and loads.drawn_s < LIMIT_S and loads.requests == 0
        )
    return told


def _make(folder: Path) -> dict[str, Any]:
    """Make the city and, twice, its pages."""
    network = make_city(folder / "city", CitySize())
    environment = {
        "XDG_CACHE_HOME": str(folder / "cache"),
        "HOME": str(folder),
        "PATH": os.environ["PATH"],
    }
    size = f"{network.n_nodes:,} crossings, {network.n_edges:,} directed edges, 100,000 calls, 200 posts"
    commands = []
    for command, more in COMMANDS.items():
        line = [sys.executable, "-m", "coresponse", command, str(folder / "city"), *more]
        ran = run(line, env=environment | {"PYTHONHASHSEED": "1"})
        if ran.code:
            raise RuntimeError(ran.stderr)
        took = {
            "seconds": round(ran.seconds, 1),
            "cpu_seconds": round(ran.cpu_seconds, 1),
            "peak_mb": round(ran.peak_mb),
        }
        commands.append({"case": f"{command}: {size}", **took})
    results = folder / "city" / "results"
    first = {page: _only(results, pattern).read_bytes() for page, pattern in PAGES.items()}
    for pattern in PAGES.values():
        shutil.rmtree(_only(results, pattern).parent)
    again = subprocess.run(
        [sys.executable, "-m", "benchmarks._pages", str(folder.resolve() / "city")],
        cwd=ROOT,
        env=environment | {"PYTHONHASHSEED": "2"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if again.returncode:
        raise RuntimeError(again.stderr)
    told = json.loads(again.stdout)
    commands.append(
        {
            "case": "pages again",
            "peak_mb": told["peak_mb"],
            "peak_mb_before_pages": told["peak_mb_planned"],
        }
    )
    second = {page: _only(results, pattern).read_bytes() for page, pattern in PAGES.items()}
    pages = {
        page: {
            "make_cpu_seconds": told["cpu_seconds"][page],
            "same_bytes": first[page] == second[page],
        }
        for page in PAGES
    }
    return {"commands": commands, "pages": pages}


def _only(results: Path, pattern: str) -> Path:
    (path,) = results.glob(pattern)
    return path


def _peers(folder: Path) -> Iterator[tuple[str, Path]]:
    edges = drawn_edges(load_network(folder / "city" / "roads.npz"))[0].to_crs("EPSG:4326")
    west, south, east, north = edges.total_bounds
    for title in ("peer: folium, one GeoJson", "peer: folium, a PolyLine each"):
        started = time.process_time()
        page = folium.Map(tiles=None)
        page.fit_bounds([[south, west], [north, east]])
        if "GeoJson" in title:
            folium.GeoJson(edges[["road_class", "geometry"]]).add_to(page)
        else:
            for line in edges.geometry:
                folium.PolyLine([(y, x) for x, y in line.coords]).add_to(page)
        page.default_js, page.default_css = [], []
        root: Any = page.get_root()
        root.header.add_child(
            folium.Element(f"<script>{asset(f'{LEAFLET}/leaflet.js')}</script>"), name="leaflet"
        )
        root.header.add_child(
            folium.Element(f"<style>{asset(f'{LEAFLET}/leaflet.css')}</style>"), name="style"
        )
        path = folder / f"peer-{'geojson' if 'GeoJson' in title else 'polyline'}.html"
        page.save(str(path))
        yield f"{title} (made in {time.process_time() - started:.1f} CPU s)", path
