"""What ``study.toml`` states of the city: roads, calls, residents, posts and districts."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from coresponse.data.calls.mental_health import FLAGGED, NOT_FLAGGED, WORDS
from coresponse.data.calls.rate import HIGH, LOW, PLANNED, Rate
from coresponse.data.errors import InputError
from coresponse.data.names import odd_name


class StudyPart(BaseModel):
    """A table of ``study.toml``: it stays as it was read, and an unknown key is an error."""

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


class RoadsInput(StudyPart):
    """The road network."""

    file: InnerPath = Field(
        description="OpenStreetMap extract, GraphML, JSON, GeoPackage, GeoParquet, Shapefile."
    )
    water: InnerPath | None = Field(
        default=None,
        description="Polygons that maps show as water, named by a column NAME: GeoJSON, GeoPackage, GeoParquet, Shapefile.",
    )
    parks: InnerPath | None = Field(
        default=None, description="Polygons that maps show as parks; the same kinds of file."
    )
    attribution: str = Field(
        default="",
        max_length=300,
        description="Whom to name for water and parks; shown on every page with a map.",
    )


class MentalHealthInput(StudyPart):
    """The column that says which calls were about mental health."""

    column: str = Field(
        min_length=1, description="A flag, a disposition, or words; its name in the files."
    )
    says_so: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = Field(
        default=FLAGGED + WORDS,
        min_length=1,
        description="Values of calls about mental health: exact, or with wildcards * and ?; case "
        "is ignored.",
    )
    says_not: tuple[Annotated[str, Field(max_length=200)], ...] = Field(
        default=NOT_FLAGGED,
        description="Values of calls that are not, before says_so. Where one is written, a blank "
        "is not known, and such calls count by the share of their nature's others; "
        "else a blank says not.",
    )


class CallsInput(StudyPart):
    """Past calls."""

    files: tuple[InnerPath, ...] = Field(
        default=(),
        description="CSV, Excel, Parquet, GeoPackage; see tables.md. Without any, demand is "
        "assumed from [population].",
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
        description="Whether the day goes before the month in dates such as 03/04/2024; absent: "
        "as the dates tell.",
    )
    snap_max_m: float = Field(
        default=500.0, gt=0, description="Calls farther from a road are set aside."
    )
    first_day: date | None = Field(
        default=None,
        description="First day that the files cover, such as 2024-01-01; absent: of the first "
        "call.",
    )
    last_day: date | None = Field(
        default=None, description="Last day that they cover; absent: of the last call."
    )
    mental_health: MentalHealthInput | None = Field(
        default=None,
        description="Which calls were about mental health whatever their code, as { column = "
        '"DISPO", says_so = ["*MENTAL*"] }: '
        "they are of the program's class for it. coresponse new proposes the line where a column "
        "says it.",
    )
    planning_year: int | None = Field(
        default=None,
        ge=1990,
        le=2100,
        description="The year that plans are for, such as 2027: the trend within a history of a "
        "year or more is carried to it, with its uncertainty, in model, replay and "
        "bands; absent: a year like the history.",
    )

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise ValueError("last_day is before first_day")
        return self


class AddressesInput(StudyPart):
    """Where addresses are looked up, for calls and posts without coordinates."""

    file: InnerPath = Field(
        description="The city's address points or street centerlines with from and to numbers; "
        "absent: the roads' file."
    )


class PopulationInput(StudyPart):
    """Residents, and the calls that are assumed of them where none were recorded."""

    file: InnerPath = Field(
        description="Areas or points with residents: GeoJSON, GeoPackage, GeoParquet, Shapefile, "
        "or a table with coordinates."
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
        description="Calls a year per 100,000 residents of classes that a responder type takes; "
        "default: a published figure.",
    )
    rate_low: float = Field(
        default=LOW, gt=0, description="Low end of the rate's range, which every band carries."
    )
    rate_high: float = Field(default=HIGH, gt=0, description="High end of the range.")
    class_shares: dict[str, Annotated[float, Field(ge=0)]] = Field(
        default_factory=dict,
        description="Of the assumed calls, by class, such as { crisis_low = 0.7, welfare = 0.3 }; "
        "absent: equal parts.",
    )
    assembly: float = Field(
        default=0.0,
        ge=0,
        le=0.9,
        description="Share of the assumed calls that come from places of assembly (stations, "
        "bars, shelters, libraries, malls, ...) of the roads' OpenStreetMap extract, "
        "alike from each; the others come from where people live.",
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


class ResidentsInput(StudyPart):
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
        description="What the groups' columns hold: people, or shares or percent of the row's "
        "residents; absent: shares where all values are from 0 to 1 and some between, "
        "else counts.",
    )
    groups: dict[str, dict[str, str | tuple[str, ...]]] = Field(
        default_factory=dict,
        description='By kind, groups and their columns, as `race = { Black = "BLACK", Asian = '
        '"ASIAN" }`; several columns '
        "of a group are added up.",
    )


class PostsFile(StudyPart):
    """One file of posts."""

    file: InnerPath = Field(
        description="CSV, GeoJSON, GeoPackage, ...; see tables.md. An OpenStreetMap extract, such "
        "as the roads' own file, gives its stations, hospitals, clinics and town halls."
    )
    kind: str | None = Field(
        default=None,
        description="Kind of its posts, whatever an unmapped column says; absent: the column's, "
        "or the file's name.",
    )
    columns: dict[str, str] = Field(
        default_factory=dict, description="Our column name = column in the file."
    )
    crs: str | None = Field(
        default=None, description="CRS of the coordinates; absent: degrees, or as the file says."
    )


class PostsInput(StudyPart):
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


class DistrictsInput(StudyPart):
    """Areas whose residents' service is compared."""

    file: InnerPath = Field(description="Polygons: GeoJSON, GeoPackage, GeoParquet, Shapefile.")
    id_column: str | None = Field(
        default=None, description="Column of the ids; absent: found by its name."
    )
    name_column: str | None = Field(
        default=None, description="Column of the names; absent: found by its name."
    )
