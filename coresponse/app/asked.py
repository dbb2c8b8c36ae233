"""What a person asks on the page.

Limits, assumptions, pins and moved posts; checked before anything is done with it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from coresponse.app.figures import figure_titles, program_with
from coresponse.best import target_min
from coresponse.data.errors import InputError
from coresponse.data.programs.model import Program
from coresponse.inputs import Inputs
from coresponse.maps.escape import clean_text
from coresponse.optimize.goals.goal import Mean, ShareInTime

Name = Annotated[str, Field(min_length=1, max_length=200)]
Count = Annotated[int, Field(ge=0, le=10_000)]
Amount = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=0.95, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Place = tuple[Longitude, Latitude]

MOST_MOVED = 200


class Asked(BaseModel):
    """One question to the optimizer; an amount that is absent is not limited."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    units: dict[Name, Count] = Field(
        default_factory=dict, max_length=100, description="At most, by responder type."
    )
    roles: dict[Name, Count] = Field(
        default_factory=dict, max_length=100, description="Staff at most, by crew role."
    )
    budget_per_year: Amount | None = None
    staff_hours_per_week: Amount | None = None
    max_per_post: Annotated[int, Field(ge=1, le=10_000)] | None = None
    moves_at_most: Count | None = None
    keep_today: bool = False
    posts_must: tuple[Name, ...] = Field(default=(), max_length=5000)
    posts_not: tuple[Name, ...] = Field(default=(), max_length=5000)
    moved: dict[Name, Place] = Field(
        default_factory=dict, max_length=MOST_MOVED, description="Degrees, by post_id."
    )
    goal: Literal["study", "mean_response", "share_in_time"] = "study"
    target_min: Annotated[float, Field(gt=0, le=1440, allow_inf_nan=False)] | None = None
    demand: Annotated[float, Field(ge=0.05, le=20, allow_inf_nan=False)] = 1.0
    speed: Annotated[float, Field(ge=0.1, le=5, allow_inf_nan=False)] = 1.0
    busy: Literal["consistent", "free", "stated"] = "consistent"
    busy_share: Share = 0.3
    busy_shares: dict[Name, Share] = Field(
        default_factory=dict,
        max_length=100,
        description="Where stated, by responder type; others have busy_share.",
    )
    figures: dict[Name, Amount] = Field(
        default_factory=dict,
        max_length=200,
        description="Figures of the program that differ, by key path.",
    )
    time_limit_s: Annotated[float, Field(ge=1, le=3600, allow_inf_nan=False)] = 60.0


def as_study_asks(inputs: Inputs) -> Asked:
    """Return the question of ``study.toml`` itself."""
    study = inputs.study
    limits = study.limits
    return Asked(
        units=limits.units,
        roles=limits.roles,
        budget_per_year=limits.budget_per_year,
        staff_hours_per_week=limits.staff_hours_per_week,
        max_per_post=limits.max_per_post,
        moves_at_most=limits.moves_at_most,
        keep_today=limits.keep_today,
        posts_must=limits.posts_must,
        posts_not=limits.posts_not,
        target_min=target_min(inputs),
        busy=study.objective.busy_units,
        time_limit_s=min(max(study.solver.time_limit_s, 1.0), 3600.0),
    )


def inputs_for(inputs: Inputs, asked: Asked) -> Inputs:
    """Return the inputs with the question's limits, goal, standard and figures.

    Posts and speeds are those of its table.

    Raises
    ------
    InputError
        If a name is not the study's, a figure is out of its range, or a call left to police would
        count as reached in time.
    """
    _refuse_names(inputs, asked)
    study = inputs.study
    limits = study.limits.model_copy(
        update={
            name: getattr(asked, name)
            for name in (
                "units",
                "roles",
                "budget_per_year",
                "staff_hours_per_week",
                "max_per_post",
                "moves_at_most",
                "keep_today",
                "posts_must",
                "posts_not",
            )
        }
    )
    busy_units = "free" if asked.busy == "free" else "consistent"
    objective = study.objective.model_copy(update={"busy_units": busy_units})
    if asked.target_min is not None:
        objective = objective.model_copy(update={"target_min": asked.target_min})
    if asked.goal != "study":
        goal = Mean() if asked.goal == "mean_response" else ShareInTime()
        objective = objective.model_copy(update={"goal": goal, "floors": ()})
    changed = study.model_copy(update={"limits": limits, "objective": objective})
    program = program_with(inputs.program, asked.figures)
    out = replace(inputs, folder=replace(inputs.folder, study=changed), program=program)
    target_min(out)
    return out


def stated_busy(asked: Asked, program: Program) -> dict[str, float]:
    """Return the busy shares that a question states, by responder type."""
    return {name: asked.busy_shares.get(name, asked.busy_share) for name in program.responder_types}


def in_words(inputs: Inputs, asked: Asked) -> tuple[str, ...]:
    """Say what a question assumes that the study does not; its limits and goal are told elsewhere.

    Parameters
    ----------
    inputs
        The study's own.
    """
    said = []
    if asked.demand != 1.0:
        said.append(f"calls {asked.demand:.0%} of those recorded")
    if asked.speed != 1.0:
        said.append(f"travel at {asked.speed:.0%} of the study's speed")
    if asked.busy == "stated":
        titles = inputs.program.responder_types
        shares = stated_busy(asked, inputs.program)
        said.append(
            ", ".join(
                f"{titles[name].title} busy {share:.0%} of the time"
                for name, share in shares.items()
            )
        )
    names = dict(
        zip(inputs.posts.frame["post_id"].astype(str), inputs.posts.frame["name"], strict=True)
    )
    said += [f"{names.get(post_id, post_id)} moved" for post_id in asked.moved]
    titled = figure_titles(inputs.program)
    said += [
        f"{titled[key][0]} {value:g} in place of {titled[key][1]:g}"
        for key, value in asked.figures.items()
    ]
    return tuple(clean_text(text) for text in said)


def is_study_question(inputs: Inputs, asked: Asked) -> bool:
    """Whether a question is the one of ``study.toml``, but for the time it is given."""
    own = as_study_asks(inputs)
    said_nothing: dict[str, object] = {"time_limit_s": own.time_limit_s}
    if asked.busy != "stated":
        said_nothing |= {"busy_share": own.busy_share, "busy_shares": own.busy_shares}
    return asked.model_copy(update=said_nothing) == own


def _refuse_names(inputs: Inputs, asked: Asked) -> None:
    program = inputs.program
    posts = set(inputs.posts.frame["post_id"].astype(str))
    known = (
        ("responder type", (*asked.units, *asked.busy_shares), set(program.responder_types)),
        ("crew role", asked.roles, set(program.crew_roles)),
        ("post", (*asked.posts_must, *asked.posts_not, *asked.moved), posts),
    )
    wrong = [
        f"{what} {name!r}" for what, names, there in known for name in names if name not in there
    ]
    both = sorted(set(asked.posts_must) & set(asked.posts_not))
    wrong += [f"post {name!r} is both one that must and one that may not be used" for name in both]
    if wrong:
        raise InputError("the study has no such name: " + "; ".join(wrong[:10]))
