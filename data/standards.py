"""Standards by area and class: within how many minutes a call should be reached depends on where it is."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from coresponse.data.districts import Districts
from coresponse.data.errors import InputError
from coresponse.data.sourced import Sourced

_FILE = Path(__file__).with_name("standards.toml")

SQUARE_MILE_M2 = 1609.344**2

SECTION = "[standards]"

Name = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class _Stated(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class AreaStandard(_Stated):
    """An area with a standard of its own."""

    name: Name = Field(description="Such as urban; shown to people.")
    target_min: Sourced = Field(description="Its standard in minutes.")
    from_density: Sourced | None = Field(
        default=None,
        description="Districts with at least so many people per square mile are of it; one area, "
        "the least dense, has none.",
    )
    values: tuple[str, ...] = Field(
        default=(),
        description="Values of the districts' column that mean this area; absent: its name.",
    )
    classes: dict[str, Sourced] = Field(
        default_factory=dict,
        description="Call classes with another standard in this area, as `{ welfare = 60 }`.",
    )

    @model_validator(mode="after")
    def _above_zero(self) -> Self:
        if min(self.target_min.value, *(one.value for one in self.classes.values()), 1) <= 0:
            raise ValueError("standards must be above 0 min")
        return self


class StandardSet(_Stated):
    """Standards of areas, and what a state asks of them."""

    title: str = ""
    areas: tuple[AreaStandard, ...]
    share: Sourced | None = None
    fallback_min: Sourced | None = None


@dataclass(frozen=True)
class AreaTarget:
    """An area's standard in seconds, and those of call classes with another."""

    name: str
    target_s: float
    by_class: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Standard:
    """Within how long each call should be reached, by the area of its place and its class.

    Attributes
    ----------
    other_s
        Of calls that are in no area, in seconds.
    areas
        With their standards.
    area_of_district
        Position of each district's area, -1 for none; in the order of the districts.
    title
        Whose standard it is; '' for the planner's own.
    share
        Share of calls that is to be reached within it; None: nobody says.
    """

    other_s: float
    areas: tuple[AreaTarget, ...]
    area_of_district: tuple[int, ...]
    title: str = ""
    share: float | None = None

    def area(self, district: NDArray[np.integer]) -> NDArray[np.int64]:
        """Return (n,) position of each call's area, -1 for none, by the position of its district."""
        return np.asarray(np.array([*self.area_of_district, -1], dtype=np.int64)[district])

    def of(
        self,
        district: NDArray[np.integer],
        call_class: NDArray[np.integer],
        class_names: Sequence[str],
    ) -> NDArray[np.float64]:
        """Return (n,) seconds within which each call should be reached.

        Parameters
        ----------
        district, call_class
            (n,) positions, of the district -1 outside all, of the class in `class_names`.
        """
        rows = [
            [dict(area.by_class).get(name, area.target_s) for name in class_names]
            for area in self.areas
        ]
        table = np.array([*rows, [self.other_s] * len(class_names)])
        return np.asarray(table[self.area(district), call_class])

    @property
    def longest_s(self) -> float:
        """The longest of all."""
        return max(
            self.other_s,
            *(s for area in self.areas for s in (area.target_s, *dict(area.by_class).values())),
        )

    @property
    def words(self) -> str:
        """Say it: ``30 min urban, 60 min rural``."""
        return ", ".join(f"{area.target_s / 60:g} min {area.name}" for area in self.areas)


# The standard: one time for all calls, in seconds, or by area and class.
Target = float | Standard


def target_of(
    target: Target,
    district: NDArray[np.integer],
    call_class: NDArray[np.integer],
    class_names: Sequence[str],
) -> float | NDArray[np.float64]:
    """Return the standard of each call: (n,) seconds, or one for all."""
    if isinstance(target, Standard):
        return target.of(district, call_class, class_names)
    return target


@cache
def standard_presets() -> Mapping[str, StandardSet]:
    """Return the standards that ship, by name."""
    with _FILE.open("rb") as file:
        return {name: StandardSet.model_validate(one) for name, one in tomllib.load(file).items()}


def standard_by_area(
    stated: StandardSet,
    districts: Districts | None,
    class_names: Sequence[str],
    *,
    other_min: float,
    by_column: bool,
    people: NDArray[np.float64] | None = None,
) -> Standard:
    """Say which area each district is of.

    Parameters
    ----------
    stated
        Areas with their standards.
    class_names
        Of the program.
    other_min
        Standard of calls that are in no district.
    by_column
        By the districts' own column (`Districts.area`); else by people per square mile.
    people
        (districts,) residents; default: the districts' own.

    Raises
    ------
    InputError
        With all that stands in the way, and its cure.
    """
    faults = [
        f"area {area.name!r}: the program has no call class {name!r} -- it has: "
        f"{', '.join(class_names)}"
        for area in stated.areas
        for name in area.classes
        if name not in class_names
    ]
    if districts is None:
        faults.append("needs the areas' shapes -- give districts: [districts] file")
    if len({area.name for area in stated.areas}) < len(stated.areas):
        faults.append("two areas have the same name")
    position: list[int] = []
    if districts is not None:
        find = _by_column if by_column else _by_density
        position, wrong = find(stated, districts, people)
        faults += wrong
    if faults:
        raise InputError("\n".join(f"{SECTION}: {fault}" for fault in faults))
    return Standard(
        other_min * 60,
        tuple(
            AreaTarget(
                area.name,
                area.target_min.value * 60,
                tuple((name, one.value * 60) for name, one in area.classes.items()),
            )
            for area in stated.areas
        ),
        tuple(position),
        stated.title,
        None if stated.share is None else stated.share.value,
    )


def _by_column(
    stated: StandardSet, districts: Districts, _: NDArray[np.float64] | None
) -> tuple[list[int], list[str]]:
    known = {
        value.strip().casefold(): k
        for k, area in enumerate(stated.areas)
        for value in (area.values or (area.name,))
    }
    position = [known.get(value.strip().casefold(), -1) for value in districts.area]
    strange = sorted({value for value, k in zip(districts.area, position, strict=True) if k < 0})
    if not strange:
        return position, []
    names = ", ".join(repr(value) for value in strange[:8])
    return position, [
        f"the districts' column has {names}, of no area -- write these under values of an area"
    ]


def _by_density(
    stated: StandardSet, districts: Districts, people: NDArray[np.float64] | None
) -> tuple[list[int], list[str]]:
    density = people_per_square_mile(districts, people)
    least = [0.0 if a.from_density is None else a.from_density.value for a in stated.areas]
    if sum(a.from_density is None for a in stated.areas) != 1:
        fault = "by density, exactly one area, the least dense, has no from_density"
        return [], [f"{fault}; or name the districts' column of areas: district_column"]
    if not np.isfinite(density).all():
        fault = "residents are not known of every district -- give them: [residents] file"
        return [], [f"{fault}; or name the districts' column of areas: district_column"]
    order = np.argsort(least)
    at = np.searchsorted(np.array(least)[order], density, side="right") - 1
    return [int(order[k]) for k in at], []


def people_per_square_mile(
    districts: Districts, people: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Return (districts,) people per square mile of their area; NaN where not known."""
    own = districts.frame["population"].to_numpy(dtype=np.float64)
    area = districts.frame.geometry.area.to_numpy() / SQUARE_MILE_M2
    return np.asarray((own if people is None else people) / area)
