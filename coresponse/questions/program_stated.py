"""The program that a question states in place of the study's."""

from __future__ import annotations

from collections.abc import Mapping

from coresponse.data.programs.model import Program
from coresponse.optimize.factors import changed_vacancy, changed_wages
from coresponse.questions.sweep import assumed
from coresponse.questions.sweep.axes import check_names
from coresponse.questions.sweep.values import parse_values


def program_stated(program: Program, stated: Mapping[str, str]) -> Program:
    """Return a program with the wages and empty positions that flags stated, one value of each.

    Raises
    ------
    InputError
        If a name or a value is not understood.
    """
    by_role: dict[str, dict[str, float]] = {head: {} for head in assumed.BY_ROLE}
    for name, text in stated.items():
        head, _, role = name.partition(".")
        if head in by_role:
            check_names({name: text}, program, ())
            (by_role[head][role],) = parse_values(text, whole=False).numbers
    return changed_vacancy(changed_wages(program, by_role["wage"]), by_role["vacancy"])
