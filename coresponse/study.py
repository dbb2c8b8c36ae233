"""The study: a folder with ``study.toml``, its inputs and its results."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from coresponse.coverage.replay.rules import Rules
from coresponse.data.errors import InputError, MissingInputError
from coresponse.data.figures import Sourced
from coresponse.data.hashes import sha256
from coresponse.data.hours import Period, WeekHours
from coresponse.data.limits import Limits
from coresponse.data.toml import check_model, read_model
from coresponse.optimize.goals.goal import Floor, Goal, Mean
from coresponse.scenarios.settings import ScenarioInput
from coresponse.sweep.settings import SweepInput

STUDY_FILE = "study.toml"
SCHEMA = 1


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, allow_inf_nan=False
    )


def _inside(value: object) -> object:
    """Refuse paths that leave the study folder."""
    if isinstance(value, str):
        path = Path(value)
        if not value or path.is_absolute() or ".." in path.parts or "\\" in value or ":" in value:
            raise ValueError(
                "a study's files are inside its folder: give a relative path with / and without "
                "'..'"
            )
    return value


InnerPath = Annotated[str, BeforeValidator(_inside)]


class RoadsInput(_Part):
    """The road network."""

    file: InnerPath = Field(
        description="OpenStreetMap extract, GraphML, JSON, GeoPackage, GeoParquet, Shapefile."
    )
    water: InnerPath | None = Field(
        default=None,
        description="Polygons that maps show as water: GeoJSON, GeoPackage, GeoParquet, Shapefile.",
    )
    parks: InnerPath | None = Field(
        default=None, description="Polygons that maps show as parks; the same kinds of file."
    )
    attribution: str = Field(
        default="",
        max_length=300,
        description="Whom to name for water and parks; shown on every page with a map.",
    )


class CallsInput(_Part):
    """Past calls."""

    files: tuple[InnerPath, ...] = Field(
        min_length=1, description="CSV, Excel, Parquet, GeoPackage; see tables.md."
    )
    columns: dict[str, str] = Field(
        default_factory=dict, description="Our column name = column in the file."
    )
    crs: str | None = Field(
        default=None, description="CRS of the coordinates; absent: degrees, or as the file says."
    )
    timezone: str | None = Field(
        default=None, description="IANA time zone of times without offset."
    )
    snap_max_m: float = Field(
        default=500.0, gt=0, description="Calls farther from a road are set aside."
    )


class PostsFile(_Part):
    """One file of posts."""

    file: InnerPath = Field(description="CSV, GeoJSON, GeoPackage, ...; see tables.md.")
    kind: str | None = Field(
        default=None, description="Kind of its posts where the file has no kind column."
    )
    columns: dict[str, str] = Field(
        default_factory=dict, description="Our column name = column in the file."
    )
    crs: str | None = Field(
        default=None, description="CRS of the coordinates; absent: degrees, or as the file says."
    )


class PostsInput(_Part):
    """Places where responders may wait."""

    files: tuple[PostsFile, ...] = Field(default=(), description="Files of posts.")
    propose: int = Field(
        default=0, ge=0, description="Well-spread network nodes proposed as further posts."
    )
    snap_max_m: float = Field(
        default=500.0, gt=0, description="Posts farther from a road are set aside."
    )

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.files and not self.propose:
            raise ValueError("give files, or propose = a number of posts")
        return self


class DistrictsInput(_Part):
    """Areas whose residents' service is compared."""

    file: InnerPath = Field(description="Polygons: GeoJSON, GeoPackage, GeoParquet, Shapefile.")
    id_column: str | None = Field(
        default=None, description="Column of the ids; absent: found by its name."
    )
    name_column: str | None = Field(
        default=None, description="Column of the names; absent: found by its name."
    )


class ProgramInput(_Part):
    """The crisis program: a preset, or a file of one's own."""

    preset: str | None = Field(
        default=None, description="ride-along, on-call, mixed, star, cahoots or b-heard."
    )
    file: InnerPath | None = Field(
        default=None, description="A program of your own; see programs.md."
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.preset is None) == (self.file is None):
            raise ValueError("give either preset or file")
        return self


class TodayInput(_Part):
    """Today's deployment."""

    file: InnerPath = Field(
        description="responder_type, post_id, shift_pattern, count; see tables.md."
    )


class PeriodInput(_Part):
    """A block of the hours of the week with its own demand and travel speed."""

    name: str = Field(description="Shown in tables and on the map.")
    hours: Annotated[
        WeekHours, BeforeValidator(lambda v: WeekHours.parse(v) if isinstance(v, str) else v)
    ] = Field(description="Hours of the week; together the periods cover it once.")
    speed_factor: Sourced | None = Field(
        default=None, description="Travel speed relative to the road network's own."
    )

    @model_validator(mode="after")
    def _moves(self) -> Self:
        if self.speed_factor is not None and self.speed_factor.value <= 0:
            raise ValueError("speed_factor must be above 0: nobody would get anywhere")
        return self

    def period(self) -> Period:
        """Return it as the rooms use it."""
        return Period(self.name, self.hours, self.speed_factor.value if self.speed_factor else 1.0)


