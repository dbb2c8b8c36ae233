"""Posts that a person puts on the page's map: candidates beside the study's own, whose files stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from coresponse.coverage.response import enumerate_options, response_table
from coresponse.data.date_line import FARTHEST_WEST
from coresponse.data.errors import InputError
from coresponse.data.posts import Posts
from coresponse.data.posts_move import snap_place
from coresponse.data.words import natural_order
from coresponse.maps.escape import clean_text
from coresponse.optimize.case import Case
from coresponse.optimize.memo import MadeOf

NewId = Annotated[str, Field(pattern=r"^new-[0-9]{1,3}$")]
# a page goes on past 180 degrees where a city lies across the date line
Longitude = Annotated[
    float,
    Field(ge=-180, le=360 + FARTHEST_WEST, allow_inf_nan=False),
    AfterValidator(lambda east: east - 360 if east > 180 else east),
]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]

# Sets of new posts whose response times are kept: a person goes back and forth between a few.
KEPT = 8


class NewPost(BaseModel):
    """A post that a person put on the map."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=120)
    kind: str = Field(min_length=1, max_length=200, description="Of a post that is there.")
    longitude: Longitude
    latitude: Latitude


def with_new_posts(case: Case, new: Mapping[str, NewPost]) -> Case:
    """Return the case with further posts; rows of the study's own are not worked out again.

    Raises
    ------
    InputError
        If a place is near no road, a kind is not the study's, or an id is taken.
    """
    if not new:
        return case
    told = tuple(sorted((post_id, *one.model_dump().values()) for post_id, one in new.items()))
    own = case.city.posts
    of = MadeOf((own, case.city.roads), (told, case.city.post_snap_max_m))
    posts = case.memo.get("new posts", of, lambda: _joined(case, new))
    case.memo.trim("new posts", KEPT)
    out = replace(case, city=replace(case.city, posts=posts))
    case.memo.get("table", out.travel_of, lambda: _extended(case, out))
    return out


def _joined(case: Case, new: Mapping[str, NewPost]) -> Posts:
    posts = case.city.posts
    there = set(posts.frame["post_id"].astype(str))
    kinds = set(posts.frame["kind"].astype(str))
    rows = []
    for post_id, one in new.items():
        if post_id in there:
            raise InputError(f"the study has a post {post_id!r} already")
        if one.kind not in kinds:
            raise InputError(f"the study has no posts of the kind {one.kind!r}")
        place = snap_place(
            case.city.roads, one.longitude, one.latitude, snap_max_m=case.city.post_snap_max_m
        )
        rows.append(
            {
                "post_id": post_id,
                "name": clean_text(one.name),
                "kind": one.kind,
                "x": place.x,
                "y": place.y,
                "snap_m": place.snap_m,
                "node": place.node,
                "at_most": pd.NA,
            }
        )
    frame = pd.concat([posts.frame, pd.DataFrame(rows).astype({"at_most": "Int64"})])
    frame = frame.astype(posts.frame.dtypes.to_dict()).sort_values(
        "post_id", key=natural_order, ignore_index=True
    )
    return replace(posts, frame=frame)


def _extended(case: Case, out: Case) -> object:
    """Work out the rows of new options; the others are those of the case without new posts."""
    table = case.base_table
    known = {option: i for i, option in enumerate(table.options)}
    options = enumerate_options(out.program, out.city.posts)
    fresh = [option for option in options if option not in known]
    if not fresh:
        raise InputError("no responder type of the program may wait at a post of that kind")
    part = response_table(
        out.city.roads, out.world.posts, out.program, fresh, table.cells,
        reach_min=out.reach_limit_min,
    )  # fmt: skip
    row_of = {option: i for i, option in enumerate(part.options)}
    group_of = {
        (o.responder_type, o.shift_pattern): g
        for o, g in zip(table.options, table.group, strict=True)
    }
    response = np.empty((len(options), table.n_columns), dtype=table.response_s.dtype)
    for i, option in enumerate(options):
        known_row = known.get(option)
        response[i] = (
            part.response_s[row_of[option]] if known_row is None else table.response_s[known_row]
        )
    group = np.array(
        [group_of[o.responder_type, o.shift_pattern] for o in options], dtype=table.group.dtype
    )
    return replace(table, options=tuple(options), response_s=response, group=group)
