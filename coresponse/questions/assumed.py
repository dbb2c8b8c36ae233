"""One question under other limits and assumptions than the study's, as flags of ``plan`` and ``compare`` state them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from coresponse.data.errors import InputError
from coresponse.optimize.case import Case
from coresponse.questions.sweep import assumed
from coresponse.questions.sweep.ask import pairs
from coresponse.questions.sweep.axes import axes_of, case_at


@dataclass(frozen=True, eq=False)
class Assumed:
    """A case with what is assumed otherwise.

    Attributes
    ----------
    case
        Its notice says what.
    stated
        Values by name, as they were written; empty: it is the study's own question.
    """

    case: Case
    stated: dict[str, str]

    @property
    def no_holdout(self) -> str:
        """Why the plan is not tried on calls that it has not seen; empty if it may be."""
        return (
            "assumed calls have no records to judge by" if self.case.factors.changes_demand else ""
        )


def assuming(case: Case, texts: Sequence[str], *, command: str) -> Assumed:
    """Return a case with other limits and assumptions, one value of each.

    Parameters
    ----------
    texts
        ``NAME=VALUE``, names and values as a sweep takes them.
    command
        For messages.

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
            raise InputError(
                f"{command} takes one value of {axis.name}, found {len(axis.values)} -- "
                "coresponse sweep takes several"
            )
        if command == "compare" and axis.name.startswith(f"{assumed.HOURS}."):
            raise InputError(
                "compare: shifts are each program's own -- state clock hours with --hours"
            )
    setting = {axis.name: axis.values[0] for axis in axes}
    said = "; ".join(assumed.words(case, setting))
    return Assumed(case_at(saying(case, f"What if: {said}."), setting), stated)


def saying(case: Case, text: str) -> Case:
    """Return a case whose notice says a further sentence, on every page of it."""
    before = f"{case.city.notice.removesuffix('.')}. " if case.city.notice else ""
    return case.with_(city=replace(case.city, notice=f"{before}{text}"))
