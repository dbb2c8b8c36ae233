"""Which units of the records are today's crews, and where these wait."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from coresponse.data.faults import Faults
from coresponse.data.options import Deployment
from coresponse.data.posts import Posts
from coresponse.data.programs.model import Program


@dataclass(frozen=True)
class TodaysUnits:
    """Recorded units that are today's crews.

    Attributes
    ----------
    post
        By `unit_id`: the post it leaves from, '' where that is not said.
    responder_type
        By `unit_id`.
    """

    post: Mapping[str, str]
    responder_type: Mapping[str, str]


def check_units(stated: Mapping[str, str], posts: Posts, program: Program) -> None:
    """Refuse units of posts or types that there are not.

    Raises
    ------
    InputError
        With all of them.
    """
    known = {"", *posts.frame["post_id"].astype(str), *program.responder_types}
    faults = Faults("[today] units")
    for unit, where in stated.items():
        if where not in known:
            faults.add(
                unit,
                f"{where!r} is neither a post nor a responder type of the study",
                'name one of them, or say "" where neither is known',
            )
    faults.raise_if_any()


def todays_units(
    stated: Mapping[str, str], names: Iterable[str], today: Deployment, program: Program
) -> TodaysUnits:
    """Find the recorded units that are today's crews.

    A name that is stated as it is goes before patterns, these in their order; upper and lower case
    do not matter. A unit whose type is not said is of the type that today has at its post, or has
    most of.

    Parameters
    ----------
    stated
        As :attr:`coresponse.data.city.City.today_units` has it.
    names
        `unit_id` of the records.
    """
    at_post: dict[str, dict[str, int]] = {}
    for option, count in today.counts:
        for post in (option.post_id, ""):
            types = at_post.setdefault(post, {})
            types[option.responder_type] = types.get(option.responder_type, 0) + count
    exact = {pattern.casefold(): where for pattern, where in stated.items()}
    post_of, type_of = {}, {}
    for name in sorted(set(names)):
        plain = name.casefold()
        found = exact.get(plain)
        if found is None:
            found = next((w for p, w in exact.items() if fnmatchcase(plain, p)), None)
        if found is None:
            continue
        is_type = found in program.responder_types
        post_of[name] = "" if is_type else found
        types = at_post.get(post_of[name]) or at_post.get("", {})
        type_of[name] = found if is_type else max(types, key=lambda kind: types[kind], default="")
    return TodaysUnits(post_of, type_of)
