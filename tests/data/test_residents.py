"""Groups of residents of a file: counts, shares or percent, at the crossings where all residents are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from coresponse.data.errors import InputError
from coresponse.data.population import read_population
from coresponse.data.resident_groups import ResidentGroup, Residents
from coresponse.data.residents import read_residents
from coresponse.data.roads.made import street_grid

NETWORK = street_grid(12, 10, seed=3, spacing_m=150.0, origin_xy=(583_000.0, 4_506_000.0))
X, Y = NETWORK.node_x, NETWORK.node_y
MIDDLE = float(np.median(X))
COLUMNS = {
    "BLACK": [900, 250, 100],
    "ASIAN": [300, 50, 0],
    "KIDS": [0.5, 0.2, 0.1],
    "OLD_PCT": [10.0, 62.5, 0.0],
    "MED_AGE": [31.5, 40.2, 38.1],
}


def blocks(folder: Path, **columns: Any) -> Path:
    """West with 3,000 and east with 1,000 residents, and an island far off with 500."""
    low, high = Y.min() - 90, Y.max() + 90
    areas = [
        shapely.box(X.min() - 90, low, MIDDLE, high),
        shapely.box(MIDDLE, low, X.max() + 90, high),
        shapely.box(X.max() + 9_000, low, X.max() + 9_900, high),
    ]
    frame = gpd.GeoDataFrame(
        {"POP": [3000, 1000, 500], **COLUMNS, **columns}, geometry=areas, crs=NETWORK.crs
    )
    frame.to_file(folder / "blocks.gpkg")
    return folder / "blocks.gpkg"


def west(found: Residents) -> dict[str, float]:
    """Residents of each group west of the middle."""
    own = X[found.node] < MIDDLE
    return {
        group.key: float(row[own].sum())
        for group, row in zip(found.groups, found.of_group, strict=True)
    }


def test_groups_live_where_all_residents_of_their_row_do(tmp_path: Path) -> None:
    path = blocks(tmp_path)
    groups = {"race": {"Black": "BLACK", "either": ["BLACK", "ASIAN"]}, "age": {"children": "KIDS"}}
    found = read_residents(path, groups, network=NETWORK)
    assert found.groups == (
        ResidentGroup("race", "Black"),
        ResidentGroup("race", "either"),
        ResidentGroup("age", "children"),
    )
    all_of_them = read_population(path, network=NETWORK)
    assert np.bincount(
        found.node, weights=found.everybody, minlength=NETWORK.n_nodes
    ) == pytest.approx(all_of_them.residents)
    assert found.of_group.sum(axis=1) == pytest.approx([1150, 1500, 0.5 * 3000 + 0.2 * 1000])
    assert west(found) == pytest.approx(
        {"race: Black": 900, "race: either": 1200, "age: children": 1500}
    )
    assert (found.rows, found.outside, found.residents_outside) == (3, 1, 500)
    assert any("shares" in note for note in found.notes)
    # each crossing has the mix of its row
    mix = found.of_group[0] / found.everybody
    assert set(np.round(mix, 9)) == {0.3, 0.25}


def test_percent_is_told_and_points_have_groups_too(tmp_path: Path) -> None:
    found = read_residents(
        blocks(tmp_path), {"age": {"old": "OLD_PCT"}}, network=NETWORK, values="percent"
    )
    assert found.of_group.sum() == pytest.approx(300 + 625)
    degrees = gpd.points_from_xy(X[[5, 40]], Y[[5, 40]], crs=NETWORK.crs).to_crs(4326)
    table = pd.DataFrame(
        {"residents": ["1,200", "30"], "deaf": [12, 3], "lat": degrees.y, "lon": degrees.x}
    )
    table.to_csv(tmp_path / "people.csv", index=False)
    found = read_residents(tmp_path / "people.csv", {"ability": {"deaf": "deaf"}}, network=NETWORK)
    assert dict(zip(found.node.tolist(), found.of_group[0].tolist(), strict=True)) == {5: 12, 40: 3}


@pytest.mark.parametrize(
    ("groups", "settings", "says"),
    [
        ({"race": {"Black": "BLAKC"}}, {}, "BLACK"),
        ({"age": {"median": "MED_AGE"}}, {}, "a number of people is whole"),
        ({"age": {"old": "OLD_PCT"}}, {"values": "shares"}, "more than all"),
        ({"all": {"twice": ["POP", "BLACK"]}}, {}, "overlap"),
        ({"race": {"Black": "geometry_of"}}, {}, "no column"),
        ({"k": {str(i): "BLACK" for i in range(41)}}, {}, "40"),
        ({"race": {"a": "NO", "b": "NOR"}}, {}, "NOR"),
    ],
)
def test_what_cannot_be_a_group_is_refused_with_a_cure(
    tmp_path: Path, groups: Any, settings: Any, says: str
) -> None:
    with pytest.raises(InputError, match=says):
        read_residents(blocks(tmp_path), groups, network=NETWORK, **settings)
