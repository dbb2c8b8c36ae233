"""Small random counties of agencies, whose every deployment can be replayed."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
from shapely import box

from coresponse.data.agencies import Agencies, Sharing, Split
from coresponse.data.agencies_read import agencies_of
from coresponse.data.city import City
from coresponse.data.districts import Districts
from tests.optimize.small_cities import city

NAMES = ("East", "Middle", "West")


def districts_of(made: City, *, people: tuple[float, ...] = (9_000, 3_000, 6_000)) -> Districts:
    """Three strips from west to east, each a district of an agency of its own."""
    roads = made.roads
    west, south, east, north = (
        roads.node_x.min() - 50, roads.node_y.min() - 50, roads.node_x.max() + 50, roads.node_y.max() + 50,
    )  # fmt: skip
    cuts = np.linspace(west, east, 4)
    frame = gpd.GeoDataFrame(
        {
            "district_id": ["D1", "D2", "D3"],
            "name": ["Westtown", "Midtown", "Easttown"],
            "population": np.array(people, dtype=np.float64),
        },
        geometry=[box(cuts[k], south, cuts[k + 1], north) for k in range(3)],
        crs=roads.crs,
    )
    return Districts(frame, agency=("West", "Middle", "East"))


def county(
    seed: int,
    *,
    sharing: Sharing = "own_first",
    split: Split = "calls",
    types: int = 1,
    n_posts: int = 5,
) -> City:
    """A city in three agencies' strips; a post is of the agency in whose strip it is."""
    made = city(seed, types=types, n_posts=n_posts)
    districts = districts_of(made)
    return replace(made, districts=districts, agencies=agencies_in(made, districts, sharing, split))


def agencies_in(
    made: City, districts: Districts, sharing: Sharing, split: Split = "calls"
) -> Agencies:
    """The agencies of a city's districts."""
    return agencies_of(
        districts, made.posts, stated_districts={}, stated_posts={}, sharing=sharing, split=split
    )
