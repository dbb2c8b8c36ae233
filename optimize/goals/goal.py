"""What a plan is best at, as a planner asks for it; each goal also reads from a study file."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from coresponse.data.errors import InputError

By = Literal["all", "district", "class", "group", "agency"]


class _FrozenGoal(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Mean(_FrozenGoal):
    """Least mean response time, a call left to police counting as the fallback.

    The p-median (Hakimi 1964).
    """

    goal: Literal["mean_response"] = "mean_response"


class ShareInTime(_FrozenGoal):
    """Largest share of calls reached within the standard.

    Maximal covering (Church and ReVelle 1974).
    """

    goal: Literal["share_in_time"] = "share_in_time"
    target_min: float | None = Field(
        default=None, gt=0, description="The standard; absent: the study's."
    )


class _Cover(_FrozenGoal):
    share: float = Field(
        default=1.0, gt=0, le=1, description="Share of calls to be reached within the standard."
    )
    within: By = Field(
        default="all",
        description="Whether the share holds over all, in each district, in each class, or where "
        "each group of residents lives.",
    )
    target_min: float | None = Field(
        default=None, gt=0, description="The standard; absent: the study's."
    )

    def floor(self) -> Floor:
        """Return the share as a floor."""
        return Floor(
            by=self.within, share_in_time=self.share, target_min=self.target_min, min_calls=0
        )


class FewestUnits(_Cover):
    """Fewest responders that reach a share of calls in time.

    Set covering (Toregas et al. 1971, Daskin and Owen 1999).
    """

    goal: Literal["fewest_units"] = "fewest_units"


class LeastCost(_Cover):
    """Least dollars a year that reach a share of calls in time."""

    goal: Literal["least_cost"] = "least_cost"


class WorstDistrict(_FrozenGoal):
    """Shortest mean response of the district (class, or group of residents) where it is longest.

    Max-min fairness (Rawls 1971, Ogryczak 2000).
    """

    goal: Literal["worst_district"] = "worst_district"
    by: Literal["district", "class", "group", "agency"] = Field(
        default="district",
        description="What is compared: calls of districts, classes or agencies, or where groups "
        "of residents live.",
    )
    of: Literal["mean_response", "share_late", "gap"] = Field(
        default="mean_response",
        description="What is worst: the mean response, the share not reached in time, or the gap: "
        "by how much the mean response is longer than that of all.",
    )
    target_min: float | None = Field(
        default=None, gt=0, description="The standard, for share_late; absent: the study's."
    )
    min_calls: int = Field(
        default=11, ge=0, description="Districts with fewer observed calls are not looked at."
    )


class Tail(_FrozenGoal):
    """Shortest mean response of the calls that wait longest.

    Conditional value at risk (Rockafellar and Uryasev 2000).
    """

    goal: Literal["tail"] = "tail"
    alpha: float = Field(
        default=0.9,
        gt=0,
        lt=1,
        description="The 1 - alpha of calls that wait longest are looked at.",
    )

    def __init__(self, alpha: float = 0.9, **settings: Any) -> None:
        """Take the share that is not looked at, as ``Tail(0.9)``."""
        super().__init__(**{"alpha": alpha, **settings})


class PCenter(_FrozenGoal):
    """Shortest time within which all calls have a responder in place, busy or not (p-center.

    Hakimi 1964; for a share of them Daskin and Owen 1999).
    """

    goal: Literal["p_center"] = "p_center"
    share: float = Field(
        default=1.0, gt=0, le=1, description="Share of calls that have a responder so near."
    )
    within: By = Field(
        default="all",
        description="Whether the share holds over all, in each district, in each class, or where "
        "each group of residents lives.",
    )


class LeastPolice(_FrozenGoal):
    """Smallest share of calls that are not handled without police.

    Maximal covering by crews that bring no officer (Church and ReVelle 1974; busy units: Daskin
    1983).
    """

    goal: Literal["least_police"] = "least_police"


class MixPart(_FrozenGoal):
    """A goal in a mix, and its weight."""

    weight: float = Field(
        gt=0,
        description="Multiplies the goal in its own unit: seconds, share late, units, dollars.",
    )
    of: Summand = Field(description="The goal.")


class Mix(_FrozenGoal):
    """Least weighted sum of goals (weighted-sum scalarization; Zadeh 1963)."""

    goal: Literal["mix"] = "mix"
    parts: tuple[MixPart, ...] = Field(min_length=1, description="The goals with their weights.")


class Lexicographic(_FrozenGoal):
    """The best at the first goal.

    Of all that are as good at it, the best at the second, and so on (Isermann 1982).
    """

    goal: Literal["in_order"] = "in_order"
    order: tuple[Rank, ...] = Field(min_length=1, description="The goals, the first first.")
    give: float = Field(
        default=0.0,
        ge=0,
        description="Share by which a goal may get worse for the sake of those that follow.",
    )


class Floor(_FrozenGoal):
    """What every district (or class, or all calls together) gets, whatever the goal.

    Give `share_in_time`, `mean_at_most_min`, `gap_at_most_min`, or several.
    """

    by: By = Field(
        default="district",
        description="Whose calls the floor is under; group: where each group of residents lives.",
    )
    only: tuple[str, ...] = Field(
        default=(),
        description="Names of the districts, classes, groups or agencies that the floor is under; "
        "absent: each of them.",
    )
    share_in_time: float | None = Field(
        default=None, gt=0, le=1, description="At least this share within the standard."
    )
    mean_at_most_min: float | None = Field(
        default=None, gt=0, description="Mean response of at most so many minutes."
    )
    gap_at_most_min: float | None = Field(
        default=None,
        gt=0,
        description="Mean response at most so many minutes longer than that of all: of all "
        "residents, where the floor is by group, else of all calls.",
    )
    target_min: float | None = Field(
        default=None, gt=0, description="The standard; absent: the study's."
    )
    min_calls: int = Field(
        default=11, ge=0, description="Districts with fewer observed calls get no floor."
    )

    @property
    def of_means(self) -> list[tuple[Literal["mean_response", "gap"], float]]:
        """What is bounded of mean responses, and the minutes it is at most."""
        out: list[tuple[Literal["mean_response", "gap"], float]] = []
        if self.mean_at_most_min is not None:
            out.append(("mean_response", self.mean_at_most_min))
        if self.gap_at_most_min is not None:
            out.append(("gap", self.gap_at_most_min))
        return out

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.share_in_time is self.mean_at_most_min is self.gap_at_most_min is None:
            raise ValueError("a floor needs share_in_time, mean_at_most_min or gap_at_most_min")
        if self.by == "all" and self.gap_at_most_min is not None:
            raise ValueError('all calls have no gap to themselves -- say by what: by = "group"')
        return self


_Summands = Mean | ShareInTime | FewestUnits | LeastCost | WorstDistrict | Tail | LeastPolice
Summand = Annotated[_Summands, Field(discriminator="goal")]
Single = Annotated[_Summands | PCenter, Field(discriminator="goal")]
Rank = Annotated[_Summands | PCenter | Mix, Field(discriminator="goal")]
Goal = Annotated[_Summands | PCenter | Mix | Lexicographic, Field(discriminator="goal")]

for _model in (_Cover, FewestUnits, LeastCost, MixPart, Mix, Lexicographic):
    _model.model_rebuild()


def study_name(rank: Rank) -> str:
    """Return what a study calls a goal: of a group of residents the worst is no district."""
    if not isinstance(rank, WorstDistrict):
        return rank.goal
    return "largest_gap" if rank.of == "gap" else f"worst_{rank.by}"


def ranks(goal: Goal) -> tuple[Rank, ...]:
    """Return the goals that are pursued one after the other."""
    return goal.order if isinstance(goal, Lexicographic) else (goal,)


def weighted(rank: Rank) -> tuple[tuple[float, Single], ...]:
    """Return the goals that add up, each with its weight."""
    return (
        tuple((part.weight, part.of) for part in rank.parts)
        if isinstance(rank, Mix)
        else ((1.0, rank),)
    )


def singles(goal: Goal) -> tuple[Single, ...]:
    """Return all goals within a goal, in order."""
    return tuple(single for rank in ranks(goal) for _, single in weighted(rank))


def only_tail(goal: Goal) -> Tail | None:
    """Return the tail that a goal looks at, if it does.

    Raises
    ------
    InputError
        If it looks at tails of different shares: one at a time is solved.
    """
    tails = {single for single in singles(goal) if isinstance(single, Tail)}
    if len(tails) > 1:
        shares = ", ".join(f"{tail.alpha:g}" for tail in sorted(tails, key=lambda tail: tail.alpha))
        raise InputError(
            f"goals look at tails of several shares (alpha = {shares}) -- keep one of them"
        )
    return next(iter(tails), None)
