"""What the command line asks for, in place of the study's ``[sweep]``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from coresponse.data.errors import InputError
from coresponse.data.toml import check_model
from coresponse.optimize.case import Case
from coresponse.questions.sweep.axes import axes_of
from coresponse.questions.sweep.values import pairs
from coresponse.study.sweep import SweepInput


def asked_for(
    case: Case,
    sweep: SweepInput,
    *,
    vary: Sequence[str] | None = None,
    nested: bool | None = None,
    phases: Sequence[str] | None = None,
    busy_units: str | None = None,
    time_limit_s: float | None = None,
) -> SweepInput:
    """Return a study's ``[sweep]`` with what flags say; what is None stays.

    Raises
    ------
    InputError
        If a flag is not understood.
    """
    content: dict[str, Any] = sweep.model_dump()
    given: dict[str, Any] = {
        "nested": nested,
        "busy_units": busy_units,
        "time_limit_s": time_limit_s,
    }
    content |= {name: value for name, value in given.items() if value is not None}
    if vary or phases:
        # a question of its own: the study's axes and phases are another
        content["vary"], content["phases"] = (
            pairs(vary or (), "--vary"),
            [_phase(text, case) for text in phases or ()],
        )
    return check_model(content, SweepInput, subject="sweep")


def _phase(text: str, case: Case) -> dict[str, Any]:
    name, colon, rest = text.partition(":")
    if not colon or not name.strip():
        raise InputError(
            f"--phase {text!r} is not understood -- write it like 'year 1:budget=2.2M,clinician=3'"
        )
    parts = rest.split(",")
    if any("=" not in part for part in parts[1:]) or ":" in rest:
        raise InputError(
            f"--phase {text!r}: a year has one value each of units, roles, budget or hours -- "
            "write a --phase for each year: --phase 'year 1:budget=1M' --phase 'year 2:budget=2M'"
        )
    axes = axes_of(pairs(parts, "--phase"), case)
    allowed = {"units", "roles", "budget_per_year", "staff_hours_per_week"}
    out: dict[str, Any] = {"name": name.strip(), "units": {}, "roles": {}}
    for axis in axes:
        head, _, tail = axis.name.partition(".")
        if head not in allowed:
            raise InputError(
                f"--phase {text!r}: a year has limits on units, roles, budget or hours -- "
                f"{head} is varied with --vary"
            )
        value = axis.values[0]
        if tail:
            out[head][tail] = int(value)
        else:
            out[axis.name] = value
    return out
