"""A city made of what is there, or of frames with the columns of docs/tables.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from coresponse.data.agencies import Agencies
from coresponse.data.calls.history import CallHistory
from coresponse.data.deployments import read_deployment
from coresponse.data.district_layers import read_districts
from coresponse.data.districts import Districts
from coresponse.data.from_memory import in_a_file, network_of
from coresponse.data.hours import Period
from coresponse.data.known_city import KnownCity, RecordedFigures, program_periods
from coresponse.data.options import Deployment
from coresponse.data.posts import Posts
from coresponse.data.posts_read import combine_posts, read_posts
from coresponse.data.programs.load import load_program
from coresponse.data.programs.model import Program
from coresponse.data.resident_groups import Residents
from coresponse.data.roads.network import RoadNetwork


class City(KnownCity):
    """Roads, past calls, posts, districts, program and today's deployment."""

    def __init__(
        self,
        roads: RoadNetwork | Any,
        calls: CallHistory | pd.DataFrame,
        posts: Posts | pd.DataFrame,
        program: Program | str | Path = "mixed",
        *,
        periods: Sequence[Period] | None = None,
        districts: Districts | gpd.GeoDataFrame | None = None,
        today: Deployment | pd.DataFrame | None = None,
        water: gpd.GeoDataFrame | None = None,
        parks: gpd.GeoDataFrame | None = None,
        landmarks: gpd.GeoDataFrame | None = None,
        stated_periods: Sequence[Period] = (),
        name: str = "city",
        notice: str = "",
        attribution: str = "",
        post_snap_max_m: float = 500.0,
        today_units: Mapping[str, str] | None = None,
        recorded: RecordedFigures | None = None,
        residents: float | None = None,
        living: Residents | None = None,
        agencies: Agencies | None = None,
        timezone: str | None = None,
        crs: str | None = None,
    ) -> None:
        """Make a city of what is there, or of frames with the columns of docs/tables.md.

        Parameters
        ----------
        roads
            A road network, a networkx graph as OSMnx makes them, or a road file.
        calls, posts, districts, today
            Frames are read as files are: by the names of their columns, with the same checks.
        program
            A program, a preset's name, or a program file.
        periods
            Default: the stated periods, split by the program's shift patterns.
        timezone, crs
            Of calls in a frame whose times have no offset, and of columns x and y that are not
            degrees.

        Raises
        ------
        InputError
            If a frame cannot be read.
        """
        network = network_of(roads)
        under = program if isinstance(program, Program) else load_program(program)
        if periods is None:
            periods = program_periods(under, stated_periods)
        if isinstance(posts, pd.DataFrame):
            with in_a_file(posts, "posts") as path:
                posts = combine_posts(
                    [read_posts(path, network=network, crs=crs, snap_max_m=post_snap_max_m)]
                )
        if isinstance(districts, gpd.GeoDataFrame):
            with in_a_file(districts, "districts") as path:
                districts = read_districts(path, network=network)
        if isinstance(calls, pd.DataFrame):
            calls = _calls_of(calls, network, under, timezone, crs)
        if isinstance(today, pd.DataFrame):
            with in_a_file(today, "today") as path:
                today = read_deployment(path, posts, under)
        known = {
            "roads": network,
            "calls": calls,
            "posts": posts,
            "program": under,
            "periods": tuple(periods),
            "districts": districts,
            "today": today,
            "water": water,
            "parks": parks,
            "landmarks": landmarks,
            "stated_periods": tuple(stated_periods),
            "name": name,
            "notice": notice,
            "attribution": attribution,
            "post_snap_max_m": post_snap_max_m,
            "today_units": dict(today_units or {}),
            "recorded": recorded,
            "residents": living.total if residents is None and living is not None else residents,
            "living": living,
            "agencies": agencies,
        }
        for key, value in known.items():
            object.__setattr__(self, key, value)


def _calls_of(
    frame: pd.DataFrame,
    network: RoadNetwork,
    program: Program,
    timezone: str | None,
    crs: str | None,
) -> CallHistory:
    # reading calls takes a moment to import, which a city of calls that are there does not need
    from coresponse.data.calls.read import read_calls  # noqa: PLC0415

    with in_a_file(frame, "calls") as path:
        return read_calls([path], network=network, program=program, timezone=timezone, crs=crs)
