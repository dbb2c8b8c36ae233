"""Agencies of a region, from the study's table of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from coresponse.data.agencies import Agencies, Sharing, Split, nearest_district
from coresponse.data.districts import Districts
from coresponse.data.errors import InputError
from coresponse.data.posts import Posts
from coresponse.data.words import in_order

SECTION = "[agencies]"


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
    names = tuple(in_order({name for name in whose if name}))
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
    said, of_posts = _of_posts(posts, stated_posts, names)
    faults += of_posts
    if isinstance(split, Mapping):
        faults += _faults_of_key(split, names)
    if faults:
        raise InputError("\n".join(f"{SECTION}: {fault}" for fault in faults))
    position = {name: k for k, name in enumerate(names)}
    own_district = tuple(position[name] for name in whose)
    x, y = (posts.frame[axis].to_numpy(dtype=np.float64) for axis in ("x", "y"))
    near = nearest_district(districts, x, y)
    of_post = {
        post: position[said[post]] if said[post] else own_district[near[k]]
        for k, post in enumerate(posts.frame["post_id"].astype(str))
    }
    return Agencies(names, districts, own_district, of_post, sharing, split)


def _of_posts(
    posts: Posts, stated: Mapping[str, Sequence[str]], names: Sequence[str]
) -> tuple[dict[str, str], list[str]]:
    """Return each post's agency, '' where nobody says, and faults."""
    frame = posts.frame
    known = set(frame["post_id"])
    faults = [
        f"post {post!r} of {name} is not in the study"
        for name, own in stated.items()
        for post in own
        if post not in known
    ]
    column = frame["agency"].astype(str) if "agency" in frame else [""] * len(frame)
    said = dict(zip(frame["post_id"].astype(str), column, strict=True))
    said |= {post: name for name, own in stated.items() for post in own}
    strange = sorted({name for name in (*said.values(), *stated) if name and name not in names})
    if strange:
        faults.append(
            f"posts are of {', '.join(map(repr, strange[:8]))}, which has no district -- agencies "
            f"are: {', '.join(names)}"
        )
    return said, faults


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
