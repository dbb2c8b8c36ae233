"""A made film of a drawn day, and a city of roads to show it on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np

from coresponse.data.hours import WeekHours
from coresponse.data.options import Deployment, Option
from coresponse.data.roads.frames import edges_frame
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.network import RoadNetwork
from coresponse.maps.content import MapContent
from coresponse.maps.film import Film, FilmJob, FilmRun, FilmUnit
from coresponse.maps.travel import Travel, TravelKind

Maker = Callable[..., MapContent]
NOTE = "One drawn day, not the headline."
ALL_DAY = "1" * 24
EVERY_HOUR = WeekHours(tuple(range(168)))


def city_with_film(maker: Maker, *, side: int = 14, **film: Any) -> tuple[MapContent, RoadNetwork]:
    """Return the made city on a grid of streets, with a film."""
    roads = street_grid(side, side, seed=4)
    node = [0, side * side - 1, side * (side // 2) + 3, 5]
    posts = gpd.GeoDataFrame(
        {"post_id": list("ABCD"), "name": [f"Post {c}" for c in "ABCD"], "kind": "station", "node": node},
        geometry=gpd.points_from_xy(roads.node_x[node], roads.node_y[node]),
        crs=roads.crs,
    )  # fmt: skip
    kinds = {"unit": TravelKind(120.0, 0.0, 1.0), "clinician": TravelKind(60.0, 0.0, 1.0)}
    hours = {"day": EVERY_HOUR, "always": EVERY_HOUR}
    content = maker(
        posts=posts,
        roads=edges_frame(roads),
        travel=Travel(kinds, hours, tuple([1.0] * 168), 3600.0, 3600.0),
        periods=(),
        plan=Deployment.of("plan", {Option("unit", "A", "day"): 2, Option("clinician", "C", "always"): 1}),
    )  # fmt: skip
    return replace(content, film=made_film(roads, **film)), roads


def made_film(roads: RoadNetwork, calls: int = 60, units: int = 3, *, seed: int = 1) -> Film:
    """Return a day on which units take calls in turn, and every tenth call is left to police."""
    rng = np.random.default_rng(seed)
    received = np.sort(rng.integers(0, 80_000, calls)).tolist()
    node = rng.integers(0, roads.n_nodes, calls)
    posts = ("A", "C", "A", "B", "D")
    kinds = ("unit", "clinician", "unit")
    crews = tuple(
        FilmUnit(kinds[k % 3], posts[k % 5], ALL_DAY if k % 3 else "0" * 6 + "1" * 18)
        for k in range(units)
    )

    def jobs(slower: int) -> tuple[FilmJob, ...]:
        out, free = [], [0] * units
        for k, at in enumerate(received):
            if k % 10 == 9:
                out.append(FilmJob(-1, at + 60))
                continue
            unit = k % units
            told = max(at + 60, free[unit])
            steps = np.cumsum([60, 300 + slower, 0, 900, 400, 300]).tolist()
            leaves, arrived, contact, left, cleared, home = (told + step for step in steps)
            taken = k % 4 == 0
            free[unit] = cleared
            out.append(
                FilmJob(
                    unit, told, leaves, arrived, contact, left, cleared, home, contact - at <= 900,
                    calls if taken else -1, left + 300 if taken else 0,
                )
            )  # fmt: skip
        return tuple(out)

    nodes = np.append(node, 0)  # the last: where people are taken to
    return Film(
        day="Friday",
        note=NOTE,
        received_s=tuple(received),
        place=tuple(range(calls)),
        places=gpd.GeoDataFrame(
            {"node": nodes},
            geometry=gpd.points_from_xy(roads.node_x[nodes], roads.node_y[nodes]),
            crs=roads.crs,
        ),
        runs={"plan": FilmRun(crews, jobs(0)), "today": FilmRun(crews, jobs(600))},
    )
