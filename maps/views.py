"""What the map can show: the views to choose from, each with its scales and what its colors rest on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from coresponse.maps.content import MapContent
from coresponse.maps.scales import (
    Scale,
    demand_scale,
    depth_change_scale,
    depth_scale,
    late_change_scale,
    late_scale,
    response_change_scale,
    response_scale,
    surface_change_scale,
    surface_scale,
    wait_change_scale,
    wait_scale,
)

# The one view that supposes it; every other figure is the replay's.
IF_FREE = "If the nearest were always free"
# The same, exact: it stands where the whole road graph is on the page.
BY_STREET = "By street, if the nearest were free"

REPLAY = "By the replay, allowing for busy units, like the figures at the top."
FREE = "Travel only, as if the nearest responder on duty were always free."
TRAVEL = "Travel alone, as if the nearest crew were always free."
LIVING = (
    "By the replay, where the group's share is the city's or more: of where people live, not of who "
    "calls."
)
ANY = "Responders on duty, busy or free."
SENT = "By the replay, allowing for busy units."


def views(content: MapContent, bands: list[str]) -> list[dict[str, Any]]:
    """Say what can be shown, with the scales of each.

    `rests`: what the colors rest on; `told`: which of a place's two signs of a change they heed.
    """
    both = ["plan", "today", "change", "both"] if content.today is not None else ["plan"]
    wait, waits_change = wait_scale(content.target_min, content.fallback_min), wait_change_scale()
    found: list[dict[str, Any]] = []
    if len(content.cells):
        late = late_scale(), late_change_scale()
        found += [
            _view("response", "Mean wait", both, REPLAY, wait, waits_change, told=0),
            _view("late", "Not reached in time", both, REPLAY, *late, told=1),
        ]
    if len(content.cells) and content.living is not None:
        found.append(
            _view("group", "Where a group lives", both, LIVING, wait, waits_change, told=0)
        )
    if content.districts is not None and len(content.districts):
        by_district = replace(wait, title=wait.title.replace("wait", "wait by district", 1))
        found.append(
            _view("district", "Districts", both, REPLAY, by_district, waits_change, told=0)
        )
    if len(content.cells):
        depth = depth_scale(), depth_change_scale()
        found += [
            _view("area", "Service areas", [mode for mode in both if mode != "change"], SENT),
            _view("depth", "Backup depth", both, ANY, *depth),
            _view("demand", "Expected demand", ["plan"], "", demand_scale(bands)),
        ]
    if content.travel is not None:
        surface = surface_scale(content.target_min), surface_change_scale()
        found.append(_view("surface", BY_STREET, both, TRAVEL, *surface))
    elif len(content.cells) and "mean_s_if_free_plan" in content.cells:
        free = response_scale(content.target_min), response_change_scale()
        found.append(_view("free", IF_FREE, both, FREE, *free))
    return [*found, _view("plain", "Posts and roads only", both, "")]


def _view(
    key: str,
    title: str,
    modes: list[str],
    rests: str,
    scale: Scale | None = None,
    change: Scale | None = None,
    *,
    told: int | None = None,
) -> dict[str, Any]:
    found = {"key": key, "title": title, "modes": modes, "scale": scale and scale.as_dict()}
    found |= {} if change is None else {"change": change.as_dict()}
    return found | {"rests": rests} | ({} if told is None else {"told": told})
