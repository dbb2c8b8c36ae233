"""Networks from tables of lines: directions, nodes, columns of other makers."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, Point

from coresponse.data.errors import InputError
from coresponse.data.roads.lines import from_lines
from coresponse.data.roads.network import RoadNetwork

# Albany: a triangle with legs of 300 m; the second leg is drawn from the north to the south
A, B, C = (600_000.0, 4_700_000.0), (600_300.0, 4_700_000.0), (600_300.0, 4_700_300.0)
AB, CB, CA = LineString([A, B]), LineString([C, B]), LineString([C, A])
HYPOTENUSE = 300 * math.sqrt(2)


def table(geometry: list[Any], crs: Any = 32618, **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=crs)


def moves(network: RoadNetwork) -> Counter[str]:
    """Directed edges in the letters of the triangle."""
    names = {A: "A", B: "B", C: "C"}
    at = [
        names[round(x, 1), round(y, 1)] for x, y in zip(network.node_x, network.node_y, strict=True)
    ]
    first, last = network.shape_start[:-1], network.shape_start[1:] - 1
    drawn = [
        names[tuple(network.shape_xy[i].round(1))] + names[tuple(network.shape_xy[j].round(1))]
        for i, j in zip(first, last, strict=True)
    ]
    stored = [at[u] + at[v] for u, v in zip(network.edge_from, network.edge_to, strict=True)]
    assert drawn == stored
    return Counter(stored)


AROUND = Counter(["AB", "BC", "CA", "AC"])


@pytest.mark.parametrize(
    "oneway",
    [
        ["yes", "-1", "no"],
        ["YES", "reverse", ""],
        ["F", "T", "B"],
        ["FT", "TF", "B"],
        ["true", "-1", "false"],
        [1, -1, 0],
        [1.0, -1.0, np.nan],
        ["1", "-1", None],
        pd.array([1, -1, None], dtype="Int64"),
        pd.Categorical(["yes", "-1", None]),
        pd.array(["yes", "-1", None], dtype="string"),
    ],
    ids=str,
)
def test_one_way_codes(oneway: Any) -> None:
    network = from_lines(table([AB, CB, CA], OneWay=oneway), source="t")
    assert moves(network) == AROUND
    assert network.crs == "EPSG:32618"
    assert sorted(network.length_m) == pytest.approx([300, 300, HYPOTENUSE, HYPOTENUSE])
    assert (network.report.nodes_read, network.report.edges_read) == (3, 4)


@pytest.mark.parametrize(
    "oneway", [[True, True, False], pd.array([True, True, None], dtype="boolean")], ids=str
)
def test_one_way_as_truth(oneway: Any) -> None:
    assert (
        moves(from_lines(table([AB, LineString([B, C]), CA], oneway=oneway), source="t")) == AROUND
    )


def test_without_one_way_all_streets_are_two_way() -> None:
    assert moves(from_lines(table([AB, CB, CA]), source="t")) == Counter(
        ["AB", "BA", "BC", "CB", "CA", "AC"]
    )


def test_roundabouts_are_one_way_as_drawn_or_as_said() -> None:
    ring = [AB, LineString([B, C]), CA]
    kinds = ["roundabout", "circular", "roundabout"]
    assert moves(from_lines(table(ring, junction=kinds), source="t")) == Counter(["AB", "BC", "CA"])
    against = from_lines(table(ring, junction=kinds, oneway=["-1"] * 3), source="t")
    assert moves(against) == Counter(["BA", "CB", "AC"])


def test_all_one_way_without_a_way_back() -> None:
    with pytest.raises(InputError, match="Check the oneway column"):
        from_lines(table([AB, LineString([B, C])], oneway=["yes", "yes"]), source="t")


def test_directed_rows_are_taken_as_they_are() -> None:
    rows = [("a", "b", AB), ("b", "a", AB.reverse()), ("b", "c", CB.reverse()), ("c", "a", CA)]
    u, v, lines = (list(column) for column in zip(*rows, strict=True))
    assert moves(from_lines(table(lines, u=u, v=v, oneway=["no"] * 4), source="t")) == Counter(
        ["AB", "BA", "BC", "CA"]
    )
    numbered = from_lines(table(lines, U=[70, 80, 80, 90], V=[80, 70, 90, 70]), source="t")
    assert sorted(numbered.node_id) == [70, 80, 90]
    mixed = from_lines(table(lines, u=[7, "b", "b", 9.5], v=["b", 7, 9.5, 7]), source="t")
    assert moves(mixed) == Counter(["AB", "BA", "BC", "CA"])


def test_u_and_v_of_undirected_or_unfinished_tables_do_not_count() -> None:
    both = Counter(["AB", "BA", "BC", "CB", "CA", "AC"])
    assert moves(from_lines(table([AB, CB, CA], u=[1, 3, 3], v=[2, 2, 1]), source="t")) == both
    assert moves(from_lines(table([AB, CB, CA], u=[1, None, 3], v=[2, 1, 1]), source="t")) == both


def test_ends_that_nearly_meet_are_one_node() -> None:
    near = LineString([(B[0] + 0.03, B[1] - 0.02), C])
    network = from_lines(table([AB, near, CA]), source="t")
    assert (network.n_nodes, network.n_edges) == (3, 6)
    apart = LineString([(B[0] + 1.0, B[1]), C])
    assert from_lines(table([AB, apart, CA]), source="t").n_nodes == 4


def test_streets_that_cross_without_a_joint_stay_apart() -> None:
    bridge = LineString([(600_150.0, 4_699_000.0), (600_150.0, 4_701_000.0)])
    network = from_lines(table([AB, CB, CA, bridge]), source="t")
    assert (network.n_nodes, network.report.nodes_dropped, network.report.edges_dropped) == (
        3,
        2,
        2,
    )


def test_multilines_are_taken_apart_and_other_shapes_left_out() -> None:
    shapes = [MultiLineString([AB, CB]), CA, Point(A), None, LineString(), shapely.force_3d(AB)]
    network = from_lines(table(shapes, oneway=["no", "no", "no", "no", "no", "yes"]), source="t")
    assert moves(network) == Counter(["AB", "BA", "BC", "CB", "CA", "AC", "AB"])


@pytest.mark.parametrize("shapes", [[], [Point(A)], [None], [LineString()]], ids=str)
def test_no_line(shapes: list[Any]) -> None:
    with pytest.raises(InputError, match="no line in it"):
        from_lines(table(shapes), source="t")


@pytest.mark.parametrize(
    ("crs", "words"),
    [
        (None, "has no CRS"),
        ('LOCAL_CS["yard", UNIT["metre", 1]]', "neither"),
        ("EPSG:4978", "neither"),
        (4326, "is the CRS right"),
    ],
)
def test_a_crs_that_does_not_serve(crs: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        from_lines(table([AB, CB, CA], crs=crs), source="t")


@pytest.mark.parametrize("crs", [4326, 4269, 3857, 3395, 2260, 32617, 5070], ids=str)
def test_lengths_are_meters_whatever_the_crs(crs: int) -> None:
    # 2260: New York East in feet; 32617: the zone to the west; 5070: Albers, true within 1%
    network = from_lines(table([AB, CB, CA]).to_crs(crs), source="t")
    assert sorted(network.length_m) == pytest.approx([300] * 4 + [HYPOTENUSE] * 2, rel=0.012)
    assert network.crs == {32617: "EPSG:32617", 5070: "EPSG:5070"}.get(crs, "EPSG:32618")
    if network.crs == "EPSG:32618":
        assert sorted(network.length_m) == pytest.approx([300] * 4 + [HYPOTENUSE] * 2, rel=1e-4)


@pytest.mark.parametrize("unit", [1.0, 3.280833, 0.001, 1 / 111_000])
def test_a_length_column_in_other_units_is_noticed(unit: float) -> None:
    stated = np.array([310.0, 310.0, 430.0]) * unit
    network = from_lines(table([AB, CB, CA], LENGTH=stated), source="t")
    if unit == 1.0:
        assert sorted(network.length_m) == pytest.approx([310] * 4 + [430] * 2)
        assert not any("not meters" in note for note in network.report.notes)
    else:
        assert sorted(network.length_m) == pytest.approx([300] * 4 + [HYPOTENUSE] * 2)
        assert "not meters" in network.report.notes[0]


def test_speeds_from_columns() -> None:
    lines = table(
        [AB, CB, CA],
        highway=["primary", ["residential", "tertiary"], None],
        maxspeed=["36", None, None],
        speed_kph=[np.nan, 18.0, np.nan],
        travel_time=[np.nan, np.nan, 40.0],
    )
    network = from_lines(lines, source="t")
    seconds = dict(zip(network.road_class.tolist(), network.travel_s.tolist(), strict=True))
    assert network.road_classes == ("primary", "tertiary", "unclassified")
    assert seconds == pytest.approx({0: 30.0, 1: 60.0, 2: 40.0})
    assert network.report.assumed_speed_share == 0.0


def test_class_table_where_nothing_is_stated() -> None:
    network = from_lines(
        table([AB, CB, CA], fclass=["primary", "residential", "odd"], maxspeed=[0, 0, 0]),
        source="t",
    )
    assert network.road_classes == ("primary", "residential", "odd")
    seconds = dict(zip(network.road_class.tolist(), network.travel_s.tolist(), strict=True))
    assert seconds == pytest.approx(
        {0: 0.3 / 50 * 3600, 1: 0.3 / 30 * 3600, 2: HYPOTENUSE / 1000 / 30 * 3600}
    )
    assert network.report.assumed_speed_share == pytest.approx(1.0)


def test_footways_are_no_roads() -> None:
    short_cut = LineString([A, (600_150.0, 4_700_100.0), C])
    network = from_lines(
        table([AB, CB, CA, short_cut], highway=["primary"] * 3 + ["footway"]), source="t"
    )
    assert moves(network) == Counter(["AB", "BA", "BC", "CB", "CA", "AC"])
    assert network.report.notes[-1] == "2 edges are not for driving and were left out: footway"
    with pytest.raises(InputError, match="only cycleway, steps"):
        from_lines(table([AB, CB], highway=["steps", "cycleway"]), source="t")


def test_two_columns_of_one_name() -> None:
    lines = table([AB, CB, CA], oneway=["yes", "-1", "no"])
    lines["ONEWAY"] = ["no", "no", "no"]
    assert moves(from_lines(lines, source="t")) == AROUND


def test_coordinates_that_are_no_places() -> None:
    for far in (float("inf"), 1e300, 2e8):
        with pytest.raises(InputError, match=r"not numbers|is the CRS right"):
            from_lines(table([AB, LineString([B, (far, 4_700_000.0)])]), source="t")


def test_roads_around_the_world_do_not_fit_one_zone() -> None:
    ends = [(-170.0, 0.1), (-60.0, 0.2), (60.0, 0.3), (170.0, 0.1)]
    lines = [LineString([a, b]) for a, b in itertools.pairwise(ends)]
    try:
        network = from_lines(table(lines, crs=4326), source="t")
    except InputError as error:
        assert "UTM zone" in str(error)  # noqa: PT017 -- either the projection fails, or the reader is warned
    else:
        assert any("more than one UTM zone" in note for note in network.report.notes)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.sampled_from(["yes", "-1", "no", "F", "T", "B", "", None, "odd"]),
        min_size=12,
        max_size=12,
    )
)
def test_directions_against_their_meaning(codes: list[str | None]) -> None:
    """Spokes of a wheel, each drawn outward, with a two-way rim.

    All are kept, and each as its code says.
    """
    turn = np.arange(12) * np.pi / 6
    rim = [(600_000 + 500 * math.cos(a), 4_700_000 + 500 * math.sin(a)) for a in turn]
    spokes = [LineString([(600_000, 4_700_000), point]) for point in rim]
    edge = [LineString([rim[i], rim[i - 1]]) for i in range(12)]
    outward = sum(code not in {"-1", "T"} for code in codes)
    inward = sum(code not in {"yes", "F"} for code in codes)
    network = from_lines(table(spokes + edge, oneway=codes + ["no"] * 12), source="t")
    assert network.report.edges_read == outward + inward + 24
    hub_is_in = outward > 0 and inward > 0
    assert network.n_nodes == 12 + hub_is_in
    if hub_is_in:
        hub = int(np.argmin(np.hypot(network.node_x - 600_000, network.node_y - 4_700_000)))
        assert ((network.edge_from == hub).sum(), (network.edge_to == hub).sum()) == (
            outward,
            inward,
        )
