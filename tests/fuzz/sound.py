"""What every reader has to keep, however broken the file."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.sparse.csgraph import connected_components

from coresponse.data.calls.history import CallHistory
from coresponse.data.posts import Posts
from coresponse.data.roads.network import RoadNetwork


def sound_network(network: RoadNetwork) -> None:
    n, m = network.n_nodes, network.n_edges
    parts, _ = connected_components(network.travel_matrix(), directed=True, connection="strong")
    assert parts == 1, "a network in two parts"
    assert np.isfinite(network.node_x).all()
    assert np.isfinite(network.node_y).all()
    for values in (network.length_m, network.travel_s):
        assert values.shape == (m,)
        assert np.isfinite(values).all()
        assert (values > 0).all()
    assert network.edge_from.min() >= 0
    assert max(network.edge_from.max(), network.edge_to.max()) < n
    report = network.report
    assert report.nodes_read - report.nodes_dropped in {n, -report.nodes_dropped}
    assert report.edges_read - report.edges_dropped in {m, -report.edges_dropped}
    assert -1e-9 <= report.assumed_speed_share <= 1 + 1e-9


def sound_history(calls: CallHistory, network: RoadNetwork) -> None:
    steps = calls.funnel.steps
    for before, after in pairwise(steps):
        assert after.count + after.lost == before.count, (
            "a step of the funnel loses calls without saying so"
        )
        assert sum(count for _, count in after.reasons) == after.lost, "reasons do not add up"
        assert min(after.count, after.lost) >= 0
    broken = dict(steps[1].reasons).get("row could not be split into columns", 0)
    assert steps[3].count == len(calls.frame)
    assert len(calls.set_aside) == steps[2].lost + steps[3].lost + broken, (
        "calls set aside without being listed"
    )
    assert (calls.set_aside["reason"] != "").all()
    assert calls.unmapped["calls"].sum() == steps[4].lost
    frame = calls.frame
    assert ((frame["node"] >= 0) & (frame["node"] < network.n_places)).all()
    assert frame["received_at"].notna().all()
    assert frame["received_at"].is_monotonic_increasing
    assert calls.days >= 1


def sound_posts(posts: Posts, network: RoadNetwork) -> None:
    frame = posts.frame
    assert frame["post_id"].is_unique
    assert (frame["post_id"] != "").all()
    assert ((frame["node"] >= 0) & (frame["node"] < network.n_places)).all()
    assert (posts.set_aside["reason"] != "").all()
    assert (frame["at_most"].dropna() >= 1).all()
