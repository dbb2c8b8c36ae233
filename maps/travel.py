"""What a page works out drives from: who is on duty where and when, and how fast each starts and drives.

Program, posts and hours alone, nothing of calls: it is shown exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from coresponse.data.hours import HOURS_A_WEEK, WeekHours
from coresponse.data.options import Deployment


@dataclass(frozen=True)
class TravelKind:
    """How a responder type gets to a call.

    Parameters
    ----------
    starts_s
        From the call's start until it drives: call taking and turn-out or activation.
    least_s
        It is not counted as there before; for crews that need an officer first, the officer's
        arrival.
    speed
        Relative to the road network's own.
    """

    starts_s: float
    least_s: float
    speed: float


@dataclass(frozen=True, eq=False)
class Travel:
    """Of all responder types that drive.

    Parameters
    ----------
    kinds
        By responder type; one that does not drive is missing.
    pattern_hours
        By shift pattern.
    speed
        (168,) speed by hour of the week, relative to the road network's own.
    reach_s
        Longer drives are not counted.
    fallback_s
        What a place counts in hours in which those on duty do not get there.
    """

    kinds: Mapping[str, TravelKind]
    pattern_hours: Mapping[str, WeekHours]
    speed: tuple[float, ...]
    reach_s: float
    fallback_s: float


def travel_payload(
    travel: Travel,
    deployments: Mapping[str, Deployment],
    responder_types: tuple[str, ...],
    posts: tuple[str, ...],
    post_nodes: Mapping[str, int],
    times: Mapping[str, WeekHours],
) -> dict[str, Any]:
    """Return what the page's script reads.

    Parameters
    ----------
    responder_types, posts
        In the page's order.
    post_nodes
        The page's node of each post.
    times
        Hours by the key of a time; '' is the whole week.
    """
    patterns = sorted({o.shift_pattern for d in deployments.values() for o, _ in d.counts})
    factors = sorted(set(travel.speed))
    kinds = [travel.kinds.get(name) for name in responder_types]
    return {
        "kinds": [
            None if k is None else [round(k.starts_s, 1), round(k.least_s, 1), round(k.speed, 4)]
            for k in kinds
        ],
        "patterns": ["".join(map(str, _mask(travel.pattern_hours[name]))) for name in patterns],
        "factors": [round(factor, 4) for factor in factors],
        "speed": [factors.index(factor) for factor in travel.speed],
        "times": {key: "".join(map(str, _mask(hours))) for key, hours in times.items()},
        "crews": {
            name: [
                [
                    post_nodes[option.post_id],
                    responder_types.index(option.responder_type),
                    patterns.index(option.shift_pattern),
                ]
                for option, _ in deployment.counts
                if option.responder_type in travel.kinds and option.post_id in post_nodes
            ]
            for name, deployment in deployments.items()
        },
        "nodes": [post_nodes.get(post) for post in posts],
        "reach": travel.reach_s,
        "fallback": travel.fallback_s,
    }


def post_nodes(posts: pd.DataFrame, node_position: Mapping[int, int]) -> dict[str, int]:
    """Return the page's node of each post that has one; `posts` has the network's in `node`."""
    if "node" not in posts:
        return {}
    rows = zip(posts["post_id"].astype(str), posts["node"].to_numpy(np.int64), strict=True)
    return {post: node_position[int(node)] for post, node in rows if int(node) in node_position}


def _mask(hours: WeekHours) -> list[int]:
    of_week = set(hours.hours)
    return [int(hour in of_week) for hour in range(HOURS_A_WEEK)]
