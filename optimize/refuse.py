"""Refuse what stands in the way of planning, all at once: nobody mends one fault to be told the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from coresponse.data.errors import InputError
from coresponse.data.options import Option
from coresponse.data.posts import Posts
from coresponse.data.words import counted


def refuse_together(*checks: Callable[[], object]) -> None:
    """Run checks, and refuse with all that they say.

    Raises
    ------
    InputError
        If one of them does.
    """
    # one fault may stop several checks: it is said once
    found = list(dict.fromkeys(said for said in map(_error, checks) if said))
    if len(found) == 1:
        raise InputError(found[0])
    if found:
        said = [
            f"{counted(len(found), 'thing')} must be fixed before planning",
            *(f"- {it}" for it in found),
        ]
        raise InputError("\n".join(said))


def _error(check: Callable[[], object]) -> str:
    try:
        check()
    except InputError as error:
        return str(error)
    return ""


def refuse_late_standard(target_min: float, fallback_min: float) -> None:
    """Refuse a standard by which a call left to police would count as reached in time.

    Raises
    ------
    InputError
        If it is one.
    """
    if target_min >= fallback_min:
        raise InputError(
            f"the standard of {target_min:g} min must be below the {fallback_min:g} min that a "
            "call left to police counts -- lower objective.target_min, or raise "
            "standards.fallback_min in a program file of your own"
        )


def refuse_no_options(options: Sequence[Option], posts: Posts) -> None:
    """Refuse a program of which nobody may wait anywhere.

    Raises
    ------
    InputError
        If there is nothing to buy.
    """
    if not options:
        kinds = ", ".join(sorted(set(posts.frame["kind"])))
        raise InputError(
            "no responder type of the program may wait at any post; kinds of post there are: "
            f"{kinds}"
        )
