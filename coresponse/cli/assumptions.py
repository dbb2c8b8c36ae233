"""Flags of several commands for what is assumed otherwise: one question, one flag."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from coresponse.study.folder import StudyFolder

VaryFlag = Annotated[
    list[str] | None,
    typer.Option(
        "--vary",
        metavar="NAME=VALUES",
        help="A limit or an assumption that differs from the study's; may be repeated: budget=90% "
        "(of today's), unit=8, wage.clinician=108%, vacancy.clinician=40%, hours=day, "
        "demand=1.2. Several values, such as wage.clinician=100%:108%:4% or "
        "hours=day,always, are planned one by one.",
    ),
]
To988Flag = Annotated[
    str | None,
    typer.Option(
        "--988",
        metavar="SHARE",
        help="Share of crisis calls without weapon or violence that 988 takes first, such as 33% "
        "or 0%,33%.",
    ),
]
GrowthFlag = Annotated[
    str | None,
    typer.Option("--growth", metavar="SHARE", help="Calls grow by so much, such as 3% or 0:6%:3%."),
]
StandardFlag = Annotated[
    str | None,
    typer.Option(
        "--standard",
        metavar="MINUTES",
        help="The response-time standard, such as 20 or 10:30:5.",
    ),
]


def stated_flags(
    vary: Sequence[str] | None,
    to_988: str | None,
    growth: str | None,
    standard: str | None,
    **more: str | None,
) -> list[str]:
    """Return all of them as ``NAME=VALUES``, as ``--vary`` takes them."""
    flags = {"988": to_988, "growth": growth, "standard": standard, **more}
    return [
        *(vary or ()),
        *(f"{name}={value}" for name, value in flags.items() if value is not None),
    ]


def refuse_wrong_names(opened: StudyFolder, texts: Sequence[str]) -> None:
    """Refuse a name that there is not before roads and calls are read.

    Raises
    ------
    InputError
        With the names there are.
    """
    if not texts:
        return
    from coresponse.questions.sweep.axes import check_names
    from coresponse.questions.sweep.values import pairs
    from coresponse.study.parts import study_program

    periods = [period.name for period in opened.study.periods]
    check_names(pairs(texts, "--vary"), study_program(opened), periods)
