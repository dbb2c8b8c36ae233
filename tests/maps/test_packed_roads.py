"""The road graph packed for pages: read back it is the same graph, in few bytes."""

from __future__ import annotations

from collections import Counter
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from coresponse.data.roads.frames import edges_frame
from coresponse.data.roads.made import street_grid
from coresponse.maps.geometry import STEP
from coresponse.maps.packed_roads import CLASSES, pack_roads
from tests.maps.unpacked import unpacked

ORIGIN = (-75.0, 40.0)
KINDS = (*CLASSES, "residential", "service")


def arcs_of(text: str, node_position: dict[int, int]) -> Counter[tuple[Any, ...]]:
    """Count directed edges by the network's own nodes: from, to, kind, link, name, tenths."""
    node = {position: name for name, position in node_position.items()}
    out: Counter[tuple[Any, ...]] = Counter()
    for s in unpacked(text)[1]:
        ends = [(s.start, s.stop)] if s.is_one_way else [(s.start, s.stop), (s.stop, s.start)]
        for a, b in ends:
            out[node[a], node[b], s.kind, s.is_link, s.name, s.tenths] += 1
    return out


@st.composite
def graphs(draw: st.DrawFn) -> gpd.GeoDataFrame:
    """A few nodes with directed edges of all kinds between them, some of them bent, parallel or loops."""
    places = draw(
        st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 3000)), min_size=2, max_size=8)
    )
    count = draw(st.integers(1, 14))
    node = st.integers(0, len(places) - 1)
    rows = []
    for _ in range(count):
        a, b = draw(node), draw(node)
        bend = [
            (x, y)
            for x, y in draw(
                st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 3000)), max_size=2)
            )
        ]
        line = [places[a], *bend, places[b]]
        if a == b and not bend:
            line = [places[a], (places[a][0] + 40, places[a][1]), places[b]]
        kind = draw(st.sampled_from(KINDS)) + draw(st.sampled_from(["", "_link"]))
        name, travel_s = draw(st.sampled_from(["", "Elm", "Oak"])), draw(st.floats(0.01, 4000))
        rows.append((10 * a + 3, 10 * b + 3, kind, name, travel_s, line))
        if draw(st.booleans()):
            rows.append((10 * b + 3, 10 * a + 3, kind, name, travel_s, line[::-1]))
    columns = dict(
        zip(
            ("edge_from", "edge_to", "road_class", "name", "travel_s"),
            zip(*(row[:5] for row in rows), strict=True),
            strict=True,
        )
    )
    lines = [shapely.LineString(np.array(row[5]) * STEP + ORIGIN) for row in rows]
    return gpd.GeoDataFrame(columns, geometry=lines, crs="EPSG:4326")


@settings(max_examples=40)
@given(graphs())
def test_the_graph_read_back_is_the_same(frame: gpd.GeoDataFrame) -> None:
    packed = pack_roads(frame, ORIGIN)
    names = packed.names or ("",)
    wanted = Counter(
        (
            row.edge_from,
            row.edge_to,
            KINDS.index(row.road_class.removesuffix("_link"))
            if row.road_class.removesuffix("_link") in CLASSES
            else len(CLASSES) + (row.road_class.startswith("service")),
            row.road_class.endswith("_link"),
            names.index(row.name),
            max(1, round(10 * row.travel_s)),
        )
        for row in frame.drop(columns="geometry").itertuples(index=False)
    )
    assert arcs_of(packed.text, packed.node_position) == wanted
    places, _ = unpacked(packed.text)
    for row in frame.itertuples(index=False):
        at = places[packed.node_position[row.edge_from]]
        assert at == tuple(np.rint((np.array(row.geometry.coords[0]) - ORIGIN) / STEP).astype(int))
    again = pack_roads(frame.sample(frac=1, random_state=1), ORIGIN)
    assert (again.text, again.names) == (packed.text, packed.names)


def test_no_corner_is_farther_off_than_what_is_left_out() -> None:
    frame = edges_frame(street_grid(6, 6, seed=1)).to_crs("EPSG:4326")
    rng = np.random.default_rng(0)
    bent = [
        shapely.LineString(
            np.vstack(
                [
                    line.coords[0],
                    np.linspace(*line.coords, 6)[1:-1] + rng.normal(0, 2e-4, (4, 2)),
                    line.coords[1],
                ]
            )
        )
        for line in frame.geometry
    ]
    frame = frame.set_geometry(gpd.GeoSeries(bent, crs=frame.crs))
    _, segments = unpacked(pack_roads(frame, ORIGIN).text)
    # no two directions have one line: each is a street of its own
    assert len(segments) == len(frame)
    drawn = shapely.linestrings(
        [point for s in segments for point in s.corners],
        indices=np.repeat(np.arange(len(segments)), [len(s.corners) for s in segments]),
    )
    lines = shapely.transform(frame.geometry.array, lambda xy: (xy - ORIGIN) / STEP)
    nearest = shapely.STRtree(drawn).query_nearest(lines)[1]
    apart = shapely.hausdorff_distance(lines[:, None], drawn[None, :]).min(axis=1)
    assert len(nearest)
    # steps: 4 m of simplifying and half a step of rounding, across degrees of longitude
    assert apart.max() < 5.5


def test_a_segment_takes_about_a_dozen_bytes() -> None:
    frame = edges_frame(street_grid(40, 40, seed=2))
    packed = pack_roads(frame, ORIGIN)
    assert packed.segments == len(frame) / 2
    assert len(packed.text) / packed.segments < 13


def test_streets_without_names_have_none() -> None:
    frame = edges_frame(street_grid(3, 3, seed=2))
    assert pack_roads(frame, ORIGIN).names == ()


@pytest.mark.parametrize("number", [0, 1, 127, 128, 16_383, 16_384, 2_000_000_000])
def test_numbers_of_any_length_come_back(number: int) -> None:
    frame = edges_frame(street_grid(2, 2, seed=2)).iloc[:1]
    frame = frame.assign(travel_s=np.float64(number / 10))
    (segment,) = unpacked(pack_roads(frame, ORIGIN).text)[1]
    assert segment.tenths == max(1, number)
