"""What the map can show: the views to choose from, each with its scales and what its colors rest on."""

from __future__ import annotations

from typing import Any

from coresponse.maps.content import MapContent
from coresponse.maps.scales import (
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
ANY = "Responders on duty, busy or free."
SENT = "By the replay, allowing for busy units."


def views(content: MapContent, bands: list[str]) -> list[dict[str, Any]]:
    """Say what can be shown, with the scales of each.

    `rests`: what the colors rest on; `told`: which of a place's two signs of a change they heed.
    """
    both = ["plan", "today", "change", "both"] if content.today is not None else ["plan"]
    wait, change = (
        wait_scale(content.target_min, content.fallback_min).as_dict(),
        wait_change_scale().as_dict(),
    )
    found: list[dict[str, Any]] = []
    if len(content.cells):
        found += [
            {
                "key": "response",
                "title": "Mean wait",
                "modes": both,
                "scale": wait,
                "change": change,
                "rests": REPLAY,
                "told": 0,
            },
            {
                "key": "late",
                "title": "Not reached in time",
                "modes": both,
                "scale": late_scale().as_dict(),
                "change": late_change_scale().as_dict(),
                "rests": REPLAY,
                "told": 1,
            },
        ]
    if len(content.cells) and content.living is not None:
        found.append(
            {
                "key": "group",
                "title": "Where a group lives",
                "modes": both,
                "scale": wait,
                "change": change,
                "rests": "By the replay, where the group's share is the city's or more: of where people live, not of who calls.",
                "told": 0,
            }
        )
    if content.districts is not None and len(content.districts):
        scale = {**wait, "title": wait["title"].replace("wait", "wait by district", 1)}
        found.append(
            {
                "key": "district",
                "title": "Districts",
                "modes": both,
                "scale": scale,
                "change": change,
                "rests": REPLAY,
                "told": 0,
            }
        )
    if len(content.cells):
        found += [
            {
                "key": "area",
                "title": "Service areas",
                "modes": [m for m in both if m != "change"],
                "scale": None,
                "rests": SENT,
            },
            {
                "key": "depth",
                "title": "Backup depth",
                "modes": both,
                "scale": depth_scale().as_dict(),
                "change": depth_change_scale().as_dict(),
                "rests": ANY,
            },
            {
                "key": "demand",
                "title": "Expected demand",
                "modes": ["plan"],
                "scale": demand_scale(bands).as_dict(),
                "rests": "",
            },
        ]
        if content.travel is None and "mean_s_if_free_plan" in content.cells:
            found.append(
                {
                    "key": "free",
                    "title": IF_FREE,
                    "modes": both,
                    "scale": response_scale(content.target_min).as_dict(),
                    "change": response_change_scale().as_dict(),
                    "rests": FREE,
                }
            )
    if content.travel is not None:
        found.append(
            {
                "key": "surface",
                "title": BY_STREET,
                "modes": both,
                "scale": surface_scale(content.target_min).as_dict(),
                "change": surface_change_scale().as_dict(),
                "rests": "Travel alone, as if the nearest crew were always free.",
            }
        )
    plain = {"key": "plain", "title": "Posts and roads only", "modes": both}
    found.append({**plain, "scale": None, "rests": ""})
    return found
