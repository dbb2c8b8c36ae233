"""Travel times against NetworkX on random directed graphs, and against streets whose times are known."""

from __future__ import annotations

from collections.abc import Sequence

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from coresponse.coverage.travel import Direction, travel_times
from coresponse.coverage.travel_search import Graph, searched
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.network import RoadNetwork

Edge = tuple[int, int, float]


def network(n: int, edges: Sequence[Edge], seed: int = 0) -> RoadNetwork:
    """Roads with the given directed edges between places strewn at random."""
    xy = np.random.default_rng(seed).uniform(0, 5000, (n, 2))
    start = np.array([e[0] for e in edges], dtype=np.int32)
    stop = np.array([e[1] for e in edges], dtype=np.int32)
    shape = np.empty((2 * len(edges), 2))
    shape[0::2], shape[1::2] = xy[start], xy[stop]
    return RoadNetwork(
        crs="EPSG:32618",
        node_id=np.arange(n, dtype=np.int64) + 1000,
        node_x=xy[:, 0],
        node_y=xy[:, 1],
        edge_from=start,
        edge_to=stop,
        length_m=np.full(len(edges), 100, dtype=np.float32),
        travel_s=np.array([e[2] for e in edges], dtype=np.float32),
        road_class=np.zeros(len(edges), dtype=np.int16),
        road_classes=("unclassified",),
        shape_start=np.arange(0, 2 * len(edges) + 1, 2, dtype=np.int64),
        shape_xy=shape,
    )


def by_networkx(
    roads: RoadNetwork,
    sources: Sequence[int],
    targets: Sequence[int],
    limit_s: float,
    direction: Direction,
) -> NDArray[np.float64]:
    """The same times by another library: every source and target on its own."""
    graph: nx.MultiDiGraph[int] = nx.MultiDiGraph()
    graph.add_nodes_from(range(roads.n_nodes))
    for u, v, seconds in zip(
        roads.edge_from.tolist(), roads.edge_to.tolist(), roads.travel_s.tolist(), strict=True
    ):
        graph.add_edge(u, v, seconds=seconds)
    if direction == "to_sources":
        graph = graph.reverse()
    out = np.full((len(sources), len(targets)), np.inf)
    for i, source in enumerate(sources):
        found = nx.single_source_dijkstra_path_length(graph, source, weight="seconds")
        out[i] = [found.get(target, np.inf) for target in targets]
    return np.where(out <= limit_s, out, np.inf)


@st.composite
def questions(draw: st.DrawFn) -> tuple[RoadNetwork, list[int], list[int] | None, float, Direction]:
    """Few nodes, any edges (also parallel ones, loops, islands), sources and targets with repeats, any limit."""
    n = draw(st.integers(1, 12))
    node = st.integers(0, n - 1)
    # quarter seconds: sums are exact in float32, so that a limit cannot fall between two roundings
    seconds = st.integers(1, 400).map(lambda quarters: quarters / 4)
    edges = draw(st.lists(st.tuples(node, node, seconds), min_size=1, max_size=40))
    sources = draw(st.lists(node, min_size=1, max_size=6))
    targets = draw(st.none() | st.lists(node, min_size=1, max_size=6))
    limit_s = draw(st.just(np.inf) | st.integers(0, 800).map(lambda quarters: quarters / 4))
    direction: Direction = draw(st.sampled_from(("from_sources", "to_sources")))
    return network(n, edges, seed=draw(st.integers(0, 99))), sources, targets, limit_s, direction


@settings(max_examples=200, deadline=None)
@given(questions())
def test_times_are_those_of_networkx(
    question: tuple[RoadNetwork, list[int], list[int] | None, float, Direction],
) -> None:
    roads, sources, targets, limit_s, direction = question
    found = travel_times(
        roads,
        np.array(sources, dtype=np.int32),
        targets=None if targets is None else np.array(targets, dtype=np.int32),
        limit_s=limit_s,
        direction=direction,
    )
    kept = list(range(roads.n_nodes)) if targets is None else targets
    np.testing.assert_array_equal(found, by_networkx(roads, sources, kept, limit_s, direction))
    assert found.dtype == np.float32


@pytest.mark.parametrize("direction", ["from_sources", "to_sources"])
def test_a_made_city_with_one_way_streets(direction: Direction) -> None:
    city = street_grid(9, 7, seed=3)
    rng = np.random.default_rng(4)
    keep = rng.random(city.n_edges) < 0.8
    edges = list(
        zip(*(a[keep].tolist() for a in (city.edge_from, city.edge_to, city.travel_s)), strict=True)
    )
    roads = network(city.n_nodes, edges)
    sources, targets = rng.choice(city.n_nodes, 20), rng.choice(city.n_nodes, 15)
    found = travel_times(
        roads,
        sources.astype(np.int32),
        targets=targets.astype(np.int32),
        limit_s=90.0,
        direction=direction,
    )
    expected = by_networkx(roads, sources.tolist(), targets.tolist(), 90.0, direction)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert 0 < np.isfinite(found).mean() < 1


