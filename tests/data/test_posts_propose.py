"""Posts that the tool proposes: near the calls, and where somebody can wait."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import dijkstra

from coresponse.data.posts_propose import corner_names, propose_posts, waited_at
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.network import RoadNetwork

SMALL = street_grid(5, 4, seed=2)
DRIVES = np.asarray(dijkstra(SMALL.travel_matrix()))
LARGE = street_grid(40, 40, seed=4)


def with_spurs(network: RoadNetwork, count: int, road_class: str = "residential") -> RoadNetwork:
    """Add a street of 200 m that leads nowhere to each of the first crossings."""
    n, ends = network.n_nodes, np.arange(count)
    new = n + ends
    start, stop = np.r_[ends, new].astype(np.int32), np.r_[new, ends].astype(np.int32)
    x, y = network.node_x[ends] + 200.0, network.node_y[ends] + 3.0
    classes = (*dict.fromkeys([*network.road_classes, road_class]),)
    xy = np.column_stack([np.r_[network.node_x, x], np.r_[network.node_y, y]])
    shapes = np.concatenate([xy[[a, b]] for a, b in zip(start, stop, strict=True)])
    more = 2 * count
    return replace(
        network,
        node_id=np.arange(n + count),
        node_x=xy[:, 0],
        node_y=xy[:, 1],
        edge_from=np.r_[network.edge_from, start],
        edge_to=np.r_[network.edge_to, stop],
        length_m=np.r_[network.length_m, np.full(more, 200, np.float32)],
        travel_s=np.r_[network.travel_s, np.full(more, 300, np.float32)],
        road_class=np.r_[
            network.road_class, np.full(more, classes.index(road_class), np.int16)
        ].astype(np.int16),
        road_classes=classes,
        shape_start=np.r_[
            network.shape_start, network.shape_start[-1] + 2 * np.arange(1, more + 1)
        ],
        shape_xy=np.concatenate([network.shape_xy, shapes]),
        street_name=np.empty(0, np.int32),
        street_names=(),
    )


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.integers(0, 9), min_size=20, max_size=20).filter(any),
    st.integers(1, 3),
    st.sets(st.integers(0, 19), max_size=2),
)
def test_proposals_save_at_least_63_percent_of_what_the_best_choice_saves(
    demand: list[int], count: int, there: set[int]
) -> None:
    weight, given_nodes = np.array(demand, dtype=float), np.array(sorted(there), dtype=int)
    nodes = propose_posts(
        SMALL, count, seed=1, demand=weight, given=given_nodes if len(given_nodes) else None
    ).frame["node"].to_numpy()  # fmt: skip
    assert len(set(nodes)) == count
    wanted = weight > 0
    worst = 2 * np.float32(DRIVES[:, wanted].max())
    before = DRIVES[given_nodes].min(axis=0) if len(given_nodes) else np.full(20, worst)

    def saved(chosen: list[int]) -> float:
        return float(np.maximum(before - DRIVES[chosen].min(axis=0), 0) @ weight)

    best = max(saved(list(some)) for some in itertools.combinations(range(20), count))
    assert saved(nodes.tolist()) >= (1 - 1 / np.e) * best - 1e-3


def test_proposals_lie_near_the_calls() -> None:
    demand = np.zeros(LARGE.n_nodes)
    west = LARGE.node_x < np.quantile(LARGE.node_x, 0.2)
    demand[west] = 1.0
    near, spread = (propose_posts(LARGE, 12, seed=1, demand=d) for d in (demand, None))
    at = near.frame["node"].to_numpy()
    assert west[at].all()
    assert west[spread.frame["node"]].mean() < 0.5
    assert "that shorten drives to the calls most" in near.notes[0]
    assert "spread over the roads" in spread.notes[0]

    def mean_s(posts: np.ndarray) -> float:
        times = dijkstra(LARGE.travel_matrix(), indices=posts, min_only=True)
        return float(times @ demand / demand.sum())

    assert mean_s(at) < 0.6 * mean_s(spread.frame["node"].to_numpy())


def test_further_proposals_go_where_posts_are_not() -> None:
    demand = np.ones(LARGE.n_nodes)
    corner = np.flatnonzero(
        (LARGE.node_x < np.median(LARGE.node_x)) & (LARGE.node_y < np.median(LARGE.node_y))
    )
    nodes = propose_posts(LARGE, 3, seed=1, demand=demand, given=corner).frame["node"]
    assert not set(nodes) & set(corner)


def test_no_proposal_is_at_a_dead_end_a_service_road_or_a_motorway() -> None:
    spurs = with_spurs(SMALL, 8)
    demand = np.zeros(28)
    demand[20:] = 10.0  # all calls come from the dead ends
    for weight in (None, demand):
        for seed in range(4):
            assert (propose_posts(spurs, 9, seed=seed, demand=weight).frame["node"] < 20).all()
    # where there is nothing else, dead ends are taken, too
    assert len(propose_posts(spurs, 26, seed=1, demand=demand).frame) == 26
    for name in ("service", "motorway", "trunk_link"):
        loops = with_spurs(with_spurs(SMALL, 8), 8, name)  # two new crossings at each old one
        ring = np.arange(8)
        joined = replace(
            loops,
            edge_from=np.r_[loops.edge_from, 20 + ring, 28 + ring].astype(np.int32),
            edge_to=np.r_[loops.edge_to, 28 + ring, 20 + ring].astype(np.int32),
            length_m=np.r_[loops.length_m, np.full(16, 50, np.float32)],
            travel_s=np.r_[loops.travel_s, np.full(16, 9, np.float32)],
            road_class=np.r_[loops.road_class, np.full(16, loops.road_classes.index(name))].astype(
                np.int16
            ),
        )
        open_to = waited_at(joined)
        assert open_to[:28].all()
        assert not open_to[28:].any()


def test_sites_do_not_depend_on_where_single_calls_are() -> None:
    """Else a proposal could lie at the one call of a quiet street, and tell of it."""
    demand = np.zeros(LARGE.n_nodes)
    demand[[7, 800, 1500]] = [1, 5, 2]
    most = propose_posts(LARGE, 400, seed=1, demand=np.ones(LARGE.n_nodes)).frame["node"]
    one = propose_posts(LARGE, 3, seed=1, demand=demand).frame["node"]
    assert set(one) <= set(most)


@pytest.mark.parametrize("count", [1, 20])
def test_the_same_proposals_each_time(count: int) -> None:
    first, again = (
        propose_posts(SMALL, count, seed=1, demand=np.arange(20.0)).frame for _ in range(2)
    )
    assert first["node"].tolist() == again["node"].tolist()
    assert first["node"].is_unique


def test_a_proposed_post_says_at_which_corner_it_is() -> None:
    """A council cannot find "Proposed post 7" on its map."""
    named = replace(
        SMALL,
        street_name=np.where(SMALL.edge_from % 4 == SMALL.edge_to % 4, 1, 2).astype(np.int32),
        street_names=("", "2nd St", "Derry St"),
    )
    assert set(corner_names(named, np.arange(SMALL.n_nodes))) <= {
        "2nd St & Derry St", "Derry St & 2nd St", "2nd St", "Derry St",
    }  # fmt: skip
    posts = propose_posts(named, 2, seed=1).frame
    assert (
        posts["name"]
        .str.fullmatch(r"Proposed post [12] \((2nd|Derry) St( & (2nd|Derry) St)?\)")
        .all()
    )
    assert propose_posts(SMALL, 2, seed=1).frame["name"].tolist() == [
        "Proposed post 1", "Proposed post 2",
    ]  # fmt: skip
