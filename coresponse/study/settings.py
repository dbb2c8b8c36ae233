"""What ``study.toml`` states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from coresponse.coverage.settings import EvaluationSettings
from coresponse.data.agencies import Sharing
from coresponse.data.hours import Period, WeekHours, speed_fault
from coresponse.data.limits import Limits
from coresponse.data.sourced import Sourced, SourcedNumber
from coresponse.data.standards import AreaStandard, StandardSet, standard_presets
from coresponse.optimize.goals.goal import Floor, Goal, Mean
from coresponse.optimize.settings import SolverSettings
from coresponse.study.city_inputs import (
    AddressesInput,
    CallsInput,
    DistrictsInput,
    InnerPath,
    PopulationInput,
    PostsInput,
    ResidentsInput,
    RoadsInput,
    StudyPart,
)
from coresponse.study.scenarios import ScenarioInput
from coresponse.study.sweep import SweepInput

SCHEMA = 1


class StandardsInput(StudyPart):
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


class AgenciesInput(StudyPart):
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


class ProgramInput(StudyPart):
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


class TodayInput(StudyPart):
    """Today's deployment."""

    file: InnerPath = Field(
        description="responder_type, post_id, shift_pattern, count; see tables.md."
    )
    units: dict[str, str] = Field(
        default_factory=dict,
        description='Which unit_id of the calls are today\'s crews, as `"CRT-1" = "station-4"`: a name, or a pattern '
        'with *, and its post, its responder type, or "" where neither is known; see validation.md.',
    )


class PeriodInput(StudyPart):
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


# Goals by what planners call them: the worst of what is compared, said shortly.
SHORT: Mapping[str, Mapping[str, str]] = {
    "worst_group": {"goal": "worst_district", "by": "group"},
    "largest_gap": {"goal": "worst_district", "by": "group", "of": "gap"},
}


class ObjectiveInput(StudyPart):
    """What the plan is best at."""

    goal: Goal = Field(
        default=Mean(),
        description="mean_response: least mean response time, a call left to police counting as fallback_min; "
        "share_in_time: largest share of calls reached within the standard; fewest_units or "
        "least_cost that reach a share; "
        "worst_district; worst_group (of residents); largest_gap (of such a group, to all residents); tail; "
        "p_center; least_police: most calls handled without police; mix; "
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
        short = SHORT.get(data.get("goal", ""))
        data = data if short is None else {**data, **short}
        own = {key: value for key, value in data.items() if key in cls.model_fields}
        rest = {key: value for key, value in data.items() if key not in cls.model_fields}
        return own | {
            "goal": {
                "goal": "mean_response",
                **rest,
                **({"goal": own["goal"]} if "goal" in own else {}),
            }
        }


class Study(StudyPart):
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
