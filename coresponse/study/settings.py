"""What ``study.toml`` states."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from coresponse.coverage.settings import EvaluationSettings
from coresponse.data.agencies import Sharing
from coresponse.data.calls.mental_health import FLAGGED, NOT_FLAGGED, WORDS
from coresponse.data.calls.rate import HIGH, LOW, PLANNED, Rate
from coresponse.data.errors import InputError
from coresponse.data.hours import Period, WeekHours, speed_fault
from coresponse.data.limits import Limits
from coresponse.data.names import odd_name
from coresponse.data.sourced import Sourced, SourcedNumber
from coresponse.data.standards import AreaStandard, StandardSet, standard_presets
from coresponse.optimize.goals.goal import Floor, Goal, Mean
from coresponse.optimize.settings import SolverSettings
from coresponse.study.scenarios import ScenarioInput
from coresponse.study.sweep import SweepInput

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
        if wrong := odd_name(value):
            raise ValueError(f"the name {wrong}: rename the file")
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


class MentalHealthInput(_Part):
    """The column that says which calls were about mental health."""

    column: str = Field(
        min_length=1, description="A flag, a disposition, or words; its name in the files."
    )
    says_so: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = Field(
        default=FLAGGED + WORDS,
        min_length=1,
        description="Values of calls about mental health: exact, or with wildcards * and ?; case is ignored.",
    )
    says_not: tuple[Annotated[str, Field(max_length=200)], ...] = Field(
        default=NOT_FLAGGED,
        description="Values of calls that are not, before says_so. Where one is written, a blank is not known, and such calls "
        "count by the share of their nature's others; else a blank says not.",
    )


class CallsInput(_Part):
    """Past calls."""

    files: tuple[InnerPath, ...] = Field(
        default=(),
        description="CSV, Excel, Parquet, GeoPackage; see tables.md. Without any, demand is assumed from [population].",
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
    day_first: bool | None = Field(
        default=None,
        description="Whether the day goes before the month in dates such as 03/04/2024; absent: as the dates tell.",
    )
    snap_max_m: float = Field(
        default=500.0, gt=0, description="Calls farther from a road are set aside."
    )
    first_day: date | None = Field(
        default=None,
        description="First day that the files cover, such as 2024-01-01; absent: of the first call.",
    )
    last_day: date | None = Field(
        default=None, description="Last day that they cover; absent: of the last call."
    )
    mental_health: MentalHealthInput | None = Field(
        default=None,
        description='Which calls were about mental health whatever their code, as { column = "DISPO", says_so = ["*MENTAL*"] }: '
        "they are of the program's class for it. coresponse new proposes the line where a column says it.",
    )
    planning_year: int | None = Field(
        default=None,
        ge=1990,
        le=2100,
        description="The year that plans are for, such as 2027: the trend within a history of a year or more is carried to it, "
        "with its uncertainty, in model, replay and bands; absent: a year like the history.",
    )

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise ValueError("last_day is before first_day")
        return self


class AddressesInput(_Part):
    """Where addresses are looked up, for calls and posts without coordinates."""

    file: InnerPath = Field(
        description="The city's address points or street centerlines with from and to numbers; absent: the roads' file."
    )


class PopulationInput(_Part):
    """Residents, and the calls that are assumed of them where none were recorded."""

    file: InnerPath = Field(
        description="Areas or points with residents: GeoJSON, GeoPackage, GeoParquet, Shapefile, or a table with coordinates."
    )
    column: str | None = Field(
        default=None, description="Column of the residents; absent: found by its name."
    )
    crs: str | None = Field(
        default=None, description="CRS of the coordinates; absent: degrees, or as the file says."
    )
    rate: float = Field(
        default=PLANNED,
        gt=0,
        description="Calls a year per 100,000 residents of classes that a responder type takes; default: a published figure.",
    )
    rate_low: float = Field(
        default=LOW, gt=0, description="Low end of the rate's range, which every band carries."
    )
    rate_high: float = Field(default=HIGH, gt=0, description="High end of the range.")
    class_shares: dict[str, Annotated[float, Field(ge=0)]] = Field(
        default_factory=dict,
        description="Of the assumed calls, by class, such as { crisis_low = 0.7, welfare = 0.3 }; absent: equal parts.",
    )
    assembly: float = Field(
        default=0.0,
        ge=0,
        le=0.9,
        description="Share of the assumed calls that come from places of assembly (stations, bars, shelters, libraries, malls, "
        "...) of the roads' OpenStreetMap extract, alike from each; the others come from where people live.",
    )

    @model_validator(mode="after")
    def _in_range(self) -> Self:
        try:
            Rate(self.rate, self.rate_low, self.rate_high)
        except InputError as error:
            raise ValueError(str(error)) from error
        if self.class_shares and not sum(self.class_shares.values()) > 0:
            raise ValueError("class_shares: at least one must be above 0")
        return self

    @property
    def stated(self) -> Rate:
        """The rate with its range."""
        return Rate(self.rate, self.rate_low, self.rate_high)


class ResidentsInput(_Part):
    """Residents by group, for who waits: age, race, income, language."""

    file: InnerPath = Field(
        description="Areas or points with residents, as under [population]; may be the same file."
    )
    column: str | None = Field(
        default=None, description="Column of all residents; absent: found by its name."
    )
    crs: str | None = Field(
        default=None, description="CRS of the coordinates; absent: degrees, or as the file says."
    )
    values: Literal["counts", "shares", "percent"] | None = Field(
        default=None,
        description="What the groups' columns hold: people, or shares or percent of the row's residents; absent: shares "
        "where all values are from 0 to 1 and some between, else counts.",
    )
    groups: dict[str, dict[str, str | tuple[str, ...]]] = Field(
        default_factory=dict,
        description='By kind, groups and their columns, as `race = { Black = "BLACK", Asian = "ASIAN" }`; several columns '
        "of a group are added up.",
    )


class PostsFile(_Part):
    """One file of posts."""

    file: InnerPath = Field(
        description="CSV, GeoJSON, GeoPackage, ...; see tables.md. An OpenStreetMap extract, such as the roads' own file, "
        "gives its stations, hospitals, clinics and town halls."
    )
    kind: str | None = Field(
        default=None,
        description="Kind of its posts, whatever an unmapped column says; absent: the column's, or the file's name.",
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
        default=0,
        ge=0,
        description="Crossings proposed as further posts, near the calls; no dead ends.",
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


class StandardsInput(_Part):
    """Standards by area and class, in place of one standard for all calls; see standards.md."""

    preset: str | None = Field(
        default=None, description="wa-hb1134, or-mobile-crisis or ca-medi-cal; or give areas."
    )
    district_column: str | None = Field(
        default=None,
        description="Column of the districts' file that says which area each is of; absent: by people per square mile.",
    )
    fallback_min: float | None = Field(
        default=None,
        gt=0,
        description="What a call left to police counts, above the longest standard; absent: the preset's, or the program's.",
    )
    areas: tuple[AreaStandard, ...] = Field(default=(), description="Areas of your own.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.preset is None) == (not self.areas):
            raise ValueError("give either preset or areas")
        if self.preset is not None and self.preset not in standard_presets():
            raise ValueError(
                f"there is no preset {self.preset!r} of standards; there are: "
                f"{', '.join(standard_presets())}"
            )
        return self

    @property
    def stated(self) -> StandardSet:
        """The areas with their standards."""
        if self.preset is not None:
            return standard_presets()[self.preset]
        return StandardSet(areas=self.areas)

    def fallback(self) -> SourcedNumber | None:
        """Return what a call left to police counts; None: as the program says."""
        if self.fallback_min is not None:
            return SourcedNumber(value=self.fallback_min)
        return self.stated.fallback_min


class AgenciesInput(_Part):
    """Agencies that plan together: whose districts and posts are, and how units and costs are shared; see county.md."""

    district_column: str | None = Field(
        default=None,
        description="Column of the districts' file that names the agency of each; or give districts.",
    )
    districts: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="By agency, ids or names of its districts."
    )
    posts: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="By agency, ids of its posts; absent: the posts' column `agency`, else that of its district.",
    )
    sharing: Sharing = Field(
        default="own_first",
        description="Who may be sent to an agency's calls. own: its own units; own_first: others once none of its own is free; "
        "shared: any, the closest.",
    )
    split: Literal["calls", "population"] | dict[str, float] = Field(
        default="calls",
        description="What a shared cost is split by: calls served, residents of its districts, or a key such as "
        "`{ North = 0.6, South = 0.4 }`.",
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.district_column is None) == (not self.districts):
            raise ValueError(
                "say whose the districts are: give either district_column or districts"
            )
        return self


class ProgramInput(_Part):
    """The crisis program: a preset, or a file of one's own."""

    preset: str | None = Field(
        default=None,
        description="ride-along, on-call, mixed, rural, tele, star, cahoots or b-heard.",
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
    units: dict[str, str] = Field(
        default_factory=dict,
        description='Which unit_id of the calls are today\'s crews, as `"CRT-1" = "station-4"`: a name, or a pattern '
        'with *, and its post, its responder type, or "" where neither is known; see validation.md.',
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
        if self.speed_factor is not None and (wrong := speed_fault(self.speed_factor.value)):
            raise ValueError(f"speed_factor {wrong}")
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
        "worst_district; worst_group (of residents); tail; p_center; least_police: most calls handled without police; mix; "
        "in_order. A goal's own settings stand beside it.",
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
        if data.get("goal") == "worst_group":  # the worst of what is compared, said shortly
            data = {**data, "goal": "worst_district", "by": "group"}
        own = {key: value for key, value in data.items() if key in cls.model_fields}
        rest = {key: value for key, value in data.items() if key not in cls.model_fields}
        return own | {
            "goal": {
                "goal": "mean_response",
                **rest,
                **({"goal": own["goal"]} if "goal" in own else {}),
            }
        }


class Study(_Part):
    """A city's planning question, as ``study.toml`` states it."""

    retired: ClassVar[Mapping[str, tuple[str, str]]] = {
        "tiles": (
            (
                "is no longer read: a map with online tiles tells a server where the city is and "
                "what is looked at, and no page of ours asks anybody for anything"
            ),
            "take [tiles] out; the map draws the roads, and water and parks that [roads] names",
        )
    }

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
    speeds: Literal["stated", "calibrated"] = Field(
        default="stated",
        description="stated: drives, delays and call-taking as roads and program have them; calibrated: as fitted to the "
        "recorded times of today's crews, where days that were not fitted bear that out; needs [today] with units, see "
        "validation.md.",
    )
    roads: RoadsInput
    calls: CallsInput = CallsInput()
    addresses: AddressesInput | None = None
    population: PopulationInput | None = None
    residents: ResidentsInput | None = None
    posts: PostsInput
    program: ProgramInput
    districts: DistrictsInput | None = None
    standards: StandardsInput | None = None
    agencies: AgenciesInput | None = None
    today: TodayInput | None = None
    limits: Limits = Limits()
    objective: ObjectiveInput = ObjectiveInput()
    judging: EvaluationSettings = EvaluationSettings()
    solver: SolverSettings = SolverSettings()
    sweep: SweepInput = SweepInput()
    periods: tuple[PeriodInput, ...] = ()
    scenarios: tuple[ScenarioInput, ...] = ()

    @model_validator(mode="after")
    def _records_to_calibrate_with(self) -> Self:
        if self.speeds == "calibrated" and (self.today is None or not self.today.units):
            raise ValueError(
                'speeds = "calibrated" needs today\'s crews: say under [today] which file has the '
                "deployment, and with units which unit_id of the calls they are"
            )
        return self

    @model_validator(mode="after")
    def _some_demand(self) -> Self:
        if not self.calls.files and self.population is None:
            raise ValueError(
                "no calls: give their files under [calls], or residents under [population], of whom "
                "demand is assumed"
            )
        return self

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
            for part in (
                self.addresses,
                self.population,
                self.residents,
                self.districts,
                self.program,
                self.today,
            )
            if part is not None and part.file
        ]
        return tuple(dict.fromkeys(paths))
