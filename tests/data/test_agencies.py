"""Whose posts, districts and places are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pydantic import ValidationError

from coresponse.data.agencies import Agencies
from coresponse.data.agencies_read import agencies_of
from coresponse.data.district_layers import read_districts
from coresponse.data.districts import Districts
from coresponse.data.errors import InputError
from coresponse.data.posts import Posts
from coresponse.data.posts_read import combine_posts, read_posts
from coresponse.data.roads.made import street_grid
from coresponse.study.settings import AgenciesInput

ROADS = street_grid(6, 6, seed=1, spacing_m=500)
X, Y = float(ROADS.node_x.min()), float(ROADS.node_y.min())


def districts(agency: tuple[str, ...] = ("North", "South", "North")) -> Districts:
    """Three strips of a kilometer, from west to east."""
    frame = gpd.GeoDataFrame(
        {"district_id": ["A", "B", "C"], "name": ["Ash", "Birch", "Cedar"], "population": 1.0},
        geometry=[shapely.box(X + 1000 * k, Y, X + 1000 * (k + 1), Y + 3000) for k in range(3)],
        crs=ROADS.crs,
    )
    return Districts(frame, agency=agency)


def posts(**columns: object) -> Posts:
    """A post in each strip, and one far east of all."""
    frame = pd.DataFrame({"post_id": ["P1", "P2", "P3", "P4"]})
    frame["x"], frame["y"] = X + np.array([500.0, 1500.0, 2500.0, 9000.0]), Y + 100.0
    return Posts(frame.assign(**columns), ROADS.crs, pd.DataFrame())


def made(**asked: object) -> Agencies:
    known: dict[str, object] = {
        "stated_districts": {}, "stated_posts": {}, "sharing": "own", "split": "calls",
    }  # fmt: skip
    there = asked.pop("districts", districts())
    return agencies_of(there, asked.pop("posts", posts()), **(known | asked))  # type: ignore[arg-type]


def test_a_place_is_of_its_districts_agency_and_outside_all_of_the_nearest_ones() -> None:
    found = made()
    assert found.names == ("North", "South")
    assert found.of_district == (0, 1, 0)
    at = found.at(X + np.array([10.0, 1010.0, 2990.0, 50_000.0, -9_000.0]), np.full(5, Y + 50))
    assert at.tolist() == [0, 1, 0, 0, 0]
    assert found.of_post == {"P1": 0, "P2": 1, "P3": 0, "P4": 0}
    assert found.posts_of(1) == ("P2",)
    assert found.shared_as("shared").sharing == "shared"


def test_the_study_goes_before_the_posts_column_and_that_before_the_place() -> None:
    there = posts(agency=["South", "", "South", ""])
    found = made(posts=there, stated_posts={"North": ["P3"]})
    assert found.of_post == {"P1": 1, "P2": 1, "P3": 0, "P4": 0}


def test_districts_by_id_or_name() -> None:
    stated = {"East": ["C", "Birch"], "West": ["A"]}
    assert made(stated_districts=stated).of_district == (1, 0, 0)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"districts": None}, r"\[districts\] file"),
        ({"districts": districts(("North", "", "North"))}, "district B is of no agency"),
        ({"districts": districts(("North", "North", "North"))}, "two agencies or more"),
        ({"stated_districts": {"E": ["C", "Oak"], "W": ["A", "B"]}}, "'Oak' of E is not among"),
        ({"stated_districts": {"E": ["C", "A"], "W": ["A", "B"]}}, "is of E and of W"),
        ({"stated_posts": {"North": ["P9"]}}, "post 'P9' of North is not in the study"),
        ({"stated_posts": {"Norht": ["P1"]}}, "'Norht', which has no district"),
        ({"posts": posts(agency=["County", "", "", ""])}, "'County', which has no district"),
        ({"split": {"North": 1.0}}, "name each agency once: look at South"),
        ({"split": {"North": -1.0, "South": 2.0}}, "shares of 0 or more"),
        ({"split": {"North": 0.0, "South": 0.0}}, "shares of 0 or more"),
    ],
)
def test_what_is_wrong_is_said_with_the_cure(asked: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        made(**asked)


def test_columns_of_files_say_it(tmp_path: Path) -> None:
    there = districts()
    file = tmp_path / "townships.geojson"
    told = there.frame.assign(PD=["North", " South", "North"]).to_crs("EPSG:4326")
    told.to_file(file, driver="GeoJSON")
    read = read_districts(file, network=ROADS, agency_column="PD")
    assert made(districts=read).names == ("North", "South")
    with pytest.raises(InputError, match=r"'FD' of agencies -- \[agencies\] district_column"):
        read_districts(file, network=ROADS, agency_column="FD")
    points = gpd.GeoSeries(gpd.points_from_xy(X + np.array([100, 1600]), [Y, Y]), crs=ROADS.crs)
    degrees = points.to_crs("EPSG:4326")
    table = tmp_path / "stations.csv"
    frame = pd.DataFrame({"post_id": ["P1", "P2"], "longitude": degrees.x, "latitude": degrees.y})
    frame.assign(agency=["South", ""]).to_csv(table, index=False)
    given = combine_posts([read_posts(table, network=ROADS)])
    assert given.frame["agency"].tolist() == ["South", ""]
    # posts that are proposed say nothing: their place does
    bare = replace(given, frame=given.frame.drop(columns="agency").assign(post_id=["X1", "X2"]))
    assert combine_posts([given, bare]).frame["agency"].tolist() == ["South", "", "", ""]


def test_the_setting_says_whose_districts_are_in_one_way() -> None:
    assert AgenciesInput(district_column="PD").sharing == "own_first"
    for wrong in ({}, {"district_column": "PD", "districts": {"A": ("1",)}}):
        with pytest.raises(ValidationError, match="either district_column or districts"):
            AgenciesInput.model_validate(wrong)