class ObjectiveInput(_Part):
    """What the plan is best at."""

    goal: Goal = Field(
        default=Mean(),
        description="mean_response: least mean response time, a call left to police counting as fallback_min; "
        "share_in_time: largest share of calls reached within the standard; fewest_units or "
        "least_cost that reach a share; "
        "worst_district; tail; mix; in_order. A goal's own settings stand beside it.",
    )
    floors: tuple[Floor, ...] = Field(
        default=(), description="What every district (or class) gets, whatever the goal."
    )
    busy_units: Literal["consistent", "free"] = Field(
        default="consistent",
        description="consistent: the plan takes into account how busy its units will be; free: the nearest is always free.",
    )
    target_min: float | None = Field(
        default=None, gt=0, description="The standard; absent: the program's."
    )
    reach_limit_min: float = Field(
        default=60.0, gt=0, description="Travel beyond this is not planned with."
    )

    @model_validator(mode="before")
    @classmethod
    def _settings_of_the_goal(cls, data: object) -> object:
        """Let a goal's settings stand beside its name: ``goal = "tail"``, ``alpha = 0.95``."""
        if not isinstance(data, dict) or not isinstance(data.get("goal", "mean_response"), str):
            return data
        own = {key: value for key, value in data.items() if key in cls.model_fields}
        rest = {key: value for key, value in data.items() if key not in cls.model_fields}
        return own | {
            "goal": {
                "goal": "mean_response",
                **rest,
                **({"goal": own["goal"]} if "goal" in own else {}),
            }
        }


class JudgingInput(_Part):
    """How a deployment is tried out: queueing, replay, and calls that the plan has not seen."""

    service_times: Literal["auto", "calls", "program"] = Field(
        default="auto",
        description=(
            "auto: recorded times where there are enough, brought to the program's mean for crews "
            "without an officer; calls: as recorded; program: the program's figures."
        ),
    )
    replications: int = Field(default=20, ge=2, le=1000, description="Replays behind each band.")
    weeks: int | None = Field(
        default=None, ge=1, le=520, description="Of each replay; absent: as many as tell enough."
    )
    facility_kinds: tuple[str, ...] = Field(
        default=("hospital", "crisis_center"), description="Kinds of post that people are taken to."
    )
    holdout_share: float = Field(
        default=0.3,
        ge=0,
        lt=1,
        description="Of the days, kept from the plan to judge it on; 0: none.",
    )
    bootstrap: int = Field(
        default=0, ge=0, le=1000, description="Samples of days to plan on again; 0: none."
    )
    rules: Rules = Field(default=Rules(), description="Of dispatch.")


class TilesInput(_Part):
    """A background from a tile server for the plan's map, which then asks that server for pictures when it is viewed."""

    url: str = Field(
        pattern=r"^https?://(\{s\}\.)?[a-zA-Z0-9.-]+(:\d+)?/",
        max_length=500,
        description="Such as https://tiles.example/{z}/{x}/{y}.png. Without [tiles] no page makes a request.",
    )
    attribution: str = Field(
        min_length=1, max_length=300, description="Whom to name; always shown on the map."
    )


OPENSTREETMAP = TilesInput(
    url="https://tile.openstreetmap.org/{z}/{x}/{y}.png",
    attribution="\u00a9 OpenStreetMap contributors, openstreetmap.org/copyright",
)
"""Its tile usage policy (operations.osmfoundation.org/policies/tiles) asks for this address, and for being named."""


class SolverInput(_Part):
    """How the optimum is searched for."""

    name: str = Field(
        default="HiGHS",
        description="A PuLP solver: HiGHS, CBC, CPLEX_PY, GUROBI, COPT, SCIP_PY, ...",
    )
    time_limit_s: float = Field(
        default=300.0, gt=0, description="Seconds for the search; the best found is then the plan."
    )
    gap: float = Field(
        default=1e-4, ge=0, description="Relative gap at which an answer counts as proven."
    )
    busy_gap: float = Field(
        default=5e-3,
        ge=0,
        description="The same for a plan with busy units; busy shares themselves are known no better than to a percent.",
    )


