"""Agencies of one study: whose each post, district and call is, and how units are shared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Self

import numpy as np
import shapely
from numpy.typing import NDArray

from coresponse.data.districts import Districts
from coresponse.data.errors import InputError
from coresponse.data.posts import Posts

# Who may be sent to an agency's calls: its own units; others once none of its own is free; any, the closest.
Sharing = Literal["own", "own_first", "shared"]

# What a shared cost is split by: calls served, residents, or a stated key (shares by agency).
Split = Literal["calls", "population"] | Mapping[str, float]

SECTION = "[agencies]"


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


def agencies_of(
    districts: Districts | None,
    posts: Posts,
    *,
    stated_districts: Mapping[str, Sequence[str]],
    stated_posts: Mapping[str, Sequence[str]],
    sharing: Sharing,
    split: Split,
) -> Agencies:
    """Say whose each district and post is.

    A district is of the agency that its file's column names, or the study; a post of the one that
    the study names, or its file's column, or else of that of the district in which it is.

    Parameters
    ----------
    stated_districts, stated_posts
        By agency, ids or names of its districts and ids of its posts; districts: empty where a
        column of their file says it (`Districts.agency`).

    Raises
    ------
    InputError
        With all that stands in the way, and its cure.
    """
    if districts is None:
        raise InputError(
            f"{SECTION}: needs the agencies' areas -- give districts: [districts] file"
        )
    whose, faults = _of_districts(districts, stated_districts)
    names = tuple(sorted({name for name in whose if name}))
    without = [
        str(d) for d, name in zip(districts.frame["district_id"], whose, strict=True) if not name
    ]
    if without:
        faults.append(
            f"district {', '.join(without[:8])} is of no agency -- name it under districts, or "
            "fill in the column"
        )
    if len(names) < 2:
        faults.append(f"two agencies or more are needed, found {', '.join(names) or 'none'}")
    known = set(posts.frame["post_id"])
    for name, own in stated_posts.items():
        faults += [
            f"post {post!r} of {name} is not in the study" for post in own if post not in known
        ]
    column = (
        posts.frame["agency"].astype(str) if "agency" in posts.frame else [""] * len(posts.frame)
    )
    said = dict(zip(posts.frame["post_id"].astype(str), column, strict=True))
    said |= {post: name for name, own in stated_posts.items() for post in own}
    strange = sorted(
        {name for name in (*said.values(), *stated_posts) if name and name not in names}
    )
    if strange:
        faults.append(
            f"posts are of {', '.join(map(repr, strange[:8]))}, which has no district -- agencies "
            f"are: {', '.join(names)}"
        )
    if isinstance(split, Mapping):
        faults += _faults_of_key(split, names)
    if faults:
        raise InputError("\n".join(f"{SECTION}: {fault}" for fault in faults))
    position = {name: k for k, name in enumerate(names)}
    own_district = tuple(position[name] for name in whose)
    frame = posts.frame
    near = nearest_district(
        districts, frame["x"].to_numpy(dtype=np.float64), frame["y"].to_numpy(dtype=np.float64)
    )
    of_post = {
        post: position[said[post]] if said[post] else own_district[near[k]]
        for k, post in enumerate(frame["post_id"].astype(str))
    }
    return Agencies(names, districts, own_district, of_post, sharing, split)


def _of_districts(
    districts: Districts, stated: Mapping[str, Sequence[str]]
) -> tuple[list[str], list[str]]:
    """Return each district's agency, '' where nobody says, and faults."""
    if not stated:
        return [name.strip() for name in districts.agency], []
    ids, names = (districts.frame[key].astype(str).tolist() for key in ("district_id", "name"))
    whose, faults = [""] * len(ids), []
    for agency, own in stated.items():
        for district in own:
            at = [k for k in range(len(ids)) if district in (ids[k], names[k])]
            if not at:
                faults.append(f"district {district!r} of {agency} is not among the districts")
            for k in at:
                if whose[k] not in ("", agency):
                    faults.append(f"district {district!r} is of {whose[k]} and of {agency}")
                whose[k] = agency
    return whose, faults


def _faults_of_key(key: Mapping[str, float], names: Sequence[str]) -> list[str]:
    wrong = sorted(set(key) ^ set(names))
    if wrong:
        return [f"the key of the split must name each agency once: look at {', '.join(wrong[:8])}"]
    if min(key.values()) < 0 or not sum(key.values()) > 0:
        return ["the key of the split must be shares of 0 or more, some above 0"]
    return []
