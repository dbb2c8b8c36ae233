"""Agencies of one study: whose each post, district and call is, and how units are shared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, Self

import numpy as np
import shapely
from numpy.typing import NDArray

from coresponse.data.districts import Districts

# Who may be sent to an agency's calls: its own units; others once none of its own is free; any, the closest.
Sharing = Literal["own", "own_first", "shared"]

# What a shared cost is split by: calls served, residents, or a stated key (shares by agency).
Split = Literal["calls", "population"] | Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Agencies:
    """Agencies that plan together.

    Attributes
    ----------
    names
        Sorted.
    districts
        Whose shapes say whose a place is.
    of_district
        (districts,) position of each district's agency.
    of_post
        Position of each post's agency, by post_id.
    sharing
        Who may be sent to an agency's calls.
    split
        What a shared cost is split by.
    """

    names: tuple[str, ...]
    districts: Districts
    of_district: tuple[int, ...]
    of_post: Mapping[str, int]
    sharing: Sharing = "own_first"
    split: Split = "calls"

    @property
    def n(self) -> int:
        """Number of agencies."""
        return len(self.names)

    def shared_as(self, sharing: Sharing) -> Self:
        """Return the same agencies under another rule."""
        return replace(self, sharing=sharing)

    def at(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int32]:
        """Return (n,) position of the agency of each place: of its district, outside all of the nearest one."""
        district = nearest_district(self.districts, x, y)
        return np.asarray(np.array(self.of_district, dtype=np.int32)[district], dtype=np.int32)

    def posts_of(self, agency: int) -> tuple[str, ...]:
        """Return the ids of an agency's posts."""
        return tuple(post for post, own in self.of_post.items() if own == agency)


def nearest_district(
    districts: Districts, x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.int32]:
    """Return (n,) position of the district that holds each point, or else is nearest."""
    found = districts.locate(x, y)
    outside = np.flatnonzero(found < 0)
    if len(outside):
        shapes = shapely.STRtree(np.asarray(districts.frame.geometry.array))
        found[outside] = shapes.nearest(shapely.points(x[outside], y[outside]))
    return found