class Study(_Part):
    """A city's planning question, as ``study.toml`` states it."""

    schema_version: Literal[1] = Field(alias="schema", description="Version of this file's form.")
    name: str = Field(min_length=1, max_length=200, description="Shown on every page.")
    notice: str = Field(
        default="",
        max_length=300,
        description="Shown wherever the study is, such as SYNTHETIC calls.",
    )
    seed: int = Field(
        default=1, ge=0, description="Of all that is drawn: the same seed gives the same result."
    )
    roads: RoadsInput
    calls: CallsInput
    posts: PostsInput
    program: ProgramInput
    districts: DistrictsInput | None = None
    today: TodayInput | None = None
    limits: Limits = Limits()
    objective: ObjectiveInput = ObjectiveInput()
    judging: JudgingInput = JudgingInput()
    solver: SolverInput = SolverInput()
    sweep: SweepInput = SweepInput()
    tiles: TilesInput | None = None
    periods: tuple[PeriodInput, ...] = ()
    scenarios: tuple[ScenarioInput, ...] = ()

    @model_validator(mode="after")
    def _periods_have_names(self) -> Self:
        names = [part.name for part in self.periods]
        if len(set(names)) < len(names):
            raise ValueError(
                "periods: two have the same name -- name each once; its hours may have several "
                "parts"
            )
        return self

    def input_paths(self) -> tuple[str, ...]:
        """Return all files the study names, relative to its folder."""
        paths = [self.roads.file, *self.calls.files, *(post.file for post in self.posts.files)]
        paths += [file for file in (self.roads.water, self.roads.parks) if file is not None]
        paths += [
            part.file
            for part in (self.districts, self.program, self.today)
            if part is not None and part.file
        ]
        return tuple(dict.fromkeys(paths))


@dataclass(frozen=True)
class StudyFolder:
    """A study and where it is.

    Attributes
    ----------
    stated
        SHA-256 of ``study.toml`` as it was read; empty for a study that was read from no file.
    """

    path: Path
    study: Study
    stated: str = ""

    def with_solver(
        self,
        *,
        time_limit_s: float | None = None,
        gap: float | None = None,
        name: str | None = None,
    ) -> StudyFolder:
        """Return the study with solver settings changed; what is None stays.

        Raises
        ------
        InputError
            If a setting is out of range.
        """
        given = {"time_limit_s": time_limit_s, "gap": gap, "name": name}
        stated = self.study.solver.model_dump() | {k: v for k, v in given.items() if v is not None}
        changed = check_model(stated, SolverInput, subject="solver")
        return replace(self, study=self.study.model_copy(update={"solver": changed}))

    def with_tiles(
        self, *, wanted: bool | None = None, url: str = "", attribution: str = ""
    ) -> StudyFolder:
        """Return the study with a background from a tile server, or without one.

        Parameters
        ----------
        wanted
            False: none. True: the study's own, or OpenStreetMap's. None: the study's own, if it has
            one.
        url, attribution
            Another server, and whom to name.

        Raises
        ------
        InputError
            If the address is none, or nobody is named.
        """
        tiles = self.study.tiles
        if url:
            try:
                tiles = TilesInput(url=url, attribution=attribution)
            except ValidationError as error:
                said = "; ".join(
                    f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()
                )
                cure = (
                    "give an address like https://tiles.example/{z}/{x}/{y}.png, and whom to name"
                )
                raise InputError(f"tiles: {said} -- {cure}") from error
        elif wanted is not None:
            tiles = (tiles or OPENSTREETMAP) if wanted else None
        return replace(self, study=self.study.model_copy(update={"tiles": tiles}))

    def with_judging(self, **changes: object) -> StudyFolder:
        """Return the study with settings of ``[judging]`` changed; what is None stays.

        Raises
        ------
        InputError
            If a setting is not one, or out of range.
        """
        given = {key: value for key, value in changes.items() if value is not None}
        rules = self.study.judging.rules.model_dump() | {
            k: v for k, v in given.items() if k in Rules.model_fields
        }
        own = {k: v for k, v in given.items() if k not in Rules.model_fields}
        try:
            changed = JudgingInput.model_validate(
                {**self.study.judging.model_dump(), **own, "rules": rules}
            )
        except ValidationError as error:
            said = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            raise InputError(f"[judging] {said}") from error
        return replace(self, study=self.study.model_copy(update={"judging": changed}))

    def file(self, inner: str) -> Path:
        """Return the path of an input, which a link may not lead out of the folder.

        Raises
        ------
        MissingInputError
            If it is not there.
        InputError
            If it leads out of the folder.
        """
        path = self.path / inner
        if not path.is_file():
            raise MissingInputError(
                f"{self.path / STUDY_FILE} names {inner}, which is not in the study folder"
            )
        if not path.resolve().is_relative_to(self.path.resolve()):
            raise InputError(
                f"{inner} leads out of the study folder {self.path} -- copy the file into it"
            )
        return path

    @property
    def results(self) -> Path:
        """Where runs are kept."""
        return self.path / "results"


def open_study(folder: Path) -> StudyFolder:
    """Read a study folder; its ``study.toml`` stands for the folder.

    Raises
    ------
    MissingInputError
        If there is no study there.
    InputError
        With all faults of ``study.toml``, and all input files that are missing.
    """
    if folder.name == STUDY_FILE and folder.is_file():
        folder = folder.parent
    path = folder / STUDY_FILE
    if not path.is_file():
        raise MissingInputError(
            f"{folder} holds no {STUDY_FILE} -- make a study with: coresponse new {folder} ..."
        )
    stated = sha256(path)
    opened = StudyFolder(folder, read_model(path, Study), stated)
    missing = [inner for inner in opened.study.input_paths() if not (folder / inner).is_file()]
    if missing:
        listed = ", ".join(missing)
        raise MissingInputError(f"{path} names files that are not in the study folder: {listed}")
    return opened
