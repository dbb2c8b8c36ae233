"""What a person asks on the page.

Limits, assumptions, pins and moved posts; checked before anything is done with it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from coresponse.app.new_posts import Latitude, Longitude, NewId, NewPost, with_new_posts
from coresponse.app.program_figures import figure_titles
from coresponse.data.errors import InputError
from coresponse.data.programs.changed import program_with
from coresponse.data.programs.model import Program
from coresponse.maps.escape import clean_text
from coresponse.optimize.case import Busy, Case
from coresponse.optimize.goals.goal import Mean, ShareInTime

Name = Annotated[str, Field(min_length=1, max_length=200)]
Count = Annotated[int, Field(ge=0, le=10_000)]
Amount = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=0.95, allow_inf_nan=False)]
Place = tuple[Longitude, Latitude]

# by hand, on a map: more is a file of posts, which a study takes
MOST_MOVED = 200
MOST_NEW = 50


class Question(BaseModel):
    """One question to the optimizer; an amount that is absent has no limit."""

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
    new_posts: dict[NewId, NewPost] = Field(
        default_factory=dict, max_length=MOST_NEW, description="Beside the study's own, by post_id."
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


LIMITS = (
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


def study_question(case: Case) -> Question:
    """Return the question of ``study.toml`` itself."""
    return Question(
        **{name: getattr(case.limits, name) for name in LIMITS},
        target_min=case.target_s / 60,
        busy="free" if case.busy == "free" else "consistent",
        time_limit_s=min(max(case.solver.time_limit_s, 1.0), 3600.0),
    )


def case_for(case: Case, question: Question) -> Case:
    """Return a study's case with the question's limits, goal, standard and assumptions.

    Raises
    ------
    InputError
        If a name is not the study's, a figure is out of its range, or a call left to police would
        count as reached in time.
    """
    _refuse_names(case, question)
    program = program_with(case.city.program, question.figures)
    busy: Busy = "free" if question.busy == "free" else "consistent"
    out = case.with_(
        city=case.city if program is case.city.program else replace(case.city, program=program),
        limits=case.limits.model_copy(update={name: getattr(question, name) for name in LIMITS}),
        busy=stated_busy(question, program) if question.busy == "stated" else busy,
        demand=question.demand,
        speed=question.speed,
        moved=dict(question.moved),
    )
    if question.target_min is not None and question.target_min * 60 != case.target_s:
        out = out.with_(target_min=question.target_min)
    if question.goal != "study":
        goal = Mean() if question.goal == "mean_response" else ShareInTime()
        out = out.with_(goal=goal, floors=())
    out.standard  # noqa: B018 - refused before any work
    return with_new_posts(out, question.new_posts)


def stated_busy(question: Question, program: Program) -> dict[str, float]:
    """Return the busy shares that a question states, by responder type."""
    return {
        name: question.busy_shares.get(name, question.busy_share)
        for name in program.responder_types
    }


def in_words(case: Case, question: Question) -> tuple[str, ...]:
    """Say what a question assumes that the study does not; its limits and goal are told elsewhere.

    Parameters
    ----------
    case
        The study's own.
    """
    said = []
    if question.demand != 1.0:
        said.append(f"calls {question.demand:.0%} of those recorded")
    if question.speed != 1.0:
        said.append(f"travel at {question.speed:.0%} of the study's speed")
    if question.busy == "stated":
        titles = case.city.program.responder_types
        shares = stated_busy(question, case.city.program)
        said.append(
            ", ".join(
                f"{titles[name].title} busy {share:.0%} of the time"
                for name, share in shares.items()
            )
        )
    names = dict(
        zip(
            case.city.posts.frame["post_id"].astype(str), case.city.posts.frame["name"], strict=True
        )
    )
    said += [f"{names.get(post_id, post_id)} moved" for post_id in question.moved]
    said += [f"a post put at {one.name}" for one in question.new_posts.values()]
    titled = figure_titles(case.city.program)
    said += [
        f"{titled[key][0]} {value:g} in place of {titled[key][1]:g}"
        for key, value in question.figures.items()
    ]
    return tuple(clean_text(text) for text in said)


def is_study_question(case: Case, question: Question) -> bool:
    """Whether a question is the one of ``study.toml``, but for the time it is given."""
    own = study_question(case)
    said_nothing: dict[str, object] = {"time_limit_s": own.time_limit_s}
    if question.busy != "stated":
        said_nothing |= {"busy_share": own.busy_share, "busy_shares": own.busy_shares}
    return question.model_copy(update=said_nothing) == own


def _refuse_names(case: Case, question: Question) -> None:
    program = case.city.program
    posts = set(case.city.posts.frame["post_id"].astype(str)) | set(question.new_posts)
    known = (
        ("responder type", (*question.units, *question.busy_shares), set(program.responder_types)),
        ("crew role", question.roles, set(program.crew_roles)),
        ("post", (*question.posts_must, *question.posts_not, *question.moved), posts),
    )
    wrong = [
        f"{what} {name!r}" for what, names, there in known for name in names if name not in there
    ]
    both = sorted(set(question.posts_must) & set(question.posts_not))
    wrong += [f"post {name!r} is both one that must and one that may not be used" for name in both]
    if wrong:
        raise InputError("the study has no such name: " + "; ".join(wrong[:10]))
