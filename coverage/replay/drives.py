"""The drives that a replay looks up."""

from __future__ import annotations

from dataclasses import dataclass, replace

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
    """

    nodes: NDArray[np.int32]
    post_ids: tuple[str, ...]
    arrays: Roads

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
