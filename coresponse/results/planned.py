"""A plan of ``results/`` as it was written: what it puts where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coresponse.data.errors import InputError, MissingInputError
from coresponse.data.options import Deployment, Option
from coresponse.data.programs.cost import desk_cost, yearly_cost
from coresponse.data.programs.model import Program
from coresponse.data.programs.money import Money, Yearly, calls_a_year, money_over_years
from coresponse.publish.disclosure import Disclosure, of_run
from coresponse.results.replay import newest_run
from coresponse.study.folder import StudyFolder
from coresponse.study.read import study_program
from coresponse.study.read_back import PLAN_FILE, read_plan_file

MOST_DESK_HOURS = 1e6
"""Hours a week at the phone, more than any desk has: 6,000 at once, always."""


@dataclass(frozen=True, eq=False)
class Planned:
    """What a run put where.

    Attributes
    ----------
    run
        Its name.
    today
        Today's deployment; None if it is not known.
    told
        What its file says.
    post_names
        By post.
    """

    run: str
    deployment: Deployment
    today: Deployment | None
    told: Mapping[str, Any]
    post_names: Mapping[str, str]
    disclosure: Disclosure


def planned_deployment(folder: StudyFolder, run: Path | None) -> Planned:
    """Read the deployment of a run; None: of the newest plan.

    Raises
    ------
    MissingInputError
        If there is no plan.
    InputError
        If its file is damaged, or names what the study's program does not have.
    """
    if run is not None and not run.is_dir():
        run = folder.results / run
    path = newest_run(folder) if run is None else run
    if path is None:
        raise MissingInputError(f"{folder.results} holds no plan -- run coresponse plan first")
    told = read_plan_file(path)
    program = study_program(folder)
    try:
        rows, now = _rows(told["deployment"]), _rows(told.get("today") or [])
        names = {str(row["post_id"]): str(row["post_name"]) for row in told["deployment"]}
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{path / PLAN_FILE}: damaged: deployment ({error}) -- plan again"
        ) from error
    _refuse_unknown(program, [*rows, *now], path)
    return Planned(
        str(told["run"]),
        Deployment.of("plan", rows),
        Deployment.of("today", now) if now else None,
        told,
        names,
        of_run(told),
    )


def money_of(program: Program, money: Money, planned: Planned) -> tuple[Yearly, ...]:
    """Return a plan's money over years, with call-outs and calls as its file says.

    Raises
    ------
    InputError
        If the file's figures are damaged.
    """
    try:
        rungs = {
            rung["name"]: float(rung["cost_as_called_per_year"]["mean"])
            for rung in planned.told["ladder"]["rungs"]
        }
        replay = planned.told["judgments"]["plan"]["replay"]
        reached = float(replay["reached_per_week"]["mean"])
        desk_hours = _desk_hours(planned.told)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{planned.run}: {PLAN_FILE} has no figures of the replay ({error}) -- plan again"
        ) from error
    desk = desk_cost(program, desk_hours)
    further = [
        max(0.0, rungs[name] - yearly_cost(program, one) - desk)
        if one is not None and name in rungs
        else 0.0
        for name, one in (("plan", planned.deployment), ("today", planned.today))
    ]
    return money_over_years(
        program,
        money,
        planned.deployment,
        planned.today,
        call_outs=(further[0], further[1]),
        calls_reached_per_year=calls_a_year(reached),
        desk_hours_per_week=desk_hours,
    )


def _desk_hours(told: Mapping[str, Any]) -> float:
    hours = float(told.get("phone", {}).get("hours_per_week", 0.0))
    if not 0 <= hours <= MOST_DESK_HOURS:
        raise ValueError(f"phone.hours_per_week is {hours:g}")
    return hours


def _rows(rows: list[dict[str, Any]]) -> list[tuple[Option, int]]:
    return [(Option(*(str(row[key]) for key in Option._fields)), int(row["count"])) for row in rows]


def _refuse_unknown(program: Program, rows: list[tuple[Option, int]], path: Path) -> None:
    for option, count in rows:
        kind = program.responder_types.get(option.responder_type)
        if (
            kind is None
            or option.shift_pattern not in kind.shift_patterns
            or not 0 < count <= 10_000
        ):
            raise InputError(
                f"{path / PLAN_FILE}: {count} x {option.responder_type} on {option.shift_pattern} is not of the study's "
                "program -- plan again"
            )
