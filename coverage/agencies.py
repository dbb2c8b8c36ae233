"""Who of several agencies may be sent where: units of one's own, or of others, in response tables and drives."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coresponse.data.agencies import Agencies
from coresponse.data.roads.network import RoadNetwork


def agency_of_nodes(
    agencies: Agencies, network: RoadNetwork, node: NDArray[np.integer]
) -> NDArray[np.int32]:
    """Return (n,) position of the agency of each place on the road network."""
    distinct, back = np.unique(node, return_inverse=True)
    return (
        agencies.at(*network.place_xy(distinct))[back] if len(distinct) else np.zeros(0, np.int32)
    )
