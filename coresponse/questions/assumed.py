"""One question under other limits and assumptions than the study's, as flags of ``plan`` and ``compare`` state them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod

from coresponse.data.errors import InputError
from coresponse.data.hours import WeekHours
from coresponse.data.words import and_said
from coresponse.optimize.case import Case
from coresponse.questions.sweep import assumed
from coresponse.questions.sweep.axes import axes_of, case_at
from coresponse.questions.sweep.grid import is_clock
from coresponse.questions.sweep.values import pairs

# Combinations of values that programs are compared at: each is a plan of its own for every program.
MOST_AT_ONCE = 24


@dataclass(frozen=True, eq=False)
class Assumed:
    """A case with what is assumed otherwise.

    Attributes
    ----------
    case
        Its notice says what.
    stated
        Values by name, as they were written; empty: it is the study's own question.
    said
        What is assumed, in words; empty where nothing is.
    hours
        Within which responders may be on duty, where programs bring shifts of their own; None: any.
    """

    case: Case
    stated: dict[str, str]
    said: str = ""
    hours: WeekHours | None = None

    @property
    def no_holdout(self) -> str:
        """Why the plan is not tried on calls that it has not seen; empty if it may be."""
        return (
            "assumed calls have no records to judge by" if self.case.factors.changes_demand else ""
        )


def assuming(case: Case, texts: Sequence[str]) -> Assumed:
    """Return a case with other limits and assumptions, one value of each.

    Parameters
    ----------
    texts
        ``NAME=VALUE``, names and values as a sweep takes them.

    Raises
    ------
    InputError
        If a name or a value is not understood, or there are several values of one.
    """
    stated = pairs(texts, "--vary")
    if not stated:
        return Assumed(case, {})
    axes = axes_of(stated, case)
    for axis in axes:
        if len(axis.values) != 1:
            raise InputError(f"a plan takes one value of {axis.name}, found {len(axis.values)}")
    setting = {axis.name: axis.values[0] for axis in axes}
    said = "; ".join(assumed.words(case, setting))
    return Assumed(case_at(saying(case, f"What if: {said}."), setting), stated, said)


def assuming_each(case: Case, texts: Sequence[str]) -> tuple[Assumed, ...]:
    """Return cases in which programs are compared, one for each combination of the values stated.

    Hours are those of the study's own shifts of a name; each program may use its shifts that lie
    within.

    Raises
    ------
    InputError
        If a name or a value is not understood, or there are more than :data:`MOST_AT_ONCE`
        combinations.
    """
    stated = pairs(texts, "--vary")
    if not stated:
        return (Assumed(case, {}),)
    axes = axes_of(stated, case)
    count = prod(len(axis.values) for axis in axes)
    if count > MOST_AT_ONCE:
        raise InputError(
            f"compare: {count} combinations of values -- at most {MOST_AT_ONCE}, each is planned "
            "for every program"
        )
    out = []
    for values in product(*(axis.values for axis in axes)):
        setting = dict(zip((axis.name for axis in axes), values, strict=True))
        said = "; ".join(assumed.words(case, setting))
        hours = None
        for name in [name for name in setting if name.startswith(f"{assumed.HOURS}.")]:
            number = int(setting.pop(name))
            hours = assumed.windows(name.partition(".")[2], case.program)[number - 1][1]
        told = case_at(saying(case, f"What if: {said}."), setting)
        out.append(Assumed(told, stated, said, hours))
    return tuple(out)


def several(texts: Sequence[str]) -> bool:
    """Whether a name has a list or a range of values."""
    return any(
        ("," in text or ":" in text) and not (name == "hours" and is_clock(text))
        for name, text in pairs(texts, "--vary").items()
    )


def saying(case: Case, text: str) -> Case:
    """Return a case whose notice says a further sentence, on every page of it."""
    return case.with_(city=replace(case.city, notice=and_said(case.city.notice, text)))
