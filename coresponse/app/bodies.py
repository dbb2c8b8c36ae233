"""What the page sends: each body is checked before anything is done with it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from coresponse.app.new_posts import Latitude, Longitude, NewPost
from coresponse.app.question import Count, Name, Question

TITLE = 120

Row = tuple[Name, Name, Name, Count]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AskedJob(_Body):
    """A question, and for ``judge`` the deployment that is to be judged."""

    kind: Literal["find", "judge"] = "find"
    asked: Question
    bought: list[Row] = Field(default_factory=list, max_length=5000)
    name: str = Field(default="", max_length=TITLE)


class AskedReport(_Body):
    """A plan that is to be judged in full and written down."""

    plan: Name


class AskedLive(_Body):
    """A deployment under assumptions that a person is just changing."""

    asked: Question
    bought: list[Row] = Field(max_length=5000)
    replay: bool = False


class AskedPlace(_Body):
    """A post that was dragged, or put on the map."""

    post_id: Name
    longitude: Longitude
    latitude: Latitude
    new: NewPost | None = Field(default=None, description="If the study has no such post.")


class NewName(_Body):
    """Another name for a plan."""

    name: str = Field(min_length=1, max_length=TITLE)