def test_a_one_way_ring_is_long_the_other_way() -> None:
    ring = network(3, [(0, 1, 10.0), (1, 2, 20.0), (2, 0, 40.0)])
    post = np.array([0], dtype=np.int32)
    assert travel_times(ring, post).tolist() == [[0.0, 10.0, 30.0]]
    assert travel_times(ring, post, direction="to_sources").tolist() == [[0.0, 60.0, 40.0]]


def test_a_time_of_just_the_limit_counts_and_one_above_does_not() -> None:
    street = network(4, [(0, 1, 10.0), (1, 2, 20.0), (2, 3, 0.25)])
    post = np.array([0], dtype=np.int32)
    assert travel_times(street, post, limit_s=30.0).tolist() == [[0.0, 10.0, 30.0, np.inf]]
    assert travel_times(street, post, limit_s=29.9).tolist() == [[0.0, 10.0, np.inf, np.inf]]
    assert travel_times(street, post, limit_s=0.0).tolist() == [[0.0, np.inf, np.inf, np.inf]]


def test_the_faster_of_two_parallel_streets_is_taken() -> None:
    twice = network(2, [(0, 1, 30.0), (0, 1, 12.0), (0, 1, 30.0), (1, 0, 5.0)])
    assert travel_times(twice, np.array([0], dtype=np.int32)).tolist() == [[0.0, 12.0]]


def test_a_street_without_width() -> None:
    street = network(3, [(0, 1, 1.0), (1, 2, 1.0), (2, 0, 1.0)])
    flat = RoadNetwork(
        **{**vars(street), "node_y": np.zeros(3), "node_x": np.array([5.0, 5.0, 5.0])}
    )
    assert travel_times(flat, np.array([2], dtype=np.int32)).tolist() == [[1.0, 2.0, 0.0]]


def test_repeated_sources_and_targets_come_out_as_often_as_asked() -> None:
    city = street_grid(5, 4, seed=1)
    everything = travel_times(city, np.arange(20, dtype=np.int32))
    sources, targets = (
        np.array([7, 3, 7, 0, 3], dtype=np.int32),
        np.array([2, 2, 19, 7], dtype=np.int32),
    )
    np.testing.assert_array_equal(
        travel_times(city, sources, targets=targets), everything[np.ix_(sources, targets)]
    )


def test_nothing_asked_nothing_found() -> None:
    city = street_grid(3, 3, seed=1)
    nobody = np.array([], dtype=np.int32)
    assert travel_times(city, nobody).shape == (0, 9)
    assert travel_times(city, np.array([4], dtype=np.int32), targets=nobody).shape == (1, 0)


def test_two_threads_find_the_same_bytes_as_one() -> None:
    city = street_grid(12, 9, seed=5)
    sources = np.random.default_rng(6).permutation(city.n_nodes)[:40].astype(np.int32)
    targets = np.arange(0, city.n_nodes, 3, dtype=np.int32)
    said: list[tuple[float, float]] = []
    one, two = (
        travel_times(
            city,
            sources,
            targets=targets,
            limit_s=120.0,
            workers=workers,
            progress=lambda _, done, total: said.append((done, total)),
        )
        for workers in (1, 2)
    )
    assert one.tobytes() == two.tobytes()
    assert np.isfinite(one).any()
    assert np.isinf(one).any()
    assert said == [(16, 40), (32, 40), (40, 40)] * 2


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from((0.0, 1e-6, 1.0, 3.0, 1e6)),
    st.sampled_from((np.inf, 0.0, 50.0, 3e5)),
)
def test_the_search_gives_the_bits_of_scipys_whatever_roads_take(
    seed: int, spread: float, limit_s: float
) -> None:
    """Roads of no time, all of one time, and of a millionth of a second beside days: one bucket, and many."""
    rng = np.random.default_rng(seed)
    n, roads = int(rng.integers(1, 60)), int(rng.integers(0, 200))
    seconds = 10.0 * (1 + spread * rng.exponential(1.0, roads) ** 3)
    seconds[rng.random(roads) < 0.2] = 0.0 if seed % 2 else 1e-6
    matrix = csr_matrix((seconds, (rng.integers(0, n, roads), rng.integers(0, n, roads))), (n, n))
    sources = rng.integers(0, n, 5)
    found = searched(Graph.of(matrix), sources, limit_s)
    expected = dijkstra(matrix, indices=sources, limit=limit_s).astype(np.float32)
    np.testing.assert_array_equal(found, expected)
