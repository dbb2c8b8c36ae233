"""A made city with recorded travels whose true speeds are known: for the benchmark and tests of calibration."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.validation.drives import road_group, seconds_by_group
from coresponse.coverage.validation.fit import Travels
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.network import RoadNetwork

POSTS, UNITS = 8, 24
DELAY_S, TRUE_DELAY_S = 120.0, 150.0
"""The program's turn-out, and the true one."""


@dataclass(frozen=True)
class Truth:
    """What is true of the made city.

    Attributes
    ----------
    speed
        Of drives, by period: a third of the day each.
    group_speed
        By road group, on top.
    delay_s
        Turn-out.
    noise
        Spread of the logs of drives, whose mean is the true one.
    wrong
        Share of stamps that are of something else.
    on_the_road
        Share of calls whose unit did not start at its post.
    minutes
        Whether times are stamped in whole minutes.
    """

    speed: tuple[float, float, float] = (1.0, 1.0, 1.0)
    group_speed: tuple[float, float, float] = (1.0, 1.0, 1.0)
    delay_s: float = TRUE_DELAY_S
    noise: float = 0.35
    wrong: float = 0.05
    on_the_road: float = 0.20
    minutes: bool = False


@dataclass(frozen=True, eq=False)
class RecordedCity:
    """Roads, posts, and the seconds of drives from each post to every node.

    Attributes
    ----------
    seconds
        (posts, nodes, groups).
    """

    network: RoadNetwork
    posts: NDArray[np.int64]
    seconds: NDArray[np.float64]

    @classmethod
    def made(cls) -> RecordedCity:
        """Make a grid of 1,600 crossings with three classes of road."""
        grid = street_grid(40, 40, seed=1, spacing_m=200)
        fast = (grid.road_class == 0) & (grid.edge_from % 2 == 0)
        network = replace(
            grid,
            road_class=np.where(fast, 0, grid.road_class + 1).astype(np.int16),
            road_classes=("primary", "secondary", "residential"),
        )
        posts = np.random.default_rng(2).choice(network.n_nodes, POSTS, replace=False)
        every = np.arange(network.n_nodes)
        return cls(network, posts, seconds_by_group(network, posts, every))

    def records(self, truth: Truth, *, n: int, days: int, seed: int) -> Records:
        """Draw recorded travels: one of the three nearest posts' units comes, busy ones being passed over."""
        rng = np.random.default_rng(seed)
        node = rng.integers(0, self.network.n_nodes, n)
        drive = self.seconds.sum(axis=2)[:, node]
        rank = rng.choice(3, n, p=(0.6, 0.25, 0.15))
        post = np.argsort(drive, axis=0)[rank, np.arange(n)]
        period = rng.integers(0, 3, n)
        way = self.seconds[post, node] / np.array(truth.group_speed)
        true_s = way.sum(axis=1) / np.array(truth.speed)[period]
        elsewhere = rng.random(n) < truth.on_the_road
        true_s = np.where(elsewhere, true_s * rng.uniform(0.4, 1.4, n), true_s)
        observed = truth.delay_s + true_s * np.exp(
            truth.noise * rng.standard_normal(n) - truth.noise**2 / 2
        )
        stamps = rng.random(n) < truth.wrong
        observed = np.where(stamps, rng.uniform(30, 4 * 3600, n), observed)
        if truth.minutes:
            observed = np.maximum(np.round(observed / 60) * 60, 60.0)
        unit = post * (UNITS // POSTS) + rng.integers(0, UNITS // POSTS, n)
        return Records(node, post, period, np.sort(rng.integers(0, days, n)), unit, observed)

    def travels(self, records: Records) -> Travels:
        """Return the records beside their stated drives, from the posts that they truly started at."""
        stated = self.seconds[records.post, records.node]
        return Travels(records.observed_s, stated, records.period, records.day)

    def rerouted(self, records: Records, slower: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return stated drives along the paths that are fastest at other speeds of road groups."""
        every = np.arange(self.network.n_nodes)
        seconds = seconds_by_group(self.network, self.posts, every, slower=slower.tolist())
        return np.asarray(seconds[records.post, records.node])


@dataclass(frozen=True, eq=False)
class Records:
    """Recorded travels, all (n,)."""

    node: NDArray[np.int64]
    post: NDArray[np.int64]
    period: NDArray[np.int64]
    day: NDArray[np.int64]
    unit: NDArray[np.int64]
    observed_s: NDArray[np.float64]


def share_of_groups(network: RoadNetwork) -> NDArray[np.float64]:
    """Return the share of the roads' length in each road group."""
    length = np.bincount(road_group(network), weights=network.length_m, minlength=3)
    return np.asarray(length / length.sum())
