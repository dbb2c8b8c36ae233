"""What may be told of a question as it is, since it tells nothing of calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from coresponse.coverage.settings import EvaluationSettings
from coresponse.data.agencies import Agencies
from coresponse.data.districts import Districts
from coresponse.data.hours import Period
from coresponse.data.limits import Limits
from coresponse.data.options import Deployment
from coresponse.data.posts import Posts
from coresponse.data.programs.model import Program
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.standards import Standard
from coresponse.optimize.goals.goal import Floor, Goal
from coresponse.optimize.settings import SolverSettings


@dataclass(frozen=True, eq=False)
class Facts:
    """A question to a city, without the city's calls."""

    name: str
    notice: str
    program: Program
    roads: RoadNetwork
    posts: Posts
    districts: Districts | None
    agencies: Agencies | None
    today: Deployment | None
    periods: tuple[Period, ...]
    water: gpd.GeoDataFrame | None
    parks: gpd.GeoDataFrame | None
    landmarks: gpd.GeoDataFrame | None
    attribution: str
    limits: Limits
    goal: Goal
    floors: tuple[Floor, ...]
    target_min: float
    reach_min: float
    standards: Standard | None
    solver: SolverSettings
    evaluation: EvaluationSettings
    seed: int

    @property
    def standard(self) -> str:
        """The standard in words: ``15 min``, or that it depends on the area."""
        if self.standards is None:
            return f"{self.target_min:g} min"
        return f"the standard of their area ({self.standards.words})"

    @property
    def attributions(self) -> tuple[str, ...]:
        """Whom maps name."""
        return tuple(text for text in (self.roads.attribution, self.attribution) if text)

    @property
    def responder_titles(self) -> dict[str, str]:
        """Title of each responder type, in the program's order."""
        return {name: kind.title for name, kind in self.program.responder_types.items()}

    @property
    def post_labels(self) -> dict[str, str]:
        """What people read of each post: its id, and its name where it has one."""
        frame = self.posts.frame
        pairs = zip(frame["post_id"], frame["name"], strict=True)
        return {key: key if name == key else f"{key} {name}" for key, name in pairs}

    @property
    def post_names(self) -> dict[str, str]:
        """What people call each post: its name, with the id where it has none or shares it."""
        frame = self.posts.frame
        twice = frame["name"].duplicated(keep=False)
        pairs = zip(frame["post_id"], frame["name"], twice, strict=True)
        return {key: f"{name} [{key}]" if again else name or key for key, name, again in pairs}

    def header(self, run: str) -> dict[str, Any]:
        """Return what plain data of a run begins with, after its schema."""
        return {
            "study": self.name,
            "notice": self.notice,
            "run": run,
            "clock": self.program.standards.clock,
            "target_min": self.target_min,
            **({} if self.standards is None else {"standards": self.standards.words}),
        }


@dataclass(frozen=True, eq=False)
class HistoryPublication:
    """What was read of past calls, and what became of the rows, as it may be shown.

    `codes` has what the agency's codes say and hide, one row a nature and class: `nature`,
    `calls_band`, `call_class`, `says`, `share_low`, `share_high`; empty where no nature has a
    share.
    """

    funnel: tuple[ShownStep, ...]
    set_aside: int | str
    days: float
    timezone: str
    notes: tuple[str, ...]
    first_day: str
    last_day: str
    located: int | str
    few_days: str
    codes: pd.DataFrame = field(default_factory=pd.DataFrame)
    assumed: str = ""


@dataclass(frozen=True)
class ShownStep:
    """One step as it is shown.

    Exact numbers, or words such as ``about 1,200``, ``11-25`` and ``1-10``.
    """

    name: str
    count: int | str
    lost: int | str
    reasons: tuple[tuple[str, int | str], ...]
