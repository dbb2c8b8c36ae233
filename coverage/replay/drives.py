"""The drives that a replay looks up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.agencies import agency_of_nodes
from coresponse.coverage.replay.arrays import Roads
from coresponse.coverage.replay.sharing import RULE
from coresponse.data.agencies import Agencies
from coresponse.data.errors import InputError
from coresponse.data.roads.network import RoadNetwork


@dataclass(frozen=True, eq=False)
class ReplayRoads:
    """Drives among posts, places of calls and facilities.

    Attributes
    ----------
    nodes
        (places,) int32 ascending: nodes of calls.
    post_ids
        Posts, in the order of the arrays' post axis.
    arrays
        For the kernel.
    post_nodes, facility_nodes
        (posts,) and (facilities,) where these are; facilities ascending.
    """

    nodes: NDArray[np.int32]
    post_ids: tuple[str, ...]
    arrays: Roads
    post_nodes: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    facility_nodes: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, dtype=np.int32))

    def places(self, node: NDArray[np.integer]) -> NDArray[np.int32]:
        """Return the place of each node.

        Raises
        ------
        InputError
            If a node is not among the places.
        """
        place = np.full(
            max(int(self.nodes.max(initial=-1)), int(node.max(initial=-1))) + 1, -1, dtype=np.int32
        )
        place[self.nodes] = np.arange(len(self.nodes), dtype=np.int32)
        out: NDArray[np.int32] = place[node]
        if (out < 0).any():
            raise InputError("a call is at a node that the replay's roads were not made for")
        return out

    def of_posts(
        self, post_ids: Sequence[str], post_nodes: NDArray[np.int32]
    ) -> ReplayRoads | None:
        """Return the drives from and to some of the posts alone; None if one is not there, or was elsewhere."""
        at = {post_id: k for k, post_id in enumerate(self.post_ids)}
        which = np.array([at.get(post_id, -1) for post_id in post_ids], dtype=np.int64)
        if (which < 0).any() or (self.post_nodes[which] != post_nodes).any():
            return None
        if tuple(post_ids) == self.post_ids:
            return self
        arrays = self.arrays
        return replace(
            self,
            post_ids=tuple(post_ids),
            post_nodes=self.post_nodes[which],
            arrays=arrays._replace(
                out_s=np.ascontiguousarray(arrays.out_s[:, which]),
                home_s=np.ascontiguousarray(arrays.home_s[:, which]),
                facility_home_s=np.ascontiguousarray(arrays.facility_home_s[:, which]),
            ),
        )

    def with_agencies(
        self,
        agencies: Agencies | None,
        network: RoadNetwork,
        known: NDArray[np.int32] | None = None,
    ) -> ReplayRoads:
        """Return the same drives among posts and places of several agencies; None: there is one.

        Parameters
        ----------
        known
            (places,) agencies of the places, where they were worked out before.
        """
        if agencies is None:
            return self
        places = agency_of_nodes(agencies, network, self.nodes) if known is None else known
        posts = np.array([agencies.of_post[post] for post in self.post_ids], dtype=np.int32)
        rule = RULE[agencies.sharing]
        arrays = self.arrays._replace(place_agency=places, post_agency=posts, sharing=rule)
        return replace(self, arrays=arrays)
