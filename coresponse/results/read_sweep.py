"""Read a sweep's ``sweep.json`` back.

Checked part by part, so that what shows it need not doubt it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, model_validator

from coresponse.data.options import Deployment, Option
from coresponse.data.toml import check_model
from coresponse.questions.standing import Standing
from coresponse.study.read_back import read_result_file

SWEEP_FILE = "sweep.json"
RE_OPTIMIZED = "re-optimized"
ON_AXES = (RE_OPTIMIZED, "nested")
# Version of ``sweep.json``, as it is written and read.
SCHEMA = 3

MOST_UNITS = 1_000_000

Amount = Annotated[FiniteFloat, Field(ge=0, le=1e15)]
Share = Annotated[FiniteFloat, Field(ge=0, le=1 + 1e-9)]


class _Checked(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class SweptAxis(_Checked):
    """What was varied, and its values in the order of the sweep."""

    name: str = Field(min_length=1, max_length=300)
    title: str = Field(max_length=1000)
    values: list[Annotated[FiniteFloat, Field(ge=-1e15, le=1e15)]] = Field(min_length=1)

    @model_validator(mode="after")
    def _once_each(self) -> SweptAxis:
        if len(set(self.values)) < len(self.values):
            raise ValueError("a value stands twice")
        return self


class SweptOption(_Checked):
    """Units of one option that a point buys."""

    responder_type: str
    post_id: str
    shift_pattern: str
    count: int = Field(gt=0, le=MOST_UNITS)


class SweptPoint(_Checked):
    """One point: where on each axis, and what came out.

    Its value on an axis stands under the axis's name: see :meth:`on`.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="allow")

    mode: str
    message: str
    deployment: list[SweptOption]
    cost_per_year: Amount | None = None
    cost_as_called_per_year: Amount | None = None
    share_in_time: Share | None = None
    mean_with_fallback_min: Amount | None = None
    p90_min: Amount | None = None
    worst_district_mean_min: Amount | None = None
    fleet: str = Field(default="", max_length=1000)
    standing: Annotated[Standing, Field(strict=False)] = Standing.NONE
    efficient: bool = False
    left_to_police_per_week: Amount | None = None
    without_officer_per_week: Amount | None = None
    share_without_officer: Share | None = None
    gap: Amount | None = None

    @property
    def cost(self) -> float | None:
        """Dollars a year, call-outs as found."""
        return self.cost_as_called_per_year

    @property
    def bought(self) -> Deployment:
        """The deployment."""
        return Deployment.of(
            "point",
            [
                (Option(o.responder_type, o.post_id, o.shift_pattern), o.count)
                for o in self.deployment
            ],
        )

    def on(self, axis: str) -> Any:
        """Return its value on an axis."""
        return (self.model_extra or {}).get(axis)


class SweptToday(_Checked):
    """Today's deployment on the chances that points met."""

    fleet: str = Field(max_length=1000)
    cost_as_called_per_year: Amount
    share_in_time: Share
    mean_with_fallback_min: Amount
    p90_min: Amount | None
    left_to_police_per_week: Amount | None
    without_officer_per_week: Amount | None
    share_without_officer: Share | None
    worst_district_mean_min: Amount | None


class SweptFrontier(_Checked):
    """Which plans no other beats, and what stands beside them; points by their position in the list."""

    figure: Literal[
        "share_in_time",
        "mean_with_fallback_min",
        "worst_district_mean_min",
        "share_without_officer",
    ]
    title: str = Field(max_length=1000)
    points: list[int]
    knee: int | None
    own: int | None
    today: SweptToday | None
    sentences: list[Annotated[str, Field(max_length=1000)]]


class SweptProvenance(_Checked):
    """What went into it."""

    inputs_sha256: dict[str, str]


class SweepResult(_Checked):
    """What ``sweep.json`` holds, as far as pages are made from it."""

    study: str
    run: str = Field(pattern=r"^[\w.-]{1,200}$")
    axes: list[SweptAxis]
    points: list[SweptPoint]
    frontier: SweptFrontier
    reading: str
    provenance: SweptProvenance

    @model_validator(mode="after")
    def _on_the_axes(self) -> SweepResult:
        for i, point in enumerate(self.points):
            # a year of an expansion stands on no axis
            for axis in self.axes if point.mode in ON_AXES else ():
                at = point.on(axis.name)
                if isinstance(at, bool) or not isinstance(at, int | float) or at not in axis.values:
                    raise ValueError(f"point {i} has no value of {axis.name}")
        told = self.frontier
        for k in (*told.points, *(k for k in (told.knee, told.own) if k is not None)):
            if not 0 <= k < len(self.points):
                raise ValueError(f"the frontier names point {k}, which is not there")
        return self

    @property
    def re_optimized(self) -> list[SweptPoint]:
        """Points that were each planned for themselves."""
        return [point for point in self.points if point.mode == RE_OPTIMIZED]

    def among_re_optimized(self, k: int | None) -> int | None:
        """Return where a point stands among those; None if it is not one."""
        if k is None or self.points[k].mode != RE_OPTIMIZED:
            return None
        return sum(point.mode == RE_OPTIMIZED for point in self.points[:k])

    def setting(self, point: SweptPoint) -> dict[str, float]:
        """Return what is assumed at a point that stands on all axes."""
        return {axis.name: float(point.on(axis.name)) for axis in self.axes}

    def place(self, point: SweptPoint) -> tuple[int, ...]:
        """Return a point's position on each axis, values rising."""
        return tuple(sorted(axis.values).index(point.on(axis.name)) for axis in self.axes)


def read_sweep(sweep: Path) -> SweepResult:
    """Read the result in a sweep's folder.

    Raises
    ------
    MissingInputError
        If it is not there.
    InputError
        If it is too large, damaged, or of another schema; every fault by its key.
    """
    path = sweep / SWEEP_FILE
    told = read_result_file(path, schema=SCHEMA, cure="run coresponse sweep again")
    return check_model(told, SweepResult, subject=f"{path} (damaged: run coresponse sweep again)")
