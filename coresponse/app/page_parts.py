"""The page's own files and what it takes of the map page, by the names that it asks for."""

from __future__ import annotations

from importlib.resources import files

from coresponse.maps.offline import asset, page_text, script_text
from coresponse.maps.plan_map import CITY, INK

OWN = (
    "app.css",
    "api.js",
    "city.js",
    "draw.js",
    "form.js",
    "live.js",
    "plans.js",
    "post.js",
    "posts.js",
    "progress.js",
    "start.js",
    "icon.svg",
)
OF_THE_MAP = (*INK, *CITY)

# What of them the page uses.
GIVEN = (
    "AREA, BORDER, HatchCanvas, LAND, MARGIN, North, REACH_LINE, ReachInk, StreetNames, "
    "StreetsInk, SurfaceInk, bestTurn, cityHull, drawGround, framing, groundLegend, holds, make, named, railLines, "
    "reachLevels, roadGraph, seesCity, sign, spotsOn, spread, streetChains, swatch, toLocal, turnOf, "
    "turnTo, turnedSystem, unit, unpackArea, unpackPoint"
)


def start_page() -> str:
    """Return the page itself."""
    return _own("index.html")


def page_parts() -> dict[str, str]:
    """Return the text of all other files by name: read once, so that no address can reach any other file."""
    parts = {name: _own(name) for name in OWN}
    for name in ("leaflet.js", "leaflet.css"):
        parts[name] = asset(f"leaflet-1.9.4/{name}")
    parts["looks.css"] = page_text("looks.css")
    scripts = "\n".join(script_text(name) for name in OF_THE_MAP)
    parts["map.js"] = (
        f"export function ofTheMap(content) {{\n{scripts}\nreturn {{ {GIVEN} }};\n}}\n"
    )
    return parts


def _own(name: str) -> str:
    return (files("coresponse.app") / "page" / name).read_text(encoding="utf-8")
