"""The answer that a map's first view gives: what to do, where, what it brings and what it costs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NamedPost:
    """A post of the plan by its name.

    Parameters
    ----------
    post_id, name
        As in the frame of posts.
    """

    post_id: str
    name: str


@dataclass(frozen=True)
class StepToPlan:
    """One step from today to the plan.

    Parameters
    ----------
    key
        ``today``, ``rearranged`` or ``plan``.
    title
        Shown to people.
    share
        Of calls in time, 0..1, for the length of a bar; None where nobody is in place.
    cells
        The step's figures as text, beneath the heads.
    """

    key: str
    title: str
    share: float | None
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Recommendation:
    """What a council reads first; all texts are ready to be shown.

    Parameters
    ----------
    ask, aim
        What to do, and what for.
    posts
        Where, those with most responders first.
    more_posts
        How many others are not named.
    heads, steps
        From today to the plan.
    gain
        What changes, in a sentence.
    price, price_note
        Dollars a year, and against today.
    staff, staff_note
        How many people to hire, and who they are.
    """

    ask: str
    aim: str = ""
    posts: tuple[NamedPost, ...] = ()
    more_posts: int = 0
    heads: tuple[str, ...] = ()
    steps: tuple[StepToPlan, ...] = ()
    gain: str = ""
    price: str = ""
    price_note: str = ""
    staff: str = ""
    staff_note: str = ""
